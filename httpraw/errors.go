package httpraw

import (
	"errors"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// A Kind says what went wrong, in the terms of curl's exit codes.
type Kind uint8

const (
	Broken     Kind = iota // a system call of the event loop failed: Op, Err
	Refused                // a listener could not be opened: Op, Host, Err
	BadURL                 // Host is the URL
	BadScheme              // not http; Host is the scheme
	NoHost                 // Host has no address: Err
	NoConn                 // no connection to Host, Port: Err is the last address's
	TimedOut               // Op is "resolve", "connect" or "transfer"
	NoSend                 // sending the request: Err
	NoRecv                 // receiving the answer: Err
	Empty                  // the server closed without a word
	NotHTTP                // the answer does not begin with HTTP/
	BadVersion             // a version of HTTP (in Op), or a status code, that cannot be read: Err
	BadHead                // malformed header lines: Err
	BigHead                // header lines without end; Got bytes
	BadCoding              // a transfer coding other than chunked
	BadChunk               // malformed chunks: Err
	Partial                // the body ended early: Got, Want
	NoSink                 // the body could not be written: Err
)

// An Error tells what failed. Which fields are set depends on its Kind.
type Error struct {
	Kind    Kind
	Op      string        // the step
	Host    string        // as the caller wrote it
	Port    uint16        //
	Elapsed time.Duration // since Do began
	Got     int64         // bytes of the body received
	Want    int64         // Content-Length; -1 if the server did not say
	Err     error         // the cause; an errno, or one of this package's
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Causes that are not errnos.
var (
	errNotListening = errors.New("not a socket of TCP or the unix family that listens for streams")

	ErrAddress = errors.New("not an address and a port (10.1.1.2:8080, [fd00::1]:8080, :8080)")

	ErrVersion   = errors.New("unsupported HTTP version")
	ErrCode      = errors.New("unsupported status code")
	ErrNul       = errors.New("NUL byte in the header")
	ErrNoColon   = errors.New("header line without a colon")
	ErrLength    = errors.New("invalid Content-Length")
	ErrTruncated = errors.New("the connection ended early")

	ErrChunkSize = errors.New("missing or illegal hexadecimal chunk size")
	ErrChunkLong = errors.New("chunk size too long")
	ErrChunkEnd  = errors.New("malformed end of a chunk")

	ErrNoName     = errors.New("the name does not exist")
	ErrNoAddress  = errors.New("the name has no address")
	ErrBadName    = errors.New("not a host name")
	ErrNameServer = errors.New("no name server answered")
)

// Error says what failed and, where it is known, what to do.
func (e *Error) Error() string {
	switch e.Kind {
	case Broken:
		return e.Op + ": " + cause(e.Err)
	case Refused:
		return e.Op + " " + e.Host + ": " + cause(e.Err) + hint(e)
	case BadURL:
		return "not a URL: " + e.Host
	case BadScheme:
		return "only http is spoken here, not " + e.Host
	case NoHost:
		return "no address for " + e.Host + ": " + cause(e.Err)
	case NoConn:
		return "no connection to " + e.Host + " port " + strconv.Itoa(int(e.Port)) + ": " + cause(e.Err)
	case TimedOut:
		return e.Op + ": no end after " + e.Elapsed.String()
	case NoSend:
		return "sending the request: " + cause(e.Err)
	case NoRecv:
		return "receiving the answer: " + cause(e.Err)
	case Empty:
		return "the server closed without an answer"
	case NotHTTP:
		return "the answer is not HTTP"
	case BigHead:
		return "the answer's header is too large"
	case BadVersion, BadHead, BadChunk:
		return "the answer: " + cause(e.Err)
	case BadCoding:
		return "the answer: unknown transfer coding"
	case Partial:
		return "the answer ended after " + strconv.FormatInt(e.Got, 10) + " bytes, too early"
	case NoSink:
		return "writing the body: " + cause(e.Err)
	}
	return "error " + strconv.Itoa(int(e.Kind))
}

func cause(err error) string {
	if err == nil {
		return "no cause given"
	}
	if e, ok := err.(unix.Errno); ok && unix.ErrnoName(e) != "" {
		return e.Error() + " (" + unix.ErrnoName(e) + ")"
	}
	return err.Error()
}

// hint says what to do about a listener that could not be opened.
func hint(e *Error) string {
	if e.Op != "listen" && e.Op != "socket" {
		return ""
	}
	switch e.Err {
	case unix.EADDRINUSE:
		return "; another program listens there, which \"ss -ltnp\" shows: end it, or give another port"
	case unix.EADDRNOTAVAIL:
		return "; no interface of this network namespace has that address"
	case unix.EACCES:
		return "; ports below net.ipv4.ip_unprivileged_port_start (1024) are root's"
	case unix.EAFNOSUPPORT:
		return "; this kernel lacks that kind of address"
	}
	return ""
}
