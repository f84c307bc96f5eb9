package nettools

import (
	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// A Device is what arp and route want to know of an interface.
type Device struct {
	Index int32
	Name  string
	Type  uint16 // ARPHRD_
	HW    []byte // its hardware address
	Table uint32 // the routing table of the VRF that it is or is in, or 0
}

// Devices remembers interfaces.
type Devices struct {
	Conn *nl.Conn

	known map[int32]*Device
	asked int
}

// askMax is how many interfaces are asked for one by one; then all are listed.
const askMax = 16

func newDevice(l rtnl.Link) *Device {
	d := &Device{Index: l.Index, Name: l.Name(), Type: l.Type}
	hw, _ := l.Attrs.MAC(rtnl.IFLA_ADDRESS)
	d.HW = append(d.HW, hw...)
	info := l.Attrs.Nest(rtnl.IFLA_LINKINFO)
	if kind, _ := info.StrN(rtnl.IFLA_INFO_KIND); string(kind) == "vrf" {
		d.Table, _ = info.Nest(rtnl.IFLA_INFO_DATA).U32(rtnl.IFLA_VRF_TABLE)
	} else if kind, _ := info.StrN(rtnl.IFLA_INFO_SLAVE_KIND); string(kind) == "vrf" {
		d.Table, _ = info.Nest(rtnl.IFLA_INFO_SLAVE_DATA).U32(rtnl.IFLA_VRF_PORT_TABLE)
	}
	return d
}

func (ds *Devices) add(l rtnl.Link) *Device {
	if ds.known == nil {
		ds.known = map[int32]*Device{}
	}
	d := newDevice(l)
	ds.known[d.Index] = d
	return d
}

// ByName asks for an interface; ENODEV if there is none.
func (ds *Devices) ByName(name string) (d *Device, err error) {
	if name == "" || len(name) > rtnl.IfNameMax {
		return nil, unix.ENODEV
	}
	err = rtnl.LinkByName(ds.Conn, name, rtnl.ExtSkipStats, func(l rtnl.Link) { d = ds.add(l) })
	if err == nil && d == nil {
		err = unix.ENODEV
	}
	return d, err
}

// ByIndex returns nil for an interface that is gone.
func (ds *Devices) ByIndex(index int32) *Device {
	if d, ok := ds.known[index]; ok {
		return d
	}
	if ds.asked++; ds.asked == askMax {
		ds.All(func(*Device) bool { return true })
		if d, ok := ds.known[index]; ok {
			return d
		}
	}
	if index <= 0 || rtnl.LinkByIndex(ds.Conn, index, rtnl.ExtSkipStats, func(l rtnl.Link) { ds.add(l) }) != nil {
		return nil
	}
	return ds.known[index]
}

// All lists the interfaces until each says no more.
func (ds *Devices) All(each func(*Device) bool) error {
	var b nl.Builder
	rtnl.GetLink(&b, rtnl.IfInfomsg{})
	b.U32(rtnl.IFLA_EXT_MASK, rtnl.ExtVF|rtnl.ExtSkipStats)
	more := true
	return ds.Conn.Repeat(&b, func() {}, func(m nl.Message) error {
		l, err := rtnl.ParseLink(m)
		if err == nil && more {
			more = each(ds.add(l))
		}
		return err
	})
}
