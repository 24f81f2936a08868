package notification

import (
	"context"
	"errors"
	"strings"

	"github.com/wneessen/go-mail"

	events "kith/api/events/notification"
	"kith/pkg/app"
	"kith/pkg/es"
	"kith/pkg/react"
	"kith/pkg/view"
)

// mailer sends one mail to each person whom an event concerns and who wants
// it: at least once, always with the same Message-ID.
type mailer struct {
	*service
	cfg        Mail
	password   string
	words      words
	deliveries *es.Repo[delivery]
	addresses  *view.View[addressDoc]
	titles     *view.View[titleDoc]
}

func newMailer(ctx context.Context, s *service, cfg Mail) (*mailer, error) {
	m := &mailer{service: s, cfg: cfg, deliveries: app.Repo(s.core, events.Context, events.Delivery, foldDelivery)}
	var err error
	if m.password, err = cfg.password(); err != nil {
		return nil, err
	}
	if m.words, err = readWords(); err != nil {
		return nil, err
	}
	if m.addresses, err = view.Open(ctx, s.core.Views, addressesView()); err != nil {
		return nil, err
	}
	m.titles, err = view.Open(ctx, s.core.Views, titlesView())
	return m, err
}

// handle mails r to everybody it concerns. That one person's mail is refused or
// has to wait keeps it from nobody else.
func (m *mailer) handle(ctx context.Context, r es.Recorded) error {
	if err := m.core.Follower.Wait(ctx, r.Seq); err != nil {
		return err
	}
	open, err := m.open(ctx, known(m.core.Access).items(r))
	if err != nil || len(open) == 0 {
		return err
	}
	server, err := m.dial(ctx)
	if err != nil {
		return err
	}
	defer server.close()
	var later error
	for _, to := range open {
		err := m.deliver(ctx, server, r, to)
		switch {
		case errors.Is(err, errLater):
			later = err
		case err != nil:
			return err
		}
	}
	return later
}

// recipient is one person who is to get mail about an item.
type recipient struct {
	person string
	item   item
}

// open lists to whom mail about the items, which are of one event, is still to
// be sent, each person once.
func (m *mailer) open(ctx context.Context, items []item) ([]recipient, error) {
	var out []recipient
	seen := map[string]bool{}
	for _, it := range items {
		people, err := m.candidates(ctx, it)
		if err != nil {
			return nil, err
		}
		for _, person := range people {
			if seen[person] {
				continue
			}
			_, mail, err := m.wants(ctx, person, it)
			if err != nil {
				return nil, err
			}
			if !mail {
				continue
			}
			seen[person] = true
			d, _, err := m.deliveries.Load(ctx, deliveryID(it.Event, person, channelMail))
			if err != nil {
				return nil, err
			}
			if !d.settled {
				out = append(out, recipient{person, it})
			}
		}
	}
	return out, nil
}

// candidates are the people of the item's audience who might want mail: where
// mail is off for everybody who has not said otherwise, those who have.
func (m *mailer) candidates(ctx context.Context, it item) ([]string, error) {
	if k, _ := kindOf(it.Kind); k.mail || strings.HasPrefix(it.Audience, groupPerson+":") {
		return audienceOf(m.core.Access, it.Audience), nil
	}
	var out []string
	for d, err := range m.prefs.All(ctx, view.Query{Index: "mail", Equal: []any{true}}, nil) {
		if err != nil {
			return nil, err
		}
		if belongs(m.core.Access, d.Person, it.Audience) {
			out = append(out, d.Person)
		}
	}
	return out, nil
}

// deliver sends one mail and records what became of it.
func (m *mailer) deliver(ctx context.Context, server *post, r es.Recorded, to recipient) error {
	msg, err := m.compose(ctx, to)
	if err != nil || msg == nil {
		return err
	}
	id := deliveryID(to.item.Event, to.person, channelMail)
	var outcome es.Event
	span := m.core.Tracer.Send(ctx, channelMail, to.item.Kind)
	err = server.send(msg)
	span.End(failure(err))
	refused, never := errors.AsType[refusal](err)
	switch {
	case err == nil:
		outcome = events.DeliverySent{Person: to.person, Channel: channelMail, Kind: to.item.Kind, Item: to.item.Event, MessageID: m.messageID(id)}
	case never:
		outcome = events.DeliveryFailed{Person: to.person, Channel: channelMail, Kind: to.item.Kind, Item: to.item.Event, Code: refused.code}
	default:
		return err
	}
	_, err = m.deliveries.Execute(ctx, id, react.Command(r, mailReactor, to.person), func(d delivery) (es.Event, error) {
		return d.Settle(outcome)
	})
	return err
}

// compose writes the mail, nil for somebody who has no address.
func (m *mailer) compose(ctx context.Context, to recipient) (*mail.Msg, error) {
	address, _, err := m.addresses.Get(ctx, to.person)
	if err != nil {
		return nil, err
	}
	email, ok, err := m.core.Vault.Reveal(ctx, address.Email)
	if err != nil || !ok {
		return nil, err
	}
	l, err := m.letter(ctx, address, to)
	if err != nil {
		return nil, err
	}
	person, _ := m.core.Access.Person(to.person)
	subject, body, err := m.words.write(person.Language, to.item.Kind, l)
	if err != nil {
		return nil, err
	}
	msg := mail.NewMsg()
	if err := msg.From(m.cfg.From); err != nil {
		return nil, err
	}
	// An address that is none leaves the message without recipient, which is
	// refused when it is sent.
	_ = msg.To(email)
	msg.Subject(subject)
	msg.SetMessageIDWithValue(m.messageID(deliveryID(to.item.Event, to.person, channelMail)))
	msg.SetDateWithValue(m.core.Now())
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // keeps answering machines quiet (RFC 3834)
	msg.SetBodyString(mail.TypeTextPlain, body)
	return msg, nil
}

// letter opens what the text is made of, at the time of sending: what has been
// erased or closed to the reader meanwhile is not in it.
func (m *mailer) letter(ctx context.Context, address addressDoc, to recipient) (l letter, err error) {
	l.Why = reason(to.item)
	l.address(m.cfg.BaseURL, to.item)
	if l.Name, _, err = m.core.Vault.Reveal(ctx, address.Name); err != nil {
		return l, err
	}
	if c, ok := m.core.Access.Community(to.item.Community); ok {
		l.Community = c.Name
	}
	if to.item.Request == "" || !m.core.Access.SeesRequest(to.person, to.item.Request) {
		return l, nil
	}
	d, _, err := m.titles.Get(ctx, to.item.Request)
	if err != nil {
		return l, err
	}
	l.Title, _, err = m.core.Vault.Reveal(ctx, d.Title)
	return l, err
}

// messageID is the same for every attempt at a delivery.
func (m *mailer) messageID(delivery string) string { return delivery + "@" + m.cfg.domain() }
