package cli

import "testing"

func TestSafe(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "a\x1b[31mb": `a\x1b[31mb`, "é": "é", "\xff": `\xff`, "\u0085": `\xc2\x85`, "a\nb\tc\r": `a\nb\tc\r`,
		"\u202egnp": `\xe2\x80\xaegnp`, "\x7f": `\x7f`,
	} {
		if got := Safe(in); got != want {
			t.Errorf("Safe(%q) = %q, want %q", in, got, want)
		}
	}
}
