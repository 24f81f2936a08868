package library

// Config is what a deployment says about the library.
type Config struct {
	// NoKeeping leaves out what resolved a request.
	NoKeeping bool `help:"Leave out of the library what resolved a request: it has only what people record."`
}
