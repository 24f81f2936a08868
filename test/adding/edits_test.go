package adding

import (
	"fmt"
	"strings"
	"testing"
)

// edit replaces old, which must be there once, by new.
type edit struct{ old, new string }

// before is an edit that puts text before what is there.
func before(old, text string) edit { return edit{old, text + old} }

// after is an edit that puts text after what is there.
func after(old, text string) edit { return edit{old, old + text} }

// edits are what adding the library changes in files that exist already.
var edits = map[string][]edit{
	"api/events/catalogue.go": {
		after("\t\"kith/api/events/community\"\n", "\t\"kith/api/events/library\"\n"),
		before("\tadd(notification.Context, notification.Preferences,", "\tadd(library.Context, library.Practice, library.PracticeRecorded{})\n"),
	},
	".golangci.yml": {
		before(`            - "**/services/notification/preferences.go"`, `            - "**/services/library/practice.go"`+"\n"),
		before("        notification:\n          list-mode: lax\n", `        library:
          list-mode: lax
          files: ["**/services/library/**"]
          allow: [kith/services/library]
          deny: *services
`),
	},
	"services/audit/mydata/words/en.json": {
		after(" \"field.title\": \"Title\",\n", " \"field.text\": \"Text\",\n \"event.practice.recorded\": \"Practice recorded\",\n \"stream.practice\": \"Practice\",\n"),
	},
	"services/audit/mydata/words/de.json": {
		after(" \"field.title\": \"Titel\",\n", " \"field.text\": \"Text\",\n \"event.practice.recorded\": \"Vorgehen festgehalten\",\n \"stream.practice\": \"Vorgehen\",\n"),
	},
	"pkg/access/policy.go": {
		after("\tAskCommunity   Action = \"ask this community for help\"\n", "\tRecordPractice Action = \"record what this community has learned\"\n"),
		{"\tcase AskCommunity:\n", "\tcase AskCommunity, RecordPractice:\n"},
	},
	"pkg/access/policy_test.go": {
		after("access.ReadContent, access.AskCommunity,", " access.RecordPractice,"),
		after("\t\taccess.AskCommunity:  roles[1:],", " access.RecordPractice: roles[1:],"),
	},
	"services/kith/services.go": {
		after("\t\"kith/services/community\"\n", "\t\"kith/services/library\"\n"),
		before("\t\t{\"notification\", func(", `		{"library", func(ctx context.Context, c app.Core, s Settings) (app.Module, error) {
			return library.New(ctx, c, s.Library)
		}},
`),
	},
	"services/kith/settings.go": {
		after("\t\"kith/services/community\"\n", "\t\"kith/services/library\"\n"),
		before("\tNotification notification.Config `embed:\"\"`\n", "\tLibrary      library.Config      `embed:\"\"`\n"),
	},
	"pkg/natsauth/manifest.go": {
		before("\t\t{Name: \"notification\",", "\t\t{Name: \"library\", Reactors: []string{\"library-keeper\"}},\n"),
	},
	"pkg/natsauth/table_test.go": {
		after(`services = []string{"membership", "community", "matching", `, `"library", `),
		after(`"matching-router": "matching", `, `"library-keeper": "library", `),
	},
	"docker-compose.yml": {
		before("  notification:\n    <<: *service\n", `  library:
    <<: *service
    image: kith-library:${KITH_TAG}
    build: {<<: *build, args: {PROGRAM: kith-library}}
    environment: *settings
    volumes:
      - {<<: *seed, volume: {subpath: keys/library.nk, nocopy: true}}

`),
	},
	"deploy/docker/Caddyfile": {
		after("\timport service matching\n", "\timport service library\n"),
	},
	"deploy/prometheus/prometheus.yml": {
		after("matching:8080, ", "library:8080, "),
	},
	"test/e2e/permissions_test.go": {
		{"\tvar question, answer created\n", "\tvar question, answer, practice created\n"},
		before("\twho[\"admin\"].post(\"/api/membership/people/\"+who[\"cora\"].id+\"/deactivate\"",
			"\tmember.post(\"/api/library/communities/\"+id+\"/practices\", map[string]string{\"title\": \"Questions\", \"text\": \"They open it.\"}, &practice)\n"),
		before(`"{person}", who["dario"].id,`, `"{practice}", practice.ID, `),
	},
	"docs/architecture.md": {
		after("`kith-matching`,", " `kith-library`,"),
		before("┌──────────────┐", "┌────────────┐ "),
		after("│  matching  │ ", "│  library   │ "),
		before("│  aggregates  │", "│ aggregates │ "),
		before("│    views     │", "│   views    │ "),
		before("└──────┬───────┘", "└─────┬──────┘ "),
		after("│ append       │", "              │"),
		after("▼              ▼              ▼", "              ▼"),
	},
	"README.md": {
		after("`kith-matching`,", " `kith-library`,"),
	},
}

// apply makes the edits of one file in its text.
func apply(text string, edits []edit) (string, error) {
	for _, e := range edits {
		if n := strings.Count(text, e.old); n != 1 {
			return "", fmt.Errorf("%q is there %d times, want once: look what this edit of edits_test.go means, and where it belongs now", e.old, n)
		}
		text = strings.Replace(text, e.old, e.new, 1)
	}
	return text, nil
}

func TestApply(t *testing.T) {
	if got, err := apply("a b", []edit{after("a", "1"), before("b", "2")}); got != "a1 2b" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	for _, old := range []string{"gone", "a"} {
		if got, err := apply("a a", []edit{after(old, "1")}); err == nil {
			t.Errorf("%q is not there once, and the edit made %q", old, got)
		}
	}
}
