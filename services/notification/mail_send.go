package notification

import (
	"context"
	"errors"
	"strconv"

	"github.com/wneessen/go-mail"

	"kith/pkg/fault"
)

// post is a connection to the SMTP server.
type post struct{ client *mail.Client }

// refusal says that the server will never take the message for this person.
type refusal struct{ code string }

func (r refusal) Error() string { return "notification: mail refused with " + r.code }

// errLater says that the server does not take the message for this person at
// the moment.
var errLater = errors.New("notification: mail not taken at the moment")

// codeAddress stands for an address that is none.
const codeAddress = "address"

// dial connects and logs in. Returns Unavailable: without a server no mail can
// be sent to anybody.
func (m *mailer) dial(ctx context.Context) (*post, error) {
	options := []mail.Option{mail.WithPort(m.cfg.Port), mail.WithHELO(m.cfg.domain())}
	switch m.cfg.TLS {
	case TLSNone:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	case TLSOpportunistic:
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if m.cfg.Username != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.cfg.Username), mail.WithPassword(m.password))
	}
	client, err := mail.NewClient(m.cfg.Host, options...)
	if err == nil {
		err = client.DialWithContext(ctx)
	}
	if err != nil {
		return nil, unavailable(err)
	}
	return &post{client}, nil
}

// close ends the connection; that it may be gone already is no matter.
func (p *post) close() { _ = p.client.Close() }

// send hands a message over. Returns refusal, errLater, or Unavailable.
func (p *post) send(msg *mail.Msg) error {
	err := p.client.Send(msg)
	if err == nil {
		return nil
	}
	sent, ok := errors.AsType[*mail.SendError](err)
	if !ok {
		return unavailable(err)
	}
	code := sent.ErrorCode()
	switch sent.Reason {
	case mail.ErrGetRcpts:
		return refusal{codeAddress}
	case mail.ErrSMTPRcptTo, mail.ErrSMTPData, mail.ErrSMTPDataClose:
		if code >= 500 {
			return refusal{strconv.Itoa(code)}
		}
		if code >= 400 && code != serviceClosing {
			return errLater
		}
	}
	// The connection, the sender, the service: the same for everybody.
	return unavailable(err)
}

// failure is the code that a span shows for an error of send.
func failure(err error) string {
	if err == nil {
		return ""
	}
	if r, never := errors.AsType[refusal](err); never {
		return r.code
	}
	if errors.Is(err, errLater) {
		return "later"
	}
	return string(fault.CodeOf(err))
}

// serviceClosing is the code of a server that goes down (RFC 5321, 4.2.2).
const serviceClosing = 421

func unavailable(err error) error {
	return &fault.Error{Code: fault.Unavailable, Detail: "The mail server cannot be used at the moment.", Err: err}
}
