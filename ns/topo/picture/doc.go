// Package picture draws topologies: as text for a console, as SVG, as source for
// mermaid and graphviz, as JSON.
//
//	topo.Spec --Of-->      Picture --Text, SVG, Mermaid, Dot, JSON--> bytes
//	topo.State --OfState-->
//
// A [Picture] is boxes, links and wires, no more; the renderers know nothing else.
// [Picture.Fold] makes one box of a thousand that are alike.
//
// Names come from files and from the kernel and may hold anything: a namespace's
// 255 bytes but '/' and NUL, a link's 15. Each renderer escapes them for its
// language; such as would steer a terminal or turn the text around them are
// written as \xNN.
//
// The SVG's layout is done here, in whole pixels: layers.go and place.go find
// the places of the boxes, box.go those of the links inside, svg.go writes it down.
// The same topology always gives the same bytes.
package picture
