package topo

import (
	"sync"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/ns"
)

// handle is a namespace that an Apply works in.
type handle struct {
	space *ns.NS   // nil until it is wanted, of the calling thread's alone
	conn  *nl.Conn // nil until it is wanted
	turn  int      // the steps that used it last
}

// handles are those of an Apply: so many as there are files for. One that is
// wanted again is opened by its name.
type handles struct {
	open  map[string]*handle
	order []string          // of those that are open, and maybe others, the oldest first
	inode map[string]uint64 // of all that were
	left  map[string]int    // steps that still need it
	stay  bool              // none is closed before the end
	max   int
	turn  int // of the steps that are carried out together just now

	mu    sync.Mutex // conns and spare: the maker takes from them, too
	conns []*nl.Conn // all that were ever made, for their counters
	spare []*nl.Conn // closed ones: their buffers are used again
}

func (h *handles) init(p *Plan, stay bool) {
	h.open, h.inode, h.left, h.stay = map[string]*handle{}, map[string]uint64{}, map[string]int{}, stay
	for i := range p.Steps {
		s := &p.Steps[i]
		h.left[s.NS]++
		if s.netnsAt != 0 && s.netnsOf != s.NS {
			h.left[s.netnsOf]++
		}
	}
	h.max = maxHandles
	var l unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &l) == nil && l.Cur < 2*maxHandles+otherFiles {
		// Two files each, and the maker has some of its own.
		h.max = max(4, (int(l.Cur)-otherFiles)/3)
	}
}

// maxHandles bounds how many namespaces are held open, and otherFiles is for
// what else a process has open.
const (
	maxHandles = 4096
	otherFiles = 64
)

// keep takes over a handle.
func (h *handles) keep(name string, n *handle) {
	for at := 0; len(h.open) >= h.max && at < len(h.order); at++ {
		old := h.order[at]
		if o := h.open[old]; old == "" || o != nil && o.turn == h.turn {
			continue // in use just now
		} else if o != nil {
			h.shut(old)
		}
		h.order = append(h.order[:at], h.order[at+1:]...)
		at--
	}
	n.turn = h.turn
	h.open[name] = n
	if name != "" {
		_, h.inode[name] = n.space.Inode()
	}
	h.order = append(h.order, name)
}

// get returns the handle of a namespace.
func (h *handles) get(name string) (*handle, error) {
	if n := h.open[name]; n != nil {
		n.turn = h.turn
		return n, nil
	}
	n := &handle{}
	if name != "" {
		space, err := ns.Open(name)
		if err != nil {
			return nil, err
		}
		if _, ino := space.Inode(); h.inode[name] != 0 && h.inode[name] != ino {
			space.Close()
			return nil, &ForeignSpaceError{name}
		}
		n.space = space
	}
	h.keep(name, n)
	return n, nil
}

func (h *handles) space(name string) (*ns.NS, error) {
	n, err := h.get(name)
	if err == nil && n.space == nil {
		n.space, err = ns.Current()
	}
	if err != nil {
		return nil, err
	}
	return n.space, nil
}

// conn returns the connection into a namespace.
func (h *handles) conn(name string) (*nl.Conn, error) {
	n, err := h.get(name)
	if err != nil {
		return nil, err
	}
	if n.conn != nil {
		return n.conn, nil
	}
	c := h.take()
	if name == "" {
		err = c.Redial(unix.NETLINK_ROUTE)
	} else {
		err = n.space.Do(func() error { return c.Redial(unix.NETLINK_ROUTE) })
	}
	if err != nil {
		h.give(c)
		return nil, err
	}
	n.conn = c
	return c, nil
}

// take returns a connection to be dialled.
func (h *handles) take() *nl.Conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	if l := len(h.spare); l > 0 {
		c := h.spare[l-1]
		h.spare = h.spare[:l-1]
		return c
	}
	c := &nl.Conn{}
	h.conns = append(h.conns, c)
	return c
}

// give takes a connection back, which is closed then.
func (h *handles) give(c *nl.Conn) {
	c.Close()
	h.mu.Lock()
	h.spare = append(h.spare, c)
	h.mu.Unlock()
}

func (h *handles) shut(name string) {
	if n := h.open[name]; n != nil {
		delete(h.open, name)
		n.close(h)
	}
}

func (n *handle) close(h *handles) {
	if n.conn != nil {
		h.give(n.conn)
	}
	if n.space != nil {
		n.space.Close()
	}
}

// used counts a step that is done, and closes what no step needs any more.
func (h *handles) used(s *Step) {
	h.less(s.NS)
	if s.netnsAt != 0 && s.netnsOf != s.NS {
		h.less(s.netnsOf)
	}
}

func (h *handles) less(name string) {
	if h.left[name]--; h.left[name] == 0 && name != "" && !h.stay {
		h.shut(name)
	}
}

func (h *handles) close() {
	for name := range h.open {
		h.shut(name)
	}
	h.order = nil
}

func (h *handles) counts() (n Counts) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.conns {
		s := c.Stats()
		n.Messages += s.Sent
		n.Calls += s.Calls
	}
	return n
}
