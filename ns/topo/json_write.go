package topo

// JSON writes the file as JSON: {"rawns": 1, "lines": [...]}, an object for each
// line. A statement's word is the key of its first value; a blank line is {}, a
// comment stands with its '#'. Ranges stand in braces as in the other form; a
// brace that is none is doubled. Bytes that are no UTF-8 are written as the lone
// surrogates \udc80 to \udcff. Parse reads it, and loses nothing.
func (f *File) JSON() []byte {
	b := []byte("{\"rawns\": 1, \"lines\": [")
	for i := range f.lines {
		if i > 0 {
			b = addC(b, ',')
		}
		b = addS(b, "\n  {")
		b = f.lines[i].appendJSON(b)
		b = addC(b, '}')
	}
	return addS(b, "\n]}\n")
}

func (l *line) appendJSON(b []byte) []byte {
	j := jsonObject{b: b, first: true}
	if st := l.stmt; st != nil {
		switch st.form {
		case formNetns:
			j.list(st.name, l.args)
		case formService:
			j.word(st.name, l.args[0])
			j.list("command", l.args[1:])
		case formPool:
			j.word(st.name, l.args[0])
			j.word("prefix", l.args[1])
		case formRoute:
			j.word(st.name, l.args[len(l.args)-1])
			if len(l.args) > 1 {
				j.word("type", l.args[0])
			}
		default:
			j.word(st.name, l.args[0])
		}
		j.options(l.opts)
		if l.peer != nil {
			j.open("peer")
			j.word(st.name, *l.peer)
			j.options(l.peers)
			j.close()
		}
	}
	if l.comment != "" {
		j.key("comment")
		j.b = AppendJSON(j.b, l.comment)
	}
	return j.b
}

// jsonObject writes the members of an object.
type jsonObject struct {
	b     []byte
	first bool
}

//go:noinline
func (j *jsonObject) key(name string) {
	if !j.first {
		j.b = addS(j.b, ", ")
	}
	j.first = false
	j.b = append(AppendJSON(j.b, name), ": "...)
}

func (j *jsonObject) open(name string) {
	j.key(name)
	j.b = addC(j.b, '{')
	j.first = true
}

func (j *jsonObject) close() {
	j.b = addC(j.b, '}')
	j.first = false
}

//go:noinline
func (j *jsonObject) word(name string, w Word) {
	j.key(name)
	j.b = AppendJSON(j.b, w.Text)
}

//go:noinline
func (j *jsonObject) list(name string, words []Word) {
	j.key(name)
	j.b = addC(j.b, '[')
	for i, w := range words {
		if i > 0 {
			j.b = addS(j.b, ", ")
		}
		j.b = AppendJSON(j.b, w.Text)
	}
	j.b = addC(j.b, ']')
}

func (j *jsonObject) options(opts []*option) {
	port := false
	for _, o := range opts {
		if isPort := o.value == vPort; isPort != port {
			if port = isPort; port {
				j.open("port")
			} else {
				j.close()
			}
		}
		switch {
		case o.value.flag():
			j.key(o.name)
			j.b = addS(j.b, "true")
		case o.value == vAddr:
			j.list(o.name, o.vals)
		case o.value.number() && isInteger(o.vals[0].Text):
			j.key(o.name)
			j.b = addS(j.b, o.vals[0].Text)
		default:
			j.word(o.name, o.vals[0])
		}
	}
	if port {
		j.close()
	}
}

// isInteger tells a text that is a number in JSON just as it stands.
func isInteger(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != "" && len(s) <= 10 && (s[0] != '0' || len(s) == 1)
}

// AppendJSON appends a string in quotes, as JSON has it: bytes that are no text as
// \udc80 to \udcff, which Python's surrogateescape reads back.
func AppendJSON(b []byte, s string) []byte {
	b = addC(b, '"')
	for i := 0; i < len(s); {
		n := printable(s[i:])
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = addC(addC(b, '\\'), c)
		case c == '\n':
			b = addS(b, `\n`)
		case c == '\t':
			b = addS(b, `\t`)
		case c < 0x80 && n == 0:
			b = addS(addS(b, `\u00`), hexByte(c)[2:])
		case n == 0:
			b = addS(addS(b, `\udc`), hexByte(c)[2:])
		default:
			b = addS(b, s[i:i+n])
		}
		i += max(n, 1)
	}
	return addC(b, '"')
}
