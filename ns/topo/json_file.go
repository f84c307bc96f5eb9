//go:build !tiny

package topo

import "strings"

// readJSON reads the form that JSON writes.
func readJSON(f *File, fs *faults) {
	j := &jsonFile{jsonReader{text: f.text, line: 1}, f, fs, map[string]bool{}, 0}
	ok := j.object(j.member)
	if ok && j.peek() != 0 {
		ok = j.fail(wants(j.found(), "the file's end"))
	}
	switch {
	case j.bad != nil:
		fs.add(j.bad)
	case ok && !j.seen["rawns"]:
		fs.add(wants("the file does not say of what kind it is", `"rawns": 1`).in(Pos{1, 1}))
	case ok && !j.seen["lines"]:
		fs.add(wants("the file has no lines", `"lines": [...]`).in(Pos{1, 1}))
	}
}

type jsonFile struct {
	jsonReader
	f     *File
	fs    *faults
	seen  map[string]bool // members
	words int
}

// member reads a member of the file.
func (j *jsonFile) member(key string, pos Pos) bool {
	if j.seen[key] {
		return j.fail(twice(key).in(pos))
	}
	switch key {
	case "rawns":
		v, ok := j.value(1)
		if ok && (v.kind != jsonNumber || v.text != "1") {
			return j.fail(wants("a file of another version", "1").in(v.pos))
		}
		j.seen[key] = true
		return ok
	case "lines":
		j.seen[key] = true
		return j.each('[', ']', j.item)
	}
	return j.fail(no(key, " is no member of a topology", `"rawns" or "lines"`).in(pos))
}

// item reads a line.
func (j *jsonFile) item() bool {
	j.values = 0
	v, ok := j.value(1)
	if !ok {
		return false
	}
	if j.words += j.values; j.words > maxWords || len(j.f.lines) > maxLines {
		return j.fail(tooLong())
	}
	l := line{pos: v.pos}
	if bad := l.fromJSON(&v); bad != nil {
		return j.fs.add(bad)
	}
	j.f.add(l)
	return true
}

// fromJSON reads a line.
func (l *line) fromJSON(v *jsonValue) *fault {
	if v.kind != jsonObjectKind {
		return v.other(" is no line", `an object, as {"netns": ["blue"]}`)
	}
	rest := make(jsonMembers, 0, len(v.members))
	for i := range v.members {
		rest = append(rest, &v.members[i])
	}
	if m := rest.take("comment"); m != nil {
		if bad := l.setComment(m); bad != nil {
			return bad.in(m.jsonValue.pos)
		}
	}
	if len(rest) == 0 {
		return nil
	}
	main := statementIn(rest)
	if main == nil {
		return unknownStatement(rest[0].key).in(rest[0].pos)
	}
	st := statementOf(main.key)
	l.stmt, l.pos = st, main.pos
	rest.take(st.name)
	var bad *fault
	typ := (*jsonMember)(nil)
	if st.form == formRoute {
		if typ = rest.take("type"); typ != nil {
			bad = l.take(&typ.jsonValue, false)
		}
	}
	if bad == nil {
		bad = l.take(&main.jsonValue, st.form == formNetns)
	}
	if key, example := st.second(); bad == nil && key != "" {
		m := rest.take(key)
		if m == nil {
			return wants("a "+st.name+" without "+quote(key), example).in(main.pos)
		}
		if bad = l.take(&m.jsonValue, st.all()); bad == nil && len(l.args) < 2 {
			bad = wants("an empty list", "a command and its arguments").in(m.jsonValue.pos)
		}
	}
	if bad != nil {
		return bad
	}
	if len(l.args) == 0 {
		return wants("an empty list", st.wants).in(main.jsonValue.pos)
	}
	if typ != nil {
		if _, ok := routeTypes.Value(typ.text); !ok {
			return nearTo(typ.text).oneOf(" is no type of route", words(&routeTypes)).in(typ.jsonValue.pos)
		}
	}
	if bad = l.optionsFromJSON(rest, false); bad == nil {
		bad = l.check()
	}
	return bad
}

// jsonMembers are members that nobody has taken yet.
type jsonMembers []*jsonMember

// take takes the member of a key; nil if there is none.
//
//go:noinline
func (ms *jsonMembers) take(key string) *jsonMember {
	for i, m := range *ms {
		if m.key == key {
			*ms = append((*ms)[:i:i], (*ms)[i+1:]...)
			return m
		}
	}
	return nil
}

// take takes a value for a positional word; a list for several, if it may be one.
func (l *line) take(v *jsonValue, list bool) *fault {
	if list && v.kind == jsonList {
		for i := range v.list {
			if bad := l.take(&v.list[i], false); bad != nil {
				return bad
			}
		}
		return nil
	}
	w, bad := v.word()
	l.args = append(l.args, w)
	return bad
}

// other says that a value is of another kind than it should.
//
//go:noinline
func (v *jsonValue) other(what, expected string) *fault {
	return wants(jsonKinds[v.kind]+what, expected).in(v.pos)
}

// statementIn finds the member whose key is the statement's word: of several
// that could be, the one for which the others are keywords.
func statementIn(members jsonMembers) *jsonMember {
	var best *jsonMember
	for _, m := range members {
		st := statementOf(m.key)
		if st == nil {
			continue
		}
		fits := true
		for _, o := range members {
			if o != m && statementOf(o.key) != nil {
				fits = fits && st.lookup(o.key, false, false) != nil
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
		return m.other(" as a comment", "a string")
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
func (v *jsonValue) word() (w Word, bad *fault) {
	if v.kind != jsonString && v.kind != jsonNumber {
		return w, v.other(" stands here", "a string or a number")
	}
	return Word{v.pos, v.text}, checkBraces(v.text).in(v.pos)
}

// optionsFromJSON takes over keywords; "peer" last, behind which the line's
// options are the other end's.
func (l *line) optionsFromJSON(members jsonMembers, port bool) *fault {
	var peer *jsonMember
	for _, m := range members {
		if m.key == "port" && l.stmt.form == formLink && !port {
			if m.kind != jsonObjectKind || len(m.members) == 0 {
				return m.other(" stands here", `an object of options, as {"isolated": "on"}`)
			}
			if bad := l.optionsFromJSON(pointers(m.members), true); bad != nil {
				return bad
			}
			continue
		}
		o := l.stmt.lookup(m.key, port, l.peer != nil)
		switch {
		case port && (o == nil || o.value != vPort):
			return noPortOption(m.key).in(m.pos)
		case o == nil:
			return l.unknownWord(m.key).in(m.pos)
		}
		if o.value == vPeer {
			peer = m
			continue
		}
		o.pos = m.pos
		vals := []jsonValue{m.jsonValue}
		if o.value == vAddr && m.kind == jsonList {
			if vals = m.list; len(vals) == 0 {
				continue
			}
		}
		if o.value.flag() {
			if m.kind != jsonTrue {
				return m.other(" stands here", "true, or "+quote(m.key)+" left out")
			}
			vals = nil
		}
		for i := range vals {
			w, bad := vals[i].word()
			if bad != nil {
				return bad
			}
			o.vals = append(o.vals, w)
		}
		if bad := l.add(o); bad != nil {
			return bad.in(m.pos)
		}
	}
	if peer == nil {
		return nil
	}
	if peer.kind != jsonObjectKind {
		return peer.other(" stands here", `an object, as {"veth": "blue:eth0"}`)
	}
	rest := pointers(peer.members)
	m := rest.take(l.stmt.name)
	if m == nil {
		return wants("a peer without its name", `"veth": END`).in(peer.jsonValue.pos)
	}
	w, bad := m.word()
	if bad != nil {
		return bad
	}
	l.peer, l.peerPos = &w, peer.pos
	return l.optionsFromJSON(rest, false)
}

func pointers(ms []jsonMember) jsonMembers {
	out := make(jsonMembers, len(ms))
	for i := range ms {
		out[i] = &ms[i]
	}
	return out
}

// noPortOption says which options bridge ports have.
func noPortOption(word string) *fault {
	n := nearTo(word)
	names := make([]string, len(*portOptions))
	for i := range *portOptions {
		names[i] = (*portOptions)[i].name
	}
	return n.oneOf(" is no option of ports", names)
}

// second is what JSON calls a statement's second positional word, or the list of
// all from there on, and an example of it.
func (st *statement) second() (key, example string) {
	switch st.form {
	case formPool:
		return "prefix", `"prefix": "10.0.0.0/16"`
	case formService:
		return "command", `"command": ["http_server"]`
	}
	return "", ""
}
