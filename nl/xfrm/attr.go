package xfrm

import "rawns/nl"

// Attributes of states and policies, linux/xfrm.h.
const (
	XFRMA_ALG_AUTH       nl.AttrBytes = 1
	XFRMA_ALG_CRYPT      nl.AttrBytes = 2
	XFRMA_ALG_COMP       nl.AttrBytes = 3
	XFRMA_ENCAP          nl.AttrBytes = 4
	XFRMA_TMPL           nl.AttrBytes = 5
	XFRMA_SA             nl.AttrBytes = 6
	XFRMA_POLICY         nl.AttrBytes = 7
	XFRMA_SEC_CTX        nl.AttrBytes = 8
	XFRMA_LTIME_VAL      nl.AttrBytes = 9
	XFRMA_REPLAY_VAL     nl.AttrBytes = 10
	XFRMA_REPLAY_THRESH  nl.AttrU32   = 11
	XFRMA_ETIMER_THRESH  nl.AttrU32   = 12
	XFRMA_SRCADDR        nl.AttrBytes = 13
	XFRMA_COADDR         nl.AttrBytes = 14
	XFRMA_LASTUSED       nl.AttrU64   = 15
	XFRMA_POLICY_TYPE    nl.AttrBytes = 16
	XFRMA_MIGRATE        nl.AttrBytes = 17
	XFRMA_ALG_AEAD       nl.AttrBytes = 18
	XFRMA_KMADDRESS      nl.AttrBytes = 19
	XFRMA_ALG_AUTH_TRUNC nl.AttrBytes = 20
	XFRMA_MARK           nl.AttrBytes = 21
	XFRMA_TFCPAD         nl.AttrU32   = 22
	XFRMA_REPLAY_ESN_VAL nl.AttrBytes = 23
	XFRMA_SA_EXTRA_FLAGS nl.AttrU32   = 24
	XFRMA_PROTO          nl.AttrU8    = 25
	XFRMA_ADDRESS_FILTER nl.AttrBytes = 26
	XFRMA_OFFLOAD_DEV    nl.AttrBytes = 28
	XFRMA_SET_MARK       nl.AttrU32   = 29
	XFRMA_SET_MARK_MASK  nl.AttrU32   = 30
	XFRMA_IF_ID          nl.AttrU32   = 31
	XFRMA_MTIMER_THRESH  nl.AttrU32   = 32
)

// Attrs is the table of them.
var Attrs = nl.Schema{Name: "xfrm", Fields: []nl.Field{
	{Type: uint16(XFRMA_ALG_AUTH), Name: "XFRMA_ALG_AUTH", Kind: nl.KindBytes},
	{Type: uint16(XFRMA_ALG_CRYPT), Name: "XFRMA_ALG_CRYPT", Kind: nl.KindBytes},
	{Type: uint16(XFRMA_ALG_COMP), Name: "XFRMA_ALG_COMP", Kind: nl.KindBytes},
	{Type: uint16(XFRMA_ENCAP), Name: "XFRMA_ENCAP", Kind: nl.KindBytes},
	{Type: uint16(XFRMA_TMPL), Name: "XFRMA_TMPL", Kind: nl.KindBytes},
	{Type: uint16(XFRMA_SA), Name: "XFRMA_SA", Kind: nl.KindBytes},
	{Type: uint16(XFRMA_POLICY), Name: "XFRMA_POLICY", Kind: nl.KindBytes},
	{Type: uint16(XFRMA_SEC_CTX), Name: "XFRMA_SEC_CTX", Kind: nl.KindBytes},
	{Type: uint16(XFRMA_LTIME_VAL), Name: "XFRMA_LTIME_VAL", Kind: nl.KindBytes},
	{Type: uint16(XFRMA_REPLAY_VAL), Name: "XFRMA_REPLAY_VAL", Kind: nl.KindBytes},
	{Type: uint16(XFRMA_REPLAY_THRESH), Name: "XFRMA_REPLAY_THRESH", Kind: nl.KindU32},
	{Type: uint16(XFRMA_ETIMER_THRESH), Name: "XFRMA_ETIMER_THRESH", Kind: nl.KindU32},
	{Type: uint16(XFRMA_SRCADDR), Name: "XFRMA_SRCADDR", Kind: nl.KindBytes},
	{Type: uint16(XFRMA_COADDR), Name: "XFRMA_COADDR", Kind: nl.KindBytes},
	{Type: uint16(XFRMA_LASTUSED), Name: "XFRMA_LASTUSED", Kind: nl.KindU64},
	{Type: uint16(XFRMA_POLICY_TYPE), Name: "XFRMA_POLICY_TYPE", Kind: nl.KindBytes},
	{Type: uint16(XFRMA_MIGRATE), Name: "XFRMA_MIGRATE", Kind: nl.KindBytes},
	{Type: uint16(XFRMA_ALG_AEAD), Name: "XFRMA_ALG_AEAD", Kind: nl.KindBytes},
	{Type: uint16(XFRMA_KMADDRESS), Name: "XFRMA_KMADDRESS", Kind: nl.KindBytes},
	{Type: uint16(XFRMA_ALG_AUTH_TRUNC), Name: "XFRMA_ALG_AUTH_TRUNC", Kind: nl.KindBytes},
	{Type: uint16(XFRMA_MARK), Name: "XFRMA_MARK", Kind: nl.KindBytes},
	{Type: uint16(XFRMA_TFCPAD), Name: "XFRMA_TFCPAD", Kind: nl.KindU32},
	{Type: uint16(XFRMA_REPLAY_ESN_VAL), Name: "XFRMA_REPLAY_ESN_VAL", Kind: nl.KindBytes},
	{Type: uint16(XFRMA_SA_EXTRA_FLAGS), Name: "XFRMA_SA_EXTRA_FLAGS", Kind: nl.KindU32},
	{Type: uint16(XFRMA_PROTO), Name: "XFRMA_PROTO", Kind: nl.KindU8},
	{Type: uint16(XFRMA_ADDRESS_FILTER), Name: "XFRMA_ADDRESS_FILTER", Kind: nl.KindBytes},
	{Type: 27, Name: "XFRMA_PAD", Kind: nl.KindUnused},
	{Type: uint16(XFRMA_OFFLOAD_DEV), Name: "XFRMA_OFFLOAD_DEV", Kind: nl.KindBytes},
	{Type: uint16(XFRMA_SET_MARK), Name: "XFRMA_SET_MARK", Kind: nl.KindU32},
	{Type: uint16(XFRMA_SET_MARK_MASK), Name: "XFRMA_SET_MARK_MASK", Kind: nl.KindU32},
	{Type: uint16(XFRMA_IF_ID), Name: "XFRMA_IF_ID", Kind: nl.KindU32},
	{Type: uint16(XFRMA_MTIMER_THRESH), Name: "XFRMA_MTIMER_THRESH", Kind: nl.KindU32},
}}

// Attributes of counts: XFRM_MSG_NEWSADINFO and XFRM_MSG_NEWSPDINFO.
const (
	XFRMA_SAD_CNT          nl.AttrU32   = 1
	XFRMA_SAD_HINFO        nl.AttrBytes = 2
	XFRMA_SPD_INFO         nl.AttrBytes = 1
	XFRMA_SPD_HINFO        nl.AttrBytes = 2
	XFRMA_SPD_IPV4_HTHRESH nl.AttrBytes = 3
	XFRMA_SPD_IPV6_HTHRESH nl.AttrBytes = 4
)
