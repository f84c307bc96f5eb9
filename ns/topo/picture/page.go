package picture

import "strconv"

// page is what a renderer writes. Its methods are not inlined: each would bring
// append's growth along at every one of its calls.
type page struct{ b []byte }

// s appends text as it stands.
//
//go:noinline
func (s *page) s(text string) *page {
	s.b = append(s.b, text...)
	return s
}

// nl ends a line.
//
//go:noinline
func (s *page) nl() *page { return s.s("\n") }

// f appends text with a number in the place of each %.
//
//go:noinline
func (s *page) f(text string, args ...int) *page {
	for i := 0; i < len(text); i++ {
		if text[i] == '%' {
			s.b = strconv.AppendInt(s.b, int64(args[0]), 10)
			args = args[1:]
			continue
		}
		s.b = append(s.b, text[i])
	}
	return s
}

// t appends text as character data, or as the value of an attribute.
//
//go:noinline
func (s *page) t(text string) *page {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '<':
			s.b = append(s.b, "&lt;"...)
		case '>':
			s.b = append(s.b, "&gt;"...)
		case '&':
			s.b = append(s.b, "&amp;"...)
		case '"':
			s.b = append(s.b, "&quot;"...)
		default:
			s.b = append(s.b, c)
		}
	}
	return s
}

//go:noinline
func itoa(n int) string { return strconv.Itoa(n) }
