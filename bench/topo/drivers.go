package main

import (
	"fmt"
	"strings"

	"rawns/bench/measure"
)

// drivers returns all that are there.
func drivers(rawns string) []driver {
	const never = 1 << 30
	program := func(name string) (up, down []string) {
		return []string{measure.Beside(name), "up", "N", "PER"}, []string{measure.Beside(name), "down", "N", "PER"}
	}
	own := func(d driver, name string) driver {
		d.up, d.down = program(name)
		return d
	}
	return []driver{
		{"rawns", false, never, never, never, []string{rawns, "up", "star.topo"}, []string{rawns, "down", "star.topo"}, file},
		own(driver{name: "rawns, package", once: never, some: never, most: never}, "star-rawns"),
		{"script", false, 900, 900, 900, []string{"sh", "up.sh"}, []string{"sh", "down.sh"}, script},
		{"ip -batch", false, 900, 900, 900, []string{"sh", "up.sh"}, []string{"ip", "-batch", "down"}, batches},
		own(driver{name: "vishvananda/netlink", once: 900, some: 900, most: 900}, "star-vishvananda"),
		own(driver{name: "jsimonetti/rtnetlink", once: 900, some: 100, most: 900}, "star-jsimonetti"),
		own(driver{name: "C naive", once: 900, some: 100, most: 900}, "c-topo-naive"),
		own(driver{name: "C floor", floor: true, once: never, some: never, most: never}, "c-topo-floor"),
	}
}

// file writes the star for rawns.
func file(s star) map[string]string {
	var b strings.Builder
	for k := 1; k <= s.bridges(); k++ {
		first, last := (k-1)*s.per+1, min(k*s.per, s.n)
		fmt.Fprintf(&b, "netns n{%d..%d}\n", first, last)
		fmt.Fprintf(&b, "pool lan%d 10.%d.0.0/16\n", k, k)
		fmt.Fprintf(&b, "bridge br%d addr lan%d\n", k, k)
		fmt.Fprintf(&b, "veth v{%d..%d} master br%d peer n{%d..%d}:eth0 addr lan%d\n", first, last, k, first, last, k)
		fmt.Fprintf(&b, "link n{%d..%d}:lo up\n", first, last)
	}
	return map[string]string{"star.topo": b.String()}
}

// script writes the shell script: a process for each step, the bridge up from the
// beginning, the peer made beside its end and then moved.
func script(s star) map[string]string {
	up, down := &strings.Builder{}, &strings.Builder{}
	up.WriteString("set -e\n")
	down.WriteString("set -e\n")
	for k := 1; k <= s.bridges(); k++ {
		fmt.Fprintf(up, "ip link add br%d type bridge\nip addr add %s/16 dev br%d\nip link set br%d up\n", k, s.hostAddr(k), k, k)
	}
	for i := 1; i <= s.n; i++ {
		fmt.Fprintf(up, "ip netns add n%d\n", i)
		fmt.Fprintf(up, "ip link add v%d type veth peer name p%d\n", i, i)
		fmt.Fprintf(up, "ip link set p%d netns n%d name eth0\n", i, i)
		fmt.Fprintf(up, "ip link set v%d master br%d\n", i, s.bridge(i))
		fmt.Fprintf(up, "ip link set v%d up\n", i)
		fmt.Fprintf(up, "ip -n n%d addr add %s/16 dev eth0\n", i, s.insideAddr(i))
		fmt.Fprintf(up, "ip -n n%d link set eth0 up\n", i)
		fmt.Fprintf(up, "ip -n n%d link set lo up\n", i)
		fmt.Fprintf(down, "ip link del v%d\nip netns del n%d\n", i, i)
	}
	for k := 1; k <= s.bridges(); k++ {
		fmt.Fprintf(down, "ip link del br%d\n", k)
	}
	return map[string]string{"up.sh": up.String(), "down.sh": down.String()}
}

// batches writes what ip -batch reads: as few processes as ip can do it with, and
// each link with all that one command can say of it.
func batches(s star) map[string]string {
	files := map[string]string{}
	up, host, down := &strings.Builder{}, &strings.Builder{}, &strings.Builder{}
	up.WriteString("set -e\nip -batch host\n")
	for k := 1; k <= s.bridges(); k++ {
		fmt.Fprintf(host, "link add br%d up type bridge\naddr add %s/16 dev br%d\n", k, s.hostAddr(k), k)
	}
	for i := 1; i <= s.n; i++ {
		fmt.Fprintf(host, "netns add n%d\nlink add v%d up master br%d type veth peer name eth0 netns n%d\n", i, i, s.bridge(i), i)
		fmt.Fprintf(up, "ip -n n%d -batch n%d\n", i, i)
		files[fmt.Sprintf("n%d", i)] = fmt.Sprintf("addr add %s/16 dev eth0\nlink set eth0 up\nlink set lo up\n", s.insideAddr(i))
		fmt.Fprintf(down, "link del v%d\nnetns del n%d\n", i, i)
	}
	for k := 1; k <= s.bridges(); k++ {
		fmt.Fprintf(down, "link del br%d\n", k)
	}
	files["up.sh"], files["host"], files["down"] = up.String(), host.String(), down.String()
	return files
}
