// Package mydata puts together what the log has about one person, for that
// person: an archive with JSON, complete, and a page to be read.
//
// The log is read from its beginning for each archive, which is seldom asked
// for, rather than kept in a view by person, which every start would pay for
// (ADR 11). What is remembered on the way are positions, 8 bytes for each event
// that concerns the person; texts are opened one event at a time, and nothing
// is written anywhere but into the archive.
package mydata
