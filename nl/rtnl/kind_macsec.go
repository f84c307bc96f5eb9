package rtnl

import "rawns/nl"

// Attributes of a MACsec link inside IFLA_INFO_DATA, linux/if_link.h.
const (
	IFLA_MACSEC_SCI            nl.AttrBytes = 1
	IFLA_MACSEC_PORT           nl.AttrBE16  = 2
	IFLA_MACSEC_ICV_LEN        nl.AttrU8    = 3
	IFLA_MACSEC_CIPHER_SUITE   nl.AttrU64   = 4
	IFLA_MACSEC_WINDOW         nl.AttrU32   = 5
	IFLA_MACSEC_ENCODING_SA    nl.AttrU8    = 6
	IFLA_MACSEC_ENCRYPT        nl.AttrU8    = 7
	IFLA_MACSEC_PROTECT        nl.AttrU8    = 8
	IFLA_MACSEC_INC_SCI        nl.AttrU8    = 9
	IFLA_MACSEC_ES             nl.AttrU8    = 10
	IFLA_MACSEC_SCB            nl.AttrU8    = 11
	IFLA_MACSEC_REPLAY_PROTECT nl.AttrU8    = 12
	IFLA_MACSEC_VALIDATION     nl.AttrU8    = 13
	IFLA_MACSEC_OFFLOAD        nl.AttrU8    = 15
)

// MACsecAttrs is the table of them.
var MACsecAttrs = nl.Schema{Name: "macsec", Fields: []nl.Field{
	{Type: uint16(IFLA_MACSEC_SCI), Name: "IFLA_MACSEC_SCI", Kind: nl.KindBE64, Unit: nl.UnitHex},
	{Type: uint16(IFLA_MACSEC_PORT), Name: "IFLA_MACSEC_PORT", Kind: nl.KindBE16},
	{Type: uint16(IFLA_MACSEC_ICV_LEN), Name: "IFLA_MACSEC_ICV_LEN", Kind: nl.KindU8, Unit: nl.UnitBytes},
	{Type: uint16(IFLA_MACSEC_CIPHER_SUITE), Name: "IFLA_MACSEC_CIPHER_SUITE", Kind: nl.KindU64, Unit: nl.UnitHex},
	{Type: uint16(IFLA_MACSEC_WINDOW), Name: "IFLA_MACSEC_WINDOW", Kind: nl.KindU32},
	{Type: uint16(IFLA_MACSEC_ENCODING_SA), Name: "IFLA_MACSEC_ENCODING_SA", Kind: nl.KindU8},
	{Type: uint16(IFLA_MACSEC_ENCRYPT), Name: "IFLA_MACSEC_ENCRYPT", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_MACSEC_PROTECT), Name: "IFLA_MACSEC_PROTECT", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_MACSEC_INC_SCI), Name: "IFLA_MACSEC_INC_SCI", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_MACSEC_ES), Name: "IFLA_MACSEC_ES", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_MACSEC_SCB), Name: "IFLA_MACSEC_SCB", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_MACSEC_REPLAY_PROTECT), Name: "IFLA_MACSEC_REPLAY_PROTECT", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_MACSEC_VALIDATION), Name: "IFLA_MACSEC_VALIDATION", Kind: nl.KindU8, Names: &MACsecValidations},
	{Type: 14, Name: "IFLA_MACSEC_PAD", Kind: nl.KindUnused},
	{Type: uint16(IFLA_MACSEC_OFFLOAD), Name: "IFLA_MACSEC_OFFLOAD", Kind: nl.KindU8, Names: &MACsecOffloads},
}}

// MACsecValidations are MACSEC_VALIDATE_, linux/if_link.h.
var MACsecValidations = nl.Names{List: []nl.Name{
	{Value: 0, Name: "disabled"}, {Value: 1, Name: "check"}, {Value: 2, Name: "strict"},
}}

// MACsecOffloads are MACSEC_OFFLOAD_, linux/if_link.h.
var MACsecOffloads = nl.Names{List: []nl.Name{
	{Value: 0, Name: "off"}, {Value: 1, Name: "phy"}, {Value: 2, Name: "mac"},
}}
