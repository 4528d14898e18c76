"""Writes page.ipynb, a notebook with one of everything that a page shows: python page.py (nbformat 5.11)."""
import base64, struct, zlib
import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output


def png(width, height, rgb):
    rows = b"".join(b"\0" + bytes(rgb) * width for _ in range(height))
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


svg = '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="120"><polyline points="10,10 80,60 160,90 310,105" fill="none" stroke="#1f77b4" stroke-width="3"/></svg>'
nb = new_notebook()
nb.cells = [
    new_markdown_cell("# Fine-tuning\n\nThe loss is $p(x_1) < x_2*3*$ and $\\unknown{x_1*2*}$, it costs $5 and $6, and `$notmath$` is code.\n\n$$\n\\mathcal{L}(\\theta) = -\\frac{1}{N}\\sum_{i=1}^{N} \\log p_\\theta(x_i \\mid x_{<i}), \\quad \\hat{A}_t = \\frac{r_t - \\bar{r}}{\\sqrt{\\sigma^2 + \\epsilon}}, \\quad \\mathbb{E}_{x \\sim \\mathcal{D}}\\left[\\frac{\\pi_\\theta}{\\pi_{\\text{ref}}}\\right]\n$$\n\n| name | loss |\n|---|---|\n| base | 3.1 |\n| sft | 0.4 |\n\n中文也可以读。 A [link](https://example.org).\n\n```go\nx := 1 // fenced\n```\n\n> Predict first."),
    new_code_cell('import "fmt"\n\n// comment\nfor i := range 3 {\n\tfmt.Println("<b>", i, 0.5)\n}', execution_count=1, outputs=[
        new_output("stream", name="stdout", text="step 1\rstep 2"),
        new_output("stream", name="stderr", text="a warning\n")]),
    new_code_cell("table", execution_count=2, outputs=[new_output("execute_result", execution_count=2, data={
        "text/html": '<table class="dataframe"><tr><th>method</th><th>accuracy</th></tr><tr><td>base</td><td>0.04</td></tr><tr><td>sft</td><td>0.93</td></tr></table>', "text/plain": "x"})]),
    new_code_cell("plot.Loss(sft)", execution_count=3, outputs=[
        new_output("display_data", data={"image/svg+xml": svg, "text/plain": "loss curve"}),
        new_output("display_data", data={"image/png": base64.b64encode(png(200, 40, (44, 160, 44))).decode(), "text/plain": "bar"})]),
    new_code_cell("boom()", execution_count=4, outputs=[new_output("error", ename="Panic", evalue="x < y", traceback=["\x1b[31mPanic\x1b[0m: x < y", "cell 4, line 1"])]),
    new_code_cell("// not run\ny := 2"),
]
for i, cell in enumerate(nb.cells):
    cell["id"] = f"cell{i}"
nbformat.validate(nb)
nbformat.write(nb, "page.ipynb")
