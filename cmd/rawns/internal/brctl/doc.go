// Package brctl is the applet brctl: the command lines, texts, exit codes and
// effects of bridge-utils 1.7, over rtnetlink instead of its sysfs files and
// ioctls. It needs no /sys. Three of the ioctls are left: one sets times that
// are too long for messages, and two list the ports and the forwarding table of
// a bridge of many ports several times faster than messages would; where the
// kernel lacks these, messages serve.
//
// A command line passes three stages:
//
//	parse   getopt.go scan.go parse.go       words -> steps; no system call
//	plan    step.go                          a step: its request as bytes, and what must be looked up first
//	run     run.go show*.go                  the socket, look-ups, errors, exit code
//
// Where the original behaves oddly, this package does too, as scripts may rest
// on it; each place says so. The ones that show:
//
//   - setpathcost, setportprio and hairpin believe the port: which bridge they
//     name matters only if the first try fails.
//   - A bridge's name is cut, save for addbr and delbr, at a ':', as the ioctls
//     do: "brctl setfd br0:1 4" sets br0's.
//   - Numbers are read as scanf(3) reads them, up to the first byte that does
//     not fit, and overflow as they do there.
//   - showmacs knows a port's number modulo 256.
//
// It differs on purpose in these:
//
//   - Control characters in names are escaped.
//   - A name of more than 15 bytes is nobody's; the original cuts it, and makes
//     or deletes the bridge that has what is left of it for a name.
//   - A name such as ../net/br0, which the original lets walk about in /sys, is
//     no bridge here.
//   - /sys/class/net/BRIDGE/name_assign_type of a bridge made by addbr says 3
//     (named by the user); the ioctl leaves it unknown.
//   - showstp: the kernel tells a port's designated cost as 16 bits. Where it
//     follows from the bridge's own cost it is made whole again; a blocked port
//     far behind the root, beyond 65535, shows the lower 16 bits.
//   - showstp of a bridge by an alternative name: the original says how old
//     messages may get in the kernel's own ticks, through a slip of the ioctl's.
package brctl
