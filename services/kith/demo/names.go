package demo

import "strings"

// firstNames and lastNames are what people are called; each pair can occur more than once.
func firstNames() []string {
	return strings.Fields(`
Anna Lukas Mehmet Sophie Jonas Katarzyna Paul Fatma Maximilian Elif Hannah Piotr Leon Aylin Felix Olena Marie David
Emre Clara Tobias Yasemin Jakob Nadia Moritz Ingrid Stefan Amira Sebastian Zeynep Julia Ahmet Lena Marek Christine
Ivana Matthias Leyla Florian Giulia Andreas Chiara Michael Svetlana Thomas Linh Markus Ngozi Daniel Amina Robert
Beatriz Johannes Esra Martin Dunja Oliver Magdalena Philipp Rukiye Christian Maria Sven Agnieszka Jörg Birgit Uwe
Sabine Günter Ulrike Jürgen Heike Björn Renate Käthe Sinéad François Małgorzata Søren Zoë Jürg Anaïs Kofi Thi Minh
Rana Samir Hüseyin Gülşen Tomáš Ebba Noah Emilia Ben Mila Theo Ida Carlos Priya Wei Hiroshi Adaeze`)
}

func lastNames() []string {
	return strings.Fields(`
Müller Schmidt Yılmaz Schneider Nowak Fischer Kaya Weber Meyer Kowalski Wagner Demir Becker Schulz Petrov Hoffmann
Schäfer Nguyen Koch Bauer Rossi Richter Klein Çelik Wolf Schröder Ivanova Neumann Schwarz Haddad Zimmermann Braun
Krüger Hofmann Hartmann Lange Werner Krause Lehmann Köhler Maier Huber Mayer Herrmann König Walter Peters Fuchs
Lang Scholz Möller Weiß Jung Hahn Vogel Friedrich Keller Günther Berger Winkler Roth Beck Lorenz Baumann Franke
Albrecht Schuster Simon Ludwig Böhm Winter Kraus Martin Schumacher Vogt Stein Jäger Otto Groß Sommer Seidel Heinrich
Brandt Haas Schreiber Graf Dietrich Ziegler Kuhn Kühn Pohl Engel Horn Busch Bergmann Thomas Voigt Sauer Arnold Pfeiffer
Öztürk Şahin Wiśniewski Dvořák Novák Jovanović Okafor Mensah Traoré García Fernández Silva Costa Popescu Kovács
Andersen Lindqvist Bondarenko Shevchenko Rahimi Hosseini Tanaka Sharma Haile Abebe O’Brien`)
}

// mailName writes a name in the letters of a mail address.
func mailName(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z':
			b.WriteRune(r)
		default:
			b.WriteString(latin(r))
		}
	}
	return b.String()
}

// latin spells a letter of the names above as people here spell it in mail
// addresses, "" for what is no letter.
func latin(r rune) string {
	switch r {
	case 'ä':
		return "ae"
	case 'ö', 'ø':
		return "oe"
	case 'ü':
		return "ue"
	case 'ß':
		return "ss"
	case 'á', 'à', 'â', 'ã', 'å':
		return "a"
	case 'é', 'è', 'ê', 'ë':
		return "e"
	case 'í', 'ì', 'ï', 'ı':
		return "i"
	case 'ó', 'ò', 'ô':
		return "o"
	case 'ú', 'ù':
		return "u"
	case 'ç', 'ć', 'č':
		return "c"
	case 'ş', 'ś', 'š':
		return "s"
	case 'ł':
		return "l"
	case 'ñ', 'ń':
		return "n"
	case 'ř':
		return "r"
	case 'ğ':
		return "g"
	}
	return ""
}
