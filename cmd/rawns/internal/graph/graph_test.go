package graph

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns/nstest"
)

const asVerb = "RAWNS_TEST_VERB"

// The test binary is the applet if it is told so.
func TestMain(m *testing.M) {
	if os.Getenv(asVerb) != "" {
		code := Run(os.Args)
		cli.Stdout.Flush()
		cli.Stderr.Flush()
		os.Exit(code)
	}
	nstest.Main(m)
}

// graph runs the applet with a text as its standard input.
func graph(t *testing.T, stdin string, args ...string) nstest.Result {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out, errs strings.Builder
	cmd := exec.Command(exe, args...)
	cmd.Env = append(os.Environ(), asVerb+"=1", "LC_ALL=C")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return nstest.Result{Stdout: out.String(), Stderr: errs.String(), Code: cmd.ProcessState.ExitCode()}
}

const pair = "topology pair\nnetns a b\nveth a:x addr 10.0.0.1/24 peer b:y down\n"

func TestWords(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pair.topo")
	if err := os.WriteFile(file, []byte(pair), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		stdin, args string
		code        int
		out, err    string
	}{
		{"", "--help", 0, "Usage: rawns graph ", ""},
		{"", file, 0, "pair: 2 namespaces, 1 veth\n+- a -", ""},
		{pair, "-", 0, "o. . . .x y (down)", ""},
		{pair, "--text --unicode -", 0, "╞· · · ·x y (down)", ""},
		{pair, "--unicode --ascii -", 0, "o. . . .x y (down)", ""},
		{pair, "--svg -", 0, "<svg xmlns=", ""},
		{pair, "--mermaid -", 0, "flowchart LR\n", ""},
		{pair, "--dot -", 0, "graph \"pair\" {\n", ""},
		{pair, "--json -", 0, `{"title":"pair",`, ""},
		{"", "-- " + file, 0, "pair: 2 namespaces", ""},
		{"", "--png", 2, "", "rawns graph: \"--png\" is no option\nUsage: rawns graph "},
		{pair, "--svg --dot -", 2, "", "--svg and --dot are two ways to draw"},
		{"", "a b", 2, "", `one FILE is enough; "b" is a second one`},
		{"", "--live", 2, "", "--live needs a FILE"},
		{"", "--all " + file, 2, "", "--all is for what runs now"},
		{"", "/none", 1, "", "rawns graph: /none: No such file or directory\n"},
		{"nets a", "-", 1, "", "-:1:1: no statement begins with \"nets\"; did you mean \"netns\"?\n    nets a\n    ^\n"},
	} {
		r := graph(t, c.stdin, strings.Fields(c.args)...)
		if r.Code != c.code || !strings.Contains(r.Stdout, c.out) || !strings.Contains(r.Stderr, c.err) || c.err == "" && r.Stderr != "" || c.code != 0 && r.Stdout != "" {
			t.Errorf("rawns graph %s: code %d\n%s\n%s", c.args, r.Code, r.Stdout, r.Stderr)
		}
	}
}

// What runs now is drawn as it is: states, ports that do not forward, the other
// ends of links in other namespaces, one without a name among them.
func TestWhatRuns(t *testing.T) {
	nstest.Sandbox(t)
	ip := func(args string) { t.Helper(); nstest.Run(t, nil, append([]string{"ip"}, strings.Fields(args)...)...) }
	ip("netns add web")
	defer ip("netns del web")
	ip("netns add db")
	defer ip("netns del db")
	ip("link add name office type bridge stp_state 1")
	defer ip("link del office")
	ip("addr add 10.0.0.254/24 dev office")
	ip("link set office up")
	for _, n := range []string{"web", "db"} {
		ip("link add v-" + n + " up master office type veth peer name eth0 netns " + n)
	}
	ip("-n web addr add 10.0.0.1/24 dev eth0")
	ip("-n web link set eth0 up")
	ip("-n web route add default via 10.0.0.254")
	ip("link set v-web mtu 9000")
	nameless := nstest.New(t)
	pid := nstest.Background(t, nameless, "sleep", "60")
	ip("link add leak type veth peer name inner")
	ip("link set inner netns /proc/" + strconv.Itoa(pid) + "/ns/net")
	defer ip("link del leak")

	r := graph(t, "")
	for _, want := range []string{
		"(blocked)", "mtu 9000", "=!=!=!=o eth0 10.0.0.1/24", "* default via 10.0.0.254",
		"v-db (no carrier)", "x eth0 (down)", "[office]", "10.0.0.254/24", "its other end was not seen",
	} {
		if r.Code != 0 || r.Stderr != "" || !strings.Contains(r.Stdout, want) {
			t.Errorf("no %q: code %d\n%s\n%s", want, r.Code, r.Stdout, r.Stderr)
		}
	}
	if r := graph(t, "", "--all"); r.Code != 0 || !strings.Contains(r.Stdout, "x inner (down)") || !strings.Contains(r.Stdout, "net:[") {
		t.Errorf("--all: code %d\n%s\n%s", r.Code, r.Stdout, r.Stderr)
	}

	var pic struct {
		Live       bool
		Namespaces []struct {
			Name  string
			Links []struct{ Name, Kind, Status, Master string }
		}
		Wires []struct {
			Kind string
			A, B struct{ Netns, Link string }
		}
	}
	r = graph(t, "", "--json")
	if err := json.Unmarshal([]byte(r.Stdout), &pic); err != nil || !pic.Live || len(pic.Namespaces) != 3 || len(pic.Wires) != 2 {
		t.Errorf("%v: %s", err, r.Stdout)
	}
	r = graph(t, "", "--svg")
	for d := xml.NewDecoder(strings.NewReader(r.Stdout)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v: %s", err, r.Stdout)
		}
	}

	// A file in the state of now.
	r = graph(t, "netns web db new\nbridge office\nveth v-web master office peer web:eth0\nveth v-db master office peer db:eth0\nveth v-new master office peer new:eth0\n", "--live", "-")
	for _, want := range []string{"v-web (blocked)", "v-db (no carrier)", "v-new (missing)", "the namespace is missing"} {
		if r.Code != 0 || !strings.Contains(r.Stdout, want) {
			t.Errorf("--live: no %q: code %d\n%s\n%s", want, r.Code, r.Stdout, r.Stderr)
		}
	}
}

func TestLocale(t *testing.T) {
	for _, c := range []struct {
		all, ctype, lang string
		want             bool
	}{
		{"", "", "", false},
		{"", "", "de_DE.UTF-8", true},
		{"C", "", "de_DE.UTF-8", false},
		{"", "C.utf8", "C", true},
		{"POSIX", "C.utf8", "C.utf8", false},
	} {
		t.Setenv("LC_ALL", c.all)
		t.Setenv("LC_CTYPE", c.ctype)
		t.Setenv("LANG", c.lang)
		if got := utf8Locale(); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
