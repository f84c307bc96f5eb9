package brctl

import (
	"math"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// A command is a row of the usage text and what its words mean. parse gets the
// words behind the command's name, at least nargs of them; what it does not
// want is ignored. complaint says what is wrong with them, "" for nothing.
type command struct {
	name  string
	nargs int
	help  string
	parse func(args []string) (steps []step, complaint string)
}

var commands = [...]command{
	{"addbr", 1, "<bridge>\t\tadd bridge", func(a []string) ([]step, string) { return []step{newAddBridge(a[0])}, "" }},
	{"delbr", 1, "<bridge>\t\tdelete bridge", func(a []string) ([]step, string) { return []step{newDelBridge(a[0])}, "" }},
	{"addif", 2, "<bridge> <device>\tadd interface to bridge", parseAddIf},
	{"delif", 2, "<bridge> <device>\tdelete interface from bridge", parseDelIf},
	{"hairpin", 3, "<bridge> <port> {on|off}\tturn hairpin on/off", parseHairpin},
	{"setageing", 2, "<bridge> <time>\t\tset ageing time",
		func(a []string) ([]step, string) {
			return setTime(a, rtnl.IFLA_BR_AGEING_TIME, brctlSetAgeingTime, "bad ageing time value", "set ageing time failed: ")
		}},
	{"setbridgeprio", 2, "<bridge> <prio>\t\tset bridge priority", parseBridgePrio},
	{"setfd", 2, "<bridge> <time>\t\tset bridge forward delay",
		func(a []string) ([]step, string) {
			return setTime(a, rtnl.IFLA_BR_FORWARD_DELAY, brctlSetForwardDelay, "bad forward delay value", "set forward delay failed: ")
		}},
	{"sethello", 2, "<bridge> <time>\t\tset hello time",
		func(a []string) ([]step, string) {
			return setTime(a, rtnl.IFLA_BR_HELLO_TIME, brctlSetHelloTime, "bad hello timer value", "set hello timer failed: ")
		}},
	{"setmaxage", 2, "<bridge> <time>\t\tset max message age",
		func(a []string) ([]step, string) {
			return setTime(a, rtnl.IFLA_BR_MAX_AGE, brctlSetMaxAge, "bad max age value", "set max age failed: ")
		}},
	{"setpathcost", 3, "<bridge> <port> <cost>\tset path cost", parsePathCost},
	{"setportprio", 3, "<bridge> <port> <prio>\tset port priority", parsePortPrio},
	{"show", 0, "[ <bridge> ]\t\tshow a list of bridges", func(a []string) ([]step, string) { return []step{&show{a}}, "" }},
	{"showmacs", 1, "<bridge>\t\tshow a list of mac addrs", func(a []string) ([]step, string) { return []step{&showMACs{a[0]}}, "" }},
	{"showstp", 1, "<bridge>\t\tshow bridge stp info", func(a []string) ([]step, string) { return []step{&showSTP{a[0]}}, "" }},
	{"stp", 2, "<bridge> {on|off}\tturn stp on/off", parseSTP},
}

func find(name string) *command {
	for i := range commands {
		if commands[i].name == name {
			return &commands[i]
		}
	}
	return nil
}

func parseAddIf(a []string) (steps []step, complaint string) {
	for _, port := range a[1:] {
		steps = append(steps, newAddPort(a[0], port))
	}
	return steps, ""
}

func parseDelIf(a []string) (steps []step, complaint string) {
	for _, port := range a[1:] {
		steps = append(steps, newDelPort(a[0], port))
	}
	return steps, ""
}

// onOff reads a switch: 1 or 0.
func onOff(s string) (v uint8, complaint string) {
	switch s {
	case "on", "yes", "1":
		return 1, ""
	case "off", "no", "0":
		return 0, ""
	}
	return 0, "expect on/off for argument"
}

func parseSTP(a []string) ([]step, string) {
	on, complaint := onOff(a[1])
	if complaint != "" {
		return nil, complaint
	}
	return []step{newSetBridge(a[0], "set stp status failed: ", func(b *nl.Builder) {
		b.U32(rtnl.IFLA_BR_STP_STATE, uint32(on))
	})}, ""
}

func parseHairpin(a []string) ([]step, string) {
	on, complaint := onOff(a[2])
	if complaint != "" {
		return nil, complaint
	}
	s := newSetPort(a[0], a[1], "can't set "+a[1]+" to hairpin on bridge "+a[0]+": ", func(b *nl.Builder) {
		b.U8(rtnl.IFLA_BRPORT_MODE, on)
	})
	s.lookFirst, s.noIoctl = true, true
	return []step{s}, ""
}

// parseBridgePrio: the kernel keeps the lower 16 bits, whatever they are.
func parseBridgePrio(a []string) ([]step, string) {
	prio, ok := scanInt(a[1])
	if !ok {
		return nil, "bad priority"
	}
	return []step{newSetBridge(a[0], "set bridge priority failed: ", func(b *nl.Builder) {
		b.U16(rtnl.IFLA_BR_PRIORITY, uint16(prio))
	})}, ""
}

// parsePathCost leaves the range to the kernel: -1 is far beyond it.
func parsePathCost(a []string) ([]step, string) {
	cost, ok := scanInt(a[2])
	if !ok {
		return nil, "bad path cost value"
	}
	return []step{newSetPort(a[0], a[1], "set path cost failed: ", func(b *nl.Builder) {
		b.U32(rtnl.IFLA_BRPORT_COST, uint32(cost))
	})}, ""
}

func parsePortPrio(a []string) ([]step, string) {
	prio, ok := scanInt(a[2])
	if !ok {
		return nil, "bad path priority value"
	}
	if prio < 0 || prio > math.MaxUint16 {
		prio = math.MaxUint16 // what does not fit the attribute is out of range as well
	}
	return []step{newSetPort(a[0], a[1], "set port priority failed: ", func(b *nl.Builder) {
		b.U16(rtnl.IFLA_BRPORT_PRIORITY, uint16(prio))
	})}, ""
}

// setTime parses a command that sets one of a bridge's times. (A function that
// returned such parsers would have to run at the start of every applet.)
func setTime(a []string, attr nl.AttrU32, code uintptr, bad, failed string) ([]step, string) {
	ticks, ok := scanTime(a[1])
	if !ok {
		return nil, bad
	}
	s := newSetBridge(a[0], failed, func(b *nl.Builder) { b.U32(attr, uint32(ticks)) })
	if ticks > math.MaxUint32 {
		s.wide, s.code = ticks, code
	}
	return []step{s}, ""
}
