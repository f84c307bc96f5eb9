//go:build tiny

package ip

import (
	"os"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// What -tags tiny leaves out: each of these stands for what is in a file that is
// tagged !tiny, and says so, or does nothing.

const notInBuild = "is not in this build, which was made with -tags tiny"

// Texts for "rawns help": not even that of a keyword is kept in the tables.
type helpText struct{}

func helps(string) (none helpText) { return }

// leftOut is the parser of every object that is left out.
func leftOut(a *args) error { return a.tool.failf(a.obj.name, " ", notInBuild) }

// Objects.
var (
	addrlabelCommands = commands{name: "ip addrlabel", first: leftOut}
	maddrCommands     = commands{name: "ip maddress", first: leftOut}
	mdbCommands       = commands{name: "bridge mdb", first: leftOut}
	mrouteCommands    = commands{name: "ip mroute", first: leftOut}
	netconfCommands   = commands{name: "ip netconf", first: leftOut}
	nexthopCommands   = commands{name: "ip nexthop", first: leftOut}
	ntableCommands    = commands{name: "ip ntable", first: leftOut}
	statsCommands     = commands{name: "ip stats", first: leftOut}
	tokenCommands     = commands{name: "ip token", first: leftOut}
	tuntapCommands    = commands{name: "ip tuntap", first: leftOut}
	vniCommands       = commands{name: "bridge vni", first: leftOut}
	vrfCommands       = commands{name: "ip vrf", first: leftOut}
	xfrmCommands      = commands{name: "ip xfrm", first: leftOut}
)

// Commands of objects that are there.

func noCommand(a *args) (*plan, error) {
	return nil, a.tool.failf(a.obj.name, " ", a.cmd.name, " ", notInBuild)
}

func parseAddrSave(a *args) (*plan, error)      { return noCommand(a) }
func parseAddrRestore(a *args) (*plan, error)   { return noCommand(a) }
func parseAddrShowdump(a *args) (*plan, error)  { return noCommand(a) }
func parseRouteSave(a *args) (*plan, error)     { return noCommand(a) }
func parseRouteRestore(a *args) (*plan, error)  { return noCommand(a) }
func parseRouteShowdump(a *args) (*plan, error) { return noCommand(a) }
func parseRuleSave(a *args) (*plan, error)      { return noCommand(a) }
func parseRuleRestore(a *args) (*plan, error)   { return noCommand(a) }
func parseLinkXStats(a *args) (*plan, error)    { return noCommand(a) }
func parseLinkAfStats(a *args) (*plan, error)   { return noCommand(a) }

// A dumpfile is what "monitor file FILE" reads.
type dumpfile struct{ bad int }

func (s *dumpfile) read(*os.File, int) ([]byte, error) {
	return nil, failf(s.bad, "reading a file ", notInBuild)
}

func flushRouteCache(*runner) error { return failf(exitMissing, "flushing the cache ", notInBuild) }

// Options.

var vfOptions table

func linkVF(a *args, _ state, _ *option) { a.wrong("vf", notInBuild) }

func (a *args) encap(*request, nl.AttrNestF, nl.AttrU16) { a.wrong("encap", notInBuild) }

func encapWhere(*cli.Out) {}

// Kinds of link. One that is left out can be made without options all the same.

var furtherKinds [0]kind

type (
	tunnel      struct{}
	tunnelWords struct{}
	macsecWords struct{}
	canWords    struct{}
	vfWords     struct{}
)

// What they would use.
var (
	_ = kind{tunnel: (*tunnel)(nil)}
	_ = linkState{vf: vfWords{}, tunnel: (*tunnelWords)(nil), macsec: (*macsecWords)(nil), can: (*canWords)(nil)}
)

// What is shown of the kernel's.

func (p *linkPrinter) virtualFunctions(*rtnl.Link) {}

func (p *printer) encap(_ *runner, kind, _ nl.Attr) {
	if n, ok := kind.U16(); ok {
		p.Str("encap", " encap ", rtnl.EncapTypes.Name(uint32(n)), " ")
	}
}

func (p *printer) nexthopInfo(*runner, uint32) {}

func (p *monitorPrinter) nexthopLine(r *runner, m nl.Message, _ *rtnl.Nexthop) { unknownMessage(r, m) }

func (p *monitorPrinter) netconf(r *runner, m nl.Message, _ *rtnl.Netconf, _ int32) {
	unknownMessage(r, m)
}

func (p *monitorPrinter) addrlabel(r *runner, m nl.Message, _ *rtnl.AddrLabel) { unknownMessage(r, m) }

func (p *monitorPrinter) mroute(r *runner, m nl.Message, _ *routeView, _ bool) { unknownMessage(r, m) }

func (p *monitorPrinter) bucket(m nl.Message) error {
	unknownMessage(p.r, m)
	return nil
}

// statsShow shows counters that are announced.
type statsShow struct{ enabled [0]bool }

func (*statsShow) message(p *linkPrinter, m nl.Message) error {
	unknownMessage(p.r, m)
	return nil
}

func (p *bridgePrinter) mdb(m nl.Message, _, _ bool) error {
	unknownMessage(p.r, m)
	return nil
}

func (p *bridgePrinter) vnis(m nl.Message) error {
	unknownMessage(p.r, m)
	return nil
}

func (v *vlanPrinter) routerPortStats(nl.Attrs) {}

// hosts are names for addresses.
type hosts struct{}

func (*hosts) name(uint8, []byte) string { return "" }

// vrfReset is for programs that are started in a namespace: nothing but "ip vrf
// exec" puts a process into a VRF.
func (r *runner) vrfReset() {}

// Advice.

func addrHint(*runner, *nl.Error) string { return "" }

func routeHint(*runner, *nl.Error) string { return "" }

func linkHint(*runner, *nl.Error, string) string { return "" }

func bridgeHint(*runner, *nl.Error) string { return "" }

// Times of announcements.

func (p *printer) stamp(bool) { p.T("(the time ", notInBuild, ")\n") }

func (p *printer) saved(nl.Message) {}

const nlmsgTstamp = 15

// Dry runs, which only rawns explain makes.

func (p *plan) dry(*runner) error { return nil }

func (s *netnsSet) dry(*runner) error { return nil }

func dryNetns([]byte, *fixup) bool { return false }

func (r *runner) inNetns() {}
