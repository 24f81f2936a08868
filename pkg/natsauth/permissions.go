package natsauth

// The streams, by the names that packages esjs, vault and react give them.
const (
	events = "EVENTS"
	keys   = "KEYS"
	dead   = "DEAD"
)

const api = "$JS.API."

// Permissions are subjects, as the server knows them. What is in Deny is
// refused although Publish matches it.
type Permissions struct {
	Publish, Deny, Subscribe []string
}

// Permissions of a user of the manifest.
func (u User) Permissions() Permissions {
	// Answers go to an inbox of the user's own, so that nobody reads another's.
	p := Permissions{Subscribe: []string{InboxPrefix(u.Name) + ".>"}}
	if u.Name == Provision {
		p.provision()
		return p
	}
	p.log(u)
	p.keys(u)
	p.deadLetters(u)
	return p
}

func (p *Permissions) publish(subjects ...string) { p.Publish = append(p.Publish, subjects...) }

// provision creates every stream. The log is never changed once it exists, so
// there is no update of EVENTS.
func (p *Permissions) provision() {
	for _, s := range []string{events, keys, dead} {
		p.publish(api+"STREAM.INFO."+s, api+"STREAM.CREATE."+s)
	}
	p.publish(api+"STREAM.UPDATE."+keys, api+"STREAM.UPDATE."+dead)
}

// log appends to the user's own subjects, reads everything, follows with a
// consumer of a random name, and runs the user's reactors.
//
// Random names can only be allowed all at once; the names that are known to be
// another's are taken out again. Nothing deletes a consumer of the log: those
// that follow are forgotten by the server, and a reactor's stays.
func (p *Permissions) log(u User) {
	p.publish("evt." + u.Name + ".>")
	p.read(events, "evt.>")
	for _, r := range u.Reactors {
		p.publish(api+"CONSUMER.CREATE."+events+"."+r+".>", "$JS.ACK."+events+"."+r+".>")
	}
	for _, r := range u.foreign() {
		for _, call := range []string{"CREATE", "INFO", "MSG.NEXT"} {
			p.Deny = append(p.Deny, api+"CONSUMER."+call+"."+events+"."+r)
		}
	}
}

// keys may be read by all: every service opens texts. Who registers and erases
// people writes them.
func (p *Permissions) keys(u User) {
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
func (p *Permissions) deadLetters(u User) {
	p.publish(api+"STREAM.INFO."+dead, api+"DIRECT.GET."+dead, api+"DIRECT.GET."+dead+".dead.*.*")
	if len(u.Reactors) == 0 {
		return
	}
	for _, r := range u.Reactors {
		p.publish("dead." + r + ".*")
	}
	p.publish(api + "STREAM.MSG.DELETE." + dead)
}

// read is what reading and following a stream takes.
func (p *Permissions) read(stream, subjects string) {
	p.publish(
		api+"STREAM.INFO."+stream,
		api+"DIRECT.GET."+stream,
		api+"DIRECT.GET."+stream+"."+subjects,
		api+"CONSUMER.CREATE."+stream+".*",
		api+"CONSUMER.INFO."+stream+".*",
		api+"CONSUMER.MSG.NEXT."+stream+".*",
	)
}
