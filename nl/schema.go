package nl

// The types of the tables in which package rtnl declares every attribute
// once. Encoders use the constants, printers and decoders the names and kinds;
// the tables are static data that no code initialises.

// A Schema names the attributes that may stand at one level.
type Schema struct {
	Name   string
	Fields []Field // in the order of Type
}

// A Field is one attribute.
type Field struct {
	Type uint16
	Kind Kind
	Elem Kind   // KindArray: what each element is, if it has no Sub
	By   uint16 // KindSelect: the sibling attribute, a string or a number with Names, that selects among Cases
	Unit Unit   // of an integer
	// Repeats: the structure of KindStruct may come several times, one behind
	// the other.
	Repeats bool
	Name    string  // as the kernel's header spells it: IFLA_MTU
	Sub     *Schema // KindNest, KindArray; KindStruct: attributes behind the structure
	Cases   *[]Case // KindSelect; a pointer, as few fields have it and a binary holds a thousand
	Layout  *Layout // KindStruct, KindHops, KindVia
	Names   *Names  // of an integer's values or bits
}

// A Unit is what an integer counts, where its name does not say.
type Unit uint8

const (
	UnitNone Unit = iota
	UnitBytes
	UnitSeconds
	UnitMilliseconds
	UnitNanoseconds
	UnitUserHZ // hundredths of a second, on every architecture that this runs on
	UnitHex    // no quantity: a mask or a mark, read in hexadecimal
)

// A Case is one of a KindSelect's schemas, for one string of the selecting
// attribute.
type Case struct {
	Name string
	Sub  *Schema
}

// A Layout describes a C structure: the fixed header of a message, or the
// payload of a KindStruct.
type Layout struct {
	Name    string // of the C structure
	Size    int    // bytes
	Members []Member
}

// A Member is one member of a Layout.
type Member struct {
	Name  string
	Off   int  // bytes from the structure's start
	Kind  Kind // an integer kind, KindIndex, KindMAC, KindIP (4 bytes, or 16 with zeros behind), KindUnused for padding
	Unit  Unit
	Size  int // bytes, for kinds without a size of their own
	Names *Names
}

// Names gives words to numbers: either to values, or, with Flags, to bits.
type Names struct {
	Flags bool
	List  []Name
}

// A Name is one value, or one bit (as a mask), and its word.
type Name struct {
	Value uint32
	Name  string
}

// Field returns the row of an attribute type, or nil.
func (s *Schema) Field(typ uint16) *Field {
	if s == nil {
		return nil
	}
	f := s.Fields
	for len(f) > 0 {
		mid := len(f) / 2
		switch t := f[mid].Type; {
		case t == typ:
			return &f[mid]
		case t < typ:
			f = f[mid+1:]
		default:
			f = f[:mid]
		}
	}
	return nil
}

// Case returns the schema that a string selects, or nil.
func (f *Field) Case(name []byte) *Schema {
	if f.Cases == nil {
		return nil
	}
	for i := range *f.Cases {
		if c := &(*f.Cases)[i]; c.Name == string(name) {
			return c.Sub
		}
	}
	return nil
}

// Selected returns the schema of a KindSelect, or nil: s is the schema that f
// is a row of, as are the attributes around it.
func (f *Field) Selected(s *Schema, as Attrs) *Schema {
	by, _ := as.Get(f.By)
	if row := s.Field(f.By); row != nil && row.Kind == KindU16 {
		n, _ := by.U16()
		return f.Case([]byte(row.Names.Name(uint32(n))))
	}
	return f.Case(by.Str())
}

// Name returns the word for a value, or "".
//
//go:noinline
func (n *Names) Name(v uint32) string {
	if n == nil {
		return ""
	}
	for i := range n.List {
		if n.List[i].Value == v {
			return n.List[i].Name
		}
	}
	return ""
}

// Value returns the value of a word.
//
//go:noinline
func (n *Names) Value(name string) (uint32, bool) {
	if n == nil {
		return 0, false
	}
	for i := range n.List {
		if n.List[i].Name == name {
			return n.List[i].Value, true
		}
	}
	return 0, false
}
