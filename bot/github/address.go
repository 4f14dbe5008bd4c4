package github

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// DefaultURL is the API of github.com.
const DefaultURL = "https://api.github.com"

// enterprisePath is below which GitHub Enterprise Server has its API.
const enterprisePath = "/api/v3"

// Address is the address of a GitHub.
type Address struct {
	// API is the base of its REST API, without a slash at the end:
	// https://api.github.com, https://HOST/api/v3, https://api.SUB.ghe.com.
	API string
	// Web is the base of its pages: https://github.com, https://HOST,
	// https://SUB.ghe.com.
	Web string
}

// ParseAddress reads what an operator writes: the address of the API or that
// of the pages, with or without a slash at the end; "" is github.com. GitHub
// Enterprise Server has its API at https://HOST/api/v3, an enterprise with
// data residency at https://api.SUB.ghe.com. On this machine alone (a loopback
// address) http is allowed, and the path stays as it is. The error says what
// to write, and never repeats a password.
//
// https://docs.github.com/en/enterprise-server@latest/rest/using-the-rest-api/getting-started-with-the-rest-api
// https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency/network-details-for-ghecom
func ParseAddress(s string) (Address, error) {
	if s == "" {
		s = DefaultURL
	}
	u, err := url.Parse(s)
	if err != nil {
		// The parser's error repeats the URL, which may hold a password.
		return Address{}, errors.New("the URL of GitHub's API is not a URL")
	}
	switch {
	case u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return Address{}, errors.New("the URL of GitHub's API must be like https://HOST/api/v3, without user, query and fragment")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return Address{}, fmt.Errorf("the URL of GitHub's API is http://%s: tokens go over https, or to this machine alone", u.Host)
	case u.Scheme != "http" && u.Scheme != "https":
		return Address{}, fmt.Errorf("the URL of GitHub's API begins with %q, not with https", u.Scheme)
	}
	return address(u)
}

// address finds the API of a host that may be called.
func address(u *url.URL) (Address, error) {
	path := strings.TrimRight(u.EscapedPath(), "/")
	web := u.Scheme + "://" + u.Host
	if loopback(u.Hostname()) {
		return Address{API: web + path, Web: web}, nil
	}
	host := strings.ToLower(u.Host)
	web = u.Scheme + "://" + host
	if path != "" && path != enterprisePath {
		return Address{}, fmt.Errorf("the URL of GitHub's API has the path %s: write %s, or %s%s for GitHub Enterprise Server", path, web, web, enterprisePath)
	}
	bare, _ := strings.CutPrefix(host, "api.")
	switch {
	case host == "api.github.com" || host == "github.com" || host == "www.github.com":
		return Address{API: DefaultURL, Web: "https://github.com"}, nil
	case strings.HasSuffix(bare, ".ghe.com"):
		return Address{API: "https://api." + bare, Web: "https://" + bare}, nil
	}
	return Address{API: web + enterprisePath, Web: web}, nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
