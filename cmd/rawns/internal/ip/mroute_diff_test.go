//go:build !tiny

package ip

import (
	"os"
	"testing"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/ns/nstest"
)

// mrouter makes two multicast routes of a family, 4 or 6, and runs a command
// while they last: they end with the socket.
const mrouter = `cat >/run/mrouter <<'END'
import socket,struct,sys,subprocess
from socket import inet_aton,inet_pton,if_nametoindex as idx
if sys.argv[1]=="4":
    s=socket.socket(socket.AF_INET,socket.SOCK_RAW,socket.IPPROTO_IGMP)
    s.setsockopt(0,200,1)
    for i,n in enumerate(["v0","v1"]): s.setsockopt(0,202,struct.pack("=HBBIii",i,8,1,0,idx(n),0))
    for a,g,ttl in ("10.0.0.5","239.1.1.1",3),("10.0.0.6","239.1.2.1",1):
        s.setsockopt(0,204,inet_aton(a)+inet_aton(g)+b"\0\0\0"+bytes([ttl])+bytes(30)+b"\0\0"+bytes(16))
else:
    s=socket.socket(socket.AF_INET6,socket.SOCK_RAW,58)
    s.setsockopt(41,200,1)
    for i,n in enumerate(["v0","v1"]): s.setsockopt(41,202,struct.pack("=HBBHxxI",i,0,1,idx(n),0))
    a6=lambda a: struct.pack("=HHI",10,0,0)+inet_pton(10,a)+bytes(4)
    for a,g,parent in ("fd00::5","ff05::1",0),("fd00::6","ff05::2",1):
        s.setsockopt(41,204,a6(a)+a6(g)+struct.pack("=Hxx",parent)+struct.pack("=8I",2-parent,*[0]*7))
sys.exit(subprocess.call(sys.argv[2:]))
END
`

func TestMrouteLikeStock(t *testing.T) {
	nstest.Need(t, "python3")
	var cases []difftest.Case
	for _, line := range []string{"ip mroute", "ip mroute show", "ip -s mroute list", "ip -j mroute", "ip -j -p -s mroute show", "ip -d mroute", "ip -c mroute", "ip -o -s mroute", "ip mroute show table all", "ip mroute show tab default", "ip mroute show table main",
		"ip mroute show table 0", "ip mroute show table 5", "ip mroute show iif v0", "ip mroute show iif v1", "ip mroute show iif nosuch", "ip -N mroute show table all", "ip -6 mroute"} {
		cases = append(cases, difftest.Case{Line: "python3 /run/mrouter 4 " + line})
	}
	for _, line := range []string{"ip -6 mroute", "ip -6 -s mroute", "ip -6 -j -p mroute", "ip -6 -d mroute", "ip -6 mroute show iif v1", "ip -6 mroute show table main", "ip -6 mroute show table 5", "ip -6 mroute show table all", "ip -6 -o -s mroute"} {
		cases = append(cases, difftest.Case{Line: "python3 /run/mrouter 6 " + line})
	}
	cases = append(cases, lines(
		"ip mroute", "ip -j mroute", "ip -6 mroute", "ip -j -6 mroute", "ip -4 mroute", "ip -0 mroute foo", "ip -0 -j mroute show x", "ip -f mpls mroute", "ip mroute foo", "ip mroute show iif", "ip mroute show table", "ip mroute show table x", "ip mroute show from",
	)...)
	const prefixes = "code: the stock tool takes no prefix at all"
	for _, line := range []string{"4 ip mroute show 239.1.1.1", "4 ip mroute show to 239.1.1/24", "4 ip mroute show from 10.0.0.6", "6 ip -6 mroute show ff05::1/128 from fd00::/16", "4 ip mroute show x", "4 ip mroute show ff05::1"} {
		cases = append(cases, difftest.Case{Line: "python3 /run/mrouter " + line, Words: prefixes})
	}
	for _, line := range []string{"ip mroute help", "ip mroute show help", "ip mroute show table help"} {
		cases = append(cases, difftest.Case{Line: line, Words: "usage is made from the tables"})
	}
	s := difftest.Suite{Name: "ip", Setup: scene + mrouter, State: "true"}
	s.Run(t, cases)
}

// What the stock tool refuses: a prefix chooses among the routes.
func TestMroutePrefixes(t *testing.T) {
	nstest.Need(t, "python3")
	nstest.Sandbox(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ words, want string }{
		{"239.1.1.1", "(10.0.0.5,239.1.1.1)             Iif: v0         Oifs: v1(ttl 3)  State: resolved\n"},
		{"to 239.1.2/24", "(10.0.0.6,239.1.2.1)             Iif: v0         Oifs: v1  State: resolved\n"},
		{"from 10.0.0.5/32 to 239.1.2.1", ""},
	} {
		script := "mount -t tmpfs run /run\n" + scene + mrouter + "ln -s $1 /run/ip; RAWNS_TEST_APPLET=1 exec python3 /run/mrouter 4 /run/ip mroute show " + c.words
		if r := nstest.Exec(t, nstest.New(t), "sh", "-c", script, "test", exe); r.Stdout != c.want || r.Code != 0 {
			t.Errorf("%s: %q %q, not %q", c.words, r.Stdout, r.Stderr, c.want)
		}
	}
}
