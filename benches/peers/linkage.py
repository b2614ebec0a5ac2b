"""Computes intervals and runs `flagmatch evaluate` on a folder of inputs, for the comparisons."""

import csv
import json
import math
import os
import subprocess
import tempfile
import time

QUALIFYING_DATE = "2026-08-23"
QUALIFYING = ("UC", "ESA", "JSA", "IS", "HB", "PCGC")

JOB = """[[scheme]]
id = "scheme"
name = "Comparison"
qualifying_date = {date}
[[scheme.group]]
id = "all"
benefits = [{benefits}]
[benefits]
files = [{folder_benefits}]
[[supplier]]
id = "s"
files = [{folder_customers}]
[output]
directory = "out"
"""


def wilson(part, whole, z=1.959963984540054):
    """The 95 % interval of a share (Wilson 1927)."""
    if whole == 0:
        return 0.0, 1.0
    share = part / whole
    centre = share + z * z / (2 * whole)
    spread = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    below = 1 + z * z / whole
    return max(0.0, (centre - spread) / below), min(1.0, (centre + spread) / below)


def shown(part, whole):
    """A share with its counts and interval, for a table."""
    low, high = wilson(part, whole)
    share = part / whole if whole else float("nan")
    return f"{share:.4f} ({part:,} of {whole:,}; {low:.4f} to {high:.4f})"


def job_of(folder, into):
    """The folder's job file, or one made for a folder that holds two CSV files and the truth."""
    job = os.path.join(folder, "job.toml")
    if os.path.isdir(os.path.join(folder, "suppliers")):
        return job
    path = os.path.join(into, "job.toml")
    full = os.path.abspath(folder)
    with open(path, "w", encoding="utf-8") as file:
        file.write(
            JOB.format(
                date=QUALIFYING_DATE,
                benefits=", ".join(f'"{one}"' for one in QUALIFYING),
                folder_benefits=json.dumps(os.path.join(full, "benefits.csv")),
                folder_customers=json.dumps(os.path.join(full, "customers.csv")),
            )
        )
    return path


def evaluate(flagmatch, folder):
    """Runs `flagmatch evaluate`; returns its figures, the wrong accounts by reference, and its seconds."""
    with tempfile.TemporaryDirectory() as into:
        job = job_of(folder, into)
        wrong = os.path.join(into, "wrong.csv")
        truth = os.path.join(folder, "truth.csv")
        began = time.perf_counter()
        answer = subprocess.run(
            [flagmatch, "evaluate", job, "--truth", truth, "--list", wrong, "--json"],
            check=True,
            capture_output=True,
            text=True,
        )
        seconds = time.perf_counter() - began
        with open(wrong, encoding="utf-8", newline="") as file:
            rows = {(row["supplier"], row["customer_ref"]): row for row in csv.DictReader(file)}
    return json.loads(answer.stdout), rows, seconds
