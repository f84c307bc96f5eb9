package topo

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/ns"
)

// Journal notes, in a file, what an Apply makes: before it makes it, so that
// the notes of a process that was killed are never short of something. A nil
// Journal notes nothing. It is locked from OpenJournal to Close: two processes
// cannot work on one topology at once.
//
// The file has a line for each note, words parted by blanks. A namespace is
// known by device, inode and cookie (0 where the kernel has none).
//
//	rawns 1 BOOT-ID TOKEN DEV INODE COOKIE   where Apply runs; TOKEN stands in each service's environment
//	netns DEV INODE COOKIE "NAME"            is made, and about to get its name
//	link INDEX NAME                          about to be made, in the namespace ""
//	service                                  about to be started
//	up                                       all of it stands
type Journal struct {
	path  string
	lock  *os.File
	file  *os.File // open for appending while an Apply goes on
	token string
}

// Record is what a journal's file says.
type Record struct {
	Token  string
	Host   ID // the namespace ""
	Spaces []Space
	Links  []Made
	Up     bool // the Apply went through
}

// Space is a namespace that was made.
type Space struct {
	Name string
	ID   ID
}

// ID tells a namespace from others.
type ID struct{ Dev, Inode, Cookie uint64 }

// idOf returns the ID of a namespace.
func idOf(n *ns.NS) (id ID) {
	id.Dev, id.Inode = n.Inode()
	id.Cookie, _ = n.Cookie() // kernels before 5.14 have none
	return id
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
var ErrLocked = errors.New("another process is at work on this topology")

// OpenJournal opens the journal at path, which need not exist, and locks it.
// The directory is made if it is missing; nobody else may enter it, as its
// lock is the journal's.
func OpenJournal(path string) (*Journal, error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		lock.Close()
		if err == unix.EWOULDBLOCK {
			err = ErrLocked
		}
		return nil, err
	}
	return &Journal{path: path, lock: lock}, nil
}

// Close lets go of the lock.
func (j *Journal) Close() {
	if j.file != nil {
		j.file.Close()
	}
	j.lock.Close()
}

func bootID() string {
	b, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(b))
}

// Read returns what the journal says; nil if there is none. What was noted
// before the machine last started does not exist any more: such a journal is
// taken away.
func (j *Journal) Read() (*Record, error) {
	b, err := os.ReadFile(j.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	text := string(b)
	text = text[:strings.LastIndexByte(text, '\n')+1] // a note cut short was never acted on
	r := &Record{}
	if text == "" {
		return r, nil
	}
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		w := strings.Split(line, " ")
		ok := false
		switch {
		case i == 0:
			ok = len(w) == 7 && w[0] == "rawns" && w[1] == "1"
			if ok && w[2] != bootID() {
				return nil, j.remove()
			}
			if ok {
				r.Token = w[3]
				r.Host, ok = parseID(w[4:])
			}
		case w[0] == "netns" && len(w) >= 5:
			name, err := strconv.Unquote(strings.Join(w[4:], " "))
			id, good := parseID(w[1:])
			ok = good && err == nil && ns.CheckName(name) == nil
			r.Spaces = append(r.Spaces, Space{name, id})
		case line == "service":
			ok = true
		case w[0] == "link" && len(w) == 3:
			n, err := strconv.ParseInt(w[1], 10, 32)
			ok = err == nil && n > 0
			r.Links = append(r.Links, Made{End{"", w[2]}, int32(n)})
		case line == "up":
			r.Up, ok = true, true
		}
		if !ok {
			return nil, &os.PathError{Op: "read line " + strconv.Itoa(i+1) + " of", Path: j.path, Err: ErrState}
		}
	}
	return r, nil
}

// note appends a line; the first one is preceded by the file's heading.
func (j *Journal) note(words ...string) error {
	if j == nil {
		return nil
	}
	line := strings.Join(words, " ") + "\n"
	if j.file == nil {
		// Nobody else's file is taken for ours: O_EXCL, and the caller has
		// read, and dealt with, the one of an earlier run.
		f, err := os.OpenFile(j.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			return err
		}
		j.file = f
		here, err := ns.Current()
		if err != nil {
			return err
		}
		defer here.Close()
		line = "rawns 1 " + bootID() + " " + j.mark() + " " + strings.Join(idOf(here).words(), " ") + "\n" + line
	}
	_, err := j.file.WriteString(line)
	return err
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

func (j *Journal) noteNetns(name string, n *ns.NS) error {
	if j == nil {
		return nil
	}
	return j.note(append(append([]string{"netns"}, idOf(n).words()...), strconv.Quote(name))...)
}

// intendLink leaves out links inside namespaces: they go with these.
func (j *Journal) intendLink(l Made) error {
	if l.NS != "" {
		return nil
	}
	return j.note("link", strconv.Itoa(int(l.Index)), l.Name)
}

// Finish notes that everything stands.
func (j *Journal) Finish() error { return j.note("up") }

// remove takes the file away.
func (j *Journal) remove() error {
	if j == nil {
		return nil
	}
	if j.file != nil {
		j.file.Close()
		j.file = nil
	}
	if err := os.Remove(j.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// Down removes what r names, in reverse: services, links, namespaces. What is
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
	if len(r.Links) > 0 {
		c, err := nl.Dial(unix.NETLINK_ROUTE)
		if err != nil {
			return []error{err}
		}
		defer c.Close()
		for i := len(r.Links) - 1; i >= 0; i-- {
			if err := removeLink(c, r.Links[i]); err != nil {
				left = append(left, err)
			}
		}
	}
	for i := len(r.Spaces) - 1; i >= 0; i-- {
		if err := removeSpace(r.Spaces[i]); err != nil {
			left = append(left, err)
		}
	}
	return j.leftNothing(left)
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

func removeSpace(s Space) error {
	n, err := ns.Open(s.Name)
	switch {
	case errors.Is(err, unix.ENOENT):
		return nil
	case errors.Is(err, ns.ErrNotNetns):
		// A file without a namespace on it: somebody was killed between the two,
		// or took only the mount away.
	case err != nil:
		return err
	default:
		id := idOf(n)
		n.Close()
		if !id.is(s.ID) {
			return &ForeignSpaceError{s.Name}
		}
	}
	return ns.Delete(s.Name)
}

// ErrElsewhere: the topology was made from another network namespace than this
// one; what is in that one can only be seen, and removed, from there.
var ErrElsewhere = errors.New("this was made from another network namespace; go there first (nsenter, ip netns exec)")

// here tells whether the calling thread is where the Apply ran.
func (r *Record) here() error {
	if r.Host == (ID{}) {
		return nil // killed before it noted anything
	}
	n, err := ns.Current()
	if err != nil {
		return err
	}
	defer n.Close()
	if !idOf(n).is(r.Host) {
		return ErrElsewhere
	}
	return nil
}

// ForeignSpaceError: the name stands for another namespace than the one that
// was made. It was left alone.
type ForeignSpaceError struct{ Name string }

func (e *ForeignSpaceError) Error() string {
	return "namespace " + strconv.Quote(e.Name) + " is not any more the one that was made: left alone"
}
