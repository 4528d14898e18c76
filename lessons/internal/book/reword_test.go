package book_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/lessons/internal/book"
)

const executed = `{
 "cells": [
  {
   "cell_type": "markdown",
   "id": "a",
   "metadata": {},
   "source": [
    "Old <words>."
   ]
  },
  {
   "cell_type": "code",
   "execution_count": 1,
   "id": "b",
   "metadata": {},
   "outputs": [
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "12345678901234567890"
     ]
    }
   ],
   "source": [
    "fmt.Println(n)"
   ]
  }
 ],
 "metadata": {
  "language_info": {
   "name": "go"
  },
  "tunebook": {
   "title": "t"
  }
 },
 "nbformat": 4,
 "nbformat_minor": 5
}
`

// fresh is the notebook before it runs.
func fresh(change ...string) []byte {
	s := strings.NewReplacer(`"execution_count": 1`, `"execution_count": null`, "\"outputs\": [\n    {\n     \"name\": \"stdout\",\n     \"output_type\": \"stream\",\n     \"text\": [\n      \"12345678901234567890\"\n     ]\n    }\n   ]", `"outputs": []`).Replace(executed)
	return []byte(strings.NewReplacer(change...).Replace(s))
}

func TestReword(t *testing.T) {
	for _, c := range []struct {
		name   string
		change []string
		want   string // "" where it cannot be done
	}{
		{"nothing changed", nil, executed},
		{"other words", []string{"Old <words>.", "New words."}, strings.Replace(executed, "Old <words>.", "New words.", 1)},
		{"another title", []string{`"title": "t"`, `"title": "u"`}, strings.Replace(executed, `"title": "t"`, `"title": "u"`, 1)},
		{"other code", []string{"Println(n)", "Println(m)"}, ""},
		{"another name of the cell", []string{`"id": "b"`, `"id": "c"`}, ""},
		{"no code", []string{`"cell_type": "code"`, `"cell_type": "raw"`}, ""},
	} {
		got, ok, err := book.Reword(fresh(c.change...), []byte(executed))
		if err != nil || ok != (c.want != "") || !bytes.Equal(got, []byte(c.want)) {
			t.Errorf("%s: %v, %v\n%s", c.name, ok, err, got)
		}
	}
	if _, _, err := book.Reword([]byte("{"), []byte(executed)); err == nil {
		t.Error("half a notebook is no error")
	}
	if _, ok, err := book.Reword(fresh(), []byte(`{"cells": [3]}`)); ok || err != nil {
		t.Errorf("a cell that is none: %v, %v", ok, err)
	}
}
