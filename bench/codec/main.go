// Codec measures what it takes to turn requests into bytes and bytes into what a program
// wants to know, by rawns and by the Go packages that are used for it. No kernel is asked.
package main

import (
	_ "embed"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"rawns/bench/measure"
)

const how = `Go benchmarks (bench/codec, also run by "go test -bench ."), on one CPU, with the garbage collector on as usual, each
for a twentieth of a second in each turn. No socket is involved. All encode the same requests,
down to the attributes (a test compares them), and all read the same fields out of the same bytes
into the same struct, which owns what is in it (a test compares that, too); the bytes are a link
with 43 attributes (a veth that is a bridge's port, with counters) and a route with metrics, as Linux 6.18 sent them.

- **rawns** appends to one Builder, which is used again; it reads with ParseLinkIndex and ParseRouteIndex.
- **vishvananda/netlink** builds requests of its packages' attributes and serializes them, with the calls that its LinkAdd and
  AddrAdd make before they use the socket (a test holds them against what these send), and by the very function of its
  RouteAdd; it reads by LinkDeserialize and by the function of its RouteList.
- **jsimonetti/rtnetlink** fills in its messages, packs them into mdlayher/netlink's, and marshals these,
  as its Conn does; it reads by UnmarshalBinary.
- **mdlayher/netlink** is that package alone, by an AttributeEncoder and AttributeDecoder, with what the
  message is written by hand.`

// A peer encodes and decodes in its own way. What encode returns is valid until it
// encodes again.
type peer struct {
	name   string
	encode map[string]func() []byte
	link   func(m []byte) (link, error)
	route  func(m []byte) (route, error)
}

// requests are what is encoded:
//
//	ip link add v0 mtu 1400 type veth peer name p0 mtu 1400
//	ip link add br0 up type bridge
//	ip addr add 10.1.1.2/16 brd 10.1.255.255 dev 7
//	ip route add 10.2.0.0/16 via 10.1.0.1 dev 7 metric 100
var requests = []string{"a veth with its peer", "a bridge", "an address", "a route"}

var (
	local   = []byte{10, 1, 1, 2}
	brd     = []byte{10, 1, 255, 255}
	dst     = []byte{10, 2, 0, 0}
	gateway = []byte{10, 1, 0, 1}
)

const dev = 7

// text is a text that its owner need not allocate.
type text struct {
	b [32]byte
	n int
}

func textOf[T string | []byte](s T) (t text) {
	t.n = copy(t.b[:], s)
	return t
}

// A link is what is read out of a link message: what all peers can tell.
type link struct {
	index, master    int
	flags            uint32
	name, alias      text
	kind             text
	mtu, txqlen      int
	group            uint32
	operstate        uint8
	addr             [6]byte
	altnames         int
	rxPackets, rxBts uint64
	txPackets, txBts uint64
	multicast        uint64
}

// A route is what is read out of a route message.
type route struct {
	family, dstLen       int
	dst, gateway, source [4]byte
	oif, table, priority int
	protocol, scope      int
	mtu, advmss          int
}

//go:embed testdata/link.hex
var linkHex string

//go:embed testdata/route.hex
var routeHex string

func message(text string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(text, "\n", ""))
	if err != nil {
		panic(err) // it is in the program
	}
	return b
}

var peers = []peer{rawns, vishvananda, jsimonetti, mdlayher}

// A work is a piece of it, by all peers that can.
type work struct {
	name string
	by   func(p peer) func(b *testing.B)
}

func works() []work {
	var all []work
	for _, r := range requests {
		all = append(all, work{"encode " + r, func(p peer) func(b *testing.B) {
			encode := p.encode[r]
			if encode == nil {
				return nil
			}
			return func(b *testing.B) {
				b.ReportAllocs()
				n := 0
				for b.Loop() {
					n += len(encode())
				}
				if n == 0 {
					b.Fatal("nothing was encoded")
				}
			}
		}})
	}
	linkBytes, routeBytes := message(linkHex), message(routeHex)
	return append(all,
		work{"decode a link", func(p peer) func(b *testing.B) {
			return func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if l, err := p.link(linkBytes); err != nil || l.index == 0 {
						b.Fatal(err)
					}
				}
			}
		}},
		work{"decode a route", func(p peer) func(b *testing.B) {
			return func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if r, err := p.route(routeBytes); err != nil || r.oif == 0 {
						b.Fatal(err)
					}
				}
			}
		}})
}

func main() {
	testing.Init()
	p := measure.Begin("codec", "The codec", how)
	if err := measure.PinProcess(); err != nil {
		fmt.Fprintln(os.Stderr, "codec: not pinned:", err)
	}
	runtime.GOMAXPROCS(1)
	benchtime := "50ms"
	if p.Quick() {
		benchtime = "2x"
	}
	if err := flag.Set("test.benchtime", benchtime); err != nil {
		fmt.Fprintln(os.Stderr, "codec:", err)
		os.Exit(1)
	}
	if self, err := os.Executable(); err == nil {
		p.Facts.Modules(self, "github.com/vishvananda/netlink", "github.com/mdlayher/netlink", "github.com/jsimonetti/rtnetlink/v2")
	}
	ns, bytes, allocs := measure.Metric{Name: "time", Unit: "ns"}, measure.Metric{Name: "memory", Unit: "B", Bare: true}, measure.Metric{Name: "allocations", Bare: true}
	t := p.Table("Encoding and decoding", ns, bytes, allocs)
	var lines strings.Builder
	fmt.Fprintf(&lines, "goos: %s\ngoarch: %s\npkg: rawns/bench/codec\ncpu: %s\n", runtime.GOOS, runtime.GOARCH, p.Facts.CPU)
	var encoded, decoded []string
	for _, w := range works() {
		var all []measure.Peer
		for _, q := range peers {
			f := w.by(q)
			if f == nil {
				continue
			}
			all = append(all, measure.Peer{Name: q.name, Run: func() (measure.Sample, error) {
				debug.FreeOSMemory() // what others left behind is not collected on our time
				r := testing.Benchmark(f)
				if r.N == 0 {
					return nil, fmt.Errorf("it failed")
				}
				fmt.Fprintf(&lines, "Benchmark%s/%s %s %s\n", strings.ReplaceAll(w.name, " ", "_"), q.name, r.String(), r.MemString())
				return measure.Sample{"time": float64(r.T.Nanoseconds()) / float64(r.N), "memory": float64(r.AllocedBytesPerOp()), "allocations": float64(r.AllocsPerOp())}, nil
			}})
		}
		if t.Measure(w.name, p.Turns(15), all...) != nil {
			if strings.HasPrefix(w.name, "encode") {
				encoded = append(encoded, w.name)
			} else {
				decoded = append(decoded, w.name)
			}
		}
	}
	p.GoBench = lines.String()
	for _, q := range []string{"vishvananda/netlink", "jsimonetti/rtnetlink"} {
		if len(encoded) > 0 {
			t.Aim("encoding at least 20 times as fast as "+q, "time", 20, q, encoded...)
		}
		if len(decoded) > 0 {
			t.Aim("decoding at least 5 times as fast as "+q, "time", 5, q, decoded...)
		}
	}
	t.AimMost("no allocations", "allocations", 0)
	t.Plots = []measure.Plot{{Name: "codec", Title: "Encoding and decoding: time", Kind: measure.Bars, Metric: "time"}}
	p.Exit(nil)
}
