// Package runner executes notebooks without Jupyter and without Python: an .ipynb file goes in, the same notebook with
// its outputs comes out, as .ipynb, as one self-contained HTML page, or both. Cells run in the same session that the
// kernel uses, so a notebook does here what it does in a browser.
//
// Notebooks are read and written in nbformat 4, as https://nbformat.readthedocs.io describes it. Whatever this package
// does not know in a file is written back as it was.
package runner
