package route

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/nettools"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/file"
)

// A row6 is a line of /proc/net/ipv6_route.
type row6 struct {
	dst, gw   [16]byte
	length    uint8
	metric    int32
	refs, use uint32
	flags     uint32 // RTF_
	dev       string
}

// The flags that are shown (linux/route.h, linux/ipv6_route.h), in order.
var flags6 = [...]struct {
	bit    uint32
	letter byte
}{
	{unix.RTF_UP, 'U'}, {unix.RTF_REJECT, '!'}, {unix.RTF_GATEWAY, 'G'}, {unix.RTF_HOST, 'H'}, {unix.RTF_DEFAULT, 'D'}, {unix.RTF_ADDRCONF, 'A'},
	{unix.RTF_CACHE, 'C'}, {unix.RTF_ALLONLINK, 'a'}, {rtfExpires, 'e'}, {unix.RTF_MODIFIED, 'm'}, {unix.RTF_NONEXTHOP, 'n'}, {unix.RTF_FLOW, 'f'},
}

const rtfExpires = 0x400000 // RTF_EXPIRES, linux/ipv6_route.h

const header6 = "Destination                    Next Hop                   Flag Met Ref  Use If\n"

// The thread's own namespace is meant, not that of /proc/self.
const procRoute6 = "/proc/thread-self/net/ipv6_route"

// show6 lists all tables.
func (t *tool) show6() int {
	rows, ok := rowsOfProc(procRoute6)
	if !ok {
		var err error
		if rows, err = t.rows6(); err != nil {
			nettools.Perror("route", err)
			cli.Stdout.S("INET6 (IPv6) not configured in this system.\n")
			return codeFailed
		}
	}
	o := cli.Stdout
	for _, list := range [...]struct {
		want  bool
		title string
		cache uint32
	}{{t.fib, "Kernel IPv6 routing table\n", 0}, {t.cache, "Kernel IPv6 routing cache\n", unix.RTF_CACHE}} {
		if !list.want {
			continue
		}
		o.S(list.title, header6)
		for i := range rows {
			if rows[i].flags&unix.RTF_CACHE == list.cache {
				t.line6(o, &rows[i])
			}
		}
	}
	return 0
}

// name6 is an address as it is shown.
func (t *tool) name6(ip [16]byte) string {
	if !t.names.Numeric && ip == [16]byte{} {
		return "[::]"
	}
	return cli.Safe(t.names.Host(ip[:]))
}

func (t *tool) line6(o *cli.Out, r *row6) {
	o.Left(t.name6(r.dst)+"/"+strconv.Itoa(int(r.length)), 30).C(' ')
	o.Left(t.name6(r.gw), 26).C(' ')
	var flags []byte
	for _, f := range flags6 {
		if r.flags&f.bit != 0 {
			flags = append(flags, f.letter)
		}
	}
	o.Left(string(flags), 4).C(' ')
	num(o, r.metric, 3).C(' ')
	num(o, int32(r.refs), 1).C(' ')
	num(o, int32(r.use), -6).C(' ').Safe(r.dev).NL()
}

// rowsOfProc reads the file: destination, its length, source, its length, next
// hop, metric, references, use, flags, interface. Messages tell neither the
// references nor all of the flags.
func rowsOfProc(path string) (rows []row6, ok bool) {
	text, err := file.Read(path)
	if err != nil {
		return nil, false
	}
	for line := range strings.Lines(string(text)) {
		w := strings.Fields(line)
		if len(w) < 10 {
			continue
		}
		dst, ok1 := nettools.ParseHW(w[0], 16)
		gw, ok2 := nettools.ParseHW(w[4], 16)
		if !ok1 || !ok2 {
			continue
		}
		hex := func(s string) uint32 {
			n, _ := strconv.ParseUint(s, 16, 32)
			return uint32(n)
		}
		rows = append(rows, row6{[16]byte(dst), [16]byte(gw), uint8(hex(w[1])), int32(hex(w[5])), hex(w[6]), hex(w[7]), hex(w[8]), w[9]})
	}
	return rows, true
}

// rows6 makes the same of messages, as far as that goes: the count of
// references is that of a route that nobody uses. Behind each table without a
// default route is the entry that stands in for it.
func (t *tool) rows6() (rows []row6, err error) {
	var b nl.Builder
	rtnl.GetRoute(&b, rtnl.RtMsg{Family: unix.AF_INET6})
	type hop struct {
		row   int
		index int32
	}
	var hops []hop // names of interfaces are looked up later: one request at a time
	table, hasDefault := uint32(0), true
	endTable := func() {
		if !hasDefault {
			rows = append(rows, row6{metric: -1, refs: 1, flags: unix.RTF_REJECT | unix.RTF_NONEXTHOP, dev: "lo"})
		}
	}
	err = t.conn.Repeat(&b, func() { rows, hops, table, hasDefault = nil, nil, 0, true }, func(m nl.Message) error {
		r, err := rtnl.ParseRoute(m)
		if err != nil || r.Family != unix.AF_INET6 {
			return err
		}
		if r.Table() != table {
			endTable()
			table, hasDefault = r.Table(), false
		}
		hasDefault = hasDefault || r.DstLen == 0
		row := row6{length: r.DstLen, refs: 1, flags: flagsOf(r)}
		dst, _ := r.Attrs.IP(rtnl.RTA_DST)
		copy(row.dst[:], dst)
		metric, _ := r.Attrs.U32(rtnl.RTA_PRIORITY)
		row.metric = int32(metric)
		oif, _ := r.Attrs.U32(rtnl.RTA_OIF)
		add := func(index int32, as nl.Attrs) {
			row := row
			if gw, ok := as.IP(rtnl.RTA_GATEWAY); ok {
				copy(row.gw[:], gw)
				row.flags |= unix.RTF_GATEWAY
			}
			hops = append(hops, hop{len(rows), index})
			rows = append(rows, row)
		}
		if several, ok := r.Attrs.Blob(rtnl.RTA_MULTIPATH); ok {
			eachHop(several, add)
		} else {
			add(int32(oif), r.Attrs)
		}
		return nil
	})
	if err == nl.ErrDumpInterrupted {
		err = nil
	}
	endTable()
	for _, h := range hops {
		rows[h.row].dev = t.device(h.index)
	}
	return rows, err
}

// flagsOf are the RTF_ bits that follow from a message.
func flagsOf(r rtnl.Route) uint32 {
	f := uint32(unix.RTF_UP)
	switch r.Type {
	case unix.RTN_BLACKHOLE, unix.RTN_UNREACHABLE, unix.RTN_PROHIBIT, unix.RTN_THROW:
		f = unix.RTF_REJECT | unix.RTF_NONEXTHOP
	case unix.RTN_LOCAL, unix.RTN_ANYCAST:
		if r.Protocol == unix.RTPROT_KERNEL { // of an address
			f |= unix.RTF_NONEXTHOP
		}
	}
	if r.Flags&unix.RTNH_F_ONLINK != 0 {
		f |= unix.RTF_HOST // they have the same bit in the kernel
	}
	if r.Flags&unix.RTM_F_CLONED != 0 {
		f |= unix.RTF_CACHE
	}
	if r.Protocol == unix.RTPROT_RA {
		f |= unix.RTF_ADDRCONF
		if r.DstLen == 0 {
			f |= unix.RTF_DEFAULT
		}
	}
	if _, ok := r.Attrs.U32(rtnl.RTA_EXPIRES); ok {
		f |= rtfExpires
	} else if p, ok := r.Attrs.Blob(rtnl.RTA_CACHEINFO); ok && len(p) >= 12 && p[8]|p[9]|p[10]|p[11] != 0 {
		f |= rtfExpires
	}
	return f
}
