#!/usr/bin/env python3
"""Write docs/NOTICES.md: every module that is linked into the tunebook binary, its licence and the licence's text.

Run from the repository's root: python3 .ci/notices.py [--check]. With --check it changes nothing and fails when the
committed file differs.
"""
import json, pathlib, re, subprocess, sys

OUT = pathlib.Path("docs/NOTICES.md")
# A phrase that only this licence's text has, most specific first.
KINDS = [
    ("Apache-2.0", r"Apache License\s+Version 2\.0"),
    ("MPL-2.0", r"Mozilla Public License,? (Version|version|v\.) ?2\.0"),
    ("LGPL-3.0", r"GNU LESSER GENERAL PUBLIC LICENSE\s+Version 3"),
    ("GPL-3.0", r"GNU GENERAL PUBLIC LICENSE\s+Version 3"),
    ("OFL-1.1", r"SIL OPEN FONT LICENSE"),
    ("BSD-3-Clause", r"[Nn]either the names? of|may not be used to endorse|be used to endorse or promote"),
    ("BSD-2-Clause", r"Redistributions of source code must retain"),
    ("MIT", r"Permission is hereby granted, free of charge"),
    ("CC-BY-4.0", r"Creative Commons Attribution 4\.0"),
    ("FTL", r"FreeType (Project )?(LICENSE|License)"),
    ("Unlicense", r"This is free and unencumbered software"),
    ("ISC", r"Permission to use, copy, modify, and/or distribute"),
]


def modules():
    out = subprocess.run(["go", "list", "-deps", "-json=Module,Standard", "."], check=True, capture_output=True, text=True).stdout
    seen, decoder, at = {}, json.JSONDecoder(), 0
    while at < len(out):
        package, end = decoder.raw_decode(out, at)
        at = end + 1
        module = package.get("Module")
        if module and not module.get("Main"):
            seen[module["Path"]] = module
    return [seen[path] for path in sorted(seen)]


def licence(module):
    folder = pathlib.Path(module["Dir"])
    files = sorted(f for f in folder.iterdir() if re.match(r"(?i)(licen[cs]e|copying|unlicense)", f.name) and f.is_file())
    if not files:
        sys.exit(f"notices: {module['Path']} {module['Version']}: no licence file in the module; look and decide by hand")
    text = "\n".join(f.read_text(errors="replace").strip() for f in files)
    kinds = [name for name, phrase in KINDS if re.search(phrase, re.sub(r"\s+", " ", text))]
    if "BSD-3-Clause" in kinds and "BSD-2-Clause" in kinds:
        kinds.remove("BSD-2-Clause")
    if not kinds:
        sys.exit(f"notices: {module['Path']} {module['Version']}: unknown licence in {files[0].name}")
    return kinds, text


def page():
    rows, texts = [], {}
    for module in modules():
        kinds, text = licence(module)
        texts.setdefault(text, []).append(module["Path"])
        rows.append(f"| {module['Path']} | {module['Version']} | {', '.join(kinds)} |")
    parts = ["# Notices", "", "Modules that are linked into the `tunebook` binary. Made by `.ci/notices.py`; do not edit.", "",
             "| module | version | licence |", "|---|---|---|", *rows, ""]
    for text, paths in texts.items():
        parts += ["## " + ", ".join(paths), "", "```text", text.replace("```", "'''").replace("\r", ""), "```", ""]
    return "\n".join(parts)


new = page()
if "--check" in sys.argv:
    if not OUT.exists() or OUT.read_text() != new:
        sys.exit("notices: docs/NOTICES.md is out of date: python3 .ci/notices.py")
else:
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(new)
