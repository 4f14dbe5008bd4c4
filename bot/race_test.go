//go:build race

package bot_test

// stride is the distance between two cases of the long tests. The race
// detector makes SQLite ten times slower, and looks for something else.
const stride = 4
