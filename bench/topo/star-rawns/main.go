// Star-rawns makes the star of bench/topo with rawns' packages: ns/topo, given the same
// text as the command is, and a journal, so that down takes away what is there.
package main

import (
	"errors"
	"os"

	"rawns/bench/topo/star"
	"rawns/ns/topo"
)

func main() { star.Main(up, down) }

const journal = "/run/star.journal"

func up(s star.Star) error {
	file, err := topo.Parse("star.topo", s.Text())
	if err != nil {
		return err
	}
	spec, err := file.Spec()
	if err != nil {
		return err
	}
	have, err := topo.Observe(spec.Look())
	if err != nil {
		return err
	}
	plan, err := spec.Plan(have)
	if err != nil {
		return err
	}
	j, err := topo.OpenJournal(journal)
	if err != nil {
		return err
	}
	defer j.Close()
	r, err := topo.Apply(plan, topo.Options{Journal: j})
	if err != nil {
		return err
	}
	r.Close()
	return j.Finish()
}

func down(star.Star) error {
	j, err := topo.OpenJournal(journal)
	if err != nil {
		return err
	}
	defer j.Close()
	r, err := j.Read()
	if err != nil {
		return err
	}
	if r == nil {
		return os.ErrNotExist
	}
	return errors.Join(j.Down(r)...)
}
