package ns_test

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"rawns/ns"
)

// A namespace with a name, as "ip netns add blue" makes it.
func ExampleCreate() {
	blue, err := ns.Create("blue")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer blue.Close()
	names, _ := ns.List()
	fmt.Println(blue, names)

	_, err = ns.Create("blue")
	fmt.Println(err, errors.Is(err, unix.EEXIST))

	fmt.Println(ns.Delete("blue"))
	fmt.Println(ns.Delete("blue"))
	// Output:
	// "blue" [blue]
	// Cannot create namespace file "/run/netns/blue": file exists true
	// <nil>
	// Cannot remove namespace file "/run/netns/blue": no such file or directory
}

// A socket lives where it was opened, whatever thread uses it later.
func ExampleNS_Do() {
	n, err := ns.NewAnonymous()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer n.Close()
	err = n.Do(func() error {
		inside, err := ns.Current()
		if err != nil {
			return err
		}
		defer inside.Close()
		fmt.Println("inside:", inside.Same(n))
		return nil
	})
	outside, _ := ns.Current()
	defer outside.Close()
	fmt.Println("outside:", outside.Same(n), err)
	// Output:
	// inside: true
	// outside: false <nil>
}

// A program in a namespace sees that namespace's devices in /sys.
func ExampleNS_Start() {
	n, err := ns.NewAnonymous()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer n.Close()
	pid, err := n.Start([]string{"ls", "/sys/class/net"}, &syscall.ProcAttr{
		Files: []uintptr{os.Stdin.Fd(), os.Stdout.Fd(), os.Stderr.Fd()},
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	p, _ := os.FindProcess(pid)
	state, _ := p.Wait()
	fmt.Println(state)
	// Output:
	// lo
	// exit status 0
}

// The ids by which one namespace's messages speak of others.
func ExampleNS_SetID() {
	red, err1 := ns.NewAnonymous()
	blue, err2 := ns.NewAnonymous()
	if err1 != nil || err2 != nil {
		fmt.Println(err1, err2)
		return
	}
	defer red.Close()
	defer blue.Close()
	c, err := red.Dial()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	fmt.Println(blue.ID(c))
	fmt.Println(blue.SetID(c, 7))
	fmt.Println(blue.ID(c))
	// Output:
	// -1 <nil>
	// <nil>
	// 7 <nil>
}
