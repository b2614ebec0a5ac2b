//! Answers cases on the page of `flagmatch review` over HTTP: what a reviewer is offered and told, which answers and
//! reasons are taken, and how an answer is changed.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::fs;

use common::desk::{Desk, Reviewer, decisions, doubtful, person, taking};
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
    let from_to = "from account <bdi>REF-3</bdi> of south to account <bdi>REF-1</bdi> of north";
    for said in [
        "The household has its rebate with account <bdi>REF-3</bdi> of south. ".to_owned(),
        "That account is at a current home of its person in the benefit records, which speaks for it.".to_owned(),
        format!("Yes moves it {from_to}."),
        " Yes, take it from account <bdi>REF-3</bdi> of south".to_owned(),
    ] {
        assert!(page.contains(&said), "{said}: {page}");
    }
    let yes = format!("answer=yes&person={}&reason=asked&words=on%20the%20phone", person(&page));
    let token =
        |page: &str| page.split("name=\"confirm\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    // Without the second step, and with one that is made up or stale, nothing is written.
    let asked = amy.post(&case, &yes);
    assert_eq!(asked.status, 200);
    assert!(asked.body.contains(&format!("<h1>Move the rebate {from_to}?</h1>")), "{}", asked.body);
    // Who goes back finds what was filled in.
    let back = amy.post(&case, &format!("{}&confirm=x", yes.replace("answer=yes", "answer=back")));
    assert_eq!(back.status, 200);
    for kept in
        ["value=\"on the phone\"", "data-words=\"asked the customer or the supplier\" checked", "data-key=\"y\""]
    {
        assert!(back.body.contains(kept), "{kept}: {}", back.body);
    }
    assert!(!amy.get(&case).body.contains("on the phone"), "nothing is kept after that page");
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
    amy.undo(&case);
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

/// A rebate was taken away, and the next run lists the account that had it: its case begins with who did that, when and
/// why.
#[test]
fn a_case_says_who_gave_the_rebate_to_another_account() {
    let folder = taking();
    // Both accounts are of one supplier.
    folder.customers("south", &[customer("REF-3", &HAMISH)]);
    let renamed = customer("REF-1", &ELSPETH).with("forename", "Rosalind");
    folder.customers("north", &[renamed, customer("REF-2", &ELSPETH)]);
    folder.write("decisions.csv", csv(DECISION, &[]));
    fs::remove_dir_all(folder.path("out")).unwrap();
    folder.run_well();
    assert_eq!(folder.flag("north", "whd", "REF-2"), "Y");
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let case = amy.case_of("REF-1").unwrap();
    let page = amy.get(&case).body;
    let moves = "Yes moves it from account <bdi>REF-2</bdi> to account <bdi>REF-1</bdi> of north.";
    assert!(page.contains(moves) && !page.contains(" gave the rebate to "), "{page}");
    let yes = format!("answer=yes&person={}&reason=documents&words=a%20lease", person(&page));
    let asked = amy.post(&case, &yes).body;
    let token = asked.split("name=\"confirm\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(amy.post(&case, &format!("{yes}&confirm={token}")).status, 303);
    let row = decisions(&folder).pop().unwrap();
    drop(desk);
    folder.run_well();
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let page = amy.get(&amy.case_of("REF-2").unwrap()).body;
    let asked = "move from account <bdi>REF-1</bdi> to account <bdi>REF-2</bdi> of north, that of the account holder ";
    assert!(page.contains(&format!("Should the household's rebate {asked}")), "{page}");
    let (by, day, hour) = (&row["decided_by"], &row["decided_on"][..10], &row["decided_on"][11..16]);
    let day: jiff::civil::Date = day.parse().unwrap();
    let said = format!(
        "{by} gave the rebate to account <bdi>REF-1</bdi> of north on {} at {hour} UTC, with this reason: “saw documents: a lease”.",
        day.strftime("%-d %B %Y")
    );
    assert!(page.contains(&said), "{said}: {page}");
    assert!(page.find(&said) < page.find("<table class=\"pair\">"), "above the records");
}

/// The day on which an award has to be open is shown, and whether each award is.
#[test]
fn a_case_says_which_awards_are_open_on_the_qualifying_date() {
    let folder = doubtful();
    let until = |end| award("CLM-1", &ELSPETH).with("income", "").with("award_end", end);
    folder.benefits(&[until("2026-08-23"), until("2026-08-22").with("benefit", "UC")]);
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let page = amy.get(&amy.case_of("REF-1").unwrap()).body;
    assert!(page.contains("<dt><bdi>UC</bdi></dt><dd>Does not count in Warm Home Discount.</dd>"), "{page}");
    assert!(page.contains("Warm Home Discount (qualifying date 23 August 2026), north"), "{page}");
    for (end, said) in [("2026-08-23", "yes"), ("2026-08-22", "no")] {
        let said = format!("<bdi>{end}</bdi>. Open on the qualifying date, 23 August 2026: <b>{said}</b>.");
        assert!(page.contains(&said), "{said}: {page}");
    }
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
        takes.insert(claim, (page.contains("Yes, take it from account <bdi>REF-3</bdi> of south"), status));
        amy.undo(&case);
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
                amy.undo(&case);
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
    let number = first.split('/').nth(2).unwrap();
    let queue = amy.get("/").body;
    assert_eq!(queue.matches("Change this answer").count(), 3);
    assert!(queue.contains("north <bdi>REF-1</bdi>, <bdi>Rosalind "), "{queue}");
    assert!(queue.contains(" UTC: no reason given</td>"), "{queue}");
    let page = amy.get(&first).body;
    assert!(page.contains("You answered “yes” at ") && page.contains("Change this answer"), "{page}");
    // Not the last one.
    let undone = amy.undo(&first);
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
    assert_eq!(amy.undo(&third).status, 303);
    assert_eq!(amy.case_of("REF-3"), Some(third.clone()));
    assert_eq!(amy.undo(&third).status, 409);
    assert_eq!(amy.post("/undo", "case=99&account=1").status, 404);
    assert_eq!(decisions(&folder).len(), 2);
    // Who comes in again still can.
    let old = amy.cookie.clone();
    drop(amy);
    let mut desk = desk;
    desk.ask_for_addresses(&folder);
    let amy = desk.enter(0, "");
    let ended = Reviewer { desk: &desk, cookie: old }.get("/");
    assert!(ended.status == 403 && ended.body.contains("Ended by a newer sign-in"), "{}", ended.body);
    assert_eq!(amy.undo(&second).status, 303);
    let left: Vec<String> = decisions(&folder).iter().map(|row| row["customer_ref"].clone()).collect();
    assert_eq!(left, ["REF-1"]);
}

/// An answer stays in force until another one is given: to open it writes nothing, and what was filled in is kept.
#[test]
fn an_answer_that_is_changed_stays_in_force_until_the_new_one() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let case = amy.case_of("REF-1").unwrap();
    let files = || (folder.read("decisions.csv"), folder.read("review-log.csv"));
    let change = |page: &str| page.split("?change=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let flags = || decisions(&folder).iter().map(|row| row["flag"].clone()).collect::<Vec<_>>();
    assert_eq!(amy.post(&case, "answer=no&reason=documents&words=a%20lease").status, 303);
    let before = files();
    let page = amy.get(&case).body;
    assert!(page.contains("You answered “no” at ") && page.contains("“saw documents: a lease”"), "{page}");
    assert!(!page.contains("data-key=\"y\""), "it takes no other answer by itself");
    let at = change(&page);
    assert_eq!(change(&amy.get("/").body), at, "the list of today leads to the same");
    let page = amy.get(&format!("{case}?change={at}")).body;
    for said in [
        "That stays in force until you give another answer.",
        "data-key=\"y\"",
        "value=\"a lease\"",
        "data-words=\"saw documents\" checked",
        &format!("name=\"replaces\" value=\"{at}\""),
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    // Neither to look nor an answer that does not fit, or that replaces another, changes anything.
    for form in ["answer=yes&reason=somebody-else", "answer=yes&replaces=2026-01-01T00:00:00", "answer=yes"] {
        let form = form.replace("somebody-else", &format!("somebody-else&replaces={at}"));
        assert_eq!(amy.post(&case, &form).status, 409, "{form}");
        assert_eq!(files(), before, "{form}");
    }
    assert_eq!(amy.post(&case, &format!("answer=yes&replaces={at}")).status, 303);
    assert_eq!(flags(), ["Y"], "the new answer replaces the old one");
    let events = || folder.table("review-log.csv").iter().map(|row| row["event"].clone()).collect::<Vec<_>>();
    assert_eq!(events(), ["answer", "decided", "undo", "answer", "decided"]);
    assert!(amy.get("/").body.contains("Answered today: 1 case by you, 1 by all."));
    let at = change(&amy.get(&case).body);
    assert_eq!(amy.post(&case, &format!("answer=cannot-tell&replaces={at}")).status, 303);
    assert_eq!(flags(), Vec::<String>::new());
    let at = change(&amy.get(&case).body);
    assert_eq!(amy.post(&case, &format!("answer=no&replaces={at}")).status, 303);
    assert_eq!(flags(), ["N"]);
    // What somebody wrote into the file since is not touched.
    let at = change(&amy.get(&case).body);
    folder.write("decisions.csv", csv(DECISION, &[]));
    assert_eq!(amy.post(&case, &format!("answer=yes&replaces={at}")).status, 409);
    assert_eq!(flags(), Vec::<String>::new());
}

/// A page of an old tab takes no second answer, and says whose the first one is.
#[test]
fn an_old_tab_says_that_one_has_answered_oneself() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    for (customer_ref, first, said) in [
        ("REF-1", "yes", "You have answered this case already."),
        ("REF-2", "cannot-tell", "You have put this case aside today."),
    ] {
        let case = amy.case_of(customer_ref).unwrap();
        assert_eq!(amy.post(&case, &format!("answer={first}")).status, 303);
        let before = folder.read("decisions.csv");
        let answer = amy.post(&case, "answer=yes");
        assert_eq!(answer.status, 409);
        assert!(answer.body.contains(said) && !answer.body.contains("omebody else"), "{}", answer.body);
        assert_eq!(folder.read("decisions.csv"), before);
    }
}

/// A question about a joint holder names the first one, too, and an answer is for the account.
#[test]
fn a_question_about_a_joint_holder_names_the_first_one() {
    let folder = doubtful();
    let joint = customer("REF-1", &ELSPETH)
        .with("forename", "Gregor")
        .with("date_of_birth", "")
        .with("joint_forename", "Rosalind")
        .with("joint_surname", ELSPETH.surname)
        .with("joint_date_of_birth", ELSPETH.born);
    folder.customers("north", &[joint]);
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let page = amy.get(&amy.case_of("REF-1").unwrap()).body;
    let first = format!("(the first holder is <bdi>Gregor {}</bdi>)", ELSPETH.surname);
    let said = format!("Is the joint holder <bdi>Rosalind {}</bdi> {first} the same person as", ELSPETH.surname);
    assert!(page.contains(&said), "{page}");
}

/// What was put aside today can be changed after a restart, too.
#[test]
fn a_case_that_was_put_aside_can_be_changed_after_a_restart() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let case = amy.case_of("REF-1").unwrap();
    assert_eq!(amy.post(&case, "answer=cannot-tell&reason=waiting").status, 303);
    drop(desk);
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let queue = amy.get("/").body;
    assert!(queue.contains("You have put 1 account aside until tomorrow."), "{queue}");
    assert!(queue.contains("Answered today: 1 case by you, 1 by all."), "{queue}");
    let page = amy.get(&case).body;
    assert!(page.contains("“cannot tell” at ") && page.contains("“asked, and waiting to hear”"), "{page}");
    let at = page.split("?change=").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(amy.post(&case, &format!("answer=yes&replaces={at}")).status, 303);
    assert_eq!(decisions(&folder).len(), 1);
}

/// Once the last case of a choice is decided, the queue says which choice is in force and leads to the others.
#[test]
fn a_choice_that_is_used_up_shows_the_way_to_the_other_cases() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let case = amy.case_of("REF-3").unwrap();
    let page = amy.get("/?reason=&supplier=south&age=").body;
    assert!(page.contains("Only cases of your choice are shown: supplier: south.") && page.contains("Show all (3)"));
    assert_eq!(amy.post(&case, "answer=no").status, 303);
    let page = amy.get("/").body;
    for said in [
        "supplier: south.",
        "No case of your choice is left. The queue has 2 other cases to decide.",
        "Show all (2)",
        "<option value=\"south\" selected>",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("There is nothing left to decide"), "{page}");
    amy.get("/?all=1");
    for customer_ref in ["REF-1", "REF-2"] {
        let case = amy.case_of(customer_ref).unwrap();
        assert_eq!(amy.post(&case, "answer=no").status, 303);
    }
    assert!(amy.get("/").body.contains("There is nothing left to decide."));
}

/// Nothing on the way to a case tells how likely it is that the holder is the person; whoever wants to can choose by it.
#[test]
fn the_queue_does_not_say_how_likely_a_case_is_but_narrows_by_it() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let page = amy.get("/").body;
    let (before, choice) = page.split_once("Choose cases").unwrap();
    let (choice, after) = choice.split_once("</details>").unwrap();
    for told in ["likel", "Likel", "Same person", "%", "find one more"] {
        assert!(!before.contains(told) && !after.contains(told), "{told}: {page}");
    }
    assert!(before.contains("<h1>3 cases to decide</h1>"), "{page}");

    let (_, bands) = choice.split_once("name=\"band\"").unwrap();
    let (bands, _) = bands.split_once("</select>").unwrap();
    let bands = bands.split("<option value=\"").skip(1).map(|option| option.split('"').next().unwrap());
    let bands: Vec<&str> = bands.filter(|band| !band.is_empty()).collect();
    let cases = bands.iter().map(|band| {
        let page = amy.get(&format!("/?reason=&supplier=&band={band}&age=")).body;
        let (_, counted) = page.split_once("<h1>").unwrap();
        let count: usize = counted.split(' ').next().unwrap().parse().unwrap();
        assert!(count > 0 && page.contains("Only cases of your choice are shown: likelihood: "), "{page}");
        count
    });
    assert_eq!(cases.sum::<usize>(), 3, "{bands:?}");
    assert!(amy.get("/?reason=&supplier=&band=0.9999-1&age=").body.contains("<h1>0 cases to decide</h1>"));
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
    // Both have one likelihood in the choice of cases, and the list says none.
    let (list, choice) = queue.split_once("Choose cases").unwrap();
    let (choice, rest) = choice.split_once("</details>").unwrap();
    assert!(!list.contains('%') && !rest.contains('%'), "{queue}");
    assert_eq!(choice.matches('%').count(), 1, "{choice}");
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
    for said in [
        "Two established names.",
        "The same day.",
        "<dt>Bits</dt>",
        "<dt>Generation</dt>",
        "<dt>Threshold</dt>",
        "with this postcode and house number",
        "a twin",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(page.contains("<dt>PCGC</dt><dd>Counts in Warm Home Discount (group core-1)."), "{page}");
}
