package notification

import (
	"strconv"
	"testing"

	events "kith/api/events/notification"
	"kith/pkg/es"
	"kith/pkg/es/estest"
	"kith/pkg/fault"
)

func TestMarkingAsRead(t *testing.T) {
	read := func(upTo uint64, items ...string) func(inbox) (es.Event, error) {
		return func(b inbox) (es.Event, error) { return b.Read(upTo, items, 5000) }
	}
	past := []any{events.InboxRead{UpTo: 10}, events.InboxRead{Items: []string{"12", "15"}}}

	t.Run("up_to_a_position", func(t *testing.T) {
		estest.Given(t, foldInbox, past...).When(read(13)).Then(events.InboxRead{UpTo: 13})
	})
	t.Run("single_items", func(t *testing.T) {
		estest.Given(t, foldInbox, past...).When(read(0, "11", "14")).Then(events.InboxRead{Items: []string{"11", "14"}})
	})
	t.Run("what_is_read_already_is_left_out", func(t *testing.T) {
		estest.Given(t, foldInbox, past...).When(read(0, "9", "12", "14", "14")).Then(events.InboxRead{Items: []string{"14"}})
		estest.Given(t, foldInbox, past...).When(read(10, "3", "15")).Nothing()
	})
	t.Run("reading_does_not_go_back", func(t *testing.T) {
		estest.Given(t, foldInbox, past...).When(read(4)).Nothing()
	})
	t.Run("the_future_cannot_be_read", func(t *testing.T) {
		estest.Given(t, foldInbox).When(read(5001)).Fails(fault.Invalid)
		estest.Given(t, foldInbox).When(read(0, "5001")).Fails(fault.Invalid)
	})
	t.Run("what_is_no_item_is_refused", func(t *testing.T) {
		for _, id := range []string{"abc", "0", "-1", "007", "12-x", ""} {
			estest.Given(t, foldInbox).When(read(0, id)).Fails(fault.Invalid)
		}
		estest.Given(t, foldInbox).When(read(0)).Fails(fault.Invalid)
	})
	t.Run("single_marks_are_bounded_and_a_position_frees_them", func(t *testing.T) {
		var full []any
		for from := 1; from <= maxSingle; from += 200 {
			var e events.InboxRead
			for i := range 200 {
				e.Items = append(e.Items, strconv.Itoa(from+i))
			}
			full = append(full, e)
		}
		estest.Given(t, foldInbox, full...).When(read(0, "3000")).Fails(fault.Conflict)
		estest.Given(t, foldInbox, append(full, events.InboxRead{UpTo: 500})...).When(read(0, "3000")).Then(events.InboxRead{Items: []string{"3000"}})
	})
}

func TestDeliveryIsSettledOnce(t *testing.T) {
	sent := events.DeliverySent{Person: "p", Channel: "mail", MessageID: "m"}
	settle := func(d delivery) (es.Event, error) { return d.Settle(sent) }
	estest.Given(t, foldDelivery).When(settle).Then(sent)
	estest.Given(t, foldDelivery, sent).When(settle).Nothing()
	estest.Given(t, foldDelivery, events.DeliveryFailed{Person: "p", Code: "550"}).When(settle).Nothing()
}
