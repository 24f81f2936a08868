package text

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Words yields the words of text as they are compared: in lower case and
// Unicode's form NFKC, letters, marks and digits. A dot or comma between digits
// stays (1.5), as do the signs of c++ and c#. Everything else parts words, so
// that node.js is found by "node js" and ORA-00942 by "ora 00942"; but e-mail
// is email. A word of more than 40 letters is cut.
func Words(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		s := appendNormal(nil, text)
		for at := 0; ; {
			var w []byte
			if w, at = nextWord(s, at); w == nil || !yield(string(w)) {
				return
			}
		}
	}
}

// appendNormal appends text in lower case and form NFKC, without what is not
// seen (soft hyphens, joiners), and with the e- of e-mail and its like joined
// to what it is the e- of.
func appendNormal(to []byte, text string) []byte {
	from := len(to)
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			to = append(to, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if r = western(r); r == 0 {
			to = appendAny(to[:from], text)
			break
		}
		to = utf8.AppendRune(to, r)
		i += size
	}
	return joinE(to, from)
}

// western is r in lower case if it is one of the letters and quotes of German,
// Danish and their neighbours, which are in form NFKC by themselves; else 0.
func western(r rune) rune {
	switch {
	case r == '×' || r == '÷':
	case 'À' <= r && r <= 'Þ':
		return r + 'à' - 'À'
	case 'à' <= r && r <= 'ÿ', r == 'ß', r == '§', r == '€', '–' <= r && r <= '—', '‘' <= r && r <= '„':
		return r
	}
	return 0
}

func appendAny(to []byte, text string) []byte {
	from := len(to)
	for _, r := range norm.NFKC.String(text) {
		if !unseen(r) {
			to = utf8.AppendRune(to, unicode.ToLower(r))
		}
	}
	// What was left out, or a capital whose small letter is of another form,
	// may leave what composes.
	if rest := to[from:]; !norm.NFKC.IsNormal(rest) {
		to = append(to[:from], norm.NFKC.Bytes(rest)...)
	}
	return to
}

// unseen reports whether r only says how a word is set: soft hyphen, zero
// width space, joiners, word joiner, byte order mark.
func unseen(r rune) bool {
	switch r {
	case '\u00ad', '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff':
		return true
	}
	return false
}

// joinE takes the hyphen out of e-mail, e-learning, e-rechnung, and the space
// out of "e mail": three spellings of one word. Other words that begin so with
// a space may have an "e" of their own, as in Italian.
func joinE(text []byte, from int) []byte {
	end := from
	for i := from; i < len(text); i++ {
		text[end] = text[i]
		end++
		if text[i] == 'e' && i+1 < len(text) && !isASCIIWord(text[i+1]) && (end-1 == from || !wordBefore(text[from:end-1])) {
			i += gap(text[i+1:])
		}
	}
	return text[:end]
}

// gap is the length of what parts the e from the word that it belongs to.
func gap(rest []byte) int {
	if n := hyphen(rest); n > 0 {
		if r, _ := utf8.DecodeRune(rest[n:]); unicode.IsLetter(r) {
			return n
		}
	}
	for _, w := range [...]string{" mail", " learning", " book", " bike"} {
		if bytes.HasPrefix(rest, []byte(w)) {
			return 1
		}
	}
	return 0
}

// hyphen is the length of the hyphen that text begins with, 0 if with none.
func hyphen(text []byte) int {
	switch r, n := utf8.DecodeRune(text); r {
	case '-', '\u2010', '\u2011', '\u2013':
		return n
	}
	return 0
}

func isASCIIWord(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

func wordBefore(text []byte) bool {
	r, _ := utf8.DecodeLastRune(text)
	return inWord(r)
}

func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return isASCIIWord(byte(r))
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
}

// nextWord returns the first word of text, which appendNormal made, that begins
// at from or later, and where it ends; nil if there is none.
func nextWord(text []byte, from int) (w []byte, end int) {
	start := -1
	for i := from; i < len(text); {
		c := text[i]
		size, word := 1, false
		if c < utf8.RuneSelf {
			word = isASCIIWord(c)
		} else {
			var r rune
			r, size = utf8.DecodeRune(text[i:])
			word = inWord(r)
		}
		switch {
		case word && start < 0:
			start = i
		case !word && start >= 0:
			if (c == '.' || c == ',') && digitAt(text, i-1) && digitAt(text, i+1) {
				break
			}
			end = i + signs(text[start:i], text[i:])
			return cutWord(text[start:end]), end
		}
		i += size
	}
	if start < 0 {
		return nil, len(text)
	}
	return cutWord(text[start:]), len(text)
}

func digitAt(text []byte, i int) bool {
	return i < len(text) && '0' <= text[i] && text[i] <= '9'
}

// signs is how much of rest belongs to w before it: ++ of c++ and g++, # of c#.
func signs(w, rest []byte) int {
	if rest[0] != '+' && rest[0] != '#' {
		return 0
	}
	letter, n := utf8.DecodeRune(w)
	switch {
	case !unicode.IsLetter(letter):
		return 0
	case bytes.HasPrefix(rest, []byte("++")) && len(w) <= 3:
		return 2
	case rest[0] == '#' && n == len(w):
		return 1
	}
	return 0
}

// cutWord is w up to its longest allowed length, and not up to a point.
func cutWord(w []byte) []byte {
	if len(w) <= maxWord {
		return w
	}
	n := 0
	for i := range string(w) {
		if n++; n > maxWord {
			return bytes.TrimRight(w[:i], ".,")
		}
	}
	return w
}

// prose reports whether a line is more than code or an entry of a log, which
// have more than six signs and digits, and more than one for five letters.
func prose(line []byte) bool {
	letters, other := 0, 0
	for _, c := range line {
		switch {
		case 'a' <= c && c <= 'z' || c >= utf8.RuneSelf:
			letters++
		case c > ' ':
			other++
		}
	}
	return other <= 6 || other*5 <= letters
}
