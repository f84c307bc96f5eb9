package initd

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rawns/ns/nstest"
)

func TestMain(m *testing.M) { nstest.Main(m) }

// A service that keeps ending waits longer each time, up to a minute; one that
// ran for a while begins anew.
func TestRest(t *testing.T) {
	s := &service{pid: 7}
	var got []time.Duration
	for _, ran := range []time.Duration{0, 0, time.Second, longEnough, 0, 0, 0, 0, longEnough + 1, 0} {
		s.rest(ran)
		got = append(got, s.pause/time.Second)
	}
	if want := []time.Duration{1, 2, 4, 8, 16, 32, 60, 60, 1, 2}; !slices.Equal(got, want) || s.pid != 0 {
		t.Errorf("%d", got)
	}
}

func TestModuleName(t *testing.T) {
	for path, want := range map[string]string{
		"kernel/net/a-b/nf-log_x.ko.xz": "nf_log_x", "veth": "veth", "/x/y.ko": "y", "batman-adv.ko.zst:": "batman_adv", "": "",
	} {
		if got := moduleName(path); got != want {
			t.Errorf("%q: %q", path, got)
		}
	}
}

// The first module that cannot be loaded is told: of a module's needs the last.
func TestModuleTree(t *testing.T) {
	nstest.Sandbox(t) // a file that is no module, for the kernel to refuse
	dir := t.TempDir() + "/"
	for name, text := range map[string]string{"b.ko": "no module", "c.ko": "no module", "modules.builtin": "kernel/built-in.ko\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tree := &moduleTree{dir: dir, deps: []byte("kernel/a.ko:\na-x.ko: b.ko c.ko\nb.ko:\n\nmissing.ko.xz: lost.ko\n")}
	for name, want := range map[string]string{
		"a_x":         dir + "c.ko: ",
		"b":           dir + "b.ko: ",
		"missing":     dir + "lost.ko: No such file or directory (ENOENT)",
		"a":           dir + "kernel/a.ko: No such file or directory (ENOENT)",
		"built_in":    "",
		"none":        "none: no such module in " + dir + "modules.dep, which depmod makes",
		dir + "no.ko": dir + "no.ko: No such file or directory (ENOENT)",
	} {
		got := tree.load(name, "")
		if want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// Whatever a file says, it is lines or faults.
func FuzzParse(f *testing.F) {
	f.Add("module a b=1\nmount tmpfs /x\nup\n")
	f.Add("hostname\nrun \"\\x00\"\n\\\nquiet {1..3}\n")
	f.Add("sysctl a=b c\npoweroff now")
	f.Fuzz(func(t *testing.T, text string) {
		c := parse("x", []byte(text))
		for _, l := range c.lines {
			if n := len(l.args); l.word == nil || n < l.min || n > l.max {
				t.Errorf("%+v", l)
			}
		}
		if strings.TrimSpace(text) != "" && !strings.Contains(text, "#") && len(c.lines) == 0 && c.err == nil && strings.Trim(text, " \t\r\n\\\ufeff") != "" {
			t.Errorf("%q: neither lines nor faults", text)
		}
	})
}
