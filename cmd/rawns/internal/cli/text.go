package cli

// AppendText appends text that came from outside for a terminal, as AppendSafe
// does, but its lines stay lines: line feeds, CR LF and tabs are kept.
func AppendText(dst, text []byte) []byte {
	done := 0
	for i, c := range text {
		if c == '\n' || c == '\t' || c == '\r' && i+1 < len(text) && text[i+1] == '\n' {
			dst = append(AppendSafe(dst, string(text[done:i])), c)
			done = i + 1
		}
	}
	return AppendSafe(dst, string(text[done:]))
}
