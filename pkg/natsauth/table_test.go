package natsauth_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"kith/pkg/natsauth"
)

// What the architecture asks for, written down apart from the manifest.
var (
	services = []string{"membership", "community", "matching", "notification", "audit", "portal"}
	reactors = map[string]string{
		"membership-founder": "membership", "membership-erasure": "membership", "membership-pending": "membership",
		"community-succession": "community", "community-erasure": "community",
		"matching-router": "matching", "matching-taker": "matching", "matching-welcomer": "matching",
		"notification-mail": "notification",
	}
)

const subscribe = "SUB "

// attempt is one publish or, with the prefix subscribe, one subscription, and
// the users that may do it.
type attempt struct {
	what, subject string
	allowed       []string
}

func attempts() []attempt {
	var all []attempt
	add := func(what, subject string, allowed ...string) { all = append(all, attempt{what, subject, allowed}) }
	everybody := append(slices.Clone(services), natsauth.Provision)
	writers := slices.Compact(slices.Sorted(maps.Values(reactors))) // of dead letters

	for _, s := range services {
		add("append an event of "+s, "evt."+s+".thing.1", s)
		add("a bare event subject of "+s, "evt."+s)
		add("read an inbox of "+s, subscribe+natsauth.InboxPrefix(s)+".abc.1", s)
		add("read all inboxes of "+s, subscribe+natsauth.InboxPrefix(s)+".>", s)
		add("answer into an inbox of "+s, natsauth.InboxPrefix(s)+".abc.1")
	}
	add("append an event of nobody", "evt.other.thing.1")
	for _, s := range []string{">", "*", "evt.>", "evt.*.*.*", "key.>", "dead.>", "_INBOX.>", "$JS.>", "$JS.API.>", "$JS.EVENT.>", "$SYS.>", "$JS.ACK.>"} {
		add("listen", subscribe+s)
	}

	add("state of the log", "$JS.API.STREAM.INFO.EVENTS", everybody...)
	add("read the log", "$JS.API.DIRECT.GET.EVENTS", services...)
	add("read a subject of the log", "$JS.API.DIRECT.GET.EVENTS.evt.membership.person.1", services...)
	add("follow the log", "$JS.API.CONSUMER.CREATE.EVENTS.aB3kX9qz", services...)
	add("read on", "$JS.API.CONSUMER.MSG.NEXT.EVENTS.aB3kX9qz", services...)
	add("delete a follower", "$JS.API.CONSUMER.DELETE.EVENTS.aB3kX9qz")
	add("consumer without a name", "$JS.API.CONSUMER.CREATE.EVENTS")
	add("filtered consumer of no reactor", "$JS.API.CONSUMER.CREATE.EVENTS.aB3kX9qz.evt.>")
	add("list consumers", "$JS.API.CONSUMER.NAMES.EVENTS")
	add("list consumers", "$JS.API.CONSUMER.LIST.EVENTS")
	add("acknowledge for a follower", "$JS.ACK.EVENTS.aB3kX9qz.1.1.1.1.0")

	for r, owner := range reactors {
		add("make the consumer of "+r, "$JS.API.CONSUMER.CREATE.EVENTS."+r, owner)
		add("make the filtered consumer of "+r, "$JS.API.CONSUMER.CREATE.EVENTS."+r+".evt.community.request.*", owner)
		add("make it the old way", "$JS.API.CONSUMER.DURABLE.CREATE.EVENTS."+r)
		add("look at the consumer of "+r, "$JS.API.CONSUMER.INFO.EVENTS."+r, owner)
		add("take from the consumer of "+r, "$JS.API.CONSUMER.MSG.NEXT.EVENTS."+r, owner)
		add("acknowledge for "+r, "$JS.ACK.EVENTS."+r+".1.1.1.1.0", owner)
		add("delete the consumer of "+r, "$JS.API.CONSUMER.DELETE.EVENTS."+r)
		add("pause the consumer of "+r, "$JS.API.CONSUMER.PAUSE.EVENTS."+r)
		add("reset the consumer of "+r, "$JS.API.CONSUMER.RESET.EVENTS."+r)
		add("unpin the consumer of "+r, "$JS.API.CONSUMER.UNPIN.EVENTS."+r)
		add("bury a letter of "+r, "dead."+r+".17", owner)
	}
	add("bury a letter of nobody", "dead.other.17")

	for _, s := range []string{"EVENTS", "KEYS", "DEAD", "OTHER", "KV_sessions"} {
		for _, call := range []string{"DELETE", "PURGE", "SNAPSHOT", "RESTORE", "LEADER.STEPDOWN", "PEER.REMOVE", "MSG.GET"} {
			if s == "KV_sessions" && call == "MSG.GET" {
				continue // below
			}
			add("stream", "$JS.API.STREAM."+call+"."+s)
		}
	}
	for _, s := range []string{"EVENTS", "KEYS", "DEAD", "KV_sessions"} {
		add("create a stream", "$JS.API.STREAM.CREATE."+s, natsauth.Provision)
	}
	for _, s := range []string{"KEYS", "DEAD", "KV_sessions"} {
		add("update a stream", "$JS.API.STREAM.UPDATE."+s, natsauth.Provision)
	}
	add("update the log's stream", "$JS.API.STREAM.UPDATE.EVENTS")
	add("create another stream", "$JS.API.STREAM.CREATE.OTHER")
	add("list streams", "$JS.API.STREAM.NAMES")
	add("the account", "$JS.API.INFO")
	add("delete an event", "$JS.API.STREAM.MSG.DELETE.EVENTS")

	add("state of the keys", "$JS.API.STREAM.INFO.KEYS", everybody...)
	add("read a key", "$JS.API.DIRECT.GET.KEYS.key.anna.identity", services...)
	add("read keys", "$JS.API.DIRECT.GET.KEYS", services...)
	add("follow the keys", "$JS.API.CONSUMER.CREATE.KEYS.Xyz_1", services...)
	add("end following the keys", "$JS.API.CONSUMER.DELETE.KEYS.Xyz_1", services...)
	add("create a key", "key.anna.identity", "membership")
	add("overwrite a key", "$JS.API.STREAM.MSG.DELETE.KEYS", "membership")

	add("state of the letters", "$JS.API.STREAM.INFO.DEAD", everybody...)
	add("read letters", "$JS.API.DIRECT.GET.DEAD", services...)
	add("read a letter", "$JS.API.DIRECT.GET.DEAD.dead.matching-router.17", services...)
	add("remove a letter", "$JS.API.STREAM.MSG.DELETE.DEAD", writers...)
	add("follow the letters", "$JS.API.CONSUMER.CREATE.DEAD.Xyz_1")

	const portal = "portal"
	add("begin or end a session", "$KV.sessions.abc", portal)
	add("a key below", "$KV.sessions.abc.def")
	add("another bucket", "$KV.other.abc")
	add("state of the sessions", "$JS.API.STREAM.INFO.KV_sessions", portal, natsauth.Provision)
	add("read a session", "$JS.API.STREAM.MSG.GET.KV_sessions", portal)
	add("read sessions from a copy", "$JS.API.DIRECT.GET.KV_sessions")
	add("follow the sessions", "$JS.API.CONSUMER.CREATE.KV_sessions.Xyz_1", portal)
	add("follow some sessions", "$JS.API.CONSUMER.CREATE.KV_sessions.Xyz_1.$KV.sessions.*", portal)
	add("follow on", "$JS.API.CONSUMER.MSG.NEXT.KV_sessions.Xyz_1", portal)
	add("end following the sessions", "$JS.API.CONSUMER.DELETE.KV_sessions.Xyz_1", portal)
	add("take a session out by its place", "$JS.API.STREAM.MSG.DELETE.KV_sessions")
	return all
}

// asImported are the attempts as a service makes them: what it may ask of
// JetStream is imported under another name, and nothing goes by the usual one.
func asImported(all []attempt) []attempt {
	var out []attempt
	for _, a := range all {
		if rest, ok := strings.CutPrefix(a.subject, "$JS.API."); ok {
			out = append(out, attempt{a.what + " by its usual name", a.subject, nil})
			a.subject = "kith.api." + rest
		}
		out = append(out, a)
	}
	return out
}

// What is not in the table would be tried by nobody.
func TestTheTableIsComplete(t *testing.T) {
	if !slices.Equal(services, natsauth.Services()) {
		t.Errorf("the table has the services %v, the manifest %v", services, natsauth.Services())
	}
	want := map[string]string{}
	for _, u := range natsauth.Manifest() {
		for _, r := range u.Reactors {
			want[r] = u.Name
		}
	}
	if !maps.Equal(reactors, want) {
		t.Errorf("the table has the reactors %v, the manifest %v", reactors, want)
	}
}

// TestPermissions tries everything as everybody. Each user sends all its
// attempts; the server's complaints come in order, before the answer to the
// flush behind them, and say exactly what it refused.
func TestPermissions(t *testing.T) {
	b := newBed(t)
	all := attempts()
	for _, user := range append(slices.Clone(services), natsauth.Provision) {
		t.Run(user, func(t *testing.T) {
			complaints := make(chan error, 2*len(all))
			nc := b.connect(user, nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { complaints <- err }))
			denied := map[string]bool{}
			next := func() string {
				t.Helper()
				select {
				case err := <-complaints:
					action, subject, ok := natsauth.Refusal(err)
					if !ok {
						t.Fatalf("no refusal: %v", err)
					}
					if action == "subscribe" {
						return subscribe + subject
					}
					return subject
				case <-time.After(20 * time.Second):
					t.Fatal("the last attempt is not refused")
				}
				return ""
			}
			all := all
			if user != natsauth.Provision {
				all = asImported(all)
			}
			for _, a := range all {
				if subject, ok := strings.CutPrefix(a.subject, subscribe); ok {
					sub, err := nc.SubscribeSync(subject)
					if err != nil {
						t.Fatal(err)
					}
					defer sub.Unsubscribe()
				} else if err := nc.Publish(a.subject, []byte("not JSON: even what is allowed changes nothing")); err != nil {
					t.Fatal(err)
				}
			}
			// What nobody may do ends the list.
			const end = "end"
			if err := errors.Join(nc.Publish(end, nil), nc.FlushTimeout(20*time.Second)); err != nil {
				t.Fatal(err)
			}
			for s := next(); s != end; s = next() {
				denied[s] = true
			}
			for _, a := range all {
				if want := slices.Contains(a.allowed, user); want == denied[a.subject] {
					t.Errorf("%s (%s): allowed is %t, want %t", a.what, a.subject, !want, want)
				}
			}
		})
	}
}
