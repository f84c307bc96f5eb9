package explain

import "strconv"

// AppendJSON appends the spans of p as a JSON array of objects: offset, length,
// depth, name, kind, value, and why if there is one.
func AppendJSON(dst, p []byte, o Options) []byte {
	dst = append(dst, '[')
	first := true
	put := func(name string, v int) {
		dst = append(dst, name...)
		dst = strconv.AppendInt(dst, int64(v), 10)
	}
	say := func(name, v string) {
		dst = AppendJSONString(append(dst, name...), v)
	}
	Each(p, o, func(s *Span) bool {
		if first {
			put(`{"offset":`, s.Offset)
		} else {
			put(`,{"offset":`, s.Offset)
		}
		first = false
		put(`,"length":`, s.Length)
		put(`,"depth":`, s.Depth)
		say(`,"name":`, s.Name)
		say(`,"kind":`, s.Kind.String())
		say(`,"value":`, s.Value)
		if s.Why != "" {
			say(`,"why":`, s.Why)
		}
		dst = append(dst, '}')
		return true
	})
	return append(dst, ']')
}

// AppendJSONString appends a string in quotes. It must hold no control characters:
// spans, and what Describe says, have none.
//
//go:noinline
func AppendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}
