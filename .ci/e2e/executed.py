#!/usr/bin/env python3
"""Fail unless a notebook was executed whole: every code cell has a count, none has an error, a figure is there."""
import json, sys

notebook = json.load(open(sys.argv[1]))
cells = [c for c in notebook["cells"] if c["cell_type"] == "code" and "".join(c["source"]).strip()]
figures = 0
for number, cell in enumerate(cells, 1):
    if cell["execution_count"] is None:
        sys.exit(f"{sys.argv[1]}: code cell {number} was not run")
    for output in cell["outputs"]:
        if output["output_type"] == "error" and "raises-exception" not in cell["metadata"].get("tags", []):
            sys.exit(f"{sys.argv[1]}: code cell {number}: {output['ename']}: {output['evalue']}")
        figures += any(kind in output.get("data", {}) for kind in ("image/svg+xml", "image/png"))
if not cells or not figures:
    sys.exit(f"{sys.argv[1]}: {len(cells)} code cells, {figures} figures: expected some of both")
print(f"   {len(cells)} code cells run, {figures} figures")
