package rest

// Optional is how contracts write what may be absent: nil for the zero value.
func Optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// Value is the inverse of Optional: the zero value for what is absent.
func Value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
