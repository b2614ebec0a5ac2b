"""Runs the code cells of a notebook, and holds the outputs that it shows to what they print.

Usage: notebook.py FILE. With REWRITE=1 it writes the outputs into the notebook. It needs no Jupyter.
"""

import contextlib
import io
import json
import os
import sys

path = sys.argv[1]
with open(path, encoding="utf-8") as file:
    notebook = json.load(file)

names, wrong, count = {"__name__": "__main__"}, [], 0
for cell in notebook["cells"]:
    if cell["cell_type"] != "code":
        continue
    count += 1
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile("".join(cell["source"]), f"cell {count}", "exec"), names)
    lines = printed.getvalue().splitlines(keepends=True)
    shown = [line for output in cell["outputs"] for line in output["text"]]
    if shown != lines:
        wrong.append(f"cell {count} shows\n{''.join(shown)}\nand prints\n{''.join(lines)}")
    cell["execution_count"] = count
    cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": lines}] if lines else []

if os.environ.get("REWRITE") == "1":
    with open(path, "w", encoding="utf-8") as file:
        json.dump(notebook, file, indent=1, ensure_ascii=False)
        file.write("\n")
elif wrong:
    sys.exit("\n".join(wrong))
print(f"{count} cells")
