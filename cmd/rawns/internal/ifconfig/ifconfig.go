// Package ifconfig is the applet of that name: it shows interfaces as
// net-tools 2.10 shows them and takes the lines that net-tools takes, with the
// same words, exit codes and effects.
//
// # How it works
//
// [parse] turns the words behind the interface's name into a plan: a list of
// steps that are plain data (parse.go). Only names make it talk to anybody:
// /etc/hosts, /etc/networks and DNS. [runner] carries the steps out one after
// the other and goes on behind one that fails, as the original does (run.go). Without such words,
// [table] collects links and addresses (collect.go), and they are printed
// (show.go) with the hardware types of package nettools in the original's order
// (names.go).
//
// # What speaks netlink and what does not
//
// Lists, link properties (mtu, txqueuelen, hardware address, name, I/O map) and
// IPv6 addresses go through rtnetlink, whose refusals say why, and which lets
// the root of a user namespace do what some ioctls do not. Flags and IPv4
// addresses are ioctls of an AF_INET socket, because what the line means lives
// there, in the kernel's devinet_ioctl: SIOCSIFADDR replaces the address that
// has the name as its label and gives it its class's mask and broadcast
// address, SIOCSIFNETMASK moves the broadcast address along unless someone
// chose another, and SIOCSIFFLAGS without IFF_UP on "eth0:1" takes that label's
// address away. In netlink's terms each of them would be a dump, a comparison
// and two requests, not one.
//
// # Where it differs on purpose
//
//   - A line that cannot be understood to its end changes nothing. The original
//     has done the first half by then.
//   - Prefix lengths are 0 to 32. The original shifts by what it is given, so
//     that on most processors /33 becomes /1 and /32 becomes /0.
//   - Numbers and hardware addresses are read to their end: it takes "1400x"
//     for 1400, "x" for 0, and fills up a short hardware address with zeros.
//   - Names of more than 15 bytes are refused and not cut.
//   - Failures of add and del for IPv4 are told, with an exit code. An address
//     is also added to an interface that is down, where the original takes it
//     away again, and one that is not there is not added by del.
//   - Control characters in names are printed escaped; a hint may follow an
//     error on a line of its own.
//   - The amateur-radio and other address families of the nineties are known by
//     name, to say that they cannot be configured.
package ifconfig

import (
	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/nettools"
)

// Run is the applet.
func Run(args []string) int {
	var short, all, verbose bool
	args = args[1:]
	for ; len(args) > 0 && len(args[0]) > 0 && args[0][0] == '-'; args = args[1:] {
		switch args[0] {
		case "-a":
			all = true
		case "-s":
			short = true
		case "-v":
			verbose = true
		case "-V", "-version", "--version":
			cli.Stdout.S(nettools.Version)
			return 0
		case "-?", "-h", "-help", "--help":
			usage(cli.Stdout)
			return 0
		default:
			nettools.Say("ifconfig: option `", args[0], "' not recognised.")
			nettools.Say(tryHelp)
			return 1
		}
	}
	if len(args) < 2 {
		name := ""
		if len(args) == 1 {
			name = args[0]
		}
		return show(len(args) == 1, name, all, short)
	}
	p := parse(args[0], args[1:])
	for _, s := range p.say {
		nettools.Say(s)
	}
	if p.usage {
		usage(cli.Stderr)
	}
	if p.code == 0 {
		p.code = run(p, verbose)
	}
	if verbose && p.code != 0 && !p.final {
		nettools.Say("WARNING: at least one error occured. (", itoa(p.code), ")")
	}
	return p.code & 0xff
}

const tryHelp = "ifconfig: `--help' gives usage information."

// usage prints the help on o. As in the original, the lists in it are on
// stderr wherever the rest is.
func usage(o *cli.Out) {
	o.S(usageHead)
	o.Flush()
	nettools.ListHW(cli.Stderr, false)
	cli.Stderr.Flush()
	o.S("  <AF>=Address family. Default: inet\n  List of possible address families:\n")
	o.Flush()
	nettools.ListFamilies(cli.Stderr, false)
}

const usageHead = `Usage:
  ifconfig [-a] [-v] [-s] <interface> [[<AF>] <address>]
  [add <address>[/<prefixlen>]]
  [del <address>[/<prefixlen>]]
  [[-]broadcast [<address>]]  [[-]pointopoint [<address>]]
  [netmask <address>]  [dstaddr <address>]  [tunnel <address>]
  [outfill <NN>] [keepalive <NN>]
  [hw <HW> <address>]  [mtu <NN>]
  [[-]trailers]  [[-]arp]  [[-]allmulti]
  [multicast]  [[-]promisc]
  [mem_start <NN>]  [io_addr <NN>]  [irq <NN>]  [media <type>]
  [txqueuelen <NN>]
  [name <newname>]
  [[-]dynamic]
  [up|down] ...

  <HW>=Hardware Type.
  List of possible hardware types:
`
