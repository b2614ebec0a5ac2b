"""Makes small sets of people with truth that are hard for a linkage, from the names in src/normalise/data: households
that share everything but the forename, new tenants at an old address, sparse and garbled records, households without
postcodes. Needs only Python's own library. usage: hard_sets.py WORK [SEED]
"""

import csv
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "src", "normalise", "data")
STREETS = ["High Street", "Mill Lane", "Church Road", "Station Road", "Green Lane", "Kirkgate", "Park Avenue",
           "Victoria Terrace", "Albert Drive", "Moor View", "Elm Grove", "Quarry Bank"]  # fmt: skip
TOWNS = ["Leeds", "Hull", "Derby", "Luton", "Bath", "York", "Ayr", "Oban", "Neath", "Rhyl"]


def names(file):
    with open(os.path.join(DATA, file), encoding="utf-8") as lines:
        rows = [line.strip().split(",") for line in lines if line.strip() and not line.startswith("#")]
    rows = [row for row in rows if len(row) > 1 and row[1].replace(".", "").isdigit() and row[0].isalpha()]
    return [row[0] for row in rows], [float(row[1]) for row in rows]


class Maker:
    def __init__(self, seed):
        self.draw = random.Random(seed)
        self.given, self.given_weights = names("given_names.csv")
        self.family, self.family_weights = names("family_names.csv")

    def forename(self):
        if self.draw.random() < 0.1:
            # A name that no table has.
            syllables = ["ka", "lo", "mi", "ta", "ru", "shi", "ne", "dra", "vel", "jo", "ya", "san", "del", "qui"]
            return "".join(self.draw.sample(syllables, self.draw.choice([2, 3]))).title()
        return self.draw.choices(self.given, self.given_weights)[0].title()

    def surname(self):
        return self.draw.choices(self.family, self.family_weights)[0].title()

    def born(self, first=1935, last=2005):
        return f"{self.draw.randint(first, last)}-{self.draw.randint(1, 12):02}-{self.draw.randint(1, 28):02}"

    def home(self):
        letters = "ABDEFGHJLNPQRSTUWXYZ"
        postcode = (f"{self.draw.choice(['LS', 'HU', 'DE', 'LU', 'BA', 'YO', 'KA', 'PA', 'SA', 'LL'])}"
                    f"{self.draw.randint(1, 28)} {self.draw.randint(1, 9)}"
                    f"{self.draw.choice(letters)}{self.draw.choice(letters)}")  # fmt: skip
        return {"address_line_1": f"{self.draw.randint(1, 160)} {self.draw.choice(STREETS)}",
                "town": self.draw.choice(TOWNS), "postcode": postcode}  # fmt: skip

    def slip(self, word):
        if len(word) < 3:
            return word
        at, letter = self.draw.randrange(1, len(word)), self.draw.choice("abcdefghijklmnopqrstuvwxyz")
        kind = self.draw.randrange(4)
        if kind == 0:
            return word[:at] + letter + word[at + 1:]
        if kind == 1:
            return word[:at] + letter + word[at:]
        if kind == 2:
            return word[:at] + word[at + 1:]
        return word[:at - 1] + word[at] + word[at - 1] + word[at + 1:]

    def garbled(self, person, missing, slips):
        """The person as another list has them."""
        out = dict(person)
        for field in ("forename", "surname", "date_of_birth", "address_line_1", "town", "postcode"):
            chance = self.draw.random()
            if chance < missing:
                out[field] = ""
            elif chance < missing + slips and out[field]:
                if field == "date_of_birth":
                    digits = list(out[field])
                    digits[self.draw.choice([2, 3, 6, 9])] = self.draw.choice("0123456789")
                    out[field] = "".join(digits)
                else:
                    out[field] = self.slip(out[field])
        if self.draw.random() < slips / 4:
            out["forename"], out["surname"] = out["surname"], out["forename"]
        return out

    def person(self, home=None, surname=None, born=None):
        return {"forename": self.forename(), "surname": surname or self.surname(),
                "date_of_birth": born or self.born(), **(home or self.home())}  # fmt: skip


def all_but_the_forename(make, count):
    """Households whose members share surname, date of birth and home. One member is in the benefit records."""
    benefits, customers = [], []
    for _ in range(count):
        home, surname, born = make.home(), make.surname(), make.born()
        members = []
        while len(members) < make.draw.randint(2, 4):
            member = make.person(home, surname, born)
            if all(member["forename"] != other["forename"] for other in members):
                members.append(member)
        claimants = make.draw.sample(range(len(members)), 1 if make.draw.random() < 0.7 else 2)
        for number, member in enumerate(members):
            claim = None
            if number in claimants:
                claim = len(benefits)
                benefits.append(member)
            if make.draw.random() < 0.6:
                customers.append((make.garbled(member, 0.0, 0.02), claim is not None))
    return benefits, customers


def families(make, count):
    """Households with one surname and home, whose members were born in different years; a third without a date."""
    benefits, customers = [], []
    for _ in range(count):
        home, surname = make.home(), make.surname()
        for _ in range(make.draw.randint(1, 4)):
            member = make.person(home, surname)
            on_benefit = make.draw.random() < 0.4
            if on_benefit:
                benefits.append(member)
            if make.draw.random() < 0.5:
                held = make.garbled(member, 0.0, 0.02)
                if make.draw.random() < 0.33:
                    held["date_of_birth"] = ""
                customers.append((held, on_benefit))
    return benefits, customers


def new_tenants(make, count):
    """Homes whose account is held by the claimant, or by somebody who moved in since."""
    benefits, customers = [], []
    for _ in range(count):
        home = make.home()
        claimant = make.person(home)
        benefits.append(claimant)
        stays = make.draw.random() < 0.5
        if stays:
            held = make.garbled(claimant, 0.0, 0.02)
        else:
            held = make.person(home, claimant["surname"] if make.draw.random() < 0.03 else None)
        if make.draw.random() < 0.3:
            held["date_of_birth"] = ""
        customers.append((held, stays))
    return benefits, customers


def sparse(make, count):
    """People of whom a third of the fields are missing or garbled on one list."""
    benefits, customers = [], []
    for _ in range(count):
        person = make.person()
        if make.draw.random() < 0.6:
            benefits.append(make.garbled(person, 0.15, 0.08))
            customers.append((make.garbled(person, 0.15, 0.08), True))
        elif make.draw.random() < 0.5:
            benefits.append(person)
        else:
            customers.append((make.garbled(person, 0.15, 0.08), False))
    return benefits, customers


def without_postcodes(make, count):
    """Families of whom neither list has a postcode."""
    benefits, customers = families(make, count)
    for row in benefits:
        row["postcode"] = ""
    return benefits, [({**row, "postcode": ""}, truth) for row, truth in customers]


SETS = {"all-but-the-forename": (all_but_the_forename, 4000), "families": (families, 4000),
        "new-tenants": (new_tenants, 6000), "sparse": (sparse, 8000),
        "without-postcodes": (without_postcodes, 4000)}  # fmt: skip

JOB = """[[scheme]]
id = "s"
name = "{name}"
qualifying_date = 2026-08-23
[[scheme.group]]
id = "all"
benefits = ["UC"]
[benefits]
files = ["benefits.csv"]
[[supplier]]
id = "one"
files = ["customers.csv"]
[output]
directory = "out"
[matching]
population = {population}
"""


def write(folder, name, benefits, customers, draw):
    os.makedirs(folder, exist_ok=True)
    fields = ["forename", "surname", "date_of_birth", "address_line_1", "town", "postcode"]
    draw.shuffle(customers)
    with open(os.path.join(folder, "benefits.csv"), "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["claim_ref", *fields, "benefit", "award_start", "award_end"])
        for number, row in enumerate(benefits):
            out.writerow([f"B{number}", *(row[field] for field in fields), "UC", "2020-01-01", ""])
    with open(os.path.join(folder, "customers.csv"), "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["customer_ref", *fields])
        for number, (row, _) in enumerate(customers):
            out.writerow([f"C{number}", *(row[field] for field in fields)])
    with open(os.path.join(folder, "truth.csv"), "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["supplier", "customer_ref", "eligible"])
        for number, (_, truth) in enumerate(customers):
            out.writerow(["one", f"C{number}", "Y" if truth else "N"])
    with open(os.path.join(folder, "job.toml"), "w", encoding="utf-8") as file:
        file.write(JOB.format(name=name, population=len(benefits) + len(customers))
                   + ("[gates]\npostcodes_least = 0.0\n" if name == "without-postcodes" else ""))


def make(work, seed):
    for name, (make_set, count) in SETS.items():
        maker = Maker(f"{name} {seed}")
        benefits, customers = make_set(maker, count)
        write(os.path.join(work, name), name, benefits, customers, maker.draw)


if __name__ == "__main__":
    make(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1)
