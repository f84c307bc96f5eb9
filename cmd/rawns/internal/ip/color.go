package ip

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

// Colours for a dark and for a light background, as iproute2's.
var colorCodes = [2][7]string{
	{colIfname: "\x1b[36m", colMAC: "\x1b[33m", colInet: "\x1b[35m", colInet6: "\x1b[34m", colUp: "\x1b[32m", colDown: "\x1b[31m"},
	{colIfname: "\x1b[1;36m", colMAC: "\x1b[1;33m", colInet: "\x1b[1;35m", colInet6: "\x1b[1;34m", colUp: "\x1b[1;32m", colDown: "\x1b[1;31m"},
}

// in makes c the colour of the next value.
func (p *printer) in(c color) *printer {
	p.next = c
	return p
}

func (p *printer) colorOn() {
	if p.color && p.next != colNone {
		p.o.S(colorCodes[0][p.next])
	}
}

func (p *printer) colorOff() {
	if p.color && p.next != colNone {
		p.o.S("\x1b[0m")
	}
	p.next = colNone
}
