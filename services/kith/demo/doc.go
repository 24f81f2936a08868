// Package demo fills a running instance with a believable organisation: a
// public authority whose people found communities, ask one another for help,
// and answer, in German and English.
//
// It goes through the public API alone, and everybody acts with their own
// token of the development issuer. What happens is planned from a seed: the
// same seed and number of people give the same plan, and every command carries
// a key made from its place in the plan, so that running it again adds nothing
// twice. Only who is proposed as a helper, and therefore answers, is decided by
// the instance.
package demo
