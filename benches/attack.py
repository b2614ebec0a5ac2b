"""Measures how far one supplier can move trained weights: 100,000 rows of its own beside an honest nation. Called by
accuracy.py. Each m of the trained file is compared with the honest one, and with the bounds that training promises.
"""

import csv
import os
import random
import re
import tomllib

from hard_sets import Maker
from measured import ROOT, share, table

ROWS = 100_000
FIELDS = ["customer_ref", "forename", "surname", "date_of_birth", "address_line_1", "town", "postcode", "uprn"]
SUPPLIER = """
[[supplier]]
id = "attacker"
files = ["attack-{name}.csv"]
"""
# The levels that keep their shipped m, and those that another person would show (src/matching/training/mod.rs).
KEPT = {("given", "initial"), ("middle", None), ("order", None), ("postcode.british", None), ("dwelling.apart", None),
        ("street.apart", None), ("town.apart", None), ("uprn.apart", None)}  # fmt: skip
RIVALS = {("given", "different"), ("given", "unfamiliar"), ("given", "close-names"), ("birth-date", "different"),
          ("birth-date", "generation")}  # fmt: skip
KINDS = ("twin", "namesake", "sibling", "family")


def constant(file, name):
    with open(os.path.join(ROOT, "src", "matching", file), encoding="utf-8") as source:
        return float(re.search(rf"const {name}: f64 = ([\d_.]+);", source.read())[1])


def garbled(make, row):
    """The claimant with some slips in each field, as a careless or hostile keyer would enter them."""
    return make.garbled(row, 0.05, 0.5)


def other_forename(make, row):
    return {**row, "forename": make.forename()}


def other_date(make, row):
    return {**row, "date_of_birth": make.born()}


def other_home(make, row):
    return {**row, **make.home(), "uprn": ""}


def invented(make, _):
    return {**make.person(), "uprn": ""}


# The first four need the benefit records, which no supplier has: the worst case.
ATTACKS = {"claimants, garbled": garbled, "claimants, other forename": other_forename,
           "claimants, other date of birth": other_date, "claimants, other home": other_home,
           "invented people": invented}  # fmt: skip


def write_attack(path, alter, claims):
    make = Maker(f"attack {alter.__name__}")
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(FIELDS)
        for number in range(ROWS):
            claim = {name: claims[number % len(claims)].get(name, "") for name in FIELDS}
            row = alter(make, claim)
            out.writerow([f"X{number}", *(row[name] for name in FIELDS[1:])])


def flat(table_, path=()):
    """The m of each level, by field and level."""
    found = {}
    for name, value in table_.items():
        if isinstance(value, dict) and "m" in value:
            found[".".join(path), name] = value["m"]
        elif isinstance(value, dict):
            found.update(flat(value, (*path, name)))
    return found


def read_weights(folder, name):
    with open(os.path.join(folder.path, name), "rb") as file:
        text = tomllib.load(file)
    relatives = {kind: text.get("relatives", {}).get(kind, 1.0) for kind in KINDS}
    return flat({field: levels for field, levels in text.items() if field != "relatives"}), relatives


def outside(weights, relatives, shipped):
    """The figures that are beyond their bounds."""
    bound, rival = constant("training/mod.rs", "BOUND"), constant("training/mod.rs", "RIVAL_BOUND")
    relatives_bound = constant("training/relatives.rs", "BOUND")
    found = []
    for (field, level), m in weights.items():
        if (field, None) in KEPT or (field, level) in KEPT:
            most = 1.0
        else:
            most = rival if (field, level) in RIVALS else bound
        factor = m / shipped[field, level]
        # The file has nine decimals.
        near = 1 + 1e-6 + 1e-9 / shipped[field, level]
        if not 1 / (most * near) <= factor <= most * near:
            found.append(f"[{field}] {level}: {factor:.3f}")
    found += [f"[{kind}] rate: {factor:.3f}" for kind, factor in relatives.items()
              if not 1 / relatives_bound - 1e-6 <= factor <= relatives_bound + 1e-6]  # fmt: skip
    return found


def shipped_weights():
    path = os.path.join(ROOT, "src", "matching", "weights", "shipped.toml")
    with open(path, "rb") as file:
        return flat(tomllib.load(file))


def attack(folder):
    """Prints what each attack moves. `folder` is the honest nation."""
    shipped = shipped_weights()
    with open(os.path.join(folder.path, "benefits.csv"), encoding="utf-8", newline="") as file:
        claims = list(csv.DictReader(file))
    random.Random(1).shuffle(claims)
    honest_name = folder.train(folder.job("honest"))
    honest, honest_relatives = read_weights(folder, honest_name)
    found = folder.evaluate(folder.job("honest-trained", [f'weights = "{honest_name}"']))
    rows = [["nobody", "", "", "", "0" if not outside(honest, honest_relatives, shipped) else "some",
             share(found["precision"]), share(found["recall"])]]  # fmt: skip
    moved = []
    for name, alter in ATTACKS.items():
        key = alter.__name__
        write_attack(os.path.join(folder.path, f"attack-{key}.csv"), alter, claims)
        job = folder.job(f"attack-{key}", suppliers=SUPPLIER.format(name=key))
        weights_name = folder.train(job)
        weights, relatives = read_weights(folder, weights_name)
        beyond = outside(weights, relatives, shipped)
        factors = {level: m / honest[level] for level, m in weights.items()}
        most = sorted(factors, key=lambda level: max(factors[level], 1 / factors[level]), reverse=True)[:3]
        found = folder.evaluate(folder.job(f"{key}-trained", [f'weights = "{weights_name}"']))
        rows.append([name, "; ".join(f"[{field}] {level} × {factors[field, level]:.2f}" for field, level in most),
                     str(sum(max(factor, 1 / factor) > 2 for factor in factors.values())),
                     ", ".join(f"{kind} × {relatives[kind] / honest_relatives[kind]:.2f}" for kind in KINDS
                               if abs(relatives[kind] / honest_relatives[kind] - 1) > 0.005) or "none",
                     "; ".join(beyond) or "0", share(found["precision"]), share(found["recall"])])  # fmt: skip
        moved.append((name, factors))
    table(["100,000 rows of", "m that moved most", "of " + str(len(honest)) + " m, moved by more than 2",
           "rates moved", "beyond the bounds", "honest accounts: precision", "recall"], rows)  # fmt: skip
    print("Each m that an attack moved by a tenth or more, against the honest file:\n")
    levels = [level for level in honest if any(abs(factors[level] - 1) >= 0.1 for _, factors in moved)]
    table(["m", "honest ÷ shipped", *(name for name, _ in moved)],
          [[f"[{field}] {level}", f"{honest[field, level] / shipped[field, level]:.2f}",
            *(f"× {factors[field, level]:.2f}" for _, factors in moved)] for field, level in levels])  # fmt: skip
