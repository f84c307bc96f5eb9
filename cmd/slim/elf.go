package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
)

// image is an ELF file being changed.
type image struct {
	f    *elf.File
	p    []byte // the file
	o    binary.ByteOrder
	word int // bytes of a pointer

	phoff, phentsize, phnum int
	shoff, shentsize, shnum int
}

func parse(p []byte) (*image, error) {
	f, err := elf.NewFile(bytes.NewReader(p))
	if err != nil {
		return nil, err
	}
	if f.Type != elf.ET_EXEC {
		return nil, fmt.Errorf("%v and not a static executable", f.Type)
	}
	m := &image{f: f, p: append([]byte(nil), p...), o: f.ByteOrder, word: 4}
	u16 := func(off int) int { return int(m.o.Uint16(p[off:])) }
	if f.Class == elf.ELFCLASS64 {
		m.word = 8
		m.phoff, m.shoff = int(m.o.Uint64(p[32:])), int(m.o.Uint64(p[40:]))
		m.phentsize, m.phnum, m.shentsize, m.shnum = u16(54), u16(56), u16(58), u16(60)
	} else {
		m.phoff, m.shoff = int(m.o.Uint32(p[28:])), int(m.o.Uint32(p[32:]))
		m.phentsize, m.phnum, m.shentsize, m.shnum = u16(42), u16(44), u16(46), u16(48)
	}
	if m.phnum != len(f.Progs) || m.shnum != len(f.Sections) {
		return nil, errors.New("headers that do not add up")
	}
	return m, nil
}

func (m *image) section(name string) (*elf.Section, error) {
	s := m.f.Section(name)
	if s == nil || s.Type == elf.SHT_NOBITS || s.Offset+s.Size > uint64(len(m.p)) {
		return nil, errors.New("no section " + name + ": not a Go binary, or of another version")
	}
	return s, nil
}

func (m *image) get(p []byte) uint64 {
	if m.word == 4 {
		return uint64(m.o.Uint32(p))
	}
	return m.o.Uint64(p)
}

func (m *image) put(p []byte, v uint64) {
	if m.word == 4 {
		m.o.PutUint32(p, uint32(v))
	} else {
		m.o.PutUint64(p, v)
	}
}

// Offsets of members of Elf32_Phdr, Elf64_Phdr, Elf32_Shdr, Elf64_Shdr: elf(5).
func (m *image) phdr(i int) (off, filesz, memsz []byte) {
	h := m.p[m.phoff+i*m.phentsize:]
	if m.word == 4 {
		return h[4:], h[16:], h[20:]
	}
	return h[8:], h[32:], h[40:]
}

func (m *image) shdr(i int) (addr, off, size []byte) {
	h := m.p[m.shoff+i*m.shentsize:]
	if m.word == 4 {
		return h[12:], h[16:], h[20:]
	}
	return h[16:], h[24:], h[32:]
}

// replace puts shorter contents in the place of section s, and leaves the section
// dropped empty, which may be the next. What follows in their segment moves down by
// the returned number of bytes; what follows the segment moves down in the file only,
// as far as its alignment allows. All other sections behind s in its segment must be
// among movable.
func (m *image) replace(s *elf.Section, contents []byte, dropped string, movable ...string) (moved uint64, err error) {
	seg := -1
	for i, pr := range m.f.Progs {
		if pr.Type == elf.PT_LOAD && s.Addr >= pr.Vaddr && s.Addr+s.Size <= pr.Vaddr+pr.Filesz {
			seg = i
		}
	}
	if seg < 0 || uint64(len(contents)) > s.Size {
		return 0, errors.New("nothing to gain")
	}
	size := s.Size // of what goes
	if d := m.f.Section(dropped); d != nil && d.Addr > s.Addr && d.Addr+d.Size <= m.f.Progs[seg].Vaddr+m.f.Progs[seg].Filesz {
		size = d.Addr + d.Size - s.Addr
	}
	pr := m.f.Progs[seg]
	if pr.Filesz != pr.Memsz || pr.Flags&elf.PF_W != 0 {
		return 0, errors.New("tables in a segment of an unknown kind")
	}
	const align = 64 // more than any part of these sections asks for
	moved = (size - uint64(len(contents))) &^ (align - 1)
	end := pr.Off + pr.Filesz
	for _, t := range m.f.Sections {
		if t.Addr <= s.Addr || t.Addr >= pr.Vaddr+pr.Filesz || t.Type == elf.SHT_NULL {
			continue
		}
		ok := t.Name == dropped
		for _, name := range movable {
			ok = ok || t.Name == name
		}
		if !ok {
			return 0, errors.New("an unknown section " + t.Name + " behind the tables")
		}
	}
	// How far the rest of the file may move: it begins behind the padding of the segment.
	rest := uint64(len(m.p))
	for _, t := range m.f.Sections {
		if t.Type != elf.SHT_NULL && t.Type != elf.SHT_NOBITS && t.Offset >= end {
			rest = min(rest, t.Offset)
		}
	}
	for _, n := range m.f.Progs {
		if n.Off >= end && n.Filesz > 0 {
			rest = min(rest, n.Off)
		}
	}
	if uint64(m.shoff) >= end {
		rest = min(rest, uint64(m.shoff))
	}
	shift := rest - (end - moved)
	for _, n := range m.f.Progs {
		if n.Off >= end && n.Filesz > 0 && n.Type == elf.PT_LOAD {
			shift -= shift % max(n.Align, 1)
		}
	}
	shift &^= align - 1

	out := append([]byte(nil), m.p[:s.Offset]...)
	out = append(out, contents...)
	out = append(out, make([]byte, s.Offset+size-moved-uint64(len(out)))...)
	out = append(out, m.p[s.Offset+size:end]...)
	out = append(out, make([]byte, rest-shift-uint64(len(out)))...)
	out = append(out, m.p[rest:]...)

	old := *m
	m.p = out
	if uint64(old.shoff) >= end {
		m.shoff -= int(shift)
		if m.word == 4 {
			m.o.PutUint32(m.p[32:], uint32(m.shoff))
		} else {
			m.o.PutUint64(m.p[40:], uint64(m.shoff))
		}
	}
	for i, n := range m.f.Progs {
		off, filesz, memsz := m.phdr(i)
		switch {
		case i == seg:
			m.put(filesz, n.Filesz-moved)
			m.put(memsz, n.Memsz-moved)
		case n.Off >= end && n.Filesz > 0:
			m.put(off, n.Off-shift)
		}
	}
	for i, t := range m.f.Sections {
		addr, off, length := m.shdr(i)
		switch {
		case t.Type == elf.SHT_NULL:
		case t == s:
			m.put(length, uint64(len(contents)))
		case t.Addr > s.Addr && t.Addr < s.Addr+size:
			m.put(addr, s.Addr+uint64(len(contents)))
			m.put(off, s.Offset+uint64(len(contents)))
			m.put(length, 0)
		case t.Addr > s.Addr && t.Addr < pr.Vaddr+pr.Filesz:
			m.put(addr, t.Addr-moved)
			m.put(off, t.Offset-moved)
		case t.Offset >= end:
			m.put(off, t.Offset-shift)
		}
	}
	return moved, nil
}

// pack moves the names of sections, which are the last in a file, to where the rest
// ends: the linker puts them on a page of their own.
func (m *image) pack() error {
	f, err := elf.NewFile(bytes.NewReader(m.p))
	if err != nil {
		return err
	}
	end := uint64(m.shoff + m.shnum*m.shentsize)
	names := -1
	for i, t := range f.Sections {
		switch {
		case t.Type == elf.SHT_NULL || t.Type == elf.SHT_NOBITS:
		case t.Flags&elf.SHF_ALLOC != 0:
			end = max(end, t.Offset+t.Size)
		case t.Name == ".shstrtab" && names < 0:
			names = i
		default:
			return nil
		}
	}
	for _, n := range f.Progs {
		end = max(end, n.Off+n.Filesz)
	}
	if names < 0 || f.Sections[names].Offset < end {
		return nil
	}
	text, err := f.Sections[names].Data()
	if err != nil {
		return err
	}
	m.p = append(m.p[:end:end], text...)
	_, off, _ := m.shdr(names)
	m.put(off, end)
	return nil
}
