// Dumps measures how long lists take: many links and many routes, by commands and by programs
// that use packages.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/bench/measure"
	"rawns/nl"
	"rawns/nl/rtnl"
)

const how = `10,000 links (ifb) and up to a million IPv4 routes, in a network namespace made for that, are listed by whole
processes. Output goes to /dev/null. Nothing is pinned: rawns' ip writes a list on one CPU while it reads on the other, which the
CPU time shows.

As commands: rawns' "ip", iproute2's, busybox's (which knows no JSON). As packages: small programs in bench/dumps, one for each
package, that list, read three fields of each entry, and add them up; all must come to the same sum. The **floor** is a C program (bench/c/floor.c)
that sends the request for links that rawns sends, reads the answer, and looks at nothing.
vishvananda/netlink's lists are whole in memory; for routes it has a function that passes them on one by one, too (RouteListFilteredIter).
jsimonetti/rtnetlink has no way to ask for one link by its name, and so lists all.

Aims on memory compare a million routes with 100,000.`

// sizes of what is listed
var links, few, many = 10000, 100000, 1000000

func main() {
	p := measure.Begin("dumps", "Long lists", how)
	p.Exit(run(p))
}

// Names of peers.
const (
	rawns       = "rawns"
	iproute2    = "iproute2"
	busybox     = "busybox"
	vishvananda = "vishvananda/netlink"
	iterated    = "vishvananda/netlink, one by one"
	jsimonetti  = "jsimonetti/rtnetlink"
)

func run(p *measure.Part) error {
	if p.Quick() {
		links, few, many = 10, 20, 40
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ip, stock, err := p.IP(dir)
	if err != nil {
		return err
	}
	p.Facts.Ask(busybox, "busybox")
	p.Facts.Modules(measure.Beside("dump-vishvananda"), "github.com/vishvananda/netlink")
	p.Facts.Modules(measure.Beside("dump-jsimonetti"), "github.com/mdlayher/netlink", "github.com/jsimonetti/rtnetlink/v2")

	command := func(name string, words ...string) measure.Peer {
		return measure.Peer{Name: name, Run: measure.Command{Args: words}.Run}
	}
	// commands are those that take the same arguments.
	commands := func(line string) []measure.Peer {
		args := strings.Fields(line)
		all := []measure.Peer{command(rawns, append([]string{ip}, args...)...), command(iproute2, append([]string{stock}, args...)...)}
		if !strings.Contains(line, "-j") {
			p := command(busybox, append([]string{"busybox", "ip"}, args...)...)
			if strings.Contains(line, "link") {
				p.Turns = 3 // it takes a second and more
			}
			all = append(all, p)
		}
		return all
	}
	packages := func(args ...string) []measure.Peer {
		all := []measure.Peer{command(rawns, append([]string{measure.Beside("dump-rawns")}, args...)...),
			command(vishvananda, append([]string{measure.Beside("dump-vishvananda")}, args...)...),
			command(jsimonetti, append([]string{measure.Beside("dump-jsimonetti")}, args...)...)}
		if args[0] == "routes" {
			all = append(all, command(iterated, measure.Beside("dump-vishvananda"), "routes-iterated"))
		}
		return all
	}
	// withFloor adds the program that sends a request for a list, and nothing else.
	withFloor := func(peers []measure.Peer, h rtnl.IfInfomsg, mask uint32) []measure.Peer {
		var b nl.Builder
		b.Message(unix.RTM_GETLINK, unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
		rtnl.PutIfInfomsg(&b, h)
		if mask != 0 {
			b.U32(rtnl.IFLA_EXT_MASK, mask)
		}
		q, err := b.Bytes()
		file := fmt.Sprintf("%s/request%d", dir, mask)
		if err == nil {
			err = os.WriteFile(file, q, 0o600)
		}
		if err != nil {
			p.Notes = append(p.Notes, fmt.Sprintf("The floor was not measured: %v.", err))
			return peers
		}
		return append(peers, measure.Peer{Name: "C floor", Floor: true, Run: measure.Command{Args: []string{measure.Beside("c-floor"), file}}.Run})
	}
	metrics := []measure.Metric{measure.Wall, measure.CPU, measure.Memory}
	byCommand, byPackage := p.Table("By command", metrics...), p.Table("By package", metrics...)

	failed := measure.Sandbox(func() error {
		if err := fill(ip, dir, links, 0, func(i int) string { return fmt.Sprintf("link add i%d group 7 type ifb", i) }); err != nil {
			return err
		}
		// A namespace goes faster if its links went before, and all together.
		defer measure.Shell("ip link del group 7")
		agree(p, [][]string{{"dump-rawns", "links"}, {"dump-vishvananda", "links"}, {"dump-jsimonetti", "links"}})
		byCommand.Measure(fmt.Sprintf("ip link, %s links", number(links)), p.Turns(15), withFloor(commands("link"), rtnl.IfInfomsg{Family: unix.AF_PACKET}, rtnl.ExtVF|rtnl.ExtSkipStats)...)
		byCommand.Measure(fmt.Sprintf("ip -j link, %s links", number(links)), p.Turns(15), commands("-j link")...)
		one := fmt.Sprintf("i%d", links/2)
		byCommand.Measure(fmt.Sprintf("ip link show %s, 1 of %s links", one, number(links)), p.Turns(15), commands("link show "+one)...)
		byPackage.Measure(number(links)+" links", p.Turns(15), withFloor(packages("links"), rtnl.IfInfomsg{}, 0)...)
		byPackage.Measure("1 of "+number(links)+" links by its name", p.Turns(15), packages("link", one)...)
		return nil
	})
	failed = errors.Join(failed, measure.Sandbox(func() error {
		if err := measure.Shell("ip link add v0 type veth peer name v1; ip addr add 192.168.0.2/16 dev v0; ip link set v0 up; ip link set v1 up"); err != nil {
			return err
		}
		for last, n := range []int{few, many} {
			from := 0
			if last == 1 {
				from = few
			}
			if err := fill(ip, dir, n, from, func(i int) string {
				return fmt.Sprintf("route add 10.%d.%d.%d/32 via 192.168.0.1 dev v0", i>>16, i>>8&255, i&255)
			}); err != nil {
				return err
			}
			agree(p, [][]string{{"dump-rawns", "routes"}, {"dump-vishvananda", "routes"}, {"dump-vishvananda", "routes-iterated"}, {"dump-jsimonetti", "routes"}})
			byCommand.Measure(fmt.Sprintf("ip route, %s routes", number(n)), p.Turns(7-2*last), commands("route")...)
			byCommand.Measure(fmt.Sprintf("ip -j route, %s routes", number(n)), p.Turns(7-2*last), commands("-j route")...)
			byPackage.Measure(number(n)+" routes", p.Turns(7-2*last), packages("routes")...)
		}
		return nil
	}))

	var lists []string // those of many, and not of one
	for _, c := range byCommand.Cases {
		if !strings.Contains(c.Name, "show") {
			lists = append(lists, c.Name)
		}
	}
	if len(lists) > 0 {
		byCommand.Aim("lists at least 2 times as fast as iproute2's", "wall", 2, iproute2, lists...)
	}
	var whole []string
	for _, c := range byPackage.Cases {
		if !strings.Contains(c.Name, "by its name") {
			whole = append(whole, c.Name)
		}
	}
	if len(whole) > 0 {
		byPackage.Aim("lists at least 3 times as fast as vishvananda/netlink's", "wall", 3, vishvananda, whole...)
	}
	for _, line := range []string{"ip route", "ip -j route"} {
		constant(byCommand, line, line+", "+number(few)+" routes", line+", "+number(many)+" routes")
	}
	constant(byPackage, "the package", number(few)+" routes", number(many)+" routes")
	byCommand.Plots = []measure.Plot{{Name: "dumps", Title: "Lists by command: wall time", Kind: measure.Bars, Metric: "wall"}}
	byPackage.Plots = []measure.Plot{
		{Name: "dumps-package", Title: "Lists by package: wall time", Kind: measure.Bars, Metric: "wall"},
		{Name: "dumps-memory", Title: "Lists by package: memory", Kind: measure.Bars, Metric: "memory"}}
	return failed
}

// fill runs commands of ip, from a first one to the n-th.
func fill(ip, dir string, n, from int, line func(i int) string) error {
	var text bytes.Buffer
	for i := from; i < n; i++ {
		text.WriteString(line(i) + "\n")
	}
	file := dir + "/fill"
	if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
		return err
	}
	return measure.Shell(ip + " -force -batch " + file)
}

// agree notes it if the programs do not come to the same sum; one that fails at all is found
// by the benchmark.
func agree(p *measure.Part, programs [][]string) {
	var first []byte
	for _, c := range programs {
		out, err := exec.Command(measure.Beside(c[0]), c[1:]...).Output()
		if err != nil {
			continue
		}
		if first == nil {
			first = out
		} else if !bytes.Equal(out, first) {
			p.Notes = append(p.Notes, fmt.Sprintf("%s found something else than %s: %q, not %q.", strings.Join(c, " "), strings.Join(programs[0], " "), out, first))
		}
	}
}

// constant notes whether rawns takes as much memory for one case as for another.
func constant(t *measure.Table, what, small, large string) {
	a, b := t.Case(small).Row(rawns), t.Case(large).Row(rawns)
	if a == nil || b == nil || len(a.Samples["memory"]) == 0 || len(b.Samples["memory"]) == 0 {
		return
	}
	x, y := measure.Median(a.Samples["memory"]), measure.Median(b.Samples["memory"])
	t.Aims = append(t.Aims, measure.Aim{Text: what + ": constant memory",
		Found: fmt.Sprintf("%s kB and %s kB", measure.Format(x), measure.Format(y)), Met: y < 1.15*x})
}

// number writes 10000 as 10,000.
func number(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return measure.Format(float64(n))
}
