"""Compares flagmatch with Splink on one folder of inputs with truth, at equal precision.

The folder holds customers.csv, benefits.csv and truth.csv, or the output of `flagmatch synth`. Splink gets
every advantage: the date of birth, name, address and UPRN cleaned beforehand, blocking rules that lose next
to nothing, and four ways of turning scored pairs into flags, each with its threshold chosen with the truth in
hand; the best of the four is reported. It is shown as shipped, and with rules like flagmatch's applied to its
pairs by hand. flagmatch runs as shipped.

usage: splink_compare.py --flagmatch BINARY [--title TEXT] FOLDER
"""

import argparse
import collections
import glob
import os
import time
import tomllib

import duckdb
import splink
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.blocking_rule_library import CustomRule

from linkage import QUALIFYING, QUALIFYING_DATE, evaluate, shown

INPUT_COLUMNS = [
    "customer_ref", "forename", "middle_names", "surname", "date_of_birth",
    "joint_forename", "joint_surname", "joint_date_of_birth",
    "address_line_1", "address_line_2", "address_line_3", "town", "postcode", "uprn", "supply_start", "supply_end",
]  # fmt: skip


def read_customers(connection, folder):
    """Reads all suppliers' rows under the standard column names into table `customers`."""
    if os.path.isdir(os.path.join(folder, "suppliers")):
        with open(os.path.join(folder, "job.toml"), "rb") as file:
            suppliers = tomllib.load(file)["supplier"]
    else:
        suppliers = [{"id": "s", "files": ["customers.csv"]}]
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


def settings(british):
    """The comparisons and blocking rules, chosen by hand for the kind of data."""
    name = lambda column, other: cl.CustomComparison(  # noqa: E731
        output_column_name=f"{column}_compared",
        comparison_levels=[
            cll.NullLevel(column),
            cll.ExactMatchLevel(column).configure(tf_adjustment_column=column),
            cll.JaroWinklerLevel(column, 0.92),
            cll.JaroWinklerLevel(column, 0.88),
            cll.CustomLevel(
                f"least(length({column}_l), length({column}_r)) = 1 and left({column}_l, 1) = left({column}_r, 1)",
                "initial",
            ),
            cll.CustomLevel(
                f"jaro_winkler_similarity({column}_l, {other}_r) >= 0.88 "
                f"and jaro_winkler_similarity({other}_l, {column}_r) >= 0.88",
                "names exchanged",
            ),
            cll.CustomLevel(
                f"least(length({column}_l), length({column}_r)) > 2 "
                f"and (contains({column}_l, {column}_r) or contains({column}_r, {column}_l))",
                "one within the other",
            ),
            cll.JaroWinklerLevel(column, 0.7),
            cll.ElseLevel(),
        ],
    )
    parts = [f"{part}(dob_l) = {part}(dob_r)" for part in ("year", "month", "day")]
    born = cl.CustomComparison(
        output_column_name="dob_compared",
        comparison_levels=[
            cll.NullLevel("dob"),
            cll.ExactMatchLevel("dob"),
            cll.CustomLevel(
                "year(dob_l) = year(dob_r) and month(dob_l) = day(dob_r) and day(dob_l) = month(dob_r)",
                "day and month exchanged",
            ),
            cll.CustomLevel("damerau_levenshtein(dob_l::varchar, dob_r::varchar) <= 1", "one slip"),
            cll.CustomLevel(
                f"({parts[0]} and {parts[1]}) or ({parts[0]} and {parts[2]}) or ({parts[1]} and {parts[2]})",
                "two parts",
            ),
            cll.CustomLevel("damerau_levenshtein(dob_l::varchar, dob_r::varchar) <= 2", "two slips"),
            cll.CustomLevel(parts[0], "year"),
            cll.ElseLevel(),
        ],
    )
    postcode_levels = [cll.NullLevel("postcode"), cll.ExactMatchLevel("postcode")]
    if british:
        postcode_levels += [
            cll.CustomLevel("damerau_levenshtein(postcode_l, postcode_r) <= 1", "one slip"),
            cll.ExactMatchLevel("sector"),
            cll.ExactMatchLevel("outcode"),
        ]
    else:
        postcode_levels += [cll.CustomLevel("damerau_levenshtein(postcode_l, postcode_r) <= 1", "one slip")]
    postcode = cl.CustomComparison(
        output_column_name="postcode_compared", comparison_levels=[*postcode_levels, cll.ElseLevel()]
    )
    address = cl.CustomComparison(
        output_column_name="address_compared",
        comparison_levels=[
            cll.NullLevel("address"),
            cll.CustomLevel("(uprn_l = uprn_r) or (address_l = address_r)", "same UPRN or address"),
            cll.CustomLevel(
                "numbers_l = numbers_r and jaro_winkler_similarity(street_l, street_r) >= 0.88",
                "same numbers, street alike",
            ),
            cll.CustomLevel("numbers_l is null and numbers_r is null and jaro_winkler_similarity(street_l, street_r) >= 0.88",
                            "no numbers, street alike"),
            cll.CustomLevel("jaro_winkler_similarity(street_l, street_r) >= 0.88", "street alike"),
            cll.CustomLevel("numbers_l = numbers_r", "same numbers"),
            cll.ElseLevel(),
        ],
    )  # fmt: skip
    comparisons = [name("forename", "surname"), name("surname", "forename"), born, postcode, address]
    if british:
        comparisons.append(
            cl.CustomComparison(
                output_column_name="middle_compared",
                comparison_levels=[
                    cll.NullLevel("middle"),
                    cll.ExactMatchLevel("middle"),
                    cll.CustomLevel("left(middle_l, 1) = left(middle_r, 1)", "initial"),
                    cll.ElseLevel(),
                ],
            )
        )
    else:
        comparisons.append(cl.JaroWinklerAtThresholds("town", [0.92, 0.8]))
    rules = [
        block_on("dob"),
        block_on("postcode", "surname"),
        block_on("postcode", "substr(forename, 1, 1)"),
        block_on("postcode", "numbers"),
        block_on("uprn"),
        block_on("forename", "surname"),
        block_on("surname", "numbers"),
        block_on("numbers", "street"),
        block_on("surname", "town"),
        block_on("forename", "substr(surname, 1, 2)", "town"),
        CustomRule("l.forename = r.surname and l.surname = r.forename"),
    ]
    if not british:
        # A small set can afford wide blocks.
        rules += [block_on("postcode"), block_on("forename"), block_on("surname"), block_on("street")]
    return SettingsCreator(
        link_type="link_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=rules,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )


def link(connection, british):
    """Trains Splink and scores the pairs; makes table `scored`."""
    api = DuckDBAPI(connection)
    hidden = "exclude (supplier, reference)"
    connection.sql(f"create table a_holders as select * {hidden} from holders")
    connection.sql(f"create table b_persons as select * {hidden} from persons")
    tables = [
        api.register("a_holders", dataset_display_name="a_holders"),
        api.register("b_persons", dataset_display_name="b_persons"),
    ]
    linker = Linker(tables, settings(british), log_level="ERROR")
    certain = [
        block_on("forename", "surname", "dob"),
        block_on("forename", "dob", "postcode"),
        block_on("forename", "surname", "postcode", "numbers"),
    ]
    linker.training.estimate_probability_two_random_records_match(certain, recall=0.9)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e7, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("dob"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("postcode", "surname"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("forename", "numbers"))
    pairs = linker.inference.predict(threshold_match_weight=-8)
    connection.sql(f"create table scored as select unique_id_l as holder, unique_id_r as person, "
                   f"match_weight as weight from {pairs.physical_name}")  # fmt: skip


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
    "Splink": "true",
    "Splink, no pair whose dates of birth contradict": SAME_DATE,
    "Splink, nor one whose forenames differ": f"{SAME_DATE} and {SAME_FORENAME}",
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


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--flagmatch", required=True)
    arguments.add_argument("--title", default="")
    arguments.add_argument("--patterns", type=int, default=12)
    arguments.add_argument("folder")
    options = arguments.parse_args()
    figures, wrong, own_seconds = evaluate(options.flagmatch, options.folder)

    began = time.perf_counter()
    connection = duckdb.connect()
    prepare(connection, options.folder)
    british = connection.sql("select count(outcode) > 0 from holders").fetchall()[0][0]
    link(connection, british)
    seconds = time.perf_counter() - began

    path = os.path.join(options.folder, "truth.csv")
    rows = connection.sql(f"select * from read_csv('{path}', all_varchar=true, header=true)")
    names = rows.columns
    truth = {}
    for row in rows.fetchall():
        row = dict(zip(names, row))
        truth[row.get("supplier", "s"), row["customer_ref"]] = row["eligible"] == "Y"
    due = sum(truth.values())
    ways = {}
    for rule, condition in RULES.items():
        for lead in (False, True):
            for one in (False, True):
                scores = account_scores(connection, condition, lead, one)
                ways[rule, lead, one] = (scores, curve(scores, truth))

    precision, recall = figures["precision"], figures["recall"]
    print(f"### {options.title or os.path.basename(options.folder)}\n")
    print(f"{len(truth):,} accounts, {due:,} due. flagmatch {own_seconds:.1f} s, "
          f"Splink {splink.__version__} on DuckDB {duckdb.__version__} {seconds:.1f} s "
          "(reading, normalising, training, scoring).\n")  # fmt: skip
    print("| | precision | recall |\n|---|---|---|")
    print(f"| flagmatch, as it is | {shown(precision['part'], precision['whole'])} "
          f"| {shown(recall['part'], recall['whole'])} |")  # fmt: skip
    targets = [(0.9995, "at least 0.9995"), (0.999, "at least 0.999"), (precision["share"], "flagmatch's")]
    same = {}
    for rule in RULES:
        for target, said in targets:
            best = None
            for way, (_, points) in ways.items():
                for weight, right, flagged in points if way[0] == rule else ():
                    if right >= target * flagged - 1e-9 and (best is None or right > best[1]):
                        best = (weight, right, flagged, way)
            if best is None:
                print(f"| {rule}; precision {said} | not reached | |")
                continue
            weight, right, flagged, way = best
            print(f"| {rule}; precision {said} | {shown(right, flagged)} | {shown(right, due)} |")
            if said == "flagmatch's":
                same[rule] = best
    print(f"\nSplink's pairs above a weight of −8: {connection.sql('select count(*) from scored').fetchall()[0][0]:,}. "
          "True accounts with such a pair to an eligible person: "
          f"{sum(truth[s, r] for s, r, _ in ways['Splink', False, False][0]):,} of {due:,}.")  # fmt: skip
    for rule, (weight, _, _, way) in same.items():
        lead = "only where no ineligible person scores more" if way[1] else "by its best eligible person"
        one = "one account a claim" if way[2] else "any number of accounts a claim"
        splinks = {(supplier, reference) for supplier, reference, score in ways[way][0] if score >= weight}
        found = [row for key, row in wrong.items() if row["eligible"] == "Y" and key in splinks]
        missed = sum(1 for key, is_due in truth.items() if is_due and key not in wrong and key not in splinks)
        print(f"\n**{rule}**, at flagmatch's precision: an account is flagged {lead}, {one}, at a weight of "
              f"{weight:.1f} or more. Due accounts that only Splink flags: {len(found):,}; "
              f"that only flagmatch flags: {missed:,}.\n")  # fmt: skip
        if not found:
            continue
        print("| reason in flagmatch | levels | accounts |\n|---|---|---|")
        patterns = collections.Counter((row["reason"], row["levels"]) for row in found)
        for (reason, levels), count in sorted(patterns.items(), key=lambda item: (-item[1], item[0]))[: options.patterns]:
            print(f"| {reason} | {levels or 'no candidate'} | {count} |")
    print()


if __name__ == "__main__":
    main()
