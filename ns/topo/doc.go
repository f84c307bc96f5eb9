// Package topo turns a description of namespaces, links, routes, settings and
// services into a plan of steps, carries it out, and takes it away again.
//
//	file --Parse--> File --Spec--> Spec --Plan(Spec, State)--> Plan --Apply--> the kernel --Observe--> State
//
// [Spec.Plan] is a pure function of what is wanted and what there is: it plans
// what is missing. The steps hold their requests as bytes, because the indexes of
// all links are chosen beforehand (the kernel takes ifi_index in RTM_NEWLINK as
// a wish), so that an address can name a link that does not exist yet. [Apply]
// goes through the steps, those of one namespace that follow each other in one
// batch; if one fails it takes back what was done, in reverse.
//
// With a [Journal], each step that makes something is noted before it is taken.
// That outlives the process: [Journal.Down] removes exactly what the notes
// name, whether the process that wrote them finished or was killed half-way,
// and returns when the kernel is done with it.
//
// The order of the steps is part of the design: bridges before their ports,
// so that a veth gets its master in the message that makes it; the peer born in
// its namespace instead of moved there; both ends up close together; bridges up
// last. Each is worth milliseconds a namespace.
//
// [Observe] reads namespaces, named or not, by a thread that goes from one to the
// next: 30 system calls each, links, addresses and routes as whole lists; and
// finds the other end of a veth in whichever namespace it is. [Diff] tells in
// what a Spec and a State differ, [Spec.Probes] and [Try] whether links carry
// packets and services answer, and [Export] describes a State as a Spec.
package topo
