package engine

import (
	"cmp"
	"slices"
)

// scored is somebody with what is counted for them.
type scored struct {
	person uint32
	value  float64
}

// top are the k with the highest values, equals by id of the person.
func (g *gathering) top(all []scored, k int) []scored {
	all = g.most(all, k)
	slices.SortFunc(all, g.before)
	return all
}

// most are the same in no order.
func (g *gathering) most(all []scored, k int) []scored {
	if len(all) <= k {
		return all
	}
	g.values = g.values[:0]
	for _, s := range all {
		g.values = append(g.values, s.value)
	}
	least := nth(g.values, k)
	all = slices.DeleteFunc(all, func(s scored) bool { return s.value < least })
	if len(all) > k {
		slices.SortFunc(all, g.before)
	}
	return all[:k]
}

// nth is the nth highest of values, from 1, which it moves around (Hoare, "Algorithm
// 65: Find", 1961): faster than to sort them.
func nth(values []float64, n int) float64 {
	for low, high := 0, len(values)-1; ; {
		if low >= high {
			return values[n-1]
		}
		pivot := values[low+(high-low)/2]
		i, j := low, high
		for i <= j {
			for values[i] > pivot {
				i++
			}
			for values[j] < pivot {
				j--
			}
			if i <= j {
				values[i], values[j] = values[j], values[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case n-1 <= j:
			high = j
		case n-1 >= i:
			low = i
		default:
			return values[n-1]
		}
	}
}

// before is negative if a comes before b: who has more, equals by id.
func (e *Engine) before(a, b scored) int {
	return cmp.Or(cmp.Compare(b.value, a.value), cmp.Compare(e.names[a.person], e.names[b.person]))
}
