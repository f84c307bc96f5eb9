package topo

// Syntax returns what a file may say, as a reference of some 90 lines: each
// statement, and the words that may follow it. docs/topology.md has the same
// text.
func Syntax() string {
	var b []byte
	row := func(indent, left, right string) {
		b = append(append(b, indent...), left...)
		n := len(indent) + len(left)
		if right != "" {
			if n > 31 {
				b = append(b, '\n')
				n = 0
			}
			for ; n < 33; n++ {
				b = append(b, ' ')
			}
			b = appendWrapped(b, right, 33)
		}
		b = append(b, '\n')
	}
	for i := range statements {
		st := &statements[i]
		left := st.name + " " + st.args
		if st.form == formLink {
			left += " [WORD [VALUE]]..."
			if st.kind == "veth" {
				left += " peer END [WORD [VALUE]]..."
			}
		}
		row("", left, st.brief)
		for k := range st.words {
			row("    ", withArg(&st.words[k]), st.words[k].brief)
		}
		if st.form != formLink {
			continue
		}
		k := kindOf(st.kind)
		if k.lower != "" {
			brief := ""
			if k.needsLower {
				brief = ", which must be named"
			}
			w := findWord(lowerWords, k.lower)
			row("    ", withArg(w), w.brief+brief)
		}
		b = appendRows(b, k.rows, k.needsID)
	}
	b = append(b, "\nWords of all links:\n"...)
	for i := range linkWords {
		row("    ", withArg(&linkWords[i]), linkWords[i].brief)
	}
	b = append(b, "Words of links that have a master:\n"...)
	b = appendRows(b, portOptions, false)
	return string(b)
}

func withArg(w *keyword) string {
	if w.arg == "" {
		return w.name
	}
	return w.name + " " + w.arg
}

// appendRows appends the options of a kind of link.
func appendRows(b []byte, rows *[]optionRow, id bool) []byte {
	if rows == nil {
		return b
	}
	for i := range *rows {
		r := &(*rows)[i]
		mark := len(b)
		b = append(append(append(b, "    "...), r.name...), " VALUE"...)
		for len(b)-mark < 33 {
			b = append(b, ' ')
		}
		wants := r.wants()
		if id && r.name == "id" {
			wants += ", which must be named"
		}
		b = append(appendWrapped(b, wants, 33), '\n')
	}
	return b
}

// appendWrapped appends a text that goes on at a column.
func appendWrapped(b []byte, s string, column int) []byte {
	const width = 98
	at := column
	for s != "" {
		n := 0
		for n < len(s) && s[n] != ' ' {
			n++
		}
		if at > column && at+1+n > width {
			b = append(b, '\n')
			for range column {
				b = append(b, ' ')
			}
			at = column
		} else if at > column {
			b = append(b, ' ')
			at++
		}
		b = append(b, s[:n]...)
		at += n
		for n < len(s) && s[n] == ' ' {
			n++
		}
		s = s[n:]
	}
	return b
}
