package bottest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// actor is who makes a call. app is "jwt" or "token" where the App does, and empty for people; nobody has no user.
type actor struct {
	user  *user
	app   string
	token *token
}

type token struct {
	value        string
	installation int64
	repos        []int64 // nil: all of the installation
	permissions  map[string]string
	expires      time.Time
}

// RefusedError is GitHub's refusal of a call: its status and message.
type RefusedError struct {
	Status  int
	Message string
	Errors  []FieldError
}

// FieldError is one entry of a validation error.
type FieldError struct {
	Resource string `json:"resource"`
	Field    string `json:"field"`
	Code     string `json:"code"`
	Message  string `json:"message,omitempty"`
}

// Error tells status and message.
func (e *RefusedError) Error() string { return fmt.Sprintf("refused with %d: %s", e.Status, e.Message) }

func refuse(status int, message string) error { return &RefusedError{Status: status, Message: message} }

func notFound() error { return refuse(http.StatusNotFound, "Not Found") }

func badJWT(why string) error { return refuse(http.StatusUnauthorized, why) }

// identify reads the Authorization header. A missing one is nobody.
func (f *Fake) identify(header string) (actor, error) {
	if header == "" {
		return actor{}, nil
	}
	_, value, ok := strings.Cut(header, " ")
	if !ok {
		return actor{}, refuse(http.StatusUnauthorized, "Bad credentials")
	}
	if login, ok := strings.CutPrefix(value, "user:"); ok && login != "" {
		return actor{user: f.ensure(login, "User")}, nil
	}
	if strings.Count(value, ".") == 2 {
		return actor{user: f.app, app: "jwt"}, f.checkJWT(value)
	}
	t := f.tokens[value]
	if t == nil || !f.opts.AuthClock().Before(t.expires) {
		return actor{}, refuse(http.StatusUnauthorized, "Bad credentials")
	}
	if in := f.installation(t.installation); in == nil || !in.suspended.IsZero() {
		return actor{}, suspended()
	}
	return actor{user: f.app, app: "token", token: t}, nil
}

// checkJWT applies GitHub's rules: RS256 by the App's key, the App as issuer, ten minutes at most.
func (f *Fake) checkJWT(value string) error {
	parts := strings.Split(value, ".")
	head, payload := struct{ Alg string }{}, struct {
		Iss      any
		Iat, Exp float64
	}{}
	if decodePart(parts[0], &head) != nil || decodePart(parts[1], &payload) != nil || head.Alg != "RS256" {
		return badJWT("A JSON web token could not be decoded")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || f.opts.PrivateKey == nil {
		return badJWT("A JSON web token could not be decoded")
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(&f.opts.PrivateKey.PublicKey, crypto.SHA256, digest[:], signature) != nil {
		return badJWT("A JSON web token could not be decoded")
	}
	issuer := fmt.Sprint(payload.Iss)
	if number, ok := payload.Iss.(float64); ok {
		issuer = strconv.FormatFloat(number, 'f', -1, 64)
	}
	if issuer != strconv.FormatInt(f.opts.AppID, 10) {
		return badJWT("'Issuer' claim ('iss') must be an Integer")
	}
	now := float64(f.opts.AuthClock().Unix())
	switch {
	case payload.Iat > now+60:
		return badJWT("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
	case payload.Exp <= now:
		return badJWT("'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
	case payload.Exp > now+600:
		return badJWT("'Expiration time' claim ('exp') is too far in the future")
	}
	return nil
}

func decodePart(part string, into any) error {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return fmt.Errorf("decoding a part of the token: %w", err)
	}
	return json.Unmarshal(raw, into)
}

// allow checks a route's need, "permission:level" or "jwt", and for repositories that the caller may see them at all.
func (f *Fake) allow(q *request, need string) error {
	if need == "jwt" {
		if q.by.app != "jwt" {
			return badJWT("A JSON web token could not be decoded")
		}
		return nil
	}
	if q.by.app == "jwt" {
		return refuse(http.StatusForbidden, "Resource not accessible by integration")
	}
	if q.by.user == nil && q.http.Method != http.MethodGet {
		return refuse(http.StatusUnauthorized, "Requires authentication")
	}
	if q.by.app == "" {
		if q.repo != nil && q.repo.rank(q.by.user) < rankRead {
			return notFound()
		}
		return nil
	}
	return allowToken(q, need)
}

func allowToken(q *request, need string) error {
	name, level, _ := strings.Cut(need, ":")
	covered := q.repo == nil || q.by.token.covers(q.repo)
	if !covered && q.repo.private {
		return notFound()
	}
	granted := q.by.token.permissions[name]
	enough := need == "" || name == "metadata" || granted == "write" || granted == "admin" || granted == level && granted != ""
	if !enough || !covered && q.http.Method != http.MethodGet {
		return refuse(http.StatusForbidden, "Resource not accessible by integration")
	}
	return nil
}

func (t *token) covers(r *repo) bool {
	return r.installation == t.installation && (t.repos == nil || slices.Contains(t.repos, r.id))
}

// needRank refuses people below the rank. The App's own permission was checked before.
func needRank(by actor, r *repo, least rank) error {
	if by.app != "" || r.rank(by.user) >= least {
		return nil
	}
	return refuse(http.StatusForbidden, "Must have admin rights to Repository.")
}

// needAuthorOr lets the author, and others from the rank on.
func (by actor) needAuthorOr(author *user, r *repo, least rank) error {
	if by.user == author && author != nil {
		return nil
	}
	return needRank(by, r, least)
}

// mayReopen: the author only what the author closed, others from triage on.
func mayReopen(by actor, is *issue) error {
	if by.user == is.user && is.closedBy == is.user {
		return nil
	}
	return needRank(by, is.repo, rankTriage)
}

func mayComment(by actor, is *issue) error {
	if is.locked && needRank(by, is.repo, rankWrite) != nil {
		return refuse(http.StatusForbidden, "Unable to create comment because issue is locked.")
	}
	return nil
}

type tokenRequest struct {
	Repositories  []string          `json:"repositories"`
	RepositoryIDs []int64           `json:"repository_ids"`
	Permissions   map[string]string `json:"permissions"`
}

// mint makes a token, never wider than the installation.
func (f *Fake) mint(installation int64, ask tokenRequest) (*token, error) {
	in := f.installation(installation)
	switch {
	case in == nil:
		return nil, notFound()
	case !in.suspended.IsZero():
		return nil, suspended()
	}
	own := f.covered(installation)
	t := &token{installation: installation, permissions: maps.Clone(f.opts.Permissions), expires: f.opts.AuthClock().UTC().Truncate(time.Second).Add(time.Hour)}
	for _, id := range ask.RepositoryIDs {
		if !slices.ContainsFunc(own, func(r *repo) bool { return r.id == id }) {
			return nil, refuse(http.StatusUnprocessableEntity, "There is at least one repository that does not exist or is not accessible to the parent installation.")
		}
		t.repos = append(t.repos, id)
	}
	for _, name := range ask.Repositories {
		i := slices.IndexFunc(own, func(r *repo) bool { return strings.EqualFold(r.name, name) })
		if i < 0 {
			return nil, refuse(http.StatusUnprocessableEntity, "There is at least one repository that does not exist or is not accessible to the parent installation.")
		}
		t.repos = append(t.repos, own[i].id)
	}
	if len(ask.Permissions) > 0 {
		t.permissions = map[string]string{"metadata": "read"}
	}
	for name, level := range ask.Permissions {
		has := f.opts.Permissions[name]
		if has == "" || has == "read" && level != "read" {
			return nil, refuse(http.StatusUnprocessableEntity, "The permissions requested are not granted to this installation.")
		}
		t.permissions[name] = level
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s token %d", f.opts.Seed, f.next()))
	t.value = "ghs_" + hex.EncodeToString(sum[:18])
	f.tokens[t.value] = t
	return t, nil
}

// RevokeTokens makes all installation tokens bad at once, as a rotation of the App's secrets does.
func (f *Fake) RevokeTokens() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.tokens)
}
