package natsauth

import "strings"

// The streams, by the names that packages esjs, vault, react and sessions give
// them.
const (
	events   = "EVENTS"
	keys     = "KEYS"
	dead     = "DEAD"
	sessions = "KV_sessions"
)

// api begins the requests that JetStream takes in the account of the streams,
// and imported what they are called in a service's. It cannot be the same: an
// account answers for its own, also to say that it has none.
const (
	api      = "$JS.API."
	imported = "kith.api."
)

// Permissions are subjects as the user's account has them. What is in Deny is
// refused although Publish matches it.
type Permissions struct {
	Publish, Deny, Subscribe []string
}

// Permissions of a user of the manifest.
func (u User) Permissions() Permissions {
	// Answers go to an inbox of the user's own, so that nobody reads another's.
	inbox := []string{InboxPrefix(u.Name) + ".>"}
	p := u.requests()
	if !service(u.Name) {
		return Permissions{Publish: p.allow, Subscribe: inbox}
	}
	return Permissions{Publish: local(p.allow), Deny: local(p.deny), Subscribe: inbox}
}

// local are subjects of the streams' account as a service's has them.
func local(subjects []string) []string {
	var out []string
	for _, s := range subjects {
		out = append(out, localOf(s))
	}
	return out
}

func localOf(subject string) string {
	if rest, ok := strings.CutPrefix(subject, api); ok {
		return imported + rest
	}
	return subject
}

// streamed reports whether a request has any number of answers.
func streamed(subject string) bool {
	return strings.HasPrefix(subject, api+"DIRECT.GET.") || strings.HasPrefix(subject, api+"CONSUMER.MSG.NEXT.")
}

// requests are what a user publishes in the account of the streams.
type requests struct{ allow, deny []string }

func (u User) requests() requests {
	var p requests
	if u.Name == Provision {
		p.provision()
		return p
	}
	p.log(u)
	p.keys(u)
	p.deadLetters(u)
	if u.Sessions {
		p.sessions()
	}
	return p
}

func (p *requests) publish(subjects ...string) { p.allow = append(p.allow, subjects...) }

// provision creates every stream. The log is never changed once it exists, so
// there is no update of EVENTS.
func (p *requests) provision() {
	for _, s := range []string{events, keys, dead, sessions} {
		p.publish(api+"STREAM.INFO."+s, api+"STREAM.CREATE."+s)
	}
	p.publish(api+"STREAM.UPDATE."+keys, api+"STREAM.UPDATE."+dead, api+"STREAM.UPDATE."+sessions)
}

// log appends to the user's own subjects, reads everything, follows with a
// consumer of a random name, and runs the user's reactors.
//
// Random names can only be allowed all at once; the names that are known to be
// another's are taken out again. Nothing deletes a consumer of the log: those
// that follow are forgotten by the server, and a reactor's stays.
func (p *requests) log(u User) {
	p.publish("evt." + u.Name + ".>")
	p.read(events, "evt.>")
	for _, r := range u.Reactors {
		p.publish(api+"CONSUMER.CREATE."+events+"."+r+".>", "$JS.ACK."+events+"."+r+".>")
	}
	for _, r := range u.foreign() {
		for _, call := range []string{"CREATE", "INFO", "MSG.NEXT"} {
			p.deny = append(p.deny, api+"CONSUMER."+call+"."+events+"."+r)
		}
	}
}

// keys may be read by all: every service opens texts. Who registers and erases
// people writes them.
func (p *requests) keys(u User) {
	p.read(keys, "key.*.*")
	p.publish(api + "CONSUMER.DELETE." + keys + ".*") // the client's ordered consumer cleans up; there is no other there
	if u.Keys == WriteKeys {
		p.publish("key.*.*", api+"STREAM.MSG.DELETE."+keys)
	}
}

// deadLetters are read by all, because every process shows those of the whole
// deployment, and written by the reactor that failed. A letter is removed by
// its position, which no subject tells: a service with reactors could remove
// another's. Letters are indexes into the log and hold no facts of their own.
func (p *requests) deadLetters(u User) {
	p.publish(api+"STREAM.INFO."+dead, api+"DIRECT.GET."+dead, api+"DIRECT.GET."+dead+".dead.*.*")
	if len(u.Reactors) == 0 {
		return
	}
	for _, r := range u.Reactors {
		p.publish("dead." + r + ".*")
	}
	p.publish(api + "STREAM.MSG.DELETE." + dead)
}

// sessions are one service's alone. They are read from the stream's leader,
// followed with the client's ordered consumer, and written under hashes.
func (p *requests) sessions() {
	p.publish(
		api+"STREAM.INFO."+sessions,
		api+"STREAM.MSG.GET."+sessions,
		api+"CONSUMER.CREATE."+sessions+".*",
		api+"CONSUMER.CREATE."+sessions+".*.$KV.sessions.*",
		api+"CONSUMER.INFO."+sessions+".*",
		api+"CONSUMER.MSG.NEXT."+sessions+".*",
		api+"CONSUMER.DELETE."+sessions+".*",
		"$KV.sessions.*",
	)
}

// read is what reading and following a stream takes.
func (p *requests) read(stream, subjects string) {
	p.publish(
		api+"STREAM.INFO."+stream,
		api+"DIRECT.GET."+stream,
		api+"DIRECT.GET."+stream+"."+subjects,
		api+"CONSUMER.CREATE."+stream+".*",
		api+"CONSUMER.INFO."+stream+".*",
		api+"CONSUMER.MSG.NEXT."+stream+".*",
	)
}
