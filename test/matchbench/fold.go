package main

import (
	"runtime"
	"time"

	"kith/pkg/text"
	"kith/services/matching/engine"
)

// event is one as the engine takes it in, with its text in the clear.
type event struct {
	kind                                 kind
	request, response, person, community string
	tags, lines                          []string
	title, body                          string
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
}

func (f folder) fold(e *event) {
	switch e.kind {
	case profile:
		topics := make([]engine.Topic, len(e.lines))
		for i, line := range e.lines {
			topics[i] = engine.TopicTerms(f.analyser, i, line)
		}
		f.engine.SetTopics(e.person, topics)
	case raised:
		language, words := f.question(e)
		f.engine.Raise(engine.Request{ID: e.request, Community: e.community, Asker: e.person, Kind: "problem",
			Language: language, Tags: e.tags, Words: words})
	case corrected:
		language, words := f.question(e)
		f.engine.Correct(e.request, language, e.tags, words)
	case retracted:
		f.engine.Retract(e.request)
	case answered:
		_, words := f.engine.Read("", nil, text.Field{Text: e.body, Weight: 1})
		f.engine.Answer(e.request, e.response, e.person, 0)
		f.engine.SetAnswerWords(e.request, e.response, words)
	case accepted:
		f.engine.Accept(e.request, e.response)
		f.engine.SetOpen(e.request, false)
	case thanked:
		f.engine.Thank(e.request, e.response)
	}
}

func (f folder) question(e *event) (language string, words text.Bag) {
	return f.engine.Read("", e.tags, text.Field{Text: e.title, Weight: titleWeight}, text.Field{Text: e.body, Weight: 1})
}

// folded is what folding took.
type folded struct {
	events    int
	responses int
	took      spent         // by the engine alone, one event after the other
	bytes     uint64        // that live on the heap more than before
	slowest   time.Duration // of a processor, for the slowest of those events that were timed
}

const batch = 512

// build folds all that o has to tell, made up by another goroutine meanwhile.
// One event of each batch is timed by itself.
func build(o *organisation, see func(*event)) (folder, folded) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f := folder{engine.New(), text.NewAnalyser()}
	var out folded
	before := heap()
	batches := make(chan []event, 4)
	go func() {
		defer close(batches)
		list := make([]event, 0, batch)
		o.events(func(e event) bool {
			if list = append(list, e); len(list) == batch {
				batches <- list
				list = make([]event, 0, batch)
			}
			return true
		})
		batches <- list
	}()
	said := time.Now()
	for list := range batches {
		watch := begin()
		for i := range list {
			if i == 0 {
				f.fold(&list[i])
				out.slowest = max(out.slowest, watch.spent().cpu)
				continue
			}
			f.fold(&list[i])
		}
		out.took.add(watch.spent())
		out.events += len(list)
		for i := range list {
			if list[i].kind == answered {
				out.responses++
			}
			if see != nil {
				see(&list[i])
			}
		}
		if time.Since(said) > 10*time.Second {
			said = time.Now()
			note("%s: %d of about %d answers, %.0f s", o.name, out.responses, o.size.responses, out.took.cpu.Seconds())
		}
	}
	out.bytes = heap() - min(before, heap())
	return f, out
}

// heap is what lives on it, in bytes.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
