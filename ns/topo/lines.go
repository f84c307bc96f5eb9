package topo

// Lines are those of a file that is no topology but written like one: words,
// quotes, comments, continued lines. Ranges are none there.
type Lines struct {
	s  scanner
	fs faults
}

// ReadLines begins to read a text of at most MaxFile bytes. The name is for
// errors.
func ReadLines(name string, text []byte) *Lines {
	f := &File{name: name, text: string(text)}
	return &Lines{scanner{text: f.text, line: 1}, faults{file: f}}
}

// Next returns the words of the next line that has some and no fault, their
// quotes and braces undone; nil at the end.
func (l *Lines) Next() []Word {
	for l.s.at < len(l.s.text) {
		bad := l.s.statement()
		for i := range l.s.words {
			w := &l.s.words[i]
			r := rangesOf(w.Text)
			if w.Text = r.text; len(r.pieces) > 0 && bad == nil {
				bad = wants("a range: there are none here", `the word in "quotes"`).in(w.Pos)
			}
		}
		if bad == nil && len(l.s.words) > 0 {
			return l.s.words
		}
		if bad != nil {
			l.fs.add(bad)
		}
	}
	return nil
}

// Wrong notes a fault of a word.
func (l *Lines) Wrong(w Word, msg, expected string) {
	l.fs.add(wants(msg, expected).in(w.Pos))
}

// Unknown notes that the first word of a line is none of the names that name
// returns for 0, 1 and so on, until it returns "".
func (l *Lines) Unknown(w Word, name func(i int) string) {
	n := nearTo(w.Text)
	list := "one of "
	for i := 0; name(i) != ""; i++ {
		n.try(name(i))
		if i > 0 {
			list += ", "
		}
		list += name(i)
	}
	l.fs.add(wants("no line begins with "+quote(w.Text), list).at(n).in(w.Pos))
}

// Err returns the faults that were found so far, as a FileErrors, or nil.
func (l *Lines) Err() error { return l.fs.err() }
