package main

import (
	"runtime"
	"time"

	"kith/pkg/garbage"
	"kith/pkg/text"
	"kith/services/matching/engine"
)

// event is one as the engine takes it in, with its text in the clear.
type event struct {
	kind                                 kind
	request, response, person, community string
	tags, lines                          []string
	title, body                          string

	language string // from here on as read
	words    text.Bag
	topics   []engine.TopicLine

	at time.Time
}

type kind int

const (
	profile kind = iota
	raised
	corrected
	retracted
	answered
	accepted
	thanked
)

const titleWeight = 3 // as the service has it

// folder feeds an engine.
type folder struct {
	engine   *engine.Engine
	analyser *text.Analyser
	ranked   []engine.Candidate
}

// read analyses what e says. It may be called at any time.
func (f folder) read(e *event) {
	switch e.kind {
	case profile:
		e.topics = make([]engine.TopicLine, len(e.lines))
		for i, line := range e.lines {
			e.topics[i] = engine.TopicTerms(f.analyser, i, line)
		}
	case raised, corrected:
		e.language, e.words = f.engine.Read("", e.tags, text.Field{Text: e.title, Weight: titleWeight}, text.Field{Text: e.body, Weight: 1})
	case answered:
		_, e.words = f.engine.Read("", nil, text.Field{Text: e.body, Weight: 1})
	}
}

// fold takes in e, which was read, in the order of the log.
func (f folder) fold(e *event) {
	switch e.kind {
	case profile:
		f.engine.SetTopics(e.person, e.topics)
	case raised:
		f.engine.Raise(engine.Request{ID: e.request, Community: e.community, Asker: e.person, Kind: "problem",
			Language: e.language, Tags: e.tags, Words: e.words, At: e.at})
	case corrected:
		f.engine.Correct(e.request, e.language, e.tags, e.words)
	case retracted:
		f.engine.Retract(e.request)
	case answered:
		f.engine.Answer(e.request, e.response, e.person, e.at, 0)
		f.engine.SetAnswerWords(e.request, e.response, e.words)
	case accepted:
		f.engine.Accept(e.request, e.response)
		f.engine.SetOpen(e.request, false)
	case thanked:
		f.engine.Thank(e.request, e.response)
	}
}

// folded is what folding took.
type folded struct {
	events, responses int
	wall              time.Duration // making up the log too
	read, fold        time.Duration // of a processor, by the engine alone
	bytes             uint64        // that live on the heap more than before
}

// load is a part of the log.
type load struct {
	events []event
	read   chan time.Duration // when that is done: how long it took
}

const (
	perLoad = 512 // events
	readers = 2
)

// build folds all that o has to tell, in order. Other goroutines make it up and
// read it meanwhile, as the service does. Whenever as many responses more as
// every are folded it calls along; 0: never.
func build(o *organisation, see func(*event), every int, along func(f folder, responses int)) (folder, folded) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f := folder{engine: engine.New(), analyser: text.NewAnalyser()}
	var out folded
	before := heap()
	settle := garbage.Relax() // as the service does while it reads the log
	watch := begin()
	said := time.Now()
	next := every
	for l := range f.loads(o) {
		out.read += <-l.read
		fold := begin()
		for i := range l.events {
			f.fold(&l.events[i])
		}
		out.fold += fold.spent().cpu
		out.events += len(l.events)
		for i := range l.events {
			if l.events[i].kind == answered {
				out.responses++
			}
			if see != nil {
				see(&l.events[i])
			}
		}
		if every > 0 && out.responses >= next {
			along(f, out.responses)
			next += every
		}
		if time.Since(said) > 10*time.Second {
			said = time.Now()
			note("%s: %d of about %d answers; read %.0f s, folded %.0f s", o.name, out.responses, o.size.responses, out.read.Seconds(), out.fold.Seconds())
		}
	}
	out.wall = watch.spent().wall
	settle()
	out.bytes = heap() - min(before, heap())
	return f, out
}

// loads are all events, in order, which are read by and by.
func (f folder) loads(o *organisation) <-chan load {
	inOrder, unread := make(chan load, 4*readers), make(chan load, 4*readers)
	go func() {
		defer close(inOrder)
		defer close(unread)
		next := load{read: make(chan time.Duration, 1)}
		o.events(func(e event) bool {
			if next.events = append(next.events, e); len(next.events) == perLoad {
				inOrder <- next
				unread <- next
				next = load{make([]event, 0, perLoad), make(chan time.Duration, 1)}
			}
			return true
		})
		inOrder <- next
		unread <- next
	}()
	for range readers {
		go func() {
			runtime.LockOSThread()
			for l := range unread {
				watch := begin()
				for i := range l.events {
					f.read(&l.events[i])
				}
				l.read <- watch.spent().cpu
			}
		}()
	}
	return inOrder
}

// heap is what lives on it, in bytes.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
