package ip

import (
	"errors"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
)

// A hinted is a request that has advice of its own for when it is refused.
type hinted struct {
	*request
	advice func(r *runner, e *nl.Error) string // unescaped; "" for none
}

func (h hinted) run(r *runner) error { return h.ask(r, nil) }

// ask sends the request; what answers it before its ack goes to reply.
func (h hinted) ask(r *runner, reply func(nl.Message)) error {
	if err := h.resolve(r); err != nil {
		return err
	}
	err := h.refused(r, r.do(h.request, reply))
	if h.ends && err != nil {
		return ending{err}
	}
	return err
}

// refused adds the advice to the kernel's refusal.
func (h hinted) refused(r *runner, err error) error {
	var k *nl.Error
	if !errors.As(err, &k) || k.Errno == unix.EPERM {
		return err
	}
	advice := h.advice(r, k)
	if advice == "" {
		return err
	}
	o := &cli.Out{}
	printRefusal(o, k)
	text := string(o.B)
	return &failure{code: exitKernel, text: text[:len(text)-1], hint: cli.Safe(advice)}
}

// An echo is the step of -echo: a request that the kernel answers by what has
// changed.
type echo struct {
	hinted
	show func(p *printer, r *runner, answer nl.Message)
}

func (e *echo) run(r *runner) error {
	var answer nl.Message
	err := e.ask(r, func(m nl.Message) {
		if answer == nil {
			answer = append(nl.Message(nil), m...)
		}
	})
	if err != nil {
		return err
	}
	p := r.g.printer(r.out)
	p.open()
	e.show(p, r, answer)
	p.close()
	return nil
}
