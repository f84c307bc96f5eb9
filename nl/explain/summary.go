package explain

import "strings"

// summed are the fields that say in a line what a message is about, as far as it
// has them. The first two are an interface's number and name.
var summed = [...]string{
	"ifi_index", "IFLA_IFNAME", "ifi_flags", "IFLA_OPERSTATE", "IFLA_MASTER", "IFLA_LINK", "IFLA_LINK_NETNSID", "IFLA_NEW_NETNSID", "IFLA_NEW_IFINDEX", "IFLA_EVENT",
	"ifa_index", "IFA_LOCAL", "IFA_ADDRESS", "ifa_prefixlen", "IFA_LABEL", "IFA_FLAGS",
	"RTA_DST", "rtm_dst_len", "RTA_GATEWAY", "RTA_OIF", "RTA_TABLE", "RTA_PRIORITY", "rtm_type",
	"ndm_ifindex", "NDA_DST", "NDA_LLADDR", "ndm_state", "NDA_MASTER", "NDA_VLAN",
	"FRA_PRIORITY", "FRA_SRC", "FRA_DST", "FRA_IIFNAME", "FRA_OIFNAME", "FRA_TABLE",
	"NHA_ID", "NHA_GATEWAY", "NHA_OIF", "NETNSA_NSID", "NETCONFA_IFINDEX", "NETCONFA_FORWARDING", "PREFIX_ADDRESS", "prefix_len",
}

// Summary says in one line what a message is about: the fields of it that
// people ask for first, "ifi_index 3, IFLA_IFNAME "br0", ifi_flags UP (0x1)".
func Summary(p []byte, o Options) string {
	var found [len(summed)]string
	o.Why = false
	Each(p, o, func(s *Span) bool {
		if s.Depth == 0 || s.Depth > 2 || s.Kind == Attribute || s.Kind == Padding {
			return true
		}
		for i := range summed {
			if summed[i] == s.Name && found[i] == "" {
				found[i] = s.Value
			}
		}
		return true
	})
	if name := found[1]; name != "" { // once is enough
		found[0] = strings.TrimSuffix(found[0], ", "+name)
	}
	out := ""
	for i, v := range found {
		if v == "" || v == "0" && !strings.HasSuffix(summed[i], "NSID") {
			continue
		}
		if out != "" {
			out += ", "
		}
		out += summed[i] + " " + v
	}
	return out
}
