# Everything that is done with this repository. "make" alone lists it.
SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS   += --no-print-directory
comma       := ,

# Modules of the workspace, commands of the services.
MODULES  := $(shell sed -n 's|^[[:space:]]*\(use \)\{0,1\}\(\./[^[:space:]]*\).*|\2|p' go.work)
COMMANDS := $(patsubst %,./%,$(wildcard services/*/cmd/*))

# Tools are built once into .tools; each is a program of its own, so that
# their dependencies never meet the product's. Versions are part of the name:
# a new one is built when the line changes.
TOOLS       := $(CURDIR)/.tools
OAPI_CODEGEN  := $(TOOLS)/oapi-codegen@v2.8.2
GOLANGCI_LINT := $(TOOLS)/golangci-lint@v2.15.0
GOVULNCHECK   := $(TOOLS)/govulncheck@v1.1.4
TESTREPORT    := $(TOOLS)/testreport

# $(call install,import path,target with @version)
install = echo "building $(notdir $(2))"; mkdir -p $(TOOLS); cd /; \
	GOWORK=off GOBIN=$(2).d go install $(1)@$(lastword $(subst @, ,$(2))); \
	mv $(2).d/* $(2); rmdir $(2).d

##@ Use

# The version that docker compose runs.
TAG ?= $(shell sed -n 's/^KITH_TAG=//p' $(firstword $(wildcard .env .env.example)))

build: web ## Build every command into bin/, with the web application in it
	@test -n "$(COMMANDS)" || { echo "there are no commands in services/*/cmd"; exit 1; }
	@mkdir -p bin
	go build -trimpath -o bin/ $(COMMANDS)

# The web application, which is built before the programs that have it in them.
# Without it they have a page that says so: what only compiles or tests Go needs
# no Node.
WEB         := services/portal/web
WEB_SOURCES := $(wildcard api/openapi/*.yaml services/audit/mydata/words/*.json) \
	$(shell find $(WEB) \( -name node_modules -o -name dist -o -name generated \) -prune -o -type f -print)

# A build that failed leaves nothing that looks as if it were done.
.DELETE_ON_ERROR:

web: $(WEB)/dist/app/index.html ## Build the web application of the portal

$(WEB)/dist/app/index.html: $(WEB)/node_modules/.package-lock.json $(WEB_SOURCES)
	cd $(WEB) && npm run --silent build
	@touch $@

$(WEB)/node_modules/.package-lock.json: $(WEB)/package.json $(WEB)/package-lock.json
	cd $(WEB) && npm ci
	@touch $@

run: build ## Build, then start everything in one process for development
	bin/kith serve --dev

journey: build ## Walk the whole journey; DATA=dir takes real questions from there
	go run ./test/journey -kith bin/kith $(if $(DATA),-data "$(DATA)")

images: ## Build the image of every program with docker, podman or buildah
	@engine=$$(command -v docker || command -v podman || command -v buildah) || { echo "there is no docker, podman or buildah"; exit 1; }; \
	for p in $(notdir $(COMMANDS)); do \
		$$engine build -f deploy/docker/Dockerfile --build-arg PROGRAM=$$p -t $$p:$(TAG) .; \
	done

bench: build ## Measure; prints BENCH lines
	go run ./test/load -kith bin/kith

bench-matching: ## Measure matching at three sizes, and beside Bleve and PostgreSQL; SIZE=small is a part
	cd test/matchbench && GOWORK=off go build -o $(CURDIR)/bin/matchbench . && $(CURDIR)/bin/matchbench $(if $(SIZE),-size $(SIZE)) $(BENCHFLAGS)

bench-portal: build ## Measure the web application in Chromium with PEOPLE=11500 of the demo, RUNS=20; prints BENCH lines
	cd $(WEB) && CHROMIUM=$(CHROMIUM) KITH_PEOPLE=$(or $(PEOPLE),11500) RUNS=$(or $(RUNS),20) npx playwright test -c bench/playwright.config.ts

##@ Check

# A test follows docs/adding-a-service.md, which generates and lints.
test: $(TESTREPORT) $(OAPI_CODEGEN) $(GOLANGCI_LINT) ## Run the tests of every module, and use the portal in Chromium; TESTFLAGS=-race adds to go test
	@PICTURES=none $(TESTREPORT) -timeout 20m $(TESTFLAGS) $(addsuffix /...,$(MODULES)) $(if $(filter ./services/portal,$(MODULES)),-- $(MAKE) -s portal-events)

test-processes: ## Walk the journey with services as processes of their own, one and several of each (part of make test)
	go test ./test/e2e -count=1 -v -run "TestProcesses|TestReplicas"

test-portal: $(TESTREPORT) ## Use the portal as people do, in Chromium, after testing its parts, and keep pictures (part of make test)
	@$(TESTREPORT) -- $(MAKE) -s portal-events

# A whole Kith with the demo's people, and a browser that uses it. Debian's Chromium
# is taken, and installed where this may install packages; CHROMIUM names another.
CHROMIUM ?= /usr/bin/chromium
skip = echo '{"Action":"skip","Package":"$(1)","Test":"all"}'; echo '{"Action":"skip","Package":"$(1)"}'; echo "SKIP  $(1): $(2)"

# The tests of the portal as events of "go test -json", for testreport.
parts-events:
	@if ! command -v npm >/dev/null; then $(call skip,portal/web,there is no npm (apt-get install npm)); exit 0; fi; \
	$(MAKE) -s web && cd $(WEB) && npx vitest run --reporter=./e2e/events/vitest.js

portal-events:
	@bad=0; $(MAKE) -s parts-events || bad=1; $(MAKE) -s build; \
	[ -x $(CHROMIUM) ] || [ "$$(id -u)" != 0 ] || { apt-get install -y -q chromium || { apt-get update -q && apt-get install -y -q chromium; }; } >/dev/null 2>&1 || true; \
	if [ -x $(CHROMIUM) ]; then ( cd $(WEB) && CHROMIUM=$(CHROMIUM) npx playwright test --reporter=./e2e/events/playwright.js ) || bad=1; \
	else $(call skip,portal/e2e,there is no $(CHROMIUM) (apt-get install chromium$(comma) or CHROMIUM=path)); fi; \
	exit $$bad

lint-web: $(WEB)/node_modules/.package-lock.json ## Check the types and the style of the web application (part of make lint)
	cd $(WEB) && npm run --silent lint

lint: $(GOLANGCI_LINT) ## Lint every module, with the arrows between them, and check-generated
	@bad=0; for m in $(MODULES); do \
		if [ -z "$$(find $$m -name '*.go' -print -quit)" ]; then continue; fi; \
		echo "lint  $$m"; \
		( cd $$m && $(GOLANGCI_LINT) run -c $(CURDIR)/.golangci.yml ./... ) || bad=$$((bad + 1)); \
	done; \
	stale=0; $(MAKE) check-generated || stale=1; \
	web=0; $(if $(filter ./services/portal,$(MODULES)),$(MAKE) lint-web || web=1;) \
	echo "lint: $(words $(MODULES)) modules, $$bad with issues$$([ $$stale = 0 ] || echo '; generated files are out of date')$$([ $$web = 0 ] || echo '; the web application has issues')"; \
	[ $$bad = 0 ] && [ $$stale = 0 ] && [ $$web = 0 ]

check-generated: $(OAPI_CODEGEN) ## Fail if generated files are not what make generate writes
	@tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	cp -r api docs "$$tmp"; rm -rf "$$tmp"/api/openapi/*api; \
	GOWORK=off $(MAKE) generate ROOT="$$tmp" >"$$tmp/log" 2>&1 || { cat "$$tmp/log"; exit 1; }; \
	diff -rq api "$$tmp/api" && diff -q docs/events.md "$$tmp/docs/events.md" \
		|| { echo "generated files are out of date: run make generate"; exit 1; }; \
	echo "generated files are up to date"

alone: ## Build every module without the workspace
	@for m in $(MODULES); do echo "alone $$m"; ( cd $$m && GOWORK=off go build -o /dev/null ./... ); done

vulncheck: $(GOVULNCHECK) ## Look for known vulnerabilities (asks the public database)
	@for m in $(MODULES); do echo "vulncheck $$m"; ( cd $$m && $(GOVULNCHECK) ./... ); done

##@ Change

# Where generate reads and writes; check-generated points it elsewhere.
ROOT ?= .

generate: $(OAPI_CODEGEN) ## Generate servers, clients, schemas and the catalogue of events
	@set -f; for spec in $$(cd $(ROOT)/api/openapi && ls | sed -n 's/\.yaml$$//p'); do \
		echo "generate api/openapi/$${spec}api"; \
		mkdir -p $(ROOT)/api/openapi/$${spec}api; \
		$(OAPI_CODEGEN) -config tools/oapi-codegen.yaml -package $${spec}api \
			-o $(ROOT)/api/openapi/$${spec}api/api.gen.go $(ROOT)/api/openapi/$$spec.yaml; \
	done
	@echo "generate api/schema, api/asyncapi.yaml, docs/events.md"
	@cd $(ROOT)/api && go run ./internal/cmd/schemas

migrations: ## Write the migration of each service whose views are new or have a new version
	@for f in services/*/migrations_test.go; do \
		( cd $$(dirname $$f) && go test . -count=1 -run '^TestMigrations$$' -write-migrations ); \
	done

tidy: ## Tidy go.mod and format the code of every module
	@for m in $(MODULES); do echo "tidy  $$m"; ( cd $$m && GOWORK=off go mod tidy && gofmt -l -w . ); done

clean: ## Remove what was built; tools and data stay
	rm -rf bin artefacts $(WEB)/dist/app $(WEB)/generated

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Tools, built when they are missing.

$(OAPI_CODEGEN):
	@$(call install,github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen,$@)

$(GOLANGCI_LINT):
	@echo "(a minute or more)"; $(call install,github.com/golangci/golangci-lint/v2/cmd/golangci-lint,$@)

$(GOVULNCHECK):
	@$(call install,golang.org/x/vuln/cmd/govulncheck,$@)

$(TESTREPORT): $(wildcard tools/cmd/testreport/*.go) tools/go.mod
	@mkdir -p $(TOOLS); cd tools && GOWORK=off go build -o $@ ./cmd/testreport

.PHONY: build web run journey images bench bench-matching bench-portal test test-processes test-portal parts-events portal-events lint lint-web check-generated alone vulncheck generate migrations tidy clean help
