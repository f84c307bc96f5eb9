//go:build !tiny

package ip

import (
	"testing"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/ns/nstest"
)

// States need a kernel with ESP and its algorithms, such as .ci/vm's.
const oneState = "ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x100 reqid 1 mode tunnel aead 'rfc4106(gcm(aes))' 0x0102030405060708090a0b0c0d0e0f1011121314 128"

const manyStates = oneState + `
ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x101 reqid 2 mode transport auth 'hmac(sha256)' 0x0102030405060708 enc 'cbc(aes)' 0x01020304050607080102030405060708 replay-window 32 flag noecn decap-dscp nopmtudisc wildrecv icmp af-unspec align4
ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto ah spi 0x102 mode transport auth-trunc 'hmac(sha256)' 0x0102030405060708 96 sel src 10.1.0.0/16 dst 10.2.0.0/16 proto tcp sport 5 dport 80 dev v0
ip xfrm state add src fd00::1 dst fd00::2 proto esp spi 0x103 mode beet enc cipher_null '' auth md5 key
ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto comp spi 0x104 mode tunnel comp deflate
ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x105 mode tunnel enc 'cbc(aes)' 0x01020304050607080102030405060708 auth 'hmac(sha1)' 0x01020304 mark 5 mask 7 if_id 9 output-mark 0x20 mask 0xf0 tfcpad 100 extra-flag dont-encap-dscp oseq-may-wrap encap espinudp 4500 4501 10.9.9.9 limit byte-hard 1000 limit packet-soft 50 limit time-hard 100 limit time-use-soft 10 seq 5 replay-window 320 replay-seq 3 replay-oseq 4 flag esn replay-seq-hi 1 replay-oseq-hi 2
ip xfrm state add src fd00::1 dst fd00::2 proto route2 mode ro coa fd00::9
`

func TestXfrmStatesLikeStock(t *testing.T) {
	needXfrm(t)
	if nstest.Exec(t, nstest.New(t), "sh", "-c", oneState).Code != 0 {
		t.Skip("this kernel has no ESP with AES-GCM")
	}
	s := difftest.Suite{Name: "ip", Setup: scene + manyStates, State: xfrmState1}
	s.Run(t, append(xfrmCases([]string{
		"ip xfrm state", "ip -s xfrm state", "ip -o xfrm state", "ip -s -o xfrm state list spi 0x105", "ip xfrm state list nokeys", "ip -s xfrm state list nokeys", "ip xfrm state list src 10.0.0.0/24 proto ah", "ip xfrm state list mode tunnel",
		"ip xfrm state list reqid 2", "ip xfrm state list flag esn", "ip -6 xfrm state", "ip -s xfrm state count", "ip xfrm state get src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x101", "ip xfrm state get dst 10.0.0.2 proto esp spi 0x105 mark 5", "ip xfrm state get dst 10.0.0.2 proto esp spi 0x999", "ip -n blue xfrm state",
	}), lines(
		"ip xfrm state update src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x101 reqid 7 mode transport auth 'hmac(sha256)' 0x01 enc 'cbc(aes)' 0x01020304050607080102030405060708",
		oneState, "ip xfrm state allocspi src 10.0.0.1 dst 10.0.0.2 proto esp mode tunnel min 0x500 max 0x500", "ip xfrm state del src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x101", "ip -s -s xfrm state deleteall proto ah", "ip -s -s xfrm state flush proto esp", "ip xfrm state delall reqid 2",
	)...))
}
