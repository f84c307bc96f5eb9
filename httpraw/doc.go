// Package httpraw is a small HTTP server and client over raw sockets: the
// system calls stand in the code, one after the other, with nothing of net or
// net/http between. It is meant to be read.
//
// # The server
//
// A server with a thread per connection asks the kernel to wait for it: each
// thread sleeps in read until its client speaks. Here one goroutine serves all
// clients, and asks only which of them have something to say:
//
//	  ┌──────────────────────────────────────────────┐
//	  │ epoll_wait: which descriptors are ready?     │
//	  └──┬────────────┬────────────┬────────────┬────┘
//	 listener     connection     eventfd      printer
//	     │            │            │            │
//	accept4 until   the state's   Shutdown,   standard
//	nobody waits    next step     Close       output has room
//	     └────────────┴─────┬──────┴────────────┘
//	           what is due by the clock; print
//
// Every descriptor is non-blocking: a call that would wait returns EAGAIN
// instead, the connection notes in its state what it waits for, and the loop
// goes on with the next. So no client can hold up another, and a silent one
// costs a small struct.
//
// Where to read:
//
//	sys_linux.go  accept4, read, write, close without Go's scheduler
//	loop.go       epoll, the clock, the way out
//	listener.go   opening a listener; taking clients from it; out of descriptors
//	conn.go       a connection's states
//	server.go     Server, and the article's server as a Raw handler
//	answer.go     Handler and Answer: what a program says to a request
//	http.go       the conversation: keep-alive, pipelining, bodies, files
//	entry.go      what a log says of an answer
//	files.go      a Handler that serves a folder
//	beneath.go    opening what is in it, and nothing else
//	negotiate.go  what a client says about the file: ranges, tags, gzip
//	list.go       a folder as a page
//	unix.go       listeners on unix sockets
//	printer.go    output that never makes the loop wait
//	parse.go      heads of requests and responses, as pure functions
//	body.go       a request's body, strictly: counted, or in chunks
//
// A connection costs four system calls and no allocation when its request is
// there as it is accepted: accept4, read, write, close. One that has to wait
// costs an epoll_ctl and an epoll_wait more.
//
// With a Handler a connection serves any number of requests. Each costs a read
// and a write, beside the epoll_wait that is shared by all who are ready, and
// pipelined ones share those too. Nothing is allocated.
//
// One loop keeps one CPU busy. For more of them several goroutines call Serve,
// each with listeners of its own (Listener.Share): they have nothing in common
// but what is printed, so nothing is locked for a request without a log.
//
// What a client costs is bounded: in descriptors (MaxConns), in memory (an idle
// one a few hundred bytes, one that sends or reads slowly what it has sent or
// not read, all of them MaxHeld), in the kernel's memory (slowRoom), in time (the
// timeouts), in turns (one read; a burst of accepts; a piece of a file). Where a
// bound is met, the one goes that has waited for longest.
//
// # The client
//
// client.go sends one request and streams the answer's body to an io.Writer;
// chunked.go takes chunks off it, url.go and addr.go read what a person typed,
// resolve.go and dns.go find a name's addresses, netio.go waits on the socket.
//
// # Rules
//
// Every byte that comes over the network is hostile: the parsers are bounded,
// never panic, and give the same result however their input is cut into
// pieces. Errors are of type *Error; its Kind says what failed.
package httpraw
