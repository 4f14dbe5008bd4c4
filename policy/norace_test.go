//go:build !race

package policy

const every = 1
