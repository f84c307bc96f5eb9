package rtnl

import "rawns/nl"

// Attributes of a bond's port inside IFLA_INFO_SLAVE_DATA, linux/if_link.h.
const (
	IFLA_BOND_SLAVE_STATE                      nl.AttrU8  = 1
	IFLA_BOND_SLAVE_MII_STATUS                 nl.AttrU8  = 2
	IFLA_BOND_SLAVE_LINK_FAILURE_COUNT         nl.AttrU32 = 3
	IFLA_BOND_SLAVE_PERM_HWADDR                nl.AttrMAC = 4
	IFLA_BOND_SLAVE_QUEUE_ID                   nl.AttrU16 = 5
	IFLA_BOND_SLAVE_AD_AGGREGATOR_ID           nl.AttrU16 = 6
	IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE   nl.AttrU8  = 7
	IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE nl.AttrU16 = 8
	IFLA_BOND_SLAVE_PRIO                       nl.AttrS32 = 9
)

// BondPortAttrs is the table of them.
var BondPortAttrs = nl.Schema{Name: "bond_slave", Fields: []nl.Field{
	{Type: uint16(IFLA_BOND_SLAVE_STATE), Name: "IFLA_BOND_SLAVE_STATE", Kind: nl.KindU8, Names: &BondPortStates},
	{Type: uint16(IFLA_BOND_SLAVE_MII_STATUS), Name: "IFLA_BOND_SLAVE_MII_STATUS", Kind: nl.KindU8, Names: &BondPortMIIStatuses},
	{Type: uint16(IFLA_BOND_SLAVE_LINK_FAILURE_COUNT), Name: "IFLA_BOND_SLAVE_LINK_FAILURE_COUNT", Kind: nl.KindU32},
	{Type: uint16(IFLA_BOND_SLAVE_PERM_HWADDR), Name: "IFLA_BOND_SLAVE_PERM_HWADDR", Kind: nl.KindMAC},
	{Type: uint16(IFLA_BOND_SLAVE_QUEUE_ID), Name: "IFLA_BOND_SLAVE_QUEUE_ID", Kind: nl.KindU16},
	{Type: uint16(IFLA_BOND_SLAVE_AD_AGGREGATOR_ID), Name: "IFLA_BOND_SLAVE_AD_AGGREGATOR_ID", Kind: nl.KindU16},
	{Type: uint16(IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE), Name: "IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE", Kind: nl.KindU8, Names: &BondPortADStates},
	{Type: uint16(IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE), Name: "IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE", Kind: nl.KindU16, Names: &BondPortADStates},
	{Type: uint16(IFLA_BOND_SLAVE_PRIO), Name: "IFLA_BOND_SLAVE_PRIO", Kind: nl.KindS32},
}}

// BondPortStates are BOND_STATE_, linux/if_bonding.h.
var BondPortStates = nl.Names{List: []nl.Name{
	{Value: 0, Name: "ACTIVE"}, {Value: 1, Name: "BACKUP"},
}}

// BondPortMIIStatuses are BOND_LINK_, linux/if_bonding.h.
var BondPortMIIStatuses = nl.Names{List: []nl.Name{
	{Value: 0, Name: "UP"}, {Value: 1, Name: "GOING_DOWN"}, {Value: 2, Name: "DOWN"}, {Value: 3, Name: "GOING_BACK"},
}}

// BondPortADStates are the LACP_STATE_ bits, include/net/bond_3ad.h (IEEE 802.1AX).
var BondPortADStates = nl.Names{Flags: true, List: []nl.Name{
	{Value: 1, Name: "active"}, {Value: 2, Name: "short_timeout"}, {Value: 4, Name: "aggregating"}, {Value: 8, Name: "in_sync"},
	{Value: 16, Name: "collecting"}, {Value: 32, Name: "distributing"}, {Value: 64, Name: "defaulted"}, {Value: 128, Name: "expired"},
}}
