package brctl

import (
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/ns/nstest"
)

// The ioctls and the messages that stand in for them tell the same.
func TestIoctlsAndMessages(t *testing.T) {
	nstest.Need(t, "ip", "sh")
	n := nstest.New(t)
	nstest.Run(t, n, "sh", "-e", "-c", `
		echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
		ip link add br0 type bridge
		ip link add br1 type bridge
		for i in $(seq 300); do echo link add p$i type veth peer name q$i; echo link set p$i master br$((i % 4 == 0)); done | ip -batch -
		ip link set p9 nomaster`)
	conn, err := n.Dial()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, name := range []string{"br0", "br1"} {
		var ports, listed []portName
		var macs, macsListed []mac
		err := n.Do(func() error {
			r := &runner{conn: conn, fd: -1}
			defer func() { unix.Close(r.fd) }()
			d, err := r.bridge(name)
			if err != nil {
				return err
			}
			if ports, err = r.oldPorts(name); err != nil {
				return err
			}
			if macs, err = r.oldMACs(name); err != nil {
				return err
			}
			if macsListed, err = r.listMACs(&d); err != nil {
				return err
			}
			return r.ports(d.index, func() { listed = nil }, func(p *port) { listed = append(listed, portName{p.name, p.number}) })
		})
		if err != nil {
			t.Fatal(err)
		}
		byNumber := func(a, b portName) int { return int(a.number) - int(b.number) }
		slices.SortFunc(ports, byNumber)
		slices.SortFunc(listed, byNumber)
		if want := map[string]int{"br0": 224, "br1": 75}[name]; len(ports) != want || !slices.Equal(ports, listed) {
			t.Errorf("%s: %d ports by ioctl, %d by messages, want %d", name, len(ports), len(listed), want)
		}
		for _, list := range [][]mac{macs, macsListed} {
			for i := range list {
				list[i].age = 0
			}
			slices.SortFunc(list, func(a, b mac) int { return slices.Compare(a.addr[:], b.addr[:]) })
		}
		if len(macs) < len(ports) || !slices.Equal(macs, macsListed) {
			t.Errorf("%s: %d addresses by ioctl, %d by messages", name, len(macs), len(macsListed))
		}
	}
}
