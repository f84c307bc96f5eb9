package httpraw

// A Body finds the end of a request's body, and takes the chunks off it. It is
// a machine that takes one byte at a time, so the division of its input cannot
// matter, and it is strict where the client's (chunked) is tolerant: a size is
// hexadecimal digits and nothing else, lines end in CR LF, trailers are header
// lines. What another program might read differently is Bad.
type Body struct {
	Got   int64 // bytes of the body so far, without what chunks add
	left  int64 // to come: of the body, or of the chunk
	extra int   // bytes of extensions and trailers so far, in all
	line  int   // digits of a size
	state bodyState
}

type bodyState uint8

const (
	bodyWhole     bodyState = iota // counted by Content-Length
	bodySize                       // in the digits of a chunk's size
	bodyExt                        // in a chunk's extensions, behind ';'
	bodySizeLF                     // at the LF behind a size
	bodyData                       // in a chunk
	bodyDataCR                     // at the CR LF behind a chunk
	bodyDataLF                     //
	bodyTrailer                    // at the beginning of a trailer line
	bodyName                       // in a trailer's name
	bodyValue                      // in its value
	bodyTrailerLF                  // at its LF
	bodyLastLF                     // at the LF of the last line
)

// extraMax bounds extensions and trailers, which are ignored: one byte of body
// must not cost thousands.
const extraMax = 4 << 10

// Begin makes b read the body of r.
func (b *Body) Begin(r *Request) {
	*b = Body{left: r.Length}
	if r.Chunked {
		b.state = bodySize
	}
}

// Next looks at the front of p: it returns a piece of the body, perhaps an
// empty one, which is a part of p, and how many bytes of p are done with. It
// is called until the status is not Incomplete or p is done with; after that
// never again.
func (b *Body) Next(p []byte) (data []byte, n int, st Status) {
	if b.state == bodyWhole && b.left == 0 {
		return nil, 0, Complete
	}
	for i, c := range p {
		if b.state == bodyWhole || b.state == bodyData {
			data = p[i:]
			data = data[:min(int64(len(data)), b.left)]
			b.Got += int64(len(data))
			if b.left -= int64(len(data)); b.left == 0 {
				if b.state == bodyWhole {
					return data, i + len(data), Complete
				}
				b.state = bodyDataCR
			}
			return data, i + len(data), Incomplete
		}
		if st = b.step(c); st != Incomplete {
			return nil, i + 1, st
		}
	}
	return nil, len(p), Incomplete
}

// step takes a byte that is not the body's own. The states are in the order in
// which a body goes through them.
func (b *Body) step(c byte) Status {
	switch b.state {
	case bodySize:
		if v, ok := unhex(c); ok && b.line < 15 { // stays below 2^60
			b.line++
			b.left = b.left<<4 | int64(v)
			return Incomplete
		}
		switch {
		case b.line == 0: // no digit, or "0x", "+5", "-1"
			return Bad
		case c == ';':
			b.state = bodyExt
		case c == '\r':
			b.state = bodySizeLF
		default: // "5 ", "0_0", "5g", a line feed alone, or too many digits
			return Bad
		}
	case bodyExt:
		if c == '\r' {
			b.state = bodySizeLF
			return Incomplete
		}
		return b.ignore(c, bodyExt)
	case bodySizeLF:
		if c != '\n' {
			return Bad
		}
		b.state, b.line = bodyData, 0
		if b.left == 0 {
			b.state = bodyTrailer
		}
	case bodyDataCR:
		if c != '\r' {
			return Bad
		}
		b.state = bodyDataLF
	case bodyDataLF:
		if c != '\n' {
			return Bad
		}
		b.state = bodySize
	case bodyTrailer:
		if c == '\r' {
			b.state = bodyLastLF
			return Incomplete
		}
		if !tokens[c] { // also the blank of a folded line
			return Bad
		}
		return b.ignore(c, bodyName)
	case bodyName:
		if c == ':' {
			return b.ignore(c, bodyValue)
		}
		if !tokens[c] {
			return Bad
		}
		return b.ignore(c, bodyName)
	case bodyValue:
		if c == '\r' {
			b.state = bodyTrailerLF
			return Incomplete
		}
		return b.ignore(c, bodyValue)
	case bodyTrailerLF:
		if c != '\n' {
			return Bad
		}
		b.state = bodyTrailer
	case bodyLastLF:
		if c == '\n' {
			return Complete
		}
		return Bad
	}
	return Incomplete
}

// ignore goes on to state next over a byte that does not matter.
func (b *Body) ignore(c byte, next bodyState) Status {
	if c < ' ' && c != '\t' || c == 0x7f {
		return Bad
	}
	if b.extra++; b.extra > extraMax {
		return Bad
	}
	b.state = next
	return Incomplete
}
