package feedback

import (
	"context"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
)

// Merge joins files. A ballot that several of them have counts once. Where a rater of one file has said something else about an item
// than the rater of the same name in another, without knowing that vote, they are taken for two people: the one of the later file gets a number,
// "ann (2)", and both opinions stay. The ballots are in order of time; merging a merged file with its parts changes nothing.
func Merge(ctx context.Context, paths ...string) (all Ballots, warnings []string, err error) {
	known := map[string]Ballot{} // by ID
	for _, path := range paths {
		more, notes, err := Load(ctx, path)
		if err != nil {
			return nil, nil, err
		}
		for _, note := range notes {
			warnings = append(warnings, filepath.Base(path)+": "+note)
		}
		names := all.namesakes(more)
		for from, to := range names {
			warnings = append(warnings, fmt.Sprintf("%s: %s has other opinions than the rater of that name before: counted as %q", filepath.Base(path), from, to))
		}
		for _, b := range more {
			if before, ok := known[b.ID]; ok {
				b.Rater = before.Rater
				if !reflect.DeepEqual(before, b) {
					warnings = append(warnings, fmt.Sprintf("%s: ballot %s has been changed: the first of its versions counts", filepath.Base(path), b.ID))
				}
				continue
			}
			if to, ok := names[b.Rater]; ok {
				b.Rater = to
			}
			known[b.ID] = b
			all = append(all, b)
		}
	}
	slices.SortStableFunc(all, func(a, b Ballot) int { return a.Time.Compare(b.Time) })
	slices.Sort(warnings)
	return all, warnings, nil
}

// namesakes gives new names to those raters of more who contradict a rater of that name in all.
func (all Ballots) namesakes(more Ballots) map[string]string {
	ids := map[string]bool{}
	for _, b := range more {
		ids[b.ID] = true
	}
	said := map[[2]string]Ballot{}
	for _, b := range all.Current() {
		said[[2]string{b.Rater, b.Item.Key()}] = b
	}
	names := map[string]string{}
	for _, b := range more.Current() {
		before, ok := said[[2]string{b.Rater, b.Item.Key()}]
		switch {
		case !ok || ids[before.ID]: // a file that knows the earlier vote goes on where it ended
			continue
		case all.has(b.ID) || names[b.Rater] != "":
			continue
		case reflect.DeepEqual(before.ranks(), b.ranks()) && slices.Equal(before.Scores, b.Scores):
			continue
		}
		for n := 2; names[b.Rater] == ""; n++ {
			if name := fmt.Sprintf("%s (%d)", b.Rater, n); !slices.Contains(all.Raters(), name) && !slices.Contains(more.Raters(), name) {
				names[b.Rater] = name
			}
		}
	}
	return names
}

func (all Ballots) has(id string) bool {
	return slices.ContainsFunc(all, func(b Ballot) bool { return b.ID == id })
}
