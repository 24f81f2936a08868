package community

// Config is what a deployment decides about communities and requests.
type Config struct {
	// NoThanks switches thanks off: some organisations want help without them.
	NoThanks bool `yaml:"no_thanks"`
}
