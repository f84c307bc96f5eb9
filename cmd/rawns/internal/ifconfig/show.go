package ifconfig

import (
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/nettools"
)

// show prints one interface, or all that are up, or all.
func show(one bool, name string, all, short bool) int {
	if short {
		cli.Stdout.S("Iface      MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n")
	}
	c, err := cli.Dial(unix.NETLINK_ROUTE)
	if err != nil {
		nettools.Say("ifconfig: ", err.Error())
		return 1
	}
	defer c.Close()
	t := table{conn: c}
	print := (*iface).long
	if short {
		print = (*iface).short
	}
	if one {
		f, err := t.one(name)
		if err != nil {
			notFetched(name, err)
			return 1
		}
		print(f, cli.Stdout)
		return 0
	}
	if err := t.all(); err != nil {
		nettools.Say("ifconfig: error fetching interface information: ", fetchTrouble(err))
		return 1
	}
	order := make([]*iface, 0, len(t.ifaces)+len(t.aliases))
	for _, list := range [][]iface{t.ifaces, t.aliases} {
		for i := range list {
			if all || list[i].flags&unix.IFF_UP != 0 {
				order = append(order, &list[i])
			}
		}
	}
	slices.SortFunc(order, func(a, b *iface) int { return compareNames(a.name, b.name) })
	for _, f := range order {
		print(f, cli.Stdout)
	}
	return 0
}

func notFetched(name string, err error) {
	nettools.Say(name, ": error fetching interface information: ", fetchTrouble(err))
}

func fetchTrouble(err error) string {
	switch errno := cli.Errno(err); errno {
	case 0:
		return err.Error()
	case unix.ENODEV, unix.EINVAL: // the latter for what cannot be a name
		return "Device not found"
	default:
		return cli.Strerror(errno)
	}
}

// longFlags are in the order of the long form; shortFlags of the other.
var longFlags = [...]struct {
	bit  uint16
	name string
}{
	{unix.IFF_UP, "UP"}, {unix.IFF_BROADCAST, "BROADCAST"}, {unix.IFF_DEBUG, "DEBUG"}, {unix.IFF_LOOPBACK, "LOOPBACK"},
	{unix.IFF_POINTOPOINT, "POINTOPOINT"}, {unix.IFF_NOTRAILERS, "NOTRAILERS"}, {unix.IFF_RUNNING, "RUNNING"},
	{unix.IFF_NOARP, "NOARP"}, {unix.IFF_PROMISC, "PROMISC"}, {unix.IFF_ALLMULTI, "ALLMULTI"}, {unix.IFF_SLAVE, "SLAVE"},
	{unix.IFF_MASTER, "MASTER"}, {unix.IFF_MULTICAST, "MULTICAST"}, {unix.IFF_DYNAMIC, "DYNAMIC"},
}

var shortFlags = [...]struct {
	bit    uint16
	letter byte
}{
	{unix.IFF_ALLMULTI, 'A'}, {unix.IFF_BROADCAST, 'B'}, {unix.IFF_DEBUG, 'D'}, {unix.IFF_LOOPBACK, 'L'}, {unix.IFF_MULTICAST, 'M'},
	{unix.IFF_DYNAMIC, 'd'}, {unix.IFF_PROMISC, 'P'}, {unix.IFF_NOTRAILERS, 'N'}, {unix.IFF_NOARP, 'O'}, {unix.IFF_POINTOPOINT, 'P'},
	{unix.IFF_SLAVE, 's'}, {unix.IFF_MASTER, 'm'}, {unix.IFF_RUNNING, 'R'}, {unix.IFF_UP, 'U'},
}

const indent = "        "

func (f *iface) long(o *cli.Out) {
	o.Safe(f.name).S(": flags=").D(int64(int16(f.flags)))
	sep := byte('<')
	for _, w := range longFlags {
		if f.flags&w.bit != 0 {
			o.C(sep).S(w.name)
			sep = ','
		}
	}
	switch {
	case sep == ',':
		o.C('>')
	case f.flags == 0:
		o.C('<') // the original forgets to close it
	}
	o.S("  mtu ").D(int64(f.mtu)).NL()
	f.addresses(o)
	h := nettools.HWByType(f.arphrd)
	o.S(indent, h.Name)
	o.B = h.AppendAddr(o.B, f.hw)
	if f.txqlen != -1 {
		o.S("  txqueuelen ").D(int64(f.txqlen))
	}
	o.S("  (", h.Title, ")\n")
	if f.flags&unix.IFF_PORTSEL != 0 {
		port := nettools.Ports[0][0]
		if int(f.port) < len(nettools.Ports) {
			port = nettools.Ports[f.port][0]
		}
		o.S(indent, "media ", port)
		if f.flags&unix.IFF_AUTOMEDIA != 0 {
			o.S("autoselect")
		}
		o.NL()
	}
	if f.hasStats && !f.alias {
		f.counters(o)
	}
	f.resources(o)
	o.NL()
}

func (f *iface) addresses(o *cli.Out) {
	if in := &f.inet; in.found {
		o.S(indent, "inet ")
		o.B = cli.AppendIP(o.B, in.local[:])
		m := nettools.Mask(int(in.prefixLen))
		o.S("  netmask ")
		o.B = cli.AppendIP(o.B, m[:])
		if f.flags&unix.IFF_BROADCAST != 0 {
			o.S("  broadcast ")
			o.B = cli.AppendIP(o.B, in.broadcast[:])
		}
		if f.flags&unix.IFF_POINTOPOINT != 0 {
			o.S("  destination ")
			o.B = cli.AppendIP(o.B, in.peer[:])
		}
		o.NL()
	}
	for _, a := range f.inet6 {
		o.S(indent, "inet6 ")
		p := a.addr[:]
		if [12]byte(p) == [12]byte{10: 0xff, 11: 0xff} {
			p = p[12:] // an IPv4-mapped address goes without ::ffff:
		}
		o.B = cli.AppendIP(o.B, p)
		id, name := scope(a.addr)
		o.S("  prefixlen ").U(uint64(a.prefixLen)).S("  scopeid 0x").X(uint64(id), 1).S("<", name, ">\n")
	}
}

// scope returns the bits that the kernel keeps of an address's scope
// (ipv6_addr_type and IPV6_ADDR_SCOPE_MASK), and their names.
func scope(a [16]byte) (bits uint8, name string) {
	switch {
	case a[0] == 0xfe && a[1]&0xc0 == 0x80:
		return 0x20, "link"
	case a[0] == 0xfe && a[1]&0xc0 == 0xc0:
		return 0x40, "site"
	case [12]byte(a[:12]) != [12]byte{}:
		return 0, "global"
	case a == [16]byte{15: 1}:
		return 0x10, "host"
	}
	return 0x80, "compat,global" // ::a.b.c.d
}

// A figure is a number and the words before it.
type figure struct {
	words string
	n     uint64
}

func figures(o *cli.Out, list ...figure) {
	o.S(indent)
	for _, f := range list {
		o.S(f.words).U(f.n)
	}
}

func (f *iface) counters(o *cli.Out) {
	s := &f.stats
	compress := f.arphrd == unix.ARPHRD_CSLIP || f.arphrd == unix.ARPHRD_CSLIP6
	figures(o, figure{"RX packets ", s.rx.packets}, figure{"  bytes ", s.rx.bytes})
	size(o, s.rx.bytes)
	if compress {
		figures(o, figure{"RX compressed:", s.rx.compressed})
		o.NL()
	}
	figures(o, figure{"RX errors ", s.rx.errors}, figure{"  dropped ", s.rx.dropped}, figure{"  overruns ", s.rx.fifo}, figure{"  frame ", s.frame})
	o.NL()
	figures(o, figure{"TX packets ", s.tx.packets}, figure{"  bytes ", s.tx.bytes})
	size(o, s.tx.bytes)
	if compress {
		figures(o, figure{"TX compressed ", s.tx.compressed})
		o.NL()
	}
	figures(o, figure{"TX errors ", s.tx.errors}, figure{"  dropped ", s.tx.dropped}, figure{" overruns ", s.tx.fifo},
		figure{"  carrier ", s.carrier}, figure{"  collisions ", s.collisions})
	o.NL()
}

var units = [...]string{"KiB", "MiB", "GiB", "TiB", "PiB"}

// size ends a line with n bytes in the unit that leaves at least one, cut (not
// rounded) to one decimal.
func size(o *cli.Out, n uint64) {
	tenths, unit := n*10, "B"
	for i := range uint64(5) {
		if n > 1<<(10*i+10) {
			tenths, unit = n*10>>(10*i+10), units[i]
		}
	}
	if n > 1<<60 {
		tenths, unit = n/(1<<60/10), "EiB" // n*10 may not fit
	}
	o.S(" (").U(tenths/10).C('.').U(tenths%10).S(" ", unit, ")\n")
}

// resources tells of old hardware's interrupt line, I/O nettools.Ports, memory and DMA
// channel; the last only in company.
func (f *iface) resources(o *cli.Out) {
	if f.irq == 0 && f.mem[0] == 0 && f.base < 0x100 {
		return
	}
	o.S(indent, "device ")
	if f.irq != 0 {
		o.S("interrupt ").U(uint64(f.irq)).S("  ")
	}
	if f.base >= 0x100 {
		o.S("base 0x").X(uint64(f.base), 1).S("  ")
	}
	if f.mem[0] != 0 {
		o.S("memory 0x").X(f.mem[0], 1).C('-').X(f.mem[1], 1).S("  ")
	}
	if f.dma != 0 {
		o.S("  dma 0x").X(uint64(f.dma), 1)
	}
	o.NL()
}

func (f *iface) short(o *cli.Out) {
	start := len(o.B)
	o.B = cli.AppendSafe(o.B, f.name)
	o.PadTo(start, 15).C(' ')
	o.Right(strconv.Itoa(int(f.mtu)), 5).C(' ')
	if f.hasStats && !f.alias {
		s := &f.stats
		for i, n := range [...]uint64{s.rx.packets, s.rx.errors, s.rx.dropped, s.rx.fifo, s.tx.packets, s.tx.errors, s.tx.dropped, s.tx.fifo} {
			text := strconv.FormatUint(n, 10)
			switch i {
			case 0, 4:
				o.Right(text, 8)
			case 3:
				o.Left(text, 6)
			default:
				o.Right(text, 6)
			}
			o.C(' ')
		}
	} else {
		o.Left("     - no statistics available -", 56)
	}
	if f.flags == 0 {
		o.S("[NO FLAGS]")
	}
	for _, w := range shortFlags {
		if f.flags&w.bit != 0 {
			o.C(w.letter)
		}
	}
	o.NL()
}
