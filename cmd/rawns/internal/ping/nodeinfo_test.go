//go:build !tiny

package ping

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns"
	"rawns/ns/nstest"
)

// answers are what the responder says, by the subject's name.
var niAnswers = map[string]struct {
	code byte
	data string
}{
	"":        {0, "\x00\x00\x00\x05\x04host\x03lab\x00\x05short\x00\x00\x05other\xc0\x09"},
	"refused": {1, ""},
	"unknown": {2, ""},
	"code":    {7, ""},
	"short":   {0, "\x00\x00"},
	"cut":     {0, "\x00\x00\x00\x05\x04ho"},
	"loop":    {0, "\x00\x00\x00\x05\xc0\x04"},
	"root":    {0, "\x00\x00\x00\x05\x00"},
	"odd":     {0, "\x00\x00\x00\x05\x05a.b\x1b\xff\x00"},
	"two":     {0, "\x00\x00\x00\x05\x0a\x00\x00\x01\x00\x00\x00\x05\x0a\x00\x00\x02"},
	"half":    {0, "\x00\x00\x00\x05\x0a\x00\x00\x01\x00\x00\x00\x05\x0a\x00"},
	"six":     {0, "\x00\x00\x00\x05\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"},
	"type":    {0, "x"},
}

// respond answers queries in n until the test ends, and notes what they were, less
// their nonces.
func respond(t *testing.T, n *ns.NS) *[]string {
	t.Helper()
	var fd int
	err := n.Do(func() (err error) {
		fd, err = unix.Socket(unix.AF_INET6, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_ICMPV6)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var filter unix.ICMPv6Filter
	for i := range filter.Data {
		filter.Data[i] = ^uint32(0)
	}
	filter.Data[niQuery/32] &^= 1 << (niQuery % 32)
	unix.SetsockoptICMPv6Filter(fd, unix.SOL_ICMPV6, unix.ICMPV6_FILTER, &filter)
	unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 100000})
	seen, stop, done := new([]string), make(chan bool), make(chan bool)
	go func() {
		defer close(done)
		for b := make([]byte, 1000); ; {
			select {
			case <-stop:
				return
			default:
			}
			size, from, err := unix.Recvfrom(fd, b, 0)
			if err != nil || size < niHeader {
				continue
			}
			q := string(b[:size])
			*seen = append(*seen, q[:2]+q[4:10]+q[niHeader:])
			subject := ""
			if q[1] == subjectName {
				subject = q[niHeader+1 : niHeader+1+int(q[niHeader])]
			}
			a := niAnswers[subject]
			r := []byte(q[:niHeader])
			r[0], r[1] = niReply, a.code
			switch subject {
			case "two":
				r[7] |= niTruncated
			case "type":
				r[5] = 9
			}
			forged := append([]byte(nil), r...)
			forged[12] ^= 1
			unix.Sendto(fd, append(forged, a.data...), 0, from) // nobody's answer
			unix.Sendto(fd, append(r, a.data...), 0, from)
		}
	}()
	t.Cleanup(func() { close(stop); <-done; unix.Close(fd) })
	return seen
}

func TestParityNodeInformation(t *testing.T) {
	scenes := lo(t, unix.SOCK_DGRAM)
	var seen [2]*[]string
	for i, n := range scenes {
		seen[i] = respond(t, n)
	}
	compare(t, scenes, `
		-c1 -N name ::1
		-c1 -N fqdn ::1
		-c2 -i0.01 -N name -v ::1
		-c1 -N name -q ::1
		-c1 -N name -D -a ::1
		-c2 -N name -f ::1
		-c1 -N name -s 0 ::1
		-c1 -N name -s 2000 ::1
		-c1 -N name -p ff ::1
		-c1 -N name -I lo ::1
		-c1 -N name -I ::1 ::1
		-c1 -N name -e 7 -v ::1
		-c1 -N name 127.0.0.1
		-c1 -4 -N name ::1
		-c1 -N name -6 127.0.0.1
		-c1 -W0.1 -N ipv6 ::1
		-c1 -N ipv6 -N subject-name=six ::1
		-c1 -N ipv6-all -N subject-name=six ::1
		-c1 -N ipv6-compatible -N subject-name=six ::1
		-c1 -N ipv6-linklocal -N subject-name=six ::1
		-c1 -N ipv6-sitelocal -N subject-name=six ::1
		-c1 -N ipv6-global -N ipv6-all -N subject-name=six ::1
		-c1 -N ipv4 -N subject-name=two ::1
		-c1 -N ipv4-all -N subject-name=half ::1
		-c1 -N ipv4 -N subject-ipv4=1.2.3.4 ::1
		-c1 -N name -N subject-ipv6=::5 ::1
		-c1 -N name -N subject-ipv4=1.2.3.4 ::1
		-c1 -N name -N subject-name=refused ::1
		-c1 -N name -N subject-name=unknown ::1
		-c1 -N name -N subject-name=short ::1
		-c1 -N name -N subject-name=cut ::1
		-c1 -N name -N subject-name=root ::1
		-c1 -N name -N subject-name=odd ::1
		-c1 -N name -N subject-name=Refused.lab ::1
		-c1 -N name -N subject-fqdn=refused.lab ::1
		-c1 -N name -N subject-name=refused. ::1
		-c1 -N name -N subject-name=refused%lo ::1
		-c1 -N subject-name=foo ::1
		-c1 -N subject-ipv6=::5 ::1
		-c1 -N name -N subject-name=a..b ::1
		-c1 -N name
		-c1 -N name -N subject-name=foo
		-N
		-N '' ::1
		-N x ::1
		-N NAME ::1
		-N name=x ::1
		-N subject-name ::1
		-N ipv6-x ::1
		-N ipv6-all,ipv4 ::1
		-N help
		-N help ::1
		-N help -N x
		-N x -N help
		-N name -N ipv4 ::1
		-N ipv4 -N ipv4-all -N ipv6 ::1
		-N subject-ipv6=::1 -N subject-ipv4=1.2.3.4 ::1
		-N subject-ipv6=x ::1
		-N subject-ipv4=::1 ::1
		-N subject-ipv6=1.2.3.4 ::1
	`)
	want, got := *seen[0], *seen[1]
	if len(want) < 30 || strings.Join(want, "\n") != strings.Join(got, "\n") {
		t.Errorf("queries differ: %q\nstock: %q", got, want)
	}
	// iputils calls the code by the wrong bytes, and has no name for the type.
	for line, words := range map[string]string{"code": " unknown code(07); seq=1;", "type": " unknown qtype(0x09); seq=1;", "loop": " parse error (truncated); seq=1;"} {
		r := nstest.Exec(t, scenes[1], applet(t), "-c1", "-N", "name", "-N", "subject-name="+line, "::1")
		if r.Code != 0 || !strings.Contains(r.Stdout, words) {
			t.Errorf("%s: %+v", line, r)
		}
	}
}

// No reply makes it fail, and no byte of one steers a terminal.
func FuzzNodeInformation(f *testing.F) {
	for _, a := range niAnswers {
		f.Add(a.code, byte(2), a.data)
		f.Add(a.code, byte(3), a.data)
	}
	f.Fuzz(func(t *testing.T, code, qtype byte, data string) {
		p := append([]byte{niReply, code, 0, 0, 0, qtype, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}, data...)
		o := cli.NewOut(os.NewFile(^uintptr(0), ""))
		niPrint(o, p)
		for _, c := range o.B {
			if c < ' ' || c >= 0x7f {
				t.Fatalf("%q", o.B)
			}
		}
	})
}
