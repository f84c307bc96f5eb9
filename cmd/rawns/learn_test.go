package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"rawns/ns/nstest"
)

// A learner types wrong, and then right, commands.
type learner struct {
	lesson string
	wrong  []attempt
	right  string
	layer  string
}

type attempt struct {
	typed string
	// What check must say is missing.
	en, zh string
}

func (a *attempt) says(lang string) string {
	if lang == "zh" {
		return a.zh
	}
	return a.en
}

var learners = []learner{
	{"namespaces", []attempt{
		{"", "There is no namespace blue.", "没有名为 blue 的命名空间。"},
		{"ip netns add blu", "There is no namespace blue.", "没有名为 blue 的命名空间。"},
	}, "ip netns add blue", ""},
	{"veth", []attempt{
		{"ip link add vethtest01 type veth peer name vethtest002", "There is no link vethest002 in the host.", "主机里没有名为 vethest002 的接口。"},
		{"ip link add vethtest01 type veth peer name vethest002 netns blue", "vethest002 is not in the host; it is in namespace blue.", "vethest002 不在主机里，而是在命名空间 blue 里。"},
		{"ip link add vethtest01 type bridge; ip link add vethest002 type bridge", "vethtest01 in the host is of the type bridge; it must be veth.", "主机里的 vethtest01 的类型是 bridge，而应当是 veth。"},
		{"ip link add vethtest01 type veth peer name a; ip link add vethest002 type veth peer name b", "The other end of vethtest01 in the host is a; it must be vethest002.", "主机里的 vethtest01，其另一端是 a，而应当是 vethest002。"},
	}, "ip link add vethest002 up type veth peer name vethtest01", ""},
	{"move", []attempt{
		{"", "vethest002 is not in namespace blue; it is in the host.", "vethest002 不在命名空间 blue 里，而是在主机里。"},
		{"ip link set vethtest01 netns blue; ip link set vethest002 netns blue", "vethtest01 is not in the host; it is in namespace blue.", "vethtest01 不在主机里，而是在命名空间 blue 里。"},
	}, "ip link del vethtest01; ip link add vethtest01 type veth peer name vethest002 netns blue", ""},
	{"addresses", []attempt{
		{"", "vethest002 in namespace blue does not have the address 10.1.1.2/16.", "命名空间 blue 里的 vethest002 没有地址 10.1.1.2/16。"},
		{"ip -n blue addr add 10.1.1.2/16 dev vethest002", "vethest002 in namespace blue is down;", "命名空间 blue 里的 vethest002 没有启用"},
		{"ip -n blue addr add 10.1.1.2/24 dev vethest002", "vethest002 in namespace blue has 10.1.1.2/24; the prefix must be another one: 10.1.1.2/16.", "vethest002 的地址是 10.1.1.2/24，前缀长度不对：应当是 10.1.1.2/16。"},
	}, "ip netns exec blue ifconfig vethest002 10.1.1.2 netmask 255.255.0.0 up", ""},
	{"bridge", []attempt{
		{"", "There is no link test-bridge in the host.", "主机里没有名为 test-bridge 的接口。"},
		{"ip link add name test-bridge type bridge; ip addr add 10.1.2.2/16 dev test-bridge", "test-bridge in the host is down;", "主机里的 test-bridge 没有启用"},
	}, "brctl addbr test-bridge; ip addr add 10.1.2.2/16 dev test-bridge; ip link set test-bridge up", ""},
	{"master", []attempt{
		{"", "vethtest01 is no port of the bridge test-bridge yet", "vethtest01 还不是网桥 test-bridge 的端口"},
		{"ip link add name br9 type bridge; ip link set vethtest01 master br9", "vethtest01 is a port of br9; it must be one of test-bridge.", "vethtest01 是 br9 的端口，而它应当是 test-bridge 的端口。"},
	}, "brctl addif test-bridge vethtest01", ""},
	{"ping", []attempt{
		{"", "vethtest01 in the host is down;", "主机里的 vethtest01 没有启用"},
		{"ip -n blue link set lo up", "vethtest01 in the host is down;", "主机里的 vethtest01 没有启用"},
	}, "ping -c1 -W1 10.1.1.2; rawns doctor --fix . blue: >/dev/null", ""},
	{"server", []attempt{
		{"", "Nobody answers at http://10.1.1.2:8080/ (Connection refused).", "http://10.1.1.2:8080/ 没有应答"},
		{"http_server >/dev/null &", "Nobody answers at http://10.1.1.2:8080/", "http://10.1.1.2:8080/ 没有应答"},
	}, "ip netns exec blue http_server >/dev/null &", ""},
	{"raw", []attempt{
		{"", "vethtest01 is no port", "vethtest01 还不是网桥"},
		{"send 20000000", "vethtest01 is no port", "vethtest01 还不是网桥"},
	}, `i=$(cat /sys/class/net/vethtest01/ifindex) b=$(cat /sys/class/net/test-bridge/ifindex)
send 28000000 1000 0500 00000000 00000000 00 00 0000 $(printf %02x $i)000000 00000000 00000000 0800 0a00 $(printf %02x $b)000000`, ""},
	{"frozen-1", []attempt{
		{"ip addr add 10.2.0.2/32 dev lo", "The address 10.2.0.2 must be one of namespace red, and of nobody else.", "地址 10.2.0.2 必须属于命名空间 red，而且只属于它。"},
		{"ip -n red addr flush dev eth0", "The address 10.2.0.2 must be one of namespace red, and of nobody else.", "地址 10.2.0.2 必须属于命名空间 red，而且只属于它。"},
		{"", "A ping of 10.2.0.2, from the host, is not answered.", "从主机里 ping 10.2.0.2，没有应答。"},
	}, "ifconfig v-red up; ip netns exec red ifconfig eth0 up", "1"},
	{"frozen-2", []attempt{
		{"", "A ping of 10.2.0.2, from namespace green, is not answered.", "从命名空间 green 里 ping 10.2.0.2，没有应答。"},
		{"ip netns del green", "There is no namespace green.", "没有名为 green 的命名空间。"},
		{"ip link set br-a down", "A ping of 10.2.0.2, from namespace green, is not answered.", "从命名空间 green 里 ping 10.2.0.2，没有应答。"},
	}, "ip link add patch-a up master br-a type veth peer name patch-b; ip link set patch-b up master br-b", "2"},
	{"frozen-3", []attempt{
		{"", "A ping of 10.2.0.2, from namespace green, is not answered.", "从命名空间 green 里 ping 10.2.0.2，没有应答。"},
		{"ip -n red neigh flush dev eth0", "A ping of 10.2.0.2, from namespace green, is not answered.", "从命名空间 green 里 ping 10.2.0.2，没有应答。"},
	}, "ip -n red link set eth0 address 02:00:00:00:00:99", "2"},
	{"frozen-4", []attempt{
		{"", "A ping of 10.1.1.2, from the host, is not answered.", "从主机里 ping 10.1.1.2，没有应答。"},
		{"ip link set vethtest01 down; ip link set vethtest01 up", "A ping of 10.1.1.2, from the host, is not answered.", "从主机里 ping 10.1.1.2，没有应答。"},
	}, "ip -n blue route add 10.1.0.0/16 dev vethest002", "3"},
	{"frozen-5", []attempt{
		{"", "A ping of 10.3.2.2, from namespace left, is not answered.", "从命名空间 left 里 ping 10.3.2.2，没有应答。"},
		{"ip -n right route add default via 10.3.2.9", "A ping of 10.3.2.2, from namespace left, is not answered.", "从命名空间 left 里 ping 10.3.2.2，没有应答。"},
	}, "ip -n right route add 10.3.1.0/24 via 10.3.2.1", "3"},
	{"frozen-6", []attempt{
		{"", "A ping of 10.3.2.2, from namespace left, is not answered.", "从命名空间 left 里 ping 10.3.2.2，没有应答。"},
		{"echo 1 >/proc/sys/net/ipv4/ip_forward", "A ping of 10.3.2.2, from namespace left, is not answered.", "从命名空间 left 里 ping 10.3.2.2，没有应答。"},
	}, "ip netns exec router sh -c 'echo 1 >/proc/sys/net/ipv4/conf/all/forwarding'", "3"},
	{"frozen-7", []attempt{
		{"", "A small ping of 10.2.0.2, from namespace green, is answered; one of 1400 bytes is not.", "小包有应答，1400 字节的包没有应答。"},
		{"ip link set v-green mtu 9000", "A small ping of 10.2.0.2, from namespace green, is answered; one of 1400 bytes is not.", "小包有应答，1400 字节的包没有应答。"},
	}, "ip link set v-red mtu 9000", "2"},
	{"frozen-8", []attempt{
		{"ip -n web addr del 10.2.0.2/24 dev eth0; ip -n db addr add 10.2.0.2/24 dev eth0", "The address 10.2.0.2 must be one of namespace web, and of nobody else.", "地址 10.2.0.2 必须属于命名空间 web，而且只属于它。"},
		{"", "Nobody answers at http://10.2.0.2:8080/ (Connection refused).", "http://10.2.0.2:8080/ 没有应答（Connection refused）。"},
	}, "ip netns exec web http_server >/dev/null & sleep 0.1", "7"},
}

// learn runs the course with commands, as one does who has no terminal.
func learnRun(t *testing.T, attr *syscall.SysProcAttr, typed string, args ...string) nstest.Result {
	t.Helper()
	cmd := exec.Command(binary(t), append([]string{"learn"}, args...)...)
	cmd.Env = append(os.Environ(), asRawns+"=1", "LC_ALL=C")
	cmd.Stdin = strings.NewReader(typed)
	cmd.SysProcAttr = attr
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if _, ok := err.(*exec.ExitError); err != nil && !ok {
		t.Error(err)
	}
	return nstest.Result{Stdout: out.String(), Stderr: errs.String(), Code: cmd.ProcessState.ExitCode()}
}

type grades struct {
	Language   string
	Lessons    []grade
	Solved, Of int
}

type grade struct {
	Lesson string
	Solved bool
	Tries  int
	Hints  int
	Shown  bool
	Layer  *bool
}

// Every lesson from its beginning to its end, as a learner would: with mistakes, of
// which check says what is missing; then in a way that works, which is not always
// the one of the solution. In both languages.
func TestLearn(t *testing.T) {
	nstest.Sandbox(t)
	before := hostState(t)
	// Several courses at once: what takes time is to wait for pings that die.
	var wg sync.WaitGroup
	for _, lang := range []string{"en", "zh"} {
		for _, part := range [][]learner{learners[:9], learners[9:11], learners[11:13], learners[13:15], learners[15:]} {
			wg.Add(1)
			go func() {
				defer wg.Done()
				learnAll(t, lang, part)
			}()
		}
	}
	wg.Wait()
	if after := hostState(t); after != before {
		t.Errorf("before\n%safter\n%s", before, after)
	}
}

func learnAll(t *testing.T, lang string, learners []learner) {
	var typed strings.Builder
	say := func(ss ...string) {
		for _, s := range ss {
			typed.WriteString(s + "\n")
		}
	}
	for i, l := range learners {
		for _, w := range l.wrong {
			say(w.typed, "echo; echo @@ "+l.lesson, "check", "echo code $?", "echo @@", "reset")
		}
		if l.layer != "" {
			say("layer " + l.layer + " >/dev/null || echo WRONG LAYER")
		}
		say(l.right, "echo; echo @@ "+l.lesson, "check", "echo code $?", "echo @@")
		if i < len(learners)-1 {
			say("next >/dev/null")
		}
	}
	say("echo; echo GRADE", "grade")
	r := learnRun(t, nil, typed.String(), "--lang", lang, "--run", learners[0].lesson)
	head, tail, _ := strings.Cut(r.Stdout, "\nGRADE\n")
	if r.Code != 0 || strings.Contains(head, "WRONG LAYER") {
		t.Errorf("%s: code %d, %s\n%s", lang, r.Code, r.Stderr, head)
	}
	parts := strings.Split(head, "\n@@ ")[1:]
	for _, l := range learners {
		for i := range len(l.wrong) + 1 {
			if len(parts) == 0 {
				t.Fatalf("%s: too few answers", lang)
			}
			got, _, _ := strings.Cut(parts[0], "\n@@\n")
			parts = parts[1:]
			name, got, _ := strings.Cut(got, "\n")
			switch {
			case name != l.lesson:
				t.Errorf("%s: %s is there, not %s", lang, name, l.lesson)
			case i < len(l.wrong):
				if !strings.Contains(got, l.wrong[i].says(lang)) || !strings.HasSuffix(got, "code 3") {
					t.Errorf("%s, %s: after %q:\n%s\nnot %q", lang, l.lesson, l.wrong[i].typed, got, l.wrong[i].says(lang))
				}
			case !strings.HasSuffix(got, "code 0") || l.layer != "" && !strings.Contains(got, map[string]string{"en": "on layer ", "zh": "故障在第 "}[lang]+l.layer):
				t.Errorf("%s, %s: after %q:\n%s", lang, l.lesson, l.right, got)
			}
		}
	}
	var g grades
	if err := json.NewDecoder(strings.NewReader(tail)).Decode(&g); err != nil {
		t.Fatalf("%s: %v\n%s", lang, err, tail)
	}
	if g.Language != lang || g.Solved != len(learners) || g.Of != len(g.Lessons) {
		t.Errorf("%+v", g)
	}
	for _, l := range learners {
		i := slices.IndexFunc(g.Lessons, func(g grade) bool { return g.Lesson == l.lesson })
		if i < 0 {
			t.Errorf("%s is not in %+v", l.lesson, g)
			continue
		}
		e := g.Lessons[i]
		if !e.Solved || e.Shown || e.Hints != 0 || e.Tries != len(l.wrong)+1 || (e.Layer != nil) != (l.layer != "") || e.Layer != nil && !*e.Layer {
			t.Errorf("%s: %+v", lang, e)
		}
	}
}

// The solutions solve, and are told from the learner's own; all hints are given.
func TestLearnSolve(t *testing.T) {
	nstest.Sandbox(t)
	typed := "next >/dev/null; back >/dev/null\n"
	for _, l := range learners {
		typed += "hint; hint; hint; hint; hint\nsolve || echo NOT-" + l.lesson + "\nlayer 1 >/dev/null\nnext >/dev/null\n"
	}
	file := filepath.Join(t.TempDir(), "grades")
	r := learnRun(t, nil, typed, "--run", "--grade="+file)
	if r.Code != 0 || strings.Contains(r.Stdout, "NOT-") || r.Stderr != "" {
		t.Errorf("%+v", r)
	}
	for _, want := range []string{
		"$ ip netns add blue\n", "$ ip link set vethtest01 up\n", "$ ip netns exec blue http_server", "$ send $(rawns explain --json ip link set vethtest01 master test-bridge",
		"40 bytes were sent; the kernel acknowledged", "$ ip -n red link set eth0 up\n", "Hint 1 of 2:\n", "Hint 2 of 2:\nip netns add blue\n",
	} {
		if !strings.Contains(r.Stdout, want) {
			t.Errorf("%q is not in\n%s", want, r.Stdout)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var g grades
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, e := range g.Lessons {
		if !e.Solved || !e.Shown || e.Tries != 0 || e.Hints < 2 || e.Layer != nil {
			t.Errorf("%+v", e)
		}
	}
	if g.Solved != len(learners) {
		t.Errorf("%+v", g)
	}
}

// The doctor finds, and mends, the faults that keep a ping from being answered.
func TestLearnDoctor(t *testing.T) {
	nstest.Sandbox(t)
	var wg sync.WaitGroup
	for lesson, ends := range map[string]string{
		"ping": ". blue:", "frozen-1": ". red:", "frozen-2": "green: red:", "frozen-3": "green: red:", "frozen-4": ". blue:",
		"frozen-5": "left: right:", "frozen-6": "left: right:", "frozen-7": "green: red:",
	} {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if r := learnRun(t, nil, "rawns doctor --fix "+ends+"\n", "--run", lesson); r.Code != 0 || !strings.Contains(r.Stdout, "BROKEN  ") {
				t.Errorf("%s: %+v", lesson, r)
			}
		}()
	}
	wg.Wait()
}

// What else may be typed; and shells inside namespaces.
func TestLearnCommands(t *testing.T) {
	nstest.Sandbox(t)
	r := learnRun(t, nil, strings.Join([]string{
		"ip link set lo mtu 1500; bytes", "bytes ip link set lo mtu 1400; bytes lesson", "picture; picture goal",
		"send zz; send 10; send 11000000100005000000000000000000", "send 20000000 1000 0500 00000000 00000000 00000000 0f270000 00000000 00000000",
		"lesson nothing; lesson frozen-5; layer; layer 2; layer 9; layer 3; rawns learn move", "layer 3",
		"ip netns exec blue sh -c 'check; rawns learn check; reset; ip -br link'", // a shell inside: what is looked at is the sandbox's
		"lang zh; lang xx; rawns learn --list; rawns learn nothing; list; task; rawns learn --grade; rawns learn help",
	}, "\n"), "--run", "veth")
	if r.Code != 3 { // move is not solved
		t.Errorf("code %d", r.Code)
	}
	all := r.Stdout + r.Stderr
	for _, want := range []string{
		"IFLA_MTU          1500", "IFLA_MTU", "VETH_INFO_PEER", "vethest002",
		`"z" is no hexadecimal digit`, ": a whole message is wanted", "nlmsg_len, the first four bytes, says 17 bytes, but there are 16", "the kernel refused: ",
		`no lesson is called "nothing"`, "== Lesson 14 of 17: frozen: there, and not back ==", "\n  4  the transport layer: TCP, UDP, ports\n", "No: layer 2 is the link layer", "Right. Layer 3 is the network layer",
		"In this lesson no layer is broken on purpose.", "- vethest002 is not in namespace blue; it is in the host.", "The network is as the lesson begins again.",
		"== 第 3 课，共 17 课：移动一端 ==", "课程目录", `"language": "zh"`, `没有名为 "nothing" 的课`, "lang en, lang zh", "还没有完成：",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in\n%s%s", want, r.Stdout, r.Stderr)
		}
	}
	if n := strings.Count(all, "- vethest002 is not in namespace blue; it is in the host."); n != 2 {
		t.Errorf("%d times", n)
	}
}

func TestLearnUsage(t *testing.T) {
	nstest.Sandbox(t)
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--help"}, 0, "Usage: rawns learn"},
		{[]string{"--lang", "zh", "--help"}, 0, "用法：rawns learn"},
		{[]string{"--list"}, 0, " 17  frozen-8   frozen: the silent page\n"},
		{[]string{"--list", "--lang=zh"}, 0, "虚拟以太网对"},
		{[]string{"--lang", "de"}, 2, `"de" is no language of the course: en, zh`},
		{[]string{"--bad"}, 2, `"--bad" is no option`},
		{[]string{"veth", "move"}, 2, `"move" is a second one`},
		{[]string{"nothing"}, 2, `no lesson is called "nothing"`},
		{[]string{"check"}, 1, `"check" is a command of a course, and this is none`},
		{[]string{"reset"}, 1, `"reset" is a command of a course, and this is none`},
		{[]string{"--grade=/nowhere/file", "--run"}, 1, "rawns learn: open /nowhere/file: no such file or directory"},
	} {
		r := learnRun(t, nil, "", c.args...)
		if r.Code != c.code || !strings.Contains(r.Stdout+r.Stderr, c.want) {
			t.Errorf("%q: %+v", c.args, r)
		}
	}
	// A file that says that this is a course, which it is not.
	if err := os.MkdirAll("/run/rawns/learn", 0o755); err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll("/run/rawns/learn")
	if err := os.WriteFile("/run/rawns/learn/state", append([]byte("rawns-learn 1 pid:[1]\n"), make([]byte, 2+17*6)...), 0o600); err != nil {
		t.Fatal(err)
	}
	before := hostState(t)
	if r := rawns(t, "learn", "reset"); r.Code != 1 || hostState(t) != before {
		t.Errorf("%+v", r)
	}
	os.RemoveAll("/run/rawns/learn")
	// Without --run it is the user's own shell.
	t.Setenv("SHELL", "/bin/sh")
	r := learnRun(t, nil, "ip netns add blue; check; exit 5\n", "--grade")
	if r.Code != 0 || !strings.Contains(r.Stdout, "This shell is in a sandbox") || !strings.Contains(r.Stdout, "Solved: 1 of 17 lessons.") || !strings.Contains(r.Stdout, `"lesson": "namespaces", "solved": true, "tries": 1`) {
		t.Errorf("%+v", r)
	}
	if r = learnRun(t, nil, "", "--run"); r.Code != 3 || !strings.Contains(r.Stdout, "There is no namespace blue") {
		t.Errorf("%+v", r)
	}
}

// An ordinary user needs nothing else; where user namespaces are forbidden, one
// sentence says so.
func TestLearnOrdinaryUser(t *testing.T) {
	nstest.Sandbox(t)
	nstest.Need(t, "setpriv")
	ids, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Fields(string(ids))[2] == "1" {
		t.Log("these tests run as an ordinary user, who cannot become another")
		return
	}
	// A program that anybody may start.
	dir, err := os.MkdirTemp("", "learn")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	text, err := os.ReadFile(binary(t))
	if err == nil {
		err = os.Chmod(dir, 0o777)
	}
	exe := filepath.Join(dir, "rawns")
	if err == nil {
		err = os.WriteFile(exe, text, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	run := func(before, typed string, args ...string) nstest.Result {
		t.Helper()
		cmd := exec.Command("sh", append([]string{"-c", before + ` exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"`, "sh", exe, "learn"}, args...)...)
		cmd.Env = append(os.Environ(), asRawns+"=1", "LC_ALL=C")
		cmd.Dir = "/"
		cmd.Stdin = strings.NewReader(typed)
		// A user namespace with all users: only its own limit is set.
		all := []syscall.SysProcIDMap{{ContainerID: 0, HostID: 0, Size: 65536}}
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER, UidMappings: all, GidMappings: all, GidMappingsEnableSetgroups: true}
		var out, errs strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &errs
		if err := cmd.Run(); cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return nstest.Result{Stdout: out.String(), Stderr: errs.String(), Code: cmd.ProcessState.ExitCode()}
	}
	typed := "id -u\nping -c1 -W1 10.1.1.2\ncheck\nip link set vethtest01 up\ncheck\nnext\nip netns exec blue http_server >/dev/null &\ncheck\nlesson frozen-6\nsolve\ngrade\n"
	file := filepath.Join(dir, "grades")
	if r := run("", typed, "--run", "--grade="+file, "ping"); r.Code != 0 || r.Stderr != "" || strings.Count(r.Stdout, `"solved": true`) != 3 || !strings.HasPrefix(r.Stdout, "0\n") {
		t.Errorf("%+v", r)
	}
	if text, err := os.ReadFile(file); err != nil || strings.Count(string(text), `"solved": true`) != 3 || !strings.HasSuffix(string(text), `"solved": 3, "of": 17}`+"\n") {
		t.Errorf("%v\n%s", err, text)
	}
	forbid := "echo 0 >/proc/sys/user/max_user_namespaces;"
	r := run(forbid, "check\n", "--run")
	if r.Code != 1 || r.Stdout != "" || strings.Count(r.Stderr, "\n") != 1 || !strings.HasPrefix(r.Stderr, "rawns learn: ordinary users may not make a sandbox here") {
		t.Errorf("%+v", r)
	}
	if r = run(forbid, "", "--list"); r.Code != 0 { // needs none
		t.Errorf("%+v", r)
	}
}
