package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rawns/ns/nstest"
)

// completed asks rawns what the last word of a line may be; a line that ends
// in a blank has an empty one.
func completed(t *testing.T, line string) []string {
	t.Helper()
	r := rawns(t, append([]string{"complete-words"}, strings.Split(line, " ")...)...)
	if r.Code != 0 || r.Stderr != "" {
		t.Fatalf("%q: %+v", line, r)
	}
	return strings.Fields(r.Stdout)
}

func TestCompleteWords(t *testing.T) {
	nstest.NewNamed(t, "compl")
	dir := t.TempDir()
	for _, f := range []string{"office.topo", ".hidden", "offices/x", "bad\nname"} {
		os.MkdirAll(filepath.Dir(filepath.Join(dir, f)), 0o755)
		if err := os.WriteFile(filepath.Join(dir, f), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	stock(t, "ip link add br-compl type bridge", "")
	defer stock(t, "ip link del br-compl", "")
	for _, c := range []struct {
		line string
		want string // words that must be there; with "=" before them, all
	}{
		{"ip ad", "address"},
		{"ip -j -n c", "=compl"},
		{"ip --", "="},
		{"ip -js", "=-json"},
		{"ip link se", "=set"},
		{"ip link set ", "dev group up mtu master help"},
		{"ip link set br-c", "=br-compl"},
		{"ip link set br-compl master br-c", "=br-compl"},
		{"ip link set br-compl multicast ", "=off on"},
		{"ip link set br-compl netns co", "=compl"},
		{"ip link add x type br", "bridge"},
		{"ip link add x type bridge vlan_f", "=vlan_filtering"},
		{"ip link show br", "=br-compl"},
		{"ip addr show dev br", "=br-compl"},
		{"ip a add 10.0.0.1/8 dev br", "=br-compl"},
		{"ip addr add 10.0.0.1/8 va", "=valid_lft"},
		{"ip route show ta", "=table"},
		{"ip netns del co", "=compl"},
		{"ip netns exec co", "=compl"},
		{"ip stats show group ", "=afstats link offload xstats xstats_slave"},
		{"ip stats show dev br-compl group xstats subgroup br", "=bridge"},
		{"ip stats show group offload subgroup cpu_hit group xstats subgroup bridge suite ", "=mcast stp"},
		{"ip stats show group link subgroup ", "="},
		{"ip stats show group link de", "=dev"},
		{"ip nosuch ", "="},
		{"rawns explain ", "=ip bridge brctl ifconfig route arp"},
		{"rawns explain --js", "=--json"},
		{"rawns explain --brief ip link se", "=set"},
		{"rawns explain --file " + dir + "/of", "=" + dir + "/office.topo " + dir + "/offices/"},
		{"rawns learn mo", "=move"},
		{"rawns learn --ru", "=--run"},
		{"rawns --trace ip link se", "=set"},
		{"brctl addi", "=addif"},
		{"brctl addif br", "=br-compl"},
		{"ifconfig br", "=br-compl"},
		{"ping -I br", "=br-compl"},
		{"/usr/bin/ip link del", "=delete"},
		{"rawns comp", "=completion"},
		{"rawns completion f", "=fish"},
		{"rawns ip link se", "=set"},
		{"rawns help ip li", "=link"},
		{"rawns fmt --", "=--json"},
		{"rawns fmt -", "=--json -w"},
		{"rawns plan --", "=--json --shell --hex"},
		{"rawns ls --", "=--all --json"},
		{"rawns plan --shell " + dir + "/of", "=" + dir + "/office.topo " + dir + "/offices/"},
		{"rawns up " + dir + "/", "=" + dir + "/office.topo " + dir + "/offices/"},
		{"rawns fmt " + dir + "/.", "=" + dir + "/.hidden"},
		{"rawns fmt " + dir + "/none/", "="},
	} {
		got := completed(t, c.line)
		want, exact := strings.CutPrefix(c.want, "=")
		if exact && !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q: %q", c.line, got)
		}
		for _, w := range strings.Fields(want) {
			if !slices.Contains(got, w) {
				t.Errorf("%q: %q is not in %q", c.line, w, got)
			}
		}
	}
}

// The scripts work in real shells.
func TestCompletionInShells(t *testing.T) {
	nstest.Sandbox(t)
	dir := links(t)
	t.Setenv(asRawns, "1")
	for _, c := range []struct{ shell, ask string }{
		{"bash", `source %; COMP_WORDS=(ip link se); COMP_CWORD=2; _rawns; echo "${COMPREPLY[@]}"; complete -p ip`},
		{"zsh", `compdef() { : }; compadd() { print -r -- "$@" }; source %; words=(ip link se) CURRENT=3 _rawns`},
		{"fish", `source %; complete -C "ip link se"`},
	} {
		t.Run(c.shell, func(t *testing.T) {
			nstest.Need(t, c.shell)
			script := rawns(t, "completion", c.shell)
			if script.Code != 0 {
				t.Fatalf("%+v", script)
			}
			file := filepath.Join(dir, c.shell+".script")
			if err := os.WriteFile(file, []byte(script.Stdout), 0o644); err != nil {
				t.Fatal(err)
			}
			t.Setenv("HOME", dir)
			r := nstest.Exec(t, nil, c.shell, "-c", strings.ReplaceAll(c.ask, "%", file))
			words := strings.Fields(r.Stdout)
			if r.Code != 0 || !slices.Contains(words, "set") || slices.Contains(words, "show") {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestHelpOfApplets(t *testing.T) {
	for _, c := range []struct{ words, want string }{
		{"ip", "OBJECT := {"}, {"ip link", "altname"}, {"ip link bridge", "vlan_filtering"}, {"ip route", "nexthop"}, {"brctl", "addbr"},
		{"ifconfig", "netmask"}, {"ping", "<destination>"}, {"curl", "--max-time"}, {"http_server", "8080"}, {"up", "rawns up"}, {"completion", "fish"},
	} {
		r := rawns(t, append([]string{"help"}, strings.Fields(c.words)...)...)
		if r.Code != 0 || !strings.Contains(r.Stdout, c.want) || r.Stderr != "" {
			t.Errorf("help %s: %+v", c.words, r)
		}
	}
	for _, a := range applets() {
		if r := rawns(t, "help", a.name); r.Code != 0 || r.Stdout == "" {
			t.Errorf("help %s: %+v", a.name, r)
		}
	}
	if r := rawns(t, "help", "ip", "nosuch"); r.Code != 2 || r.Stdout != "" {
		t.Errorf("%+v", r)
	}
}
