// Package topology is the verbs of rawns that work on a topology's file: fmt
// and plan. Load reads the file for all verbs. What a file says, and how it is
// planned and made, is rawns/ns/topo's.
package topology
