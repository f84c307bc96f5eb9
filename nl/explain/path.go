package explain

// Path names the attribute whose header is at an offset of a message, as an
// extended ack points at it, with those around it: "IFLA_LINKINFO/
// IFLA_INFO_DATA/VETH_INFO_PEER/IFLA_MTU". It is "" if there is none. It is
// rtnl.AttrPath for either byte order.
func Path(message []byte, offset int, o Options) string {
	path, _ := find(message, offset, o)
	return path
}

// find returns the path of the attribute at an offset, and where its header's
// span is.
func find(message []byte, offset int, o Options) (path string, at Span) {
	o.Request, o.Why, o.IfName = nil, false, nil
	var names [maxDepth + 4]string
	var depths [maxDepth + 4]int
	n := 0
	Each(message, o, func(s *Span) bool {
		if s.Kind != Attribute {
			return s.Offset <= offset
		}
		for n > 0 && depths[n-1] >= s.Depth {
			n--
		}
		if n == len(names) {
			return false
		}
		names[n], depths[n] = s.Name, s.Depth
		n++
		if s.Offset == offset {
			for i, name := range names[:n] {
				if i > 0 {
					path += "/"
				}
				path += name
			}
			at = *s
			return false
		}
		return s.Offset < offset
	})
	return path, at
}

// missing appends the name of the attribute of a number, which the request
// lacks in the nest that the same extended ack names, or at its top.
func (w *walker) missing(typ uint16) {
	nest := 0
	if at, end := w.find(w.ackAt, w.ackEnd, missNest); end-at == 4 {
		nest = int(w.u32(at))
	}
	sub := newWalker(w.o.Request, w.o, nil)
	sub.o.Request, sub.o.Why = nil, false
	sub.want, sub.wantIn = typ, nest
	sub.yield = func(*Span) bool { return sub.found == "" }
	sub.messages(0, len(sub.p), 0)
	if sub.found != "" {
		w.say(", ", sub.found)
	}
}

const missNest = 6 // NLMSGERR_ATTR_MISS_NEST
