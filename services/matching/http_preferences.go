package matching

import (
	"net/http"

	"github.com/labstack/echo/v4"

	api "kith/api/openapi/matchingapi"
	"kith/pkg/es"
	"kith/pkg/rest"
)

// ReadHelperPreferences answers how often the caller wants to be proposed.
func (s *service) ReadHelperPreferences(c echo.Context, _ api.ReadHelperPreferencesParams) error {
	w, ok, err := s.wishes.Get(c.Request().Context(), rest.Caller(c))
	if err != nil {
		return err
	}
	if !ok {
		w.Cap = s.cfg.Cap
	}
	rest.SetETag(c, w.Version)
	return c.JSON(http.StatusOK, api.HelperPreferences{OptOut: w.OptOut, Cap: w.Cap})
}

// ChangeHelperPreferences replaces what the caller has read.
func (s *service) ChangeHelperPreferences(c echo.Context, _ api.ChangeHelperPreferencesParams) error {
	var in api.HelperPreferences
	if err := rest.Decode(c, &in); err != nil {
		return err
	}
	version, err := rest.IfMatch(c)
	if err != nil {
		return err
	}
	m, err := s.core.Command(c)
	if err != nil {
		return err
	}
	after := version + 1 // also of a command that is repeated
	seq, err := s.helpers.Execute(c.Request().Context(), rest.Caller(c), m, func(w helper) (es.Event, error) {
		e, err := w.Change(in.OptOut, in.Cap, version)
		after = w.Version
		if e != nil {
			after++
		}
		return e, err
	})
	if err != nil {
		return err
	}
	rest.SetETag(c, after)
	return rest.Done(c, seq, http.StatusOK, api.Done{Seq: seq})
}
