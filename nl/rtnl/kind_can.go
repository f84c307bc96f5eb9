package rtnl

import "rawns/nl"

// Attributes of a CAN controller inside IFLA_INFO_DATA, linux/can/netlink.h.
const (
	IFLA_CAN_BITTIMING            nl.AttrBytes = 1
	IFLA_CAN_BITTIMING_CONST      nl.AttrBytes = 2
	IFLA_CAN_CLOCK                nl.AttrBytes = 3
	IFLA_CAN_STATE                nl.AttrU32   = 4
	IFLA_CAN_CTRLMODE             nl.AttrBytes = 5
	IFLA_CAN_RESTART_MS           nl.AttrU32   = 6
	IFLA_CAN_RESTART              nl.AttrU32   = 7
	IFLA_CAN_BERR_COUNTER         nl.AttrBytes = 8
	IFLA_CAN_DATA_BITTIMING       nl.AttrBytes = 9
	IFLA_CAN_DATA_BITTIMING_CONST nl.AttrBytes = 10
	IFLA_CAN_TERMINATION          nl.AttrU16   = 11
	IFLA_CAN_TERMINATION_CONST    nl.AttrBytes = 12
	IFLA_CAN_BITRATE_CONST        nl.AttrBytes = 13
	IFLA_CAN_DATA_BITRATE_CONST   nl.AttrBytes = 14
	IFLA_CAN_BITRATE_MAX          nl.AttrU32   = 15
	IFLA_CAN_TDC                  nl.AttrNestF = 16
	IFLA_CAN_CTRLMODE_EXT         nl.AttrNest  = 17
)

// CANAttrs is the table of them.
var CANAttrs = nl.Schema{Name: "can", Fields: []nl.Field{
	{Type: uint16(IFLA_CAN_BITTIMING), Name: "IFLA_CAN_BITTIMING", Kind: nl.KindStruct, Layout: &CANBitTiming},
	{Type: uint16(IFLA_CAN_BITTIMING_CONST), Name: "IFLA_CAN_BITTIMING_CONST", Kind: nl.KindStruct, Layout: &CANBitTimingConst},
	{Type: uint16(IFLA_CAN_CLOCK), Name: "IFLA_CAN_CLOCK", Kind: nl.KindStruct, Layout: &CANClock},
	{Type: uint16(IFLA_CAN_STATE), Name: "IFLA_CAN_STATE", Kind: nl.KindU32, Names: &CANStates},
	{Type: uint16(IFLA_CAN_CTRLMODE), Name: "IFLA_CAN_CTRLMODE", Kind: nl.KindStruct, Layout: &CANCtrlMode},
	{Type: uint16(IFLA_CAN_RESTART_MS), Name: "IFLA_CAN_RESTART_MS", Kind: nl.KindU32, Unit: nl.UnitMilliseconds},
	{Type: uint16(IFLA_CAN_RESTART), Name: "IFLA_CAN_RESTART", Kind: nl.KindU32},
	{Type: uint16(IFLA_CAN_BERR_COUNTER), Name: "IFLA_CAN_BERR_COUNTER", Kind: nl.KindStruct, Layout: &CANBerrCounter},
	{Type: uint16(IFLA_CAN_DATA_BITTIMING), Name: "IFLA_CAN_DATA_BITTIMING", Kind: nl.KindStruct, Layout: &CANBitTiming},
	{Type: uint16(IFLA_CAN_DATA_BITTIMING_CONST), Name: "IFLA_CAN_DATA_BITTIMING_CONST", Kind: nl.KindStruct, Layout: &CANBitTimingConst},
	{Type: uint16(IFLA_CAN_TERMINATION), Name: "IFLA_CAN_TERMINATION", Kind: nl.KindU16},
	{Type: uint16(IFLA_CAN_TERMINATION_CONST), Name: "IFLA_CAN_TERMINATION_CONST", Kind: nl.KindStruct, Layout: &canTermination, Repeats: true},
	{Type: uint16(IFLA_CAN_BITRATE_CONST), Name: "IFLA_CAN_BITRATE_CONST", Kind: nl.KindStruct, Layout: &canBitrate, Repeats: true},
	{Type: uint16(IFLA_CAN_DATA_BITRATE_CONST), Name: "IFLA_CAN_DATA_BITRATE_CONST", Kind: nl.KindStruct, Layout: &canBitrate, Repeats: true},
	{Type: uint16(IFLA_CAN_BITRATE_MAX), Name: "IFLA_CAN_BITRATE_MAX", Kind: nl.KindU32},
	{Type: uint16(IFLA_CAN_TDC), Name: "IFLA_CAN_TDC", Kind: nl.KindNest, Sub: &CANTDCAttrs},
	{Type: uint16(IFLA_CAN_CTRLMODE_EXT), Name: "IFLA_CAN_CTRLMODE_EXT", Kind: nl.KindNest, Sub: &CANCtrlModeExtAttrs},
}}

// Attributes inside IFLA_CAN_TDC.
const (
	IFLA_CAN_TDC_TDCV_MIN nl.AttrU32 = 1
	IFLA_CAN_TDC_TDCV_MAX nl.AttrU32 = 2
	IFLA_CAN_TDC_TDCO_MIN nl.AttrU32 = 3
	IFLA_CAN_TDC_TDCO_MAX nl.AttrU32 = 4
	IFLA_CAN_TDC_TDCF_MIN nl.AttrU32 = 5
	IFLA_CAN_TDC_TDCF_MAX nl.AttrU32 = 6
	IFLA_CAN_TDC_TDCV     nl.AttrU32 = 7
	IFLA_CAN_TDC_TDCO     nl.AttrU32 = 8
	IFLA_CAN_TDC_TDCF     nl.AttrU32 = 9
)

// CANTDCAttrs is the table of them.
var CANTDCAttrs = nl.Schema{Name: "can-tdc", Fields: []nl.Field{
	{Type: uint16(IFLA_CAN_TDC_TDCV_MIN), Name: "IFLA_CAN_TDC_TDCV_MIN", Kind: nl.KindU32},
	{Type: uint16(IFLA_CAN_TDC_TDCV_MAX), Name: "IFLA_CAN_TDC_TDCV_MAX", Kind: nl.KindU32},
	{Type: uint16(IFLA_CAN_TDC_TDCO_MIN), Name: "IFLA_CAN_TDC_TDCO_MIN", Kind: nl.KindU32},
	{Type: uint16(IFLA_CAN_TDC_TDCO_MAX), Name: "IFLA_CAN_TDC_TDCO_MAX", Kind: nl.KindU32},
	{Type: uint16(IFLA_CAN_TDC_TDCF_MIN), Name: "IFLA_CAN_TDC_TDCF_MIN", Kind: nl.KindU32},
	{Type: uint16(IFLA_CAN_TDC_TDCF_MAX), Name: "IFLA_CAN_TDC_TDCF_MAX", Kind: nl.KindU32},
	{Type: uint16(IFLA_CAN_TDC_TDCV), Name: "IFLA_CAN_TDC_TDCV", Kind: nl.KindU32},
	{Type: uint16(IFLA_CAN_TDC_TDCO), Name: "IFLA_CAN_TDC_TDCO", Kind: nl.KindU32},
	{Type: uint16(IFLA_CAN_TDC_TDCF), Name: "IFLA_CAN_TDC_TDCF", Kind: nl.KindU32},
}}

// Attributes inside IFLA_CAN_CTRLMODE_EXT.
const (
	IFLA_CAN_CTRLMODE_SUPPORTED nl.AttrU32 = 1
)

// CANCtrlModeExtAttrs is the table of them.
var CANCtrlModeExtAttrs = nl.Schema{Name: "can-ctrlmode-ext", Fields: []nl.Field{
	{Type: uint16(IFLA_CAN_CTRLMODE_SUPPORTED), Name: "IFLA_CAN_CTRLMODE_SUPPORTED", Kind: nl.KindU32, Names: &CANCtrlModes},
}}

// CANBitTiming is struct can_bittiming.
var CANBitTiming = nl.Layout{Name: "can_bittiming", Size: 32, Members: []nl.Member{
	{Name: "bitrate", Off: 0, Kind: nl.KindU32},
	{Name: "sample_point", Off: 4, Kind: nl.KindU32},
	{Name: "tq", Off: 8, Kind: nl.KindU32},
	{Name: "prop_seg", Off: 12, Kind: nl.KindU32},
	{Name: "phase_seg1", Off: 16, Kind: nl.KindU32},
	{Name: "phase_seg2", Off: 20, Kind: nl.KindU32},
	{Name: "sjw", Off: 24, Kind: nl.KindU32},
	{Name: "brp", Off: 28, Kind: nl.KindU32},
}}

// CANBitTimingConst is struct can_bittiming_const.
var CANBitTimingConst = nl.Layout{Name: "can_bittiming_const", Size: 48, Members: []nl.Member{
	{Name: "name", Off: 0, Kind: nl.KindBytes, Size: 16},
	{Name: "tseg1_min", Off: 16, Kind: nl.KindU32},
	{Name: "tseg1_max", Off: 20, Kind: nl.KindU32},
	{Name: "tseg2_min", Off: 24, Kind: nl.KindU32},
	{Name: "tseg2_max", Off: 28, Kind: nl.KindU32},
	{Name: "sjw_max", Off: 32, Kind: nl.KindU32},
	{Name: "brp_min", Off: 36, Kind: nl.KindU32},
	{Name: "brp_max", Off: 40, Kind: nl.KindU32},
	{Name: "brp_inc", Off: 44, Kind: nl.KindU32},
}}

// CANClock is struct can_clock.
var CANClock = nl.Layout{Name: "can_clock", Size: 4, Members: []nl.Member{
	{Name: "freq", Off: 0, Kind: nl.KindU32},
}}

// CANCtrlMode is struct can_ctrlmode.
var CANCtrlMode = nl.Layout{Name: "can_ctrlmode", Size: 8, Members: []nl.Member{
	{Name: "mask", Off: 0, Kind: nl.KindU32, Names: &CANCtrlModes},
	{Name: "flags", Off: 4, Kind: nl.KindU32, Names: &CANCtrlModes},
}}

// CANBerrCounter is struct can_berr_counter.
var CANBerrCounter = nl.Layout{Name: "can_berr_counter", Size: 4, Members: []nl.Member{
	{Name: "txerr", Off: 0, Kind: nl.KindU16},
	{Name: "rxerr", Off: 2, Kind: nl.KindU16},
}}

// CANStates are CAN_STATE_, linux/can/netlink.h.
var CANStates = nl.Names{List: []nl.Name{
	{Value: 0, Name: "ERROR-ACTIVE"}, {Value: 1, Name: "ERROR-WARNING"}, {Value: 2, Name: "ERROR-PASSIVE"}, {Value: 3, Name: "BUS-OFF"},
	{Value: 4, Name: "STOPPED"}, {Value: 5, Name: "SLEEPING"},
}}

// CANCtrlModes are the CAN_CTRLMODE_ bits, linux/can/netlink.h, in the order in
// which iproute2 prints them.
var CANCtrlModes = nl.Names{Flags: true, List: []nl.Name{
	{Value: 1, Name: "LOOPBACK"}, {Value: 2, Name: "LISTEN-ONLY"}, {Value: 4, Name: "TRIPLE-SAMPLING"}, {Value: 8, Name: "ONE-SHOT"},
	{Value: 16, Name: "BERR-REPORTING"}, {Value: 32, Name: "FD"}, {Value: 128, Name: "FD-NON-ISO"}, {Value: 64, Name: "PRESUME-ACK"},
	{Value: 256, Name: "CC-LEN8-DLC"}, {Value: 512, Name: "TDC-AUTO"}, {Value: 1024, Name: "TDC-MANUAL"},
}}
