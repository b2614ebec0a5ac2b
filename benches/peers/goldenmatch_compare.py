"""Scores a folder's pairs with GoldenMatch and prints table rows beside flagmatch's. Called by ../accuracy.py.

GoldenMatch gets the cleaned fields that Splink gets. It runs without any configuration (`match_df`), and again with
its automatic Fellegi-Sunter configuration without a least score, so that the truth can choose the threshold.

usage: goldenmatch_compare.py FOLDER PRECISION    FOLDER holds job.toml and truth.csv; PRECISION is flagmatch's
"""

import os
import sys
import time

# No configuration may be remembered from another data set.
os.environ["GOLDENMATCH_AUTOCONFIG_MEMORY"] = "0"

import duckdb
import goldenmatch
import pyarrow as pa
from goldenmatch.core.autoconfig import auto_configure_probabilistic_df

from linkage import prepare, print_rows

FIELDS = {"forename": "forename", "middle": "middle_names", "surname": "surname", "dob": "date_of_birth",
          "address": "address", "town": "town", "postcode": "postcode", "uprn": "uprn"}  # fmt: skip


def table(connection, name):
    """The rows of holders or persons, with the fields that both sides have."""
    shared = []
    for field, said in FIELDS.items():
        counts = [connection.sql(f"select count({field}) from {side}").fetchall()[0][0] for side in ("holders", "persons")]
        if all(counts):
            shared.append(f"{field}::varchar as {said}")
    return connection.sql(f"select {', '.join(shared)} from {name} order by unique_id").to_arrow_table()


def link(connection, configured):
    """Scores the pairs; makes table `scored`."""
    holders, persons = table(connection, "holders"), table(connection, "persons")
    config = None
    if configured:
        config = auto_configure_probabilistic_df(pa.concat_tables([holders, persons]))
        for key in config.get_matchkeys():
            key.link_threshold = 0.0
    result = goldenmatch.match_df(holders, persons, config=config, confidence_required=False)
    matched = result.matched
    pairs = pa.table({
        "holder": matched["__target_row_id__"], "person": matched["__ref_row_id__"],
        "score": matched["__match_score__"],
    }) if matched is not None and matched.num_rows else pa.table(
        {"holder": pa.array([], pa.int64()), "person": pa.array([], pa.int64()), "score": pa.array([], pa.float64())}
    )  # fmt: skip
    connection.register("pairs", pairs)
    # Rows are numbered in the order given, those of the reference after those of the target.
    connection.sql(f"""
        create or replace table scored as
        with h as (select unique_id, row_number() over (order by unique_id) - 1 as row from holders),
        p as (select unique_id, {holders.num_rows} + row_number() over (order by unique_id) - 1 as row from persons)
        select h.unique_id as holder, p.unique_id as person, score::double as weight
        from pairs join h on h.row = pairs.holder join p on p.row = pairs.person""")


def main():
    folder, precision = sys.argv[1], float(sys.argv[2])
    connection = duckdb.connect()
    prepare(connection, folder)
    for config in (False, True):
        began = time.perf_counter()
        link(connection, config)
        print(f"goldenmatch_compare: {folder}: {time.perf_counter() - began:.1f} s", file=sys.stderr)
        # The first run shows its own threshold, the second what the truth would choose.
        print_rows(connection, folder, f"GoldenMatch {goldenmatch.__version__}", precision, chosen=config)



if __name__ == "__main__":
    main()
