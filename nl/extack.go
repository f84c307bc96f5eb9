package nl

// What an extended ack consists of, as tables; Error and Policy are the same
// for programs. linux/netlink.h, enum nlmsgerr_attrs and enum
// netlink_policy_type_attr.

// AckAttrs are the attributes behind an NLMSG_ERROR or NLMSG_DONE with
// NLM_F_ACK_TLVS.
var AckAttrs = Schema{Name: "ack", Fields: []Field{
	{Type: 1, Name: "NLMSGERR_ATTR_MSG", Kind: KindStr},
	{Type: 2, Name: "NLMSGERR_ATTR_OFFS", Kind: KindU32},
	{Type: 3, Name: "NLMSGERR_ATTR_COOKIE", Kind: KindBytes},
	{Type: 4, Name: "NLMSGERR_ATTR_POLICY", Kind: KindNest, Sub: &PolicyAttrs},
	{Type: 5, Name: "NLMSGERR_ATTR_MISS_TYPE", Kind: KindU32},
	{Type: 6, Name: "NLMSGERR_ATTR_MISS_NEST", Kind: KindU32},
}}

// PolicyAttrs is what NLMSGERR_ATTR_POLICY holds.
var PolicyAttrs = Schema{Name: "policy", Fields: []Field{
	{Type: 1, Name: "NL_POLICY_TYPE_ATTR_TYPE", Kind: KindU32, Names: &PolicyTypes},
	{Type: 2, Name: "NL_POLICY_TYPE_ATTR_MIN_VALUE_S", Kind: KindS64},
	{Type: 3, Name: "NL_POLICY_TYPE_ATTR_MAX_VALUE_S", Kind: KindS64},
	{Type: 4, Name: "NL_POLICY_TYPE_ATTR_MIN_VALUE_U", Kind: KindU64},
	{Type: 5, Name: "NL_POLICY_TYPE_ATTR_MAX_VALUE_U", Kind: KindU64},
	{Type: 6, Name: "NL_POLICY_TYPE_ATTR_MIN_LENGTH", Kind: KindU32, Unit: UnitBytes},
	{Type: 7, Name: "NL_POLICY_TYPE_ATTR_MAX_LENGTH", Kind: KindU32, Unit: UnitBytes},
	{Type: 8, Name: "NL_POLICY_TYPE_ATTR_POLICY_IDX", Kind: KindU32},
	{Type: 9, Name: "NL_POLICY_TYPE_ATTR_POLICY_MAXTYPE", Kind: KindU32},
	{Type: 10, Name: "NL_POLICY_TYPE_ATTR_BITFIELD32_MASK", Kind: KindU32, Unit: UnitHex},
	{Type: 11, Name: "NL_POLICY_TYPE_ATTR_PAD", Kind: KindUnused},
	{Type: 12, Name: "NL_POLICY_TYPE_ATTR_MASK", Kind: KindU64, Unit: UnitHex},
}}

// PolicyTypes are NL_ATTR_TYPE_.
var PolicyTypes = Names{List: []Name{
	{0, "invalid"}, {1, "flag"}, {2, "u8"}, {3, "u16"}, {4, "u32"}, {5, "u64"}, {6, "s8"}, {7, "s16"}, {8, "s32"}, {9, "s64"},
	{10, "binary"}, {11, "string"}, {12, "nul-string"}, {13, "nested"}, {14, "nested-array"}, {15, "bitfield32"}, {16, "sint"}, {17, "uint"},
}}
