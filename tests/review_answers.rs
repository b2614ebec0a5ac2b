//! Answers cases on the page of `flagmatch review` over HTTP: what a reviewer is offered and told, which answers and
//! reasons are taken, and how an answer is changed.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use common::desk::{Desk, decisions, doubtful, person, taking};
use common::{DECISION, ELSPETH, Folder, HAMISH, PRUNELLA, Person, Row, award, csv, customer};

/// Makes a case of REF-4, which nobody in the records is like: two decisions on it contradict each other.
fn ask_about_nobody(folder: &Folder) {
    let decided = |flag: &str| {
        let account = [("supplier", "north"), ("customer_ref", "REF-4"), ("scheme", "whd")];
        let made = [("flag", flag), ("decided_by", "amy"), ("decided_on", "2026-11-01T09:00:00")];
        Row::new(&[account.as_slice(), &made].concat())
    };
    folder.write("decisions.csv", csv(DECISION, &[decided("Y"), decided("N")]));
}

/// An account that nobody in the records is like: a Yes would rest on nobody.
#[test]
fn yes_is_not_offered_where_nobody_is_found() {
    let folder = doubtful();
    ask_about_nobody(&folder);
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let yes = |page: &str| page.split("data-key=\"y\"").nth(1).unwrap().split('>').next().unwrap().to_owned();
    let page = amy.get(&amy.case_of("REF-4").unwrap()).body;
    assert!(yes(&page).contains("disabled") && page.contains("<details class=\"figures\">"), "{page}");
    let page = amy.get(&amy.case_of("REF-1").unwrap()).body;
    assert!(!yes(&page).contains("disabled"), "{page}");
}

/// The page does not offer a Yes for somebody who is not entitled, and the server takes none, however the form is made.
#[test]
fn a_yes_for_a_person_who_is_not_entitled_is_refused() {
    let folder = doubtful();
    // Two persons fit, and one has no benefit that counts; the holder of REF-4 is like nobody.
    let twin = Person { forename: "Rosamund", ..ELSPETH };
    folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-5", &twin).with("benefit", "PIP")]);
    ask_about_nobody(&folder);
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let case = amy.case_of("REF-1").unwrap();
    let pages = [1, 2].map(|place| amy.get(&format!("{case}?person={place}")).body);
    let is_it = |page: &&String| page.contains("This person is not entitled.");
    let [one, other] = [pages.iter().find(is_it).unwrap(), pages.iter().find(|page| !is_it(page)).unwrap()];
    let before = (folder.read("decisions.csv"), folder.read("review-log.csv"));
    let nobody = amy.case_of("REF-4").unwrap();
    let yes = format!("answer=yes&person={}&words=I%20know%20them", person(one));
    for (case, form) in [(&case, yes.as_str()), (&nobody, "answer=yes"), (&nobody, "answer=yes&person=1")] {
        let said = amy.post(case, form);
        assert_eq!(said.status, 409, "{form}");
        assert!(said.body.contains("Nothing is written. Yes cannot be answered here"), "{}", said.body);
        assert_eq!((folder.read("decisions.csv"), folder.read("review-log.csv")), before, "{form}");
    }
    assert_eq!(amy.post(&case, &format!("answer=yes&person={}", person(other))).status, 303);
    assert_eq!(decisions(&folder).pop().unwrap()["claim_ref"], "CLM-1");
}

/// A Yes can take the rebate from the account that has it: the page says from whom, asks once more, and the server takes
/// the Yes only with what that page sends.
#[test]
fn a_yes_that_takes_a_rebate_away_is_asked_for_twice() {
    let folder = taking();
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let case = amy.case_of("REF-1").unwrap();
    let page = amy.get(&case).body;
    assert!(page.contains("The household has its rebate with south. Yes takes it from there"), "{page}");
    assert!(page.contains(" Yes, take it from south"), "{page}");
    let yes = format!("answer=yes&person={}&reason=asked&words=on%20the%20phone", person(&page));
    let token =
        |page: &str| page.split("name=\"confirm\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    // Without the second step, and with one that is made up or stale, nothing is written.
    let asked = amy.post(&case, &yes);
    assert_eq!(asked.status, 200);
    assert!(asked.body.contains("Take the rebate away from south?"), "{}", asked.body);
    let stale = token(&asked.body);
    for confirm in ["yes", "south", ""] {
        let again = amy.post(&case, &format!("{yes}&confirm={confirm}"));
        assert_eq!(again.status, if confirm.is_empty() { 200 } else { 409 }, "{confirm}");
        assert_ne!(token(&again.body), stale);
    }
    assert_eq!(amy.post(&case, &format!("{yes}&confirm={stale}")).status, 409, "a newer page asked since");
    let fresh = token(&amy.post(&case, &yes).body);
    let other = yes.replace("person=", "person=9");
    assert_eq!(amy.post(&case, &format!("{other}&confirm={fresh}")).status, 409, "another person was shown");
    assert_eq!((decisions(&folder).len(), amy.case_of("REF-1")), (0, Some(case.clone())));
    let fresh = token(&amy.post(&case, &yes).body);
    assert_eq!(amy.post(&case, &format!("{yes}&confirm={fresh}")).status, 303);
    let row = decisions(&folder).pop().unwrap();
    let found = ["customer_ref", "flag", "claim_ref", "reason"].map(|column| row[column].as_str());
    assert_eq!(found, ["REF-1", "Y", "CLM-1", "asked the customer or the supplier: on the phone"]);
    // It is good once.
    amy.post("/undo", "");
    assert_eq!(amy.post(&case, &format!("{yes}&confirm={fresh}")).status, 409);
    assert_eq!(decisions(&folder).len(), 0);
    // A No takes nothing, and the other case takes nothing from anybody.
    assert_eq!(amy.post(&case, "answer=no").status, 303);
    let other = amy.case_of("REF-2").unwrap();
    assert!(!amy.get(&other).body.contains("take it from"));
    assert_eq!(amy.post(&other, "answer=yes").status, 303);
    assert_eq!(decisions(&folder).len(), 2);
    assert!(!amy.get("/").body.contains("A newer run"));
    folder.run_well();
    assert!(amy.get("/").body.contains("A newer run is published"));
}

/// Two persons fit, and the household of one has its rebate: what a Yes takes depends on who is shown.
#[test]
fn what_a_yes_takes_depends_on_the_person_shown() {
    let folder = doubtful();
    let twin = Person { forename: "Rosamund", ..ELSPETH };
    folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-5", &twin)]);
    folder.customers("north", &[customer("REF-1", &ELSPETH).with("forename", "Rosalind")]);
    folder.customers("south", &[customer("REF-3", &ELSPETH)]);
    folder.write("decisions.csv", csv(DECISION, &[]));
    folder.run_well();
    assert_eq!(folder.reason("south", "whd", "REF-3"), "matched");
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let case = amy.case_of("REF-1").unwrap();
    let mut takes = BTreeMap::new();
    for place in 1..=2 {
        let page = amy.get(&format!("{case}?person={place}")).body;
        let claim = page.split(", claim <bdi>").nth(1).unwrap().split('<').next().unwrap().to_owned();
        let status = amy.post(&case, &format!("answer=yes&person={}", person(&page))).status;
        takes.insert(claim, (page.contains("Yes, take it from south"), status));
        amy.post("/undo", "");
    }
    let expected = [("CLM-1".to_owned(), (true, 200)), ("CLM-5".to_owned(), (false, 303))];
    assert_eq!(takes, BTreeMap::from(expected));
}

#[test]
fn a_reason_has_to_fit_the_answer_and_nobody_has_to_give_one() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let case = amy.case_of("REF-1").unwrap();
    for (answer, reason, written) in [
        ("yes", "", Ok("no reason given")),
        ("no", "&reason=", Ok("no reason given")),
        ("no", "&reason=&words=by%20letter", Ok("by letter")),
        ("yes", "&reason=moved", Ok("same person, moved house")),
        ("no", "&reason=somebody-else", Ok("a relative, namesake or next occupier")),
        ("no", "&reason=not-entitled&words=it%20ended", Ok("not entitled: it ended")),
        ("yes", "&reason=documents", Ok("saw documents")),
        ("no", "&reason=documents", Ok("saw documents")),
        ("yes", "&reason=somebody-else", Err("“a relative, namesake or next occupier” is no reason for “yes”.")),
        ("no", "&reason=written-differently", Err("“same person, written differently” is no reason for “no”.")),
        ("yes", "&reason=too-little", Err("“the records say too little” is no reason for “yes”.")),
        ("cannot-tell", "&reason=documents", Err("“saw documents” is no reason for “cannot tell”.")),
    ] {
        let said = amy.post(&case, &format!("answer={answer}{reason}"));
        match written {
            Ok(written) => {
                assert_eq!((said.status, decisions(&folder).pop().unwrap()["reason"].as_str()), (303, written));
                amy.post("/undo", "");
            }
            Err(why) => {
                assert_eq!((said.status, decisions(&folder).len()), (409, 0), "{answer}{reason}");
                assert!(said.body.contains(why), "{}", said.body);
            }
        }
    }
    // The case comes again with what was filled in, for the same person.
    let person = person(&amy.get(&case).body).to_owned();
    let said = amy.post(&case, &format!("answer=yes&person={person}&reason=somebody-else&words=%3Cb%3E%22twice%22"));
    let [reason, words] =
        ["data-words=\"a relative, namesake or next occupier\" checked", "value=\"&lt;b&gt;&quot;twice&quot;\""];
    for kept in [reason, words, "Nothing is written.", &format!("name=\"person\" value=\"{person}\"")] {
        assert!(said.body.contains(kept), "{kept}: {}", said.body);
    }
    assert!(!amy.get(&case).body.contains("twice"), "nothing is kept after that page");
    assert_eq!(amy.post(&case, "answer=cannot-tell&reason=too-little").status, 303);
    let log = folder.table("review-log.csv").pop().unwrap();
    assert_eq!((log["answer"].as_str(), log["reason"].as_str()), ("?", "too-little"));
}

#[test]
fn any_answer_of_today_can_be_changed() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let [first, second, third] = ["REF-1", "REF-2", "REF-3"].map(|own| amy.case_of(own).unwrap());
    for (case, answer) in [(&first, "yes"), (&second, "no"), (&third, "cannot-tell")] {
        assert_eq!(amy.post(case, &format!("answer={answer}")).status, 303);
    }
    let place = |case: &str| {
        let (case, account) = case.strip_prefix("/case/").unwrap().split_once('/').unwrap();
        format!("case={case}&account={account}")
    };
    let number = first.split('/').nth(2).unwrap();
    assert_eq!(amy.get("/").body.matches("Change this answer").count(), 3);
    let page = amy.get(&first).body;
    assert!(page.contains("You answered “yes” at ") && page.contains("Change this answer"), "{page}");
    // Not the last one.
    let undone = amy.post("/undo", &place(&first));
    assert_eq!(undone.header("location"), Some(&*desk.at(&first)));
    let left: Vec<String> = decisions(&folder).iter().map(|row| row["customer_ref"].clone()).collect();
    assert_eq!(left, ["REF-2"]);
    let page = amy.get(&first).body;
    let said = format!("Case {number}, account REF-1 of north: your answer “yes” is undone.");
    assert!(page.contains(&said) && page.contains("data-key=\"y\""), "{page}");
    assert_eq!(amy.post(&first, "answer=no").status, 303);
    let flags: Vec<(String, String)> =
        decisions(&folder).iter().map(|row| (row["customer_ref"].clone(), row["flag"].clone())).collect();
    assert_eq!(flags, [("REF-2", "N"), ("REF-1", "N")].map(|(own, flag)| (own.to_owned(), flag.to_owned())));
    // What was put aside comes back, too; what nobody answered cannot be changed.
    assert_eq!(amy.post("/undo", &place(&third)).status, 303);
    assert_eq!(amy.case_of("REF-3"), Some(third.clone()));
    assert_eq!(amy.post("/undo", &place(&third)).status, 409);
    assert_eq!(amy.post("/undo", "case=99&account=1").status, 404);
    assert_eq!(decisions(&folder).len(), 2);
    // Who comes in again still can.
    drop(amy);
    let mut desk = desk;
    desk.ask_for_addresses(&folder);
    let amy = desk.enter(0, "");
    assert_eq!(amy.post("/undo", &place(&second)).status, 303);
    let left: Vec<String> = decisions(&folder).iter().map(|row| row["customer_ref"].clone()).collect();
    assert_eq!(left, ["REF-1"]);
}

/// Nothing on a page tells a clear case from a doubtful one, unless somebody opens the figures: both have them, closed.
#[test]
fn a_clear_case_looks_like_any_other() {
    let folder = doubtful();
    folder.job(&folder.read("job.toml").replace("clear_share = 0", "clear_share = 1"));
    folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &PRUNELLA)]);
    let renamed = customer("REF-1", &ELSPETH).with("forename", "Rosalind");
    folder.customers("north", &[renamed, customer("REF-2", &PRUNELLA)]);
    folder.customers("south", &[customer("REF-3", &HAMISH)]);
    folder.write("decisions.csv", csv(DECISION, &[]));
    folder.run_well();
    assert_eq!(folder.flag("north", "whd", "REF-2"), "Y");
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let whole = ["REF-1", "REF-2"].map(|own| amy.get(&amy.case_of(own).unwrap()).body);
    let [doubtful, clear] = whole.each_ref().map(|page| {
        let (before, rest) = page.split_once("<details class=\"figures\">").expect("closed figures");
        let (figures, after) = rest.split_once("</details>").unwrap();
        for shown in ["Likelihood", " %</td>", "Odds in bits", "a twin, in no record", "Together"] {
            assert!(figures.contains(shown), "{shown}: {figures}");
        }
        let rivals = before.split("in no record:").nth(1).unwrap().split("</ul>").next().unwrap();
        assert_eq!(figures.matches(", in no record").count(), rivals.matches("<li>").count());
        format!("{before}{after}")
    });
    let parts = |page: &str| -> Vec<String> {
        let after = page.split("<h2>").skip(1);
        after.map(|rest| rest.split("</h2>").next().unwrap().replace("CLM-2", "CLM-1")).collect()
    };
    assert_eq!(parts(&clear), parts(&doubtful));
    let rivals = |page: &str| {
        page.split("And of people in no record:").nth(1).unwrap().split("</ul>").next().unwrap().matches("<li>").count()
    };
    assert_eq!(rivals(&clear), rivals(&doubtful));
    let queue = amy.get("/").body;
    for page in [&doubtful, &clear] {
        for told in ["%", "Likelihood", "Odds", "newest delivery", "released", "Together"] {
            assert!(!page.contains(told), "{told}: {page}");
        }
    }
    // The choice alone has likelihoods, and a case shows none.
    assert!(!queue.split("<table").nth(1).unwrap().contains('%'), "{queue}");
    // All cases are counted, whichever they are.
    assert!(queue.contains("<h1>2 cases to decide</h1>"), "{queue}");
    assert_eq!(queue.matches("<th scope=\"row\">").count(), 2);
}

/// The words of the page, and the benefits as the job names them.
#[test]
fn a_case_says_what_its_words_mean() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let page = amy.get(&amy.case_of("REF-1").unwrap()).body;
    // The level of the forename and of the date of birth, in words.
    for said in ["Two established names.", "The same day.", "<dt>Bits</dt>", "<dt>Generation</dt>", "a twin"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(page.contains("<dt>PCGC</dt><dd>Counted in group core-1 of "), "{page}");
}
