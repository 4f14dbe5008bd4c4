package github

import (
	"net/http"
	"strings"

	"github.com/bradleyfalzon/ghinstallation/v2"
	gh "github.com/google/go-github/v60/github"
)

// power is what a call may do.
type power int

const (
	nobody  power = iota // without a token
	asApp                // the App itself, by a JWT
	issues               // write issues of one repository
	members              // read teams of an installation's organisation
	lookup               // read what repositories and users are
)

// scope names a token: the narrowest that does.
type scope struct {
	power        power
	installation int64
	repository   int64 // for issues
}

// clientFor returns the HTTP client with a scope's token. Each scope has a
// ghinstallation transport of its own: those that share one race.
func (c *Client) clientFor(s scope) (*http.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if hc := c.clients[s]; hc != nil {
		return hc, nil
	}
	tr, err := c.authorized(s)
	if err != nil {
		return nil, err
	}
	hc := &http.Client{Transport: tr, CheckRedirect: c.checkRedirect}
	c.clients[s] = hc
	return hc, nil
}

// drop forgets a scope's token, if it is still the one that failed.
func (c *Client) drop(s scope, failed *http.Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.clients[s] == failed {
		delete(c.clients, s)
	}
}

func (c *Client) authorized(s scope) (http.RoundTripper, error) {
	if s.power == nobody {
		return c.tr, nil
	}
	if s.power == asApp {
		return ghinstallation.NewAppsTransport(c.tr, c.appID, c.key)
	}
	tr, err := ghinstallation.New(c.tr, c.appID, s.installation, c.key)
	if err != nil {
		return nil, err
	}
	tr.BaseURL = strings.TrimSuffix(c.base.String(), "/")
	tr.InstallationTokenOptions = tokenOptions(s)
	return tr, nil
}

func tokenOptions(s scope) *gh.InstallationTokenOptions {
	read, write := "read", "write"
	switch s.power {
	case issues:
		return &gh.InstallationTokenOptions{
			RepositoryIDs: []int64{s.repository},
			Permissions:   &gh.InstallationPermissions{Issues: &write, Metadata: &read},
		}
	case members:
		return &gh.InstallationTokenOptions{Permissions: &gh.InstallationPermissions{Members: &read}}
	default:
		return &gh.InstallationTokenOptions{Permissions: &gh.InstallationPermissions{Metadata: &read}}
	}
}

// checkRedirect follows reads on the same host alone. A write that is
// redirected would become a read, and do nothing without an error.
func (c *Client) checkRedirect(req *http.Request, via []*http.Request) error {
	if via[0].Method != http.MethodGet {
		return http.ErrUseLastResponse
	}
	if !c.ours(req.URL) || len(via) > 3 {
		return errElsewhere
	}
	return nil
}
