//go:build !tiny

package rtnl

import (
	"encoding/binary"
	"strconv"

	"rawns/nl"
)

// AttrPath names the attribute that starts at an offset of a request, as the
// kernel's extended ack points at it (nl.Error.Offset): the attributes around
// it and itself, "IFLA_LINKINFO/IFLA_INFO_DATA/VETH_INFO_PEER/IFLA_MTU". It
// is "" if no attribute starts there; one that has no row in the tables is
// named by its number.
func AttrPath(request nl.Message, offset int) string {
	path, _ := locate(request, offset)
	return path
}

// MissingPath names the attribute that an extended ack says is missing: like
// AttrPath, behind the nest that lacks it; "" if e names none.
func MissingPath(e *nl.Error) string {
	if !e.HasMissing || len(e.Request) < nl.HeaderLen {
		return ""
	}
	path, s := "", AttrsOf(e.Request)
	if s == nil {
		return ""
	}
	if e.MissingNest != 0 {
		path, s = locate(e.Request, e.MissingNest)
		path += "/"
	}
	return path + attrName(s.Field(uint16(e.MissingType)), uint16(e.MissingType))
}

func attrName(f *nl.Field, typ uint16) string {
	if f == nil {
		return "attribute " + strconv.Itoa(int(typ))
	}
	return f.Name
}

// locate returns the path of the attribute at an offset, and the schema of
// what that holds if it is a nest.
func locate(m nl.Message, offset int) (path string, sub *nl.Schema) {
	if len(m) < nl.HeaderLen {
		return "", nil
	}
	t := TypeOf(m.Type())
	if t == nil {
		return "", nil
	}
	s := AttrsOf(m)
	for at, end := nl.HeaderLen+t.Header.Size, len(m); ; {
		level := at
		n := 0
		for ; ; at += (n + 3) &^ 3 {
			if at+nl.AttrHeaderLen > end {
				return "", nil
			}
			n = int(binary.NativeEndian.Uint16(m[at:]))
			if n < nl.AttrHeaderLen || n > end-at {
				return "", nil
			}
			if offset < at+n {
				break
			}
		}
		typ := binary.NativeEndian.Uint16(m[at+2:]) & 0x3fff
		f := s.Field(typ)
		path += attrName(f, typ)
		inner := at + nl.AttrHeaderLen
		around := s
		s = nil
		if f != nil {
			switch f.Kind {
			case nl.KindNest:
				s = f.Sub
			case nl.KindMessage:
				s, inner = t.Attrs, inner+t.Header.Size
			case nl.KindSelect:
				s = f.Selected(around, nl.Attrs(m[level:end]))
			}
		}
		if offset == at {
			return path, s
		}
		if s == nil || offset < inner {
			return "", nil
		}
		path += "/"
		at, end = inner, at+n
	}
}
