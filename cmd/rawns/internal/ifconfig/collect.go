package ifconfig

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/nettools"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/file"
)

// iface is what is shown of one interface, or of one alias: a label other than
// the interface's name on an IPv4 address.
type iface struct {
	name   string
	index  int32
	mtu    int32 // as the ioctls have it: a C int
	txqlen int32
	arphrd uint16
	flags  uint16 // the sixteen bits that the ioctls have
	port   uint8
	dma    uint8
	irq    uint16
	base   uint16
	mem    [2]uint64 // start, end
	hw     [16]byte  // the first eight bytes of the hardware address, and zeros

	alias    bool // no counters, no IPv6
	hasStats bool
	stats    stats
	inet     inetAddr
	inet6    []*inet6Addr
}

// inetAddr is the first IPv4 address with the name as its label.
type inetAddr struct {
	found                  bool
	prefixLen              uint8
	local, peer, broadcast [4]byte
}

type inet6Addr struct {
	addr      [16]byte
	prefixLen uint8
}

// stats are the columns of /proc/net/dev.
type stats struct {
	rx, tx struct{ bytes, packets, errors, dropped, fifo, compressed uint64 }
	frame  uint64 // received with a wrong length, checksum or alignment, or over the ring
	// carrier are failures of sending: no carrier, aborted, out of window, no heartbeat
	carrier, collisions uint64
}

// table collects links and addresses.
type table struct {
	conn    *nl.Conn
	ifaces  []iface
	aliases []iface
	at      map[int32]int  // interface index -> place in ifaces
	labels  map[string]int // label -> place in aliases
}

// all fills the table with two dumps.
func (t *table) all() error {
	var b nl.Builder
	rtnl.GetLink(&b, rtnl.IfInfomsg{})
	b.U32(rtnl.IFLA_EXT_MASK, rtnl.ExtVF) // or else a link of many names is left out
	err := t.dump(&b, func() { t.ifaces, t.at = t.ifaces[:0], map[int32]int{} }, func(m nl.Message) error {
		l, err := rtnl.ParseLink(m)
		if err != nil {
			return err
		}
		t.at[l.Index] = len(t.ifaces)
		t.ifaces = append(t.ifaces, newIface(l))
		return nil
	})
	if err != nil {
		return err
	}
	if err := t.addresses(0); err != nil {
		return err
	}
	t.orderInet6()
	return nil
}

// one fills the table with the interface behind a name and its aliases, and
// returns what goes by that name. As for the original, that is an alias
// without an address if it is nothing else; an alternative name is one, too.
func (t *table) one(name string) (*iface, error) {
	dev := device(name)
	if dev == "" || len(name) > rtnl.IfNameMax {
		return nil, unix.ENODEV
	}
	err := rtnl.LinkByName(t.conn, dev, 0, func(l rtnl.Link) { t.ifaces = append(t.ifaces[:0], newIface(l)) })
	if err != nil {
		return nil, err
	}
	if len(t.ifaces) == 0 {
		return nil, nl.ErrUnexpected
	}
	self := &t.ifaces[0]
	t.at = map[int32]int{self.index: 0}
	if err := t.addresses(self.index); err != nil {
		return nil, err
	}
	t.orderInet6()
	if self.name == name {
		return self, nil
	}
	if i, ok := t.labels[name]; ok {
		return &t.aliases[i], nil
	}
	a := self.asAlias(name)
	return &a, nil
}

// dump reads a list; one that keeps changing is shown as it is.
func (t *table) dump(b *nl.Builder, restart func(), each func(nl.Message) error) error {
	err := t.conn.Repeat(b, restart, each)
	if err == nl.ErrDumpInterrupted {
		return nil
	}
	return err
}

// addresses adds the addresses of one interface, or of all for index 0.
func (t *table) addresses(index int32) error {
	var b nl.Builder
	rtnl.GetAddr(&b, unix.AF_UNSPEC, index)
	return t.dump(&b, t.forgetAddresses, func(m nl.Message) error {
		if m.Type() != unix.RTM_NEWADDR {
			return nil // a dump of all families may hold other objects
		}
		a, err := rtnl.ParseAddr(m)
		if err != nil {
			return err
		}
		if i, ok := t.at[a.Index]; ok {
			t.address(&t.ifaces[i], a)
		}
		return nil
	})
}

func (t *table) forgetAddresses() {
	t.aliases, t.labels = nil, map[string]int{}
	for i := range t.ifaces {
		t.ifaces[i].inet, t.ifaces[i].inet6 = inetAddr{}, nil
	}
}

func (t *table) address(f *iface, a rtnl.Addr) {
	local, ok := a.Attrs.IP(rtnl.IFA_LOCAL)
	peer, _ := a.Attrs.IP(rtnl.IFA_ADDRESS)
	if !ok {
		local = peer // IPv6 sends the former only if they differ
	}
	switch {
	case a.Family == unix.AF_INET6 && len(local) == 16:
		f.inet6 = append(f.inet6, &inet6Addr{[16]byte(local), a.PrefixLen})
	case a.Family == unix.AF_INET && len(local) == 4:
		in := inetAddr{found: true, prefixLen: min(a.PrefixLen, 32)}
		copy(in.local[:], local)
		copy(in.peer[:], peer)
		broadcast, _ := a.Attrs.IP(rtnl.IFA_BROADCAST)
		copy(in.broadcast[:], broadcast)
		label, _ := a.Attrs.Str(rtnl.IFA_LABEL)
		if len(label) > 0 && string(label) != f.name {
			if _, ok := t.labels[string(label)]; ok {
				return
			}
			alias := f.asAlias(string(label))
			alias.inet = in
			t.labels[alias.name] = len(t.aliases)
			t.aliases = append(t.aliases, alias)
		} else if !f.inet.found {
			f.inet = in
		}
	}
}

func newIface(l rtnl.Link) iface {
	f := iface{name: l.Name(), index: l.Index, arphrd: l.Type, flags: uint16(l.Flags)}
	mtu, _ := l.Attrs.U32(rtnl.IFLA_MTU)
	txqlen, _ := l.Attrs.U32(rtnl.IFLA_TXQLEN)
	f.mtu, f.txqlen = int32(mtu), int32(txqlen)
	hw, _ := l.Attrs.MAC(rtnl.IFLA_ADDRESS)
	copy(f.hw[:8], hw)
	if m, _ := l.Attrs.Blob(rtnl.IFLA_MAP); len(m) >= ifmapLen-4 { // four bytes of padding at its end, but not on i386
		f.mem = [2]uint64{binary.NativeEndian.Uint64(m), binary.NativeEndian.Uint64(m[8:])}
		f.base = uint16(binary.NativeEndian.Uint64(m[16:]))
		f.irq, f.dma, f.port = binary.NativeEndian.Uint16(m[24:]), m[26], m[27]
	}
	p, _ := l.Attrs.Blob(rtnl.IFLA_STATS64)
	f.hasStats = len(p) >= 23*8
	if f.hasStats {
		f.stats = newStats(p)
	}
	return f
}

// newStats adds up struct rtnl_link_stats64 as the kernel does for
// /proc/net/dev (dev_seq_printf_stats in net/core/net-procfs.c).
func newStats(p []byte) (s stats) {
	// The numbers are those of rtnl.LinkStats64.
	sum := func(at ...int) (v uint64) {
		for _, i := range at {
			v += binary.NativeEndian.Uint64(p[8*i:])
		}
		return v
	}
	s.rx.packets, s.tx.packets = sum(0), sum(1)
	s.rx.bytes, s.tx.bytes = sum(2), sum(3)
	s.rx.errors, s.tx.errors = sum(4), sum(5)
	s.rx.dropped, s.tx.dropped = sum(6, 15), sum(7) // dropped and missed
	s.rx.fifo, s.tx.fifo = sum(14), sum(18)
	s.rx.compressed, s.tx.compressed = sum(21), sum(22)
	s.frame = sum(10, 11, 12, 13)   // length, over, crc, frame
	s.carrier = sum(16, 17, 19, 20) // aborted, carrier, heartbeat, window
	s.collisions = sum(9)
	return s
}

func (f *iface) asAlias(name string) iface {
	a := *f
	a.name, a.alias, a.inet, a.inet6 = name, true, inetAddr{}, nil
	return a
}

// orderInet6 puts each interface's IPv6 addresses into the original's order,
// which is that of the kernel's hash table and known to /proc alone. Without
// /proc they stay in the order of the dump.
func (t *table) orderInet6() {
	if !slices.ContainsFunc(t.ifaces, func(f iface) bool { return len(f.inet6) > 1 }) {
		return
	}
	// The thread's own namespace is meant, not that of /proc/self.
	text, err := file.Read("/proc/thread-self/net/if_inet6")
	if err != nil {
		return
	}
	rank := rankInet6(string(text))
	for i := range t.ifaces {
		f := &t.ifaces[i]
		slices.SortFunc(f.inet6, func(a, b *inet6Addr) int {
			return rank[inet6Key{f.index, a.addr}] - rank[inet6Key{f.index, b.addr}]
		})
	}
}

type inet6Key struct {
	index int32
	addr  [16]byte
}

// rankInet6 numbers the lines of if_inet6: 32 digits of the address, the
// interface's index in hexadecimal, and more that does not matter here.
func rankInet6(text string) map[inet6Key]int {
	rank := map[inet6Key]int{}
	for line := range strings.Lines(text) {
		w := strings.Fields(line)
		if len(w) < 2 || len(w[0]) != 32 {
			continue
		}
		a, ok := nettools.ParseHW(w[0], 16)
		index, err := strconv.ParseUint(w[1], 16, 31)
		if ok && err == nil {
			rank[inet6Key{int32(index), [16]byte(a)}] = len(rank) + 1
		}
	}
	return rank
}
