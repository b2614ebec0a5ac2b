"""Prints the licence texts of every crate that the program is linked with.

The licences ask that their notices go along with a binary. Usage: cargo metadata ... | notices.py
"""

import json
import sys
from pathlib import Path

metadata = json.load(sys.stdin)
packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}

# Only what is linked: neither tests nor what runs at build time.
linked, left = set(), [metadata["resolve"]["root"]]
while left:
    package = left.pop()
    if package not in linked:
        linked.add(package)
        for dependency in nodes[package]["deps"]:
            if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                left.append(dependency["pkg"])
linked.discard(metadata["resolve"]["root"])

print("The program is linked with these crates, under these licences.")
silent = []
for package in sorted((packages[package] for package in linked), key=lambda package: package["name"]):
    folder = Path(package["manifest_path"]).parent
    starts = ("licen", "copying", "notice", "unlicense", "copyright")
    files = sorted(file for file in folder.iterdir() if file.is_file() and file.name.lower().startswith(starts))
    print("\n" + "=" * 79)
    print(f"{package['name']} {package['version']}: {package['license']}")
    print(", ".join(package["authors"]) or package["repository"] or "")
    if not files:
        silent.append(package["name"])
    for file in files:
        print(f"\n--- {file.name}\n")
        print(file.read_text(encoding="utf-8", errors="replace").strip())
if silent:
    print(f"no licence text in: {', '.join(silent)}", file=sys.stderr)
