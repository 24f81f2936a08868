//go:build race

package mongo_test

const race = true
