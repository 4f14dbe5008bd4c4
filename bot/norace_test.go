//go:build !race

package bot_test

// stride is the distance between two kills of TestCrashAnywhere: every call.
const stride = 1
