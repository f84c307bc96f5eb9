// Package arp is the applet of that name: it shows and changes the IPv4
// neighbour table as net-tools 2.10's arp does, in words, exit codes and
// effects.
//
// The original reads /proc/net/arp and changes the table by the ioctls
// SIOCSARP and SIOCDARP. This one lists (show.go) and changes it (set.go) by
// rtnetlink; what the kernel's arp_ioctl makes of a request, such as finding the
// interface for an address, it does itself. (The names of the interfaces in a
// list come by ioctl if they can, see package nettools.)
//
// # Where it differs on purpose
//
//   - Hardware addresses are read to their end; the original fills up a short
//     one with what was in memory and cuts a long one.
//   - It knows no addresses of AX.25, Frame Relay or IrDA, with which the
//     original crashes or is refused by the kernel on any network of today.
//   - A hint with the kernel's own words may follow an error.
package arp

import (
	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/nettools"
	"rawns/nl"
	"rawns/nl/rtnl"

	"golang.org/x/sys/unix"
)

// etherFile is what -f reads without a name.
const etherFile = "/etc/ethers"

// The exit codes of the original: -1 for all that failed, 3 for a mistake on
// the command line.
const (
	codeFailed = 255
	codeUsage  = 3
)

// arp is one run.
type arp struct {
	numeric, verbose, device, columns, bsd bool // -n -v -D -e -a

	dev   string // -i
	hw    *nettools.HWType
	hwSet bool // -H was given

	conn  *nl.Conn
	devs  nettools.Devices
	names nettools.Namer
}

var longOptions = []nettools.LongOption{
	{Name: "verbose", Opt: 'v'}, {Name: "version", Opt: 'V'}, {Name: "all", Opt: 'a'}, {Name: "delete", Opt: 'd'}, {Name: "file", Opt: 'f'},
	{Name: "numeric", Opt: 'n'}, {Name: "set", Opt: 's'}, {Name: "protocol", Opt: 'A'}, {Name: "hw-type", Opt: 'H'}, {Name: "device", Opt: 'i'},
	{Name: "help", Opt: 'h'}, {Name: "use-device", Opt: 'D'}, {Name: "symbolic", Opt: 'N'},
}

// Run is the applet.
func Run(args []string) int {
	a := &arp{hw: nettools.HWByName("ether")}
	family := "inet"
	mode, code := byte(0), -1 // the last of -a -f -d -s; what ends the run
	end := func(c int) {
		if code < 0 {
			code = c
		}
	}
	words := nettools.Getopt(args, "A:H:adfp:nsei:t:vh?DNV", longOptions, func(opt byte, arg string) {
		if code >= 0 {
			return
		}
		switch opt {
		case 'a', 'f', 'd', 's':
			mode = opt
			a.bsd = a.bsd || opt == 'a'
		case 'e':
			a.columns = true
		case 'n':
			a.numeric = true
		case 'D':
			a.device = true
		case 'N':
			nettools.Say("arp: -N not yet supported.")
		case 'v':
			a.verbose = true
		case 'A', 'p':
			if nettools.FamilyByName(arg) == nil {
				nettools.Say("arp: ", arg, ": unknown address family.")
				end(codeFailed)
			}
			family = arg
		case 'H', 't':
			if a.hw = nettools.HWByName(arg); a.hw == nil {
				nettools.Say("arp: ", arg, ": unknown hardware type.")
				end(codeFailed)
			}
			a.hwSet = true
		case 'i':
			a.dev = arg
		case 'V':
			cli.Stdout.S(nettools.Version)
			end(0)
		case 'h':
			usage(cli.Stdout)
			end(0)
		default:
			usage(cli.Stderr)
			end(codeUsage)
		}
	})
	switch {
	case code >= 0:
		return code
	case family != "inet":
		nettools.Say("arp: ", family, ": kernel only supports 'inet'.")
		return codeFailed
	case !a.hw.HasARP():
		nettools.Say("arp: ", a.hw.Name, ": hardware type without ARP support.")
		return codeFailed
	}
	c, err := cli.Dial(unix.NETLINK_ROUTE)
	if err != nil {
		nettools.Perror("socket", err)
		return codeFailed
	}
	defer c.Close()
	defer a.devs.Close()
	a.conn, a.devs.Conn, a.names.Numeric = c, c, a.numeric
	switch mode {
	case 'f':
		file := etherFile
		if len(words) > 0 {
			file = words[0]
		}
		return a.file(file)
	case 'd':
		code = a.del(words)
	case 's':
		code = a.set(words)
	default:
		a.columns = a.columns || mode == 0
		return a.show(words)
	}
	if code == codeUsage {
		usage(cli.Stderr)
	}
	return code
}

// deviceFor finds the interface that an address is reached through without a
// gateway, as the ioctls do for those who name none.
func (a *arp) deviceFor(ip [4]byte) (*nettools.Device, error) {
	var b nl.Builder
	rtnl.GetRoute(&b, rtnl.RtMsg{Family: unix.AF_INET, DstLen: 32})
	b.IP(rtnl.RTA_DST, ip[:])
	var index uint32
	link := true
	err := a.conn.Do(&b, func(m nl.Message) {
		if r, err := rtnl.ParseRoute(m); err == nil {
			index, _ = r.Attrs.U32(rtnl.RTA_OIF)
			_, gw := r.Attrs.IP(rtnl.RTA_GATEWAY)
			_, via := r.Attrs.Blob(rtnl.RTA_VIA)
			link = !gw && !via
		}
	})
	switch {
	case err != nil:
		return nil, err
	case !link:
		return nil, unix.ENETUNREACH
	}
	if d := a.devs.ByIndex(int32(index)); d != nil {
		return d, nil
	}
	return nil, unix.ENODEV
}

// usage prints the help. As in the original, the list in it is on stderr
// wherever the rest is.
func usage(o *cli.Out) {
	o.S(usageText)
	o.Flush()
	nettools.ListHW(cli.Stderr, true)
}

const usageText = `Usage:
  arp [-vn] [-H <hw>] [-i <if>] [-ae] [<host>]                     show entries
  arp [-v] [-i <if>] -d <host> [pub|priv]                          delete one
  arp [-v] [-H <hw>] [-i <if>] -s <host> <hwaddr> [temp]           add one
  arp [-v] [-H <hw>] [-i <if>] -s <host> <hwaddr> [netmask <nm>] pub
  arp [-v] [-H <hw>] [-i <if>] -Ds <host> <if> [netmask <nm>] pub  the same with the address of <if>
  arp [-vD] [-H <hw>] [-i <if>] -f [<file>]                        add those of a file

        -a, --all                show them in BSD style
        -e                       show them in columns (default)
        -s, --set                add an entry
        -d, --delete             delete an entry
        -v, --verbose            say more
        -n, --numeric            don't resolve names
        -i, --device <if>        only of this interface
        -D, --use-device         take <hwaddr> from an interface
        -A, -p, --protocol <af>  address family: inet
        -f, --file               add entries from a file; default: ` + etherFile + `

  -H, -t, --hw-type <hw>=Hardware address type. Default: ether
  List of possible hardware types (which support ARP):
`
