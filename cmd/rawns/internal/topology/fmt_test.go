package topology

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns/nstest"
)

const asVerb = "RAWNS_TEST_VERB"

// The test binary is the verb that its first argument names if it is told so.
func TestMain(m *testing.M) {
	if os.Getenv(asVerb) != "" {
		verbs := map[string]cli.Applet{"check": Check, "diff": Diff, "export": Export, "fmt": Fmt, "plan": Plan}
		code := verbs[os.Args[1]](os.Args[1:])
		cli.Stdout.Flush()
		cli.Stderr.Flush()
		os.Exit(code)
	}
	nstest.Main(m)
}

// rawns runs a verb with a text as its standard input.
func rawns(t *testing.T, stdin string, args ...string) nstest.Result {
	t.Helper()
	t.Setenv(asVerb, "1")
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out, errs strings.Builder
	cmd := exec.Command(exe, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return nstest.Result{Stdout: out.String(), Stderr: errs.String(), Code: cmd.ProcessState.ExitCode()}
}

func TestFmt(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ugly := file("ugly.topo", "netns   a  \n\n\n\nveth x   peer a:y")
	const pretty = "netns a\n\nveth x peer a:y\n"
	const asJSON = "{\"rawns\": 1, \"lines\": [\n  {\"netns\": [\"a\"]},\n  {},\n  {\"veth\": \"x\", \"peer\": {\"veth\": \"a:y\"}}\n]}\n"
	long := "netns a; " + strings.Repeat("x", 300)
	for _, c := range []struct {
		stdin    string
		args     string
		code     int
		out, err string
	}{
		{"", "fmt", 0, "vethtest01 master test-bridge peer", ""},
		{"", "fmt " + ugly, 0, pretty, ""},
		{"", "fmt --json " + ugly, 0, asJSON, ""},
		{asJSON, "fmt -", 0, pretty, ""},
		{asJSON, "fmt - --json", 0, asJSON, ""},
		{"", "fmt --help", 0, "addrgenmode MODE", ""},
		{"", "fmt -", 0, "", ""},
		{"nets a", "fmt -", 1, "", "-:1:1: no statement begins with \"nets\"; did you mean \"netns\"?\n    nets a\n    ^\n"},
		{"netns a\n\tveth x\tper y", "fmt -", 1, "", "-:2:9: \"per\" is no word of \"veth\"; did you mean \"peer\"?\n     veth x per y\n            ^\n"},
		{"netns \x1b[31m", "fmt -", 1, "", "-:1:7: a byte that is no text: \\x1b; expected the word in \"quotes\", the byte as \\x1b\n    netns \\x1b[31m\n          ^\n"},
		{"bridge " + long, "fmt -", 1, "", "    bridge netns a; " + strings.Repeat("x", 47) + "...\n                 ^\n"},
		{"netns a\nbridge ä" + strings.Repeat("ö", 80) + ": u", "fmt -", 1, "", "\n    ..." + strings.Repeat("ö", 24) + ": u\n" + strings.Repeat(" ", 4+3+24+2) + "^\n"},
		{"", "fmt " + filepath.Join(dir, "none"), 1, "", "none: No such file or directory\n"},
		{"", "fmt " + dir, 1, "", dir + ": Is a directory\n"},
		{"", "fmt a b", 2, "", `one FILE is enough; "b" is a second one`},
		{"", "fmt --yaml", 2, "", "rawns fmt: \"--yaml\" is no option\nUsage: rawns fmt [--json] [-w] [FILE]\n"},
		{"", "fmt -w", 2, "", "-w needs a FILE to write"},
		{"", "fmt -w -", 2, "", "-w needs a FILE to write"},
		{"", "fmt -- -x", 1, "", "-x: No such file"},
	} {
		r := rawns(t, c.stdin, strings.Fields(c.args)...)
		if r.Code != c.code || !strings.Contains(r.Stdout, c.out) || !strings.Contains(r.Stderr, c.err) || c.err == "" && r.Stderr != "" || c.code != 0 && r.Stdout != "" {
			t.Errorf("rawns %s: code %d\n%s\n%s", c.args, r.Code, r.Stdout, r.Stderr)
		}
	}

	// -w keeps the form, the mode, the owner, and what a link points to.
	js := file("a.json", strings.ReplaceAll(asJSON, " ", ""))
	link := filepath.Join(dir, "link")
	if err := os.Symlink("ugly.topo", link); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{link: pretty, js: asJSON} {
		os.Chown(path, 65534, 65534) // root alone may; without it the owner is we
		before, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if r := rawns(t, "", "fmt", "-w", path); r.Code != 0 || r.Stdout != "" {
			t.Errorf("%+v", r)
		}
		got, err := os.ReadFile(path)
		st, err2 := os.Stat(path)
		if err != nil || err2 != nil || string(got) != want || st.Mode().Perm() != 0o640 {
			t.Errorf("%s: %v, %v, %v, %q", path, err, err2, st.Mode(), got)
		}
		if a, b := before.Sys().(*syscall.Stat_t), st.Sys().(*syscall.Stat_t); a.Uid != b.Uid || a.Gid != b.Gid {
			t.Errorf("%s belonged to %d:%d, now to %d:%d", path, a.Uid, a.Gid, b.Uid, b.Gid)
		}
	}
	if to, err := os.Readlink(link); err != nil || to != "ugly.topo" {
		t.Errorf("the link: %q, %v", to, err)
	}
	bad := file("bad.topo", "netns a\nx\n")
	if r := rawns(t, "", "fmt", "-w", bad); r.Code != 1 {
		t.Errorf("%+v", r)
	}
	if got, _ := os.ReadFile(bad); string(got) != "netns a\nx\n" {
		t.Errorf("a file with a fault was written: %q", got)
	}
	// It does not put a file in the place of something else, such as /dev/null.
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	go func() {
		if err := os.WriteFile(pipe, []byte("netns  a\n"), 0); err != nil {
			t.Error(err)
		}
	}()
	if r := rawns(t, "", "fmt", "-w", pipe); r.Code != 1 || !strings.HasSuffix(r.Stderr, "pipe: it is no regular file\n") {
		t.Errorf("%+v", r)
	}
	if st, err := os.Lstat(pipe); err != nil || st.Mode().Type() != os.ModeNamedPipe {
		t.Errorf("the pipe: %v, %v", st, err)
	}
	if es, _ := os.ReadDir(dir); len(es) != 5 {
		t.Errorf("files left behind: %v", es)
	}
}
