package topo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
	"rawns/ns/file"
)

// Journal notes, in a file, what an Apply makes: before it makes it, so that
// the notes of a process that was killed are never short of something. A nil
// Journal notes nothing. It is locked from OpenJournal to Close: two processes
// cannot work on one topology at once.
//
// The file has a line for each note, words parted by blanks. A namespace is
// known by device, inode and cookie (0 where the kernel has none). "here" is the
// namespace where Apply runs.
//
//	rawns 2 BOOT-ID TOKEN DEV INODE COOKIE   here; TOKEN stands in each service's environment
//	file "PATH"                              what it is made from
//	netns DEV INODE COOKIE "NAME"            is made, and about to get its name
//	link INDEX NAME                          about to be made, here
//	undo INDEX NAME HEX                      the message that takes back what is about to be done here to a link
//	                                         that was there before, or with INDEX 0 to no link
//	sysctl "KEY" "VALUE"                     a setting here is about to lose this value
//	service                                  about to be started
//	up                                       all of it stands
//	gone ...                                 what another line says is not so any more
type Journal struct {
	path  string
	fd    int    // of the file; locked; at its end
	token string // of the services; "" until there is one
	kept  bool   // there are notes of an earlier Apply
	src   string // the file of the topology, "" for none
	here  ID     // the calling thread's namespace when it was opened
	mu    sync.Mutex
	head  bool // the heading is written
}

// Record is what a journal's file says.
type Record struct {
	Token  string
	Host   ID // the namespace ""
	Spaces []Space
	Links  []Made
	Undo   []Undo
	Was    []Sysctl       // settings of the namespace "", as they were
	Up     bool           // the last Apply went through
	Source string         // the file it was made from, "" if that is not known
	lost   bool           // the namespace "" does not exist any more
	names  map[string]int // of Spaces
	links  map[string]int // names of Links
}

// Undo is what takes back a change to a link that was there before.
type Undo struct {
	Link    Made // the zero Made if it is about none
	Message nl.Message
}

// Space is a namespace that was made.
type Space struct {
	Name string
	ID   ID
}

func (s Space) note() []string {
	return append(append([]string{"netns"}, s.ID.words()...), strconv.Quote(s.Name))
}

func (m Made) note() []string { return []string{"link", strconv.Itoa(int(m.Index)), m.Name} }

func (u Undo) note() []string {
	name := u.Link.Name
	if u.Link.Index == 0 {
		name = "-"
	}
	return []string{"undo", strconv.Itoa(int(u.Link.Index)), name, hexOf(u.Message)}
}

func wasNote(c *Sysctl) []string {
	return []string{"sysctl", strconv.Quote(c.Key), strconv.Quote(c.Value)}
}

// appendNote appends a line.
func appendNote(b []byte, words ...string) []byte {
	return append(append(b, strings.Join(words, " ")...), '\n')
}

func hexOf(p []byte) string {
	const digits = "0123456789abcdef"
	b := make([]byte, 0, 2*len(p))
	for _, c := range p {
		b = append(b, digits[c>>4], digits[c&15])
	}
	return string(b)
}

// hexBytes returns the bytes of a text of hexadecimal digits, nil if it is none.
func hexBytes(s string) []byte {
	if len(s)%2 != 0 {
		return nil
	}
	p := make([]byte, len(s)/2)
	for i := range p {
		n, err := strconv.ParseUint(s[2*i:2*i+2], 16, 8)
		if err != nil {
			return nil
		}
		p[i] = byte(n)
	}
	return p
}

// undoMessage returns the one whole message of a note, nil if it is none that
// takes something back.
func undoMessage(s string) nl.Message {
	p := hexBytes(s)
	if len(p) < nl.HeaderLen || nl.Check(p) != nil || int(binary.NativeEndian.Uint32(p)) != len(p) {
		return nil
	}
	m := nl.Message(p)
	switch m.Type() {
	case unix.RTM_DELADDR, unix.RTM_DELROUTE:
	case unix.RTM_NEWLINK:
		if l, err := rtnl.ParseLink(m); err != nil || l.Index <= 0 || m.Flags()&unix.NLM_F_CREATE != 0 {
			return nil
		}
	default:
		return nil
	}
	return m
}

// ID tells a namespace from others.
type ID struct{ Dev, Inode, Cookie uint64 }

// idHere returns the ID of the calling thread's namespace.
func idHere() (id ID, err error) {
	n, err := ns.Current()
	if err != nil {
		return id, err
	}
	id.Dev, id.Inode = n.Inode()
	id.Cookie = cookieHere()
	return id, n.Close()
}

// is tells whether two IDs are of one namespace. Inode numbers are used again,
// cookies are not.
func (id ID) is(other ID) bool {
	if id.Cookie != 0 && other.Cookie != 0 {
		return id.Cookie == other.Cookie
	}
	return id.Dev == other.Dev && id.Inode == other.Inode
}

func (id ID) words() []string {
	return []string{strconv.FormatUint(id.Dev, 10), strconv.FormatUint(id.Inode, 10), strconv.FormatUint(id.Cookie, 10)}
}

func parseID(w []string) (id ID, ok bool) {
	var errs [3]error
	id.Dev, errs[0] = strconv.ParseUint(w[0], 10, 64)
	id.Inode, errs[1] = strconv.ParseUint(w[1], 10, 64)
	id.Cookie, errs[2] = strconv.ParseUint(w[2], 10, 64)
	return id, errs == [3]error{}
}

// TokenVar is the environment variable by which a service is known as one that
// an Apply started.
const TokenVar = "RAWNS_UP"

// ErrLocked: another process is at work on this topology.
var ErrLocked error = nl.Const("another process is at work on this topology")

// JournalDir is where the journals of topologies are, one file each.
const JournalDir = "/run/rawns"

// JournalPath returns the path of a topology's journal. A name that is not one
// of a file is a *NameError.
func JournalPath(name string) (string, error) {
	if err := ns.CheckName(name); err != nil {
		return "", err
	}
	if name[0] == '.' {
		return "", &ns.NameError{Name: name, Why: "begins with a dot"}
	}
	return JournalDir + "/" + name, nil
}

// OpenJournal opens the journal at path, which need not exist, and locks it.
// The directory is made if it is missing; nobody else may enter it. A journal
// in which nothing is noted goes with Close.
func OpenJournal(path string) (*Journal, error) {
	if err := file.MkdirAll(file.Dir(path), 0o700); err != nil {
		return nil, err
	}
	for {
		// Not through a symbolic link. Of a FIFO that somebody put there, opening does
		// not wait for a writer, as we are one.
		fd, err := file.Open(path, unix.O_RDWR|unix.O_CREAT|unix.O_APPEND|unix.O_NOFOLLOW, 0o600)
		if err != nil {
			return nil, err
		}
		if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
			unix.Close(fd)
			if err == unix.EWOULDBLOCK {
				err = ErrLocked
			}
			return nil, err
		}
		// It may have been removed between the two.
		var a, b unix.Stat_t
		if unix.Fstat(fd, &a) == nil && unix.Lstat(path, &b) == nil && a.Dev == b.Dev && a.Ino == b.Ino {
			j := &Journal{path: path, fd: fd}
			if j.here, err = idHere(); err != nil {
				j.Close()
				return nil, err
			}
			return j, nil
		}
		unix.Close(fd)
	}
}

// Close lets go of the lock.
func (j *Journal) Close() {
	var st unix.Stat_t
	if err := unix.Fstat(j.fd, &st); err == nil && st.Size == 0 {
		unix.Unlink(j.path) // nothing is noted; whoever waits for the lock looks again
	}
	unix.Close(j.fd)
	j.fd = -1 // the number may be another file's by now
}

// failed returns the error of a call about the file.
func (j *Journal) failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return &os.PathError{Op: op, Path: j.path, Err: err}
}

func bootID() string {
	b, _ := file.Read("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(b))
}

// LockHost lets one topology at a time be made on this machine, until unlock is
// called, once or more often: the indexes of links are chosen before they are
// made, and two plans would choose the same. It waits for as long as another one
// holds the lock.
func LockHost() (unlock func(), err error) {
	if err := file.MkdirAll(JournalDir, 0o700); err != nil {
		return nil, err
	}
	fd, err := unix.Open(JournalDir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: JournalDir, Err: err}
	}
	for {
		err = unix.Flock(fd, unix.LOCK_EX)
		if err != unix.EINTR {
			break
		}
	}
	if err != nil {
		unix.Close(fd)
		return nil, &os.PathError{Op: "lock", Path: JournalDir, Err: err}
	}
	return func() {
		if fd >= 0 { // the number may be another file's by now
			unix.Close(fd)
			fd = -1
		}
	}, nil
}

// Tidy takes away the files of namespaces that r's topology was about to make
// when it was killed: those without a namespace on them.
func (r *Record) Tidy(st *State) error {
	if r == nil {
		return nil
	}
	for _, s := range r.Spaces {
		if sp := st.Space(s.Name); sp != nil && errors.Is(sp.Err, ns.ErrNotNetns) {
			if err := ns.Delete(s.Name); err != nil && !errors.Is(err, unix.ENOENT) {
				return err
			}
		}
	}
	return nil
}

// Read returns what the journal says; nil if there is none. What was noted
// before the machine last started does not exist any more: such a journal is
// taken away. What an Apply notes next is added to what was read.
func (j *Journal) Read() (*Record, error) {
	var b []byte
	var st unix.Stat_t
	err := unix.Fstat(j.fd, &st)
	if err == nil && st.Size > 0 {
		b = make([]byte, st.Size)
		var n int
		n, err = unix.Pread(j.fd, b, 0)
		b = b[:max(n, 0)]
	}
	if err != nil {
		return nil, j.failed("read", err)
	}
	whole := bytes.LastIndexByte(b, '\n') + 1
	if whole < len(b) {
		// A note cut short was never acted on.
		if err := unix.Ftruncate(j.fd, int64(whole)); err != nil {
			return nil, j.failed("truncate", err)
		}
	}
	if whole == 0 {
		return nil, nil
	}
	r := &Record{names: map[string]int{}, links: map[string]int{}}
	gone := map[string]int{}
	lines := strings.Split(string(b[:whole-1]), "\n")
	for _, l := range lines {
		if l, ok := strings.CutPrefix(l, "gone "); ok {
			gone[l]++
		}
	}
	for i, line := range lines {
		ok := false
		switch w := strings.Split(line, " "); {
		case i == 0:
			ok = len(w) == 7 && w[0] == "rawns" && (w[1] == "2" || w[1] == "1") // 1 has some notes fewer
			if ok && w[2] != bootID() {
				return nil, j.remove()
			}
			if ok {
				r.Token = w[3]
				r.Host, ok = parseID(w[4:])
			}
		case gone[line] > 0: // the first one of two that are alike
			gone[line]--
			ok = true
		default:
			ok = r.add(w, line)
		}
		if !ok {
			return nil, &os.PathError{Op: "read line " + strconv.Itoa(i+1) + " of", Path: j.path, Err: ErrState}
		}
	}
	j.kept, j.head, j.token = true, true, r.Token
	return r, nil
}

// add takes over one note.
func (r *Record) add(w []string, line string) (ok bool) {
	if w[0] == "gone" {
		return true // the line that it is about did not matter
	}
	r.Up = line == "up"
	switch {
	case w[0] == "netns" && len(w) >= 5:
		name, err := strconv.Unquote(strings.Join(w[4:], " "))
		id, good := parseID(w[1:])
		// One that was there by this name is not any more, or never came to be: it
		// was missing when this one was planned.
		if i, ok := r.names[name]; ok {
			r.Spaces[i].ID = id
		} else {
			r.names[name] = len(r.Spaces)
			r.Spaces = append(r.Spaces, Space{name, id})
		}
		return good && err == nil && ns.CheckName(name) == nil
	case w[0] == "link" && len(w) == 3:
		n, err := strconv.ParseInt(w[1], 10, 32)
		if i, ok := r.links[w[2]]; ok { // likewise
			r.Links[i].Index = int32(n)
		} else {
			r.links[w[2]] = len(r.Links)
			r.Links = append(r.Links, Made{End{"", w[2]}, int32(n)})
		}
		return err == nil && n > 0
	case w[0] == "undo" && len(w) == 4:
		n, err := strconv.ParseInt(w[1], 10, 32)
		u := Undo{Message: undoMessage(w[3])}
		if n != 0 {
			u.Link = Made{End{"", w[2]}, int32(n)}
		}
		r.Undo = append(r.Undo, u)
		return err == nil && n >= 0 && u.Message != nil
	case w[0] == "sysctl":
		key, rest, good := cutQuoted(strings.TrimPrefix(line, "sysctl "))
		value, rest, good2 := cutQuoted(strings.TrimPrefix(rest, " "))
		r.Was = append(r.Was, Sysctl{Key: key, Value: value})
		return good && good2 && rest == "" && checkSysctl(key) == ""
	case w[0] == "file":
		path, rest, good := cutQuoted(strings.TrimPrefix(line, "file "))
		r.Source = path
		return good && rest == ""
	case line == "service", line == "up":
		return true
	}
	return false
}

// cutQuoted takes a quoted word off the front of a text.
func cutQuoted(s string) (word, rest string, ok bool) {
	q, err := strconv.QuotedPrefix(s)
	if err != nil {
		return "", "", false
	}
	word, err = strconv.Unquote(q)
	return word, s[len(q):], err == nil
}

// Source says from which file the topology is made, for the heading.
func (j *Journal) Source(path string) { j.src = path }

// note appends a line.
func (j *Journal) note(words ...string) error {
	if j == nil {
		return nil
	}
	return j.write(appendNote(nil, words...))
}

// write appends lines, all in one write; the first one is preceded by the
// file's heading.
func (j *Journal) write(lines []byte) error {
	if j == nil || len(lines) == 0 {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.head {
		head := appendNote(nil, append([]string{"rawns", "2", bootID(), j.mark()}, j.here.words()...)...)
		if j.src != "" {
			head = appendNote(head, "file", strconv.Quote(j.src))
		}
		lines = append(head, lines...)
	}
	n, err := file.Put(j.fd, lines)
	var st unix.Stat_t
	if err != nil && n > 0 && unix.Fstat(j.fd, &st) == nil {
		unix.Ftruncate(j.fd, st.Size-int64(n)) // or the next note would go on in the middle of this one
	}
	j.head = j.head || err == nil
	return j.failed("write", err)
}

// mark returns the token: no other run's on this machine.
func (j *Journal) mark() string {
	if j.token == "" {
		var ts unix.Timespec
		unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts)
		j.token = strconv.FormatInt(ts.Nano(), 36) + "-" + strconv.Itoa(os.Getpid())
	}
	return j.token
}

func (j *Journal) noteNetns(name string, id ID) error {
	return j.note(Space{name, id}.note()...)
}

// undone notes what is not so any more after an Apply that failed; if it was
// the first one, nothing is.
func (j *Journal) undone(gone []byte) error {
	if j == nil {
		return nil
	}
	if !j.kept {
		return j.remove()
	}
	return j.write(gone)
}

// Finish notes that everything stands.
func (j *Journal) Finish() error { return j.note("up") }

// remove empties the file: Close takes it away then. The lock stays until that.
func (j *Journal) remove() error {
	if j == nil {
		return nil
	}
	err := unix.Ftruncate(j.fd, 0)
	if err == nil {
		j.kept, j.head, j.token = false, false, ""
	}
	return j.failed("truncate", err)
}

// Down removes what r names, in reverse: services, links, namespaces; gives
// back what was changed; and returns when the kernel is done with it. What is
// gone already is fine; what is not any more what was made is left alone and
// returned, as is what could not be removed. If nothing is left, the journal
// goes too.
func (j *Journal) Down(r *Record) (left []error) {
	if r == nil {
		return j.leftNothing(nil)
	}
	if err := r.here(); err != nil {
		return []error{err}
	}
	if err := stopServices(r.Token); err != nil {
		left = append(left, err)
	}
	left = append(left, r.giveBack()...)
	links := slices.Clone(r.Links)
	slices.Reverse(links)
	spaces := slices.Clone(r.Spaces)
	slices.Reverse(spaces)
	return j.leftNothing(append(left, teardown(links, spaces)...))
}

// giveBack takes back what was done to what was there before.
func (r *Record) giveBack() (left []error) {
	for i := len(r.Was) - 1; i >= 0; i-- {
		if err := WriteSysctl(r.Was[i].Key, r.Was[i].Value); err != nil && !errors.Is(err, unix.ENOENT) {
			left = append(left, err)
		}
	}
	if len(r.Undo) == 0 {
		return left
	}
	c, err := nl.Dial(unix.NETLINK_ROUTE)
	if err != nil {
		return append(left, err)
	}
	defer c.Close()
	links, _, err := listLinks(c)
	if err != nil {
		return append(left, err)
	}
	var b nl.Builder
	for i := len(r.Undo) - 1; i >= 0; i-- {
		u := &r.Undo[i]
		if u.Link.Index != 0 && links[u.Link.Index].name != u.Link.Name {
			continue // the link is gone, or is called otherwise: not the one that was changed
		}
		if err := sendUndo(c, &b, u.Message); err != nil {
			left = append(left, err)
		}
	}
	return left
}

// leftNothing takes the journal away. Somebody else's link or namespace does
// not keep it: trying again would change nothing.
func (j *Journal) leftNothing(left []error) []error {
	for _, err := range left {
		var f *ForeignError
		var s *ForeignSpaceError
		if !errors.As(err, &f) && !errors.As(err, &s) {
			return left
		}
	}
	if err := j.remove(); err != nil {
		left = append(left, err)
	}
	return left
}

// Mark says in st, which Observe returned, what of it r's topology has made: all
// other namespaces, and links of the calling thread's, become Foreign; and it
// notes the services that run. For nil, nothing was made.
func (r *Record) Mark(st *State) (err error) {
	made := map[ID]ID{}
	links := map[int32]string{}
	if r != nil {
		if err := r.here(); err != nil {
			return err
		}
		for _, s := range r.Spaces {
			made[plain(s.ID)] = s.ID // of two with one inode the later one
		}
		for _, l := range r.Links {
			links[l.Index] = l.Name
		}
		if st.Services, err = running(r.Token, st); err != nil {
			return err
		}
	}
	for i, sp := range st.Spaces {
		if i > 0 {
			id, ok := made[plain(sp.ID)]
			sp.Foreign = !ok || !id.is(sp.ID)
			continue
		}
		for _, l := range sp.Links {
			l.Foreign = links[l.Index] != l.Name
		}
	}
	return nil
}

// ErrElsewhere: the topology was made from another network namespace than this
// one; what is in that one can only be seen, and removed, from there.
var ErrElsewhere error = nl.Const("this was made from another network namespace; go there first (nsenter, ip netns exec)")

// here tells whether the calling thread is where the Apply ran. If that
// namespace does not exist any more, what was in it is gone: r is told so.
func (r *Record) here() error {
	if r.Host == (ID{}) {
		return nil // killed before it noted anything
	}
	now, err := idHere()
	if err != nil {
		return err
	}
	if now.is(r.Host) {
		return nil
	}
	st, err := Observe(ObserveOptions{Nameless: true})
	if err != nil {
		return err
	}
	for _, sp := range st.Spaces {
		if sp.ID.is(r.Host) || sp.Err != nil && plain(sp.ID) == plain(r.Host) {
			return ErrElsewhere
		}
	}
	r.Host, r.Links, r.Undo, r.Was = ID{}, nil, nil, nil
	r.lost = true
	return nil
}

// Lost tells whether the namespace where the Apply ran does not exist any more:
// Down removes what is left, and nothing can be added. The error is ErrElsewhere
// if it is another one than the calling thread's.
func (r *Record) Lost() (bool, error) {
	err := r.here()
	return r.lost, err
}

// ForeignSpaceError: the name stands for another namespace than the one that
// was made. It was left alone.
type ForeignSpaceError struct{ Name string }

func (e *ForeignSpaceError) Error() string {
	return "namespace " + strconv.Quote(e.Name) + " is not any more the one that was made: left alone"
}
