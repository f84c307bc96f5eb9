package rtnl

import "strings"

// kindOrigins names, for each kind of link, the option of the kernel's
// configuration that brings it, and the module that it then is in, "" for none.
// It is a text because it is read seldom, and is a third of a table's size.
const kindOrigins = `
amt AMT amt
bareudp BAREUDP bareudp
batadv BATMAN_ADV batman-adv
bond BONDING bonding
bridge BRIDGE bridge
dummy DUMMY dummy
erspan NET_IPGRE ip_gre
geneve GENEVE geneve
gre NET_IPGRE ip_gre
gretap NET_IPGRE ip_gre
gtp GTP gtp
hsr HSR hsr
ifb IFB ifb
ip6erspan IPV6_GRE ip6_gre
ip6gre IPV6_GRE ip6_gre
ip6gretap IPV6_GRE ip6_gre
ip6tnl IPV6_TUNNEL ip6_tunnel
ipip NET_IPIP ipip
ipvlan IPVLAN ipvlan
ipvtap IPVTAP ipvtap
macsec MACSEC macsec
macvlan MACVLAN macvlan
macvtap MACVTAP macvtap
netkit NETKIT 
nlmon NLMON nlmon
ovpn OVPN ovpn
rmnet RMNET rmnet
sit IPV6_SIT sit
team NET_TEAM team
tun TUN tun
vcan CAN_VCAN vcan
veth VETH veth
vlan VLAN_8021Q 8021q
vrf NET_VRF vrf
vti NET_IPVTI ip_vti
vti6 IPV6_VTI ip6_vti
vxcan CAN_VXCAN vxcan
vxlan VXLAN vxlan
wireguard WIREGUARD wireguard
xfrm XFRM_INTERFACE xfrm_interface
`

// KindOrigin returns which option of the kernel's configuration brings links of a
// kind, without its CONFIG_, and which module; "" for what is not known, or for none.
func KindOrigin(kind string) (config, module string) {
	_, s, ok := strings.Cut(kindOrigins, "\n"+kind+" ")
	if !ok || kind == "" {
		return "", ""
	}
	s, _, _ = strings.Cut(s, "\n")
	config, module, _ = strings.Cut(s, " ")
	return config, module
}
