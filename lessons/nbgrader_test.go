package lessons_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// gradeID is what nbgrader's schema of cell metadata, version 3, allows as an id, here without the empty one.
var gradeID = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)

// Every notebook is one that nbgrader reads: what its schema 3 and its validator ask for, written down from
// nbgrader 0.9.6, against which the notebooks were validated by hand, too; see docs/teaching.md.
func TestNBGrader(t *testing.T) {
	paths, err := filepath.Glob("../notebooks/*/*.ipynb")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no notebooks, %v", err)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, wrong := range graderFaults(t, content) {
			t.Errorf("%s: %s", path, wrong)
		}
	}
}

type gradedCell struct {
	Type     string `json:"cell_type"`
	ID       string
	Metadata struct{ NBGrader map[string]any }
}

// graderFaults are the reasons for which nbgrader would not take a notebook, or would grade something else than meant.
func graderFaults(t *testing.T, content []byte) (faults []string) {
	t.Helper()
	var nb struct{ Cells []gradedCell }
	if err := json.Unmarshal(content, &nb); err != nil {
		t.Fatal(err)
	}
	say := func(c gradedCell, format string, args ...any) {
		faults = append(faults, fmt.Sprintf("cell %s: %s", c.ID, fmt.Sprintf(format, args...)))
	}
	ids, open := map[string]bool{}, ""
	for _, c := range nb.Cells {
		m := c.Metadata.NBGrader
		if m == nil {
			continue
		}
		known := []string{"schema_version", "grade", "locked", "solution", "task", "grade_id", "points", "checksum", "cell_type"}
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !slices.Contains(known, key) {
				say(c, "unknown key %q", key)
			}
		}
		if m["schema_version"] != 3. {
			say(c, "schema_version %v", m["schema_version"])
		}
		for _, key := range []string{"grade", "locked", "solution", "task"} {
			if _, ok := m[key].(bool); !ok {
				say(c, "%s is %v", key, m[key])
			}
		}
		id, _ := m["grade_id"].(string)
		if !gradeID.MatchString(id) {
			say(c, "grade_id %q", id)
		}
		if ids[id] {
			say(c, "second grade_id %q", id)
		}
		ids[id] = true
		points, has := m["points"].(float64)
		if grade := m["grade"] == true; grade != has || has && points <= 0 {
			say(c, "points %v, grade %v", m["points"], grade)
		}
		if c.Type != "code" || m["task"] == true {
			say(c, "is %s, task %v", c.Type, m["task"])
		}
		// An answer is open and ungraded; the check that follows it is locked and graded. One that is both would be graded by hand.
		switch answer, check := m["solution"] == true, m["grade"] == true; {
		case answer && !check && m["locked"] == false:
			open = id
		case check && !answer && m["locked"] == true:
			if want := "check-" + strings.TrimPrefix(open, "exercise-"); id != want {
				say(c, "checks another exercise than %q", open)
			}
		default:
			say(c, "solution %v, grade %v, locked %v", answer, check, m["locked"])
		}
	}
	return faults
}

// The test above finds what nbgrader's validator finds.
func TestGraderFaults(t *testing.T) {
	const good = `{"cells": [
		{"cell_type": "code", "id": "e", "metadata": {"nbgrader": {"schema_version": 3, "grade": false, "locked": false, "solution": true, "task": false, "grade_id": "exercise-1"}}},
		{"cell_type": "code", "id": "c", "metadata": {"nbgrader": {"schema_version": 3, "grade": true, "locked": true, "solution": false, "task": false, "grade_id": "check-1", "points": 2}}}]}`
	for _, c := range []struct{ old, new, want string }{
		{"", "", ""},
		{`"points": 2`, `"points": 0`, "points 0, grade true"},
		{`, "points": 2`, ``, "points <nil>, grade true"},
		{`"grade_id": "exercise-1"`, `"grade_id": "exercise-1", "points": 1`, "points 1, grade false"},
		{`"check-1"`, `"exercise-1"`, `second grade_id "exercise-1"`},
		{`"check-1"`, `"check-2"`, `checks another exercise than "exercise-1"`},
		{`"check-1"`, `"check 1"`, `grade_id "check 1"`},
		{`"schema_version": 3`, `"schema_version": 2`, "schema_version 2"},
		{`"task": false`, `"task": 0`, "task is 0"},
		{`"task": false, `, ``, "task is <nil>"},
		{`"points": 2`, `"points": 2, "extra": 1`, `unknown key "extra"`},
		{`"cell_type": "code"`, `"cell_type": "markdown"`, "is markdown"},
		{`"locked": true`, `"locked": false`, "solution false, grade true, locked false"},
	} {
		got := strings.Join(graderFaults(t, []byte(strings.Replace(good, c.old, c.new, 1))), "\n")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s → %s: got %q, want %q", c.old, c.new, got, c.want)
		}
	}
}
