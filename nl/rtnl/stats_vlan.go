package rtnl

import "encoding/binary"

// VLANXstats is struct bridge_vlan_xstats, BRIDGE_XSTATS_VLAN.
type VLANXstats struct {
	RxBytes, RxPackets, TxBytes, TxPackets uint64
	VID, Flags                             uint16
}

// ParseVLANXstats reads the structure.
func ParseVLANXstats(p []byte) (s VLANXstats, ok bool) {
	if len(p) < BridgeVLANXStats.Size {
		return s, false
	}
	u := func(i int) uint64 { return binary.NativeEndian.Uint64(p[i:]) }
	return VLANXstats{u(0), u(8), u(16), u(24), binary.NativeEndian.Uint16(p[32:]), binary.NativeEndian.Uint16(p[34:])}, true
}
