//go:build !race

package policy

const every = 1

const fewer = 1
