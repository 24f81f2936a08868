package vault_test

import (
	"context"
	"errors"
	"testing"

	"kith/api/sealed"
)

func TestOpener(t *testing.T) {
	ctx := context.Background()
	v := memoryVault(t, "ada", "ben")
	say := func(person, text string) sealed.Text {
		return seal(t, v, "event-"+person, noted{Title: sealed.New(person, sealed.Content, text)}).Title
	}
	hello, gone := say("ada", "hello"), say("ben", "bye")
	if err := v.Shred(ctx, "ben", sealed.Content, "erasure"); err != nil {
		t.Fatal(err)
	}
	t.Run("absent texts are absent", func(t *testing.T) {
		o := v.Opener(ctx)
		if s := o.Text(sealed.Text{}); s != nil || o.Erased || o.Err != nil {
			t.Error(s, o.Erased, o.Err)
		}
	})
	t.Run("erased texts are absent, and it says so", func(t *testing.T) {
		o := v.Opener(ctx)
		if s := o.Text(gone); s != nil || !o.Erased || o.Err != nil {
			t.Error(s, o.Erased, o.Err)
		}
		if s := o.Text(hello); s == nil || *s != "hello" {
			t.Error("what follows is not opened")
		}
	})
	t.Run("the first error is kept and ends it", func(t *testing.T) {
		o := v.Opener(ctx)
		_ = o.Text(sealed.New("ada", sealed.Content, "plain"))
		if s := o.Text(hello); s != nil || !errors.Is(o.Err, sealed.ErrUnsealed) {
			t.Error(s, o.Err)
		}
	})
}
