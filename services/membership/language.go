package membership

import "golang.org/x/text/language"

// validLanguage reports whether tag is a BCP 47 language tag of a known
// language, such as en, de or pt-BR.
func validLanguage(tag string) bool {
	if len(tag) < 2 || len(tag) > 12 {
		return false
	}
	_, err := language.Parse(tag)
	return err == nil
}
