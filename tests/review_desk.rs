//! Drives the page of `flagmatch review` over HTTP: who gets in and who does not, what an answer writes, and that nothing
//! confirmed is lost.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use common::desk::{Desk, try_send};
use common::{
    BENEFIT, CUSTOMER, ELSPETH, Folder, HAMISH, OSWALD, PRUNELLA, Person, award, csv, customer, has_nothing_planted,
};

/// Accounts whose forename is another established one, so that staff have to decide: each a case of its own.
fn doubtful() -> Folder {
    let folder = Folder::empty();
    folder.write("job.toml", common::JOB);
    folder.add_to_job("[decisions]\nfiles = [\"decisions.csv\"]\n[review]\nclear_share = 0");
    let renamed = |customer_ref, person| customer(customer_ref, person).with("forename", "Rosalind");
    folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &PRUNELLA), award("CLM-3", &OSWALD)]);
    folder.customers("north", &[renamed("REF-1", &ELSPETH), renamed("REF-2", &PRUNELLA), customer("REF-4", &HAMISH)]);
    folder.customers("south", &[customer("REF-3", &OSWALD).with("forename", "Timothy")]);
    folder
}

fn decisions(folder: &Folder) -> Vec<BTreeMap<String, String>> {
    folder.table("decisions.csv")
}

#[test]
fn an_answer_is_in_the_decisions_file_and_the_next_run_follows_it() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    for (customer_ref, answer, flag, claim) in
        [("REF-1", "yes", "Y", "CLM-1"), ("REF-2", "no", "N", "CLM-2"), ("REF-3", "yes", "Y", "CLM-3")]
    {
        let case = amy.case_of(customer_ref).unwrap();
        let page = amy.get(&case).body;
        let person = page.split("name=\"person\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let form = format!("answer={answer}&person={person}&reason=asked&words=on%20the%20phone");
        assert_eq!(amy.post(&case, &form).status, 303);
        let row = decisions(&folder).pop().unwrap();
        let found = ["customer_ref", "flag", "claim_ref", "reason"].map(|column| row[column].as_str());
        assert_eq!(found, [customer_ref, flag, claim, "asked the customer or the supplier: on the phone"]);
        assert!(row["person_ref"].starts_with(&format!("PSN-{claim}")), "the person is bound");
        assert!(!row["decided_by"].is_empty() && row["decided_on"].len() == "2026-11-28T09:00:00".len());
    }
    assert_eq!(amy.next(), None, "nothing is left");
    drop(desk);
    folder.run_well();
    for (supplier, customer_ref, flag) in [("north", "REF-1", "Y"), ("north", "REF-2", "N"), ("south", "REF-3", "Y")] {
        assert_eq!(folder.flag(supplier, "whd", customer_ref), flag);
        assert_eq!(folder.reason(supplier, "whd", customer_ref), "decided");
    }
    // What is decided is no case any more.
    let desk = Desk::open(&folder, 1, &[]);
    assert_eq!(desk.enter(0, "").next(), None);
}

#[test]
fn what_cannot_be_told_and_what_is_undone_is_in_the_log_alone() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let case = amy.case_of("REF-1").unwrap();
    assert_eq!(amy.post(&case, "answer=cannot-tell").status, 303);
    assert_eq!((decisions(&folder).len(), amy.case_of("REF-1")), (0, None), "put aside");
    assert_eq!(amy.post("/undo", "").status, 303);
    assert_eq!(amy.case_of("REF-1"), Some(case.clone()), "it is back");
    let before = folder.read("decisions.csv");
    for answer in ["yes", "no"] {
        assert_eq!(amy.post(&case, &format!("answer={answer}")).status, 303);
        assert_eq!(decisions(&folder).len(), 1);
        assert_eq!(amy.post("/undo", "").status, 303);
        assert_eq!(folder.read("decisions.csv"), before, "the row is out again");
    }
    assert_eq!(amy.post("/undo", "").status, 409, "there is nothing more to undo");
    // Of two answers the second one is undone first, although rows of the other stand behind it.
    let other = amy.case_of("REF-2").unwrap();
    amy.post(&case, "answer=yes");
    amy.post(&other, "answer=no");
    fs::write(folder.path("decisions.csv"), folder.read("decisions.csv") + "south,REF-3,whd,N,,,bob,2026-09-01,\n")
        .unwrap();
    amy.post("/undo", "");
    let left: Vec<String> = decisions(&folder).iter().map(|row| row["customer_ref"].clone()).collect();
    assert_eq!(left, ["REF-1", "REF-3"]);
    let events: Vec<String> = folder.table("review-log.csv").iter().map(|row| row["event"].clone()).collect();
    let decided = ["answer", "decided", "undo"];
    let expected: Vec<&str> =
        [&["answer", "undo"][..], &decided, &decided, &["answer", "decided", "answer", "decided", "undo"]].concat();
    assert_eq!(events, expected);
}

/// Two reviewers of a job that lists them, each with a passphrase.
fn two_reviewers(more: &str) -> Folder {
    let folder = doubtful();
    let mut job = folder.read("job.toml") + more + "\n";
    for id in ["amy", "bob"] {
        let passphrase = format!("windy hills of {id}");
        let said = folder
            .command(&["review", "--new-reviewer", id, "--passphrase-fd", "0"])
            .write_stdin(passphrase.clone())
            .output()
            .unwrap();
        let section = String::from_utf8(said.stdout).unwrap();
        assert!(said.status.success() && !section.contains("windy"), "{section}");
        job += &section;
    }
    folder.job(&job);
    folder
}

#[test]
fn two_reviewers_at_once_lose_nothing() {
    let folder = two_reviewers("");
    let desk = Desk::open(&folder, 2, &[]);
    let (amy, bob) = (desk.enter(0, "windy+hills+of+amy"), desk.enter(1, "windy+hills+of+bob"));
    // What one has open, the other does not get.
    let first = amy.next().unwrap();
    amy.get(&first);
    let second = bob.next().unwrap();
    assert_ne!(first, second);
    // Both answer the same case: one answer counts, and the other is told.
    let answers = std::thread::scope(|scope| {
        let [one, other] = [&amy, &bob].map(|who| scope.spawn(|| who.post(&first, "answer=yes").status));
        [one.join().unwrap(), other.join().unwrap()]
    });
    let mut sorted = answers;
    sorted.sort_unstable();
    assert_eq!(sorted, [303, 409]);
    assert_eq!(decisions(&folder).len(), 1);
    // A second program on the same job sees what this one decides.
    let other_desk = Desk::open(&folder, 2, &[]);
    let amy_there = other_desk.enter(0, "windy+hills+of+amy");
    let page = bob.get(&second).body;
    let reference = page.split("account <bdi>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let there = amy_there.case_of(&reference).unwrap();
    assert_eq!(bob.post(&second, "answer=no").status, 303);
    assert_eq!(amy_there.post(&there, "answer=yes").status, 409);
    assert_eq!(decisions(&folder).len(), 2);
}

#[test]
fn with_four_eyes_two_persons_decide_and_neither_sees_the_other() {
    let folder = two_reviewers("");
    folder.job(&folder.read("job.toml").replace("clear_share = 0", "clear_share = 0\nfour_eyes = true"));
    let desk = Desk::open(&folder, 2, &[]);
    let (amy, bob) = (desk.enter(0, "windy+hills+of+amy"), desk.enter(1, "windy+hills+of+bob"));
    let case = amy.case_of("REF-1").unwrap();
    let unseen = bob.get(&case).body;
    assert_eq!(amy.post(&case, "answer=yes").status, 303);
    assert_eq!((decisions(&folder).len(), amy.case_of("REF-1")), (0, None), "amy has answered");
    assert_eq!(amy.post(&case, "answer=yes").status, 409, "nobody confirms an answer of their own");
    assert_eq!(bob.get(&case).body, unseen, "bob sees nothing of it");
    assert_eq!(bob.post(&case, "answer=yes").status, 303);
    let row = decisions(&folder).pop().unwrap();
    assert_eq!((row["customer_ref"].as_str(), row["decided_by"].as_str()), ("REF-1", "amy, confirmed by bob"));
    assert_eq!(amy.post("/undo", "").status, 409, "bob has confirmed it");
    assert_eq!(bob.post("/undo", "").status, 303);
    assert_eq!(decisions(&folder).len(), 0);
    // Two different answers decide nothing.
    let other = amy.case_of("REF-2").unwrap();
    assert_eq!((amy.post(&other, "answer=yes").status, bob.post(&other, "answer=no").status), (303, 303));
    assert_eq!(decisions(&folder).len(), 0);
    // The first answer outlives the program.
    amy.post(&case, "answer=yes");
    drop(desk);
    let desk = Desk::open(&folder, 2, &[]);
    let (amy, bob) = (desk.enter(0, "windy+hills+of+amy"), desk.enter(1, "windy+hills+of+bob"));
    assert_eq!(amy.case_of("REF-1"), None);
    let case = bob.case_of("REF-1").unwrap();
    bob.post(&case, "answer=yes");
    assert_eq!(decisions(&folder).len(), 1);
}

#[test]
fn what_was_confirmed_outlives_a_kill() {
    let folder = doubtful();
    let mut confirmed: Vec<String> = Vec::new();
    for customer_ref in ["REF-1", "REF-2", "REF-3"] {
        let desk = Desk::open(&folder, 1, &[]);
        let amy = desk.enter(0, "");
        let case = amy.case_of(customer_ref).unwrap();
        assert_eq!(amy.post(&case, "answer=yes").status, 303);
        confirmed.push(customer_ref.to_owned());
        desk.kill();
        let rows: Vec<String> = decisions(&folder).iter().map(|row| row["customer_ref"].clone()).collect();
        assert_eq!(rows, confirmed);
    }
    // Killed while answers come in: every one that was confirmed is in the file, and the file is whole.
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let cases: Vec<(&str, String)> = ["REF-1", "REF-2", "REF-3"].map(|own| (own, amy.case_of(own).unwrap())).to_vec();
    let (port, base, cookie) = (desk.port, desk.base.clone(), amy.cookie.clone());
    let confirmed = std::thread::scope(|scope| {
        let answers = scope.spawn(move || {
            let host = format!("127.0.0.1:{port}");
            let origin = format!("http://{host}");
            let headers = [
                ("Host", host.as_str()),
                ("Origin", origin.as_str()),
                ("Cookie", cookie.as_str()),
                ("Content-Type", "application/x-www-form-urlencoded"),
            ];
            let answer = |case: &str| try_send(port, "POST", &format!("{base}{case}"), &headers, "answer=no");
            let is_confirmed = |case: &str| answer(case).is_ok_and(|answer| answer.status == 303);
            cases.into_iter().filter(|(_, case)| is_confirmed(case)).map(|(own, _)| own).collect::<Vec<_>>()
        });
        common::process::wait_for("a decision", || (!decisions(&folder).is_empty()).then_some(()));
        desk.kill();
        answers.join().unwrap()
    });
    let rows: Vec<String> = decisions(&folder).iter().map(|row| row["customer_ref"].clone()).collect();
    for own in &confirmed {
        assert!(rows.iter().any(|row| row == own), "{own} was confirmed: {rows:?}");
    }
    folder.run_well();
}

#[test]
fn nobody_gets_in_without_a_fresh_address() {
    let folder = doubtful();
    let mut desk = Desk::open(&folder, 1, &[]);
    let host = desk.host();
    let origin = format!("http://{host}");
    let own = [("Host", host.as_str())];
    for path in ["/", "/next", "/case/1", "/case/1/1", "/enter", "/enter?token=", "/enter?token=00"] {
        let answer = desk.send("GET", &desk.at(path), &own, "");
        assert_eq!(answer.status, 403, "{path}");
        has_nothing_planted(&answer.body);
    }
    let old = desk.tokens[0].1.clone();
    let amy = desk.enter(0, "");
    let cookie = amy.cookie.clone();
    let enter = |desk: &Desk, token: &str| {
        let headers = [
            ("Host", host.as_str()),
            ("Origin", origin.as_str()),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        desk.send("POST", &desk.at("/enter"), &headers, &format!("token={token}")).status
    };
    assert_eq!(enter(&desk, &old), 403, "it is used");
    desk.ask_for_addresses(&folder);
    let replaced = desk.tokens[0].1.clone();
    desk.ask_for_addresses(&folder);
    assert_eq!(enter(&desk, &replaced), 403, "a newer address replaces it");
    assert_eq!(desk.send("GET", &desk.at("/"), &[("Host", &host), ("Cookie", &cookie)], "").status, 200);
    // Whoever comes in again ends the session before it.
    assert_eq!(enter(&desk, &desk.tokens[0].1.clone()), 303);
    assert_eq!(desk.send("GET", &desk.at("/"), &[("Host", &host), ("Cookie", &cookie)], "").status, 403);
    for cookie in ["flagmatch-review=", "flagmatch-review=00", "other=1"] {
        assert_eq!(desk.send("GET", &desk.at("/"), &[("Host", &host), ("Cookie", cookie)], "").status, 403);
    }
    // The other addresses of the machine are not served.
    let elsewhere = std::net::TcpStream::connect_timeout(&([127, 0, 0, 2], desk.port).into(), Duration::from_secs(2));
    assert!(elsewhere.is_err());
}

#[test]
fn requests_of_other_pages_and_odd_paths_change_nothing() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let case = desk.at(&amy.case_of("REF-1").unwrap());
    let (host, cookie) = (desk.host(), amy.cookie.as_str());
    let origin = format!("http://{host}");
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    for headers in [
        // No origin; another page; another port of this machine; a page without an origin; another name of this machine.
        vec![("Host", host.as_str()), ("Cookie", cookie), form],
        vec![("Host", &host), ("Cookie", cookie), form, ("Origin", "https://evil.example")],
        vec![("Host", &host), ("Cookie", cookie), form, ("Origin", "http://127.0.0.1:1")],
        vec![("Host", &host), ("Cookie", cookie), form, ("Origin", "null")],
        vec![("Host", "evil.example"), ("Cookie", cookie), form, ("Origin", "http://evil.example")],
        vec![("Host", &host), ("Cookie", cookie), form, ("Origin", &origin), ("Sec-Fetch-Site", "same-site")],
        vec![("Host", &host), form, ("Origin", &origin)],
    ] {
        let answer = desk.send("POST", &case, &headers, "answer=yes");
        assert!((400..500).contains(&answer.status), "{headers:?}: {}", answer.status);
        has_nothing_planted(&answer.body);
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    for path in [
        "/../../etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/case/0/1",
        "/case/1/0",
        "/case/99999999999999999999/1",
        "/case/-1/1",
        "/case/1/1/1",
        "/case/%3Cscript%3E/1",
        "/job.toml",
        "/decisions.csv",
        "/desk.css/x",
    ] {
        let answer = amy.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.contains("script>alert") && !answer.body.contains("root:"), "{path}");
    }
    let wrong = ["answer=maybe", "", "answer=yes&reason=bribe", "answer=yes&person=x&answer=no", &"x".repeat(100_000)];
    for body in wrong {
        let status =
            desk.send("POST", &case, &[("Host", &host), ("Cookie", cookie), form, ("Origin", &origin)], body).status;
        assert!((400..500).contains(&status), "{status}");
    }
    assert_eq!(decisions(&folder).len(), 0);
}

#[test]
fn every_answer_forbids_storing_framing_and_scripts_from_elsewhere() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    for path in ["/", "/case/1/1", "/nowhere", "/desk.js", "/desk.css", "/locked", "/enter?token=1"] {
        let answer = amy.get(path);
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "form-action 'self'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part) && !policy.contains("unsafe"), "{path}: {policy}");
        }
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(!answer.body.contains(" style=\"") && !answer.body.contains("<style"), "{path}: nothing inline");
        assert!(!answer.body.contains(" onclick") && !answer.body.contains("<script>"), "{path}: nothing inline");
    }
    // The page locked itself when /locked was opened.
    assert_eq!(amy.get("/").header("location"), Some(desk.at("/locked").as_str()));
    let cookie = desk.tokens[0].1.clone();
    assert_eq!(amy.post("/unlock", &format!("passphrase={cookie}")).status, 403, "only a new address opens it");
}

#[test]
fn a_record_full_of_markup_is_shown_as_text() {
    let folder = doubtful();
    let evil = "<script>alert(1)</script>";
    let home = "\"><img src=x onerror=alert(2)>";
    let own = |row: common::Row| row.with("middle_names", evil).with("address_line_2", home);
    folder.write("benefits.csv", csv(BENEFIT, &[own(award("CLM-<b>1", &ELSPETH))]));
    let rows = [own(customer("REF-<i>1", &ELSPETH).with("forename", "Rosalind"))];
    folder.write("suppliers/north.csv", csv(CUSTOMER, &rows));
    folder.customers("south", &[customer("REF-3", &OSWALD)]);
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let page = amy.get(&amy.next().unwrap()).body;
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && page.contains("&lt;img src=x onerror"), "{page}");
    for raw in [evil, "<img", "<i>1", "<b>1"] {
        assert!(!page.contains(raw), "{raw} in {page}");
    }
    // A reference that a spreadsheet would take for a formula is marked in the decisions file.
    let folder = doubtful();
    folder.customers("north", &[customer("=REF+1", &ELSPETH).with("forename", "Rosalind")]);
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let case = amy.case_of("=REF+1").unwrap();
    amy.post(&case, "answer=yes&words=%3Dcmd%28%29%0A%22x%22");
    let row = decisions(&folder).pop().unwrap();
    assert_eq!((row["customer_ref"].as_str(), row["reason"].as_str()), ("'=REF+1", "'=cmd()\"x\""));
    drop(desk);
    folder.run_well();
    assert_eq!(folder.flag("north", "whd", "=REF+1"), "Y");
}

#[test]
fn cases_of_a_supplier_whose_file_changed_are_closed_and_the_others_stay() {
    let folder = doubtful();
    folder.write("decisions.csv", csv(common::DECISION, &[]));
    folder.run_well();
    let renamed = |customer_ref, person: &Person| customer(customer_ref, person).with("forename", "Rosalind");
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let (north, south) = (amy.case_of("REF-1").unwrap(), amy.case_of("REF-3").unwrap());
    folder.customers("north", &[renamed("REF-1", &ELSPETH), renamed("REF-5", &PRUNELLA)]);
    assert_eq!(amy.post(&north, "answer=yes").status, 409);
    assert_eq!(amy.get(&north).status, 409);
    has_nothing_planted(&amy.get(&north).body);
    assert_eq!(amy.post(&south, "answer=yes").status, 303);
    let rows: Vec<String> = decisions(&folder).iter().map(|row| row["customer_ref"].clone()).collect();
    assert_eq!(rows, ["REF-3"]);
    drop(desk);
    // Neither does a page that is opened later offer them, until a run has listed them.
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    assert!(amy.case_of("REF-1").is_none() && amy.get("/").body.contains("The cases of north are closed"));
    drop(desk);
    folder.run_well();
    let desk = Desk::open(&folder, 1, &[]);
    assert!(desk.enter(0, "").case_of("REF-5").is_some());
}

#[test]
fn clear_cases_never_reach_the_decisions_file_and_measure_the_reviewers() {
    let folder = two_reviewers("");
    folder.job(&folder.read("job.toml").replace("clear_share = 0", "clear_share = 1"));
    folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &PRUNELLA)]);
    let renamed = customer("REF-1", &ELSPETH).with("forename", "Rosalind");
    folder.customers("north", &[renamed, customer("REF-2", &PRUNELLA)]);
    folder.customers("south", &[customer("REF-3", &HAMISH)]);
    let desk = Desk::open(&folder, 2, &[]);
    let (amy, bob) = (desk.enter(0, "windy+hills+of+amy"), desk.enter(1, "windy+hills+of+bob"));
    let clear = amy.case_of("REF-2").unwrap();
    assert_eq!(amy.post(&clear, "answer=yes").status, 303);
    assert_eq!(bob.post(&clear, "answer=no").status, 303);
    assert_eq!((decisions(&folder).len(), amy.case_of("REF-2")), (0, None));
    drop(desk);
    let said = folder.flagmatch(&["evaluate", "--clerical", "review-log.csv", "--json"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    let found: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let reviewers = found["reviewers"].as_array().unwrap();
    let right: Vec<(&str, u64, u64)> = reviewers
        .iter()
        .map(|own| {
            (own["reviewer"].as_str().unwrap(), own["answered"].as_u64().unwrap(), own["as_matched"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(right, [("amy", 1, 1), ("bob", 1, 0)]);
    assert_eq!((found["agreement"]["pairs"].as_u64(), found["agreement"]["agreed"].as_u64()), (Some(1), Some(0)));
    let text = folder.flagmatch(&["evaluate", "--clerical", "review-log.csv"]);
    assert!(text.stdout.contains("amy") && text.stdout.contains("agreement"), "{}", text.stdout);
}

#[test]
fn no_value_of_a_record_is_in_any_file() {
    let folder = doubtful();
    let inputs = folder.tree("");
    let desk = Desk::open(&folder, 1, &["--log-format", "json"]);
    let amy = desk.enter(0, "");
    while let Some(case) = amy.next() {
        let page = amy.get(&case).body;
        assert!(page.contains("Quillfeather") || page.contains("Oxenbridge") || page.contains("Thrupkin"));
        assert_eq!(amy.post(&case, "answer=yes&words=seen").status, 303);
    }
    amy.post("/undo", "");
    drop(desk);
    let written: Vec<_> = folder.tree("").into_iter().filter(|path| !inputs.contains(path) && path.is_file()).collect();
    assert_eq!(written.len(), 3, "decisions, log and messages: {written:?}");
    for path in written {
        let mut text = fs::read_to_string(&path).unwrap();
        for reference in [
            "PSN-CLM-1-Elspeth",
            "PSN-CLM-2-Prunella",
            "PSN-CLM-3-Oswald",
            "REF-1",
            "REF-2",
            "REF-3",
            "CLM-1",
            "CLM-2",
            "CLM-3",
        ] {
            text = text.replace(reference, "");
        }
        has_nothing_planted(&text);
    }
}

/// Many connections at a time, each with one request: a tenth of the intended flood, so that the test does not depend on
/// the machine. The process stays as small as it was, and answers a reviewer meanwhile.
#[test]
fn a_flood_of_requests_takes_no_memory_and_lets_nobody_in() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let resident = || {
        let text = fs::read_to_string(format!("/proc/{}/status", desk.id())).unwrap();
        let line = text.lines().find(|line| line.starts_with("VmRSS:")).unwrap().to_owned();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
    };
    amy.get("/");
    let before = resident();
    let (port, path, host) = (desk.port, desk.at("/enter"), desk.host());
    let origin = format!("http://{host}");
    let sent = std::thread::scope(|scope| {
        let flood = |_| {
            let (path, host, origin) = (&path, &host, &origin);
            scope.spawn(move || {
                let form = ("Content-Type", "application/x-www-form-urlencoded");
                let headers = [("Host", host.as_str()), ("Origin", origin.as_str()), form];
                let answers = (0..400).map(|_| try_send(port, "POST", path, &headers, "token=00"));
                answers.filter(|answer| answer.as_ref().is_ok_and(|answer| answer.status == 403)).count()
            })
        };
        let floods: Vec<_> = (0..16).map(flood).collect();
        let begun = Instant::now();
        assert_eq!(amy.get("/").status, 200);
        assert!(begun.elapsed() < Duration::from_secs(20));
        floods.into_iter().map(|own| own.join().unwrap()).sum::<usize>()
    });
    assert_eq!(sent, 16 * 400, "each is refused");
    // A hundred silent connections wait for nothing, and are closed in time.
    let silent: Vec<_> = (0..100).map(|_| std::net::TcpStream::connect(("127.0.0.1", port)).unwrap()).collect();
    assert_eq!(amy.get("/").status, 200);
    drop(silent);
    let after = resident();
    assert!(after < before + 32 * 1024, "{before} kB before, {after} kB after");
}
