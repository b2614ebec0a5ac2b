"""Prints the figures of docs/accuracy.md as markdown. Called by accuracy.sh, which says how; needs only Python's own
library, and for `peers` an interpreter with Splink and GoldenMatch.
"""

import argparse
import csv
import json
import math
import os
import subprocess
import sys
import tempfile
import tomllib

import attack
import hard_sets
from measured import Folder, changed_relatives, share, table
from peers.linkage import read_truth, shown, wilson

HERE = os.path.dirname(os.path.abspath(__file__))
CHANGED = [("as shipped", None), ("twins, namesakes, family halved", 0.5), ("doubled", 2.0)]
KINDS = ("twin", "namesake", "family")


def say(*words):
    print(*words, flush=True)


def nation(options, name, customers, benefits, *more):
    """The folder of a synthetic nation, made if it is not there."""
    path = os.path.join(options.work, name)
    if not os.path.exists(os.path.join(path, "truth.csv")):
        command = [options.flagmatch, "synth", "--customers", str(customers), "--benefits", str(benefits), "--seed", "1",
                   "--suppliers", "8", "--out", path, "--quiet", *more]  # fmt: skip
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return Folder(options.flagmatch, path, options.work)


def nations(options):
    for name, more in (("nation", []), ("nation-harder", ["--harder"])):
        yield name, nation(options, name, options.customers, options.customers // 3, *more)


def hard(options):
    """The hard sets, as folders."""
    into = os.path.join(options.work, "hard")
    hard_sets.make(into, 1)
    for name in hard_sets.SETS:
        yield name, Folder(options.flagmatch, os.path.join(into, name), options.work)


def given(options):
    """The folder and the settings of [matching] that the caller names."""
    if not options.arguments:
        sys.exit("accuracy: name the folder: accuracy.sh WORK set FOLDER [SETTING...]")
    folder, *settings = options.arguments
    return os.path.basename(os.path.normpath(folder)), Folder(options.flagmatch, folder, options.work), settings


def figures(found):
    """Prints what was found in each set, with shipped and with trained weights, and the calibration."""
    rows, bands = [], []
    for name, weights, one in found:
        reasons = sorted(one["misses"]["reasons"].items(), key=lambda item: -item[1])[:3]
        rows.append([name, weights, share(one["precision"]), share(one["recall"]), f"{one['f1']:.4f}",
                     ", ".join(f"{reason} {count:,}" for reason, count in reasons)])  # fmt: skip
        for band in one["calibration"]:
            if band["to"] > 0.05001:
                bands.append([name, weights, f"{band['from']:.3f} to {band['to']:.3f}", f"{band['mean']:.4f}",
                              share(band["eligible"]), stated(band)])  # fmt: skip
    table(["set", "weights", "precision", "recall", "F1", "most misses"], rows)
    table(["set", "weights", "posterior", "mean posterior", "share eligible", "says"], bands)


def stated(band):
    """Whether the posterior lies within the interval of the share that is eligible."""
    if band["mean"] < band["eligible"]["low"]:
        return "too little"
    return "too much" if band["mean"] > band["eligible"]["high"] else "right"


def all_of(folders):
    figures([(name, weights, one) for name, folder in folders for weights, one in folder.both()])


def set_part(options):
    name, folder, settings = given(options)
    figures([(" ".join([name, *settings]), weights, one) for weights, one in folder.both(settings)])


def calibration_part(options):
    """Shares eligible by band of the posterior, by whether a birth date is known and the home agrees."""
    rows = []
    for name, folder in nations(options):
        cells = {}
        eligible = read_truth(folder.path)
        with tempfile.TemporaryDirectory(dir=options.work) as out:
            command = [options.flagmatch, "run", folder.job("job"), "--out", out, "--quiet"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            decisions = os.path.join(out, "latest", "administrator", "decisions.csv")
            with open(decisions, encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    # These had their flag for another reason than the posterior.
                    if row["reason"] in ("not-eligible", "claim-used", "not-on-supply"):
                        continue
                    levels = dict(level.split(":") for level in row["levels"].split())
                    born = "known" if levels.get("birth-date", "absent") != "absent" else "not known"
                    agrees = levels.get("dwelling") in ("same", "flat-absent") or levels.get("uprn") == "same"
                    cell = cells.setdefault((born, "agrees" if agrees else "differs", row["posterior_band"]), [0, 0])
                    cell[0] += eligible[row["supplier"], row["customer_ref"]]
                    cell[1] += 1
        for (born, home, band), (part, whole) in sorted(cells.items()):
            low, high = wilson(part, whole)
            least, most = (float(end) for end in band.split("-"))
            says = "too little" if low > most else "too much" if high < least else "right"
            rows.append([name, born, home, band.replace("-", " to "), shown(part, whole),
                         says if whole >= 400 else f"{says} (thin)"])  # fmt: skip
    table(["nation", "date of birth", "home", "posterior", "share eligible", "says"], rows)


def hard_part(options):
    all_of(hard(options))


def nation_part(options):
    found = [(name, folder, folder.both()) for name, folder in nations(options)]
    figures([(name, weights, one) for name, _, both in found for weights, one in both])
    rows = []
    for name, _, both in found:
        for kind in both[0][1]["breakdown"]:
            if kind["by"] == "date of birth":
                rows.append([name, f"date of birth {kind['value']}", share(kind["precision"]), share(kind["recall"])])
    table(["nation", "accounts", "precision", "recall"], rows)
    for name, _, both in found:
        regions = [kind["recall"] for kind in both[0][1]["breakdown"] if kind["by"] == "region" and kind["recall"]["whole"]]
        overall = both[0][1]["recall"]["share"]
        square = sum((one["share"] - overall) ** 2 * one["whole"] / (overall * (1 - overall)) for one in regions)
        freedom = len(regions) - 1
        say(f"{name}: χ² of the regions' recall {square:.1f} at {freedom} degrees of freedom "
            f"(chance alone: {freedom} ± {math.sqrt(2 * freedom):.0f}).\n")  # fmt: skip
    rows = []
    for name, _, both in found:
        for point in both[0][1]["curve"]:
            if any(abs(point["threshold"] - one) < 1e-6 for one in (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)):
                precision, recall = point["precision"], point["recall"]
                wrong, missed = precision["whole"] - precision["part"], recall["whole"] - recall["part"]
                rows.append([name, f"{point['threshold']:g}", f"{precision['share']:.5f}", f"{recall['share']:.4f}",
                             f"{wrong:,}", f"{missed:,}", f"{missed + 20 * wrong:,}", f"{missed + 49 * wrong:,}"])  # fmt: skip
    table(["nation", "threshold", "precision", "recall", "wrong", "missed", "missed + 20 × wrong",
           "missed + 49 × wrong"], rows)  # fmt: skip
    keys(options, found[0][1])


def sensitivity_part(options):
    rows = []
    for name, folder in [*nations(options), *hard(options)]:
        for said, factor in CHANGED:
            settings = []
            if factor:
                changed_relatives(os.path.join(folder.path, f"relatives-{factor}.toml"), KINDS, factor)
                settings = [f'relatives = "relatives-{factor}.toml"']
            one = folder.evaluate(folder.job("sensitivity", settings))
            rows.append([name, said, share(one["precision"]), share(one["recall"]), f"{one['f1']:.4f}"])
    table(["set", "rates", "precision", "recall", "F1"], rows)
    relatives_in_the_data(options)


def relatives_in_the_data(options):
    """Nations with other rates of relatives than synth's, matched with the shipped table."""
    rows = []
    for said, twins, namesakes, children in (("as in `synth`, and twins in 0.2 % of homes", 0.002, 0.007, 0.24), ("halved", 0.001, 0.0035, 0.12),
                                             ("doubled", 0.004, 0.014, 0.48)):  # fmt: skip
        for name, more in (("nation", []), ("nation-harder", ["--harder"])):
            rates = {"twin_homes": twins, "same_name_homes": namesakes, "grown_children_homes": children}
            one = with_rates(options, f"relatives-{twins}-{name}", options.customers * 3 // 10, rates, *more)
            found = one.evaluate(one.job("job"))
            rows.append([name, said, share(found["precision"]), share(found["recall"]), f"{found['f1']:.4f}"])
    table(["nation", "twins, namesakes, grown children in the data", "precision", "recall", "F1"], rows)


def with_rates(options, name, customers, rates, *more):
    """A nation with these rates of noise."""
    said = [word for rate, value in rates.items() for word in ("--rate", f"{rate}={value}")]
    return nation(options, name, customers, customers // 3, *more, *said)


def recovery_part(options):
    """What training makes of nations whose rates are known."""
    rows = []
    cases = [(f"twins in {twins:.1%} of homes", twins, other, 0.24) for twins in (0.001, 0.002, 0.004)
             for other in (0.002, 0.01, 0.05)]  # fmt: skip
    cases.append(("no other forename, twins in 8 %, children in 60 %", 0.08, 0.0, 0.6))
    for said, twins, other, children in cases:
        rates = {"twin_homes": twins, "other_forename": other, "grown_children_homes": children}
        folder = with_rates(options, f"recovery-{twins}-{other}-{children}", options.customers * 3 // 10, rates)
        shipped, found = folder.both()
        with open(os.path.join(folder.path, "job.weights"), "rb") as file:
            trained = tomllib.load(file)
        given, relatives = trained["given"], trained.get("relatives", {})
        m = sum(given[level]["m"] for level in ("different", "unfamiliar", "close-names"))
        rows.append([said, f"{other:g}", f"{m:.4f}", f"{relatives.get('twin', 1.0):.2f}",
                     f"{relatives.get('sibling', 1.0):.2f}", f"{relatives.get('family', 1.0):.2f}",
                     share(shipped[1]["precision"]), share(found[1]["precision"]),
                     share(shipped[1]["recall"]), share(found[1]["recall"])])  # fmt: skip
    table(["nation", "another forename in the data", "m of another name, trained", "twins ×", "siblings ×", "family ×",
           "precision, shipped", "precision, trained", "recall, shipped", "recall, trained"], rows)  # fmt: skip


def attack_part(options):
    attack.attack(nation(options, "honest", 60_000, 20_000))


def peers_part(options):
    """The folder that the caller names, or the hard sets and two nations of 200,000."""
    if options.arguments:
        name, folder, settings = given(options)
        folders = [(" ".join([name, *settings]), folder, settings)]
    else:
        folders = [(name, folder, []) for name, folder in hard(options)]
        for name, more in (("small", []), ("small-harder", ["--harder"])):
            folders.append((name, nation(options, name, 200_000, 66_667, *more), []))
    for name, folder, settings in folders:
        say(f"### {name}\n\n| | precision | recall |\n|---|---|---|")
        found = folder.both(settings)
        for weights, one in found:
            say(f"| flagmatch, {weights} weights | {share(one['precision'])} | {share(one['recall'])} |")
        for peer in ("splink_compare.py", "goldenmatch_compare.py"):
            # Both peers read the job file for the suppliers and their headings.
            command = [options.python, os.path.join(HERE, "peers", peer), folder.path,
                       str(found[0][1]["precision"]["share"])]  # fmt: skip
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=options.patience)
                say(done.stdout.strip() if done.returncode == 0 else f"| {peer} failed | | |")
                sys.stderr.write(done.stderr[-300:])
            except subprocess.TimeoutExpired as stopped:
                say((stopped.stdout or b"").decode().strip() or f"| {peer}: stopped after {options.patience} s | | |")
        say()


PARTS = {"set": set_part, "hard": hard_part, "nation": nation_part, "calibration": calibration_part,
         "sensitivity": sensitivity_part, "recovery": recovery_part, "attack": attack_part, "peers": peers_part}  # fmt: skip


def keys(options, folder):
    eligible = set()
    with open(os.path.join(folder.path, "truth.csv"), encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["eligible"] == "Y":
                eligible.add((row["supplier"], row["customer_ref"]))
    with tempfile.TemporaryDirectory(dir=options.work) as out:
        command = [options.flagmatch, "run", folder.job("job"), "--out", out, "--json", "--quiet"]
        published = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        accounts = sum(supplier["accounts"] for supplier in published["suppliers"])
        administrator = os.path.join(out, "latest", "administrator")
        with open(os.path.join(administrator, "run.json"), encoding="utf-8") as file:
            counts = json.load(file)["keys"]
        met = {name: [0, 0] for name in counts}
        with_candidate = 0
        with open(os.path.join(administrator, "decisions.csv"), encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                names = row["keys"].split()
                if (row["supplier"], row["customer_ref"]) not in eligible or not names:
                    continue
                with_candidate += 1
                for name in names:
                    met[name][0] += 1
                    met[name][1] += len(names) == 1
    rows = []
    for name, count in sorted(counts.items(), key=lambda item: -met[item[0]][0]):
        rows.append([name, f"{count['tried']:,}", f"{count['met']:,}", f"{count['met'] / accounts:.3f}",
                     f"{count['left_out']:,}", f"{count['flagged']:,}", f"{count['flagged_alone']:,}",
                     f"{met[name][0]:,} ({met[name][0] / len(eligible):.1%})", f"{met[name][1]:,}"])  # fmt: skip
    table(["key", "tried", "rows met", "rows met an account", "left out", "flagged", "flagged by it alone",
           "eligible accounts it keeps", "that no other keeps"], rows)  # fmt: skip
    pairs = sum(count["met"] for count in counts.values()) / accounts
    print(f"{accounts:,} accounts, {len(eligible):,} eligible, of which {with_candidate:,} have a candidate; {pairs:.2f} rows "
          "met an account over all keys, those met by several keys counted as often.\n")  # fmt: skip


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--flagmatch", required=True)
    arguments.add_argument("--python", default=sys.executable, help="an interpreter with Splink and GoldenMatch")
    arguments.add_argument("--customers", type=int, default=1_000_000, help="rows of the nation's customer files")
    arguments.add_argument("--patience", type=int, default=3600, help="seconds until a peer is stopped")
    arguments.add_argument("work")
    arguments.add_argument("part", choices=PARTS)
    arguments.add_argument("arguments", nargs="*")
    options = arguments.parse_args()
    PARTS[options.part](options)


if __name__ == "__main__":
    main()
