package ip

import (
	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
)

// A kind is a type of link, or, with slave, of a port of one: what may follow
// "type NAME", and what "ip -d link show" says of it.
type kind struct {
	name  string
	slave bool   // NAME_slave: its options go to IFLA_INFO_SLAVE_DATA
	word  string // what an unknown option is called: "option"
	opts  *table
	also  []*table // options that several kinds share, behind opts
	// parse reads what follows "type NAME", into the open nest.
	parse func(a *args, s *linkState, k *kind)
	// show prints what the nest holds; nil for a kind that shows nothing.
	show   func(l *linkPrinter, data nl.Attrs)
	tunnel *tunnel
	help   string // the usage text where it is not made of opts
}

// kinds are those with options. Any other kind can be made by its name.
var kinds = [...]kind{
	{name: "bridge", word: "command", opts: &bridgeOptions, parse: parseBridge, show: showBridge},
	{name: "bridge_slave", slave: true, word: "option", opts: &bridgePortOptions, parse: parseKind, show: showBridgePort},
	{name: "erspan", opts: &greOptions, also: erspanTables, parse: parseTunnel, show: showGRE, tunnel: &erspanTunnel},
	{name: "gre", opts: &greOptions, also: encapTables, parse: parseTunnel, show: showGRE, tunnel: &greTunnel},
	{name: "gretap", opts: &greOptions, also: encapTables, parse: parseTunnel, show: showGRE, tunnel: &greTunnel},
	{name: "ip6erspan", opts: &ip6greOptions, also: erspanTables, parse: parseTunnel, show: showIP6GRE, tunnel: &ip6greTunnel},
	{name: "ip6gre", opts: &ip6greOptions, also: erspanTables, parse: parseTunnel, show: showIP6GRE, tunnel: &ip6greTunnel},
	{name: "ip6gretap", opts: &ip6greOptions, also: erspanTables, parse: parseTunnel, show: showIP6GRE, tunnel: &ip6greTunnel},
	{name: "ip6tnl", opts: &ip6tnlOptions, also: encapTables, parse: parseTunnel, show: showIP6Tnl, tunnel: &ip6tnlTunnel},
	{name: "ipip", opts: &iptnlOptions, also: encapTables, parse: parseTunnel, show: showIPTnl, tunnel: &ipipTunnel},
	{name: "sit", opts: &iptnlOptions, also: sitTables, parse: parseTunnel, show: showIPTnl, tunnel: &sitTunnel},
	{name: "tun", show: showTun},
	{name: "veth", parse: parseVeth, help: vethHelp},
	{name: "vti", opts: &vtiOptions, parse: parseTunnel, show: showVTI, tunnel: &vtiTunnel},
	{name: "vti6", opts: &vtiOptions, parse: parseTunnel, show: showVTI, tunnel: &vti6Tunnel},
}

func findKind(name string) *kind {
	for i := range kinds {
		if kinds[i].name == name {
			return &kinds[i]
		}
	}
	return nil
}

// parseKind reads options that are all rows of the kind's table.
func parseKind(a *args, s *linkState, k *kind) {
	var used seen
	for a.more() {
		if a.option(k.opts, s, &used) {
			continue
		}
		w := a.next()
		if !matches(w, "help") {
			a.failf(exitMissing, k.name+": unknown "+k.word+` "`, w, "\"?\n"+k.usage())
			return
		}
		a.fail(&failure{code: exitMissing, text: k.usage()})
	}
}

// usage says which options the kind has.
func (k *kind) usage() string {
	if k.opts == nil {
		return k.help
	}
	o := &cli.Out{}
	o.S("Usage: ... ", k.name)
	k.opts.appendUsage(o, "\n\t\t  ")
	for _, t := range k.also {
		t.appendUsage(o, "\n\t\t  ")
	}
	o.NL()
	return string(o.B)
}

// appendUsage appends every row as "[ keyword VALUE ]" behind sep.
func (t *table) appendUsage(o *cli.Out, sep string) {
	for i := range t.rows {
		r := &t.rows[i]
		o.S(sep, "[ ", r.name, " ")
		if r.arg != "" {
			o.S(r.arg, " ")
		}
		o.C(']')
	}
}
