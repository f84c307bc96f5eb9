package ip

import (
	"os"
	"strings"
)

// A color is an ANSI sequence that -c puts around some values.
type color uint8

const (
	colNone color = iota
	colIfname
	colMAC
	colInet
	colInet6
	colUp
	colDown
)

var colorCodes = [...]string{colIfname: "36m", colMAC: "33m", colInet: "35m", colInet6: "34m", colUp: "32m", colDown: "31m"}

// darkBackground asks the terminal's COLORFGBG, "15;0": on a dark background
// iproute2 writes bold.
func darkBackground() bool {
	v := os.Getenv("COLORFGBG")
	bg := v[strings.LastIndexByte(v, ';')+1:]
	return bg != v && len(bg) == 1 && (bg[0] >= '0' && bg[0] <= '6' || bg[0] == '8')
}

// in makes c the colour of the next value.
//
//go:noinline
func (p *printer) in(c color) *printer {
	p.next = c
	return p
}

func (p *printer) colorOn() {
	if p.color && p.next != colNone {
		p.o.S("\x1b[")
		if p.bold {
			p.o.S("1;")
		}
		p.o.S(colorCodes[p.next])
	}
}

func (p *printer) colorOff() {
	if p.color && p.next != colNone {
		p.o.S("\x1b[0m")
	}
	p.next = colNone
}
