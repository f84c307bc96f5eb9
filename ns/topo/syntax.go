package topo

import "strings"

// Syntax returns what a file may say, as a reference of some 90 lines: each
// statement, and the words that may follow it. docs/topology.md has the same
// text.
func Syntax() string {
	b := new(reference)
	for i := range statements {
		st := &statements[i]
		left := st.name + " " + st.args
		if st.form == formLink {
			left += " [WORD [VALUE]]..."
			if st.kind == "veth" {
				left += " peer END [WORD [VALUE]]..."
			}
		}
		b.row(left, st.brief)
		b.words(st.words)
		if st.form != formLink {
			continue
		}
		k := kindOf(st.kind)
		if k.lower != "" {
			must := ""
			if k.needsLower {
				must = mustBeNamed
			}
			w := findWord(lowerWords, k.lower)
			b.word(w.name, w.arg, w.brief+must)
		}
		b.rows(k.rows, k.needsID)
	}
	b.row("", "")
	b.row("Words of all links:", "")
	b.words(linkWords)
	b.row("Words of links that have a master:", "")
	b.rows(portOptions, false)
	return string(*b)
}

const mustBeNamed = ", which must be named"

// reference is a text in two columns.
type reference []byte

const (
	refColumn = 33
	refWidth  = 98
)

// row writes a line, or more where the right column needs them.
//
//go:noinline
func (b *reference) row(left, right string) {
	p := append(*b, left...)
	at := len(left)
	if at > refColumn-2 && right != "" {
		p = append(p, '\n')
		at = 0
	}
	for i, w := range strings.Fields(right) {
		if i > 0 && at+1+len(w) > refWidth {
			p = append(p, '\n')
			at = 0
		}
		for at < refColumn || i > 0 && at > refColumn {
			p = append(p, ' ')
			if at++; at > refColumn {
				break
			}
		}
		p = append(p, w...)
		at += len(w)
	}
	*b = append(p, '\n')
}

//go:noinline
func (b *reference) word(name, arg, brief string) {
	left := "    " + name
	if arg != "" {
		left += " " + arg
	}
	b.row(left, brief)
}

func (b *reference) words(words []keyword) {
	for i := range words {
		w := &words[i]
		b.word(w.name, w.arg, w.brief)
	}
}

// rows writes the options of a kind of link.
func (b *reference) rows(rows *[]optionRow, id bool) {
	if rows == nil {
		return
	}
	for i := range *rows {
		r := &(*rows)[i]
		wants := r.wants()
		if id && r.name == "id" {
			wants += mustBeNamed
		}
		b.word(r.name, "VALUE", wants)
	}
}
