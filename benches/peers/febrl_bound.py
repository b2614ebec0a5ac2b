"""Bounds the recall that flagmatch's rules allow on a FEBRL set: counts how many of the true pairs break each
rule on a plain reading of the two records, which gives the highest recall of any matcher under these rules.

The rules, on fields reduced to small letters and digits:

dates      both dates of birth are real dates, and they differ, and are neither day and month exchanged, nor
           within an edit distance of 2 (with neighbours exchanged) as eight digits, nor alike in two of
           year, month and day, nor the same year with 1 January on one side;
forename   both forenames are given, and neither equal, nor within an edit distance of 2, nor of a
           Jaro-Winkler similarity of 0.8 or more, nor an initial of the other, nor one the beginning of the
           other (three letters or more), nor in the other's surname field with the other name likewise
           (edit distance 2 or similarity 0.8);
name       neither forename nor surname agrees in that sense, this way round or exchanged, whether missing or
           different: only the address (and a birthday) is left.

A pair is read generously: a name counts as agreeing where a clerk would hesitate. No table of nicknames is
used, since the set has none. usage: febrl_bound.py [--flagmatch BINARY] FOLDER
"""

import argparse
import collections
import csv
import datetime
import os

import jellyfish

from linkage import evaluate, shown


def word(text):
    return "".join(letter for letter in text.lower() if letter.isalnum())


def alike(one, other):
    """Whether a clerk might take two names for one."""
    one, other = word(one), word(other)
    if not one or not other:
        return False
    if one == other or min(len(one), len(other)) == 1 and one[0] == other[0]:
        return True
    short, long = sorted((one, other), key=len)
    return (
        jellyfish.damerau_levenshtein_distance(one, other) <= 2
        or jellyfish.jaro_winkler_similarity(one, other) >= 0.8
        or len(short) >= 3 and long.startswith(short)
    )


def day(text):
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def dates_contradict(one, other):
    one, other = day(one), day(other)
    if one is None or other is None or one == other:
        return False
    if one.year == other.year and (one.month, one.day) == (other.day, other.month):
        return False
    if one.year == other.year and ((1, 1) in ((one.month, one.day), (other.month, other.day))):
        return False
    if jellyfish.damerau_levenshtein_distance(f"{one:%Y%m%d}", f"{other:%Y%m%d}") <= 2:
        return False
    return sum(((one.year == other.year), (one.month == other.month), (one.day == other.day))) < 2


def broken(account, person):
    """Returns the rules that a pair breaks."""
    forename, surname = account["forename"], account["surname"]
    other_forename, other_surname = person["forename"], person["surname"]
    straight = alike(forename, other_forename), alike(surname, other_surname)
    # With the names exchanged, one may be missing on one side; the other has to agree.
    exchanged = alike(forename, other_surname), alike(surname, other_forename)
    rules = []
    if dates_contradict(account["date_of_birth"], person["date_of_birth"]):
        rules.append("dates")
    given = word(forename) and word(other_forename)
    if given and not straight[0] and not any(exchanged):
        rules.append("forename")
    if not any(straight) and not any(exchanged):
        rules.append("name")
    return rules


def is_as_of_twins(account, person):
    """Whether surname, date of birth and home agree, as those of twins do."""
    line, other_line = word(account["address_line_1"]), word(person["address_line_1"])
    return (
        alike(account["surname"], person["surname"])
        and day(account["date_of_birth"]) is not None
        and account["date_of_birth"] == person["date_of_birth"]
        and (account["postcode"] == person["postcode"] or jellyfish.jaro_winkler_similarity(line, other_line) >= 0.85)
    )


def read(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--flagmatch")
    arguments.add_argument("folder")
    options = arguments.parse_args()
    persons = {row["claim_ref"][1:]: row for row in read(options.folder, "benefits.csv")}
    accounts = {row["customer_ref"]: row for row in read(options.folder, "customers.csv")}
    due = [row["customer_ref"] for row in read(options.folder, "truth.csv") if row["eligible"] == "Y"]
    rules = {reference: broken(accounts[reference], persons[reference[1:]]) for reference in due}

    any_rule = sum(1 for found in rules.values() if found)
    print("### What the rules leave within reach\n")
    print("| rule broken | true pairs | and no other rule |\n|---|---|---|")
    for rule, said in (
        ("dates", "dates of birth contradict"),
        ("forename", "forenames differ"),
        ("name", "nobody's name agrees"),
    ):
        print(f"| {said} | {sum(rule in found for found in rules.values())} "
              f"| {sum(found == [rule] for found in rules.values())} |")  # fmt: skip
    print(f"| any of them | {any_rule} | |\n")
    twins = sum("forename" in found and is_as_of_twins(accounts[reference], persons[reference[1:]])
                for reference, found in rules.items())  # fmt: skip
    print(f"Of the pairs whose forenames differ, {twins} agree in surname, date of birth and home, as twins do.")
    print(f"Highest recall within the rules: {shown(len(due) - any_rule, len(due))}.")
    if not options.flagmatch:
        return
    figures, wrong, _ = evaluate(options.flagmatch, options.folder)
    recall, precision = figures["recall"], figures["precision"]
    missed = {reference for supplier, reference in wrong if wrong[supplier, reference]["eligible"] == "Y"}
    within = [reference for reference in due if not rules[reference]]
    print(f"flagmatch: precision {shown(precision['part'], precision['whole'])}, "
          f"recall {shown(recall['part'], recall['whole'])}; of the pairs within the rules it finds "
          f"{shown(sum(reference not in missed for reference in within), len(within))}; "
          f"of those outside, {sum(reference not in missed for reference in due if rules[reference])}.\n")  # fmt: skip
    reasons = collections.Counter()
    levels = collections.Counter()
    for (_, reference), row in wrong.items():
        if row["eligible"] != "Y":
            continue
        reasons[row["reason"], ", ".join(rules[reference]) or "none"] += 1
        if not rules[reference]:
            levels[row["reason"], row["levels"] or "no candidate"] += 1
    print("| flagmatch's reason for the miss | rules that the pair breaks | pairs |\n|---|---|---|")
    for (reason, found), count in sorted(reasons.items()):
        print(f"| {reason} | {found} | {count} |")
    print("\nMisses within the rules, by flagmatch's levels:\n")
    print("| reason | levels | pairs |\n|---|---|---|")
    for (reason, found), count in sorted(levels.items(), key=lambda item: (-item[1], item[0])):
        print(f"| {reason} | {found} | {count} |")
    print()


if __name__ == "__main__":
    main()
