package ip

import (
	"rawns/nl/rtnl"
)

const vethHelp = "Usage: ip link <options> type veth [peer <options>]\nTo get <options> type 'ip link add help'\n"

// parseVeth reads "peer", and behind it the options of any link, which are
// the peer's: among them netns, where it shall be born.
func parseVeth(a *args, s *linkState, k *kind) {
	if !a.take("peer") {
		a.fail(&failure{code: exitMissing, stdout: k.help}) // iproute2 says it on stdout
		return
	}
	p := &linkState{request: s.request, create: s.create, peer: true}
	m := p.b.Nest(rtnl.VETH_INFO_PEER)
	p.header = p.b.Size()
	rtnl.PutIfInfomsg(&p.b, rtnl.IfInfomsg{})
	p.parse(a)
	p.b.End(m)
}
