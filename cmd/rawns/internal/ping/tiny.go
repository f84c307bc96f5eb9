//go:build tiny

package ping

import "rawns/cmd/rawns/internal/cli"

// What -tags tiny leaves out of nodeinfo.go: the option -N.

const niReply = 140

type nodeInfo struct{ qtype uint16 }

func (*nodeInfo) set(string, func(...string)) error {
	return fail(2, "-N is not in this build, which was made with -tags tiny")
}

func (*nodeInfo) begin(dst []byte) ([]byte, error) { return dst, nil }

func (*nodeInfo) sequence([]byte) (seq uint16, ok bool) { return 0, false }

func niPrint(*cli.Out, []byte) {}
