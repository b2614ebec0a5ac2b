//! Drives the page of `flagmatch review` over HTTP: what an answer writes, who sees what of it, and that nothing
//! confirmed is lost.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::process::Command;

use common::desk::{Desk, decisions, doubtful, person, try_send, two_reviewers};
use common::{DECISION, ELSPETH, HAMISH, PRUNELLA, Person, award, csv, customer, has_nothing_planted};

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
        let form = format!("answer={answer}&person={}&reason=asked&words=on%20the%20phone", person(&page));
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
    assert_eq!(amy.undo(&case).status, 303);
    assert_eq!(amy.case_of("REF-1"), Some(case.clone()), "it is back");
    let before = folder.read("decisions.csv");
    for answer in ["yes", "no"] {
        assert_eq!(amy.post(&case, &format!("answer={answer}")).status, 303);
        assert_eq!(decisions(&folder).len(), 1);
        assert_eq!(amy.undo(&case).status, 303);
        assert_eq!(folder.read("decisions.csv"), before, "the row is out again");
    }
    assert_eq!(amy.undo(&case).status, 409, "there is nothing more to undo");
    // Which answer is undone has to be said.
    assert_eq!(amy.post("/undo", "").status, 404);
    // Of two answers the second one is undone, although rows of the other stand behind it.
    let other = amy.case_of("REF-2").unwrap();
    amy.post(&case, "answer=yes");
    amy.post(&other, "answer=no");
    fs::write(folder.path("decisions.csv"), folder.read("decisions.csv") + "south,REF-3,whd,N,,,bob,2026-09-01,\n")
        .unwrap();
    amy.undo(&other);
    let left: Vec<String> = decisions(&folder).iter().map(|row| row["customer_ref"].clone()).collect();
    assert_eq!(left, ["REF-1", "REF-3"]);
    let events: Vec<String> = folder.table("review-log.csv").iter().map(|row| row["event"].clone()).collect();
    let decided = ["answer", "decided", "undo"];
    let expected: Vec<&str> =
        [&["answer", "undo"][..], &decided, &decided, &["answer", "decided", "answer", "decided", "undo"]].concat();
    assert_eq!(events, expected);
}

#[test]
fn two_reviewers_at_once_lose_nothing() {
    let folder = two_reviewers("");
    let desk = Desk::open(&folder, 2, &[]);
    let (amy, bob) = (desk.enter(0, "windy+hills+of+amy"), desk.enter(1, "windy+hills+of+bob"));
    // Who opens an address sees whose it is.
    let third = Desk::open(&folder, 2, &[]);
    let page =
        third.send("GET", &third.at(&format!("/enter?token={}", third.tokens[1].1)), &[("Host", &third.host())], "");
    assert!(page.body.contains("under the name <b>bob</b>"), "{}", page.body);
    drop(third);
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
    assert_eq!(amy.undo(&case).status, 409, "bob has confirmed it");
    assert_eq!(bob.undo(&case).status, 303);
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
fn the_page_says_once_that_it_has_ended() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &[]);
    assert!(Command::new("kill").args(["-INT", &desk.id().to_string()]).status().unwrap().success());
    let said = || folder.read("desk.log").matches("the page has ended; what was confirmed is kept").count();
    common::process::wait_for("the last line", || (said() == 1).then_some(()));
}

#[test]
fn cases_of_a_supplier_whose_file_changed_are_closed_and_the_others_stay() {
    let folder = doubtful();
    folder.write("decisions.csv", csv(DECISION, &[]));
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

/// A library that makes writing to the disk fail for the file whose name `sync-fails` has.
const NO_SYNC: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
static int fails(int fd) {
    char name[64] = "", own[64], path[4096] = "";
    FILE *file = fopen("sync-fails", "r");
    if (!file) return 0;
    if (!fgets(name, sizeof name, file)) name[0] = 0;
    fclose(file);
    snprintf(own, sizeof own, "/proc/self/fd/%d", fd);
    if (readlink(own, path, sizeof path - 1) < 0 || !name[0] || !strstr(path, name)) return 0;
    errno = EIO;
    return 1;
}
int fdatasync(int fd) { return fails(fd) ? -1 : ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd); }
int fsync(int fd) { return fails(fd) ? -1 : ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd); }
"#;

#[test]
fn what_is_not_on_the_disk_is_not_confirmed() {
    let folder = doubtful();
    folder.write("no-sync.c", NO_SYNC);
    let library = folder.path("no-sync.so");
    let cc = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(folder.path("no-sync.c")).status();
    assert!(cc.unwrap().success());
    let desk = Desk::open_with(&folder, 1, &[], |command| {
        command.env("LD_PRELOAD", &library);
    });
    let amy = desk.enter(0, "");
    let case = amy.case_of("REF-1").unwrap();
    let both = || (folder.read("decisions.csv"), folder.read("review-log.csv"));
    let before = both();
    for file in ["decisions.csv", "review-log.csv"] {
        folder.write("sync-fails", file);
        let answer = amy.post(&case, "answer=yes");
        assert!(answer.status == 500 && answer.body.contains("Nothing is confirmed"), "{file}: {}", answer.body);
        assert_eq!(both(), before, "{file}: nothing of it stays");
    }
    fs::remove_file(folder.path("sync-fails")).unwrap();
    assert_eq!(amy.post(&case, "answer=yes").status, 303, "the disk is well again");
    assert_eq!(decisions(&folder).len(), 1);
}
