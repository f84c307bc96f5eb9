package topo_test

import (
	"slices"
	"strings"
	"testing"

	"rawns/ns/topo"
)

func TestReadLines(t *testing.T) {
	l := topo.ReadLines("x", []byte("# none\n\nmodule veth \"a b\" \\\n  c # d\nbad \"open\nrange {1..2}\nbraces \"{1..2}\" # e\n\ttail"))
	var got []string
	for words := l.Next(); words != nil; words = l.Next() {
		var s []string
		for _, w := range words {
			s = append(s, w.Text)
		}
		got = append(got, strings.Join(s, "|"))
		if words[0].Text == "braces" {
			l.Wrong(words[0], "no", "yes")
			l.Unknown(words[0], func(i int) string { return [...]string{"brace", "other", ""}[i] })
		}
	}
	if want := []string{"module|veth|a b|c", "braces|{1..2}", "tail"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	const want = "x:5:5: a quote that is not closed on its line; expected a \" at the end of the word\n" +
		"x:6:7: a range: there are none here; expected the word in \"quotes\"\n" +
		"x:7:1: no; expected yes\n" +
		"x:7:1: no line begins with \"braces\"; did you mean \"brace\"?"
	if err := l.Err(); err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
	if l := topo.ReadLines("x", nil); l.Next() != nil || l.Err() != nil {
		t.Error("lines of nothing")
	}
}
