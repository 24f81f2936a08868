package esmem_test

import (
	"testing"
	"time"

	"kith/pkg/es"
	"kith/pkg/es/esmem"
	"kith/pkg/es/estest"
)

func TestConformance(t *testing.T) {
	estest.Conformance(t, func(_ *testing.T, codec *es.Codec, now func() time.Time) estest.Log {
		s := esmem.New(codec, now)
		return estest.Log{Store: s, Raw: func(_ *testing.T, subject string, st es.Stored) uint64 { return s.AppendRaw(subject, st) }}
	})
}
