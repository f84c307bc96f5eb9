package topo

import (
	"strings"
)

// parse reads the words of a statement. A word without ranges is checked at
// once; the others are when the ranges are worked out.
func (l *line) parse(words []Word) *fault {
	first := words[0]
	st := statementOf(first.Text)
	if st == nil {
		return unknownStatement(first.Text).in(first.Pos)
	}
	l.stmt = st
	rest := words[1:]
	end := endOf(words)
	n := st.n
	if st.form == formRoute && len(rest) > 0 {
		if _, ok := routeTypes.Value(rest[0].Text); ok {
			n = 2
		}
	}
	if len(rest) < n {
		return wants("too few words behind "+quote(st.name), st.wants).in(end)
	}
	if st.all() {
		n = len(rest)
	}
	l.args, rest = rest[:n], rest[n:]
	if st.form == formNetns {
		for _, w := range l.args[1:] {
			if notNext(w.Text) {
				return no(w.Text, " behind another namespace's name", "a line of its own (for a namespace called so: netns "+w.Text+")").in(w.Pos)
			}
		}
	}
	if st.form == formSysctl && strings.IndexByte(l.args[0].Text, '=') < 0 {
		return noValue(l.args[0].Text).in(l.args[0].Pos)
	}
	port := false
	for i := 0; i < len(rest); i++ {
		w := rest[i]
		o := st.lookup(w.Text, port, l.peer != nil)
		if o == nil {
			return l.unknownWord(w.Text).in(w.Pos)
		}
		o.pos = w.Pos
		if !o.value.flag() {
			if i+1 == len(rest) {
				return wants("nothing stands behind "+quote(w.Text), o.wantsValue()).in(end)
			}
			i++
			o.vals = rest[i : i+1 : i+1]
		}
		if o.value == vPeer {
			l.peer, l.peerPos, port = &o.vals[0], w.Pos, false
			continue
		}
		port = o.value == vMaster || port && o.value == vPort
		if bad := l.add(o); bad != nil {
			return bad.in(w.Pos)
		}
	}
	return l.check()
}

// notNext tells what can be the name of a namespace, and is more likely to be a
// statement, or the rest of one, that was put behind "netns NAME".
func notNext(name string) bool {
	return statementOf(name) != nil || strings.IndexByte(name, '=') >= 0
}

func noValue(key string) *fault {
	return no(key, " has no value", "KEY=VALUE: net.ipv4.ip_forward=1")
}

// endOf is the place behind the last word.
func endOf(words []Word) Pos {
	w := words[len(words)-1]
	return Pos{w.Pos.Line, w.Pos.Column + len(w.Text)}
}

// add adds an option to the line, or to its other end once that was named:
// further addresses to the first one.
func (l *line) add(o *option) *fault {
	opts := &l.opts
	if l.peer != nil {
		opts = &l.peers
	}
	for _, have := range *opts {
		if have.name == o.name && have.value == o.value {
			if o.value != vAddr {
				return twice(o.name)
			}
			have.vals = append(have.vals, o.vals...)
			return nil
		}
		if have.value == vUp && o.value == vDown || have.value == vDown && o.value == vUp {
			return no(o.name, ` beside "`+have.name+`"`, "")
		}
	}
	*opts = append(*opts, o)
	return nil
}

// unknownStatement says what may stand at the beginning of a line.
func unknownStatement(word string) *fault {
	n := nearTo(word)
	list := ""
	for i := range statements {
		n.try(statements[i].name)
		if i > 0 {
			list += ", "
		}
		list += statements[i].name
	}
	f := wants("no statement begins with "+quote(word), "one of "+list)
	switch word {
	case "ip", "bridge:":
		f.msg += ": a line begins with the kind of what it describes, as in \"veth eth0 peer blue:eth0\""
		return f
	case "ns", "namespace":
		n.best = "netns"
	case "br":
		n.best = "bridge"
	case "gateway", "gw", "default":
		n.best = "route default via"
	case "exec", "run", "cmd", "command":
		n.best = "service"
	case "#include", "include":
		return f
	}
	return f.at(n)
}

// unknownWord says what may stand behind a statement.
func (l *line) unknownWord(word string) *fault {
	n := nearTo(word)
	st := l.stmt
	list := ""
	st.each(l.peer != nil, func(name string, port bool) {
		n.try(name)
		switch {
		case port:
			return
		case list != "":
			list += ", "
		}
		list += name
	})
	if st.form == formLink {
		list += "; behind a master, options of ports"
	}
	what := st.name
	if l.peer != nil {
		what = "peer"
	}
	if l.peer != nil && word == peerWord.name {
		return twice(word)
	}
	if list == "" {
		return no(word, " is too much", "the line's end behind "+st.name+" "+st.args)
	}
	switch word { // what people know from elsewhere
	case "ip", "inet", "address", "address4", "addr4":
		if st.form == formLink {
			n.best = "addr"
		}
	case "mac", "lladdr", "hwaddr":
		n.best = "address"
	case "qlen", "txqlen":
		n.best = "txqueuelen"
	case "gw", "gateway":
		n.best = "via"
	case "type":
		if st.form == formLink {
			return wrong(`"type" is not needed: the kind stands at the line's beginning`)
		}
	case "stp":
		n.best = "stp_state"
	}
	f := wants(quote(word)+" is no word of "+quote(what), "one of "+list)
	if n.best != "" {
		known := false
		st.each(l.peer != nil, func(name string, _ bool) { known = known || name == n.best })
		if !known {
			n.best = ""
		}
	}
	return f.at(n)
}

// wantsValue says what stands behind a keyword.
func (o *option) wantsValue() string {
	switch o.value {
	case vAddr:
		return "an address with the length of its network, or a pool's name"
	case vMaster:
		return "the name of a bridge"
	case vMTU, vRouteMTU:
		return "a number of bytes"
	case vMAC:
		return "a MAC address"
	case vQueue:
		return "a number of packets"
	case vAddrGen:
		return "none, eui64, stable_secret or random"
	case vAlias:
		return "a text"
	case vLower, vDev:
		return "the name of a link"
	case vPeer:
		return "the other end, as NS:LINK, or as LINK if it is the host's"
	case vVia:
		return "an address, or a link that has one"
	case vSrc, vFrom:
		return "an address"
	case vMetric, vTable:
		return "a number"
	case vNetns:
		return "the name of a namespace"
	}
	return o.row.wants()
}

// check checks what can be without working out ranges: each word that has none.
func (l *line) check() *fault {
	l.opts, l.peers = ordered(l.opts), ordered(l.peers)
	x := expander{scratch: true}
	if l.stmt.kind == "veth" && l.peer == nil {
		last := l.args[0]
		for _, o := range l.opts {
			if last = (Word{o.pos, o.name}); len(o.vals) > 0 {
				last = o.vals[len(o.vals)-1]
			}
		}
		return wants("a veth without its other end", "peer END").in(endOf([]Word{last}))
	}
	return x.statement(l)
}

func twice(word string) *fault { return no(word, " stands twice", "") }
