package kernel

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/tunebook/tunebook/kernel/wire"
)

func parentOf(m wire.Message) string {
	var h wire.Header
	_ = json.Unmarshal(m.Parent, &h)
	return h.ID
}

// describe says in one line what a message on iopub is.
func describe(t *testing.T, m wire.Message) string {
	t.Helper()
	content := map[string]any{}
	if err := m.Into(&content); err != nil {
		t.Fatal(err)
	}
	data := func() any {
		forms := content["data"].(map[string]any)
		if png, ok := forms["image/png"]; ok {
			return png
		}
		return forms["text/plain"]
	}
	switch m.Header.Type {
	case "status":
		return content["execution_state"].(string)
	case "stream":
		return fmt.Sprint(content["name"], " ", content["text"])
	case "execute_input":
		return fmt.Sprint("input ", content["execution_count"], " ", content["code"])
	case "execute_result":
		return fmt.Sprint("result ", content["execution_count"], " ", data())
	case "display_data", "update_display_data":
		kind := map[string]string{"display_data": "display ", "update_display_data": "update "}[m.Header.Type]
		return fmt.Sprint(kind, content["transient"].(map[string]any)["display_id"], " ", data())
	case "clear_output":
		return fmt.Sprint("clear ", content["wait"])
	case "error":
		return fmt.Sprint("error ", content["ename"], " ", content["evalue"])
	}
	return m.Header.Type
}
