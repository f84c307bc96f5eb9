package httpraw

import "bytes"

// What a client says in its header lines about the file that it wants.

// hasTag tells whether the value of an If-None-Match names etag.
func hasTag(list, etag []byte) bool {
	if string(list) == "*" {
		return true
	}
	for more := true; more; {
		var one []byte
		one, list, more = bytes.Cut(list, []byte{','})
		if bytes.Equal(bytes.TrimPrefix(trim(one), []byte("W/")), etag) {
			return true
		}
	}
	return false
}

// parseRange reads "bytes=FROM-TO", "bytes=FROM-" and "bytes=-LAST" of a file
// of a size. ok with a count of 0 is a range that has nothing of the file; not
// ok is one to be ignored, like several at once.
func parseRange(b []byte, size int64) (from, count int64, ok bool) {
	const unit = "bytes="
	if len(b) < len(unit) || !equalFold(b[:len(unit)], unit) {
		return 0, 0, false
	}
	first, last, dash := bytes.Cut(b[len(unit):], []byte{'-'})
	if !dash {
		return 0, 0, false
	}
	to, okTo := parseLength(last)
	if len(first) == 0 { // the last so many bytes
		if !okTo {
			return 0, 0, false
		}
		to = min(to, size)
		return size - to, to, true
	}
	from, ok = parseLength(first)
	if len(last) == 0 {
		to, okTo = size-1, true
	} else if to < from {
		okTo = false
	}
	if !ok || !okTo {
		return 0, 0, false
	}
	if from >= size {
		return 0, 0, true
	}
	return from, min(to, size-1) - from + 1, true
}

// acceptsGzip tells whether the value of an Accept-Encoding takes gzip, and at
// least as gladly as what is not packed.
func acceptsGzip(list []byte) bool {
	gzip, plain, any := -1, -1, -1 // what each is worth, in thousandths; -1: not named
	for more := len(list) > 0; more; {
		var one []byte
		one, list, more = bytes.Cut(list, []byte{','})
		name, param, _ := bytes.Cut(one, []byte{';'})
		q, ok := parseQ(trim(param))
		if !ok {
			return false
		}
		switch name = trim(name); {
		case equalFold(name, "gzip"), equalFold(name, "x-gzip"):
			gzip = q
		case equalFold(name, "identity"):
			plain = q
		case string(name) == "*":
			any = q
		}
	}
	if gzip < 0 {
		gzip = any
	}
	return gzip > 0 && gzip >= plain
}

// parseQ reads "q=0.5", in thousandths; nothing is 1.
func parseQ(b []byte) (int, bool) {
	if len(b) == 0 {
		return 1000, true
	}
	if len(b) < 3 || b[0]|0x20 != 'q' || b[1] != '=' || len(b) > len("q=0.123") || len(b) > 3 && b[3] != '.' {
		return 0, false
	}
	q, unit := 0, 1000
	for i, c := range b[2:] {
		if i == 1 {
			continue
		}
		if c < '0' || c > '9' {
			return 0, false
		}
		q += int(c-'0') * unit
		unit /= 10
	}
	return q, q <= 1000
}
