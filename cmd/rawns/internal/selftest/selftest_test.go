package selftest

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl/rtnl"
	"rawns/ns/nstest"
)

func TestMain(m *testing.M) { nstest.Main(m) }

// What a command says decides what is told of the kernel.
func TestCommand(t *testing.T) {
	for _, c := range []struct {
		config, module string
		code           int
		said           string
		want           string
		json           string
	}{
		{"", "", 0, "noise", "ok x\n", `[{"name":"x","result":"ok"}]`},
		{"VLAN_8021Q", "8021q", 2, "Error: Unknown device type.\nhint: y\n", "no x: CONFIG_VLAN_8021Q, module 8021q\n",
			`[{"name":"x","result":"missing","config":"CONFIG_VLAN_8021Q","module":"8021q"}]`},
		{"Linux 5.3", "", 2, "RTNETLINK answers: Operation not supported", "no x: Linux 5.3\n", `[{"name":"x","result":"missing","config":"Linux 5.3"}]`},
		{"", "", 2, "RTNETLINK answers: Operation not supported", "FAIL x: tool a b: RTNETLINK answers: Operation not supported\n", ""},
		{"VETH", "veth", 2, "Error: strange\x1b[2J.\nmore\n", "FAIL x: tool a b: strange\\x1b[2J.; more\n", `[{"name":"x","result":"failed","why":"tool a b: strange\u001b[2J.; more"}]`},
		{"VETH", "veth", 1, "", "FAIL x: tool a b: no word\n", ""},
	} {
		for _, asJSON := range []bool{false, true} {
			var argv []string
			r := &run{out: cli.NewBuffer(), json: asJSON, find: func(name string) cli.Applet {
				return func(args []string) int {
					argv = append([]string{name}, args...)
					cli.Stderr.S(c.said)
					return c.code
				}
			}}
			r.command("x", c.config, c.module, "tool a  b")
			if !slices.Equal(argv, []string{"tool", "tool", "a", "b"}) {
				t.Errorf("%q", argv)
			}
			want := strings.ReplaceAll(c.want, "a b", "a  b")
			if asJSON {
				want = strings.ReplaceAll(c.json, "a b", "a  b") + "\n"
			} else {
				want += "selftest: "
			}
			code := r.end()
			if got := string(r.out.B); asJSON && c.json != "" && got != want || !asJSON && !strings.HasPrefix(got, want) {
				t.Errorf("got %s\nwant %s", got, want)
			}
			if failed := strings.HasPrefix(c.want, "FAIL"); failed != (code == 1) {
				t.Errorf("%s: exit code %d", c.want, code)
			}
			if asJSON && !json.Valid(r.out.B) {
				t.Errorf("%s", r.out.B)
			}
		}
	}
}

// Each line has its parts, and each kind of link is known.
func TestTables(t *testing.T) {
	nstest.Sandbox(t) // one of them changes a setting
	names := map[string]bool{}
	for line := range strings.Lines(tests[1:]) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "|")
		if len(f) != 4 || f[0] == "" || names[f[0]] || strings.HasPrefix(f[1], "CONFIG_") || f[2] != "" && f[1] == "" {
			t.Errorf("%q", line)
			continue
		}
		names[f[0]] = true
		if f[3] == "" && strings.HasPrefix(f[0], "/") {
			continue
		}
		if f[3] == "" {
			// A name without a test of its own would be taken for a folder.
			if err := try(f[0]); err != nil && strings.Contains(err.Error(), "no such file") {
				t.Errorf("%s: %v", f[0], err)
			}
		}
	}
	last := ""
	for line := range strings.Lines(kinds[1:]) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "|")
		if len(f) != 3 || f[0] <= last {
			t.Errorf("%q", line)
			continue
		}
		last = f[0]
		if config, _ := rtnl.KindOrigin(f[0]); config == "" {
			t.Errorf("nobody knows where links of type %s come from", f[0])
		}
	}
}

func TestCodec(t *testing.T) {
	if err := codec(); err != nil {
		t.Error(err)
	}
	if len(little) != len(big) || little[0] != big[3] || little[0] != byte(len(little)) {
		t.Error("the two byte orders differ in more than that")
	}
}
