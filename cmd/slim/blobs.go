package main

import (
	"bytes"
	"cmp"
	"slices"
)

// blob is a table or an object that stays: its bytes, what it must be aligned
// to, and, once it has a place, its offset.
type blob struct {
	p          []byte
	align, off int
}

// blobs are all that stay, each once, and who refers to them.
type blobs struct {
	list []blob
	at   map[string]int // bytes: which blob
	refs []ref
	of   map[int]bool // places that have one
}

// ref says that the offset of a blob has to stand at a place in the tables.
type ref struct{ at, blob int }

func (b *blobs) known(at int) bool { return b.of[at] }

// keep notes that a place refers to these bytes.
func (b *blobs) keep(at int, p []byte, align int) {
	if b.at == nil {
		b.at, b.of = map[string]int{}, map[int]bool{}
	}
	i, ok := b.at[string(p)]
	if !ok {
		i = len(b.list)
		b.at[string(p)] = i
		b.list = append(b.list, blob{p: bytes.Clone(p)})
	}
	b.list[i].align = max(b.list[i].align, align)
	b.refs = append(b.refs, ref{at, i})
	b.of[at] = true
}

// place gives each blob a place: at the end of a longer one, in a hole, or, from
// end on, behind all else. It returns the new end. The first ones, of the functions
// at the beginning of the text, go into the first holes, so that what a short command
// reads lies together.
func (b *blobs) place(holes []hole, end int) int {
	within, rest := b.shared()
	slices.SortFunc(holes, func(x, y hole) int { return cmp.Compare(x.off, y.off) })
	placed := map[int]bool{}
	for i, n := 0, 0; i < len(b.list) && n < firstBlobs; n += someBlobs {
		var some []int
		for size := 0; i < len(b.list) && size < someBlobs; i++ {
			j := i
			if of, ok := within[i]; ok {
				j = of
			}
			if !placed[j] && !slices.Contains(some, j) {
				some = append(some, j)
				size += len(b.list[j].p)
			}
		}
		// The largest first, as they fit into few.
		slices.SortStableFunc(some, func(x, y int) int { return -cmp.Compare(len(b.list[x].p), len(b.list[y].p)) })
		for _, i := range some {
			for k := range holes {
				if b.fits(i, &holes[k]) {
					placed[i] = true
					break
				}
			}
		}
	}
	rest = slices.DeleteFunc(rest, func(i int) bool { return placed[i] })
	// The smallest holes first, as fewest fit them.
	slices.SortFunc(holes, func(x, y hole) int { return cmp.Or(cmp.Compare(x.n, y.n), cmp.Compare(x.off, y.off)) })
	for _, i := range b.fill(holes, rest) {
		end += -end & (b.list[i].align - 1)
		b.list[i].off = end
		end += len(b.list[i].p)
	}
	for i, of := range within {
		b.list[i].off = b.list[of].off + len(b.list[of].p) - len(b.list[i].p)
	}
	return end
}

// Bytes of those that go into the first holes, and how many of them at a time.
const (
	firstBlobs = 128 << 10
	someBlobs  = 8 << 10
)

// shared returns which blobs are the end of another, and of which one, and the others.
func (b *blobs) shared() (within map[int]int, others []int) {
	// One that is another's end comes just behind it, if they are sorted by
	// their last bytes first, longer ones before.
	order := make([]int, len(b.list))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(x, y int) int { return -compareReversed(b.list[x].p, b.list[y].p) })
	within = map[int]int{}
	last := -1
	for _, i := range order {
		if last >= 0 && b.list[i].align == 1 && bytes.HasSuffix(b.list[last].p, b.list[i].p) {
			within[i] = last
		} else {
			last = i
			others = append(others, i)
		}
	}
	return within, others
}

// fits puts a blob into a hole if it fits, and takes that from the hole.
func (b *blobs) fits(i int, h *hole) bool {
	x := &b.list[i]
	n := -h.off&(x.align-1) + len(x.p)
	if n > h.n {
		return false
	}
	h.off, h.n = h.off+n, h.n-n
	x.off = h.off - len(x.p)
	return true
}

// fill gives blobs places in holes, the largest that fits in each, takes that from the holes,
// and returns those that fit nowhere.
func (b *blobs) fill(holes []hole, which []int) (left []int) {
	most := 0
	for _, i := range which {
		most = max(most, len(b.list[i].p))
	}
	bySize := make([][]int, most+1) // those of each size are a stack
	for _, i := range which {
		bySize[len(b.list[i].p)] = append(bySize[len(b.list[i].p)], i)
	}
	for k := range holes {
		h := &holes[k]
		for n := min(h.n, most); n > 0; {
			stack := bySize[n]
			if len(stack) == 0 {
				n--
				continue
			}
			if !b.fits(stack[len(stack)-1], h) {
				n--
				continue
			}
			bySize[n] = stack[:len(stack)-1]
			n = min(h.n, n)
		}
	}
	for _, stack := range bySize {
		left = append(left, stack...)
	}
	return left
}

// compareReversed compares by the last bytes first.
func compareReversed(x, y []byte) int {
	for i := 1; i <= min(len(x), len(y)); i++ {
		if c := cmp.Compare(x[len(x)-i], y[len(y)-i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(x), len(y))
}
