// Package scene has the verbs of rawns that make something: demo plays the
// article's scene in a sandbox that leaves nothing behind, up and down make a
// topology on the host, that scene or a file's, and take it away. How it is made
// is rawns/ns/topo's.
package scene
