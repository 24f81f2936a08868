package vault

import (
	"context"

	"kith/api/sealed"
)

// Opener opens the texts of one answer and keeps the first error, so that who
// puts the answer together asks for it once, at the end.
type Opener struct {
	// Erased says that the key of a text was destroyed.
	Erased bool
	// Err is the first error. After it nothing more is opened.
	Err error

	ctx   context.Context
	vault *Vault
}

// Opener returns one for an answer that is made while ctx lasts.
func (v *Vault) Opener(ctx context.Context) *Opener { return &Opener{ctx: ctx, vault: v} }

// Text returns the opened text, nil if there is none or its key was destroyed.
func (o *Opener) Text(t sealed.Text) *string {
	if o.Err != nil || t.IsZero() {
		return nil
	}
	plain, ok, err := o.vault.Reveal(o.ctx, t)
	if err != nil {
		o.Err = err
		return nil
	}
	if !ok {
		o.Erased = true
		return nil
	}
	return &plain
}
