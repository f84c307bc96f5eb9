package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rawns/ns/nstest"
)

// pid1 runs "rawns init FILE" as the first process of namespaces, with a standard
// input, and returns init's own lines, and the others. before are words of a command
// that starts it.
func pid1(t *testing.T, path, input string, before ...string) (code int, own, others []string) {
	t.Helper()
	nstest.Sandbox(t)
	nstest.Need(t, "unshare", "mount")
	argv := []string{"unshare", "--pid", "--fork", "--mount", "--net", "--uts", "sh", "-c",
		`mount -t tmpfs run /run; printf %s "$1" >/run/input; shift; export ` + asRawns + `=1; exec "$@" </run/input`, "sh", input}
	r := nstest.Exec(t, nil, append(append(argv, before...), binary(t), "init", path)...)
	took := regexp.MustCompile(` \(\d+ ms\)$`) // what a step says that went well
	for line := range strings.Lines(r.Stdout + r.Stderr) {
		line = strings.TrimSuffix(line, "\n")
		if l, ok := strings.CutPrefix(line, "init: "); ok {
			own = append(own, took.ReplaceAllString(l, ""))
		} else {
			others = append(others, line)
		}
	}
	if len(own) == 0 || !strings.HasPrefix(own[len(own)-1], "end: ") {
		t.Fatalf("the end is missing: %+v", r)
	}
	return r.Code, own, others
}

func initFile(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rawns.init")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// What a process outside sees, pid_namespaces(7): reboot(2) in a pid namespace ends
// its process 1 by SIGHUP for a restart, and by SIGINT for the other ends.
const (
	sawRestart  = 128 + 1
	sawPowerOff = 128 + 2
)

func TestInit(t *testing.T) {
	t.Parallel()
	code, own, others := pid1(t, initFile(t,
		`hostname board # a comment`,
		`sysctl net.ipv4.ip_forward=1`,
		`sysctl net.nothing=1`,
		`mount tmpfs /run/disk size=64k,mode=0700,noexec disk`,
		`mount tmpfs /run/disk`,
		`mount nofs /run/x`,
		`run sh -c "hostname; cat /proc/sys/net/ipv4/ip_forward; grep ' /run/disk ' /proc/self/mounts"`,
		`up`,
		`run ping -q -c 1 10.1.1.2`,
		`run curl -sS 10.1.1.2:8080`,
		`run check`,
		`run sh -c "printf 'a\\tb\\033[2J\\nno newline'; exit 3"`,
		`run /no/such/program`,
		`run sh -c "head -c 1500 /dev/zero | tr '\\0' x; printf 'crlf\\r\\n'; (sleep 1000 &)"`,
		`wrong 1`,
		`hostname a b`,
		`quiet`,
		`run true`,
		`poweroff`), "")
	want := []string{
		"ok lo up", "ok hostname board", "ok sysctl net.ipv4.ip_forward=1",
		`FAIL sysctl net.nothing=1: setting "net.nothing" to "1": no such file or directory`,
		"ok mount tmpfs /run/disk size=64k,mode=0700,noexec disk",
		"FAIL mount nofs /run/x: this kernel has no file system nofs",
		`ok run sh -c hostname; cat /proc/sys/net/ipv4/ip_forward; grep ' /run/disk ' /proc/self/mounts`,
		"ok up", "ok run ping -q -c 1 10.1.1.2", "ok run curl -sS 10.1.1.2:8080", "ok run check",
		`FAIL run sh -c printf 'a\tb\033[2J\nno newline'; exit 3: exit code 3`,
		"FAIL run /no/such/program: No such file or directory (ENOENT)",
		`ok run sh -c head -c 1500 /dev/zero | tr '\0' x; printf 'crlf\r\n'; (sleep 1000 &)`,
	}
	own = slices.DeleteFunc(own, func(l string) bool { return strings.HasPrefix(l, "ok mount proc ") })
	end := own[len(own)-1]
	if own = own[:len(own)-1]; !slices.Equal(own, want) {
		t.Errorf("%q", own)
	}
	// The faults of the file are one more; mounting /proc and true were no line here.
	if !regexp.MustCompile(`^end: 1[12] ok, 5 failed, peak \d+ kB$`).MatchString(end) {
		t.Errorf("%q", end)
	}
	if code != sawPowerOff {
		t.Errorf("%d", code)
	}
	all := strings.Join(others, "\n")
	for _, s := range []string{"sh: board\nsh: 1\nsh: disk /run/disk tmpfs rw,noexec,", "ping: 1 packets transmitted, 1 received",
		"curl: <html><h1>Welcome to my http server!</h1><html>", "check: 1 echo and 1 service answered; no differences.",
		"sh: a\\tb\\x1b[2J\nsh: no newline\n", "sh: " + strings.Repeat("x", 1024) + "\nsh: " + strings.Repeat("x", 1500-1024) + "crlf\n",
		`rawns.init:15:1: no line begins with "wrong"`,
		"rawns.init:16:12: this is not what follows hostname; expected one NAME\n    hostname a b\n               ^"} {
		if !strings.Contains(all, s) {
			t.Errorf("%q is missing in\n%s", s, all)
		}
	}
}

// Services are started again, those of topologies in their namespace, and not when
// the topology is taken down; orphans are waited for.
func TestInitServices(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	topo := topologyFile(t, "web.topo", "netns web\nlink web:lo up addr 127.0.0.1/8\nservice web /bin/sh -c \"readlink /proc/self/ns/net >>"+dir+"/in; sleep 1000\"\n")
	code, own, others := pid1(t, initFile(t,
		`service sh -c "echo here; echo >>`+dir+`/starts"`,
		`up `+topo,
		`run sh -c "until [ $(wc -l <`+dir+`/starts) -ge 2 ]; do sleep 0.05; done"`,
		`run sh -c "until [ -s `+dir+`/in ]; do sleep 0.05; done; pkill -f 'sleep 100[0]'"`,
		`run sh -c "until [ $(wc -l <`+dir+`/in) -ge 2 ]; do sleep 0.05; done; ip netns exec web readlink /proc/self/ns/net >>`+dir+`/in"`,
		`run down web`,
		`run sh -c "(sleep 0.01 & sleep 0.02 &) ; sleep 0.5; ! grep -l '^State:.Z' /proc/[0-9]*/status"`,
		`run sh -c "until grep 'init: .*taken down' /proc/1/fd/1; do sleep 0.05; done"`,
		`poweroff`), "")
	if code != sawPowerOff {
		t.Errorf("%d", code)
	}
	if !strings.Contains(own[len(own)-1], " 0 failed") {
		t.Errorf("%q\n%q", own, others)
	}
	in, _ := os.ReadFile(dir + "/in")
	f := strings.Fields(string(in))
	if len(f) != 3 || f[0] != f[1] || f[0] != f[2] {
		t.Errorf("the service was in %q", f)
	}
	all := strings.Join(own, "\n")
	for _, s := range []string{"service sh ended (exit code 0), and is started again in 1s\n", "service sh ended (exit code 0), and is started again in 2s\n",
		"service web/sh ended (", "service web/sh is not started again: its topology was taken down\n"} {
		if !strings.Contains(all, s) {
			t.Errorf("%q is missing in\n%s", s, all)
		}
	}
	if n := strings.Count(strings.Join(others, "\n"), "sh: here"); n < 2 {
		t.Errorf("%d starts", n)
	}
}

// What will not end is killed, after the others had their time to end by themselves.
func TestInitEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		signal string
		code   int
	}{{"USR2", sawPowerOff}, {"PWR", sawPowerOff}, {"USR1", sawPowerOff}, {"TERM", sawRestart}, {"INT", sawRestart}} {
		stubborn := `run true`
		if c.signal == "USR2" {
			stubborn = `service sh -c "trap '' TERM; while :; do sleep 1; done"`
		}
		code, own, others := pid1(t, initFile(t,
			`service sh -c "trap 'echo told; exit' TERM; echo ready >/run/ready; while :; do sleep 0.05; done"`,
			stubborn,
			`run sh -c "until [ -e /run/ready ]; do sleep 0.05; done; kill -HUP 1; kill -QUIT 1; kill -`+c.signal+` 1; sleep 1000"`,
			`run echo never`), "")
		if code != c.code {
			t.Errorf("%s: %d", c.signal, code)
		}
		all := strings.Join(others, "\n")
		if !strings.Contains(all, "sh: told") || strings.Contains(all, "never") || !strings.Contains(own[len(own)-2], "sleep 1000: broken off") {
			t.Errorf("%s: %q\n%s", c.signal, own, all)
		}
	}
}

// Without a file there is a shell on the console.
func TestInitShell(t *testing.T) {
	t.Parallel()
	code, own, others := pid1(t, "/no/such.init", "echo mended; kill -TERM 1\n")
	if code != sawRestart || !slices.Contains(own, "no line to carry out: a shell, so that somebody may mend it") || !slices.Contains(own, "ok console /bin/sh") {
		t.Errorf("%d %q", code, own)
	}
	if all := strings.Join(others, "\n"); !strings.Contains(all, "/no/such.init: No such file or directory") || !strings.Contains(all, "mended") {
		t.Errorf("%s", all)
	}
}

// What a kernel says to what is no module depends on the kernel, and on who asks.
func TestInitModules(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"plain.ko", "packed.ko.xz"} {
		if err := os.WriteFile(dir+"/"+name, []byte("no module"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list := dir + "/list"
	if err := os.WriteFile(list, []byte("# two\n"+dir+"/plain.ko a=1\n\n"+dir+"/packed.ko.xz\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, own, _ := pid1(t, initFile(t, "module "+dir+"/no.ko", "modules "+list, "module loopback", "poweroff"), "")
	all := strings.Join(own, "\n")
	for _, re := range []string{
		`(?m)^FAIL module .*/no.ko: No such file or directory \(ENOENT\)$`,
		`(?m)^FAIL modules .*/list: .*/plain.ko: [^;]* \((ENOSYS|ENOEXEC|EPERM)\): [^;]*; .*/packed.ko.xz: .* \((ENOSYS|EINVAL|EOPNOTSUPP|ENOEXEC|EPERM)\): .*$`,
		`(?m)^(ok module loopback|FAIL module loopback: loopback: (there is no /lib/modules/.*/modules.dep: depmod makes it|no such module in .*))$`,
	} {
		if !regexp.MustCompile(re).MatchString(all) {
			t.Errorf("%s is missing in\n%s", re, all)
		}
	}
}

// Where reboot(2) is not allowed, a pid namespace just ends.
func TestInitNoReboot(t *testing.T) {
	t.Parallel()
	nstest.Need(t, "setpriv")
	code, own, _ := pid1(t, initFile(t, "poweroff"), "", "setpriv", "--bounding-set", "-sys_boot")
	if code != 0 || !strings.HasPrefix(own[len(own)-1], "end: ") {
		t.Errorf("%d %q", code, own)
	}
}

// The page's example is a file without faults.
func TestInitPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/init.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(page), "\n```init\n")
	text, _, end := strings.Cut(text, "\n```\n")
	if !ok || !end || strings.Count(text, "\n") < 8 {
		t.Fatalf("%q", text)
	}
	if r := rawns(t, "init", "--check", initFile(t, text)); r.Code != 0 || r.Stderr != "" {
		t.Errorf("%+v", r)
	}
}

func TestInitArguments(t *testing.T) {
	good, bad := initFile(t, "module a-b c=1 d", "", "up # article", `run echo "{}"`), initFile(t, "modul a", "mount tmpfs")
	for _, c := range []struct {
		args []string
		code int
		out  string
	}{
		{[]string{"init", "/etc/rawns.init"}, 1, ", not 1: init is the first process of a machine"},
		{[]string{"init", "word"}, 2, `"word" is no file`},
		{[]string{"init", "--check", good}, 0, ""},
		{[]string{"init", "--check", bad}, 1, `:1:1: no line begins with "modul"; did you mean "module"?`},
		{[]string{"init", "--check", bad}, 1, ":2:7: this is not what follows mount; expected TYPE DIR [OPTIONS [SOURCE]]\n    mount tmpfs\n          ^"},
		{[]string{"init", "--check", "/no/such"}, 1, "rawns init: /no/such: No such file or directory"},
	} {
		r := rawns(t, c.args...)
		if r.Code != c.code || !strings.Contains(r.Stderr, c.out) {
			t.Errorf("%q: %+v", c.args, r)
		}
	}
	t.Setenv(asRawns, "1")
	// As /init, with a further word, it is rawns, but for the first process.
	link := t.TempDir() + "/init"
	if err := os.Symlink(binary(t), link); err != nil {
		t.Fatal(err)
	}
	if r := nstest.Exec(t, nil, link, "--version"); r.Code != 0 || !strings.HasPrefix(r.Stdout, "rawns ") {
		t.Errorf("%+v", r)
	}
	if r := nstest.Exec(t, nil, link); r.Code != 1 || !strings.Contains(r.Stderr, ", not 1") {
		t.Errorf("%+v", r)
	}
}
