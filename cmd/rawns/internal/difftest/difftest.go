// Package difftest compares an applet with the tool that it stands in for: the
// same command line, each in a fresh network namespace of its own with the
// same links in it, and then what both printed, how they ended, and what the
// stock tools say of the kernel's state afterwards.
//
// A test binary is the applet itself when [Helper] is asked first:
//
//	func TestMain(m *testing.M) {
//		difftest.Helper(ip.Run)
//		nstest.Main(m)
//	}
//
//	func TestLinkLikeStock(t *testing.T) {
//		s := difftest.Suite{Name: "ip", Setup: "ip link add br0 type bridge"}
//		s.Run(t, []difftest.Case{{Line: "ip link set br0 up"}})
//	}
package difftest

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns"
	"rawns/ns/nstest"
)

// helperEnv makes a test binary the applet.
const helperEnv = "RAWNS_TEST_APPLET"

// Helper turns the process into the applet, and does not come back, if a Suite
// has started it to be that. TestMain calls it before anything else.
func Helper(run cli.Applet) {
	if os.Getenv(helperEnv) == "" {
		return
	}
	code := run(os.Args)
	cli.Stdout.Flush()
	cli.Stderr.Flush()
	os.Exit(code)
}

// A Suite is what the cases of one test have in common.
type Suite struct {
	Name  string   // of the applet, and of the stock tool
	Tools []string // further ones that the lines and State use, which must be installed
	Setup string   // shell lines that prepare the namespace, run with the stock tools
	State string   // shell lines that print the state; "" is DefaultState
}

// A Case is one command line.
type Case struct {
	Line  string // for a shell, in which Name is the tool under test
	Setup string // after the Suite's
	// Forms are the command lines that Line runs, if they are many: what the
	// parity page lists.
	Forms []string
	// Words says why ours prints other words, on purpose: then only the exit
	// code and the state are compared. It begins with "code:" if the exit code
	// differs, too.
	Words string
}

// DefaultState prints links, addresses and routes, of this and of every named
// namespace.
const DefaultState = `show() { $IP -d -j link; $IP -d -j addr; $IP -d -j route show table all; $IP -d -j -6 route show table all; }
IP="/sbin/ip"; show
for n in $(/sbin/ip netns list | cut -d' ' -f1); do echo "namespace $n"; IP="/sbin/ip -n $n"; show; done`

// script runs a case. It has a mount namespace and a network namespace of its
// own. $1 is the directory with the tool under test, $2 where results go.
const script = `set -e
mount -t tmpfs run /run
echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad 2>/dev/null || true
D=$1 R=$2
%SETUP%
set +e
stock=$PATH
PATH=$D:$PATH
( %LINE%
) >$R/out 2>$R/err </dev/null
echo $? >$R/code
PATH=$stock
{ %STATE%
} >$R/state 2>&1
exit 0`

// result is what one tool did.
type result struct{ code, out, err, state string }

// Run runs every case with both tools, as a subtest that is named after its
// line.
func (s *Suite) Run(t *testing.T, cases []Case) {
	nstest.Sandbox(t)
	nstest.Need(t, append([]string{s.Name, "ip", "sh", "mount"}, s.Tools...)...)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ours, stock := t.TempDir(), t.TempDir()
	// A link would do but for argv[0]'s directory; the wrapper also sets the
	// variable that makes the test binary an applet.
	wrapper := "#!/bin/sh\n" + helperEnv + "=1 exec " + exe + ".applet/" + s.Name + ` "$@"` + "\n"
	wrapper = strings.ReplaceAll(wrapper, exe+".applet", ours+"/bin")
	if err := os.Mkdir(ours+"/bin", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(exe, ours+"/bin/"+s.Name); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(ours+"/"+s.Name, []byte(wrapper), 0o755); err != nil {
		t.Fatal(err)
	}
	tool, err := ns.LookPath(s.Name, os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(tool, stock+"/"+s.Name); err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		name := strconv.Itoa(i) + " " + c.Line
		if len(name) > 80 {
			name = name[:80]
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel() // most of a case is waiting for the kernel to take namespaces down
			defer s.note(t, c)
			var diffs []string
			for range tries {
				want, got := s.run(t, stock, c), s.run(t, ours, c)
				if diffs = compare(c, want, got); diffs == nil {
					return
				}
			}
			for _, d := range diffs {
				t.Error(d)
			}
		})
	}
}

func (s *Suite) run(t *testing.T, dir string, c Case) result {
	t.Helper()
	state := s.State
	if state == "" {
		state = DefaultState
	}
	text := strings.NewReplacer("%SETUP%", s.Setup+"\n"+c.Setup, "%LINE%", c.Line, "%STATE%", state).Replace(script)
	n := nstest.New(t)
	to := t.TempDir()
	nstest.Run(t, n, "timeout", "-k", "5", "300", "sh", "-c", text, "difftest", dir, to)
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(to, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	return result{strings.TrimSpace(read("code")), read("out"), read("err"), read("state")}
}

// tries bounds how often a case that differs is run again. The kernel settles
// some things in its own time (carriers, operational states, duplicate address
// detection), so that even the same tool may leave two pictures of one state; a
// difference that is ours is there every time.
const tries = 5

// compare says what differs.
func compare(c Case, want, got result) (diffs []string) {
	if want.code != got.code && !strings.HasPrefix(c.Words, "code:") {
		diffs = append(diffs, "exit code "+got.code+", stock "+want.code+"\nours:  "+got.err+"stock: "+want.err)
	}
	if w, g := mask(want.state), mask(got.state); w != g {
		diffs = append(diffs, "the state differs:\n"+firstDifference(g, w))
	}
	if c.Words != "" {
		return diffs
	}
	if w, g := mask(want.out), mask(got.out); w != g {
		diffs = append(diffs, "stdout differs:\n"+firstDifference(g, w))
	}
	if w, g := firstLine(want.err), firstLine(got.err); w != g {
		diffs = append(diffs, "stderr begins\n\t"+strconv.Quote(g)+", stock\n\t"+strconv.Quote(w))
	}
	return diffs
}

// firstLine returns the line that scripts may look at. Usage texts are our own
// and made of tables: only that one is printed counts.
func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	if strings.HasPrefix(s, "Usage:") {
		return "Usage:"
	}
	return mask(s)
}

// What differs from run to run: link-layer addresses that the kernel made up,
// and link-local addresses made of them (those of tests begin with 02:00:00),
// seconds that pass, the numbers of namespaces.
//
// They are compiled when they are first used: a helper process never does.
var masks = sync.OnceValue(func() []replacement {
	return []replacement{
		{regexp.MustCompile(`(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b`), "MAC"},
		{regexp.MustCompile(`(permaddr"?:?"? ?"?)[0-9a-f]{1,4}:[0-9a-f]{1,4}:[0-9a-f:]*`), "${1}ADDR"}, // of a tunnel over IPv6
		{regexp.MustCompile(`\b[0-9a-f]{4}\.(?:[0-9a-f]{1,2}:){5}[0-9a-f]{1,2}\b`), "BRIDGEID"},
		{regexp.MustCompile(`fe80::[0-9a-f:]*ff:fe[0-9a-f:]*`), "LINKLOCAL"},
		{regexp.MustCompile(`(_timer"?:?) *[0-9]+\.[0-9]+`), "${1} T"},
		{regexp.MustCompile(`(_life_time":)[0-9]{1,9}\b`), "${1}T"},
		{regexp.MustCompile(`(valid_lft|preferred_lft) [0-9]+sec`), "${1} T"},
		{regexp.MustCompile(`("(?:expires|age)":)[0-9.]+`), "${1}T"},
		{regexp.MustCompile(`(expires) [0-9]+sec`), "${1} T"},
		{regexp.MustCompile(`(, Age )[0-9.]+`), "${1}T"},
		{regexp.MustCompile(`\b((?:idle|unbalanced)_time(?:": ?| ))[0-9.]+`), "${1}T"},
	}
})

type replacement struct {
	re *regexp.Regexp
	by string
}

func mask(s string) string {
	for _, m := range masks() {
		s = m.re.ReplaceAllStringFunc(s, func(found string) string {
			if strings.HasPrefix(found, "02:00:00:") || strings.HasPrefix(found, "ff:ff:") || strings.HasPrefix(found, "00:00:00:00:") {
				return found
			}
			return m.re.ReplaceAllString(found, m.by)
		})
	}
	return s
}

// firstDifference shows both texts around the place where they part; of texts
// with the same number of lines, each line that differs, up to some.
func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	if len(g) == len(w) && len(g) > 4 {
		text, n := "", 0
		for i := range g {
			if g[i] != w[i] {
				if n++; n <= maxShown {
					text += "ours:  " + clip(g[i], w[i]) + "\nstock: " + clip(w[i], g[i]) + "\n"
				}
			}
		}
		if n > maxShown {
			text += strconv.Itoa(n-maxShown) + " more\n"
		}
		return text
	}
	return "ours:  " + clip(got, want) + "\nstock: " + clip(want, got)
}

const maxShown = 40 // lines that differ

// clip quotes s around the place where it parts from other.
func clip(s, other string) string {
	i := 0
	for i < len(s) && i < len(other) && s[i] == other[i] {
		i++
	}
	return strconv.Quote(s[max(0, i-90):min(len(s), i+120)])
}
