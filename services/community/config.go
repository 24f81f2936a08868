package community

// Config is what a deployment says about the community service.
type Config struct {
	// NoThanks switches thanks off: some organisations want help without them.
	NoThanks bool `help:"Switch thanks off, for organisations that want help without them."`
}
