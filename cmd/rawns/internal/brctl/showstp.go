package brctl

import (
	"rawns/cmd/rawns/internal/cli"
)

func (s *showSTP) run(r *runner) int {
	d, err := r.bridge(s.bridge)
	if err != nil {
		return notBridge(s.bridge, err)
	}
	var ports []device
	err = r.devices(d.index, func() { ports = ports[:0] }, func(p *device) {
		if p.isPort {
			ports = append(ports, *p)
		}
	})
	if err != nil {
		return fail("can't list the ports: ", reason(err))
	}
	sortPorts(ports, s.bridge == d.name, func(p *device) (string, uint16) { return p.name, p.port.number })
	printBridge(r.out, s.bridge, &d.bridge)
	for i := range ports {
		printPort(r.out, &ports[i], &d.bridge)
	}
	return 0
}

func printBridge(o *cli.Out, name string, b *bridgeInfo) {
	o.Safe(name)
	o.B = appendID(append(o.B, "\n bridge id\t\t"...), b.id)
	o.B = appendID(append(o.B, "\n designated root\t"...), b.root)
	o.B = appendInt4(append(o.B, "\n root port\t\t"...), int32(b.rootPort))
	o.B = appendInt4(append(o.B, "\t\t\tpath cost\t\t"...), int32(b.rootCost))
	// What the root wants and what this bridge would want as the root: the
	// original reads both from the same file.
	o.B = appendTime(append(o.B, "\n max age\t\t"...), uint64(b.maxAge))
	o.B = appendTime(append(o.B, "\t\t\tbridge max age\t\t"...), uint64(b.maxAge))
	o.B = appendTime(append(o.B, "\n hello time\t\t"...), uint64(b.hello))
	o.B = appendTime(append(o.B, "\t\t\tbridge hello time\t"...), uint64(b.hello))
	o.B = appendTime(append(o.B, "\n forward delay\t\t"...), uint64(b.forwardDelay))
	o.B = appendTime(append(o.B, "\t\t\tbridge forward delay\t"...), uint64(b.forwardDelay))
	o.B = appendTime(append(o.B, "\n ageing time\t\t"...), uint64(b.ageing))
	o.B = appendTime(append(o.B, "\n hello timer\t\t"...), b.helloTimer)
	o.B = appendTime(append(o.B, "\t\t\ttcn timer\t\t"...), b.tcnTimer)
	o.B = appendTime(append(o.B, "\n topology change timer\t"...), b.changeTimer)
	o.B = appendTime(append(o.B, "\t\t\tgc timer\t\t"...), b.gcTimer)
	o.S("\n flags\t\t\t")
	if b.change {
		o.S("TOPOLOGY_CHANGE ")
	}
	if b.changeDetected {
		o.S("TOPOLOGY_CHANGE_DETECTED ")
	}
	o.S("\n\n\n")
}

// portStates are the states 0 to 4, linux/if_bridge.h.
var portStates = [...]string{"disabled", "listening", "learning", "forwarding", "blocking"}

func printPort(o *cli.Out, d *device, b *bridgeInfo) {
	p := &d.port
	state := "<INVALID STATE>"
	if int(p.state) < len(portStates) {
		state = portStates[p.state]
	}
	o.Safe(d.name).S(" (").U(uint64(p.number))
	o.S(")\n port id\t\t").X(uint64(p.id), 4)
	o.S("\t\t\tstate\t\t").Right(state, 15)
	o.B = appendID(append(o.B, "\n designated root\t"...), p.root)
	o.B = appendInt4(append(o.B, "\tpath cost\t\t"...), int32(p.cost))
	o.B = appendID(append(o.B, "\n designated bridge\t"...), p.bridge)
	o.B = appendTime(append(o.B, "\tmessage age timer\t"...), p.ageTimer)
	o.S("\n designated port\t").X(uint64(p.designatedPort), 4)
	o.B = appendTime(append(o.B, "\t\t\tforward delay timer\t"...), p.forwardTimer)
	o.B = appendInt4(append(o.B, "\n designated cost\t"...), int32(designatedCost(p, b)))
	o.B = appendTime(append(o.B, "\t\t\thold timer\t\t"...), p.holdTimer)
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
func designatedCost(p *portInfo, b *bridgeInfo) uint32 {
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
