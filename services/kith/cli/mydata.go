package cli

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"

	api "kith/api/openapi/auditapi"
	"kith/services/kith/client"
)

// MyData takes along everything that Kith has about whoever asks.
type MyData struct {
	Remote
	Out string `required:"" type:"path" help:"File to write, a ZIP with my-data.html to read and my-data.json for programs."`
}

// Run implements the command.
func (m *MyData) Run(ctx context.Context) error {
	if m.Token == "" && m.As == "" {
		return errors.New("say whose data it is: --token with your own token, or --as LOGIN at the development issuer")
	}
	c, err := m.client(ctx, "")
	if err != nil {
		return err
	}
	if err := consent(ctx, c); err != nil {
		return err
	}
	n, err := download(ctx, c, "/api/audit/me/data", m.Out, opens)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d bytes. Open my-data.html in it; keep the file as you would keep a diary.\n", m.Out, n)
	return nil
}

// consent gives the person's consent unless one holds.
func consent(ctx context.Context, c *client.Client) error {
	var have api.MyConsent
	if err := c.Get(ctx, "/api/audit/me/consent", &have); err != nil || have.Valid {
		return err
	}
	var given api.GivenConsent
	if err := c.Post(ctx, "/api/audit/me/consent", api.NewConsent{
		Purpose: api.NewConsentPurposeOwnCopy, Scope: api.NewConsentScopeEverything,
	}, &given); err != nil {
		return err
	}
	fmt.Printf("Your consent to have your data put together is in the log, at %d, and holds until %s.\n", given.Seq, given.Until.Local().Format("2006-01-02 15:04"))
	return nil
}

// opens returns an error unless the file is a whole archive.
func opens(file string) error {
	z, err := zip.OpenReader(file)
	if err != nil {
		return errors.New("the answer broke off before its end; try again")
	}
	return z.Close()
}
