package brctl

import (
	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// A device is what this applet wants to know of a link.
type device struct {
	name     string // the first one, not an alternative
	index    int32
	master   int32 // 0 for none
	flags    uint32
	ethernet bool // ARPHRD_ETHER, with a unicast address
	isBridge bool // bridge is filled in
	isPort   bool // of a bridge
	bridge   bridgeInfo
}

// An id is a bridge's: priority and address, both in network order.
type id [8]byte

// bridgeInfo is from IFLA_INFO_DATA; times are in hundredths of a second.
type bridgeInfo struct {
	id, root                            id
	rootPort                            uint16
	rootCost                            uint32
	maxAge, hello, forwardDelay, ageing uint32
	helloTimer, tcnTimer, changeTimer   uint64
	gcTimer                             uint64
	stp                                 bool
	change, changeDetected              bool
}

// A port is a link as the port of a bridge, from IFLA_PROTINFO.
type port struct {
	name                              string
	index, master                     int32
	number, id                        uint16
	state                             uint8
	cost                              uint32
	root, bridge                      id     // the designated ones
	designatedPort, designatedCost    uint16 // the cost's lower 16 bits
	ageTimer, forwardTimer, holdTimer uint64
	changeAck, configPending, hairpin bool
}

func parseDevice(l rtnl.Link) (d device) {
	d.name, d.index, d.flags = l.Name(), l.Index, l.Flags
	master, _ := l.Attrs.U32(rtnl.IFLA_MASTER)
	d.master = int32(master)
	mac, _ := l.Attrs.MAC(rtnl.IFLA_ADDRESS)
	d.ethernet = l.Type == unix.ARPHRD_ETHER && unicast(mac)
	info := l.Attrs.Nest(rtnl.IFLA_LINKINFO)
	if kind, _ := info.StrN(rtnl.IFLA_INFO_KIND); string(kind) == "bridge" {
		d.isBridge = true
		d.bridge = parseBridge(info.Nest(rtnl.IFLA_INFO_DATA))
	}
	if kind, _ := info.StrN(rtnl.IFLA_INFO_SLAVE_KIND); string(kind) == "bridge" {
		d.isPort = true
	}
	return d
}

// unicast is the kernel's is_valid_ether_addr.
func unicast(mac []byte) bool {
	return len(mac) == 6 && mac[0]&1 == 0 && string(mac) != "\x00\x00\x00\x00\x00\x00"
}

func parseBridge(as nl.Attrs) (b bridgeInfo) {
	var t [rtnl.IFLA_BR_GC_TIMER + 1]nl.Attr
	as.Index(t[:])
	copy(b.id[:], t[rtnl.IFLA_BR_BRIDGE_ID].Bytes())
	copy(b.root[:], t[rtnl.IFLA_BR_ROOT_ID].Bytes())
	b.rootPort, _ = t[rtnl.IFLA_BR_ROOT_PORT].U16()
	b.rootCost, _ = t[rtnl.IFLA_BR_ROOT_PATH_COST].U32()
	b.maxAge, _ = t[rtnl.IFLA_BR_MAX_AGE].U32()
	b.hello, _ = t[rtnl.IFLA_BR_HELLO_TIME].U32()
	b.forwardDelay, _ = t[rtnl.IFLA_BR_FORWARD_DELAY].U32()
	b.ageing, _ = t[rtnl.IFLA_BR_AGEING_TIME].U32()
	b.helloTimer, _ = t[rtnl.IFLA_BR_HELLO_TIMER].U64()
	b.tcnTimer, _ = t[rtnl.IFLA_BR_TCN_TIMER].U64()
	b.changeTimer, _ = t[rtnl.IFLA_BR_TOPOLOGY_CHANGE_TIMER].U64()
	b.gcTimer, _ = t[rtnl.IFLA_BR_GC_TIMER].U64()
	stp, _ := t[rtnl.IFLA_BR_STP_STATE].U32()
	b.stp = stp != 0 // 2 is a daemon in user space
	b.change = set(t[rtnl.IFLA_BR_TOPOLOGY_CHANGE])
	b.changeDetected = set(t[rtnl.IFLA_BR_TOPOLOGY_CHANGE_DETECTED])
	return b
}

// parsePort reads a message of family AF_BRIDGE. It is not ok for one in which
// hardware that is a switch itself speaks for its port.
func parsePort(l rtnl.Link) (p port, ok bool) {
	var t [rtnl.IFLA_BRPORT_HOLD_TIMER + 1]nl.Attr
	l.Attrs.NestF(rtnl.IFLA_PROTINFO).Index(t[:])
	if p.number, ok = t[rtnl.IFLA_BRPORT_NO].U16(); !ok {
		return p, false
	}
	master, _ := l.Attrs.U32(rtnl.IFLA_MASTER)
	p.name, p.index, p.master = l.Name(), l.Index, int32(master)
	p.id, _ = t[rtnl.IFLA_BRPORT_ID].U16()
	p.state, _ = t[rtnl.IFLA_BRPORT_STATE].U8()
	p.cost, _ = t[rtnl.IFLA_BRPORT_COST].U32()
	copy(p.root[:], t[rtnl.IFLA_BRPORT_ROOT_ID].Bytes())
	copy(p.bridge[:], t[rtnl.IFLA_BRPORT_BRIDGE_ID].Bytes())
	p.designatedPort, _ = t[rtnl.IFLA_BRPORT_DESIGNATED_PORT].U16()
	p.designatedCost, _ = t[rtnl.IFLA_BRPORT_DESIGNATED_COST].U16()
	p.ageTimer, _ = t[rtnl.IFLA_BRPORT_MESSAGE_AGE_TIMER].U64()
	p.forwardTimer, _ = t[rtnl.IFLA_BRPORT_FORWARD_DELAY_TIMER].U64()
	p.holdTimer, _ = t[rtnl.IFLA_BRPORT_HOLD_TIMER].U64()
	p.changeAck = set(t[rtnl.IFLA_BRPORT_TOPOLOGY_CHANGE_ACK])
	p.configPending = set(t[rtnl.IFLA_BRPORT_CONFIG_PENDING])
	p.hairpin = set(t[rtnl.IFLA_BRPORT_MODE])
	return p, true
}

func set(a nl.Attr) bool { v, _ := a.U8(); return v != 0 }

// device looks a name up; it is an error with ENODEV if there is none.
func (r *runner) device(name string) (d device, err error) {
	if name == "" {
		return d, unix.ENODEV
	}
	err = rtnl.LinkByName(r.conn, name, rtnl.ExtSkipStats, func(l rtnl.Link) { d = parseDevice(l) })
	return d, err
}

// bridge looks up what an ioctl would act on: ENODEV if there is no such
// device, EOPNOTSUPP if it is no bridge.
func (r *runner) bridge(name string) (d device, err error) {
	d, err = r.device(ioctlName(name))
	if err == nil && !d.isBridge {
		err = unix.EOPNOTSUPP
	}
	return d, err
}

// ports lists the ports of a bridge, or of all for 0, in no order. restart is
// called before the first of them, and again whenever the list has to be read
// anew.
//
// AF_BRIDGE's list is the shortest that has them: half the bytes of AF_UNSPEC's,
// though the kernel does not filter it.
func (r *runner) ports(bridge int32, restart func(), each func(*port)) error {
	return r.links(func(b *nl.Builder) {
		rtnl.GetLink(b, rtnl.IfInfomsg{Family: unix.AF_BRIDGE})
	}, restart, func(l rtnl.Link) {
		if p, ok := parsePort(l); ok && (bridge == 0 || p.master == bridge) {
			each(&p)
		}
	})
}

// bridges lists the bridges, in no order.
func (r *runner) bridges() (list []device, err error) {
	err = r.links(func(b *nl.Builder) {
		rtnl.GetLink(b, rtnl.IfInfomsg{})
		b.U32(rtnl.IFLA_EXT_MASK, rtnl.ExtSkipStats)
		info := b.Nest(rtnl.IFLA_LINKINFO) // kernels before 4.6 send all links
		b.StrN(rtnl.IFLA_INFO_KIND, "bridge")
		b.End(info)
	}, func() { list = list[:0] }, func(l rtnl.Link) {
		if d := parseDevice(l); d.isBridge {
			list = append(list, d)
		}
	})
	return list, err
}

func (r *runner) links(ask func(*nl.Builder), restart func(), each func(rtnl.Link)) error {
	return r.dump(ask, restart, func(m nl.Message) error {
		l, err := rtnl.ParseLink(m)
		if err == nil {
			each(l)
		}
		return err
	})
}

// dump asks for a list and reads it, without holding the whole of it.
func (r *runner) dump(ask func(*nl.Builder), restart func(), each func(nl.Message) error) error {
	var b nl.Builder
	ask(&b)
	err := r.conn.Repeat(&b, restart, each)
	if err == nl.ErrDumpInterrupted {
		return nil // it never rests: a list that may lack the latest is as good as it gets
	}
	return err
}
