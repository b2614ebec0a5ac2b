"""Scores a folder's pairs with Splink and prints table rows beside flagmatch's. Called by ../accuracy.py.

Splink gets every advantage: cleaned fields, blocking rules that lose next to nothing, and a threshold and a way of
turning pairs into flags that are chosen with the truth in hand; and the same with two rules laid on its pairs.

usage: splink_compare.py FOLDER PRECISION    FOLDER holds job.toml and truth.csv; PRECISION is flagmatch's
"""

import math
import sys
import time

import duckdb
import splink
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.blocking_rule_library import CustomRule

from linkage import prepare, print_rows

# The probability from which flagmatch flags, as a match weight.
AS_IT_IS = math.log2(0.98 / 0.02)


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


def main():
    folder, precision = sys.argv[1], float(sys.argv[2])
    began = time.perf_counter()
    connection = duckdb.connect()
    prepare(connection, folder)
    british = connection.sql("select count(outcode) > 0 from holders").fetchall()[0][0]
    link(connection, british)
    print(f"splink_compare: {folder}: {time.perf_counter() - began:.1f} s", file=sys.stderr)
    print_rows(connection, folder, f"Splink {splink.__version__}", precision, AS_IT_IS, by_hand=True)


if __name__ == "__main__":
    main()
