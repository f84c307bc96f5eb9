package ip

import (
	"rawns/cmd/rawns/internal/cli"
)

// globals is what the options before the object say.
type globals struct {
	family  uint8 // AF_UNSPEC for none
	netns   string
	stats   int
	details int
	resolve int
	hosts   *hosts // what has been resolved
	loops   int
	oneline bool
	brief   bool
	json    bool
	pretty  bool
	numeric bool
	all     bool
	human   bool
	iec     bool
	stamp   bool
	shortTS bool
	echo    bool
	color   bool
	ranges  bool   // VLANs that follow each other are shown as one: bridge -compressvlans
	refused int    // exit code of what the kernel refuses, if not exitKernel
	batch   string // the file of -batch
	version bool   // say it, and nothing else
	batched bool   // there is one
	force   bool   // go on behind a line of it that failed
}

// printer returns a printer as the options ask for it.
func (g *globals) printer(o *cli.Out) *printer {
	eol := "\n"
	if g.oneline {
		eol = `\`
	}
	if g.resolve > 0 && g.hosts == nil {
		g.hosts = &hosts{}
	}
	return &printer{o: o, json: g.json, pretty: g.pretty, color: g.color && !g.json, bold: g.color && darkBackground(), num: g.numeric, hosts: g.hosts, eol: eol}
}

// A tool is a program of iproute2: ip, or bridge.
type tool struct {
	name    string // "ip"
	version string // what -V says
	objects []object
	globals []global
	hint    string // what an unknown option is told to try
	options string // the usage text of the globals
	failed  int    // exit code of every command that fails; 0 is ip's, exitMissing and exitKernel
}

// An object is a row of a tool's table, in iproute2's order, which decides what
// an abbreviation means.
type object struct {
	name  string
	cmds  *commands // nil: not implemented
	brief string    // for "rawns help" and completion; of what is not implemented: what to do instead
}

// ipTool is ip.
var ipTool = tool{name: "ip", version: "ip utility, iproute2-6.1.0, rawns\n", globals: ipGlobals, hint: "ip -help", options: ipOptions, objects: []object{
	{"address", &addrCommands, "protocol addresses of links"},
	{"addrlabel", &addrlabelCommands, "labels by which IPv6 chooses addresses"},
	{"maddress", &maddrCommands, "multicast addresses"},
	{"route", &routeCommands, "routing tables"},
	{"rule", &ruleCommands, "rules that choose a routing table"},
	{"neighbor", &neighCommands, "ARP and NDISC tables"},
	{"neighbour", &neighCommands, "the same"},
	{"ntable", &ntableCommands, "limits and times of neighbour tables"},
	{"ntbl", &ntableCommands, "the same"},
	{"link", &linkCommands, "network interfaces"},
	{"l2tp", nil, ""},
	{"fou", nil, ""},
	{"ila", nil, ""},
	{"macsec", nil, "the link itself can be made: ip link add link DEVICE NAME type macsec [ ARGS ]"},
	{"tunnel", nil, "a tunnel is a link, too: ip link add NAME type { gre | ipip | sit | vti | ip6gre | ip6tnl | vti6 } [ ARGS ]"},
	{"tunl", nil, "a tunnel is a link, too: ip link add NAME type { gre | ipip | sit | vti | ip6gre | ip6tnl | vti6 } [ ARGS ]"},
	{"tuntap", &tuntapCommands, "links that a program reads and writes"},
	{"tap", &tuntapCommands, "the same"},
	{"token", &tokenCommands, "tokens of IPv6 addresses"},
	{"tcpmetrics", nil, ""},
	{"tcp_metrics", nil, ""},
	{"monitor", &monitorCommands, "what changes, as it happens"},
	{"xfrm", &xfrmCommands, "IPsec"},
	{"mroute", &mrouteCommands, "multicast routes"},
	{"mrule", &mruleCommands, "the same for multicast routing"},
	{"netns", &netnsCommands, "network namespaces"},
	{"netconf", &netconfCommands, "settings of protocols"},
	{"vrf", &vrfCommands, "virtual routing and forwarding"},
	{"sr", nil, ""},
	{"nexthop", &nexthopCommands, "next hops that routes share"},
	{"mptcp", nil, ""},
	{"ioam", nil, ""},
	{"help", nil, ""},
	{"stats", &statsCommands, "further counters of links"},
}}

// Run is the applet ip.
func Run(argv []string) int { return ipTool.main(argv) }

// main runs a command line, argv[0] included.
func (t *tool) main(argv []string) int {
	p, g, err := t.parse(argv)
	r := newRunner(g, cli.Stdout)
	defer r.close()
	if err == nil && p == nil && g.batched {
		return t.batch(r)
	}
	switch {
	case err != nil:
	case cli.Dry != nil:
		err = p.dry(r)
	default:
		err = p.run(r)
	}
	return report(r, err)
}

// parse turns a command line into a plan, which is nil for a batch.
func (t *tool) parse(argv []string) (*plan, *globals, error) {
	g := &globals{loops: 10, refused: t.failed}
	a := &args{g: g, tool: t}
	if len(argv) > 1 {
		a.w = argv[1:]
	}
	if a.globals(t); a.err != nil {
		return nil, g, a.err
	}
	if g.version {
		return &plan{[]step{text(t.version)}}, g, nil
	}
	if g.batched {
		return nil, g, nil
	}
	if !a.more() {
		return nil, g, t.usage(exitUsage)
	}
	p, err := t.parseObject(a)
	return p, g, err
}

// parseObject reads one command, from its object's name on.
func (t *tool) parseObject(a *args) (*plan, error) {
	name := a.next()
	for i := range t.objects {
		o := &t.objects[i]
		if !matches(name, o.name) {
			continue
		}
		if o.name == "help" {
			return nil, t.usage(exitUsage)
		}
		if o.cmds == nil {
			f := t.failf(`Object "`, name, `" is not implemented, try "`+t.name+` help".`)
			f.hint = o.brief
			return nil, f
		}
		p, err := o.cmds.parse(a)
		if a.err != nil {
			return nil, a.err
		}
		return p, err
	}
	return nil, t.failf(`Object "`, name, `" is unknown, try "`+t.name+` help".`)
}

// failf is the failure of a command, behind which a batch may go on.
func (t *tool) failf(parts ...string) *failure {
	f := failf(exitMissing, parts...)
	if t.failed != 0 {
		f.code, f.goesOn = t.failed, true
	}
	return f
}

// text is a step that prints itself.
type text string

func (t text) run(r *runner) error {
	r.out.S(string(t))
	return nil
}

// usage is the failure that prints how the tool is called.
func (t *tool) usage(code int) *failure {
	s := "Usage: " + t.name + " [ OPTIONS ] OBJECT { COMMAND | help }\n       " + t.name + " [ -force ] -batch filename\nwhere  OBJECT := {"
	sep := " "
	for i := range t.objects {
		if t.objects[i].cmds != nil || t.objects[i].name == "help" {
			s += sep + t.objects[i].name
			sep = " | "
		}
	}
	return &failure{code: code, text: s + t.options}
}

const ipOptions = ` }
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -r[esolve] |
                    -h[uman-readable] | -iec | -j[son] | -p[retty] |
                    -f[amily] { inet | inet6 | mpls | bridge | link } |
                    -4 | -6 | -M | -B | -0 |
                    -l[oops] { maximum-addr-flush-attempts } | -br[ief] |
                    -o[neline] | -t[imestamp] | -ts[hort] |
                    -rc[vbuf] [size] | -n[etns] name | -N[umeric] | -a[ll] |
                    -c[olor]}`
