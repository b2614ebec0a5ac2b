#!/usr/bin/env python3
"""Makes the sample data, with the same bytes each time.

    cargo build --release && python3 sample-data/make.py

Starts from a small synthetic nation by `flagmatch synth`, and adds three suppliers' ways of writing files, some
rows that cannot be read, and a few hand-made stories whose references begin with EXAMPLE. Does not change
job.toml and README.md, which are written by hand.
"""

import csv
import io
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = sys.argv[1] if len(sys.argv) > 1 else HERE.parent / "target" / "release" / "flagmatch"
SYNTH = "synth --customers 6000 --benefits 2500 --suppliers 3 --seed 7 --out".split()

SUPPLIERS = {
    "supplier-01": "northern-power",
    "supplier-02": "brightwell-energy",
    "supplier-03": "severnside-electric",
}
CUSTOMER = (
    "customer_ref title forename middle_names surname date_of_birth joint_forename joint_surname "
    "joint_date_of_birth address_line_1 address_line_2 address_line_3 town postcode uprn supply_start supply_end"
).split()
BENEFIT = (
    "claim_ref person_ref role forename middle_names surname date_of_birth address_line_1 address_line_2 "
    "address_line_3 town postcode uprn benefit award_start award_end income"
).split()


def customer(ref, name, born, address, uprn="", start="2019-05-01", end="", joint=None):
    """A customer row; `name` is title, forename, surname, and `joint` is forename, surname, birth date."""
    title, forename, surname = name
    line, town, postcode = address
    joint = joint or ("", "", "")
    return [ref, title, forename, "", surname, born, *joint, line, "", "", town, postcode, uprn, start, end]


def claimant(claim, person, name, born, address, benefit, uprn="", role="claimant", end="", income=""):
    """A benefit row; `name` is forename and surname."""
    forename, surname = name
    line, town, postcode = address
    start = "2021-02-08"
    return [claim, person, role, forename, "", surname, born, line, "", "", town, postcode, uprn,
            benefit, start, end, income]


# Stories. The last column says whether the account is eligible for the rebate.
MILL, QUAY, FOUNDRY = ("3 Mill Bank", "Leeds", "LS18 4XA"), ("9 Quay Row", "Weymouth", "DT7 2XB"), (
    "21 Foundry Lane", "Cannock", "WS9 4XD")
TARN, HARP, COLLIER = ("14 Tarn View", "Leeds", "LS18 4XE"), ("8 Harp Close", "Newbury", "RG17 1XF"), (
    "52 Collier Street", "Cannock", "WS9 4XG")
ABBEY, PIER, FERN = ("30 Abbey Gate", "Taunton", "TA18 8XH"), ("2 Pier Cottages", "Weymouth", "DT7 2XJ"), (
    "77 Fern Rise", "Guildford", "GU20 8XL")
LOOM, KILN, CROFT = ("6 Loom Street", "Leeds", "LS18 4XN"), ("11 Kiln Yard", "Boston", "PE11 1XP"), (
    "40 Croft Avenue", "Southampton", "SO13 7XQ")
MARSH, BARLEY, WEIR = ("5 Marsh End", "Boston", "PE11 1XR"), ("19 Barley Mow", "Newbury", "RG17 1XS"), (
    "1 Weir Walk", "Taunton", "TA18 8XT")

ACCOUNTS = {
    "northern-power": [
        # The supplier has a short form of the name, and the benefit office exchanged day and month.
        (customer("EXAMPLE-01", ("Mrs", "Liz", "Hartnell"), "1949-04-07", MILL, "100900000011"), "Y"),
        # Father and son of one name; only the father is on a qualifying benefit. First in review, then decided.
        (customer("EXAMPLE-02", ("Mr", "George", "Tranter"), "", FOUNDRY, "100900000029"), "Y"),
        # Twins: the claim is Timothy's, the account Thomas's.
        (customer("EXAMPLE-03", ("Mr", "Thomas", "Beddoes"), "1966-11-02", TARN, "100900000037"), "N"),
        # The person objected.
        (customer("EXAMPLE-04", ("Ms", "Margaret", "Oyelaran"), "1958-01-30", HARP, "100900000045"), "N"),
        # Moved out before the qualifying date.
        (customer("EXAMPLE-05", ("Mr", "Derek", "Walmsley"), "1947-06-19", COLLIER, end="2026-08-22"), "N"),
    ],
    "brightwell-energy": [
        # The bill is in her name and the claim in her partner's: a partner on the claim counts.
        (customer("EXAMPLE-06", ("Mrs", "Parveen", "Chaudhry"), "12/05/1979", ABBEY, "100900000053",
                  "01/03/2020"), "Y"),
        # Two meters and two accounts on one claim: one rebate.
        (customer("EXAMPLE-07", ("Mr", "Alan", "Prowse"), "08/10/1951", PIER, "100900000061", "14/07/2015"), "Y"),
        (customer("EXAMPLE-08", ("Mr", "A", "Prowse"), "08/10/1951", PIER, "100900000061", "02/11/2018"), "N"),
        # The account objected.
        (customer("EXAMPLE-09", ("Mrs", "Joan", "Fairweather"), "23/12/1944", FERN, "", "30/09/2012"), "N"),
        # A good match that staff reversed: she has died, and her son has the account now.
        (customer("EXAMPLE-10", ("Mrs", "Edna", "Stocker"), "04/02/1938", LOOM, "", "11/11/2001"), "N"),
    ],
    "severnside-electric": [
        # Accented letters, in Windows-1252 here and without accents in the benefit records.
        (customer("EXAMPLE-11", ("Mrs", "Siân", "Prydderch"), "1951-03-01", KILN, "100900000079"), "Y"),
        (customer("EXAMPLE-12", ("Ms", "Zoë", "Ashworth-Finch"), "1988-07-26", CROFT, "100900000087"), "Y"),
        # The claim objected.
        (customer("EXAMPLE-13", ("Ms", "Renée", "Duval"), "1970-09-15", MARSH, "100900000095"), "N"),
        # On a benefit that counts only in a cold home, which this one is by properties.csv ...
        (customer("EXAMPLE-14", ("Mr", "Callum", "Rae"), "1990-02-17", BARLEY, "100900000102"), "Y"),
        # ... and here the income is unknown: not decidable, so staff have to look.
        (customer("EXAMPLE-15", ("Miss", "Ffion", "Bowen"), "1985-12-03", WEIR, "100900000110"), "N"),
    ],
}
CLAIMS = [
    claimant("EXAMPLE-C01", "EXAMPLE-P01", ("Elizabeth", "Hartnell"), "1949-07-04", MILL, "PCGC"),
    claimant("EXAMPLE-C02", "EXAMPLE-P02", ("George", "Tranter"), "1946-05-20", FOUNDRY, "PCGC"),
    claimant("EXAMPLE-C16", "EXAMPLE-P16", ("George", "Tranter"), "1978-08-09", FOUNDRY, "DLA"),
    claimant("EXAMPLE-C03", "EXAMPLE-P03", ("Timothy", "Beddoes"), "1966-11-02", TARN, "ESA"),
    claimant("EXAMPLE-C04", "EXAMPLE-P04", ("Margaret", "Oyelaran"), "1958-01-30", HARP, "PCGC"),
    claimant("EXAMPLE-C05", "EXAMPLE-P05", ("Derek", "Walmsley"), "1947-06-19", COLLIER, "PCGC"),
    claimant("EXAMPLE-C06", "EXAMPLE-P06", ("Imran", "Chaudhry"), "1975-10-31", ABBEY, "UC"),
    claimant("EXAMPLE-C06", "EXAMPLE-P17", ("Parveen", "Chaudhry"), "1979-05-12", ABBEY, "UC", role="partner"),
    claimant("EXAMPLE-C07", "EXAMPLE-P07", ("Alan", "Prowse"), "1951-10-08", PIER, "HB", "100900000061"),
    claimant("EXAMPLE-C09", "EXAMPLE-P09", ("Joan", "Fairweather"), "1944-12-23", FERN, "PCGC"),
    claimant("EXAMPLE-C10", "EXAMPLE-P10", ("Edna", "Stocker"), "1938-02-04", LOOM, "PCGC"),
    claimant("EXAMPLE-C11", "EXAMPLE-P11", ("Sian", "Prydderch"), "1951-03-01", KILN, "PCGC"),
    claimant("EXAMPLE-C12", "EXAMPLE-P12", ("Zoe", "Ashworth"), "1988-07-26", CROFT, "UC"),
    claimant("EXAMPLE-C13", "EXAMPLE-P13", ("Renee", "Duval"), "1970-09-15", MARSH, "ESA"),
    claimant("EXAMPLE-C14", "EXAMPLE-P14", ("Callum", "Rae"), "1990-02-17", BARLEY, "CTR", "100900000102",
             income="£12400"),
    claimant("EXAMPLE-C15", "EXAMPLE-P15", ("Ffion", "Bowen"), "1985-12-03", WEIR, "CTR", "100900000110"),
]
PROPERTIES = [["100900000102", "71"], ["100900000110", "68"]]
OBJECTIONS = [
    ["person_ref", "claim_ref", "supplier", "customer_ref"],
    ["EXAMPLE-P04", "", "", ""],
    ["", "EXAMPLE-C13", "", ""],
    ["", "", "brightwell-energy", "EXAMPLE-09"],
]
DECISIONS = [
    ["supplier", "customer_ref", "scheme", "flag", "claim_ref", "person_ref", "decided_by", "decided_on", "reason"],
    # Replaced a fortnight later by the last row.
    ["northern-power", "EXAMPLE-02", "whd-2026", "N", "", "", "review team", "2026-09-02", "cannot tell father from son"],
    ["brightwell-energy", "EXAMPLE-10", "whd-2026", "N", "EXAMPLE-C10", "", "helpline", "2026-09-04", "claimant has died"],
    ["northern-power", "EXAMPLE-02", "whd-2026", "Y", "EXAMPLE-C02", "", "helpline", "2026-09-16", "father sent the bill"],
]

# Rows that cannot be read at all, by line. These people are nowhere else.
BAD_CUSTOMERS = {
    # An unquoted comma: one field too many.
    120: "4470011122,Mrs,Ivy,,Garland,1941-03-03,,,,2 Elm Court, Rear,,,Leeds,LS18 4PB,,2010-01-01,",
    # Half a row.
    480: "4470011133,Mr,Roy,,Dunstan",
    # No reference.
    900: ",Mr,Frank,,Ogle,1955-05-05,,,,7 Station Road,,,Leeds,LS18 4PB,,2012-02-02,",
    # A nickname in quotes, with text after the closing quote.
    1310: '4470011144,Mr,"Bob" Robert,,Sayer,1960-06-06,,,,18 Norfolk Court,,,Southampton,SO13 7PT,,2014-04-04,',
}
BAD_BENEFITS = {
    300: ",P4470011155,claimant,Olive,,Neame,1950-10-10,4 Long Close,,,Cannock,WS9 4BQ,,PCGC,2020-01-06,,",
    # A quote that is never closed, with no later quote: only this line is lost. With a later quote the record would run
    # up to it, and all lines between would be lost and counted.
    2503: 'C4470011166,P4470011166,claimant,Amos,,Reeve,1949-09-09,"The Old Forge,,,Taunton,TA18 8NL,,PCGC,2020-01-06,,',
}
# Fields that cannot be used, by position of the row. The row is kept, and the field counts as absent.
BAD_FIELDS = {
    "northern-power": [(200, "date_of_birth", "1963-02-30"), (700, "date_of_birth", "2063-01-17"),
                       (1100, "postcode", "TO FOLLOW"), (1600, "uprn", "see notes"), (2001, "supply_end", "31/06/2027")],
    "benefits": [(60, "role", "appointee"), (610, "date_of_birth", "1871-04-02"), (1220, "income", "not given")],
}
MARKED = {"Sian": "Siân", "Zoe": "Zoë", "Chloe": "Chloë", "Sinead": "Sinéad", "Renee": "Renée", "Andre": "André"}


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def text(rows, line_end="\n"):
    out = io.StringIO()
    csv.writer(out, lineterminator=line_end).writerows(rows)
    return out.getvalue()


def spoil(rows, columns, faults):
    for place, column, value in faults:
        rows[place][columns.index(column)] = value


def insert_lines(whole, bad):
    lines = whole.split("\n")
    for line, row in sorted(bad.items()):
        lines.insert(line - 1, row)
    return "\n".join(lines)


def plain(word):
    """A word in letters of Windows-1252, as a clerk would type it."""
    try:
        word.encode("cp1252")
        return word
    except UnicodeEncodeError:
        return word.translate(str.maketrans("ĄąĆćĘęŁłŃńŚśŹźŻżŐőŰű", "AaCcEeLlNnSsZzZzOoUu"))


def main():
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([PROGRAM, *SYNTH, scratch], check=True, stdout=subprocess.DEVNULL)
        nation = pathlib.Path(scratch)
        files = {name: read(nation / "suppliers" / f"{made}.csv") for made, name in SUPPLIERS.items()}
        benefits, properties, truth = (read(nation / f"{n}.csv") for n in ("benefits", "properties", "truth"))

    for supplier, rows in files.items():
        spoil(rows, CUSTOMER, BAD_FIELDS.get(supplier, []))
        rows.extend(row for row, _ in ACCOUNTS[supplier])
    files["northern-power"].insert(50, files["northern-power"][49])  # an exact repeat: dropped, and counted
    severnside = [[plain(MARKED.get(field, field)) for field in row] for row in files["severnside-electric"]]

    spoil(benefits, BENEFIT, BAD_FIELDS["benefits"])
    benefits.extend(CLAIMS)
    properties.extend(PROPERTIES)
    truth = [[SUPPLIERS.get(row[0], row[0]), *row[1:]] for row in truth]
    truth.extend([supplier, row[0], due] for supplier, rows in ACCOUNTS.items() for row, due in rows)

    written = {
        "suppliers/northern-power.csv": insert_lines(text(files["northern-power"]), BAD_CUSTOMERS).encode(),
        # Excel begins a UTF-8 file with a byte-order mark.
        "suppliers/brightwell-energy.csv": text(files["brightwell-energy"]).encode("utf-8-sig"),
        "suppliers/severnside-electric.csv": text(severnside, "\r\n").encode("cp1252"),
        "benefits.csv": insert_lines(text(benefits), BAD_BENEFITS).encode(),
        "properties.csv": text(properties).encode(),
        "objections.csv": text(OBJECTIONS).encode(),
        "decisions.csv": text(DECISIONS).encode(),
        "truth.csv": text(truth).encode(),
    }
    (HERE / "suppliers").mkdir(exist_ok=True)
    for name, content in written.items():
        (HERE / name).write_bytes(content)


if __name__ == "__main__":
    main()
