package audit

import (
	"fmt"
	"net/http"
	"sync"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/auditapi"
	"kith/pkg/es"
	"kith/pkg/fault"
	"kith/pkg/rest"
	"kith/services/audit/mydata"
)

// GiveMyConsent records the caller's consent to have their data put together.
func (s *service) GiveMyConsent(c echo.Context, _ api.GiveMyConsentParams) error {
	var in api.NewConsent
	if err := rest.Decode(c, &in); err != nil { // the document knows one purpose and one scope
		return err
	}
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	ctx, person := c.Request().Context(), rest.Caller(c)
	seq, err := s.consents.Execute(ctx, person, m, func(g consent) (es.Event, error) {
		if err := s.active(person); err != nil {
			return nil, err
		}
		return g.Give(person, m.Actor, s.core.Now())
	})
	if err != nil {
		return err
	}
	given, _, err := s.consents.Load(ctx, person)
	if err != nil {
		return err
	}
	return rest.Done(c, seq, http.StatusCreated, api.GivenConsent{Until: given.until, Seq: seq})
}

// GetMyConsent answers whether the caller's data may be put together.
func (s *service) GetMyConsent(c echo.Context, _ api.GetMyConsentParams) error {
	given, _, err := s.consents.Load(c.Request().Context(), rest.Caller(c))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, api.MyConsent{Valid: given.holds(s.core.Now()), Until: rest.Optional(given.until)})
}

// GetMyData answers everything that the log has about the caller.
func (s *service) GetMyData(c echo.Context, _ api.GetMyDataParams) error {
	ctx, person := c.Request().Context(), rest.Caller(c)
	given, _, err := s.consents.Load(ctx, person)
	if err != nil {
		return err
	}
	now := s.core.Now()
	if err := given.needed(now); err != nil {
		return err
	}
	leave, err := s.desk.enter(person)
	if err != nil {
		return err
	}
	defer leave()
	through, err := s.core.Events.Last(ctx)
	if err != nil {
		return err
	}
	// What the person may see is judged on no less than what is read.
	if err := s.core.Follower.Wait(ctx, through); err != nil {
		return err
	}
	found, err := mydata.Collect(ctx, mydata.World{Log: s.core.Events, Range: s.log, Access: s.core.Access, Vault: s.core.Vault}, person, through)
	if err != nil {
		return fmt.Errorf("audit: the data of a person: %w", err)
	}
	if err := s.active(person); err != nil { // reading the log takes a while
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "application/zip")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="kith-my-data.zip"`)
	c.Response().WriteHeader(http.StatusOK)
	// From here on an error can only cut the answer off, and an archive without
	// its end does not open.
	if err := found.Write(ctx, c.Response(), now); err != nil {
		return fmt.Errorf("audit: the data of a person: %w", err)
	}
	return nil
}

// active returns Forbidden for people who were deactivated or erased.
func (s *service) active(person string) error {
	if s.core.Access.Active(person) {
		return nil
	}
	return fault.New(fault.Forbidden, "Only active people of the organisation may do this.")
}

// maxArchives is how many archives are put together at a time. Each reads the
// whole log, which takes a processor for seconds.
const maxArchives = 2

// desk lets in who has their data put together: a person once at a time, and no
// more than maxArchives of all.
type desk struct {
	mu   sync.Mutex
	busy map[string]bool
}

// enter returns TooMany where there is no room, else what to call at the end.
func (d *desk) enter(person string) (leave func(), err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.busy[person]:
		return nil, fault.New(fault.TooMany, "Your data is being put together for you already. Wait for that, or repeat this when it has ended.")
	case len(d.busy) >= maxArchives:
		return nil, fault.New(fault.TooMany, "The data of others is being put together. Repeat this in a few seconds.")
	case d.busy == nil:
		d.busy = map[string]bool{}
	}
	d.busy[person] = true
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.busy, person)
	}, nil
}
