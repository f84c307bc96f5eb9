package measure

import (
	"math"
	"slices"
	"strconv"
)

// Median returns the middle of v, or the mean of the two in the middle; 0 of nothing.
func Median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	return (v[len(v)/2] + v[(len(v)-1)/2]) / 2
}

// MedianRatio returns the median of a[i]/b[i]. Where one has fewer turns than the
// other, those count that both have. ok is false if there are none, or if b has a 0.
func MedianRatio(a, b []float64) (ratio float64, ok bool) {
	n := min(len(a), len(b))
	if n == 0 {
		return 0, false
	}
	r := make([]float64, n)
	for i := range r {
		if b[i] == 0 {
			return 0, false
		}
		r[i] = a[i] / b[i]
	}
	return Median(r), true
}

// Format writes a number with three digits that count, large ones with all of them and
// a comma between thousands.
func Format(v float64) string {
	if v >= 1000 {
		s := strconv.FormatFloat(v, 'f', 0, 64)
		for i := len(s) - 3; i > 0; i -= 3 {
			s = s[:i] + "," + s[i:]
		}
		return s
	}
	if v < 0 {
		return "-" + Format(-v)
	}
	if v == 0 {
		return "0"
	}
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'e', 2, 64), 64) // so that 0.9996 is 1.00
	digits := 2 - int(math.Floor(math.Log10(v)))
	return strconv.FormatFloat(v, 'f', max(0, min(digits, 3)), 64)
}
