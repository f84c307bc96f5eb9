package route

import (
	"encoding/binary"
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/nettools"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// Headers by the number of -e: none, one, two. The original has none for more.
var headers4 = [...]string{
	"",
	"Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n",
	"Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n",
	"Destination     Gateway         Genmask         Flags Metric Ref    Use Iface    MSS   Window irtt\n",
}

// The cache is gone since Linux 3.6: its table is empty.
var cacheHeaders4 = [...]string{
	"",
	"Source          Destination     Gateway         Flags Metric Ref    Use Iface\n",
	"Source          Destination     Gateway         Flags   MSS Window  irtt Iface\n",
	"Source          Destination     Gateway         Flags Metric Ref    Use Iface    MSS   Window irtt  TOS HHRef HHUptod     SpecDst\n",
}

// A row4 is a line of /proc/net/route.
type row4 struct {
	dst, gw, mask     [4]byte
	gateway, reject   bool // flags
	metric            int32
	mss, window, irtt int32
	index             int32
}

// show4 lists the main table.
func (t *tool) show4() int {
	o := cli.Stdout
	if t.fib {
		rows, err := t.rows4()
		if err != nil {
			nettools.Perror("route", err)
			return codeFailed
		}
		o.S("Kernel IP routing table\n", headers4[t.ext])
		for i := range rows {
			t.line4(o, &rows[i])
		}
	}
	if t.cache {
		o.S("Kernel IP routing cache\n", cacheHeaders4[t.ext])
	}
	return 0
}

// rows4 lists what the kernel shows in /proc/net/route, in its order.
func (t *tool) rows4() (rows []row4, err error) {
	var b nl.Builder
	rtnl.GetRoute(&b, rtnl.RtMsg{Family: unix.AF_INET, Table: unix.RT_TABLE_MAIN})
	err = t.conn.Repeat(&b, func() { rows = rows[:0] }, func(m nl.Message) error {
		r, err := rtnl.ParseRoute(m)
		if err != nil {
			return err
		}
		if r.Family == unix.AF_INET && r.Table() == unix.RT_TABLE_MAIN && r.Type != unix.RTN_BROADCAST && r.Type != unix.RTN_MULTICAST && r.Flags&unix.RTM_F_CLONED == 0 {
			rows = append(rows, newRow4(r))
		}
		return nil
	})
	if err == nl.ErrDumpInterrupted {
		err = nil
	}
	return rows, err
}

func newRow4(r rtnl.Route) row4 {
	row := row4{reject: r.Type == unix.RTN_UNREACHABLE || r.Type == unix.RTN_PROHIBIT, mask: nettools.Mask(min(int(r.DstLen), 32))}
	dst, _ := r.Attrs.IP(rtnl.RTA_DST)
	copy(row.dst[:], dst)
	oif, _ := r.Attrs.U32(rtnl.RTA_OIF)
	row.index = int32(oif)
	row.hop(r.Attrs)
	if hops, ok := r.Attrs.Blob(rtnl.RTA_MULTIPATH); ok {
		first := true
		eachHop(hops, func(index int32, as nl.Attrs) {
			if first {
				row.index, first = index, false
				row.hop(as)
			}
		})
	}
	metric, _ := r.Attrs.U32(rtnl.RTA_PRIORITY)
	row.metric = int32(metric)
	m := r.Attrs.Nest(rtnl.RTA_METRICS)
	if mss, _ := m.U32(rtnl.RTAX_ADVMSS); mss != 0 {
		row.mss = int32(mss + ipHeaders)
	}
	window, _ := m.U32(rtnl.RTAX_WINDOW)
	rtt, _ := m.U32(rtnl.RTAX_RTT)
	row.window, row.irtt = int32(window), int32(rtt>>rttShift)
	return row
}

// hop takes the gateway from a route's attributes or a next hop's. One of IPv6
// is none that can be shown, but it is one.
func (row *row4) hop(as nl.Attrs) {
	if gw, ok := as.IP(rtnl.RTA_GATEWAY); ok {
		copy(row.gw[:], gw)
		row.gateway = row.gw != [4]byte{}
	} else if via, ok := as.Blob(rtnl.RTA_VIA); ok && len(via) >= 6 { // struct rtvia: the family and the address
		row.gateway = binary.NativeEndian.Uint32(via[2:]) != 0
	}
}

// net is a destination as it is shown.
func (t *tool) net(row *row4) string {
	switch {
	case t.names.Numeric, row.dst == [4]byte{} && row.mask != [4]byte{}:
		return string(cli.AppendIP(nil, row.dst[:]))
	case row.dst == [4]byte{}:
		return "default"
	case row.mask == [4]byte{255, 255, 255, 255}:
		return t.names.Host(row.dst[:])
	}
	return t.names.Net(row.dst)
}

func (t *tool) gateway(gw [4]byte) string {
	if gw == [4]byte{} {
		return "0.0.0.0"
	}
	return t.names.Host(gw[:])
}

const column = 15 // as wide as an address

// cell appends a name or an address and a blank.
func cell(o *cli.Out, s string) {
	s = cli.Safe(s)
	o.Left(s[:min(len(s), column)], column).C(' ')
}

// num appends a number, to the left of n columns or, for a negative n, to the
// right.
func num(o *cli.Out, v int32, n int) *cli.Out {
	s := strconv.Itoa(int(v))
	if n < 0 {
		return o.Right(s, -n)
	}
	return o.Left(s, n)
}

func (t *tool) line4(o *cli.Out, row *row4) {
	if t.ext == 0 {
		return
	}
	cell(o, t.net(row))
	flags := "U"
	if row.gateway {
		flags += "G"
	}
	if row.reject {
		flags = "!"
		cell(o, "-")
	} else {
		cell(o, t.gateway(row.gw))
	}
	if row.mask == [4]byte{255, 255, 255, 255} {
		flags += "H"
	}
	cell(o, string(cli.AppendIP(nil, row.mask[:])))
	o.Left(flags, 5).C(' ')
	if t.ext == 2 {
		if row.reject {
			o.S("    - -          - -\n")
			return
		}
		num(o, row.mss, -5).C(' ')
		num(o, row.window, 5).C(' ')
		num(o, row.irtt, -6).C(' ').Safe(t.device(row.index)).NL()
		return
	}
	num(o, row.metric, 6).C(' ')
	switch {
	case row.reject && t.ext == 1:
		o.S("-        0 -\n")
	case row.reject:
		o.S("-        0 -        -     -      -\n")
	case t.ext == 1:
		o.S("0        0 ").Safe(t.device(row.index)).NL()
	default:
		o.S("0        0 ")
		dev := cli.Safe(t.device(row.index))
		o.Left(dev[:min(len(dev), 6)], 6).S("   ")
		num(o, row.mss, 5).C(' ')
		num(o, row.window, 6).C(' ')
		num(o, row.irtt, 0).NL()
	}
}

// device is an interface's name; "*" if the route has none.
func (t *tool) device(index int32) string {
	if d := t.devs.ByIndex(index); index != 0 && d != nil {
		return d.Name
	}
	return "*"
}
