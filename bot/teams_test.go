package bot_test

import (
	"strings"
	"testing"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// A team that cannot be read is told to the operator at the start, not to the
// member of staff whose command waits.
func TestReadTeams(t *testing.T) {
	w := newWorld(t, setup{})
	w.bot.ReadTeams(t.Context())
	if strings.Contains(w.log.String(), "cannot be read") {
		t.Error("a warning although every team can be read")
	}
	w.bot.Forget()
	w.fake.Fail(bottest.Fault{Kind: bottest.FaultStatus, On: "team", Status: 404})
	w.bot.ReadTeams(t.Context())
	if got := strings.Count(w.log.String(), "a team cannot be read"); got != 1 {
		t.Errorf("%d warnings for one team that is not there", got)
	}
}
