package explain

import "strconv"

// AppendJSON appends the spans of p as a JSON array of objects: offset, length,
// depth, name, kind, value, and why if there is one.
func AppendJSON(dst, p []byte, o Options) []byte {
	dst = append(dst, '[')
	first := true
	Each(p, o, func(s *Span) bool {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, `{"offset":`...)
		dst = strconv.AppendInt(dst, int64(s.Offset), 10)
		dst = append(dst, `,"length":`...)
		dst = strconv.AppendInt(dst, int64(s.Length), 10)
		dst = append(dst, `,"depth":`...)
		dst = strconv.AppendInt(dst, int64(s.Depth), 10)
		dst = append(dst, `,"name":`...)
		dst = AppendJSONString(dst, s.Name)
		dst = append(dst, `,"kind":`...)
		dst = AppendJSONString(dst, s.Kind.String())
		dst = append(dst, `,"value":`...)
		dst = AppendJSONString(dst, s.Value)
		if s.Why != "" {
			dst = append(dst, `,"why":`...)
			dst = AppendJSONString(dst, s.Why)
		}
		dst = append(dst, '}')
		return true
	})
	return append(dst, ']')
}

// AppendJSONString appends a string in quotes. It must hold no control characters:
// spans
// and what Describe says have none.
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
