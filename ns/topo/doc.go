// Package topo turns a description of namespaces, bridges, veths and services
// into a plan of steps, carries it out, and takes it away again.
//
//	Spec  --Plan-->  []Step  --Apply-->  the kernel
//
// [Spec.Plan] is a pure function: the steps hold their requests as bytes,
// because the indexes of all links are chosen beforehand (the kernel takes
// ifi_index in RTM_NEWLINK as a wish), so that an address can name a link that
// does not exist yet. [Apply] goes through the steps in order; if one fails it
// removes what the ones before it made, in reverse.
//
// With a [Journal], each step that makes something is noted before it is taken.
// That outlives the process: [Journal.Down] removes exactly what the notes
// name, whether the process that wrote them finished or was killed half-way.
//
// The order of the steps is part of the design: bridges before their ports,
// so that a veth gets its master in the message that makes it; the peer born in
// its namespace instead of moved there; bridges up last. All three are worth
// milliseconds a namespace.
package topo
