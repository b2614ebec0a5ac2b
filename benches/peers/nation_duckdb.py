"""Makes one run's flags with DuckDB: seven exact match keys, no scoring. usage: nation_duckdb.py NATION OUT

One query reads all customer files, so that the tables of known keys are built once and the rows stay in the
order of the files without being buffered.
"""

import sys
from pathlib import Path

import duckdb

from nation import CUSTOMERS, KEYS, Job

DATE = """CASE WHEN {0}[3:3] = '/' THEN {0}[7:10] || {0}[4:5] || {0}[1:2] ELSE replace({0}, '-', '') END"""
NAME = "regexp_replace(upper({0}), '[^A-Z]', '', 'g')"
NUMBER = "regexp_extract(concat_ws(' ', {0}), '[0-9]+')"

HOME = f"""replace(upper(postcode), ' ', '') AS code, code[1:-4] AS district, uprn,
    {NUMBER.format('address_line_1, address_line_2, address_line_3')} AS number"""


def person(prefix, forename, surname, birth_date):
    """Normalised columns of one person."""
    given = NAME.format(forename)
    return f"""{given} AS {prefix}given, {given}[1:1] AS {prefix}initial, {NAME.format(surname)} AS {prefix}family,
        {DATE.format(birth_date)} AS {prefix}born"""


def keys(prefix):
    """The keys of one person. A key is missing where one of its fields is."""
    parts = []
    for kind, fields in enumerate(KEYS):
        own = [prefix + field if field in ("given", "initial", "family", "born") else field for field in fields]
        absent = " OR ".join(f"{field} IS NULL OR {field} = ''" for field in own)
        parts.append(f"CASE WHEN {absent} THEN NULL ELSE hash({kind}, {', '.join(own)}) END AS {prefix}k{kind}")
    return ", ".join(parts)


def open_on(day, start, end):
    return f"({start} IS NULL OR {DATE.format(start)} <= '{day}') AND ({end} IS NULL OR {DATE.format(end)} >= '{day}')"


def rows_of(files, names):
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    listed = ", ".join(f"'{file}'" for file in files)
    return f"read_csv([{listed}], header = true, all_varchar = true, filename = true, columns = {{{columns}}})"


def main(nation, out):
    job = Job(nation)
    base = duckdb.connect(config={"preserve_insertion_order": True})
    day = job.day.replace("-", "")
    codes = ", ".join(f"'{code}'" for code in job.benefits)
    base.execute(f"""
        CREATE TABLE people AS
        SELECT {keys('')} FROM (
            SELECT {person('', 'forename', 'surname', 'date_of_birth')}, {HOME}
            FROM {rows_of([job.benefit_file], job.benefit_columns)}
            WHERE benefit IN ({codes}) AND {open_on(day, 'award_start', 'award_end')})
    """)
    joint_surname = """CASE WHEN joint_forename IS NOT NULL OR joint_surname IS NOT NULL
        THEN coalesce(joint_surname, surname) END"""
    known = [f"{prefix}k{kind} IN (SELECT k{kind} FROM people)" for prefix in ("", "joint_") for kind in range(len(KEYS))]
    # A supplier's own headings are replaced by the standard ones, which are in the same order.
    base.execute(f"""
        CREATE TABLE accounts AS
        SELECT filename, customer_ref, coalesce(on_supply AND ({' OR '.join(known)}), false) AS hit FROM (
            SELECT filename, customer_ref, on_supply, {keys('')}, {keys('joint_')} FROM (
                SELECT filename, customer_ref, {open_on(day, 'supply_start', 'supply_end')} AS on_supply,
                    {person('', 'forename', 'surname', 'date_of_birth')},
                    {person('joint_', 'joint_forename', joint_surname, 'joint_date_of_birth')}, {HOME}
                FROM {rows_of([file for _, file, _ in job.suppliers], CUSTOMERS)}))
    """)
    Path(out).mkdir(parents=True, exist_ok=True)
    for supplier, file, _ in job.suppliers:
        base.execute(f"""
            COPY (
                SELECT customer_ref, CASE WHEN bool_or(hit) THEN 'Y' ELSE 'N' END AS eligible
                FROM accounts WHERE filename = '{file}' GROUP BY customer_ref ORDER BY min(rowid)
            ) TO '{out}/{supplier}.csv' (HEADER)""")


if __name__ == "__main__":
    main(*sys.argv[1:])
