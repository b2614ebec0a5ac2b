//! Checks how one account or one claim is explained: what is shown, and that it is what a run decides.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use common::{
    DECISION, ELSPETH, Folder, HAMISH, JOCASTA, OSWALD, PRUNELLA, Person, Row, award, csv, customer,
    has_nothing_planted,
};
use serde_json::Value;

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn an_account_is_explained_in_levels_that_add_up() {
    let folder = Folder::sound();
    let close = customer("REF-4", &ELSPETH).with("forename", "Elspet").with("date_of_birth", "");
    folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH), close]);
    let before = folder.tree(".");
    let explain = |reference: &str, form: &[&str]| {
        let said = folder
            .flagmatch(&[&["explain", "job.toml", "--supplier", "north", "--customer", reference], form].concat());
        assert_eq!((said.code, said.stderr.as_str()), (0, ""));
        has_nothing_planted(&said.stdout.replace(reference, ""));
        said.stdout
    };
    let json: Value = serde_json::from_str(&explain("REF-1", &["--json"])).unwrap();
    let scheme = &json["schemes"][0];
    assert_eq!((scheme["scheme"].as_str(), scheme["flag"].as_str()), (Some("whd"), Some("Y")));
    assert_eq!(scheme["reason"], "matched");
    let posterior = scheme["posterior"].as_f64().unwrap();
    assert!(posterior >= scheme["threshold"].as_f64().unwrap() && posterior <= 1.0);
    let candidate = &scheme["holders"][0]["likeliest"][0];
    assert_eq!((candidate["decides"].as_bool(), candidate["standing"].as_str()), (Some(true), Some("eligible")));
    assert!(candidate["keys"].as_array().unwrap().iter().any(|key| key == "name+postcode"), "{candidate}");
    let fields = candidate["fields"].as_array().unwrap();
    let level = |name: &str| fields.iter().find(|field| field["field"] == name).unwrap()["level"].as_str().unwrap();
    assert_eq!((level("given"), level("family"), level("birth-date")), ("exact", "exact", "exact"));
    // Prior, fields and household add up to the odds, which bound the likelihood of a single candidate.
    let sum: f64 = fields.iter().map(|field| field["bits"].as_f64().unwrap()).sum();
    let number = |name: &str| candidate[name].as_f64().unwrap();
    let odds = number("prior") + sum + number("household");
    assert!((odds - number("odds")).abs() < 0.01, "{odds}: {candidate}");
    assert_eq!(scheme["holders"][0]["candidates"], 1);
    assert!(number("likelihood") <= odds.exp2() / (1.0 + odds.exp2()) + 1e-9);

    let text = explain("REF-1", &[]);
    assert!(text.starts_with("scheme whd: Y (matched)\n"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    for part in ["prior", "given", "exact", "birth-date", "odds in bits", "threshold"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let html = tempfile::tempdir().unwrap();
    let file = html.path().join("why.html").display().to_string();
    assert_eq!(explain("REF-1", &["--html", &file]), text, "the page comes beside the answer");
    let page = std::fs::read_to_string(&file).unwrap();
    has_nothing_planted(&page.replace("REF-1", ""));
    assert_eq!((json["customer_ref"].as_str(), json["run"].as_str()), (Some("REF-1"), None));
    assert!(page.contains("REF-1") && page.contains("before any run was published"), "{page}");
    // The axis has bits, and the last bar is the sum.
    let labels: std::collections::BTreeSet<&str> = page.lines().map(str::trim).collect();
    assert!(["odds in bits", "Sum", "0"].iter().all(|label| labels.contains(label)), "{page}");
    assert!(labels.iter().filter(|label| label.parse::<i32>().is_ok()).count() >= 2, "{page}");
    assert!(text.lines().any(|line| line.trim_start().starts_with("odds in bits") && line.ends_with('=')), "{text}");
    assert!(
        page.contains("<svg role=\"img\"") && page.contains("for the administrator alone")
            || page.contains("For the administrator alone")
    );
    let loose: Value = serde_json::from_str(&explain("REF-4", &["--json"])).unwrap();
    let fields = loose["schemes"][0]["holders"][0]["likeliest"][0]["fields"].as_array().unwrap().clone();
    assert!(fields.iter().all(|field| field["field"] != "birth-date"), "what is absent weighs nothing: {fields:?}");

    // No candidate was found, and an unknown account is an error.
    assert!(explain("REF-2", &[]).starts_with("scheme whd: N (not-found)\n"));
    let said = folder.flagmatch(&["explain", "job.toml", "--supplier", "north", "--customer", "REF-9"]);
    said.is_fault(2, &["--customer", "no account with that reference"]);
    let said = folder.flagmatch(&["explain", "job.toml", "--supplier", "west", "--customer", "REF-1"]);
    assert_eq!(said.code, 2);
    assert_eq!(folder.tree("."), before, "nothing is written");
}

/// A right flag may still not be delivered: a gate may quarantine it, or the rebate may be with another account.
#[test]
fn what_becomes_of_a_flag_is_explained_too() {
    let folder = Folder::sound();
    folder.add_to_job("[gates]\nleast_accounts = 1\nmatch_rate_lower = 1\nmatch_rate_higher = 10");
    let explain = |supplier: &str, reference: &str, form: &[&str]| {
        let said = folder
            .flagmatch(&[&["explain", "job.toml", "--supplier", supplier, "--customer", reference], form].concat());
        assert_eq!((said.code, said.stderr.as_str()), (0, ""));
        has_nothing_planted(&said.stdout.replace(reference, ""));
        squeezed(&said.stdout)
    };
    let first = explain("north", "REF-1", &[]);
    assert!(
        first.contains("No gate would quarantine this supplier's delivery now. The supplier never had a delivery.")
    );
    folder.run_well();
    let run = std::fs::read_link(folder.path("out/latest")).unwrap().display().to_string();
    let after = explain("north", "REF-1", &[]);
    assert!(after.contains("The newest delivery has Y too."), "{after}");
    assert!(after.contains(&format!("The supplier's newest delivery is of run {run}.")), "{after}");

    // The north has three accounts and usually two. One of them is Oswald's, whose rebate is with the south.
    let oswald = customer("REF-4", &OSWALD);
    folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-2", &HAMISH), oswald]);
    let text = explain("north", "REF-4", &["--html", "why.html"]);
    let page = squeezed(&folder.read("why.html"));
    for held in [text, page] {
        for part in [
            "A gate would quarantine this supplier's delivery now, so this flag would not be released.",
            "Gate accounts: 3; expected 2 to 2 (usually 2).",
            "The household's rebate was released to an account of south on",
            "A decision Y on this account that names the household's claim moves the rebate here.",
            "The newest delivery has N too.",
        ] {
            assert!(held.contains(part), "{part}: {held}");
        }
    }
    let json: Value = serde_json::from_str(&explain("north", "REF-4", &["--json"])).unwrap();
    assert_eq!(
        (json["findings"][0]["gate"].as_str(), json["newest_delivery"].as_str(), json["run"].as_str()),
        (Some("accounts"), Some(&*run), Some(&*run))
    );
    assert!(folder.read("why.html").contains(&format!("after run {run}")));
    assert_eq!(
        (json["schemes"][0]["rebate"]["supplier"].as_str(), json["schemes"][0]["delivered"].as_str()),
        (Some("south"), Some("N"))
    );
    // The rebate may also be with another account of the same supplier.
    folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-0", &ELSPETH)]);
    let both = explain("north", "REF-0", &[]);
    assert!(both.contains("N (claim-used)") && both.contains("to another account of this supplier"), "{both}");
    // An exception and a decision decide the flag, and the explanation says so.
    folder.write("exceptions/north.csv", "customer_ref,reason,reported_on\nREF-1,closed,2026-10-01\n");
    folder.add_to_job("[exceptions]\nfiles = [\"exceptions/*.csv\"]\n[decisions]\nfiles = [\"decisions.csv\"]");
    let decisions =
        |rows: &str| folder.write("decisions.csv", format!("supplier,customer_ref,scheme,flag,decided_on\n{rows}"));
    decisions("");
    assert!(explain("north", "REF-1", &[]).contains("The supplier reported that the account is closed."));
    decisions("north,REF-1,whd,Y,2026-10-02\n");
    let decided = explain("north", "REF-1", &[]);
    assert!(decided.contains("Y (decided)") && decided.contains("which overrides the match"), "{decided}");
    assert!(!decided.contains("release day"), "{decided}");
    folder.add_to_job("[changes]\nrelease_days = [1]");
    assert!(explain("north", "REF-1", &[]).contains("waits for the next release day."));
}

/// Explains one claim over all suppliers, for the helpline and subject access, by references and levels.
#[test]
fn a_claim_is_explained_over_all_suppliers() {
    let folder = Folder::sound();
    let scheme =
        "[[scheme.group]]\nid = \"cold\"\nbenefits = [\"CTR\"]\nmax_income = 9000\nmin_energy_cost_score = 40\n";
    folder.job(&folder.read("job.toml").replace("[benefits]", &format!("{scheme}[benefits]")));
    folder.write("properties.csv", "uprn,energy_cost_score\n100099255227,12\n");
    folder.add_to_job("[properties]\nfiles = [\"properties.csv\"]");
    let partner = award("CLM-2", &JOCASTA).with("role", "partner");
    let ended = award("CLM-4", &PRUNELLA).with("award_end", "2025-01-01");
    let council = award("CLM-2", &OSWALD).with("benefit", "CTR");
    folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &OSWALD), council, partner, ended]);
    // Oswald has an account with each supplier, and Jocasta one with the north.
    let norths = [customer("REF-1", &ELSPETH), customer("REF-4", &OSWALD), customer("REF-5", &JOCASTA)];
    folder.customers("north", &[&norths[..], &[customer("REF-6", &PRUNELLA)]].concat());
    let before = folder.tree(".");
    let explain = |claim: &str, form: &[&str]| {
        let said = folder.flagmatch(&[&["explain", "job.toml", "--claim", claim], form].concat());
        assert_eq!((said.code, said.stderr.as_str()), (0, ""));
        for value in ["Oswald T", "Thrupkin", "1948", "Vexford", "6ZZ", "100099255227", "13579", "PCGC", "CTR"] {
            assert!(!said.stdout.contains(value), "{value}: {}", said.stdout);
        }
        said.stdout
    };
    let json = |claim: &str| serde_json::from_str::<Value>(&explain(claim, &["--json"])).unwrap();
    let own = json("CLM-2");
    assert_eq!(folder.tree("."), before, "nothing is written");
    let people = own["people"].as_array().unwrap();
    assert_eq!(people.len(), 2);
    assert_eq!(
        (&people[0]["person_refs"][0], &people[0]["roles"][0]),
        (&"PSN-CLM-2-Oswald".into(), &"claimant".into())
    );
    assert_eq!(
        (&people[1]["person_refs"][0], &people[1]["roles"][0]),
        (&"PSN-CLM-2-Jocasta".into(), &"partner".into())
    );
    let scheme = &own["schemes"][0];
    assert_eq!((&scheme["eligibility"], &scheme["group"]), (&"eligible".into(), &"core-1".into()));
    let group = |at: usize, key: &str| scheme["groups"][at][key].clone();
    assert_eq!((group(0, "benefit"), group(0, "income")), ("open".into(), Value::Null));
    assert_eq!(group(1, "benefit"), "open");
    assert_eq!((group(1, "income"), group(1, "energy_cost_score")), ("fails".into(), "fails".into()));
    // All three accounts were found. One has the rebate, and the others' reason is that it is used.
    let accounts = scheme["accounts"].as_array().unwrap();
    let of = |accounts: &[Value], key: &str| accounts.iter().map(|own| own[key].clone()).collect::<Vec<_>>();
    assert_eq!(of(accounts, "customer_ref"), ["REF-4", "REF-5", "REF-3"]);
    assert_eq!(of(accounts, "supplier"), ["north", "north", "south"]);
    assert_eq!(accounts.iter().filter(|own| own["has_rebate"] == true).count(), 1, "{scheme}");
    assert_eq!(accounts.iter().filter(|own| own["reason"] == "claim-used").count(), 2, "{scheme}");
    assert!(accounts.iter().all(|own| (own["flag"] == "Y") == (own["has_rebate"] == true)), "{scheme}");
    assert!(of(accounts, "delivered").iter().all(Value::is_null), "nobody had a delivery");
    let jocasta = &accounts[1]["found"];
    let found = jocasta.as_array().unwrap().iter().find(|own| own["person"] == 2).unwrap();
    let level = |name: &str| {
        let fields = found["candidate"]["fields"].as_array().unwrap();
        fields.iter().find(|field| field["field"] == name).unwrap()["level"].clone()
    };
    assert_eq!((level("given"), level("birth-date")), ("exact".into(), "exact".into()));

    // A claim that is not eligible says why.
    let ended = json("CLM-4");
    assert_eq!(ended["schemes"][0]["eligibility"], "not-eligible");
    let groups = &ended["schemes"][0]["groups"];
    assert_eq!((&groups[0]["benefit"], &groups[1]["benefit"]), (&"not-open".into(), &"none".into()));
    assert_eq!(ended["schemes"][0]["accounts"][0]["reason"], "not-eligible");

    // The explanation agrees with the run; later with an objection, a decision, an exception and an account that is
    // gone.
    folder.run_well();
    let with_rebate = accounts.iter().find(|own| own["has_rebate"] == true).unwrap();
    let (supplier, reference) = (&with_rebate["supplier"], &with_rebate["customer_ref"]);
    assert_eq!(folder.flag(supplier.as_str().unwrap(), "whd", reference.as_str().unwrap()), "Y");
    folder.write("objections.csv", "person_ref\nPSN-CLM-2-Jocasta\n");
    folder.add_to_job("[objections]\nfiles = [\"objections.csv\"]\n[decisions]\nfiles = [\"decisions.csv\"]");
    folder.write("decisions.csv", "supplier,customer_ref,scheme,flag,decided_on\nnorth,REF-5,whd,N,2026-10-02\n");
    folder.write("exceptions/south.csv", "customer_ref,reason,reported_on\nREF-3,closed,2026-10-01\n");
    folder.add_to_job("[exceptions]\nfiles = [\"exceptions/*.csv\"]");
    folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-5", &JOCASTA)]);
    let after = json("CLM-2");
    assert_eq!((&after["people"][0]["objected"], &after["people"][1]["objected"]), (&false.into(), &true.into()));
    let accounts = after["schemes"][0]["accounts"].as_array().unwrap().clone();
    let account = |reference: &str| accounts.iter().find(|own| own["customer_ref"] == reference).unwrap().clone();
    assert_eq!((&account("REF-5")["decision"], &account("REF-5")["decided_on"]), (&"N".into(), &"2026-10-02".into()));
    assert_eq!(account("REF-3")["exception"], "closed");
    if reference == "REF-4" {
        assert_eq!((&account("REF-4")["flag"], &account("REF-4")["delivered"]), (&Value::Null, &"Y".into()));
    }
    assert_eq!(account("REF-3")["delivered"].as_str(), Some(if reference == "REF-3" { "Y" } else { "N" }));

    let text = explain("CLM-2", &["--html", "claim.html"]);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let page = folder.read("claim.html");
    for said in [squeezed(&text), squeezed(&page)] {
        for part in [
            "partner, person_ref PSN-CLM-2-Jocasta; objected, and is never eligible",
            "income over the limit; energy-cost score too low",
            "Staff decided N on 2026-10-02.",
            "The supplier reported: closed.",
            "given exact",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
    let none = folder.flagmatch(&["explain", "job.toml", "--claim", "clm-2"]);
    none.is_fault(2, &["--claim", "no claim with that reference"]);
    // A supplier that cannot be used is named, and its released flags are listed.
    std::fs::remove_file(folder.path("suppliers/south.csv")).unwrap();
    let without = json("CLM-2");
    assert_eq!(without["held_back"][0]["id"], "south");
}

/// A rebate that the next run passes on is said to be where it was released, and not where it goes.
#[test]
fn a_rebate_is_said_to_be_where_it_was_released() {
    const PASSES: &str = "passes it here, if this account still reaches the threshold.";
    let night = |day: &str, folder: &Folder| assert_eq!(folder.run(&["--night-of", day]).code, 0);
    let released = || {
        let folder = Folder::sound();
        folder.add_to_job("[decisions]\nfiles = [\"decisions.csv\"]\n[gates]\nrepeated_file = false");
        folder.write("decisions.csv", csv(DECISION, &[]));
        night("2026-10-01", &folder);
        folder.customers("south", &[customer("REF-3", &OSWALD), customer("REF-5", &ELSPETH)]);
        folder
    };
    let decide = |folder: &Folder, customer_ref: &str| {
        let own = [
            ("supplier", "north"),
            ("customer_ref", customer_ref),
            ("scheme", "whd"),
            ("flag", "Y"),
            ("claim_ref", "CLM-1"),
            ("decided_on", "2026-10-02"),
        ];
        folder.write("decisions.csv", csv(DECISION, &[Row::new(&own)]));
    };
    // The change after the release, the account that is explained, what is said of its rebate, and what is not.
    type Case = (&'static str, fn(&Folder), [&'static str; 2], &'static [&'static str], &'static [&'static str]);
    let renumbered =
        |folder: &Folder| folder.customers("north", &[customer("NEW-1", &ELSPETH), customer("REF-2", &HAMISH)]);
    let cases: [Case; 5] = [
        (
            "nothing changed",
            |_| (),
            ["north", "REF-1"],
            &["was released here on 1 October 2026.", "A decision N on this account takes it back"],
            &["passes it here"],
        ),
        (
            "renumbered",
            renumbered,
            ["north", "NEW-1"],
            &[
                "was released to another account of this supplier on 1 October 2026. That account is gone, off supply or \
                 not likely enough any more: the next run",
                PASSES,
            ],
            &["released here", "A decision N"],
        ),
        (
            "renumbered, from another supplier's side",
            renumbered,
            ["south", "REF-5"],
            &[
                "was released to an account of north on 1 October 2026.",
                "If its account is gone, the next run passes it to north's next account of the household that reaches \
                 the threshold.",
            ],
            &["passes it here"],
        ),
        (
            "still there, but off supply",
            |folder| {
                let gone = customer("REF-1", &ELSPETH).with("supply_end", "2026-01-31");
                folder.customers("north", &[gone, customer("NEW-1", &ELSPETH)]);
            },
            ["north", "NEW-1"],
            &["was released to another account of this supplier on 1 October 2026.", PASSES],
            &["released here"],
        ),
        (
            "its supplier has ended",
            |folder| {
                let ended = "id = \"north\"\nformer = true\nsuccessor = \"south\"";
                folder
                    .job(&folder.read("job.toml").replace("id = \"north\"\nfiles = [\"suppliers/north*.csv\"]", ended));
            },
            ["south", "REF-5"],
            &["was released to an account of north on 1 October 2026. north has ended: the next run", PASSES],
            &["released here", "another account of this supplier"],
        ),
    ];
    let explain = |folder: &Folder, [supplier, customer]: [&str; 2]| {
        let said = folder.flagmatch(&["explain", "job.toml", "--supplier", supplier, "--customer", customer]);
        assert_eq!((said.code, said.stderr.as_str()), (0, ""));
        has_nothing_planted(&said.stdout);
        squeezed(&said.stdout)
    };
    for (case, change, account, is_said, is_not_said) in cases {
        let folder = released();
        change(&folder);
        let said = explain(&folder, account);
        for part in is_said {
            assert!(said.contains(part), "{case}: {part}: {said}");
        }
        for part in is_not_said {
            assert!(!said.contains(part), "{case}: {part}: {said}");
        }
    }

    // After that run the rebate is there, with the day of its first release.
    let folder = released();
    renumbered(&folder);
    let claim = |folder: &Folder| squeezed(&folder.flagmatch(&["explain", "job.toml", "--claim", "CLM-1"]).stdout);
    let on_its_way = claim(&folder);
    let passes = "north NEW-1: Y (matched); newest delivery N; the next run passes the rebate to it, which was released \
                  to north REF-1 on 2026-10-01";
    assert!(on_its_way.contains(passes) && !on_its_way.contains("HAS THE REBATE"), "{on_its_way}");
    night("2026-10-02", &folder);
    assert!(explain(&folder, ["north", "NEW-1"]).contains("was released here on 1 October 2026."));
    assert!(claim(&folder).contains("HAS THE REBATE, released on 2026-10-01"));

    // Staff decide that another account of the same supplier has it.
    let folder = released();
    folder.customers("north", &[customer("REF-1", &ELSPETH), customer("REF-7", &ELSPETH)]);
    decide(&folder, "REF-7");
    for (account, is_said) in [
        (
            "REF-7",
            "to another account of this supplier on 1 October 2026. The next run moves it here, as staff decided.",
        ),
        (
            "REF-1",
            "here on 1 October 2026. The next run moves it to another account of this supplier, as staff decided.",
        ),
    ] {
        let said = explain(&folder, ["north", account]);
        assert!(said.contains(&format!("The household's rebate was released {is_said}")), "{account}: {said}");
    }
}

/// A claim whose rebate no run has released yet does not have it yet.
#[test]
fn a_rebate_that_is_not_released_yet_is_said_to_go_out_with_the_next_run() {
    let folder = Folder::sound();
    let said = squeezed(&folder.flagmatch(&["explain", "job.toml", "--claim", "CLM-1"]).stdout);
    assert!(said.contains("gets the rebate with the next run") && !said.contains("HAS THE REBATE"), "{said}");
}

/// Explanations name fields and keys as `decisions.csv` does, so that each can be looked up in the other.
#[test]
fn an_explanation_has_the_words_of_decisions_csv() {
    let folder = Folder::sound();
    let moved = customer("REF-4", &OSWALD).with("postcode", "").with("town", "").with("uprn", "");
    folder.customers("north", &[customer("REF-1", &ELSPETH), moved]);
    folder.run_well();
    for customer_ref in ["REF-1", "REF-4"] {
        let decision = folder.administrator("decisions", &[("customer_ref", customer_ref)]).remove(0);
        let of_account = ["explain", "job.toml", "--supplier", "north", "--customer", customer_ref];
        let json: Value =
            serde_json::from_str(&folder.flagmatch(&[&of_account[..], &["--json"]].concat()).stdout).unwrap();
        let best = &json["schemes"][0]["holders"][0]["likeliest"][0];
        let texts = |name: &str| best[name].as_array().unwrap().clone();
        let keys: Vec<String> = texts("keys").iter().map(|key| key.as_str().unwrap().to_owned()).collect();
        assert_eq!(keys.join(" "), decision["keys"]);
        let levels: Vec<&str> = decision["levels"].split(' ').collect();
        let text = folder.flagmatch(&of_account).stdout;
        for field in texts("fields") {
            let (name, level) = (field["field"].as_str().unwrap(), field["level"].as_str().unwrap());
            assert!(levels.contains(&format!("{name}:{level}").as_str()), "{name} {level}: {levels:?}");
            assert!(text.lines().any(|line| line.starts_with(&format!("    {name} "))), "{name}: {text}");
        }
    }
}

/// The help says exactly what is shown: each name in the answers stands for words of the help.
#[test]
fn the_help_names_all_that_an_explanation_shows() {
    const SHOWN: &[(&str, &[&str])] = &[
        ("flags", &["flag", "delivered", "schemes", "scheme", "supplier", "newest_delivery"]),
        ("reasons", &["reason", "threshold", "waits_for_release_day"]),
        ("gates that would stop the files", &["findings", "gate", "held_back", "id"]),
        ("match keys", &["keys", "cut_off"]),
        (
            "comparison levels and weights",
            &[
                "fields",
                "field",
                "table",
                "level",
                "bits",
                "prior",
                "odds",
                "household",
                "lead",
                "likeliest",
                "candidate",
                "candidates",
                "decides",
                "likelihood",
                "posterior",
                "posterior_band",
                "holders",
                "holder",
                "holder_found",
            ],
        ),
        ("whether a candidate is eligible", &["standing"]),
        ("who else a holder may be", &["rivals", "rival", "words"]),
        (
            "where the household's rebate is and since when",
            &[
                "rebate",
                "state",
                "released_on",
                "gone_since",
                "free_on",
                "others",
                "sentences",
                "has_rebate",
                "rebate_from",
                "rebate_state",
                "moved_from",
            ],
        ),
        (
            "references (claim_ref, person_ref, customer_ref)",
            &["claim", "person_refs", "other_claims", "customer_ref", "accounts", "found", "person"],
        ),
        ("its own reference and the newest run", &["run"]),
        ("roles", &["people", "roles"]),
        (
            "which conditions of eligibility hold",
            &["eligibility", "group", "groups", "benefit", "income", "energy_cost_score"],
        ),
        ("objections, staff decisions and exceptions", &["objected", "decision", "decided_on", "exception"]),
    ];
    fn names(value: &Value, all: &mut std::collections::BTreeSet<String>) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, own)| {
                all.insert(name.clone());
                names(own, all);
            }),
            Value::Array(items) => items.iter().for_each(|own| names(own, all)),
            _ => {}
        }
    }
    let folder = Folder::sound();
    folder.run_well();
    let help = squeezed(&folder.flagmatch(&["explain", "--help"]).stdout);
    assert!(!help.contains("no personal data"), "{help}");
    let mut all = std::collections::BTreeSet::new();
    for of in [&["--supplier", "north", "--customer", "REF-1"][..], &["--claim", "CLM-1"]] {
        let said = folder.flagmatch(&[&["explain", "job.toml", "--json"], of].concat());
        names(&serde_json::from_str(&said.stdout).unwrap(), &mut all);
    }
    for (words, _) in SHOWN {
        assert!(help.contains(words), "{words}: {help}");
    }
    for name in all {
        assert!(
            SHOWN.iter().any(|(_, names)| names.contains(&name.as_str())),
            "the help does not say that {name} is shown"
        );
    }
}

/// An account is in review because somebody else may be the holder: the explanation says who, and how likely that is.
#[test]
fn who_else_a_holder_may_be_is_explained() {
    let folder = Folder::sound();
    let sister = customer("REF-4", &ELSPETH).with("forename", "Rosalind");
    let moved = customer("REF-5", &Person { forename: "Elspeth", surname: "Quillfeather", born: "", ..HAMISH });
    let father = customer("REF-6", &ELSPETH).with("date_of_birth", "1921-10-30");
    folder.customers("north", &[customer("REF-1", &ELSPETH), sister, moved, father]);
    for (reference, likeliest, among) in [
        ("REF-4", "a twin", "another adult entered under this date of birth"),
        ("REF-5", "somebody unrelated", "somebody unrelated"),
        ("REF-6", "a parent or child of the same name", "another adult of the family"),
    ] {
        let explain = |form: &[&str]| {
            let said = folder
                .flagmatch(&[&["explain", "job.toml", "--supplier", "north", "--customer", reference], form].concat());
            assert_eq!((said.code, said.stderr.as_str()), (0, ""));
            has_nothing_planted(&said.stdout.replace(reference, ""));
            said.stdout
        };
        let json: Value = serde_json::from_str(&explain(&["--json"])).unwrap();
        let holder = &json["schemes"][0]["holders"][0];
        let rivals = holder["rivals"].as_array().unwrap();
        assert_eq!(rivals[0]["words"], likeliest, "{reference}: {rivals:?}");
        // Whoever the holder is, is a candidate or somebody else.
        let everybody = rivals.iter().chain(holder["likeliest"].as_array().unwrap());
        let all: f64 = everybody.map(|one| one["likelihood"].as_f64().unwrap()).sum();
        assert!((0.999..1.000_001).contains(&all), "{reference}: {all}");
        // Text and page have a line for each, in words, with the likelihood.
        let text = explain(&["--html", "why.html"]);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        let page = folder.read("why.html");
        let heading =
            text.lines().position(|line| line.trim_start().starts_with("who else the holder may be")).unwrap();
        for (rival, line) in rivals.iter().zip(text.lines().skip(heading + 1)) {
            let (words, likelihood) = (rival["words"].as_str().unwrap(), rival["likelihood"].as_f64().unwrap());
            assert!(line.trim_start().starts_with(words) && line.ends_with(&format!("{likelihood:.4}")), "{text}");
            assert!(page.contains(words) && page.contains(&format!("{likelihood:.4}")), "{words}");
        }
        assert!(rivals.iter().any(|rival| rival["words"] == among), "{reference}: {rivals:?}");
    }
}
