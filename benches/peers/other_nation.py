"""Writes a nation of another make than `flagmatch synth`'s: one holder an account, American names, and a date of birth
in every benefit row. Nobody in it exists.

usage: other_nation.py OUT CUSTOMERS BENEFITS
"""

import csv
import itertools
import random
import sys
from datetime import date, timedelta
from pathlib import Path

from nation import CUSTOMERS

SUPPLIERS = 10
ELIGIBLE = ["PCGC", "UC", "ESA"]
OTHER = ["PIP", "CB"]

FORENAMES = (
    "James Mary Michael Patricia Robert Jennifer John Linda David Elizabeth William Barbara Richard Susan Joseph "
    "Jessica Thomas Karen Christopher Sarah Charles Lisa Daniel Nancy Matthew Sandra Anthony Ashley Mark Emily Steven "
    "Kimberly Donald Betty Andrew Margaret Joshua Donna Paul Michelle Kenneth Carol Kevin Amanda Brian Melissa Timothy "
    "Deborah Ronald Stephanie Jason Rebecca George Sharon Edward Laura Jeffrey Cynthia Ryan Dorothy Jacob Amy Nicholas "
    "Kathleen Gary Angela Eric Shirley Jonathan Emma Stephen Brenda Larry Pamela Justin Nicole Scott Anna Brandon "
    "Samantha Benjamin Katherine Samuel Christine Gregory Debra Alexander Rachel Patrick Carolyn Frank Janet Raymond "
    "Maria Jack Heather Dennis Diane Jerry Olivia Tyler Julie Aaron Joyce Jose Victoria Adam Kelly Nathan Christina"
).split()
SURNAMES = (
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson "
    "Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker "
    "Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell "
    "Carter Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart Morris Morales Murphy "
    "Cook Rogers Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim Cox Ward Richardson Watson "
    "Brooks Chavez Wood James Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo Sanders Patel Myers Long Ross"
).split()
BEGINNINGS = "Bar Cald Dun Eich Fitz Gal Hol Jor Kes Lund Mar Nor Oster Pem Quil Rosen Sto Tor Ull Van Wex Yar Zim".split()
MIDDLES = ["", "an", "el", "en", "er", "in", "is", "o", "u"]
ENDINGS = "berg bury dale field ford ham ley man ner quist sen ski son stein ton well wick worth zell".split()
STREETS = "Maple Oak Cedar Pine Elm Walnut Chestnut Spruce Birch Hickory Lincoln Jefferson Madison Franklin Jackson".split()
KINDS = ["Street", "Avenue", "Drive", "Lane", "Road", "Court"]
TOWNS = {"B": "Birmingham", "CF": "Cardiff", "EH": "Edinburgh", "G": "Glasgow", "LS": "Leeds", "M": "Manchester", "NG": "Nottingham"}


def person(chance, tail):
    surname = chance.choice(tail) if chance.random() < 0.45 else chance.choices(SURNAMES, range(len(SURNAMES), 0, -1))[0]
    middle = chance.choice(FORENAMES) if chance.random() < 0.1 else ""
    born = date(1930, 1, 1) + timedelta(days=chance.randrange(27_000))
    return chance.choices(FORENAMES, range(len(FORENAMES), 0, -1))[0], middle, surname, born.isoformat()


def home(chance):
    area = chance.choice(list(TOWNS))
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    code = f"{area}{chance.randrange(1, 30)} {chance.randrange(10)}{chance.choice(letters)}{chance.choice(letters)}"
    street = f"{chance.choice(STREETS)}{chance.choice(['', 'wood', ' Ridge', ' Creek'])} {chance.choice(KINDS)}"
    return f"{chance.randrange(1, 250)} {street}", TOWNS[area], code, str(100_000_000_000 + chance.randrange(10**9))


def slip(chance, text):
    """Exchanges two letters of one text in thirty."""
    if len(text) < 4 or chance.random() > 1 / 30:
        return text
    at = chance.randrange(1, len(text) - 2)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def main(out, customers, benefits):
    out, customers, benefits = Path(out), int(customers), int(benefits)
    (out / "suppliers").mkdir(parents=True)
    chance = random.Random(1)
    tail = ["".join(parts) for parts in itertools.product(BEGINNINGS, MIDDLES, ENDINGS)]
    job = ['[[scheme]]\nid = "whd-2026"\nname = "Another nation"\nqualifying_date = 2026-08-23\n[[scheme.group]]\nid = "all"']
    job.append(f"benefits = {ELIGIBLE}\n\n[benefits]\nfiles = ['benefits.csv']\n".replace("'", '"'))
    files = []
    for number in range(1, SUPPLIERS + 1):
        name = f"supplier-{number:02}"
        job.append(f'[[supplier]]\nid = "{name}"\nfiles = ["suppliers/{name}.csv"]\n')
        files.append(csv.writer(open(out / "suppliers" / f"{name}.csv", "w", newline="")))
        files[-1].writerow(CUSTOMERS)
    (out / "job.toml").write_text("\n".join(job))
    records = csv.writer(open(out / "benefits.csv", "w", newline=""))
    records.writerow(
        "claim_ref person_ref role forename middle_names surname date_of_birth address_line_1 address_line_2 "
        "address_line_3 town postcode uprn benefit award_start award_end income".split()
    )
    truth = csv.writer(open(out / "truth.csv", "w", newline=""))
    truth.writerow(["supplier", "customer_ref", "eligible"])
    for number in range(max(customers, benefits)):
        forename, middle, surname, born = person(chance, tail)
        line, town, code, uprn = home(chance)
        # Two thirds of those on benefits have an account.
        on_benefits = number < benefits
        has_account = number < customers and (not on_benefits or chance.random() < 2 / 3)
        benefit = chance.choice(ELIGIBLE + OTHER)
        if on_benefits:
            row = [f"C{number}", f"P{number}", "claimant", forename, middle, surname, born]
            records.writerow([*row, line, "", "", town, code, uprn, benefit, "2020-01-01", "", ""])
        if has_account:
            supplier = chance.randrange(SUPPLIERS)
            known = born if chance.random() < 0.7 else ""
            row = [f"A{number}", "", slip(chance, forename), middle, slip(chance, surname), known, "", "", ""]
            files[supplier].writerow([*row, line, "", "", town, code, uprn, "2024-01-01", ""])
            due = "Y" if on_benefits and benefit in ELIGIBLE else "N"
            truth.writerow([f"supplier-{supplier + 1:02}", f"A{number}", due])


if __name__ == "__main__":
    main(*sys.argv[1:])
