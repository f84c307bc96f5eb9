package topo

import "strings"

// near returns the word that was most likely meant, or "": the one with the
// fewest letters added, dropped, changed or swapped with the next, if these are
// few for the word's length.
type near struct {
	word string // what was written
	best string
	dist int
}

//go:noinline
func nearTo(word string) *near {
	if len(word) > 64 {
		word = ""
	}
	return &near{word: word, dist: 1 + (len(word)+1)/3}
}

func (n *near) try(candidate string) {
	d := len(n.word) - len(candidate)
	if n.word == "" || d >= n.dist || -d >= n.dist {
		return
	}
	if d := distance(n.word, candidate); d < n.dist && d < len(candidate) {
		n.best, n.dist = candidate, d
	}
}

// distance is that of Damerau and Levenshtein, adjacent letters swapped once.
func distance(a, b string) int {
	var rows [3][66]int // one more than the longest word, and a border
	if len(a) > 64 || len(b) > 64 {
		return 65
	}
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur, prev, before := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}

// oneOf says that a word is none of those that it could be.
//
//go:noinline
func (n *near) oneOf(what string, names []string) *fault {
	for _, w := range names {
		n.try(w)
	}
	return no(n.word, what, "one of "+strings.Join(names, ", ")).at(n)
}
