package github

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"os"
)

const maxCA = 1 << 20

// ReadCA reads certificates (PEM) from a file, and returns the system's roots
// with them. The error says what is wrong with the file, and holds nothing of
// its content: one with a private key, or with anything that is no certificate,
// is refused.
func ReadCA(path string) (*x509.CertPool, error) {
	f, err := os.Open(path) //nolint:gosec // the path is the operator's
	if err != nil {
		return nil, fmt.Errorf("reading the CA certificates: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	rest, err := io.ReadAll(io.LimitReader(f, maxCA+1))
	if err != nil {
		return nil, fmt.Errorf("reading the CA certificates: %w", err)
	}
	if len(rest) > maxCA {
		return nil, fmt.Errorf("the file of CA certificates %s is longer than %d bytes", path, maxCA)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("reading the system's CA certificates: %w", err)
	}
	for n := 1; ; n++ {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		if block == nil && n == 1 {
			return nil, fmt.Errorf("the file %s has no certificate: it needs PEM blocks that begin with -----BEGIN CERTIFICATE-----", path)
		}
		if block == nil {
			return pool, nil
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("PEM block %d of %s is no certificate: is it the right file? It needs the CA's certificate alone, and never a key", n, path)
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("PEM block %d of %s is not a certificate that can be read: ask who runs your CA for the file anew", n, path)
		}
		pool.AddCert(cert)
	}
}
