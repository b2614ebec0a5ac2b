"""Runs flagmatch, DuckDB and Polars on one synthetic nation, in turns, and prints a table.

usage: nation.py FLAGMATCH NATION WORK RUNS
"""

import csv
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
import tomllib
from importlib.metadata import version
from pathlib import Path

CUSTOMERS = (
    "customer_ref title forename middle_names surname date_of_birth joint_forename joint_surname joint_date_of_birth "
    "address_line_1 address_line_2 address_line_3 town postcode uprn supply_start supply_end"
).split()

# The seven exact match keys of DuckDB and Polars.
KEYS = [
    ("family", "initial", "born"),
    ("born", "code"),
    ("family", "given", "code"),
    ("given", "born", "district"),
    ("given", "code", "number"),
    ("uprn", "family"),
    ("uprn", "born"),
]


class Job:
    """What DuckDB and Polars need of a synthetic nation's job."""

    def __init__(self, nation):
        root = Path(nation)
        job = tomllib.loads((root / "job.toml").read_text())
        scheme = job["scheme"][0]
        self.scheme = scheme["id"]
        self.day = scheme["qualifying_date"].isoformat()
        self.benefits = sorted({code for group in scheme["group"] for code in group["benefits"]})
        for group in scheme["group"]:
            assert set(group) == {"id", "benefits"}, "the peers look at benefits alone"
        self.benefit_file = str(root / job["benefits"]["files"][0])
        self.benefit_columns = header(self.benefit_file)
        self.suppliers = []
        for supplier in job["supplier"]:
            file = str(root / supplier["files"][0])
            own = {heading: name for name, heading in supplier.get("columns", {}).items()}
            headings = header(file)
            assert [own.get(heading, heading) for heading in headings] == CUSTOMERS, "columns in another order"
            self.suppliers.append((supplier["id"], file, headings))


def header(file):
    with open(file, newline="") as rows:
        return next(csv.reader(rows))


def measured(command):
    """Runs a command in a process of its own; returns its seconds and peak MiB."""
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begun
    if status != 0:
        sys.exit(f"{command[0]} {command[1]} failed")
    return seconds, usage.ru_maxrss / 1024, said


def flags(file):
    with open(file, newline="") as rows:
        return [(row["customer_ref"], row["eligible"]) for row in csv.DictReader(rows)]


def interval(hits, of):
    """Wilson's 95 % interval."""
    if of == 0:
        return "none"
    z, share = 1.959964, hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return f"{share:.4f} ({middle - half:.4f}–{middle + half:.4f})"


def main(flagmatch, nation, work, runs):
    here = Path(__file__).parent
    job = Job(nation)
    times = {"flagmatch": [], "DuckDB": [], "Polars": []}
    peaks = {name: 0.0 for name in times}
    apart, outputs = [], {}
    for _ in range(int(runs)):
        for name in times:
            out = Path(work) / name
            shutil.rmtree(out, ignore_errors=True)
            if name == "flagmatch":
                command = [flagmatch, "run", f"{nation}/job.toml", "--out", str(out), "--json"]
            else:
                command = [sys.executable, str(here / f"nation_{name.lower()}.py"), nation, str(out)]
            seconds, peak, said = measured(command)
            if name == "flagmatch":
                summary = json.loads(said)
                apart.append(seconds - summary["seconds"])
                seconds = summary["seconds"]
            times[name].append(seconds)
            peaks[name] = max(peaks[name], peak)
            print(f"{name}: {seconds:.2f} s, {peak:.0f} MiB", file=sys.stderr)
            outputs[name] = out
    truth = {}
    with open(f"{nation}/truth.csv", newline="") as rows:
        for row in csv.DictReader(rows):
            if row["eligible"] == "Y":
                truth.setdefault(row["supplier"], set()).add(row["customer_ref"])
    due = sum(map(len, truth.values()))
    found = {name: [0, 0] for name in times}
    for supplier, _, _ in job.suppliers:
        own = flags(outputs["flagmatch"] / "latest" / "suppliers" / supplier / f"{job.scheme}.flags.csv")
        by_tool = {"flagmatch": own}
        for name in ("DuckDB", "Polars"):
            by_tool[name] = flags(outputs[name] / f"{supplier}.csv")
        references = [reference for reference, _ in own]
        for name, rows in by_tool.items():
            if [reference for reference, _ in rows] != references:
                sys.exit(f"{name} has other accounts of {supplier}, or in another order")
            for reference, flag in rows:
                if flag == "Y":
                    found[name][0] += reference in truth.get(supplier, ())
                    found[name][1] += 1
        if by_tool["DuckDB"] != by_tool["Polars"]:
            sys.exit(f"DuckDB and Polars disagree on {supplier}")
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
    print(f"{os.cpu_count()} cores, {model}, {platform.system()}; DuckDB {version('duckdb')}, Polars {version('polars')}; {runs} alternated runs\n")
    print("| | seconds, median (least–most) | times flagmatch | peak MiB | precision | recall |")
    print("|---|---|---|---|---|---|")
    own = statistics.median(times["flagmatch"])
    for name, taken in times.items():
        middle = statistics.median(taken)
        hits, flagged = found[name]
        print(
            f"| {name} | {middle:.2f} ({min(taken):.2f}–{max(taken):.2f}) | {middle / own:.2f} | {peaks[name]:.0f} "
            f"| {interval(hits, flagged)} | {interval(hits, due)} |"
        )
    print(f"\nSums and making durable, which flagmatch does besides: {statistics.median(apart):.2f} s.")


if __name__ == "__main__":
    main(*sys.argv[1:])
