package httpraw

import (
	"bytes"
	"strconv"

	"golang.org/x/sys/unix"
)

// Files is a Handler that serves the files of a folder, and nothing outside of
// it, whatever a path says: the kernel looks paths up beneath the folder
// (openat2, RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS). Symbolic links may
// lead about inside; where the kernel is too old for that (before Linux 5.6)
// none is followed. Only regular files are served, and opening others never
// waits; a device that does something when it is opened does it.
//
// A folder's page is its index.html, or, with List, a list of its files. Names
// that begin with a dot are not there, except .well-known. There are GET and
// HEAD, Last-Modified, ETag and what clients ask by them, and Range for one
// range. Clients that take gzip get NAME.gz for NAME, if both are there and
// the one is not older than the other. Several loops may use one Files.
type Files struct {
	List bool // folders without an index.html are listed

	dir beneath
}

// A place is where Files works on a request; it is kept with the Answer, of
// which each loop has one.
type place struct {
	path []byte // of the request, decoded; NUL at its end
	text []byte // of header lines
}

// OpenFiles opens a folder to serve. It is the one that dir is now, even if it
// is renamed.
func OpenFiles(dir string) (*Files, error) {
	b, err := openBeneath(dir)
	if err != nil {
		return nil, &Error{Kind: Refused, Op: "open", Host: dir, Err: err}
	}
	return &Files{dir: b}, nil
}

// Close closes the folder, when no Serve uses it any more.
func (f *Files) Close() { unix.Close(f.dir.fd) }

// Serve answers with a file.
func (f *Files) Serve(a *Answer, r *Request) {
	if m := string(r.Method); m != "GET" && m != "HEAD" {
		a.Refuse(405, "")
		a.Field("Allow", "GET, HEAD")
		return
	}
	if code := a.place.decode(r.Path()); code != 0 {
		a.Refuse(code, "")
		a.Close = true // nobody asks so by mistake
		return
	}
	p, path := &a.place, r.Path()
	folder := path[len(path)-1] == '/'
	if folder {
		p.add("index.html")
	}
	fd, st, e := f.open(p.path)
	switch {
	case folder && e == unix.ENOENT && f.List:
		p.cut("index.html")
		if fd, st, e = f.open(p.path); e == 0 {
			list(a, fd)
			return
		}
	case !folder && e == 0 && st.Mode&unix.S_IFMT == unix.S_IFDIR:
		unix.Close(fd)
		f.redirect(a, r)
		return
	}
	switch {
	case e == unix.EMFILE, e == unix.ENFILE, e == unix.ENOMEM, e == unix.EAGAIN:
		a.Refuse(503, "")
		return
	case e == unix.EACCES, e == unix.EPERM:
		a.Refuse(403, "")
		return
	case e != 0: // also what leads out: nobody is told what there is
		a.Refuse(404, "")
		return
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
		unix.Close(fd)
		a.Refuse(404, "")
		return
	}
	packed := false
	if acceptsGzip(r.Get("accept-encoding")) {
		p.add(".gz")
		z, zst, e := f.open(p.path)
		p.cut(".gz")
		if packed = e == 0 && zst.Mode&unix.S_IFMT == unix.S_IFREG && zst.Mtim.Sec >= st.Mtim.Sec; packed {
			fd, z, st = z, fd, zst
		}
		if e == 0 {
			unix.Close(z)
		}
	}
	f.answer(a, r, fd, &st, packed)
}

// redirect sends a client that asks for a folder to its name with a slash,
// without which relative links in its page would lead elsewhere.
func (f *Files) redirect(a *Answer, r *Request) {
	t := append(append(a.place.text[:0], r.Path()...), '/')
	if i := bytes.IndexByte(r.Target, '?'); i >= 0 {
		t = append(t, r.Target[i:]...)
	}
	a.place.text = t
	a.Refuse(301, "")
	a.FieldBytes("Location", t)
}

// decode takes the %-escapes off a path and puts it into at.path, as one that
// is relative to the root, with a NUL behind it. What is refused has no use but
// to make programs disagree about what is asked for: escaped slashes, dot and
// dot-dot, empty names, control characters. It returns a status code, or 0.
func (at *place) decode(p []byte) int {
	out := at.path[:0]
	if p[0] != '/' { // "*"
		return 400
	}
	name := 0 // where the present name begins in out
	for i := 1; i < len(p); i++ {
		c := p[i]
		if c == '%' {
			if i+2 >= len(p) {
				return 400
			}
			hi, ok := unhex(p[i+1])
			lo, ok2 := unhex(p[i+2])
			if c = hi<<4 | lo; !ok || !ok2 || c == '/' {
				return 400
			}
			i += 2
		} else if c == '/' {
			if code := checkName(out[name:]); code != 0 {
				return code
			}
			name = len(out) + 1
		}
		if c < ' ' || c == 0x7f {
			return 400
		}
		out = append(out, c)
	}
	if len(out) > name { // else the path ends in a slash
		if code := checkName(out[name:]); code != 0 {
			return code
		}
	}
	if at.path = append(out, 0); len(at.path) > unix.PathMax {
		return 414
	}
	return 0
}

// checkName returns the status code for one name of a path, or 0.
func checkName(name []byte) int {
	switch {
	case len(name) == 0:
		return 404
	case name[0] != '.', string(name) == ".well-known":
		return 0
	case string(name) == ".", string(name) == "..":
		return 400
	}
	return 404
}

// add puts more at the end of the path, and cut takes it off again.
func (p *place) add(more string) { p.path = append(append(p.path[:len(p.path)-1], more...), 0) }

func (p *place) cut(more string) { p.path = append(p.path[:len(p.path)-1-len(more)], 0) }

// open opens a path for reading.
func (f *Files) open(path []byte) (fd int, st unix.Stat_t, e unix.Errno) {
	fd, e = f.dir.open(path, unix.O_RDONLY)
	if e != 0 {
		return -1, st, e
	}
	if err := unix.Fstat(fd, &st); err != nil {
		unix.Close(fd)
		return -1, st, unix.EIO
	}
	return fd, st, 0
}

// answer sends a file, or the part of it that is asked for, or nothing if the
// client has it already.
func (f *Files) answer(a *Answer, r *Request, fd int, st *unix.Stat_t, packed bool) {
	sec, nsec := int64(st.Mtim.Sec), int64(st.Mtim.Nsec)
	t := append(a.place.text[:0], '"')
	t = append(strconv.AppendInt(t, st.Size, 36), '-')
	t = strconv.AppendInt(t, sec, 36)
	t = strconv.AppendInt(append(t, '-'), nsec, 36)
	if packed {
		t = append(t, "-gz"...)
	}
	t = append(t, '"')
	n := len(t)
	t = AppendDate(t, sec)
	a.place.text = t
	etag, date := t[:n], t[n:]
	a.FieldBytes("ETag", etag)
	a.FieldBytes("Last-Modified", date)
	a.Field("X-Content-Type-Options", "nosniff")
	a.Field("Vary", "Accept-Encoding")

	have := r.Get("if-none-match")
	if have != nil && hasTag(have, etag) || have == nil && bytes.Equal(r.Get("if-modified-since"), date) {
		unix.Close(fd)
		a.Code = 304
		return
	}
	if packed {
		a.Field("Content-Encoding", "gzip")
	}
	from, size := int64(0), st.Size
	cond := r.Get("if-range")
	if ask := r.Get("range"); ask != nil && (cond == nil || bytes.Equal(cond, etag) || bytes.Equal(cond, date)) {
		first, count, ok := parseRange(ask, st.Size)
		if ok && count == 0 {
			unix.Close(fd)
			a.Refuse(416, "")
			a.FieldBytes("Content-Range", strconv.AppendInt(append(t[:0], "bytes */"...), st.Size, 10))
			return
		}
		if ok {
			from, size, a.Code = first, count, 206
			t = append(t, "bytes "...)
			t = append(strconv.AppendInt(t, from, 10), '-')
			t = append(strconv.AppendInt(t, from+size-1, 10), '/')
			t = strconv.AppendInt(t, st.Size, 10)
			a.FieldBytes("Content-Range", t[len(etag)+len(date):])
		}
	}
	a.Field("Accept-Ranges", "bytes")
	a.Type = typeOf(a.place.path[:len(a.place.path)-1])
	a.File(fd, from, size)
}

// typeOf tells a file's type by its name.
func typeOf(path []byte) string {
	name := path[bytes.LastIndexByte(path, '/')+1:]
	if dot := bytes.LastIndexByte(name, '.'); dot >= 0 {
		for i := range types {
			if equalFold(name[dot+1:], types[i].ext) {
				return types[i].kind
			}
		}
	}
	return "application/octet-stream"
}

var types = []struct{ ext, kind string }{
	{"html", "text/html; charset=utf-8"}, {"htm", "text/html; charset=utf-8"}, {"css", "text/css; charset=utf-8"},
	{"js", "text/javascript; charset=utf-8"}, {"mjs", "text/javascript; charset=utf-8"}, {"json", "application/json"},
	{"txt", "text/plain; charset=utf-8"}, {"md", "text/markdown; charset=utf-8"}, {"csv", "text/csv; charset=utf-8"},
	{"xml", "application/xml"}, {"svg", "image/svg+xml"}, {"png", "image/png"}, {"jpg", "image/jpeg"},
	{"jpeg", "image/jpeg"}, {"gif", "image/gif"}, {"webp", "image/webp"}, {"avif", "image/avif"}, {"ico", "image/x-icon"},
	{"woff", "font/woff"}, {"woff2", "font/woff2"}, {"ttf", "font/ttf"}, {"otf", "font/otf"}, {"wasm", "application/wasm"},
	{"pdf", "application/pdf"}, {"zip", "application/zip"}, {"gz", "application/gzip"}, {"tar", "application/x-tar"},
	{"mp3", "audio/mpeg"}, {"wav", "audio/wav"}, {"ogg", "audio/ogg"}, {"mp4", "video/mp4"}, {"webm", "video/webm"},
}
