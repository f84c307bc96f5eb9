// Package route is the applet of that name: it shows and changes the kernel's
// routing tables as net-tools 2.10's route does, in words, exit codes and
// effects.
//
// The original reads /proc/net/route and changes the table by the ioctls
// SIOCADDRT and SIOCDELRT. This one lists (show.go, show6.go) and changes it by
// rtnetlink. [parse4] and [parse6] turn a line into a change that is plain data
// (inet.go, inet6.go); carrying it out (change.go) includes what the kernel makes
// of such an ioctl: the scope that follows from the gateway, the source address
// that an alias stands for.
//
// # Where it differs on purpose
//
//   - Prefix lengths are 0 to 32; the original shifts by what it is given, so
//     that on most processors /33 becomes /1 and -net ADDRESS/32 is refused.
//   - A metric above 32767 is what was asked for; the original's has 16 bits.
//   - "mod" and "dyn" mark no IPv6 route: messages cannot say so.
//   - Of IPv6's routes, those that are listed from /proc/net/ipv6_route have
//     their reference counts and flags; where there is no /proc, the counts are
//     1 and the flags those that follow from the messages.
//   - Of the tables of amateur radio, X.25, IPX and AppleTalk it says that they
//     are not there.
//   - A hint with the kernel's own words may follow an error.
package route

import (
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/nettools"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// Exit codes of the original.
const (
	codeFailed = 1
	codeUsage  = 3
	codeLookup = 6
	codeKernel = 7
)

// tool is one run.
type tool struct {
	ext        int // 1, 2 with -e, 3 with -ee
	fib, cache bool

	conn  *nl.Conn
	devs  nettools.Devices
	names nettools.Namer
}

// aliases are further names of families behind -A; "ec" goes by "econet" only.
var aliases = [...]struct{ alias, name string }{
	{"ax25", "ax25"}, {"ip", "inet"}, {"ipx", "ipx"}, {"appletalk", "ddp"}, {"netrom", "netrom"}, {"inet", "inet"}, {"inet6", "inet6"},
	{"ddp", "ddp"}, {"unix", "unix"}, {"tcpip", "inet"}, {"econet", "ec"}, {"x25", "x25"}, {"ash", "ash"}, {"rose", "rose"}, {"bluetooth", "bluetooth"},
}

// familyOption is what Getopt calls the long options of the families by: the
// number of their place among the aliases is not a letter.
const familyOption = 1

func longOptions() []nettools.LongOption {
	var long []nettools.LongOption
	for i, a := range aliases {
		if a.alias != "rose" { // the original has no option of that name
			long = append(long, nettools.LongOption{Name: a.alias, Opt: byte(familyOption + i)})
		}
	}
	return append(long, nettools.LongOption{Name: "extend", Opt: 'e'}, nettools.LongOption{Name: "verbose", Opt: 'v'}, nettools.LongOption{Name: "version", Opt: 'V'},
		nettools.LongOption{Name: "numeric", Opt: 'n'}, nettools.LongOption{Name: "symbolic", Opt: 'N'}, nettools.LongOption{Name: "protocol", Opt: 'A'},
		nettools.LongOption{Name: "cache", Opt: 'C'}, nettools.LongOption{Name: "fib", Opt: 'F'}, nettools.LongOption{Name: "help", Opt: 'h'})
}

// addFamilies reads a list of families as behind -A.
func addFamilies(have []string, list string) (now []string, bad string, ok bool) {
	for _, w := range strings.Split(list, ",") {
		name := ""
		for _, a := range aliases {
			if a.alias == w {
				name = a.name
			}
		}
		if name == "" {
			return have, w, false
		}
		have = append(have, name)
	}
	return have, "", true
}

// Run is the applet.
func Run(args []string) int {
	t := &tool{ext: 1}
	args = append([]string(nil), args...)
	for i, a := range args {
		if a == "-net" || a == "-host" {
			args[i] = "#" + a[1:] // options they are not
		}
	}
	var families []string
	help, code := false, -1
	words := nettools.Getopt(args, "A:eCFhnN64Vv?", longOptions(), func(opt byte, arg string) {
		switch {
		case code >= 0:
			return
		case opt < familyOption+byte(len(aliases)):
			arg = aliases[opt-familyOption].alias
			opt = 'A'
		}
		switch opt {
		case 'n', 'N':
			t.names.Numeric = true
		case 'v':
		case 'e':
			t.ext++
		case 'C':
			t.cache = true
		case 'F':
			t.fib = true
		case '4':
			families = append(families, "inet")
		case '6':
			families = append(families, "inet6")
		case 'A':
			var bad string
			var ok bool
			if families, bad, ok = addFamilies(families, arg); !ok {
				nettools.Say("Unknown address family `", bad, "'.")
				code = codeFailed
			}
		case 'V':
			cli.Stdout.S(nettools.Version)
			code = 0
		default:
			help = true
		}
	})
	t.fib = t.fib || !t.cache
	t.ext &= 3
	switch {
	case code >= 0:
		return code
	case help && len(families) == 0:
		usage(cli.Stdout)
		return 0
	case len(families) == 0:
		families = []string{"inet"}
	}
	action := ""
	switch {
	case help:
		action = "help"
	case len(words) > 0:
		action = words[0]
		words = words[1:]
	}
	switch action {
	case "delete":
		action = "del"
	case "", "help", "add", "del", "flush":
		if action != "help" || help {
			break
		}
		fallthrough
	default:
		usage(cli.Stderr)
		return codeUsage
	}
	c, err := cli.Dial(unix.NETLINK_ROUTE)
	if err != nil {
		nettools.Perror("socket", err)
		return codeKernel
	}
	defer c.Close()
	defer t.devs.Close()
	t.conn, t.devs.Conn = c, c
	if action == "" {
		for _, f := range families {
			if code := t.show(f); code != 0 {
				return code
			}
		}
		return 0
	}
	return t.edit(action, families, words)
}

// show lists the tables of a family.
func (t *tool) show(family string) int {
	switch family {
	case "inet":
		return t.show4()
	case "inet6":
		return t.show6()
	}
	f := nettools.FamilyByName(family)
	switch {
	case f == nil:
		nettools.Say("Address family `", family, "' not supported.")
	case !f.Routes:
		nettools.Say("No routing for address family `", family, "'.")
	default:
		cli.Stdout.S(f.Title[strings.IndexByte(f.Title, ' ')+1:], " not configured in this system.\n")
		return codeFailed
	}
	return codeUsage
}

// edit adds or deletes a route, or says how.
func (t *tool) edit(action string, families, words []string) int {
	if len(families) > 1 {
		nettools.Say("Please don't supply more than one address family.")
		nettools.Say("Address family `", strings.Join(families, ","), "' not supported.")
		return codeUsage
	}
	family := families[0]
	show := usage4
	if family == "inet6" {
		show = usage6
	} else if family != "inet" {
		f := nettools.FamilyByName(family)
		if f == nil {
			nettools.Say("Address family `", family, "' not supported.")
		} else {
			nettools.Say("No routing for address family `", family, "'.")
		}
		return codeUsage
	}
	bad := func(say ...string) int {
		for _, s := range say {
			nettools.Say(s)
		}
		show(cli.Stderr)
		return codeUsage
	}
	switch {
	case action == "flush":
		return bad("Flushing `" + family + "' routing table not supported")
	case t.cache && family == "inet":
		return bad("Modifying `inet' routing cache not supported")
	case action == "help", len(words) == 0 && family == "inet":
		show(cli.Stdout)
		return 0
	case len(words) == 0:
		return bad()
	}
	var r *change
	if family == "inet" {
		r = parse4(words)
	} else {
		r = parse6(words)
	}
	r.del = action == "del"
	for _, s := range r.say {
		nettools.Say(s)
	}
	switch {
	case r.code == codeUsage:
		show(cli.Stderr)
		return codeUsage
	case r.code != 0:
		return r.code
	}
	what, err := t.carryOut(r)
	if err != nil {
		if what != interfaceIoctl && !rtnl.Permitted(t.conn) {
			err = unix.EPERM // what the ioctls would have said first
		}
		nettools.Perror(what, err)
		return codeKernel
	}
	return 0
}

// usage prints the help. As in the original, the list in it is on stderr
// wherever the rest is.
func usage(o *cli.Out) {
	o.S(usageText)
	o.Flush()
	nettools.ListFamilies(cli.Stderr, true)
}

const usageText = `Usage: route [-nNvee] [-FC] [<AF>]                  show routing tables
       route [-v] [-FC] [<AF>] {add|del|delete|flush} ...  change one
       route {-h|--help} [<AF>]                     how to change it
       route {-V|--version}                         show the version

        -v, --verbose            say more
        -n, --numeric            don't resolve names
        -e, --extend             show other columns; -ee: all of them
        -F, --fib                show the Forwarding Information Base (default)
        -C, --cache              show the routing cache instead

  <AF>=-4, -6, '-A <af>' or '--<af>'; default: inet
  List of possible address families (which support routing):
`

func usage4(o *cli.Out) {
	o.S(`Usage: inet_route [-vF] del {-host|-net} Target[/prefix] [netmask N] [gw Gw] [metric M] [reject] [[dev] If]
       inet_route [-vF] add {-host|-net} Target[/prefix] [netmask N] [gw Gw] [metric M]
                              [mss Mss] [window W] [irtt I]
                              [mod] [dyn] [reinstate] [[dev] If]
       inet_route [-vF] add {-host|-net} Target[/prefix] [netmask N] [metric M] reject
       inet_route [-FC] flush      NOT supported
`)
}

func usage6(o *cli.Out) {
	o.S(`Usage: inet6_route [-vF] del Target[/prefix] [gw Gw] [metric M] [[dev] If]
       inet6_route [-vF] add Target[/prefix] [gw Gw] [metric M] [mod] [dyn] [[dev] If]
       inet6_route [-FC] flush      NOT supported
`)
}
