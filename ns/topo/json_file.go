package topo

import "strings"

// readJSON reads the form that JSON writes.
func readJSON(f *File, fs *faults) {
	r := &jsonReader{text: f.text, line: 1}
	version, lines, words := false, false, 0
	again := func(seen *bool, key string, pos Pos) bool {
		if *seen {
			r.bad, r.badPos = wrong(quote(key)+" stands twice"), pos
			return false
		}
		*seen = true
		return true
	}
	ok := r.object(func(key string, pos Pos) bool {
		switch key {
		case "rawns":
			v, ok := r.value(1)
			if ok && (v.kind != jsonNumber || v.text != "1") {
				r.bad, r.badPos = wants("a file of another version", "1"), v.pos
				return false
			}
			return ok && again(&version, key, pos)
		case "lines":
			return again(&lines, key, pos) && r.each('[', ']', func() bool {
				r.values = 0
				v, ok := r.value(1)
				if !ok {
					return false
				}
				if words += r.values; words > maxWords || len(f.lines) > maxLines {
					return r.fail(tooLong)
				}
				l := line{pos: v.pos}
				if pos, bad := l.fromJSON(&v); bad != nil {
					return fs.add(pos, bad)
				}
				f.add(l)
				return true
			})
		}
		r.bad, r.badPos = wants(quote(key)+" is no member of a topology", `"rawns" or "lines"`), pos
		return false
	})
	if ok && r.peek() != 0 {
		ok = r.fail(wants(r.found(), "the file's end"))
	}
	switch {
	case r.bad != nil:
		fs.add(r.badPos, r.bad)
	case ok && !version:
		fs.add(Pos{1, 1}, wants("the file does not say of what kind it is", `"rawns": 1`))
	case ok && !lines:
		fs.add(Pos{1, 1}, wants("the file has no lines", `"lines": [...]`))
	}
}

// fromJSON reads a line.
func (l *line) fromJSON(v *jsonValue) (Pos, *fault) {
	if v.kind != jsonObjectKind {
		return v.pos, wants(jsonKinds[v.kind]+" is no line", `an object, as {"netns": ["blue"]}`)
	}
	var rest []*jsonMember
	for i := range v.members {
		m := &v.members[i]
		if m.key == "comment" {
			if bad := l.setComment(m); bad != nil {
				return m.jsonValue.pos, bad
			}
			continue
		}
		rest = append(rest, m)
	}
	if len(rest) == 0 {
		return Pos{}, nil
	}
	main := statementIn(rest)
	if main == nil {
		return rest[0].pos, unknownStatement(rest[0].key)
	}
	st := statementOf(main.key)
	l.stmt, l.pos = st, main.pos
	var pos Pos
	var bad *fault
	word := func(m *jsonMember) {
		if bad == nil {
			var w Word
			if w, pos, bad = m.word(); bad == nil {
				l.args = append(l.args, w)
			}
		}
	}
	list := func(m *jsonMember) {
		if bad == nil {
			var ws []Word
			ws, pos, bad = m.words()
			l.args = append(l.args, ws...)
		}
	}
	take := func(key, expected string) *jsonMember {
		for i, m := range rest {
			if m.key == key {
				rest = append(rest[:i:i], rest[i+1:]...)
				return m
			}
		}
		if expected != "" && bad == nil {
			pos, bad = main.pos, wants("a "+st.name+" without "+quote(key), expected)
		}
		return nil
	}
	take(st.name, "")
	switch st.form {
	case formNetns:
		list(main)
		if bad == nil && len(l.args) == 0 {
			return main.jsonValue.pos, wants("an empty list", "names of namespaces")
		}
	case formService:
		word(main)
		if m := take("command", `"command": ["http_server"]`); m != nil {
			list(m)
			if bad == nil && len(l.args) == 1 {
				return m.jsonValue.pos, wants("an empty list", "a command and its arguments")
			}
		}
	case formPool:
		word(main)
		if m := take("prefix", `"prefix": "10.0.0.0/16"`); m != nil {
			word(m)
		}
	case formRoute:
		if m := take("type", ""); m != nil {
			word(m)
			if bad == nil {
				if _, ok := routeTypes.Value(l.args[0].Text); !ok {
					return m.jsonValue.pos, wants(quote(l.args[0].Text)+" is no type of route", "one of "+strings.Join(words(&routeTypes), ", "))
				}
			}
		}
		word(main)
	default:
		word(main)
	}
	if bad != nil {
		return pos, bad
	}
	if pos, bad := l.optionsFromJSON(rest, false); bad != nil {
		return pos, bad
	}
	return l.check()
}

// statementIn finds the member whose key is the statement's word: of several
// that could be, the one for which the others are keywords.
func statementIn(members []*jsonMember) *jsonMember {
	var best *jsonMember
	for _, m := range members {
		st := statementOf(m.key)
		if st == nil {
			continue
		}
		fits := true
		for _, o := range members {
			if o != m && statementOf(o.key) != nil {
				_, ok := st.lookup(o.key, false, false)
				fits = fits && ok
			}
		}
		if fits {
			return m
		}
		if best == nil {
			best = m
		}
	}
	return best
}

// setComment takes over a comment, with a '#' before it if it has none.
func (l *line) setComment(m *jsonMember) *fault {
	if m.kind != jsonString {
		return wants(jsonKinds[m.kind]+" as a comment", "a string")
	}
	s := m.text
	for i := 0; i < len(s); {
		n := printable(s[i:])
		if n == 0 && s[i] != '\t' {
			return wrong("a byte in a comment that is no text: " + hexByte(s[i]))
		}
		i += max(n, 1)
	}
	if !strings.HasPrefix(s, "#") {
		s = "# " + s
	}
	l.comment = strings.TrimRight(s, " \t")
	return nil
}

// word takes a string, or a number, for a word.
func (v *jsonValue) word() (w Word, pos Pos, bad *fault) {
	if v.kind != jsonString && v.kind != jsonNumber {
		return w, v.pos, wants(jsonKinds[v.kind]+" stands here", "a string or a number")
	}
	return Word{v.pos, v.text}, v.pos, checkBraces(v.text)
}

// words takes a list of strings, or one, for words.
func (v *jsonValue) words() (ws []Word, pos Pos, bad *fault) {
	if v.kind != jsonList {
		w, pos, bad := v.word()
		return []Word{w}, pos, bad
	}
	for i := range v.list {
		w, pos, bad := v.list[i].word()
		if bad != nil {
			return nil, pos, bad
		}
		ws = append(ws, w)
	}
	return ws, v.pos, nil
}

// optionsFromJSON takes over keywords; "peer" last, behind which the line's
// options are the other end's.
func (l *line) optionsFromJSON(members []*jsonMember, port bool) (Pos, *fault) {
	var peer *jsonMember
	for _, m := range members {
		if m.key == "port" && l.stmt.form == formLink && !port {
			if m.kind != jsonObjectKind || len(m.members) == 0 {
				return m.jsonValue.pos, wants(jsonKinds[m.kind]+" stands here", `an object of options, as {"isolated": "on"}`)
			}
			if pos, bad := l.optionsFromJSON(pointers(m.members), true); bad != nil {
				return pos, bad
			}
			continue
		}
		o, ok := l.stmt.lookup(m.key, port, l.peer != nil)
		if port && (!ok || o.value != vPort) {
			return m.pos, noPortOption(m.key)
		}
		if !ok {
			return m.pos, l.unknownWord(m.key)
		}
		o.pos = m.pos
		var pos Pos
		var bad *fault
		switch {
		case o.value == vPeer:
			peer = m
			continue
		case o.value.flag():
			if m.kind != jsonTrue {
				return m.jsonValue.pos, wants(jsonKinds[m.kind]+" stands here", "true, or "+quote(m.key)+" left out")
			}
		case o.value == vAddr:
			if o.vals, pos, bad = m.words(); bad == nil && len(o.vals) == 0 {
				continue
			}
		default:
			var w Word
			w, pos, bad = m.word()
			o.vals = []Word{w}
		}
		if bad != nil {
			return pos, bad
		}
		if bad := l.add(o); bad != nil {
			return m.pos, bad
		}
	}
	if peer == nil {
		return Pos{}, nil
	}
	if peer.kind != jsonObjectKind {
		return peer.jsonValue.pos, wants(jsonKinds[peer.kind]+" stands here", `an object, as {"veth": "blue:eth0"}`)
	}
	var rest []*jsonMember
	for _, m := range pointers(peer.members) {
		if m.key != l.stmt.name {
			rest = append(rest, m)
			continue
		}
		w, pos, bad := m.word()
		if bad != nil {
			return pos, bad
		}
		l.peer, l.peerPos = &w, peer.pos
	}
	if l.peer == nil {
		return peer.jsonValue.pos, wants("a peer without its name", `"veth": END`)
	}
	return l.optionsFromJSON(rest, false)
}

func pointers(ms []jsonMember) []*jsonMember {
	out := make([]*jsonMember, len(ms))
	for i := range ms {
		out[i] = &ms[i]
	}
	return out
}

// noPortOption says which options bridge ports have.
func noPortOption(word string) *fault {
	n := nearTo(word)
	list := ""
	for i := range *portOptions {
		n.try((*portOptions)[i].name)
		if i > 0 {
			list += ", "
		}
		list += (*portOptions)[i].name
	}
	return wants(quote(word)+" is no option of ports", "one of "+list).at(n)
}
