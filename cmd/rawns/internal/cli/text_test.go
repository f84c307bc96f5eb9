package cli

import "testing"

func TestAppendText(t *testing.T) {
	for in, want := range map[string]string{
		"":                           "",
		"GET / HTTP/1.1\r\nA: b\r\n": "GET / HTTP/1.1\r\nA: b\r\n",
		"a\tb\n\nc":                  "a\tb\n\nc",
		"a\rb":                       `a\rb`,
		"end\r":                      `end\r`,
		"\x1b[2J\n\x1b]0;x\a":        "\\x1b[2J\n\\x1b]0;x\\x07",
		"é\n\xff\x9b":                "é\n\\xff\\x9b",
	} {
		if got := string(AppendText(nil, []byte(in))); got != want {
			t.Errorf("AppendText(%q) = %q, want %q", in, got, want)
		}
	}
}
