// Package github is bot.GitHub over the REST API: go-github for requests,
// errors and paging, ghinstallation for the App's tokens.
//
// It keeps no state but tokens and what it read of teams, and paces nothing:
// how long to wait is in the error, what a call took is told by bot.Tell, and
// the loop waits. A few rules hold for every call:
//
//   - Each token is narrowed to one repository id and to the permissions
//     issues: write and metadata: read, or to members: read for teams, or to
//     metadata: read for what repositories and users are. So a repository that
//     was created anew under an old name can't be written to.
//   - A write is sent once. It is sent again only where GitHub surely did not
//     do it: after a 401 (with a new token), and after a redirect to the same
//     repository by its id (it was renamed). Any other redirect of a write,
//     and a read that ends in another repository, is bot.GoneAway.
//   - An error holds operation, class and status, and nothing of the answer.
//   - Only the host of the base URL is called, by the proxy that is given for
//     it; plain http goes by none. Answers are read up to 8 MiB.
package github

import (
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// DefaultTimeout is how long one call may take where Options do not say. It
// is shorter than the time-out of a job.
const DefaultTimeout = 8 * time.Second

// Options say whose App calls which GitHub.
type Options struct {
	// BaseURL is GitHub's address, as ParseAddress reads it. A host that is
	// given here may have a private address.
	BaseURL string
	// RootCAs judge GitHub's certificate; nil: the system's. See ReadCA.
	RootCAs *x509.CertPool
	// Proxy returns the proxy of a request, nil for none, as
	// http.ProxyFromEnvironment does. It is asked once, by New. nil: no proxy.
	Proxy      func(*http.Request) (*url.URL, error)
	AppID      int64
	PrivateKey []byte // RSA, PEM: see ReadKey
	// Repositories are the ids that may be read and written; a call for any
	// other is Forbidden and not made. Empty: the token alone decides.
	Repositories []int64
	Timeout      time.Duration    // of one call, or one page, with its token and all; 0: DefaultTimeout
	Version      string           // for the User-Agent: recoverybot/VERSION
	Clock        func() time.Time // for rate limits that end at an instant
}

// Client is a bot.GitHub. It may be used by many goroutines.
type Client struct {
	base    *url.URL // ends with a slash
	appID   int64
	key     []byte
	allowed map[int64]bool
	timeout time.Duration
	clock   func() time.Time
	tr      http.RoundTripper // without authority
	agent   string

	mu        sync.Mutex
	clients   map[scope]*http.Client
	crews     map[int64]map[string]crew // by installation and path
	installed int64                     // the installation found last; 0: none yet
	self      policy.Actor              // zero: not read yet
}

var _ bot.GitHub = (*Client)(nil)

// New returns a client. It calls nobody; it fails on options that can't work.
func New(o Options) (*Client, error) {
	base, err := o.base()
	if err != nil {
		return nil, err
	}
	proxy, err := o.proxy(base)
	if err != nil {
		return nil, err
	}
	if o.AppID <= 0 {
		return nil, errors.New("the App's id is missing")
	}
	if o.Clock == nil {
		return nil, errors.New("the client for GitHub needs a clock")
	}
	if err := checkKey(o.PrivateKey); err != nil {
		return nil, err
	}
	c := &Client{
		base: base, appID: o.AppID, key: o.PrivateKey, timeout: o.Timeout, clock: o.Clock,
		allowed: map[int64]bool{}, clients: map[scope]*http.Client{}, crews: map[int64]map[string]crew{},
		agent: "recoverybot/" + o.Version,
	}
	for _, id := range o.Repositories {
		c.allowed[id] = true
	}
	if c.timeout <= 0 {
		c.timeout = DefaultTimeout
	}
	way := route{proxy: proxy, roots: o.RootCAs}
	if base.String() != DefaultURL+"/" {
		way.exempt = base.Hostname()
	}
	c.tr = &transport{next: newTransport(way), agent: c.agent}
	return c, nil
}

// base is the API's URL, with a slash at its end.
func (o Options) base() (*url.URL, error) {
	a, err := ParseAddress(o.BaseURL)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(a.API + "/")
	if err != nil {
		return nil, errors.New("the URL of GitHub's API is not a URL")
	}
	return u, nil
}

// proxy is that of all our calls, which go to one host. By plain http a proxy
// would read the tokens: it gets nothing.
func (o Options) proxy(base *url.URL) (*url.URL, error) {
	if o.Proxy == nil || base.Scheme != "https" {
		return nil, nil //nolint:nilnil // no proxy
	}
	proxy, err := o.Proxy(&http.Request{Method: http.MethodGet, URL: base})
	if err != nil || proxy != nil && proxy.Hostname() == "" {
		// The error repeats the address, which may hold a password.
		return nil, errors.New("the address of the proxy (HTTPS_PROXY) is not like http://HOST:PORT")
	}
	return proxy, nil
}

func checkKey(pem []byte) error {
	if _, err := ghinstallation.NewAppsTransport(http.DefaultTransport, 1, pem); err != nil {
		return errors.New("the App's private key is not an RSA key in PEM form (a file that begins with -----BEGIN RSA PRIVATE KEY-----)")
	}
	return nil
}
