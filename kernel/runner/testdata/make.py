"""Writes jupyter.ipynb with nbformat, so that tests compare with Jupyter's own bytes: python make.py (nbformat 5.11)."""
import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

nb = new_notebook(metadata={"kernelspec": {"name": "tunebook", "display_name": "Go (Tunebook)"}, "zeta": {"kept": [1, 2.5, None]}})
nb.cells = [
    new_markdown_cell("# Title <b> & ü 名\n\nSome *text*.", id="m1", metadata={"tags": ["keep"], "nbgrader": {"grade": False}}),
    new_code_cell("x := 1\nx", id="c1", execution_count=3, metadata={"collapsed": False}, outputs=[
        new_output("stream", name="stdout", text="a\nb\n"),
        new_output("display_data", data={"image/png": "AQID\n", "text/plain": "fig\nure", "image/svg+xml": "<svg>\n</svg>", "application/json": {"a": [1]}}, metadata={"image/png": {"width": 3}}),
        new_output("execute_result", data={"text/plain": "1", "text/html": "<b>1</b>"}, execution_count=3),
        new_output("error", ename="E", evalue="v", traceback=["\x1b[31mE\x1b[0m", "line"]),
    ]),
    new_code_cell("", id="c2"),
    new_raw_cell("raw\n", id="r1"),
]
for cell, name in zip(nb.cells, ["m1", "c1", "c2", "r1"]):
    cell["id"] = name
nbformat.validate(nb)
nbformat.write(nb, "jupyter.ipynb")
