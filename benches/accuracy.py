"""Prints the figures of docs/accuracy.md on synthetic nations, as markdown. Called by accuracy.sh; needs only
Python's own library. usage: accuracy.py --flagmatch BINARY WORK    WORK holds nation/ and nation-harder/
"""

import argparse
import csv
import json
import math
import os
import subprocess
import tempfile

THRESHOLDS = (0.50, 0.80, 0.90, 0.95, 0.98, 0.99, 0.995, 0.999)


def share(counts):
    return (f"{counts['share']:.4f} ({counts['part']:,} of {counts['whole']:,}; "
            f"{counts['low']:.4f} to {counts['high']:.4f})")  # fmt: skip


def called(command):
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def evaluate(flagmatch, folder, job=None):
    job = job or os.path.join(folder, "job.toml")
    return called([flagmatch, "evaluate", job, "--truth", os.path.join(folder, "truth.csv"), "--json"])


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|" + "|".join("---" for _ in head) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def figures(title, found):
    misses, precision = found["misses"], found["precision"]
    print(f"### {title}\n")
    table(
        ["", f"{found['accounts']:,} accounts (counts; 95 % interval)"],
        [
            ["precision", share(precision)],
            ["recall", share(found["recall"])],
            ["F1", f"{found['f1']:.4f}"],
            ["missed, never a candidate", f"{misses['never_a_candidate']:,}"],
            ["missed, a candidate but not flagged", f"{misses['not_flagged']:,}"],
            *([f"missed, {reason}", f"{count:,}"] for reason, count in misses["reasons"].items()),
            ["wrongly flagged", f"{precision['whole'] - precision['part']:,}"],
        ],
    )
    table(
        ["posterior", "accounts", "mean posterior", "share eligible (95 % interval)"],
        [
            [
                f"{band['from']:.3f} to {band['to']:.3f}",
                f"{band['eligible']['whole']:,}",
                f"{band['mean']:.5f}",
                f"{band['eligible']['share']:.5f} ({band['eligible']['low']:.5f} to {band['eligible']['high']:.5f})",
            ]
            for band in found["calibration"]
        ],
    )
    kinds = [kind for kind in found["breakdown"] if kind["by"] != "region" and kind["recall"]["whole"]]
    rows = [[f"{kind['by']}: {kind['value']}", share(kind["recall"]), share(kind["precision"])] for kind in kinds]
    regions = [kind for kind in found["breakdown"] if kind["by"] == "region" and kind["recall"]["whole"]]
    for measure in ("recall", "precision"):
        for name, chosen in (("lowest", min), ("highest", max)):
            kind = chosen(regions, key=lambda kind: kind[measure]["share"])
            cells = [share(kind["recall"]), share(kind["precision"])]
            rows.append([f"region of {name} {measure} ({kind['value']}, of {len(regions)})", *cells])
    table(["kind of account", "recall", "precision"], rows)


def spread(found):
    """How far the regions' recalls vary, compared with chance alone."""
    regions = [kind["recall"] for kind in found["breakdown"] if kind["by"] == "region" and kind["recall"]["whole"]]
    overall = found["recall"]["share"]
    square = sum(
        (one["share"] - overall) ** 2 * one["whole"] / (overall * (1 - overall)) for one in regions
    )
    freedom = len(regions) - 1
    print(f"Regions: χ² of recall {square:.1f} at {freedom} degrees of freedom "
          f"(chance alone: {freedom} ± {math.sqrt(2 * freedom):.0f}).\n")  # fmt: skip


def thresholds(flagmatch, work):
    print("### What the threshold buys\n")
    rows = []
    with tempfile.TemporaryDirectory(dir=work) as into:
        for name in ("nation", "nation-harder"):
            folder = os.path.join(work, name)
            for threshold in THRESHOLDS:
                job = os.path.join(folder, f"job-{os.path.basename(into)}.toml")
                with open(os.path.join(folder, "job.toml"), encoding="utf-8") as file:
                    text = file.read()
                try:
                    with open(job, "w", encoding="utf-8") as file:
                        file.write(f"{text}\n[matching]\nthreshold = {threshold}\n")
                    found = evaluate(flagmatch, folder, job)
                finally:
                    os.remove(job)
                precision, recall = found["precision"], found["recall"]
                wrong, missed = precision["whole"] - precision["part"], recall["whole"] - recall["part"]
                rows.append([name, f"{threshold}", f"{precision['share']:.5f}", f"{recall['share']:.4f}",
                             f"{wrong:,}", f"{missed:,}", f"{missed + 20 * wrong:,}",
                             f"{missed + 49 * wrong:,}"])  # fmt: skip
    table(["nation", "threshold", "precision", "recall", "wrong", "missed", "missed + 20 × wrong",
           "missed + 49 × wrong"], rows)  # fmt: skip


def keys(flagmatch, folder):
    print("### What each match key brings\n")
    due = set()
    with open(os.path.join(folder, "truth.csv"), encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["eligible"] == "Y":
                due.add((row["supplier"], row["customer_ref"]))
    with tempfile.TemporaryDirectory(dir=folder) as out:
        published = called([flagmatch, "run", os.path.join(folder, "job.toml"), "--out", out, "--json"])
        accounts = sum(supplier["accounts"] for supplier in published["suppliers"])
        administrator = os.path.join(out, "latest", "administrator")
        with open(os.path.join(administrator, "run.json"), encoding="utf-8") as file:
            counts = json.load(file)["keys"]
        met = {name: [0, 0] for name in counts}
        with_candidate = 0
        with open(os.path.join(administrator, "decisions.csv"), encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                names = row["keys"].split()
                if (row["supplier"], row["customer_ref"]) not in due or not names:
                    continue
                with_candidate += 1
                for name in names:
                    met[name][0] += 1
                    met[name][1] += len(names) == 1
    rows = []
    for name, count in sorted(counts.items(), key=lambda item: -met[item[0]][0]):
        rows.append([name, f"{count['tried']:,}", f"{count['met']:,}", f"{count['met'] / accounts:.3f}",
                     f"{count['left_out']:,}", f"{count['flagged']:,}", f"{count['flagged_alone']:,}",
                     f"{met[name][0]:,} ({met[name][0] / len(due):.1%})", f"{met[name][1]:,}"])  # fmt: skip
    table(["key", "tried", "rows met", "rows met an account", "left out", "flagged", "flagged by it alone",
           "due accounts it keeps", "that no other keeps"], rows)  # fmt: skip
    pairs = sum(count["met"] for count in counts.values()) / accounts
    print(f"{accounts:,} accounts, {len(due):,} due, of which {with_candidate:,} have a candidate; {pairs:.2f} rows "
          "met an account over all keys, those met by several keys counted as often.\n")  # fmt: skip


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--flagmatch", required=True)
    arguments.add_argument("work")
    options = arguments.parse_args()
    for name, title in (("nation", "Default noise"), ("nation-harder", "Harder noise")):
        found = evaluate(options.flagmatch, os.path.join(options.work, name))
        figures(title, found)
        spread(found)
    thresholds(options.flagmatch, options.work)
    keys(options.flagmatch, os.path.join(options.work, "nation"))


if __name__ == "__main__":
    main()
