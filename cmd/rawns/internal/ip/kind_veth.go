package ip

import (
	"rawns/nl"
	"rawns/nl/rtnl"
)

// parsePeer reads, for veth and vxcan, "peer", and behind it the options of
// any link, which are the peer's: among them netns, where it shall be born.
func parsePeer(a *args, s *linkState, k *kind) {
	if !a.take("peer") {
		a.fail(&failure{code: exitMissing, stdout: k.help}) // iproute2 says it on stdout
		return
	}
	s.parsePeer(a, rtnl.VETH_INFO_PEER)
}

// parsePeer reads the options of a peer into an attribute.
func (s *linkState) parsePeer(a *args, at nl.AttrNest) {
	p := &linkState{request: s.request, create: s.create, peer: true}
	m := p.b.Nest(at)
	p.header = p.b.Size()
	rtnl.PutIfInfomsg(&p.b, rtnl.IfInfomsg{})
	p.parse(a)
	p.b.End(m)
}
