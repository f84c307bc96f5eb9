package explain

import (
	"encoding/hex"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/nl/explain"
	"rawns/ns/nstest"
)

// sendAll sends messages, a line of hexadecimal digits each, for strace to see.
// None of them is a request, so that the kernel looks at none.
func sendAll(text string) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE)
	if err != nil {
		panic(err)
	}
	for line := range strings.Lines(text) {
		p, err := hex.DecodeString(strings.TrimSpace(line))
		if err != nil {
			panic(err)
		}
		if err := unix.Sendto(fd, p, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
			panic(err)
		}
	}
}

// An oracle's attribute: what strace says of one.
type straced struct {
	n           int
	name, value string
}

// In strace's text "{nla_len=8, nla_type=IFLA_MTU}, 1400]".
var stracedAttr = regexp.MustCompile(`\{nla_len=(\d+), nla_type=([^}]*)\}(?:, ("(?:[^"\\]|\\.)*"(?:\.\.\.)?|[^\[\]{},]+(?:\([^)]*\))?)\])?`)

// Names and numbers against strace's, wherever it decodes a message.
func TestAgainstStrace(t *testing.T) {
	nstest.Need(t, "strace")
	var text strings.Builder
	var gs []golden
	for _, g := range goldens(t) {
		p := append([]byte(nil), g.msg...)
		p[6] &^= unix.NLM_F_REQUEST
		gs = append(gs, golden{g.line, p})
		text.WriteString(hex.EncodeToString(p) + "\n")
	}
	cmd := exec.Command("strace", "-qq", "-f", "-v", "-s", "4096", "-e", "trace=sendto", "-e", "signal=none", os.Args[0])
	cmd.Env = append(os.Environ(), "EXPLAIN_SEND="+text.String())
	var errs strings.Builder
	cmd.Stderr = &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	calls := strings.Split(errs.String(), "sendto(")[1:]
	if len(calls) != len(gs) {
		t.Fatalf("%d calls for %d messages", len(calls), len(gs))
	}
	messages, names, values := 0, 0, 0
	for i, g := range gs {
		if strings.Contains(calls[i], "_??? */") || strings.Contains(calls[i], "data=") || strings.Contains(calls[i], "nlmsg_type=RTM_NEWMDB") || strings.Contains(calls[i], "nlmsg_type=RTM_DELMDB") ||
			strings.Contains(calls[i], "nlmsg_type=RTM_GETNEIGH") && strings.Contains(calls[i], "ifi_family") {
			// It does not know the message, takes it for the kernel's answer, or for
			// the form that requests for a bridge's entries had once.
			continue
		}
		messages++
		var theirs []straced
		for _, m := range stracedAttr.FindAllStringSubmatch(calls[i], -1) {
			n, _ := strconv.Atoi(m[1])
			name := m[2][strings.LastIndexByte(m[2], '|')+1:]
			if strings.HasPrefix(name, "AF_") { // families are numbers of IFLA_AF_SPEC's attributes
				name = "IFLA_" + name
			}
			theirs = append(theirs, straced{n, name, m[3]})
		}
		spans := explain.Spans(g.msg, explain.Options{})
		for j, s := range spans {
			if s.Kind != explain.Attribute || len(theirs) == 0 {
				if s.Depth == 1 && s.Kind != explain.Attribute && s.Name != "" && s.Name != "pad" && s.Kind != explain.Padding && !strings.Contains(calls[i], s.Name+"=") {
					t.Errorf("%s: strace has no %s in %s", g.line, s.Name, calls[i])
				}
				continue
			}
			n, _ := strconv.Atoi(s.Value[:strings.IndexByte(s.Value, ' ')])
			th := theirs[0]
			nameless := strings.HasPrefix(th.name, "0x")
			if th.n != n || th.name != s.Name && !nameless {
				inside := false // of what strace leaves as bytes: its next one comes later
				for _, later := range spans[j+1:] {
					inside = inside || later.Kind == explain.Attribute && later.Name == th.name
				}
				if !inside && !nameless {
					t.Errorf("%s: %s of %d bytes, by strace %s of %d", g.line, s.Name, n, th.name, th.n)
				}
				continue
			}
			theirs = theirs[1:]
			if nameless {
				continue
			}
			names++
			if j+1 == len(spans) || spans[j+1].Name != s.Name || th.value == "" {
				continue
			}
			v, ours := th.value, spans[j+1].Value
			if k := strings.LastIndexAny(v, "( "); k >= 0 && v[0] != '"' { // htons(4789), inet_pton(AF_INET6, "fd00::1")
				v = strings.Trim(v[k+1:], `)"`)
			}
			if strings.Contains(v, `\x`) {
				continue // bytes
			}
			if _, err := strconv.ParseInt(v, 0, 64); err != nil && v[0] != '"' && !strings.ContainsAny(v, ".:") {
				continue // a word
			}
			values++
			if s.Name == "RTA_SPORT" || s.Name == "RTA_DPORT" {
				continue // it takes them for numbers in the host's byte order: net/ipv4/route.c does not
			}
			if !sameValue(v, ours) {
				t.Errorf("%s: %s is %s, by strace %s", g.line, s.Name, ours, th.value)
			}
		}
		if len(theirs) > 0 {
			t.Errorf("%s: strace also has %v in %s", g.line, theirs, calls[i])
		}
	}
	t.Logf("%d messages, %d names, %d values", messages, names, values)
	if messages < 450 || names < 1600 || values < 850 {
		t.Errorf("only %d names and %d values were compared", names, values)
	}
}

// sameValue compares a value as strace prints it with ours.
func sameValue(theirs, ours string) bool {
	theirs = strings.TrimSuffix(theirs, "...")
	if strings.HasPrefix(ours, theirs) || strings.Contains(ours, "("+theirs+")") {
		return true
	}
	n, err := strconv.ParseInt(theirs, 0, 64)
	if err != nil {
		return false
	}
	for _, w := range strings.FieldsFunc(ours, func(r rune) bool { return r == ' ' || r == '(' || r == ')' || r == ',' }) {
		if m, err := strconv.ParseInt(w, 0, 64); err == nil && (m == n || uint32(m) == uint32(n)) {
			return true
		}
	}
	return false
}
