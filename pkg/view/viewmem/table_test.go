package viewmem_test

import (
	"testing"

	"kith/pkg/view"
	"kith/pkg/view/viewmem"
	"kith/pkg/view/viewtest"
)

func TestConformance(t *testing.T) {
	viewtest.Conformance(t, func(*testing.T) view.Backend { return viewmem.Backend{} })
}
