"""Makes one run's flags with Polars: seven exact match keys, no scoring. usage: nation_polars.py NATION OUT"""

import sys
from pathlib import Path

import polars as pl

from nation import CUSTOMERS, KEYS, Job


def date(column):
    text = pl.col(column)
    british = pl.concat_str(text.str.slice(6, 4), text.str.slice(3, 2), text.str.slice(0, 2))
    return pl.when(text.str.slice(2, 1) == "/").then(british).otherwise(text.str.replace_all("-", "", literal=True))


def open_on(day, start, end):
    return (pl.col(start).is_null() | (date(start) <= day)) & (pl.col(end).is_null() | (date(end) >= day))


def people(rows, forename, surname, birth_date, *kept):
    name = lambda text: text.str.to_uppercase().str.replace_all("[^A-Z]", "")
    lines = pl.concat_str("address_line_1", "address_line_2", "address_line_3", separator=" ", ignore_nulls=True)
    code = pl.col("postcode").str.to_uppercase().str.replace_all(" ", "", literal=True)
    return rows.select(
        *kept,
        given=name(pl.col(forename)),
        family=name(surname),
        born=date(birth_date),
        code=code,
        uprn=pl.col("uprn"),
        number=lines.str.extract("([0-9]+)"),
    ).with_columns(initial=pl.col("given").str.slice(0, 1), district=pl.col("code").str.head(-3))


def keys(rows):
    absent = lambda field: pl.col(field).is_null() | (pl.col(field) == "")
    made = []
    for kind, fields in enumerate(KEYS):
        key = pl.struct([pl.lit(kind).alias("kind"), *fields]).hash()
        made.append(pl.when(pl.any_horizontal([absent(field) for field in fields])).then(None).otherwise(key).alias(f"k{kind}"))
    return made


def main(nation, out):
    job = Job(nation)
    day = job.day.replace("-", "")
    text = {"infer_schema": False}
    benefits = pl.scan_csv(job.benefit_file, **text)
    benefits = benefits.filter(pl.col("benefit").is_in(job.benefits) & open_on(day, "award_start", "award_end"))
    persons = people(benefits, "forename", pl.col("surname"), "date_of_birth")
    made = persons.select(keys(persons)).collect(engine="streaming")
    known = pl.concat([made[name] for name in made.columns]).drop_nulls().unique().rename("k").to_frame().lazy()
    Path(out).mkdir(parents=True, exist_ok=True)
    for supplier, file, _ in job.suppliers:
        rows = pl.scan_csv(file, new_columns=CUSTOMERS, row_index_name=None, **text)
        rows = rows.with_row_index("place").with_columns(on_supply=open_on(day, "supply_start", "supply_end"))
        first = people(rows, "forename", pl.col("surname"), "date_of_birth", "place", "on_supply")
        joint = rows.filter(pl.col("joint_forename").is_not_null() | pl.col("joint_surname").is_not_null())
        surname = pl.coalesce("joint_surname", "surname")
        joint = people(joint, "joint_forename", surname, "joint_date_of_birth", "place", "on_supply")
        holders = pl.concat([first, joint]).filter("on_supply")
        keyed = holders.select("place", *keys(holders))
        tried = pl.concat([keyed.select("place", pl.col(f"k{kind}").alias("k")).drop_nulls() for kind in range(len(KEYS))])
        found = tried.join(known, on="k", how="semi").select("place").unique().with_columns(hit=pl.lit(True))
        accounts = (
            rows.select("place", "customer_ref")
            .join(found, on="place", how="left")
            .group_by("customer_ref")
            .agg(pl.col("place").min(), pl.col("hit").any())
            .sort("place")
            .select("customer_ref", eligible=pl.when("hit").then(pl.lit("Y")).otherwise(pl.lit("N")))
        )
        accounts.collect(engine="streaming").write_csv(f"{out}/{supplier}.csv")


if __name__ == "__main__":
    main(*sys.argv[1:])
