//go:build !tiny

package ip

import (
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/difftest"
)

// What iproute2 has and we have not ends as an object does that nobody has, and
// says so in one sentence.
func TestObjectsNotImplemented(t *testing.T) {
	run := func(line string) (code int, errs string) {
		_, g, err := ipTool.parse(difftest.Words(line))
		if err == nil {
			t.Fatalf("%s: no error", line)
		}
		r := newRunner(g, &cli.Out{})
		r.errs = &cli.Out{}
		code = report(r, err)
		return code, string(r.errs.B)
	}
	unknown, text := run("ip no-such-object")
	if want := "Object \"no-such-object\" is unknown, try \"ip help\".\n"; text != want {
		t.Errorf("%q, not %q", text, want)
	}
	n := 0
	for i := range ipTool.objects {
		o := &ipTool.objects[i]
		if o.cmds != nil || o.name == "help" {
			continue
		}
		n++
		for _, line := range []string{"ip " + o.name, "ip -6 " + o.name + " add x", "ip -j " + o.name + " show"} {
			code, text := run(line)
			first, rest, _ := strings.Cut(text, "\n")
			if want := "Object \"" + o.name + "\" is not implemented, try \"ip help\"."; first != want || code != unknown {
				t.Errorf("%s: code %d, %q; not %d, %q", line, code, first, unknown, want)
			}
			if rest != "" && (!strings.HasPrefix(rest, "hint: ") || strings.Count(rest, "\n") != 1) {
				t.Errorf("%s: goes on with %q", line, rest)
			}
		}
		if text := ipTool.usage(0).text; strings.Contains(text, " "+o.name+" ") {
			t.Errorf("%s is not implemented, and in the usage text", o.name)
		}
	}
	if n == 0 {
		t.Skip("all objects are implemented")
	}
}
