// Package ns makes, names, opens and enters network namespaces, the way
// iproute2's "ip netns" does, so that both see each other's work.
//
// A [NS] is a handle: an open file that refers to a namespace and keeps it
// alive. Code is never "in" a namespace; it asks a handle for what it needs
// there:
//
//	blue, err := ns.Create("blue")        // as "ip netns add blue"
//	conn, err := blue.Dial()              // a netlink connection that lives in blue
//	fd, err := blue.Socket(...)           // any other socket
//	pid, err := blue.Start(argv, nil)     // a program, as "ip netns exec blue ..."
//	err = blue.Do(func() error { ... })   // anything else, briefly
//
// # Threads
//
// To the kernel a network namespace belongs to a thread; Go moves goroutines
// between threads. Five rules keep the two apart:
//
//  1. Inside a namespace only two things happen: sockets are opened, and
//     programs are started. A socket stays in the namespace where socket(2)
//     ran, whichever thread uses it later, so nothing else needs to.
//  2. [NS.Do] is a new goroutine that locks itself to its thread, calls
//     setns(2), works, and ends locked: the Go runtime throws such a thread
//     away. It is never brought back, because the way back fails with EPERM
//     for a process without root's rights, and a thread that is handed back in
//     the wrong namespace poisons whatever goroutine runs on it next. [NewSocket]
//     alone comes back, and lets nothing else run before it has.
//  3. Never on the main thread. The runtime cannot end that one, it parks it,
//     and /proc/self/ns/net, which is how other programs see this process,
//     would show the wrong namespace for good. Do hops off it.
//  4. A handle is a type with a Close, and its file has CLOEXEC: no int that
//     may be closed twice, nothing that a started program inherits.
//  5. A go statement (and testing's t.Run is one) inside Do's function runs on
//     another thread, in the old namespace. Keep to handles.
//
// # Namespaces as iproute2 keeps them
//
// A name is a file in [Dir] with the namespace bind-mounted over it. Dir itself
// is a shared mount, so that a name made in one mount namespace appears, and
// disappears, in the others too. Step by step, "ip netns add blue" and Create:
//
//	mkdir   /run/netns                       there already: fine
//	flock   /run/netns                       one process at a time makes it
//	mount   make-shared, recursively         a mount point (two at once would
//	        a shared mount                   stack two mounts, four, eight ...)
//	open    /run/netns/blue O_EXCL           the name is taken: EEXIST
//	unshare CLONE_NEWNET                     on a thread that is thrown away
//	mount   /proc/thread-self/ns/net  --bind-->  /run/netns/blue
//
// The bind mount comes last, so that whoever sees the namespace behind the name
// sees it whole, and what was done before a failure is undone in reverse. A
// process that is killed between the last three leaves an empty file: Create
// then says that the name is taken, as iproute2 does, and Delete removes it.
//
// # Errors
//
// What fails is an [*Error], which knows the step, the object and the errno and
// words them as iproute2 does; a bad name is a [*NameError].
package ns
