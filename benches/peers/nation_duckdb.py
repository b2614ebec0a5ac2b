"""One night's flags by DuckDB: seven exact keys, no scoring. usage: nation_duckdb.py NATION OUT"""

import sys
from pathlib import Path

import duckdb

from nation import CUSTOMERS, Job

DATE = """CASE WHEN {0}[3:3] = '/' THEN {0}[7:10] || {0}[4:5] || {0}[1:2] ELSE replace({0}, '-', '') END"""
NAME = "regexp_replace(upper({0}), '[^A-Z]', '', 'g')"
NUMBER = "regexp_extract(concat_ws(' ', {0}), '[0-9]+')"


def columns(names):
    return "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in names) + "}"


def person(forename, surname, birth_date):
    """Normalised columns of one person; the address is the row's."""
    return f"""{NAME.format(forename)} AS given, {NAME.format(surname)} AS family,
        {DATE.format(birth_date)} AS born"""


HOME = f"""replace(upper(postcode), ' ', '') AS code, uprn,
    {NUMBER.format('address_line_1, address_line_2, address_line_3')} AS number"""

# A key is missing where one of its fields is.
KEYS = [
    ("family", "given[1:1]", "born"),
    ("born", "code"),
    ("family", "given", "code"),
    ("given", "born", "code[1:-4]"),
    ("given", "code", "number"),
    ("uprn", "family"),
    ("uprn", "born"),
]


def keys():
    parts = []
    for kind, fields in enumerate(KEYS):
        absent = " OR ".join(f"{field} IS NULL OR {field} = ''" for field in fields)
        parts.append(f"CASE WHEN {absent} THEN NULL ELSE hash({kind}, {', '.join(fields)}) END AS k{kind}")
    return ", ".join(parts)


def main(nation, out):
    job = Job(nation)
    base = duckdb.connect(config={"preserve_insertion_order": True})
    day = job.day.replace("-", "")
    codes = ", ".join(f"'{code}'" for code in job.benefits)
    base.execute(f"""
        CREATE TABLE people AS
        SELECT {keys()} FROM (
            SELECT {person('forename', 'surname', 'date_of_birth')}, {HOME},
            FROM read_csv('{job.benefit_file}', header = true, all_varchar = true, columns = {columns(job.benefit_columns)})
            WHERE benefit IN ({codes})
            AND (award_start IS NULL OR {DATE.format('award_start')} <= '{day}')
            AND (award_end IS NULL OR {DATE.format('award_end')} >= '{day}'))
    """)
    union = " UNION ALL ".join(f"SELECT k{kind} AS k FROM people WHERE k{kind} IS NOT NULL" for kind in range(len(KEYS)))
    base.execute(f"CREATE TABLE keys AS SELECT DISTINCT k FROM ({union})")
    base.execute("DROP TABLE people")
    Path(out).mkdir(parents=True, exist_ok=True)
    hit = " OR ".join(f"coalesce(k{kind} IN (SELECT k FROM keys), false)" for kind in range(len(KEYS)))
    for supplier, file, headings in job.suppliers:
        # The file's own headings take the places of the usual ones, which stand in the same order.
        assert len(headings) == len(CUSTOMERS)
        row = f"""SELECT row_number() OVER () AS place, * FROM
            read_csv('{file}', header = true, all_varchar = true, columns = {columns(CUSTOMERS)})"""
        supplied = f"""(supply_start IS NULL OR {DATE.format('supply_start')} <= '{day}')
            AND (supply_end IS NULL OR {DATE.format('supply_end')} >= '{day}')"""
        holders = f"""
            SELECT place, customer_ref, {supplied} AS in_play, {person('forename', 'surname', 'date_of_birth')}, {HOME}
            FROM file
            UNION ALL
            SELECT place, customer_ref, {supplied} AS in_play,
                {person('joint_forename', 'coalesce(joint_surname, surname)', 'joint_date_of_birth')}, {HOME}
            FROM file WHERE joint_forename IS NOT NULL OR joint_surname IS NOT NULL"""
        base.execute(f"""
            COPY (
                WITH file AS MATERIALIZED ({row}), holders AS ({holders}),
                keyed AS (SELECT place, customer_ref, in_play, {keys()} FROM holders)
                SELECT customer_ref, CASE WHEN bool_or(in_play AND ({hit})) THEN 'Y' ELSE 'N' END AS eligible
                FROM keyed GROUP BY customer_ref ORDER BY min(place)
            ) TO '{out}/{supplier}.csv' (HEADER)""")


if __name__ == "__main__":
    main(*sys.argv[1:])
