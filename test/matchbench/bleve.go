package main

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/custom"
	"github.com/blevesearch/bleve/v2/analysis/tokenizer/whitespace"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search/query"

	"kith/pkg/text"
)

// said is the field that Bleve searches.
const said = "said"

type bleveIndex struct{ bleve.Index }

func openBleveMemory(context.Context, string) (searcher, error) {
	m, err := bleveMapping()
	if err != nil {
		return nil, err
	}
	index, err := bleve.NewUsing("", m, scorch.Name, scorch.Name, nil)
	return bleveIndex{index}, err
}

func openBleveDisk(_ context.Context, dir string) (searcher, error) {
	m, err := bleveMapping()
	if err != nil {
		return nil, err
	}
	index, err := bleve.New(filepath.Join(dir, "bleve"), m)
	return bleveIndex{index}, err
}

// bleveMapping takes terms as they are, keeps nothing but what a search needs,
// and scores by BM25.
func bleveMapping() (mapping.IndexMapping, error) {
	m := bleve.NewIndexMapping()
	m.ScoringModel = "bm25"
	if err := m.AddCustomAnalyzer("terms", map[string]any{"type": custom.Name, "tokenizer": whitespace.Name}); err != nil {
		return nil, err
	}
	field := bleve.NewTextFieldMapping()
	field.Analyzer, field.Store, field.IncludeInAll, field.IncludeTermVectors, field.DocValues = "terms", false, false, false, false
	doc := bleve.NewDocumentStaticMapping()
	doc.AddFieldMappingsAt(said, field)
	m.DefaultMapping = doc
	return m, m.Validate()
}

func (x bleveIndex) add(ctx context.Context, all []document) error {
	const perBatch = 2000
	for from := 0; from < len(all) && ctx.Err() == nil; from += perBatch {
		batch := x.NewBatch()
		for _, d := range all[from:min(from+perBatch, len(all))] {
			var b strings.Builder
			for term, n := range d.counts {
				b.WriteString(strings.Repeat(term+" ", n))
			}
			if err := batch.Index(d.id, map[string]any{said: b.String()}); err != nil {
				return err
			}
		}
		if err := x.Batch(batch); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (x bleveIndex) search(ctx context.Context, terms []text.Term) ([]string, error) {
	anyOf := make([]query.Query, len(terms))
	for i, t := range terms {
		q := bleve.NewTermQuery(t.Text)
		q.SetField(said)
		q.SetBoost(float64(t.Weight))
		anyOf[i] = q
	}
	found, err := x.SearchInContext(ctx, bleve.NewSearchRequestOptions(bleve.NewDisjunctionQuery(anyOf...), nearest, 0, false))
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(found.Hits))
	for i, hit := range found.Hits {
		ids[i] = hit.ID
	}
	return ids, nil
}
