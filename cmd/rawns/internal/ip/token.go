//go:build !tiny

package ip

import (
	"errors"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// tokenCommands is the object token: the host part of the addresses that an
// interface gives itself by router advertisements.
var tokenCommands = commands{name: "ip token", none: parseTokenList, rows: []command{
	{name: "list", usage: "[ dev DEVICE ]", parse: parseTokenList, about: helps("list tokens")},
	{name: "lst", quiet: true, parse: parseTokenList},
	{name: "show", quiet: true, parse: parseTokenList},
	{name: "set", usage: "TOKEN dev DEVICE", parse: parseTokenSet, about: helps("set the host part of addresses")},
	{name: "add", quiet: true, parse: parseTokenSet},
	{name: "delete", usage: "dev DEVICE", parse: parseTokenDelete, about: helps("let the kernel choose it again")},
	{name: "get", usage: "[ dev DEVICE ]", parse: parseTokenList, about: helps("list tokens")},
}}

func badTokenDevice(w string) *failure {
	return failf(exitUsage, `Error: argument "`, w, "\" is wrong: dev is invalid\n")
}

func parseTokenSet(a *args) (*plan, error)    { return parseToken(a, false) }
func parseTokenDelete(a *args) (*plan, error) { return parseToken(a, true) }

// parseToken reads what follows set, or, for the token of zeros, delete.
func parseToken(a *args, hasToken bool) (*plan, error) {
	q := &request{}
	token := prefix{n: 16}
	dev, hasDev := "", false
	for a.more() {
		switch {
		case a.take("dev"):
			if w := a.next(); !hasDev {
				dev, hasDev = w, true
			}
		case matches(a.peek(), "help"):
			return nil, a.usage()
		case hasToken:
			a.next()
		default:
			token, hasToken = a.prefix(unix.AF_INET6), true
		}
	}
	switch {
	case a.err != nil:
	case !hasToken:
		a.failf(exitMissing, "Not enough information: token is required.")
	case !hasDev:
		a.failf(exitMissing, `Not enough information: "dev" argument is required.`)
	}
	if a.err != nil {
		return nil, a.err
	}
	rtnl.SetLink(&q.b, rtnl.IfInfomsg{Family: unix.AF_INET6})
	spec := q.b.Nest(rtnl.IFLA_AF_SPEC)
	inet6 := q.b.Nest(rtnl.IFLA_AF_INET6)
	q.putIP(rtnl.IFLA_INET6_TOKEN, &token)
	q.b.End(inet6)
	q.b.End(spec)
	q.devAt(nl.HeaderLen+4, dev, badTokenDevice(dev))
	return &plan{[]step{hinted{q, tokenHint}}}, q.b.Err()
}

// tokenHint is about a change of tokens, which the kernel refuses for
// interfaces that do not listen to routers.
func tokenHint(r *runner, e *nl.Error) string {
	l, err := rtnl.ParseLink(e.Request)
	if err != nil || e.Errno != unix.EINVAL {
		return ""
	}
	dev := r.byIndex(l.Index)
	if dev.flags&(unix.IFF_LOOPBACK|unix.IFF_NOARP) != 0 {
		return dev.name + " makes itself no addresses by router advertisements"
	}
	return "tokens are for interfaces that hear router advertisements: sysctl net.ipv6.conf." + dev.name + ".accept_ra is 1 there, or 2 if it forwards, and router_solicitations is not 0"
}

// A tokenList is the step that lists tokens.
type tokenList struct {
	dev    string
	hasDev bool
	index  int32 // when run
}

func parseTokenList(a *args) (*plan, error) {
	s := &tokenList{}
	for a.more() {
		if a.next() == "dev" { // any other word is let pass, as in iproute2
			s.dev, s.hasDev = a.next(), true
			break
		}
	}
	return &plan{[]step{s}}, a.err
}

func (s *tokenList) request(b *nl.Builder) {
	rtnl.GetLink(b, rtnl.IfInfomsg{Family: unix.AF_INET6})
}

func (s *tokenList) run(r *runner) error {
	if s.hasDev {
		d, err := r.device(s.dev)
		if err == nil && d.index == 0 {
			err = badTokenDevice(s.dev)
		}
		if err != nil {
			return err
		}
		s.index = d.index
	}
	var b nl.Builder
	s.request(&b)
	p := r.g.printer(r.out)
	p.open()
	err := r.dump(&b, nil, func(m nl.Message) error {
		l, err := rtnl.ParseLink(m)
		if err != nil {
			return notMine(err)
		}
		token, ok := l.Attrs.NestF(rtnl.IFLA_PROTINFO).IP(rtnl.IFLA_INET6_TOKEN)
		if s.hasDev && l.Index != s.index || l.Flags&(unix.IFF_LOOPBACK|unix.IFF_NOARP) != 0 || !ok {
			return nil
		}
		p.Obj("")
		p.T("token ")
		p.in(colInet6).addrText("token", unix.AF_INET6, token, "")
		p.T(" dev ")
		p.in(colIfname).Str("ifname", "", l.Name(), "\n")
		p.EndObj()
		return nil
	})
	p.close()
	var k *nl.Error
	if errors.As(err, &k) {
		return refusalAnd(k, exitMissing, "Dump terminated")
	}
	return err
}
