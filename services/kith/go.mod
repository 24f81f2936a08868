module kith/services/kith

go 1.26.0

require (
	kith/api v0.0.0
	kith/pkg v0.0.0
)

require (
	github.com/alecthomas/kong v1.17.0 // indirect
	github.com/goccy/go-yaml v1.19.2 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/mitchellh/colorstring v0.0.0-20190213212951-d06e56a500db // indirect
	github.com/rivo/uniseg v0.4.7 // indirect
	github.com/schollz/progressbar/v3 v3.19.1 // indirect
	github.com/swaggest/swgui v1.8.5 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/term v0.47.0 // indirect
)

replace (
	kith/api => ../../api
	kith/pkg => ../../pkg
	kith/services/audit => ../audit
	kith/services/community => ../community
	kith/services/matching => ../matching
	kith/services/membership => ../membership
	kith/services/notification => ../notification
)
