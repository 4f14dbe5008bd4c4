//go:build !race

package bot_test

// stride is the distance between two cases of the long tests.
const stride = 1
