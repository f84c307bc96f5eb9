package difftest

import "strings"

// Words cuts a line as a shell does, as far as the tests' lines need it.
func Words(line string) []string {
	var ws []string
	for line = strings.TrimLeft(line, " "); line != ""; line = strings.TrimLeft(line, " ") {
		w := ""
		for line != "" && line[0] != ' ' {
			if line[0] == '\'' {
				in, rest, _ := strings.Cut(line[1:], "'")
				w, line = w+in, rest
				continue
			}
			w, line = w+line[:1], line[1:]
		}
		ws = append(ws, w)
	}
	return ws
}
