// Package leak finds secrets and personal data in what people write: API
// tokens, recovery codes, seeds, keys, passwords, reset links, addresses and
// phone numbers. It says which bytes they take and never what they are.
//
// A text is first read as a person reads it (see view): characters that nobody
// sees are left out; full-width letters, entities and percent signs are
// decoded; accents are taken off. Then each class looks at the words of that,
// in a file of its own. There are no regular expressions: two secrets with one
// space between them are two finds, and nothing looks further ahead than a
// bounded number of bytes, or than what it then takes, so that the time grows
// with the length of the text alone.
//
// A piece of a secret that stands in the next line, as terminals and mail
// programs break them, belongs to it (see extend). What is known and not found
// lies in testdata, under "miss".
//
// # Where the forms come from
//
//   - PyPI: "API tokens" of pypi.org/help and warehouse/macaroons (a token is
//     "pypi-" and the base64 of a macaroon of version 2, which names the host
//     first); recovery codes: warehouse/accounts/services.py,
//     generate_recovery_codes (eight of secrets.token_hex(8)); links:
//     warehouse/accounts/views.py and "account/reset-password", "account/verify-email".
//   - GitHub: "About authentication to GitHub", section "GitHub's token formats",
//     and "Behind GitHub's new authentication token formats".
//   - npm: "npm access tokens" (the prefix npm_ of 2021; before, a UUID after
//     _authToken). RubyGems: "API key scopes" (rubygems_ and 48 digits).
//     crates.io: crates_io::token, "cio" and 32 characters. NuGet: "oy2", base32.
//   - Seeds: "Key Uri Format" of Google Authenticator's wiki; RFC 4648 for base32.
//   - Keys: RFC 7468 (PEM), RFC 4880, 6.2 (PGP), RFC 4716 (SSH2), appendix C of
//     PuTTY's manual.
//   - Addresses: RFC 5321, 4.5.3.1, for the lengths; ITU-T E.164 for phones.
package leak
