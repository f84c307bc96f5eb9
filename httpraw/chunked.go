package httpraw

// A chunked takes the chunks off a body (RFC 9112, 7.1):
//
//	5;name=value CRLF        size in hex, an extension that is ignored
//	hello CRLF
//	0 CRLF                   the last
//	Trailer: value CRLF      ignored
//	CRLF
//
// It is a machine that takes one byte at a time, so the division of its input
// cannot matter. As with curl a line feed alone ends a line too.
type chunked struct {
	state chunkState
	left  uint64 // of the size line: the size so far; then bytes of data to come
	line  int    // digits, or bytes of extensions and trailers so far
}

type chunkState uint8

const (
	chunkSize chunkState = iota // in the digits of a size
	chunkExt                    // in the rest of a size line
	chunkData
	chunkEnd    // at the line end behind the data
	chunkEndLF  // the same, after CR
	trailerLine // at the beginning of a line behind the last chunk
	trailerLF   // the same, after CR
	trailerText // inside such a line
)

// extMax bounds what is ignored: extensions, and trailers.
const extMax = 64 << 10

// next looks at the front of p, which must not be empty: it returns a piece
// of the body, perhaps an empty one, and how many bytes of p are done with.
func (d *chunked) next(p []byte) (data []byte, n int, st Status, err error) {
	if d.state == chunkData {
		n = int(min(uint64(len(p)), d.left))
		if d.left -= uint64(n); d.left == 0 {
			d.state = chunkEnd
		}
		return p[:n], n, Incomplete, nil
	}
	for i, c := range p {
		st, err := d.step(c)
		if st != Incomplete || d.state == chunkData {
			return nil, i + 1, st, err
		}
	}
	return nil, len(p), Incomplete, nil
}

func (d *chunked) step(c byte) (Status, error) {
	switch d.state {
	case chunkSize:
		if v, ok := unhex(c); ok {
			if d.line++; d.line > 15 { // stays below 2^60
				return Bad, ErrChunkLong
			}
			d.left = d.left<<4 | uint64(v)
			return Incomplete, nil
		}
		if d.line == 0 {
			return Bad, ErrChunkSize
		}
		// Only what may follow a size: "5x" and "0x5" are no sizes.
		if c != '\n' && c != '\r' && c != ';' && c != ' ' && c != '\t' {
			return Bad, ErrChunkSize
		}
		d.state, d.line = chunkExt, 0
		return d.step(c)
	case chunkExt:
		if c != '\n' {
			return d.ignore()
		}
		d.line = 0
		d.state = chunkData
		if d.left == 0 {
			d.state = trailerLine
		}
	case chunkEnd, chunkEndLF:
		switch {
		case c == '\n':
			*d = chunked{}
		case c == '\r' && d.state == chunkEnd:
			d.state = chunkEndLF
		default:
			return Bad, ErrChunkEnd
		}
	case trailerLine, trailerLF:
		switch {
		case c == '\n':
			return Complete, nil
		case c == '\r' && d.state == trailerLine:
			d.state = trailerLF
		default:
			d.state = trailerText
		}
		return d.ignore()
	case trailerText:
		if c == '\n' {
			d.state = trailerLine
		}
		return d.ignore()
	}
	return Incomplete, nil
}

func (d *chunked) ignore() (Status, error) {
	if d.line++; d.line > extMax {
		return Bad, ErrChunkLong
	}
	return Incomplete, nil
}

func unhex(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
