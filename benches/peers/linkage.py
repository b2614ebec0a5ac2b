"""Reads a folder with truth as Splink and GoldenMatch get it, and turns their scored pairs into flags."""

import csv
import glob
import math
import os
import tomllib

QUALIFYING_DATE = "2026-08-23"
QUALIFYING = ("UC", "ESA", "JSA", "IS", "HB", "PCGC")

INPUT_COLUMNS = [
    "customer_ref", "forename", "middle_names", "surname", "date_of_birth",
    "joint_forename", "joint_surname", "joint_date_of_birth",
    "address_line_1", "address_line_2", "address_line_3", "town", "postcode", "uprn", "supply_start", "supply_end",
]  # fmt: skip


def read_customers(connection, folder):
    """Reads all suppliers' rows under the standard column names into table `customers`."""
    with open(os.path.join(folder, "job.toml"), "rb") as file:
        suppliers = tomllib.load(file)["supplier"]
    selects = []
    for supplier in suppliers:
        for pattern in supplier["files"]:
            for path in sorted(glob.glob(os.path.join(folder, pattern))):
                source = f"read_csv('{path}', all_varchar=true, header=true, delim=',', quote='\"')"
                present = {row[0] for row in connection.sql(f"describe select * from {source}").fetchall()}
                headings = supplier.get("columns", {})
                columns = []
                for name in INPUT_COLUMNS:
                    heading = headings.get(name, name)
                    columns.append(f'"{heading}" as {name}' if heading in present else f"null::varchar as {name}")
                selects.append(f"select '{supplier['id']}' as supplier, {', '.join(columns)} from {source}")
    connection.sql("create table customers as " + " union all ".join(selects))


def date(column):
    """A date of birth or supply date in either form; a placeholder counts as absent."""
    parsed = f"coalesce(try_strptime({column}, '%Y-%m-%d'), try_strptime({column}, '%d/%m/%Y'))::date"
    return f"nullif({parsed}, date '1900-01-01')"


def clean(rows):
    """The plain normalising a user would do, as SQL over rows with raw columns."""
    word = "nullif(regexp_replace(strip_accents(upper({0})), '[^A-Z0-9]', '', 'g'), '')"
    titles = r"'^((MR|MRS|MS|MISS|DR|AND|&)\.? +)+'"
    no_title = f"regexp_replace(upper(forename), {titles}, '')"
    return f"""
    with raw as ({rows}),
    worded as (
        select *,
            {word.format(no_title)} as first_name, {word.format("surname")} as last_name,
            {word.format("split_part(trim(middle_names), ' ', 1)")} as middle,
            {word.format("postcode")} as packed, {word.format("uprn")} as property, {word.format("town")} as place,
            trim(regexp_replace(regexp_replace(strip_accents(upper(concat_ws(' ', address_line_1, address_line_2,
                address_line_3))), '[''.]', '', 'g'), '[^A-Z0-9]+', ' ', 'g')) as line
        from raw),
    coded as (
        select *,
            case when length(packed) between 5 and 7 and not regexp_matches(packed, '^[0-9]+$')
                then regexp_replace(left(packed, -3), 'O$', '0') end as outcode_part,
            case when length(packed) between 5 and 7 and not regexp_matches(packed, '^[0-9]+$')
                then regexp_replace(right(packed, 3), '^O', '0') end as incode
        from worded)
    select supplier, reference, unique_id, first_name as forename, last_name as surname, middle, born as dob,
        coalesce(outcode_part || ' ' || incode, packed) as postcode, outcode_part as outcode,
        outcode_part || ' ' || left(incode, 1) as sector, property as uprn, place as town,
        nullif(line, '') as address,
        nullif(array_to_string(list_sort(regexp_extract_all(regexp_replace(line, '\\b(FLAT|UNIT|APARTMENT) ', '', 'g'),
            '\\b([0-9]+[A-Z]?|[A-Z]|[A-Z]F[0-9]|[0-9]F[0-9])\\b')), ' '), '') as numbers,
        nullif(trim(regexp_replace(regexp_replace(line,
            '\\b([0-9]+[A-Z]?|[A-Z]|[A-Z]F[0-9]|[0-9]F[0-9]|FLAT|UNIT|APARTMENT)\\b', '', 'g'), ' +', ' ', 'g')), '')
            as street
    from coded"""


def prepare(connection, folder):
    """Makes tables `holders` and `persons` for Splink, and `awards` with who is eligible."""
    read_customers(connection, folder)
    on_supply = f"""coalesce({date("supply_start")} <= date '{QUALIFYING_DATE}', true)
        and coalesce({date("supply_end")} >= date '{QUALIFYING_DATE}', true)"""
    rest = "address_line_1, address_line_2, address_line_3, town, postcode, uprn"
    # A joint holder without a surname has the first holder's.
    holders = f"""
        select supplier, customer_ref as reference, 'H' || row_number() over () as unique_id, * exclude (supplier)
        from (
            select supplier, customer_ref, forename, middle_names, surname, {date("date_of_birth")} as born, {rest}
            from customers where {on_supply}
            union all
            select supplier, customer_ref, joint_forename, null, coalesce(joint_surname, surname),
                {date("joint_date_of_birth")}, {rest}
            from customers where {on_supply} and (joint_forename is not null or joint_surname is not null))"""
    connection.sql(f"create table holders as {clean(holders)}")

    path = os.path.join(folder, "benefits.csv")
    source = f"read_csv('{path}', all_varchar=true, header=true, delim=',', quote='\"')"
    present = {row[0] for row in connection.sql(f"describe select * from {source}").fetchall()}
    wanted = ["forename", "middle_names", "surname", "address_line_1", "address_line_2", "address_line_3",
              "town", "postcode", "uprn"]  # fmt: skip
    columns = ", ".join(name if name in present else f"null::varchar as {name}" for name in wanted)
    connection.sql(f"""
        create table benefit_rows as
        select 'P' || row_number() over () as unique_id, *
        from {source}""")
    persons = f"""
        select 'benefits' as supplier, claim_ref as reference, unique_id, {date("date_of_birth")} as born, {columns}
        from benefit_rows"""
    connection.sql(f"create table persons as {clean(persons)}")
    benefits = ", ".join(f"'{one}'" for one in QUALIFYING)
    # Rows that agree in name, date of birth and postcode are one person, who is eligible if any row is.
    connection.sql(f"""
        create table standing as
        with claims as (
            select claim_ref, bool_or(benefit in ({benefits})
                and coalesce({date("award_start")} <= date '{QUALIFYING_DATE}', true)
                and coalesce({date("award_end")} >= date '{QUALIFYING_DATE}', true)) as open
            from benefit_rows group by claim_ref)
        select persons.unique_id, reference as claim,
            bool_or(open) over (partition by forename, surname, dob, persons.postcode) as eligible
        from persons join claims on claim_ref = reference""")


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


# Rules that a user may apply to scored pairs, as conditions that a pair must meet.
SAME_DATE = """(h.dob is null or p.dob is null or damerau_levenshtein(h.dob::varchar, p.dob::varchar) <= 2
    or (month(h.dob) = day(p.dob) and day(h.dob) = month(p.dob))
    or (year(h.dob) = year(p.dob))::int + (month(h.dob) = month(p.dob))::int + (day(h.dob) = day(p.dob))::int >= 2)"""
SAME_FORENAME = """(h.forename is null or p.forename is null
    or (least(length(h.forename), length(p.forename)) = 1 and left(h.forename, 1) = left(p.forename, 1))
    or jaro_winkler_similarity(h.forename, p.forename) >= 0.8 or damerau_levenshtein(h.forename, p.forename) <= 2
    or jaro_winkler_similarity(h.forename, p.surname) >= 0.8 or jaro_winkler_similarity(h.surname, p.forename) >= 0.8
    or coalesce(h.forename = p.middle, false) or coalesce(h.middle = p.forename, false))"""
RULES = {
    "": "true",
    ", no pair whose dates of birth contradict": SAME_DATE,
    ", nor one whose forenames differ": f"{SAME_DATE} and {SAME_FORENAME}",
}


def account_scores(connection, rule, best_must_be_eligible, one_per_claim):
    """Each account's score. A threshold up to that score flags the account."""
    lead = "and weight >= coalesce(other, -1e9)" if best_must_be_eligible else ""
    one = "qualify row_number() over (partition by claim order by weight desc, supplier, reference) = 1"
    return connection.sql(f"""
        with pairs as (
            select h.supplier, h.reference, claim, eligible, weight,
                max(weight) filter (not eligible) over (partition by h.supplier, h.reference, holder) as other
            from scored
            join standing on standing.unique_id = person
            join holders h on h.unique_id = holder
            join persons p on p.unique_id = person
            where {rule}),
        best as (
            select * from pairs where eligible {lead}
            qualify row_number() over (partition by supplier, reference order by weight desc, claim) = 1)
        select supplier, reference, weight from best {one if one_per_claim else ""}""").fetchall()


def curve(scores, truth):
    """Returns (threshold, true flags, flags) for every useful threshold."""
    points, right, flagged = [], 0, 0
    ordered = sorted(((weight, supplier, reference) for supplier, reference, weight in scores), reverse=True)
    for place, (weight, supplier, reference) in enumerate(ordered):
        flagged += 1
        right += truth[supplier, reference]
        if place + 1 == len(ordered) or ordered[place + 1][0] < weight:
            points.append((weight, right, flagged))
    return points

def read_truth(folder):
    """Whether each account is eligible, by supplier and reference."""
    with open(os.path.join(folder, "job.toml"), "rb") as file:
        only = tomllib.load(file)["supplier"][0]["id"]
    with open(os.path.join(folder, "truth.csv"), encoding="utf-8", newline="") as file:
        return {(row.get("supplier", only), row["customer_ref"]): row["eligible"] == "Y" for row in csv.DictReader(file)}


def print_rows(connection, folder, name, precision, as_it_is=None, chosen=True, by_hand=False):
    """Prints table rows for the pairs in `scored`. First at the threshold `as_it_is`, or all pairs if that is None and
    nothing is `chosen`; then, if so, with the threshold and the way to flags chosen with the truth in hand: at
    `precision`, and at the best F1. With `by_hand`, also under rules."""
    truth = read_truth(folder)
    due = sum(truth.values())

    def row(said, right, flagged):
        print(f"| {name}{said} | {shown(right, flagged)} | {shown(right, due)} |")

    if as_it_is is not None or not chosen:
        least = float("-inf") if as_it_is is None else as_it_is
        plain = [score for score in account_scores(connection, "true", True, True) if score[2] >= least]
        row(", as it is", sum(truth[supplier, reference] for supplier, reference, _ in plain), len(plain))
    if not chosen:
        return
    for rule, condition in RULES.items():
        if rule and not by_hand:
            continue
        points = [point for lead in (False, True) for one in (False, True)
                  for point in curve(account_scores(connection, condition, lead, one), truth)]  # fmt: skip
        exact = [point for point in points if point[1] >= precision * point[2] - 1e-9]
        if exact:
            row(f"{rule}; at that precision", *max(exact, key=lambda point: point[1])[1:])
        else:
            print(f"| {name}{rule}; at that precision | not reached | |")
        if not rule and points:
            row("; at its best F1", *max(points, key=lambda point: point[1] / (point[2] + due))[1:])
