package nettools

import (
	"strings"
	"testing"
)

func TestGetopt(t *testing.T) {
	long := []LongOption{{"all", 'a'}, {"verbose", 'v'}, {"version", 'V'}, {"device", 'i'}, {"dev", 'i'}, {"help", 'h'}}
	for line, want := range map[string]string{
		"":                        "|",
		"x y":                     "|x y",
		"-a x -v y":               "a v |x y",
		"-avi e0 x":               "a v i=e0 |x",
		"-ie0 -- -a":              "i=e0 |-a",
		"--dev e0 --device=e1":    "i=e0 i=e1 |",
		"--devi e0 --al":          "i=e0 a |",
		"--de e0":                 "i=e0 |",
		"--ver x":                 "? |x",
		"--verb - x":              "v |- x",
		"--all=3 --nosuch -x":     "? ? ? |",
		"-i":                      "? |",
		"--device":                "? |",
		"-a: -: ":                 "a ? ? |",
		"--device= -i -a":         "i= i=-a |",
		"--":                      "|",
		"--help extra --all -- a": "h a |extra a",
	} {
		var got strings.Builder
		words := Getopt(append([]string{"/usr/sbin/prog"}, strings.Fields(line)...), "avVi:h", long, func(opt byte, arg string) {
			got.WriteByte(opt)
			if opt == 'i' {
				got.WriteString("=" + arg)
			}
			got.WriteByte(' ')
		})
		if s := got.String() + "|" + strings.Join(words, " "); s != want {
			t.Errorf("%s: %q, want %q", line, s, want)
		}
	}
}
