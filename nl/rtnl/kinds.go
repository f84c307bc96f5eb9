package rtnl

import "rawns/nl"

// A link kind is one file, kind_NAME.go, and one row in one or both of these:
// what IFLA_INFO_DATA holds for an IFLA_INFO_KIND, and IFLA_INFO_SLAVE_DATA
// for an IFLA_INFO_SLAVE_KIND.

var kindCases = []nl.Case{
	{Name: "amt", Sub: &AMTAttrs},
	{Name: "bareudp", Sub: &BareUDPAttrs},
	{Name: "batadv", Sub: &BatadvAttrs},
	{Name: "bond", Sub: &BondAttrs},
	{Name: "bridge", Sub: &BridgeAttrs},
	{Name: "can", Sub: &CANAttrs},
	{Name: "dsa", Sub: &DSAAttrs},
	{Name: "geneve", Sub: &GeneveAttrs},
	{Name: "gtp", Sub: &GTPAttrs},
	{Name: "hsr", Sub: &HSRAttrs},
	{Name: "ipoib", Sub: &IPoIBAttrs},
	{Name: "ipvlan", Sub: &IPVLANAttrs},
	{Name: "ipvtap", Sub: &IPVLANAttrs},
	{Name: "macsec", Sub: &MACsecAttrs},
	{Name: "macvlan", Sub: &MACVLANAttrs},
	{Name: "macvtap", Sub: &MACVLANAttrs},
	{Name: "netkit", Sub: &NetkitAttrs},
	{Name: "ovpn", Sub: &OVPNAttrs},
	{Name: "rmnet", Sub: &RmnetAttrs},
	{Name: "tun", Sub: &TunAttrs},
	{Name: "veth", Sub: &VethAttrs},
	{Name: "vlan", Sub: &VLANAttrs},
	{Name: "vrf", Sub: &VRFAttrs},
	{Name: "vxcan", Sub: &VXCANAttrs},
	{Name: "vxlan", Sub: &VXLANAttrs},
	{Name: "wwan", Sub: &WWANAttrs},
	{Name: "xfrm", Sub: &XFRMAttrs},
	{Name: "erspan", Sub: &GREAttrs},
	{Name: "gre", Sub: &GREAttrs},
	{Name: "gretap", Sub: &GREAttrs},
	{Name: "ip6erspan", Sub: &GREAttrs},
	{Name: "ip6gre", Sub: &GREAttrs},
	{Name: "ip6gretap", Sub: &GREAttrs},
	{Name: "ip6tnl", Sub: &IPTunAttrs},
	{Name: "ipip", Sub: &IPTunAttrs},
	{Name: "sit", Sub: &IPTunAttrs},
	{Name: "vti", Sub: &VTIAttrs},
	{Name: "vti6", Sub: &VTIAttrs},
}

var slaveCases = []nl.Case{
	{Name: "bond", Sub: &BondPortAttrs},
	{Name: "bridge", Sub: &BridgePortAttrs},
	{Name: "vrf", Sub: &VRFPortAttrs},
}
