//go:build !tiny

package ip

import (
	"os"
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/ns/nstest"
)

// netnsScene: red has the number 7 here, and blue is 12 to red.
const netnsScene = `
ip netns add blue
ip netns add red
ip netns set red 7
ip -n red netns set blue 12
`

// netnsState is what stock tools say of names, numbers and mounts. Not of
// numbers without a name: they vanish some time after their namespaces.
const netnsState = `exec 2>&1
/sbin/ip netns; ls -l /run/netns | cut -c1-10; ls -q /run /etc/netns
for n in $(/sbin/ip netns | cut -d' ' -f1); do /sbin/ip -n $n netns; /sbin/ip -n $n -br link; done
sed -n 's|.* \(/run/netns[^ ]*\) [^ ]* \(.*\) - \([^ ]*\) .*|\1 \2 \3|p' /proc/self/mountinfo | sed 's/:[0-9]*/:N/g' | sort`

func netnsLikeStock(t *testing.T, cases []difftest.Case) {
	s := difftest.Suite{Name: "ip", Setup: netnsScene, State: netnsState}
	s.Run(t, cases)
}

// within starts a program that stays in blue until it is killed, and waits
// until it is there; $! is its process.
const within = "ip netns exec blue sh -c ': >/run/ready; exec sleep 60' & " + ready
const ready = "for i in $(seq 200); do [ -e /run/ready ] && break; sleep 0.05; done; "

// long is a name that is too long.
var long = strings.Repeat("x", 300)

func TestNetnsLikeStock(t *testing.T) {
	netnsLikeStock(t, lines(
		// Lists.
		"ip netns", "ip netns list", "ip netns ls", "ip netns lst", "ip netns l", "ip netns s", "ip netns show", "ip netn li", "ip net", "ip netns default",
		"ip -j netns", "ip -p -j netns list", "ip -o netns", "ip -d netns", "ip -n red netns", "ip -n red -j netns", "ip netns list ../x",
		"ip netns list-id", "ip netns list-", "ip -j netns list-id", "ip -j -p netns list-id", "ip -n red netns list-id", "ip -n blue netns list-id",
		"ip netns list-id nsid 7", "ip netns list-id nsid 0x7", "ip -j netns list-id nsid 7", "ip netns list-id nsid 3", "ip netns list-id target-nsid 7",
		"ip -j netns list-id target-nsid 7", "ip netns list-id target-nsid 9", "ip netns set blue 5; ip netns list-id target-nsid 7; ip netns list-id target-nsid 5",
		"ip netns set blue 5; ip netns list-id target-nsid 7 nsid 5; ip -j netns list-id nsid 5 target-nsid 7; ip netns list-id target-nsid 5 nsid 7",
		"ip netns list-id nsid", "ip netns list-id nsid x", "ip netns list-id target-nsid x", "ip netns list-id target-nsid", "ip netns list-id nsid 3 nsid 4",
		"ip netns list-id target-nsid 3 target-nsid 4", "ip netns list-id foo", "ip netns list-id nsid 99999999999", "ip netns list-id a/b",

		// Names come and go.
		"ip netns add green", "ip netns a green", "ip netns add green; ip netns list", "ip netns add blue", "ip netns add",
		"ip netns add -h; ip netns; ip netns del -h", "ip netns add 'two words'; ip netns; ip netns del 'two words'", "ip netns add grün; ip -j netns; ip netns", `ip netns add 'a"\'; ip -j netns`,
		"ip netns add auto; ip netns set auto auto; ip netns",
		"ip netns del blue", "ip netns d red", "ip netns del", "ip netns del nosuch", "ip netns del blue; ip netns del blue", "ip netns del blue; ip netns add blue; ip netns",
		"ip -all netns delete", "ip -a netns del", "ip -all netns del; ip netns; ip -j netns; ip -all netns del", "mkdir /run/netns/dir; ip netns del dir",
		"mkdir /run/netns/dir; ip -all netns del; rmdir /run/netns/dir",
		": >/run/netns/plain; ip netns del plain", ": >/run/netns/plain; ip netns add plain", ": >/run/netns/plain; ip netns list-id; ip netns del plain",
		"ln -s blue /run/netns/link; ip netns; ip netns exec link ip -br link",
		"ip -n blue netns del red", "ip netns foo", "ip netns help", "ip netns h", "ip netns -h", "ip netns list-id help",
		"ip netns attach green $$; ip netns; ip netns identify; ip netns identify $$", "ip netns at green $$", "ip netns attach green 1; ip netns", "ip netns attach green", "ip netns attach", "ip netns attach green 0",
		"ip netns attach green x", "ip netns attach green 4194303999", "ip netns attach green 4194304", "ip netns attach green -5", "ip netns attach blue $$", "ip netns attach a/b $$", "ip netns attach green 0x1; ip netns del green",

		// Numbers.
		"ip netns set blue 3", "ip netns set blue auto", "ip netns set blue auto; ip netns", "ip netns set blue 7", "ip netns set red 8", "ip netns set red 7", "ip netns set nosuch 3", "ip netns set blue", "ip netns set",
		"ip netns set blue -1", "ip netns set blue x", "ip netns set blue 0x10", "ip netns set blue 010", "ip netns set blue 2147483647", "ip netns set blue 2147483648", "ip netns set blue ''", "ip netns se blue 4",
		": >/run/netns/plain; ip netns set plain 4", "ip -n blue netns set red 99", "ip -n blue netns set blue 1; ip -n blue netns",

		// Processes.
		"ip netns pids blue", "ip netns p blue", "ip netns pids", "ip netns pids nosuch", "ip netns pids blue red",
		within+"p=$!; ip netns pids blue | sed s/^$p'$/PID/'; ip netns identify $p; kill $p; wait $p",
		"ip netns identify", "ip netns identify $$", "ip netns id x", "ip netns identify 1 2", "ip netns identify 0", "ip netns identify 99999999", "ip netns identify 1x", "ip netns identify ''",
		"ip netns identify 99999999999999999999999999", "ip -n blue netns identify", "ip netns exec red ip netns identify", "rm -r /run/netns 2>/dev/null; umount -l /run/netns; rm -rf /run/netns; ip netns identify; ip netns; ip -j netns; ip -all netns del",
		"ln /run/netns/nosuch /run/netns/x; ip netns attach green $$; ip netns attach grass $$; ip netns identify $$; ip netns set grass 1; ip netns list-id; ip netns",

		// Programs.
		"ip netns exec", "ip netns exec blue", "ip netns exec nosuch true", "ip netns exec blue foo", "ip netns exec blue ''", "ip netns exec blue /etc/passwd", "ip netns exec blue /etc", "ip netns exec blue /etc/passwd/x",
		"ip netns exec blue true", "ip netns exec blue false", "ip netns exec blue sh -c 'exit 7'", "ip netns exec blue sh -c 'kill -9 $$'", "ip netns e blue ip -br link", "ip netns exec blue /bin/bash -c 'ip -br link; ls /sys/class/net'",
		": >/run/netns/plain; ip netns exec plain true", "ip netns exec blue ip netns exec red ip netns identify", "ip netns exec blue ip netns add green; ip netns", "ip netns exec blue ip netns del red; ip netns",
		"ip netns exec blue ip link add v0 type veth peer name v1 netns red; ip netns exec red ip -br link", "ip -n blue netns exec red ip netns identify", "cd /usr; ip netns exec blue pwd; PATH=/bin ip netns exec blue sh -c 'echo $PATH'",
		"ip netns exec blue sh -c 'echo out; echo err >&2'", "echo in | ip netns exec blue cat", "ip netns exec blue cat </etc/hostname | cmp - /etc/hostname", "ip netns exec blue ls -l /proc/self/fd | wc -l",
		"ip netns exec blue sh -c 'ls /proc/self/fd' | wc -w", "exec 7</dev/null; ip netns exec blue sh -c 'readlink /proc/self/fd/7'", "ip netns exec blue grep -c ' /sys sysfs' /proc/mounts", "ip netns exec blue grep -c ' / .*master' /proc/self/mountinfo",
		"ip netns exec blue sh -c 'mount -t tmpfs x /mnt; touch /mnt/y'; ls /mnt", "ip netns exec blue sh -c 'umask; ulimit -n; ulimit -Hn'", "ulimit -n 77; ip netns exec blue sh -c 'ulimit -n'",
		"ip netns exec blue grep -E '^(SigBlk|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp)' /proc/self/status", "echo 'echo script $*' >/run/s; chmod +x /run/s; ip netns exec blue /run/s a b",
		"(trap '' INT HUP; ip netns exec blue sh -c 'kill -INT $$; kill -HUP $$; echo alive')", "ip netns exec blue sh -c 'kill -INT $$; echo alive'", "ip netns exec blue sh -c 'kill -PIPE $$; echo alive'",
		// The process is the program: whoever signals the one, signals the other.
		`sh -c 'echo $$; exec ip netns exec blue sh -c "echo \$\$"' | uniq | wc -l`, within+"kill -TERM $!; wait $!",
		"ip netns exec blue sh -c 'sleep 60 & trap \"kill $!; exit 9\" TERM; : >/run/ready; wait' & "+ready+"kill -TERM $!; wait $!",
		"ip -all netns exec", "ip -all netns exec echo hi", "ip -all netns exec sh -c 'ip netns identify; exit 3'", "ip -all netns exec foo", "ip -a netns exec ip -br link",
		"ip -all netns exec sh -c 'ls /sys/class/net'", "ip netns del red; ip netns del blue; ip -all netns exec true", "echo in | ip -all netns exec cat",

		// -n
		"ip -n blue -br link", "ip -n nosuch link", "ip -n nosuch netns", "ip -n nosuch netns add x", "ip -netns red netns identify", "ip -n ../x netns", "ip -n a/b netns",
	))
}

// TestNetnsWordsOfOurOwn: where we say more.
func TestNetnsWordsOfOurOwn(t *testing.T) {
	const ignored, hint = "says that a word is ignored", "gives a hint"
	netnsLikeStock(t, []difftest.Case{
		{Line: "ip netns list red", Words: ignored},
		{Line: "ip netns add green yellow", Words: ignored},
		{Line: "ip netns delete blue red", Words: ignored},
		{Line: "ip netns attach green $$ more", Words: ignored},
		{Line: "ip netns set blue 3 4", Words: ignored},
		{Line: "ip -all netns del blue", Words: ignored},
		{Line: "ip netns pids plain", Setup: ": >/run/netns/plain", Words: hint},
		{Line: "ip -all netns exec sh -c 'kill -9 $$'", Words: hint},
		{Line: "ip -n " + long + " netns", Words: "says that the name is too long"},
	})
}

// TestNetnsHostileLikeStock: names that cannot be. Nothing may change, and the
// exit codes are iproute2's.
func TestNetnsHostileLikeStock(t *testing.T) {
	var cases []difftest.Case
	for _, name := range []string{"../x", "a/b", "", ".", "..", "/", "/run/netns/blue", long} {
		for _, command := range []string{"add NAME", "attach NAME $$", "set NAME 3", "del NAME", "identify NAME", "pids NAME", "exec NAME true", "monitor NAME", "list NAME", "list-id NAME", "foo NAME"} {
			cases = append(cases, difftest.Case{Line: "ip netns " + strings.ReplaceAll(command, "NAME", "'"+name+"'")})
		}
	}
	for _, command := range []string{"set NAME 3", "del NAME", "pids NAME", "exec NAME true"} {
		cases = append(cases, difftest.Case{Line: "ip netns " + strings.ReplaceAll(command, "NAME", `"$(printf 'a\033[31m')"`), Words: "ours are escaped"})
	}
	cases = append(cases,
		difftest.Case{Line: `ip netns; ip -j netns`, Setup: `: >"/run/netns/$(printf 'a\033[31m')"`, Words: "ours are escaped"},
		difftest.Case{Line: `ip netns del "$(printf 'a\033[31m')"`, Setup: `ip netns add "$(printf 'a\033[31m')"`},
		difftest.Case{Line: `ip netns exec "$(printf 'a\033[31m')" ip -br link`, Setup: `ip netns add "$(printf 'a\033[31m')"`},
	)
	netnsLikeStock(t, cases)
}

// TestNetnsInterop: what one tool made, the other uses and takes away.
func TestNetnsInterop(t *testing.T) {
	netnsLikeStock(t, lines(
		"ip netns add green; /sbin/ip netns add grass; ip netns; /sbin/ip netns",
		"ip netns add green; /sbin/ip netns exec green /sbin/ip -br link; /sbin/ip -n green link set lo up; ip -n green -br link; /sbin/ip netns set green 3; ip netns; /sbin/ip netns del green",
		"/sbin/ip netns add green; ip netns exec green ip -br link; ip -n green link set lo up; /sbin/ip -n green -br link; ip netns set green 3; /sbin/ip netns; ip netns del green",
		"/sbin/ip netns add green; ip netns add green", "ip netns add green; /sbin/ip netns add green",
		"ip netns attach green $$; /sbin/ip netns identify $$; /sbin/ip netns del green", "/sbin/ip netns attach green $$; ip netns identify $$; ip netns del green",
		"/sbin/ip -all netns del; ip netns add green; /sbin/ip netns del green", "ip -all netns del; /sbin/ip netns add green; ip netns del green",
		"ip -all netns del; umount /run/netns; rmdir /run/netns; ip netns add green; /sbin/ip netns add grass", "ip -all netns del; umount /run/netns; rmdir /run/netns; /sbin/ip netns add green; ip netns add grass",
		// A namespace that a program of the other one is still in.
		within+"/sbin/ip netns del blue; /sbin/ip netns; kill $!; wait $!", "/sbin/"+within+"ip netns del blue; ip netns; kill $!; wait $!",
	))
}

// inOwnRun runs a script in bash, in a namespace of its own with a /run of its
// own, in which ip is this package.
func inOwnRun(t *testing.T, script string) nstest.Result {
	t.Helper()
	nstest.Need(t, "bash", "mount", "ip")
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// What an earlier test mounted on /run/netns would be hidden, but counted.
	const prelude = `umount -l /run/netns 2>/dev/null
mount -t tmpfs run /run && mkdir /run/bin
printf '#!/bin/sh\nRAWNS_TEST_APPLET=1 exec %s "$@"\n' "$0" >/run/bin/ip
chmod +x /run/bin/ip
PATH=/run/bin:$PATH
`
	return nstest.Exec(t, nstest.New(t), "bash", "-c", prelude+script, exe)
}

// TestNetnsAddAtOnce: 32 processes make the first namespaces of the machine at
// the same moment. Without a lock each would mount /run/netns on itself.
func TestNetnsAddAtOnce(t *testing.T) {
	r := inOwnRun(t, `
mkfifo /run/go
for i in $(seq 32); do ( : </run/go; ip netns add n$i || echo "n$i: exit code $?" ) & done
exec 9>/run/go   # lets all go on that wait for it to be opened
wait
ip netns | wc -l
grep -c ' /run/netns ' /proc/self/mountinfo
for i in $(seq 32); do grep -c " /run/netns/n$i " /proc/self/mountinfo; done | uniq -c | tr -s ' '
`)
	if want := "32\n1\n 32 1\n"; r.Stdout != want || r.Stderr != "" {
		t.Errorf("names, mounts of the directory, names and their mounts: %q, want %q\n%s", r.Stdout, want, r.Stderr)
	}
}

// TestNetnsMonitor: lines come when names do, and SIGINT ends it as it ends the
// stock tool.
func TestNetnsMonitor(t *testing.T) {
	r := inOwnRun(t, `
set -m # or else SIGINT would be ignored in the background
ip netns monitor >/run/out &
for i in $(seq 100); do
	[ -d /run/netns ] && : >/run/netns/probe && rm /run/netns/probe
	grep -q probe /run/out && break
	sleep 0.05
done
ip netns add blue
ip netns attach red $$
/sbin/ip netns add green
: >"/run/netns/$(printf 'a\033[31m')"
ip netns add "$(printf 'a\033[32m')" 2>/dev/null
ip netns del blue
ip -all netns del
for i in $(seq 100); do grep -q 'delete red' /run/out && break; sleep 0.05; done
kill -INT $!
wait $!
echo "exit code $?"
grep -v probe /run/out
`)
	head, tail, _ := strings.Cut(r.Stdout, "delete blue\n")
	if want := "exit code 130\nadd blue\nadd red\nadd green\nadd a\\x1b[31m\n"; head != want {
		t.Errorf("%q, want %q\n%s", head, want, r.Stderr)
	}
	for _, name := range []string{"red", "green", `a\x1b[31m`} {
		if !strings.Contains(tail, "delete "+name+"\n") {
			t.Errorf("%s was not deleted: %q", name, tail)
		}
	}
}

// TestNetnsInside: where iproute2 leaves an empty file, because its -n has a
// mount namespace of its own, ours makes the namespace.
func TestNetnsInside(t *testing.T) {
	r := inOwnRun(t, `
ip netns add blue
ip -n blue netns add green
ip -n blue netns attach grass $$
/sbin/ip netns exec green /sbin/ip -br link && /sbin/ip netns identify $$
`)
	if r.Code != 0 || !strings.HasPrefix(r.Stdout, "lo ") || !strings.HasSuffix(r.Stdout, "\ngrass\n") || r.Stderr != "" {
		t.Errorf("%+v", r)
	}
}
