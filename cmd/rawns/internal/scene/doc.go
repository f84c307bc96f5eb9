// Package scene is the article's scene as verbs of rawns: demo plays it in a
// sandbox that leaves nothing behind, up and down make it on the host and take
// it away. What the scene is, and how it is made, is rawns/ns/topo's.
package scene
