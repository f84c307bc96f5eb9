package nl

// A Kind is what an attribute's payload, or a header's member, holds.
type Kind uint8

const (
	KindRaw  Kind = iota // bytes of no known meaning
	KindFlag             // no payload: being there is the value
	KindU8               // integers in host byte order
	KindU16
	KindU32
	KindU64
	KindS8
	KindS16
	KindS32
	KindS64
	KindBE16 // integers in network byte order
	KindBE32
	KindBE64
	KindStr     // text; a NUL ends it where there is one
	KindBytes   // opaque bytes
	KindIP      // an IPv4 or IPv6 address: 4 or 16 bytes, network byte order
	KindMAC     // a link-layer address, as many bytes as the link type has
	KindStruct  // a C structure: Field.Layout
	KindNest    // attributes: Field.Sub
	KindArray   // attributes whose types are only indexes: each is of Field.Elem, or holds Field.Sub
	KindSelect  // attributes of the schema that a sibling attribute names: Field.Cases
	KindMessage // the fixed header and attributes of the enclosing message's type once more
	KindIndex   // u32: an interface index
	KindUint    // an unsigned integer of four bytes, or of eight if it needs them (NLA_UINT)
	KindUnused  // never sent: a reserved or pad number
	KindHops    // structures of Field.Layout, each with its own length first and attributes of the schema around behind it: RTA_MULTIPATH
	KindVia     // a structure of Field.Layout, and behind it an address of the family that it names
	KindLabels  // MPLS labels, four bytes each in network byte order
)

// The types of attribute constants. Each pairs with the Builder method of its
// kind, so that IFLA_MTU (an AttrU32) cannot be sent as a string:
//
//	b.U32(rtnl.IFLA_MTU, 1400)
type (
	AttrFlag  uint16 // no payload
	AttrU8    uint16
	AttrU16   uint16
	AttrU32   uint16
	AttrU64   uint16
	AttrS32   uint16
	AttrBE16  uint16 // network byte order
	AttrBE32  uint16 // network byte order
	AttrStr   uint16 // text, sent with its NUL
	AttrStrN  uint16 // text, sent without a NUL (IFLA_INFO_KIND, as iproute2 sends it)
	AttrBytes uint16 // opaque bytes and C structures
	AttrIP    uint16 // 4 or 16 bytes, network byte order
	AttrMAC   uint16 // a link-layer address
	AttrNest  uint16 // attributes; sent without NLA_F_NESTED, as the old ones are
	AttrNestF uint16 // attributes; sent with NLA_F_NESTED, as strict parsers want them
)
