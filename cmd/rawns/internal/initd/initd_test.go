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
	tree := &moduleTree{dir: dir, insert: loadFile, deps: []byte("kernel/a.ko:\na-x.ko: b.ko c.ko\nb.ko:\n\nmissing.ko.xz: lost.ko\n")}
	for name, want := range map[string]string{
		"a_x":         dir + "c.ko: ",
		"b":           dir + "b.ko: ",
		"missing":     dir + "lost.ko: No such file or directory (ENOENT)",
		"a":           dir + "kernel/a.ko: No such file or directory (ENOENT)",
		"built_in":    "",
		"none":        "none: no such module in " + dir + "modules.dep and modules.alias, which depmod makes",
		dir + "no.ko": dir + "no.ko: No such file or directory (ENOENT)",
	} {
		got := tree.load(name, "")
		if want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// What depmod's other lists say: aliases, of which all modules are tried and one is
// enough; soft dependencies before and behind a module, also those of what it needs,
// also in a circle, without which it is loaded all the same.
func TestModuleLists(t *testing.T) {
	dir := t.TempDir() + "/"
	aliases := "# Aliases\nalias crypto-sum one-sum\nalias crypto_sum two_sum\nalias net-pf-77 a\nalias only bad\nalias gone not_here\n"
	if err := os.WriteFile(dir+"modules.alias", []byte(aliases), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"modules.builtin.modinfo", []byte("x.license=GPL\x00x.alias=net-pf-78\x00y.alias=net-pf-7\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string]string{
		"net-pf-78":  "; ",
		"pf-78":      "; pf-78: no such module in " + dir + "modules.dep and modules.alias, which depmod makes",
		"a":          "one-sum.ko two_sum.ko b.ko one-sum.ko a.ko p=1; ",
		"net-pf-77":  "one-sum.ko two_sum.ko b.ko one-sum.ko a.ko p=1; ",
		"crypto-sum": "one-sum.ko p=1 two_sum.ko p=1; ",
		"only":       "bad.ko p=1; refused",
		"gone":       "; gone: no such module in " + dir + "modules.dep and modules.alias, which depmod makes",
		"soft-bad":   "bad.ko soft_bad.ko p=1; ",
		"circle":     "round.ko circle.ko p=1; ",
	} {
		var did []string
		tree := &moduleTree{dir: dir,
			deps: []byte("one-sum.ko:\ntwo_sum.ko:\na.ko: b.ko\nb.ko:\nbad.ko:\nsoft_bad.ko:\ncircle.ko:\nround.ko:\n"),
			soft: []byte("# Soft\nsoftdep b pre: crypto-sum post: one_sum\nsoftdep a one_sum post: not_here pre: nor_this\nsoftdep soft_bad pre: bad\nsoftdep circle pre: round\nsoftdep round pre: circle\n")}
		tree.insert = func(path, params string) string {
			did = append(did, strings.TrimSpace(strings.TrimPrefix(path, dir)+" "+params))
			if strings.HasSuffix(path, "/bad.ko") {
				return "refused"
			}
			return ""
		}
		why := tree.load(what, "p=1")
		if got := strings.Join(did, " ") + "; " + why; got != want {
			t.Errorf("%s:\n got %s\nwant %s", what, got, want)
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
