package cli_test

import (
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folder makes files of a folder, compressed where their name says so.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".gz") {
			z := gzip.NewWriter(f)
			_, err = z.Write([]byte(content))
			if closed := z.Close(); err == nil {
				err = closed
			}
		} else {
			_, err = f.WriteString(content)
		}
		if closed := f.Close(); err == nil {
			err = closed
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// question is a line of a forum's past, answered and accepted.
func question(site string, seq int, title, user string) string {
	return fmt.Sprintf(`{"id": "%s:%d", "site": %q, "seq": %d, "title": %q, "tags": [%q], "asker": "ann", "answers": [{"user": %q, "accepted": true}]}`+"\n",
		site, seq, site, seq, title, title, user)
}

// In the folder, bread has been answered by cid in food alone; in travel nobody
// who answers bread is known.
func forums() map[string]string {
	return map[string]string{
		"README.md":             "What this is.",
		"food.train.jsonl.gz":   question("food", 1, "bread", "cid") + question("food", 2, "soup", "dan"),
		"food.dev.jsonl.gz":     question("food", 3, "bread", "cid"),
		"food.test.jsonl.gz":    question("food", 4, "soup", "cid"),
		"travel.train.jsonl.gz": question("travel", 1, "trains", "eve"),
		"travel.dev.jsonl.gz":   question("travel", 2, "bread", "cid"),
	}
}

func TestEvalMatching(t *testing.T) {
	dir := folder(t, forums())
	code, out := run(t, "eval", "matching", "--data", dir)
	if code != 0 {
		t.Fatalf("code %d: %s", code, out)
	}
	const found = "n=1 mrr=1.0000 s1=1.0000 s5=1.0000 s10=1.0000 top10share=1.0000 distinct=2 reachable=1\n"
	const second = "n=1 mrr=0.5000 s1=0.0000 s5=1.0000 s10=1.0000 top10share=1.0000 distinct=2 reachable=1\n"
	const unknown = "n=1 mrr=0.0000 s1=0.0000 s5=0.0000 s10=0.0000 top10share=1.0000 distinct=1 reachable=0\n"
	var want strings.Builder
	for _, line := range []struct{ dataset, split, measure string }{{"food", "dev", found}, {"food", "test", second}, {"travel", "dev", unknown}} {
		for _, gold := range []string{"any", "accepted"} {
			fmt.Fprintf(&want, "EVAL task=expert dataset=%s gold=%s split=%s %s", line.dataset, gold, line.split, line.measure)
		}
	}
	if out != want.String() {
		t.Errorf("it says\n%swant\n%s", out, want.String())
	}
}

func TestEvalMatchingTogether(t *testing.T) {
	code, out := run(t, "eval", "matching", "--together", "--data", folder(t, forums()))
	if code != 0 {
		t.Fatalf("code %d: %s", code, out)
	}
	// Together cid is known in travel for the bread of food, after eve, who is active there.
	const want = "EVAL task=expert dataset=all gold=any split=dev n=2 mrr=0.7500 s1=0.5000 s5=1.0000 s10=1.0000 top10share=1.0000 distinct=3 reachable=2\n"
	if !strings.Contains(out, want) || !strings.Contains(out, "dataset=travel gold=any split=dev n=1 mrr=0.0000") {
		t.Errorf("it says\n%swant %q", out, want)
	}
}

func TestEvalMatchingRefuses(t *testing.T) {
	for _, tc := range []struct {
		name, file, content string // a file besides those of forums; "" takes it away
		says                string
	}{
		{"a line that is no JSON", "food.dev.jsonl.gz", question("food", 3, "bread", "cid") + "{bad", "food.dev.jsonl.gz: line 2:"},
		{"a line of another format", "food.dev.jsonl.gz", `{"query": 1, "relevant": {}}`, "food.dev.jsonl.gz: line 1: site (or list): is missing"},
		{"a long title", "food.train.jsonl.gz", question("food", 1, strings.Repeat("x", 1001), "cid"), "food.train.jsonl.gz: line 1: title: has more than 1000 characters"},
		{"a question of its own past", "food.dev.jsonl.gz", question("food", 1, "bread", "cid"), "food:1 is in food.train.jsonl.gz line 1 already"},
		{"a time for some only", "food.dev.jsonl.gz", strings.Replace(question("food", 3, "bread", "cid"), "{", `{"ts": 1500000000, `, 1), "line 1: seq: is not in every line"},
		{"no time at all", "food.dev.jsonl.gz", strings.Replace(question("food", 3, "bread", "cid"), "{", `{"ts": -1, `, 1), "line 1: ts: is no time"},
		{"a place before all others", "food.dev.jsonl.gz", question("food", -3, "bread", "cid"), "line 1: seq: must be from 0"},
		{"no questions", "food.dev.jsonl.gz", "\n", "food.dev.jsonl.gz: has no questions"},
		{"no history", "food.train.jsonl.gz", "", "food.train.jsonl.gz: is missing"},
		{"nothing to report", "travel.dev.jsonl.gz", "", "travel.train.jsonl.gz: has history only"},
		{"an unknown split", "food.later.jsonl.gz", "{}", "food.later.jsonl.gz: name it"},
		{"an unknown ending", "food.dev.jsonl", "{}", "food.dev.jsonl: name it"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			files := forums()
			if files[tc.file] = tc.content; tc.content == "" {
				delete(files, tc.file)
			}
			code, out := run(t, "eval", "matching", "--data", folder(t, files))
			if code == 0 || !strings.Contains(out, tc.says) {
				t.Errorf("code %d, it says %q, want %q", code, out, tc.says)
			}
		})
	}
	if code, out := run(t, "eval", "matching", "--data", t.TempDir()); code == 0 || !strings.Contains(out, "has no NAME.train.jsonl.gz") {
		t.Errorf("an empty folder: code %d, %q", code, out)
	}
	all := map[string]string{"all.train.jsonl.gz": question("food", 1, "bread", "cid"), "all.dev.jsonl.gz": question("food", 2, "bread", "cid")}
	if code, out := run(t, "eval", "matching", "--together", "--data", folder(t, all)); code == 0 || !strings.Contains(out, "rename its files") {
		t.Errorf("a forum called all: code %d, %q", code, out)
	}
}

// Questions with times are ranked in their order, whatever that of the lines is.
func TestEvalMatchingOrdersByTime(t *testing.T) {
	asked := func(ts int, topic, user string) string {
		return fmt.Sprintf(`{"id": %d, "list": "l", "ts": %d, "subject": %q, "asker": "ann", "answers": [{"user": %q, "ts": %d, "thanked": true, "text": "so"}]}`+"\n",
			ts, ts, topic, user, ts+5)
	}
	code, out := run(t, "eval", "matching", "--data", folder(t, map[string]string{
		"list.train.jsonl.gz": asked(1500000000, "trains", "eve"),
		"list.dev.jsonl.gz":   asked(1500000200, "bread", "cid") + asked(1500000100, "bread", "cid"),
		"list.test.jsonl.gz":  asked(1500000150, "bread", "cid"),
	}))
	// The earlier one cannot find cid, the later one can.
	if code != 0 || !strings.Contains(out, "gold=accepted split=dev n=2 mrr=0.5000") || !strings.Contains(out, "reachable=1\n") {
		t.Errorf("code %d, it says %q", code, out)
	}
	if !strings.Contains(out, "list: test begins before what comes before it ends") {
		t.Errorf("nothing says that test is older than dev: %q", out)
	}
}

// Without ids and times the order of lines and splits is all there is.
func TestEvalMatchingWithoutIDs(t *testing.T) {
	asked := func(id, user string) string {
		return fmt.Sprintf(`{%s "site": "food", "title": "bread", "asker": "ann", "answers": [{"user": %q}]}`+"\n", id, user)
	}
	code, out := run(t, "eval", "matching", "--data", folder(t, map[string]string{
		"food.train.jsonl.gz": asked("", "cid"), "food.dev.jsonl.gz": asked("", "dan"), "food.test.jsonl.gz": asked(`"id": null,`, "dan"),
	}))
	// Both have answered one like it, dan after cid.
	if code != 0 || !strings.Contains(out, "gold=any split=dev n=1 mrr=0.0000") || !strings.Contains(out, "gold=any split=test n=1 mrr=1.0000") ||
		strings.Contains(out, "gold=accepted") {
		t.Errorf("code %d, it says %q", code, out)
	}
}

func corpora() map[string]string {
	return map[string]string{
		"travel/corpus.jsonl.gz": `{"id": 3, "title": "red lamp socket", "body": "broken"}` + "\n" +
			`{"id": 1, "title": "red lamp socket", "body": ""}` + "\n" + `{"id": 2, "title": "green umbrella", "body": ""}`,
		"travel/qrels.dev.jsonl":     `{"query": 3, "relevant": {"1": 2}}`,
		"stackfaq/docs.jsonl":        `{"id": 0, "question": "red kettle", "answers": ["Boil it."]}` + "\n" + `{"id": 1, "question": "green umbrella", "answers": []}`,
		"stackfaq/queries.dev.jsonl": `{"query": "how do I boil water", "doc": 0}` + "\n" + `{"query": "a red umbrella", "doc": 1}`,
	}
}

func TestEvalSimilar(t *testing.T) {
	code, out := run(t, "eval", "similar", "--data", folder(t, corpora()))
	const want = "EVAL task=similar dataset=travel n=1 map=1.0000 ndcg10=1.0000 r10=1.0000 split=dev\n" +
		"EVAL task=similar dataset=stackfaq n=2 "
	if code != 0 || !strings.HasPrefix(out, want) {
		t.Errorf("code %d, it says %q, want %q", code, out, want)
	}
}

func TestEvalSimilarRefuses(t *testing.T) {
	for _, tc := range []struct{ name, file, content, says string }{
		{"a later duplicate", "travel/qrels.dev.jsonl", `{"query": 2, "relevant": {"3": 2}}`, `qrels.dev.jsonl: line 1: relevant: "3" is not the id of an earlier question`},
		{"an unknown grade", "travel/qrels.dev.jsonl", `{"query": 3, "relevant": {"1": 7}}`, "grade of 1 must be 1 or 2"},
		{"a query of no question", "travel/qrels.dev.jsonl", `{"query": 9, "relevant": {"1": 2}}`, "none of the questions"},
		{"another format", "travel/qrels.dev.jsonl", `{"doc": 9}`, "query and relevant: are needed"},
		{"the same query twice", "travel/qrels.dev.jsonl", corpora()["travel/qrels.dev.jsonl"] + "\n" + corpora()["travel/qrels.dev.jsonl"], "line 2: query: 3 is there already"},
		{"a question without id", "travel/corpus.jsonl.gz", `{"title": "red lamp"}`, "corpus.jsonl.gz: line 1: id: must be a number"},
		{"a question twice", "travel/corpus.jsonl.gz", strings.Repeat(`{"id": 1, "title": "red"}`+"\n", 2), "line 2: id: 1 is there already"},
		{"a thread without question", "stackfaq/docs.jsonl", `{"id": 0}`, "docs.jsonl: line 1: title: is missing"},
		{"a paraphrase of nothing", "stackfaq/queries.dev.jsonl", `{"query": "x"}`, "queries.dev.jsonl: line 1: query and doc: are needed"},
		{"a paraphrase of an unknown thread", "stackfaq/queries.dev.jsonl", `{"query": "x", "doc": 5}`, "5, which it should find, is no earlier question"},
		{"no queries", "travel/qrels.dev.jsonl", "", "has no qrels.dev.jsonl"},
		{"no corpus", "travel/corpus.jsonl.gz", "", "corpus.jsonl.gz: no such file"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			files := corpora()
			if files[tc.file] = tc.content; tc.content == "" {
				delete(files, tc.file)
			}
			code, out := run(t, "eval", "similar", "--data", folder(t, files))
			if code == 0 || !strings.Contains(out, tc.says) {
				t.Errorf("code %d, it says %q, want %q", code, out, tc.says)
			}
		})
	}
	if code, out := run(t, "eval", "similar", "--data", t.TempDir()); code == 0 || !strings.Contains(out, "neither travel/ nor stackfaq/") {
		t.Errorf("an empty folder: code %d, %q", code, out)
	}
}
