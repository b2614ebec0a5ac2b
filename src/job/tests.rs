//! Tests right job files with their meaning, and wrong job files with their message.

mod declaration;

use std::path::Path;

use super::*;

/// The smallest job file, line by line.
const LEAST: &str = r#"[[scheme]]
id = "whd-2026"
name = "Warm Home Discount 2026-27"
qualifying_date = 2026-08-23
[[scheme.group]]
id = "core-1"
benefits = ["PCGC"]
[benefits]
files = ["benefits.csv"]
[[supplier]]
id = "northern-power"
files = ["northern-power*.csv"]
"#;

/// The smallest job file with one text replaced by another; the text must be there.
fn with(old: &str, new: &str) -> String {
    assert!(LEAST.contains(old), "{old:?} is not in the job file");
    LEAST.replacen(old, new, 1)
}

fn parse(text: &str) -> Result<Job, JobError> {
    Job::parse(text, Path::new("jobs"))
}

#[test]
fn the_least_job_takes_every_default() {
    let job = parse(LEAST).unwrap();
    let scheme = &job.schemes[0];
    assert_eq!((scheme.id.as_str(), scheme.name.as_str()), ("whd-2026", "Warm Home Discount 2026-27"));
    assert_eq!(scheme.qualifying_date, Date::new(2026, 8, 23).unwrap());
    assert!(scheme.one_rebate_per_claim);
    assert_eq!((scheme.limit, scheme.retention_days), (None, None));
    assert_eq!((&scheme.purpose, &scheme.legal_power), (&None, &None));
    let group = Group {
        id: "core-1".to_owned(),
        benefits: vec!["PCGC".to_owned()],
        max_income: None,
        min_energy_cost_score: None,
    };
    assert_eq!(scheme.groups, [group]);
    assert_eq!(job.benefits.patterns(), ["benefits.csv"]);
    assert_eq!((&job.properties, &job.objections, &job.decisions), (&None, &None, &None));
    assert_eq!(job.supplier("northern-power"), Some(&job.suppliers[0]));
    assert_eq!(job.supplier("southern-power"), None);
    assert!(!job.suppliers[0].parts);
    assert!(job.suppliers[0].takes_part_in(scheme));
    assert_eq!((job.matching.threshold, job.intake.reject_limit), (0.98, 0.1));
    assert_eq!(job.disclosure, Disclosure::default());
    assert_eq!((job.disclosure.epsilon, job.disclosure.delta, job.disclosure.headlines), (2.0, 1e-9, 26));
    assert_eq!((job.gates, job.probing, job.changes), (Gates::default(), None, None));
    assert_eq!(job.output, Path::new("jobs/out"));
}

#[test]
fn a_full_job_means_what_it_says() {
    let text = r#"
[[scheme]]
id = "whd-2026"
name = "Warm Home Discount"
qualifying_date = "2026-08-23"
one_rebate_per_claim = false
limit = 500_000
purpose = "a rebate"
legal_power = "a regulation"
retention_days = 90
group = [{ id = "core-1", benefits = ["PCGC"] }, { id = "core-2", benefits = ["UC", "HB"], max_income = 17000, min_energy_cost_score = 40.5 }]
[[scheme]]
id = "cold"
name = "Cold"
qualifying_date = 2026-02-28
[[scheme.group]]
id = "core-1"
benefits = ["UC"]

[benefits]
files = ["dwp/*.csv", "/data/hmrc.csv"]
columns = { claim_ref = "CLAIM" }
[properties]
files = ["properties.csv"]
[objections]
files = ["objections.csv"]
[objections.columns]
customer_ref = "ACCOUNT"
[decisions]
files = ["decisions.csv"]

[[supplier]]
id = "N.power_1"
files = ["n*.csv"]
columns = { customer_ref = "ACCOUNT NO", surname = "LAST NAME" }
schemes = ["cold"]
parts = true
[[supplier]]
id = "south"
files = ["s.csv"]

[matching]
threshold = 0.999
[intake]
reject_limit = 0
[disclosure]
season = "2026-27"
epsilon = 1
detail_days = 30
[gates]
nights = 14
accounts_fewer = 0.5
match_rate_higher = 2
repeated_file = false
qualifying_days = 250
[probing]
edited = 0.2
surnames = 9
[output]
directory = "/published"
"#;
    let job = parse(text).unwrap();
    let scheme = &job.schemes[0];
    assert_eq!(scheme.qualifying_date, Date::new(2026, 8, 23).unwrap());
    assert!(!scheme.one_rebate_per_claim);
    assert_eq!((scheme.limit, scheme.retention_days), (Some(500_000), Some(90)));
    assert_eq!(scheme.purpose.as_deref(), Some("a rebate"));
    assert_eq!(scheme.legal_power.as_deref(), Some("a regulation"));
    assert_eq!(scheme.groups[0].max_income, None);
    assert_eq!(scheme.groups[1].benefits, ["UC", "HB"]);
    assert_eq!(scheme.groups[1].max_income, Some(17000.0));
    assert_eq!(scheme.groups[1].min_energy_cost_score, Some(40.5));
    assert_eq!(job.benefits.patterns(), ["dwp/*.csv", "/data/hmrc.csv"]);
    assert_eq!(job.benefits.columns()["claim_ref"], "CLAIM");
    assert!(job.properties.is_some() && job.decisions.is_some());
    assert_eq!(job.objections.unwrap().columns()["customer_ref"], "ACCOUNT");
    let [north, south] = &job.suppliers[..] else { panic!("two suppliers") };
    assert_eq!(north.source.columns().len(), 2);
    assert_eq!(north.source.columns()["surname"], "LAST NAME");
    assert!(north.parts && !south.parts);
    let takes_part = |supplier: &Supplier| job.schemes.iter().map(|s| supplier.takes_part_in(s)).collect::<Vec<_>>();
    assert_eq!((takes_part(north), takes_part(south)), (vec![false, true], vec![true, true]));
    assert_eq!((job.matching.threshold, job.intake.reject_limit), (0.999, 0.0));
    let expected = Disclosure { season: "2026-27".to_owned(), epsilon: 1.0, detail_days: 30, ..Disclosure::default() };
    assert_eq!(job.disclosure, expected);
    let gates = Gates {
        nights: 14,
        accounts_fewer: 0.5,
        match_rate_higher: 2.0,
        repeated_file: false,
        qualifying_days: Some(250),
        ..Gates::default()
    };
    assert_eq!(job.gates, gates);
    assert_eq!(job.probing, Some(Probing { edited: 0.2, surnames: 9, ..Probing::default() }));
    assert_eq!(job.output, Path::new("/published"));
}

#[test]
fn a_wrong_job_is_told_its_line_and_how_to_put_it_right() {
    let after = |text: &str| format!("{LEAST}{text}");
    for (text, expected) in [
        // Unknown keys, everywhere a key may stand.
        (
            with("qualifying_date", "qualifing_date"),
            r#"job file, line 4: unknown key "qualifing_date" in [[scheme]]; did you mean "qualifying_date"?"#,
        ),
        (
            with("benefits = [", "benefit = ["),
            r#"job file, line 7: unknown key "benefit" in [[scheme.group]]; did you mean "benefits"?"#,
        ),
        (
            with("files = [\"b", "Files = [\"b"),
            r#"job file, line 9: unknown key "Files" in [benefits]; did you mean "files"?"#,
        ),
        (
            after("[mtching]\nthreshold = 0.9\n"),
            r#"job file, line 13: unknown key "mtching" in the job file; did you mean "matching"?"#,
        ),
        (
            after("[intake]\nrefuse = 0.1\n"),
            r#"job file, line 14: unknown key "refuse" in [intake]; known are reject_limit, identity"#,
        ),
        (
            after("[output]\ndirectry = 'out'\n"),
            r#"job file, line 14: unknown key "directry" in [output]; did you mean "directory"?"#,
        ),
        // A key of another section: most often it stands below a section that it should precede.
        (
            after("[supplier.columns]\nsurname = 'A'\nage_recipient = 'age1x'\n"),
            r#"job file, line 15: unknown key "age_recipient" in columns; it belongs to [[supplier]]: put it above the line [supplier.columns]"#,
        ),
        (
            with("[benefits]", "name = 'Late'\n[benefits]"),
            r#"job file, line 8: unknown key "name" in [[scheme.group]]; it belongs to [[scheme]]: put it above the line [[scheme.group]]"#,
        ),
        (
            with("[[supplier]]", "[benefits.columns]\nfiles = ['b.csv']\n[[supplier]]"),
            r#"job file, line 11: unknown key "files" in columns; it belongs to [benefits]: put it above the line [benefits.columns]"#,
        ),
        (
            after("[output]\nsecret_key = 'a.key'\n"),
            r#"job file, line 14: unknown key "secret_key" in [output]; it belongs to [signing]: put it there"#,
        ),
        (
            with("[[scheme]]", "threshold = 0.9\n[[scheme]]"),
            r#"job file, line 1: unknown key "threshold" in the job file; it belongs to [matching]: put it there"#,
        ),
        // The first of several.
        (
            with("[benefits]", "zzz = 1\n[bene]\n[benefits]"),
            r#"job file, line 9: unknown key "bene" in the job file; known are scheme, benefits, properties, objections, decisions, exceptions, supplier, matching, intake, disclosure, changes, gates, probing, retention, review, output, signing"#,
        ),
        // Unknown columns, by the kind of file.
        (
            after("columns = { sirname = 'NAME' }\n"),
            r#"job file, line 13: unknown key "sirname" in columns; did you mean "surname"?"#,
        ),
        (
            with("[[supplier]]", "columns = { parson_ref = 'A' }\n[[supplier]]"),
            r#"job file, line 10: unknown key "parson_ref" in columns; did you mean "person_ref"?"#,
        ),
        (
            format!("{LEAST}[properties]\nfiles = ['p.csv']\ncolumns = {{ customer_ref = 'A' }}\n"),
            r#"job file, line 15: unknown key "customer_ref" in columns; known are uprn, energy_cost_score"#,
        ),
        (
            after("columns = { surname = '' }\n"),
            r#"job file, line 13: "surname" in columns must be text that is not empty"#,
        ),
        // Gates.
        (
            after("[gates]\naccounts_fewer = 1.5\n"),
            r#"job file, line 14: "accounts_fewer" in [gates] must be a number from 0 to 1"#,
        ),
        (
            after("[gates]\nunchanged_days = 0\n"),
            r#"job file, line 14: "unchanged_days" in [gates] must be a whole number of days from 1 to 36600"#,
        ),
        (
            after("[gates]\naccount_fewer = 0.5\n"),
            r#"job file, line 14: unknown key "account_fewer" in [gates]; did you mean "accounts_fewer"?"#,
        ),
        (
            after("[changes]\nrelease_days = []\n"),
            r#"job file, line 14: "release_days" in [changes] must be a list of weekdays ("monday") and days of the month (1 to 28), at least one"#,
        ),
        (
            after("[changes]\nrelease_days = [\"monday\",\n29]\n"),
            r#"job file, line 15: "release_days" in [changes] must be a list of weekdays ("monday") and days of the month (1 to 28), at least one"#,
        ),
        (
            after("[changes]\nrelease_days = [\"mon\"]\n"),
            r#"job file, line 14: "release_days" in [changes] must be a list of weekdays ("monday") and days of the month (1 to 28), at least one"#,
        ),
        (after("[changes]\n"), r#"job file, line 13: [changes] has no "release_days""#),
        (
            after("[probing]\nedited_nights = 6\n"),
            r#"job file, line 14: "edited_nights" in [probing] must be a whole number from 2 to 5"#,
        ),
        // Encryption and signing.
        (after("[signing]\n"), r#"job file, line 13: [signing] has no "secret_key""#),
        (
            after("age_recipient = 'age1'\n"),
            r#"job file, line 13: "age_recipient" in [[supplier]] must be an age recipient: age1 and what follows it, as age-keygen prints it"#,
        ),
        // Missing keys, at the line their section begins.
        (with("id = \"whd-2026\"\n", ""), r#"job file, line 1: [[scheme]] has no "id""#),
        (with("name = \"Warm Home Discount 2026-27\"\n", ""), r#"job file, line 1: [[scheme]] has no "name""#),
        (with("qualifying_date = 2026-08-23\n", ""), r#"job file, line 1: [[scheme]] has no "qualifying_date""#),
        (
            with("[[scheme.group]]\nid = \"core-1\"\nbenefits = [\"PCGC\"]\n", ""),
            r#"job file, line 1: [[scheme]] has no "group""#,
        ),
        (with("benefits = [\"PCGC\"]\n", ""), r#"job file, line 5: [[scheme.group]] has no "benefits""#),
        (with("files = [\"benefits.csv\"]\n", ""), r#"job file, line 8: [benefits] has no "files""#),
        (with("[benefits]\nfiles = [\"benefits.csv\"]\n", ""), r#"job file, line 1: the job file has no "benefits""#),
        (with("files = [\"northern-power*.csv\"]\n", ""), r#"job file, line 10: [[supplier]] has no "files""#),
        (
            LEAST[..LEAST.find("[[supplier]]").unwrap()].to_owned(),
            r#"job file, line 1: the job file has no "supplier""#,
        ),
        (String::new(), r#"job file, line 1: the job file has no "scheme""#),
        // Lists with nothing in them.
        (
            with("[\"PCGC\"]", "[]"),
            r#"job file, line 7: "benefits" in [[scheme.group]] must be a list of texts, at least one and none of them empty"#,
        ),
        (
            with("[\"PCGC\"]", "[\n\"PCGC\",\n\" \"]"),
            r#"job file, line 9: "benefits" in [[scheme.group]] must be a list of texts, at least one and none of them empty"#,
        ),
        (
            with("[\"benefits.csv\"]", "\"benefits.csv\""),
            r#"job file, line 9: "files" in [benefits] must be a list of paths or well-formed globs, at least one and none of them empty"#,
        ),
        // Sections in the wrong brackets.
        (
            with("[[supplier]]", "[supplier]"),
            r#"job file, line 10: "supplier" in the job file must be one section or more, each begun with its name in double brackets"#,
        ),
        (
            with("[benefits]", "[[benefits]]"),
            r#"job file, line 8: "benefits" in the job file must be a section, written as [section] on a line of its own"#,
        ),
        // Dates.
        (
            with("2026-08-23", "\"23/08/2026\""),
            r#"job file, line 4: "qualifying_date" in [[scheme]] must be a date that exists, such as 2026-08-23"#,
        ),
        (
            with("2026-08-23", "\"2026-02-29\""),
            r#"job file, line 4: "qualifying_date" in [[scheme]] must be a date that exists, such as 2026-08-23"#,
        ),
        (
            with("2026-08-23", "2026-08-23T00:00:00"),
            r#"job file, line 4: "qualifying_date" in [[scheme]] must be a date that exists, such as 2026-08-23"#,
        ),
        (
            with("2026-08-23", "20260823"),
            r#"job file, line 4: "qualifying_date" in [[scheme]] must be a date that exists, such as 2026-08-23"#,
        ),
        // Globs.
        (
            with("northern-power*.csv", "northern[power.csv"),
            r#"job file, line 12: "files" in [[supplier]] must be a list of paths or well-formed globs, at least one and none of them empty"#,
        ),
        // Schemes of a supplier.
        (
            after("schemes = [\"whd-2026\", \"whd-2025\"]\n"),
            r#"job file, line 13: there is no scheme "whd-2025"; did you mean "whd-2026"?"#,
        ),
        (
            after("schemes = []\n"),
            r#"job file, line 13: "schemes" in [[supplier]] must be a list of texts, at least one and none of them empty"#,
        ),
        // Ids that are already taken.
        (
            after("[[supplier]]\nid = \"northern-power\"\nfiles = [\"a\"]\n"),
            r#"job file, line 14: supplier "northern-power" is already there in line 11; ids must differ"#,
        ),
        (
            after("[[supplier]]\nid = \"Northern-Power\"\nfiles = [\"a\"]\n"),
            r#"job file, line 14: supplier "Northern-Power" is already there in line 11; ids must differ in more than capitals"#,
        ),
        (
            with("[benefits]", "[[scheme.group]]\nid = \"core-1\"\nbenefits = [\"UC\"]\n[benefits]"),
            r#"job file, line 9: group "core-1" is already there in line 6; ids must differ"#,
        ),
        (
            format!("{LEAST}{}", &LEAST[..LEAST.find("[benefits]").unwrap()]),
            r#"job file, line 14: scheme "whd-2026" is already there in line 2; ids must differ"#,
        ),
    ] {
        assert_eq!(parse(&text).unwrap_err().to_string(), expected, "{text}");
    }
}

#[test]
fn numbers_have_their_range() {
    for (key, good, bad) in [
        ("threshold", &["0.5", "0.9999"][..], &["0", "1", "1.0", "0.0", "-0.5", "nan", "inf", "\"0.9\"", "true"][..]),
        ("audit_days", &["0", "2557"], &["-1", "4294967296", "\"seven years\""]),
        ("detail_days", &["1", "7", "366"], &["0", "-1", "367", "7.0", "\"weekly\""]),
        ("epsilon", &["2", "0.1", "10000"], &["0", "-1", "10001", "nan", "\"2\""]),
        ("delta", &["1e-9", "0.0001"], &["0", "0.001", "1", "-1e-9"]),
        ("reject_limit", &["0", "1", "0.0", "1.0", "0.1"], &["-0.1", "1.01", "2", "nan", "\"10 %\""]),
        ("limit", &["0", "1", "0x10"], &["-1", "1.5", "\"1\""]),
        ("retention_days", &["0", "90"], &["-1", "4294967296", "90.0"]),
        ("max_income", &["0", "17000", "16999.99"], &["-1", "inf", "\"17000\""]),
        ("min_energy_cost_score", &["-3", "0", "40.5"], &["nan", "\"40\"", "[40]"]),
        ("one_rebate_per_claim", &["true", "false"], &["\"yes\"", "1"]),
        ("parts", &["true", "false"], &["\"yes\"", "0"]),
    ] {
        let job = |value: &str| match key {
            "threshold" => format!("{LEAST}[matching]\n{key} = {value}\n"),
            "audit_days" => format!("{LEAST}[retention]\n{key} = {value}\n"),
            "detail_days" | "epsilon" | "delta" => format!("{LEAST}[disclosure]\n{key} = {value}\n"),
            "reject_limit" => format!("{LEAST}[intake]\n{key} = {value}\n"),
            "parts" => format!("{LEAST}{key} = {value}\n"),
            "max_income" | "min_energy_cost_score" => {
                let text = with("benefits = [\"PCGC\"]", &format!("benefits = [\"PCGC\"]\n{key} = {value}"));
                text + "[properties]\nfiles = [\"properties.csv\"]\n"
            }
            _ => with("[[scheme.group]]", &format!("{key} = {value}\n[[scheme.group]]")),
        };
        for value in good {
            assert!(parse(&job(value)).is_ok(), "{key} = {value}");
        }
        for value in bad {
            let error = parse(&job(value)).expect_err(value);
            let JobError::Wrong { fault, .. } = error else { panic!("{key} = {value}") };
            assert!(matches!(&*fault, Fault::Unusable { key: named, .. } if named == key), "{key} = {value}: {fault}");
        }
    }
}

#[test]
fn one_heading_gives_one_column_unless_it_may_well_be_both() {
    let job = |columns: &str| parse(&format!("{LEAST}columns = {{ {columns} }}\n"));
    for (columns, heading, first) in [
        ("forename = 'NAME', surname = 'NAME'", "NAME", "forename"),
        ("forename = 'Name', town = ' NAME '", " NAME ", "forename"),
        ("town = 'NAME', forename = 'NAME'", "NAME", "town"),
        ("date_of_birth = 'D', joint_date_of_birth = 'D'", "D", "date_of_birth"),
        ("forename = 'Surname'", "Surname", "surname"),
    ] {
        let error = job(columns).unwrap_err().to_string();
        let expected = format!(
            "job file, line 13: {heading:?} is already the heading of {first:?}: one column of a file cannot be both"
        );
        assert_eq!(error, expected, "{columns}");
    }
    for columns in [
        "surname = 'NAME', joint_surname = 'NAME'",
        "full_name = 'surname'",
        "forename = 'surname', surname = 'forename'",
        "forename = 'A', surname = 'B'",
    ] {
        assert!(job(columns).is_ok(), "{columns}");
    }
    let benefits = with("files = [\"b", "columns = { claim_ref = 'NINO', person_ref = 'NINO' }\nfiles = [\"b");
    assert!(parse(&benefits).is_ok());
}

#[test]
fn a_score_that_nothing_tells_is_a_fault_of_its_line() {
    let text = with("benefits = [\"PCGC\"]", "benefits = [\"PCGC\"]\nmin_energy_cost_score = 40");
    assert_eq!(
        parse(&text).unwrap_err().to_string(),
        "job file, line 8: min_energy_cost_score needs the scores of properties: add [properties], or take the condition out"
    );
    assert!(parse(&(text + "[properties]\nfiles = ['p.csv']\n")).is_ok());
}

#[test]
fn a_supplier_may_be_former_and_have_a_successor() {
    let job = |text: &str| parse(&format!("{LEAST}{text}"));
    let left = "[[supplier]]\nid = 'old'\nformer = true\n";
    let parsed = job(&format!("{left}successor = 'northern-power'\n")).unwrap();
    let old = parsed.supplier("old").unwrap();
    assert!(old.former && old.source.patterns().is_empty());
    assert_eq!(old.successor.as_deref(), Some("northern-power"));
    assert_eq!(parsed.current_suppliers().map(|own| own.id.as_str()).collect::<Vec<_>>(), ["northern-power"]);
    // Its patterns may stay in the file and are not read.
    assert!(
        job(&format!("{left}files = ['old.csv']\n")).unwrap().supplier("old").unwrap().source.patterns().is_empty()
    );
    for (text, expected) in [
        (
            format!("{left}successor = 'nroth'\n"),
            "job file, line 16: there is no supplier \"nroth\" that could be the successor: the job has none of this id",
        ),
        (
            format!("{left}successor = 'old'\n"),
            "job file, line 16: there is no supplier \"old\" that could be the successor: it is former itself; name the one that has the accounts now",
        ),
        (
            "[[supplier]]\nid = 'new'\nfiles = ['a']\nsuccessor = 'northern-power'\n".to_owned(),
            "job file, line 16: \"successor\" in [[supplier]] must be beside former = true",
        ),
        (
            "[[supplier]]\nid = 'new'\nsuccessor = 'northern-power'\n".to_owned(),
            "job file, line 15: \"successor\" in [[supplier]] must be beside former = true",
        ),
        (
            format!("{left}former = 1\n").replace("former = true\n", ""),
            "job file, line 15: \"former\" in [[supplier]] must be true or false",
        ),
        ("[[supplier]]\nid = 'new'\n".to_owned(), "job file, line 13: [[supplier]] has no \"files\""),
    ] {
        assert_eq!(job(&text).unwrap_err().to_string(), expected, "{text}");
    }
    let alone = parse(&LEAST.replace("files = [\"northern", "former = true\nfiles = [\"northern")).unwrap_err();
    assert!(alone.to_string().contains("a supplier that is not former"), "{alone}");
}

#[test]
fn a_file_of_exceptions_is_that_of_the_supplier_it_is_named_after() {
    let ids = ["north", "north-west", "n"];
    let suppliers: String = ids.map(|id| format!("[[supplier]]\nid = {id:?}\nfiles = ['a.csv']\n")).concat();
    let job = parse(&format!("{}{suppliers}", &LEAST[..LEAST.find("[[supplier]]").unwrap()])).unwrap();
    for (file, expected) in [
        ("north.csv", Some("north")),
        ("north", Some("north")),
        ("north-2026-10-01.csv.gz", Some("north")),
        ("north_october.csv", Some("north")),
        ("north-west.csv", Some("north-west")),
        ("north-west-2.csv", Some("north-west")),
        ("n-2.csv", Some("n")),
        ("northern.csv", None),
        ("North.csv", None),
        ("south.csv", None),
        ("", None),
    ] {
        assert_eq!(Exceptions::supplier(file, &job).map(|supplier| supplier.id.as_str()), expected, "{file}");
    }
}

#[test]
fn schemes_and_groups_have_their_bound() {
    let group = |number: usize| format!("[[scheme.group]]\nid = \"g{number}\"\nbenefits = [\"UC\"]\n");
    let scheme = |number: usize, groups: usize| {
        let head = format!("[[scheme]]\nid = \"s{number}\"\nname = \"S\"\nqualifying_date = 2026-08-23\n");
        head + &(0..groups).map(group).collect::<String>()
    };
    let rest = &LEAST[LEAST.find("[benefits]").unwrap()..];
    let job = |groups: &[usize]| {
        let schemes: String = groups.iter().enumerate().map(|(number, groups)| scheme(number, *groups)).collect();
        parse(&(schemes + rest))
    };
    for good in [&[64][..], &[60, 4], &[1; 32], &[2; 32]] {
        assert!(job(good).is_ok(), "{good:?}");
    }
    for (bad, expected) in [
        (&[65][..], r#"job file, line 197: "group" in [[scheme]] must be at most 64 sections over all schemes"#),
        (&[60, 5], r#"job file, line 201: "group" in [[scheme]] must be at most 64 sections over all schemes"#),
        (&[1; 33], r#"job file, line 225: "scheme" in the job file must be at most 32 sections"#),
    ] {
        assert_eq!(job(bad).unwrap_err().to_string(), expected);
    }
}

#[test]
fn ids_are_safe_as_file_names() {
    let longest = "a".repeat(64);
    for id in ["a", "7", "A.b_c-9", "a.", longest.as_str()] {
        let job = parse(&with("\"northern-power\"", &format!("{id:?}"))).unwrap();
        assert_eq!(job.suppliers[0].id, id);
    }
    let too_long = "a".repeat(65);
    for id in ["..", ".a", "-a", "_a", "a..b", "a/b", "a\\b", "a b", "é", "a\n", "a*", too_long.as_str()] {
        for whose in ["\"northern-power\"", "\"whd-2026\"", "\"core-1\""] {
            let error = parse(&with(whose, &format!("{id:?}"))).expect_err(id);
            assert!(error.to_string().contains("\"id\" in [["), "{id:?}: {error}");
        }
    }
}

#[test]
fn values_are_never_repeated() {
    for text in [
        with("2026-08-23", "2026-02-31"),
        with("2026-08-23", "\"SECRET\""),
        with("2026-08-23", "SECRET"),
        with("\"whd-2026\"", "\"SECRET/\""),
        with("[\"PCGC\"]", "\"SECRET\""),
        with("[\"PCGC\"]", "[\"SECRET"),
        with("\"northern-power\"", "SECRET"),
    ] {
        let error = parse(&text).expect_err(&text).to_string();
        assert!(!error.contains("SECRET") && !error.contains("31"), "{error}");
    }
}

#[test]
fn text_that_is_no_toml_is_told_its_line() {
    for (text, line) in [
        (with("[benefits]", "[benefits"), 8),
        (with("id = \"whd-2026\"", "id = "), 2),
        (with("id = \"whd-2026\"", "id = \"a\"\nid = \"b\""), 3),
        (with("2026-08-23", "2026-02-30"), 4),
    ] {
        match parse(&text) {
            Err(JobError::Wrong { line: told, fault, .. }) => {
                assert!(matches!(*fault, Fault::Syntax(_)), "{fault}");
                assert_eq!(told, line, "{fault}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn a_job_is_read_from_its_file_and_errors_name_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("job.toml");
    let missing = Job::read(&path).unwrap_err();
    assert!(matches!(missing, JobError::Unreadable { .. }));
    assert!(missing.to_string().contains("job.toml: cannot read the job file"), "{missing}");

    // Windows line ends and a byte-order mark change neither meaning nor line.
    std::fs::write(&path, format!("\u{feff}{}", LEAST.replace('\n', "\r\n"))).unwrap();
    assert_eq!(Job::read(&path).unwrap().output, folder.path().join("out"));
    std::fs::write(&path, with("name", "nam").replace('\n', "\r\n")).unwrap();
    let wrong = Job::read(&path).unwrap_err().to_string();
    assert!(wrong.contains("job.toml, line 3: unknown key \"nam\""), "{wrong}");
}
