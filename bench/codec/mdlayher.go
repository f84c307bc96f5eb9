package main

import (
	"encoding/binary"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// mdlayherAttrs puts a fixed header in front of attributes.
func mdlayherAttrs(header []byte, f func(e *netlink.AttributeEncoder)) []byte {
	e := netlink.NewAttributeEncoder()
	f(e)
	b, err := e.Encode()
	if err != nil {
		panic(err)
	}
	return append(header, b...)
}

func mdlayherIfInfomsg(up bool) []byte {
	h := make([]byte, unix.SizeofIfInfomsg, 128)
	if up {
		binary.NativeEndian.PutUint32(h[8:], unix.IFF_UP)
		binary.NativeEndian.PutUint32(h[12:], unix.IFF_UP)
	}
	return h
}

var mdlayher = peer{
	name: "mdlayher/netlink",
	encode: map[string]func() []byte{
		"a veth with its peer": func() []byte {
			ends := func(name string) func(e *netlink.AttributeEncoder) {
				return func(e *netlink.AttributeEncoder) {
					e.String(unix.IFLA_IFNAME, name)
					e.Uint32(unix.IFLA_MTU, 1400)
				}
			}
			return mdlayherBytes(unix.RTM_NEWLINK, mdlayherAttrs(mdlayherIfInfomsg(false), func(e *netlink.AttributeEncoder) {
				ends("v0")(e)
				e.Nested(unix.IFLA_LINKINFO, func(e *netlink.AttributeEncoder) error {
					e.String(unix.IFLA_INFO_KIND, "veth")
					e.Nested(unix.IFLA_INFO_DATA, func(e *netlink.AttributeEncoder) error {
						const peer = 1 // VETH_INFO_PEER
						e.Bytes(peer, mdlayherAttrs(mdlayherIfInfomsg(false), ends("p0")))
						return nil
					})
					return nil
				})
			}))
		},
		"a bridge": func() []byte {
			return mdlayherBytes(unix.RTM_NEWLINK, mdlayherAttrs(mdlayherIfInfomsg(true), func(e *netlink.AttributeEncoder) {
				e.String(unix.IFLA_IFNAME, "br0")
				e.Nested(unix.IFLA_LINKINFO, func(e *netlink.AttributeEncoder) error {
					e.String(unix.IFLA_INFO_KIND, "bridge")
					return nil
				})
			}))
		},
		"an address": func() []byte {
			h := make([]byte, unix.SizeofIfAddrmsg, 64)
			h[0], h[1] = unix.AF_INET, 16
			binary.NativeEndian.PutUint32(h[4:], dev)
			return mdlayherBytes(unix.RTM_NEWADDR, mdlayherAttrs(h, func(e *netlink.AttributeEncoder) {
				e.Bytes(unix.IFA_LOCAL, local)
				e.Bytes(unix.IFA_ADDRESS, local)
				e.Bytes(unix.IFA_BROADCAST, brd)
			}))
		},
		"a route": func() []byte {
			h := make([]byte, unix.SizeofRtMsg, 64)
			h[0], h[1], h[4], h[5], h[7] = unix.AF_INET, 16, unix.RT_TABLE_MAIN, unix.RTPROT_BOOT, unix.RTN_UNICAST
			return mdlayherBytes(unix.RTM_NEWROUTE, mdlayherAttrs(h, func(e *netlink.AttributeEncoder) {
				e.Bytes(unix.RTA_DST, dst)
				e.Bytes(unix.RTA_GATEWAY, gateway)
				e.Uint32(unix.RTA_OIF, dev)
				e.Uint32(unix.RTA_PRIORITY, 100)
			}))
		},
	},
	link: func(m []byte) (out link, err error) {
		var nm netlink.Message
		if err := nm.UnmarshalBinary(m); err != nil {
			return out, err
		}
		out.index = int(binary.NativeEndian.Uint32(nm.Data[4:]))
		out.flags = binary.NativeEndian.Uint32(nm.Data[8:])
		d, err := netlink.NewAttributeDecoder(nm.Data[unix.SizeofIfInfomsg:])
		if err != nil {
			return out, err
		}
		for d.Next() {
			switch d.Type() {
			case unix.IFLA_IFNAME:
				out.name = textOf(d.String())
			case unix.IFLA_IFALIAS:
				out.alias = textOf(d.String())
			case unix.IFLA_MTU:
				out.mtu = int(d.Uint32())
			case unix.IFLA_TXQLEN:
				out.txqlen = int(d.Uint32())
			case unix.IFLA_GROUP:
				out.group = d.Uint32()
			case unix.IFLA_MASTER:
				out.master = int(d.Uint32())
			case unix.IFLA_OPERSTATE:
				out.operstate = d.Uint8()
			case unix.IFLA_ADDRESS:
				copy(out.addr[:], d.Bytes())
			case unix.IFLA_LINKINFO:
				d.Nested(func(d *netlink.AttributeDecoder) error {
					for d.Next() {
						if d.Type() == unix.IFLA_INFO_KIND {
							out.kind = textOf(d.String())
						}
					}
					return nil
				})
			case unix.IFLA_PROP_LIST:
				d.Nested(func(d *netlink.AttributeDecoder) error {
					for d.Next() {
						out.altnames++
					}
					return nil
				})
			case unix.IFLA_STATS64:
				s, u64 := d.Bytes(), binary.NativeEndian.Uint64
				out.rxPackets, out.txPackets, out.rxBts, out.txBts, out.multicast = u64(s), u64(s[8:]), u64(s[16:]), u64(s[24:]), u64(s[64:])
			}
		}
		return out, d.Err()
	},
	route: func(m []byte) (out route, err error) {
		var nm netlink.Message
		if err := nm.UnmarshalBinary(m); err != nil {
			return out, err
		}
		out.family, out.dstLen, out.protocol, out.scope = int(nm.Data[0]), int(nm.Data[1]), int(nm.Data[5]), int(nm.Data[6])
		d, err := netlink.NewAttributeDecoder(nm.Data[unix.SizeofRtMsg:])
		if err != nil {
			return out, err
		}
		for d.Next() {
			switch d.Type() {
			case unix.RTA_DST:
				copy(out.dst[:], d.Bytes())
			case unix.RTA_GATEWAY:
				copy(out.gateway[:], d.Bytes())
			case unix.RTA_PREFSRC:
				copy(out.source[:], d.Bytes())
			case unix.RTA_OIF:
				out.oif = int(d.Uint32())
			case unix.RTA_TABLE:
				out.table = int(d.Uint32())
			case unix.RTA_PRIORITY:
				out.priority = int(d.Uint32())
			case unix.RTA_METRICS:
				d.Nested(func(d *netlink.AttributeDecoder) error {
					for d.Next() {
						switch d.Type() {
						case unix.RTAX_MTU:
							out.mtu = int(d.Uint32())
						case unix.RTAX_ADVMSS:
							out.advmss = int(d.Uint32())
						}
					}
					return nil
				})
			}
		}
		return out, d.Err()
	},
}
