package bottest

// Fate is what becomes of a webhook when its turn has come.
type Fate int

// The fates of a webhook.
const (
	// FateSend sends it.
	FateSend Fate = iota
	// FateFail stands for a receiver that cannot be reached: the attempt is recorded as failed, so the App finds it in the list of deliveries.
	FateFail
	// FateDrop loses it inside GitHub: nothing is sent, and no list has it.
	FateDrop
)

// Always gives each webhook this fate: f.SetFate(FateDrop.Always).
func (fate Fate) Always(Delivery) Fate { return fate }

// SetFate decides about each webhook from now on, those queued already and redeliveries included; nil sends all of them. It is called with the
// fake's lock held, so it must not call the fake.
func (f *Fake) SetFate(fate func(Delivery) Fate) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fate = fate
}
