//! Checks the administrator's tools for a closer look: a clerical sample, two runs compared, and the curve over the
//! threshold.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use common::{ELSPETH, Folder, HAMISH, OSWALD, PRUNELLA, award, customer, has_nothing_planted};
use serde_json::Value;

#[test]
fn a_sample_is_drawn_by_seed_and_comes_back_as_an_estimate() {
    let folder = Folder::nation("20000", "7000", "3");
    assert_eq!(folder.flagmatch(&["run", "nation/job.toml"]).code, 0);
    let draw = |seed: &str| folder.flagmatch(&["sample", "nation/out/latest", "--n", "150", "--seed", seed]).stdout;
    let sample = draw("1");
    assert_eq!(sample, draw("1"));
    assert_ne!(sample, draw("2"));
    folder.write("sample.csv", &sample);
    let mut rows = folder.table("sample.csv");
    assert_eq!(rows.len(), 150);
    // The sample's strata have the run's numbers of accounts, and no stratum is missing.
    let decisions = folder.table("nation/out/latest/administrator/decisions.csv");
    let by_account: std::collections::HashMap<_, _> =
        decisions.iter().map(|row| ((row["supplier"].as_str(), row["customer_ref"].as_str()), row)).collect();
    let in_review: std::collections::HashSet<(String, String)> = folder
        .table("nation/out/latest/administrator/review.csv")
        .iter()
        .map(|row| (row["supplier"].clone(), row["customer_ref"].clone()))
        .collect();
    let group = |supplier: &str, reference: &str| match by_account.get(&(supplier, reference)) {
        Some(row) if row["flag"] == "Y" => "flagged",
        _ if in_review.contains(&(supplier.to_owned(), reference.to_owned())) => "review",
        _ => "neither",
    };
    let truth = folder.table("nation/truth.csv");
    let mut groups: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
    let (mut eligible, mut found) = (0, 0);
    for row in &truth {
        let own = group(&row["supplier"], &row["customer_ref"]);
        *groups.entry(own).or_default() += 1;
        eligible += u64::from(row["eligible"] == "Y");
        found += u64::from(row["eligible"] == "Y" && own == "flagged");
    }
    let mut strata = std::collections::BTreeMap::new();
    for row in &rows {
        let of = by_account.get(&(row["supplier"].as_str(), row["customer_ref"].as_str()));
        for (column, name) in [("levels", "levels"), ("posterior_band", "band"), ("flag", "flag")] {
            let expected = of.map_or(if column == "flag" { "N" } else { "" }, |of| of[column].as_str());
            assert_eq!(expected, row[name], "{name}");
        }
        let of_group = group(&row["supplier"], &row["customer_ref"]);
        assert_eq!(of_group, row["group"]);
        let key = of.filter(|_| of_group != "neither").map_or("", |of| of["keys"].split(' ').next().unwrap());
        assert_eq!(key, row["key"]);
        let accounts = row["stratum_accounts"].parse::<u64>().unwrap();
        strata.insert((of_group, row["key"].clone(), row["band"].clone()), accounts);
    }
    for (name, accounts) in &groups {
        let own = strata.iter().filter(|(stratum, _)| stratum.0 == *name).map(|(_, accounts)| accounts);
        assert_eq!(own.sum::<u64>(), *accounts, "{name}");
        assert!(rows.iter().filter(|row| row["group"] == *name).count() >= 20, "{name}");
    }
    let flagged = groups["flagged"];
    folder.flagmatch(&["sample", "nation/out/latest", "--n", "2"]).is_fault(2, &["strata", "--n"]);

    // If the reviewer knows the truth, the estimate agrees with the truth to within its interval.
    let due: std::collections::BTreeMap<(&str, &str), &str> = truth
        .iter()
        .map(|row| ((row["supplier"].as_str(), row["customer_ref"].as_str()), row["eligible"].as_str()))
        .collect();
    for row in &mut rows {
        let own = due[&(row["supplier"].as_str(), row["customer_ref"].as_str())].to_owned();
        row.insert("eligible".to_owned(), own);
    }
    let header: Vec<&str> = sample.lines().next().unwrap().split(',').collect();
    let write = |rows: &[std::collections::BTreeMap<String, String>]| {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&header).unwrap();
        for row in rows {
            writer.write_record(header.iter().map(|column| row[*column].as_str())).unwrap();
        }
        writer.into_inner().unwrap()
    };
    folder.write("reviewed.csv", write(&rows));
    let said = folder.flagmatch(&["evaluate", "--clerical", "reviewed.csv", "--json"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    let estimate: Value = serde_json::from_str(&said.stdout).unwrap();
    let precision = found as f64 / flagged as f64;
    let of = |name: &str| estimate["precision"][name].as_f64().unwrap();
    assert_eq!(estimate["precision"]["accounts"].as_u64(), Some(flagged));
    assert!(of("low") <= precision && precision <= of("high"), "{precision}: {estimate}");
    assert_eq!(estimate["reviewed"], 150);
    assert!(estimate["precision_by_band"].as_array().unwrap().len() > 1);
    let text = folder.flagmatch(&["evaluate", "--clerical", "reviewed.csv"]).stdout;
    for part in ["all flagged", "in review", "neither of both", "recall  "] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let recall = |name: &str| estimate["recall"][name].as_f64().unwrap();
    let true_recall = found as f64 / eligible as f64;
    assert!(recall("low") <= true_recall && true_recall <= recall("high"), "{true_recall}: {estimate}");

    // A spreadsheet's answers say the same.
    let sheet = String::from_utf8(write(&rows)).unwrap();
    let sheet: Vec<String> = sheet
        .lines()
        .map(|line| line.strip_suffix(",Y").map_or(line.to_owned(), |line| format!("{line},yes")).replace(',', ";"))
        .collect();
    folder.write("sheet.csv", format!("\u{feff}{}\r\n", sheet.join("\r\n")));
    assert_eq!(folder.flagmatch(&["evaluate", "--clerical", "sheet.csv"]).stdout, text);
    rows[3].insert("eligible".to_owned(), "perhaps".to_owned());
    folder.write("reviewed.csv", write(&rows));
    let said = folder.flagmatch(&["evaluate", "--clerical", "reviewed.csv"]);
    assert!(!said.stderr.contains("perhaps"), "{}", said.stderr);
    said.is_fault(1, &["reviewed.csv, line 5, column eligible", "neither Y nor N"]);
}

#[test]
fn two_runs_are_compared_by_flag_and_reason() {
    let folder = Folder::sound();
    folder.run_well();
    let before = std::fs::read_link(folder.path("out/latest")).unwrap();
    // Elspeth objects, Hamish is newly on benefit, and Oswald stays.
    folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &OSWALD), award("CLM-3", &HAMISH)]);
    folder.write("objections.csv", "claim_ref\nCLM-1\n");
    folder.add_to_job("[objections]\nfiles = [\"objections.csv\"]");
    folder.run_well();
    let before = format!("out/{}", before.display());
    let said = folder.flagmatch(&["compare", &before, "out/latest", "--list", "changed.csv"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    has_nothing_planted(&said.stdout);
    for line in ["2 flags changed", "N no candidate  Y matched         1", "Y matched       N objected         1"] {
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.stdout.lines().any(|own| squeezed(own) == squeezed(line)), "{line}:\n{}", said.stdout);
    }
    let changed = folder.table("changed.csv");
    let of = |place: usize| {
        ["customer_ref", "before", "after", "reason_before", "reason_after"]
            .map(|column| changed[place][column].as_str())
    };
    assert_eq!(of(0), ["REF-1", "Y", "N", "matched", "objected"]);
    assert_eq!(of(1), ["REF-2", "N", "Y", "", "matched"]);
    assert!(changed[1]["levels_after"].contains("given:exact") && changed[1]["levels_before"].is_empty());
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(folder.path("changed.csv")).unwrap().permissions());
    assert_eq!(mode & 0o077, 0, "for the administrator alone");
    let same = folder.flagmatch(&["compare", "out/latest", "out/latest"]);
    assert_eq!((same.code, same.stdout.as_str()), (0, "0 flags changed\n"));
    folder
        .flagmatch(&["compare", "out", "out/latest"])
        .is_fault(2, &["out: this is not the folder of a published run"]);
}

/// The flag file tells what a run decided on accounts without a row in `decisions.csv`.
#[test]
fn accounts_that_are_gone_or_new_are_told_from_those_of_whom_nobody_was_found() {
    let folder = Folder::sound();
    let recipient = "age1xuhvyzwfqxura8755d2fa24m6syxrvqfeej5vqmgdwgczzuaq35q8dm0hd";
    let south = format!("id = \"south\"\nage_recipient = \"{recipient}\"");
    folder.job(&folder.read("job.toml").replace("id = \"south\"", &south));
    folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &OSWALD), award("CLM-3", &PRUNELLA)]);
    folder.run_well();
    let run = |name: &str| format!("out/{}", std::fs::read_link(folder.path(name)).unwrap().display());
    let first = run("out/latest");
    // Elspeth's account is gone and Prunella's is new. Oswald moved out before the qualifying date, so no candidates
    // are looked for. The south's flags are encrypted.
    folder.customers("north", &[customer("REF-2", &HAMISH), customer("REF-4", &PRUNELLA)]);
    folder.customers("south", &[customer("REF-3", &OSWALD).with("supply_end", "2026-01-31")]);
    folder.run_well();
    let second = run("out/latest");
    let compare = |before: &str, after: &str| {
        let said = folder.flagmatch(&["compare", before, after, "--list", "changed.csv"]);
        assert_eq!((said.code, said.stderr.as_str()), (0, ""));
        has_nothing_planted(&said.stdout);
        assert!(said.stdout.lines().all(|line| line.chars().count() <= 80), "{}", said.stdout);
        let rows = folder.table("changed.csv");
        let columns = ["customer_ref", "before", "after", "account_before", "account_after", "reason_before"];
        let rows: Vec<String> =
            rows.iter().map(|row| columns.map(|column| row[column].as_str()).join(" ").trim().to_owned()).collect();
        (said.stdout.split_whitespace().collect::<Vec<_>>().join(" "), rows)
    };
    let (said, rows) = compare(&first, &second);
    assert_eq!(
        rows,
        ["REF-1 Y N judged absent matched", "REF-4 N Y absent judged", "REF-3 Y N judged no-candidate matched",]
    );
    for part in [
        "3 flags changed",
        "N account not there yet Y matched 1",
        "Y matched N account gone 1",
        "Y matched N no candidate 1",
        "no row in decisions.csv",
        "the supplier's file did not have it",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("not kept"), "{said}");
    let (said, rows) = compare(&second, &first);
    assert_eq!(rows[0], "REF-1 N Y absent judged");
    assert!(said.contains("Y matched N account gone 1") && said.contains("N no candidate Y matched 1"), "{said}");

    // A supplier that is held back keeps its flags, and none of its accounts counts as changed.
    folder.write("suppliers/north.csv", "nothing\n");
    assert_eq!(folder.run(&[]).code, 4);
    let (said, rows) = compare(&first, "out/latest");
    assert_eq!(rows, ["REF-3 Y N judged no-candidate matched"]);
    assert!(said.contains("not compared: north; the later run delivered nothing to it: held back: "), "{said}");
    assert_eq!(folder.run(&["--supplier", "south"]).code, 0);
    let (said, _) = compare("out/latest", &first);
    assert!(said.contains("not compared: north; the earlier run delivered nothing to it: not in the run"), "{said}");
}

#[test]
fn an_evaluation_has_a_curve_over_the_threshold() {
    let folder = Folder::nation("20000", "7000", "2");
    let arguments = ["evaluate", "nation/job.toml", "--truth", "nation/truth.csv", "--json", "--html", "curve.html"];
    let said = folder.flagmatch(&arguments);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    let found: Value = serde_json::from_str(&said.stdout).unwrap();
    let curve = found["curve"].as_array().unwrap();
    let recall: Vec<f64> = curve.iter().map(|point| point["recall"]["share"].as_f64().unwrap()).collect();
    assert!(recall.len() > 10 && recall.is_sorted_by(|one, other| one >= other), "{recall:?}");
    assert!(recall[0] > recall[recall.len() - 1]);
    // At the threshold in use the curve equals the evaluation, except for rebates that went to another account.
    let in_use = curve.iter().find(|point| point["threshold"] == 0.98).unwrap();
    let (of_curve, of_run) = (in_use["recall"]["share"].as_f64().unwrap(), found["recall"]["share"].as_f64().unwrap());
    assert!((of_curve - of_run).abs() < 0.01, "{of_curve} {of_run}");
    let page = folder.read("curve.html");
    for part in [
        "Over the threshold",
        "Precision against recall",
        "Eligible share over the mean posterior",
        "<svg role=\"img\"",
        "never a candidate",
        "Content-Security-Policy",
    ] {
        assert!(page.contains(part), "{part}");
    }
    // The axes tell 0.99 from 0.999.
    let labels: Vec<&str> = page.lines().map(str::trim).collect();
    assert!(labels.contains(&"0.99") && labels.contains(&"0.999"));
    // The rows of the misses add up.
    let misses = page.split("Eligible accounts that are not flagged, by reason</caption>").nth(1).unwrap();
    let cells = misses.split("</table>").next().unwrap().split("<td ").skip(1);
    let text = |cell: &str| cell.split_once('>').unwrap().1.split('<').next().unwrap().replace(',', "");
    let mut rows: Vec<u64> = cells.map(|cell| text(cell).parse().unwrap()).collect();
    let total = rows.pop().unwrap();
    let missed = |name: &str| found["misses"][name].as_u64().unwrap();
    assert!(rows.len() > 3 && rows.iter().sum::<u64>() == total, "{rows:?} {total}");
    assert_eq!(total, missed("never_a_candidate") + missed("not_flagged"));
    assert_eq!(total, found["recall"]["whole"].as_u64().unwrap() - found["recall"]["part"].as_u64().unwrap());
    // No number has more digits than its interval gives it.
    let inside = page.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
    let text: String =
        inside.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| format!("{text} ")).collect();
    assert!(text.contains("0.99"), "{text}");
    let is_long = |part: &str| part.split_once('.').is_some_and(|(_, decimals)| decimals.len() > 6);
    let long = text.split(|letter: char| !letter.is_ascii_digit() && letter != '.').find(|part| is_long(part));
    assert_eq!(long, None);
}

#[test]
fn completions_and_man_pages_know_every_command() {
    let folder = Folder::empty();
    let help = folder.flagmatch(&["--help"]).stdout;
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ").and_then(|line| line.split(' ').next()))
        .filter(|name| !name.is_empty() && *name != "help")
        .collect();
    assert!(commands.len() >= 14, "{help}");
    let bash = folder.flagmatch(&["completions", "bash"]);
    assert_eq!((bash.code, bash.stderr.as_str()), (0, ""));
    folder.write("flagmatch.bash", &bash.stdout);
    let parsed = std::process::Command::new("bash").arg("-n").arg(folder.path("flagmatch.bash")).status().unwrap();
    assert!(parsed.success());
    assert_eq!(folder.flagmatch(&["man", "pages"]).code, 0);
    assert!(folder.exists("pages/flagmatch.1"));
    for command in commands {
        assert!(bash.stdout.contains(command), "{command}");
        let page = folder.read(&format!("pages/flagmatch-{command}.1"));
        assert!(page.contains(".SH SYNOPSIS"), "{command}");
    }
}

/// Flags that a purge removed are reported as purged, and never as `N`.
#[test]
fn a_purged_run_is_said_to_be_purged() {
    let folder = Folder::sound();
    folder.run_well();
    let link = |name: &str| format!("out/{}", std::fs::read_link(folder.path(name)).unwrap().display());
    let first = link("out/latest");
    folder.customers("south", &[customer("REF-3", &OSWALD).with("supply_end", "2021-01-31")]);
    folder.run_well();
    let second = link("out/latest");
    let compared = folder.flagmatch(&["compare", &first, "out/latest"]).stdout;
    assert!(compared.starts_with("1 flag changed\n"), "{compared}");
    // The run gets an old date, and then a purge removes it.
    folder.job(&folder.read("job.toml").replace("qualifying_date", "retention_days = 0\nqualifying_date"));
    let old = "out/20200101T000000Z";
    std::fs::rename(folder.path(&first), folder.path(old)).unwrap();
    // The purge rebuilds the ledger from the runs.
    std::fs::remove_file(folder.path("out/ledger.sqlite")).unwrap();
    let purged = folder.flagmatch(&["purge", "job.toml"]);
    assert_eq!(purged.code, 0, "{}", purged.stderr);
    assert!(folder.exists(&format!("{second}/suppliers/south/whd.flags.csv")), "the newest stays");
    for (before, after, run) in [(old, "out/latest", "earlier"), ("out/latest", old, "later")] {
        let said = folder.flagmatch(&["compare", before, after, "--list", "changed.csv"]);
        assert_eq!((said.code, said.stderr.as_str()), (0, ""));
        assert!(said.stdout.starts_with("no flag could be compared\n"), "{}", said.stdout);
        for supplier in ["north", "south"] {
            let line = format!("not compared: {supplier} in whd; its flags in the {run} run were purged");
            assert!(said.stdout.contains(&line), "{line}: {}", said.stdout);
        }
        assert_eq!(folder.read("changed.csv").lines().count(), 1, "the headings alone");
        let json: Value =
            serde_json::from_str(&folder.flagmatch(&["compare", before, after, "--json"]).stdout).unwrap();
        assert_eq!((&json["not_compared"][0]["purged"], &json["compared"]), (&"whd".into(), &0.into()));
    }
    folder.flagmatch(&["sample", old]).is_fault(1, &["was purged", "name a later run"]);
    assert_eq!(folder.flagmatch(&["sample", "out/latest"]).code, 0);
    // Where nobody was found, there is still something to draw.
    let folder = Folder::sound();
    folder.benefits(&[award("CLM-3", &PRUNELLA)]);
    folder.run_well();
    let said = folder.flagmatch(&["sample", "out/latest"]);
    assert_eq!((said.code, said.stdout.lines().count()), (0, 4), "{}", said.stdout);
    assert!(said.stdout.lines().skip(1).all(|row| row.contains(",whd,neither,N,,,,,3,3,")), "{}", said.stdout);
}
