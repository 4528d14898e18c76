// Package metric keeps what a run measured and shows it: series over steps, one-line progress, tables, exact match.
// It knows neither models nor figures; pkg/train writes it and pkg/plot draws it.
package metric
