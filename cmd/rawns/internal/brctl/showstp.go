package brctl

import (
	"rawns/cmd/rawns/internal/cli"
)

func (s *showSTP) run(r *runner) int {
	d, err := r.bridge(s.bridge)
	if err != nil {
		return notBridge(s.bridge, err)
	}
	var ports []port
	err = r.ports(d.index, func() { ports = ports[:0] }, func(p *port) { ports = append(ports, *p) })
	if err != nil {
		return fail("can't list the ports: ", reason(err))
	}
	byName := s.bridge == d.name
	printBridge(r.out, s.bridge, &d.bridge)
	for _, p := range sorted(ports, func(a, b *port) int { return comparePorts(byName, a.name, b.name, a.number, b.number) }) {
		printPort(r.out, p, &d.bridge)
	}
	return 0
}

func printBridge(o *cli.Out, name string, b *bridgeInfo) {
	o.Safe(name)
	putID(o, "\n bridge id\t\t", b.id)
	putID(o, "\n designated root\t", b.root)
	putInt(o, "\n root port\t\t", int32(b.rootPort))
	putInt(o, "\t\t\tpath cost\t\t", int32(b.rootCost))
	// What the root wants and what this bridge would want as the root: the
	// original reads both from the same file.
	putTime(o, "\n max age\t\t", uint64(b.maxAge))
	putTime(o, "\t\t\tbridge max age\t\t", uint64(b.maxAge))
	putTime(o, "\n hello time\t\t", uint64(b.hello))
	putTime(o, "\t\t\tbridge hello time\t", uint64(b.hello))
	putTime(o, "\n forward delay\t\t", uint64(b.forwardDelay))
	putTime(o, "\t\t\tbridge forward delay\t", uint64(b.forwardDelay))
	putTime(o, "\n ageing time\t\t", uint64(b.ageing))
	putTime(o, "\n hello timer\t\t", b.helloTimer)
	putTime(o, "\t\t\ttcn timer\t\t", b.tcnTimer)
	putTime(o, "\n topology change timer\t", b.changeTimer)
	putTime(o, "\t\t\tgc timer\t\t", b.gcTimer)
	o.S("\n flags\t\t\t")
	if b.change {
		o.S("TOPOLOGY_CHANGE ")
	}
	if b.changeDetected {
		o.S("TOPOLOGY_CHANGE_DETECTED ")
	}
	o.S("\n\n\n")
}

// These put a value behind a label.

func putID(o *cli.Out, label string, v id) { o.B = appendID(o.Raw(label).B, v) }

func putInt(o *cli.Out, label string, v int32) { o.B = appendInt4(o.Raw(label).B, v) }

func putTime(o *cli.Out, label string, ticks uint64) { o.B = appendTime(o.Raw(label).B, ticks) }

// portStates are the states 0 to 4, linux/if_bridge.h.
var portStates = [...]string{"disabled", "listening", "learning", "forwarding", "blocking"}

func printPort(o *cli.Out, p *port, b *bridgeInfo) {
	state := "<INVALID STATE>"
	if int(p.state) < len(portStates) {
		state = portStates[p.state]
	}
	o.Safe(p.name).S(" (").U(uint64(p.number))
	o.S(")\n port id\t\t").X(uint64(p.id), 4)
	o.S("\t\t\tstate\t\t").Right(state, 15)
	putID(o, "\n designated root\t", p.root)
	putInt(o, "\tpath cost\t\t", int32(p.cost))
	putID(o, "\n designated bridge\t", p.bridge)
	putTime(o, "\tmessage age timer\t", p.ageTimer)
	o.S("\n designated port\t").X(uint64(p.designatedPort), 4)
	putTime(o, "\t\t\tforward delay timer\t", p.forwardTimer)
	putInt(o, "\n designated cost\t", int32(designatedCost(p, b)))
	putTime(o, "\t\t\thold timer\t\t", p.holdTimer)
	o.S("\n flags\t\t\t")
	if p.configPending {
		o.S("CONFIG_PENDING ")
	}
	if p.changeAck {
		o.S("TOPOLOGY_CHANGE_ACK ")
	}
	if p.hairpin {
		o.S("\n hairpin mode\t\t   1")
	}
	o.S("\n\n")
}

// designatedCost is the whole of what the kernel tells 16 bits of: the cost
// from the port's designated bridge to the root. Of a port for which the bridge
// itself is that one it is the bridge's cost, and of the root port what this
// cost adds to.
func designatedCost(p *port, b *bridgeInfo) uint32 {
	whole := uint32(p.designatedCost)
	switch {
	case p.bridge == b.id:
		whole = b.rootCost
	case p.number == b.rootPort:
		whole = b.rootCost - p.cost
	}
	if uint16(whole) != p.designatedCost {
		return uint32(p.designatedCost) // it was changing
	}
	return whole
}
