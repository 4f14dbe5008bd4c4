// Package leak finds secrets and personal data in what people write.
package leak
