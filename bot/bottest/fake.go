// Package bottest is a stateful fake of GitHub's REST API and of its webhooks: what recoverybot calls, and what the people around it do.
//
// A [Fake] is an [http.Handler]. Three kinds of caller use it, as on GitHub:
//
//   - the App, by a JWT signed with its private key, for /app and for installation tokens;
//   - the App's installation, by such a token: it acts as the user "SLUG[bot]";
//   - a person, by the header "Authorization: Bearer user:LOGIN", with that person's rights. A login that nobody has yet is a new user.
//
// Go code lets people act by the methods of [Repository] too. Each change queues the signed webhooks that GitHub would send, the bot's own changes
// among them; [Fake.Deliver] sends them one by one when the caller wants it, [Fake.Run] as they come. [Fake.Fail] makes calls of the App go wrong,
// [Fake.Chaos] does so at random, and [Fake.SetFate] loses webhooks. [Options.Limits] are GitHub's rate limits.
//
// Known differences: labels given while opening an issue are kept whoever opens it (a person stands for the web page, where the form sets them),
// and conditional requests work on every GET.
package bottest

import (
	"crypto/rsa"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options describes the App and the world that a [Fake] starts with. Clock, AppID and Slug are needed, the others have defaults.
type Options struct {
	// Clock gives the time of every change and of the Date header. It is read in UTC, by whole seconds.
	Clock func() time.Time
	// AuthClock is the time by which JWTs and tokens are judged; nil means Clock. Client libraries sign by the wall clock,
	// so a story whose days pass in seconds gives the wall clock here.
	AuthClock func() time.Time

	AppID int64
	Slug  string
	// PrivateKey is the App's key. Only its public half is used; without a key every JWT is refused.
	PrivateKey *rsa.PrivateKey
	// InstallationID is the installation of repositories that name none; 0 means 1001.
	InstallationID int64
	// Permissions are the installation's; nil means issues write, metadata read, members read.
	Permissions map[string]string

	WebhookURL    string
	WebhookSecret string
	// Client sends the webhooks; nil means one with GitHub's time-out of 10 s.
	Client *http.Client
	// Senders is how many webhooks [Fake.Run] sends at a time; 0 means one.
	Senders int
	// Limits are the rate limits of each installation; the zero value limits nothing. [GitHubLimits] has GitHub's.
	Limits Limits
	// Latency is how long each answer to the App takes at least, see [Fake.SetLatency].
	Latency time.Duration
	// Lean keeps less in memory under load: calls are counted by [Fake.Tally] only, and the payload of a webhook that has arrived is forgotten,
	// so that it cannot be sent once more.
	Lean bool
	// Seed makes delivery ids and tokens differ between fakes. Equal seeds give equal sequences.
	Seed string
}

// Fake is GitHub, as far as recoverybot can see it. All methods are safe for concurrent use.
type Fake struct {
	opts   Options
	routes []splitRoute
	wake   chan struct{}

	sending sync.Mutex // one drain of the queue at a time, so that webhooks keep their order

	mu         sync.Mutex
	seq        int64
	users      []*user
	logins     map[string]*user // by login in lower case
	teams      []*team
	repos      []*repo
	installs   []*installation
	tokens     map[string]*token
	app        *user
	webhookURL string
	queue      []queued
	enqueued   int
	deliveries []Delivery
	attempts   int64
	guids      int
	fate       func(Delivery) Fate
	calls      []Call
	callCount  int
	faults     []*Fault
	notified   []Notification
	tally      map[string]int // of calls by kind
	wrong      map[string]int // of what chaos did, by what
	meters     map[int64]*meter
	violations Violations
	chaos      *chaos
	latency    time.Duration
}

// New returns a Fake without repositories. The App's bot user exists already.
func New(opts Options) *Fake {
	if opts.InstallationID == 0 {
		opts.InstallationID = 1001
	}
	if opts.AuthClock == nil {
		opts.AuthClock = opts.Clock
	}
	if opts.Permissions == nil {
		opts.Permissions = map[string]string{"issues": "write", "metadata": "read", "members": "read"}
	}
	if opts.Client == nil {
		opts.Client = &http.Client{Timeout: 10 * time.Second}
	}
	f := &Fake{
		opts: opts, routes: splitRoutes(), wake: make(chan struct{}, 1), seq: 5_000_000,
		tokens: map[string]*token{}, logins: map[string]*user{}, webhookURL: opts.WebhookURL, latency: opts.Latency,
		tally: map[string]int{}, wrong: map[string]int{}, meters: map[int64]*meter{},
	}
	f.opts.Permissions = maps.Clone(opts.Permissions)
	f.app = f.addUser(user{login: opts.Slug + "[bot]", kind: "Bot"})
	return f
}

// BotID returns the numeric user id of the App's bot user.
func (f *Fake) BotID() int64 { return f.app.id }

// AddUser adds a person with the given numeric id, 0 for the next free one, and returns the id.
// An id that exists already gets the new login: that is how a person is renamed.
func (f *Fake) AddUser(login string, id int64) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, u := range f.users {
		if id != 0 && u.id == id {
			delete(f.logins, strings.ToLower(u.login))
			u.login = login
			f.logins[strings.ToLower(login)] = u
			return id
		}
	}
	return f.addUser(user{id: id, login: login, kind: "User"}).id
}

// AddOrganization adds an organisation with the given numeric id, 0 for the next free one, and returns the id.
func (f *Fake) AddOrganization(login string, id int64) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.addUser(user{id: id, login: login, kind: "Organization"}).id
}

// Team describes a team of an organisation, its members by login.
type Team struct {
	Org, Slug string
	ID        int64 // 0: the next free one
	Members   []string
}

// AddTeam adds a team, or replaces the one of the same organisation and slug, and returns its id.
// Organisation and members that don't exist yet are added.
func (f *Fake) AddTeam(t Team) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	made := &team{id: t.ID, slug: t.Slug, org: f.ensure(t.Org, "Organization"), created: f.now()}
	if made.id == 0 {
		made.id = f.next()
	}
	for _, login := range t.Members {
		made.members = append(made.members, f.ensure(login, "User"))
	}
	f.teams = slices.DeleteFunc(f.teams, func(old *team) bool { return old.org == made.org && strings.EqualFold(old.slug, t.Slug) })
	f.teams = append(f.teams, made)
	return made.id
}

// RemoveTeam deletes a team; it is no error if there is none.
func (f *Fake) RemoveTeam(org, slug string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.teams = slices.DeleteFunc(f.teams, func(t *team) bool { return strings.EqualFold(t.org.login, org) && strings.EqualFold(t.slug, slug) })
}

// RepositoryOptions describes a repository. Owner and Name are needed.
type RepositoryOptions struct {
	Owner, Name string
	ID          int64 // 0: the next free one
	Private     bool
	// Installation is the App's installation that covers the repository: 0 means the default one of [Options]. It exists from then on, for the
	// owner of its first repository.
	Installation int64
	// NoApp makes a repository that no installation covers yet.
	NoApp bool
	// Labels exist from the start.
	Labels []string
}

// AddRepository adds a repository in which the App is installed. An owner that doesn't exist yet becomes an organisation.
func (f *Fake) AddRepository(o RepositoryOptions) *Repository {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := &repo{
		id: o.ID, owner: f.ensure(o.Owner, "Organization"), name: o.Name, private: o.Private, installation: o.Installation,
		issues: map[int]*issue{}, notes: map[int64]*comment{}, roles: map[int64]rank{}, created: f.now(),
	}
	if r.id == 0 {
		r.id = f.next()
	}
	if r.installation == 0 {
		r.installation = f.opts.InstallationID
	}
	if o.NoApp {
		r.installation = 0
	} else {
		f.ensureInstallation(r.installation, r.owner)
	}
	for _, name := range o.Labels {
		r.labels = append(r.labels, &label{id: f.next(), name: name, color: "ededed"})
	}
	f.repos = append(f.repos, r)
	return &Repository{f: f, r: r}
}

// Repository returns the repository with this OWNER/NAME; false where there is none.
func (f *Fake) Repository(name string) (*Repository, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r, moved := f.findRepo(name); r != nil && !moved {
		return &Repository{f, r}, true
	}
	return nil, false
}

func (f *Fake) now() time.Time { return f.opts.Clock().UTC().Truncate(time.Second) }

func (f *Fake) next() int64 { f.seq++; return f.seq }

func (f *Fake) addUser(u user) *user {
	if u.id == 0 {
		u.id = f.next()
	}
	u.created = f.now()
	f.users = append(f.users, &u)
	f.logins[strings.ToLower(u.login)] = &u
	return &u
}

func (f *Fake) user(login string) *user { return f.logins[strings.ToLower(login)] }

func (f *Fake) ensure(login, kind string) *user {
	if u := f.user(login); u != nil {
		return u
	}
	return f.addUser(user{login: login, kind: kind})
}
