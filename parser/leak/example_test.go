package leak_test

import (
	"fmt"

	"github.com/recoverybot/recoverybot/parser/leak"
)

// What was found is told by class and place, never by what it says.
func Example() {
	text := "My password is hunter2, write to ann@example.org."
	leaks := leak.Scan(text)
	for _, l := range leaks {
		fmt.Println(l.Class, l.Start, l.End, l.Class.Secret())
	}
	fmt.Println(leak.ClassesOf(leaks))
	fmt.Println(leak.Mask(text, leaks))
	// Output:
	// password 15 22 true
	// email 33 48 false
	// [password email]
	// My password is [removed: password], write to ann@example.org.
}

// The address of the registry's support is no leak.
func ExampleOptions_Scan() {
	o := leak.Options{Public: []string{"support@pypi.org"}}
	fmt.Println(len(o.Scan("I wrote to support@pypi.org.")))
	// Output: 0
}
