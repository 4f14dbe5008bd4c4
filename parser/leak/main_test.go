package leak_test

import (
	"os"
	"testing"

	"github.com/recoverybot/recoverybot/internal/sample"
)

func TestMain(m *testing.M) {
	sample.Histories()
	os.Exit(m.Run())
}
