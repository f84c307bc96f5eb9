package ip

// banner begins an announcement: when it came, and what kind it is.
func (p *bridgePrinter) banner(what string) {
	if !p.monitor {
		return
	}
}
