//! Presses keys on the page of `flagmatch review` in a real browser: twenty cases by keyboard, and keys that must not
//! answer.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod browser;
mod common;
mod needs;

use browser::{Browser, sample};
use common::desk::{Desk, decisions, doubtful, taking};
use needs::tests;
use serde_json::json;

tests! {
    twenty_cases_are_decided_by_keyboard_and_the_next_run_follows needs CHROMIUM;
    a_press_that_was_meant_for_the_case_before_answers_nothing needs CHROMIUM;
    a_yes_that_takes_a_rebate_away_is_pressed_twice_and_not_with_one_key needs CHROMIUM;
    letters_in_a_field_answer_nothing_and_digits_choose_a_reason needs CHROMIUM;
}

fn twenty_cases_are_decided_by_keyboard_and_the_next_run_follows() {
    let folder = sample();
    let before = folder.table("decisions.csv").len();
    let desk = Desk::open(&folder, 1, &[]);
    let mut browser = Browser::start(&folder);
    browser.enter(&desk);
    browser.press("s");
    let mut expected: Vec<[String; 3]> = Vec::new();
    for number in 0..20 {
        let about = "const said = document.querySelector('.where').textContent; \
             [said.match(/, ([^,]+), account (.*)\\.$/).slice(1), \
              document.querySelector('[data-key=y]').disabled]";
        let found = browser.evaluate(&format!("(() => {{ {} }})()", about.replace("; [", "; return [")));
        let answer = if found[1] == true || number % 3 == 2 { "n" } else { "y" };
        expected.push([
            found[0][0].as_str().unwrap().to_owned(),
            found[0][1].as_str().unwrap().to_owned(),
            answer.to_uppercase(),
        ]);
        browser.press(answer);
        if browser.text().contains("Nothing is written yet") {
            // This Yes takes a rebate from another account, and is asked for once more.
            browser.press("t");
        }
        if number == 4 {
            // Looked at, undone, and decided the other way.
            browser.press("u");
            assert!(browser.text().contains("You answered"), "{}", browser.text());
            browser.press("u");
            assert!(browser.text().contains("is undone"), "{}", browser.text());
            browser.press("n");
            expected.last_mut().unwrap()[2] = "N".to_owned();
        }
    }
    assert_eq!(browser.console, Vec::<String>::new());
    drop((browser, desk));
    let mut decided: Vec<[String; 3]> = folder
        .table("decisions.csv")
        .split_off(before)
        .into_iter()
        .map(|row| ["supplier", "customer_ref", "flag"].map(|column| row[column].clone()))
        .collect();
    decided.sort();
    expected.sort();
    assert_eq!(decided, expected);
    assert_eq!(decided.len(), 20);
    assert!([0, 4].contains(&folder.run(&["--quiet"]).code));
    for [supplier, customer_ref, flag] in decided {
        let reason = folder.reason(&supplier, "whd-2026", &customer_ref);
        // Two accounts of a household that are both decided yes share its one rebate.
        assert!(["decided", "claim-used"].contains(&reason.as_str()), "{customer_ref}: {reason}");
        if reason == "decided" {
            assert_eq!(folder.flag(&supplier, "whd-2026", &customer_ref), flag);
        }
    }
}

/// Somebody presses a key twice, or Enter in a field.
fn a_press_that_was_meant_for_the_case_before_answers_nothing() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &[]);
    let mut browser = Browser::start(&folder);
    browser.enter(&desk);
    browser.press("s");
    // The script runs within the page, so that its clock alone counts; where it came too late, the page comes anew.
    let press = "(() => { const ready = document.body.dataset.answers; document.querySelector('[data-key=n]').click(); \
        return ready ?? document.querySelector('.answer').dataset.sent ?? 'nothing is sent'; })()";
    let said = common::process::wait_for("a press in the first second", || {
        let reload = json!({ "expression": "location.reload()" });
        browser.leads("Runtime.evaluate", reload);
        let said = browser.evaluate(press);
        (said != "on").then_some(said)
    });
    assert_eq!(said, "nothing is sent");
    assert!(!folder.exists("decisions.csv") || folder.table("decisions.csv").is_empty());
    let case = browser.evaluate("location.pathname");
    browser.evaluate("document.querySelector('#words').focus()");
    for kind in ["keyDown", "keyUp"] {
        let enter = json!({ "type": kind, "key": "Enter", "text": "\r", "windowsVirtualKeyCode": 13 });
        browser.ask("Input.dispatchKeyEvent", enter);
    }
    assert_eq!(browser.evaluate("[location.pathname, document.activeElement.id]"), json!([case, ""]));
    // Without the script, Enter presses the first button of the form: one that does nothing.
    let first = "(() => { const own = document.querySelector('.answer button'); return [own.disabled, own.name]; })()";
    assert_eq!(browser.evaluate(first), json!([true, ""]));
    browser.press("n");
    assert_eq!(folder.table("decisions.csv").len(), 1);
}

/// The second step needs another key, and a moment on its page.
fn a_yes_that_takes_a_rebate_away_is_pressed_twice_and_not_with_one_key() {
    let folder = taking();
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let case = amy.case_of("REF-1").unwrap();
    let mut desk = desk;
    desk.ask_for_addresses(&folder);
    let mut browser = Browser::start(&folder);
    browser.enter(&desk);
    browser.open(&format!("http://{}{}{case}", desk.host(), desk.base));
    browser.press("y");
    let asks = "Move the rebate from account REF-3 of south to account REF-1 of north?";
    assert!(browser.text().contains(asks), "{}", browser.text());
    // Who goes back finds the words that were typed.
    browser.press("b");
    browser.evaluate("document.querySelector('#words').value = 'a lease'");
    browser.press("y");
    browser.press("b");
    assert_eq!(browser.evaluate("document.querySelector('#words').value"), "a lease");
    browser.press("y");
    // The same key once more does nothing, at once or later.
    browser.type_key("y");
    browser.wait_for_answers();
    browser.type_key("y");
    browser.type_key("n");
    assert!(browser.text().contains(asks) && decisions(&folder).is_empty(), "{}", browser.text());
    // Within a second of its coming, the page takes no answer. The script runs within the page, so that its clock alone
    // counts; where it came too late, the page comes anew.
    let press = "(() => { const ready = document.body.dataset.answers; document.querySelector('[data-key=t]').click(); \
        return ready ?? document.querySelector('.answer').dataset.sent ?? 'nothing is sent'; })()";
    let said = common::process::wait_for("a press in the first second", || {
        browser.open(&format!("http://{}{}{case}", desk.host(), desk.base));
        browser.press("y");
        let said = browser.evaluate(press);
        (said != "on").then_some(said)
    });
    assert_eq!(said, "nothing is sent");
    assert!(decisions(&folder).is_empty());
    browser.press("t");
    assert!(browser.text().contains("account REF-1 of north: yes"), "{}", browser.text());
    assert_eq!(decisions(&folder).len(), 1);
}

fn letters_in_a_field_answer_nothing_and_digits_choose_a_reason() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &[]);
    let mut browser = Browser::start(&folder);
    browser.enter(&desk);
    browser.press("s");
    browser.wait_for_answers();
    let case = browser.evaluate("location.pathname");
    let state = "[location.pathname, document.querySelector('.chosen').textContent, \
        document.querySelector('.reasons').open, document.querySelector('#words').value]";
    assert_eq!(browser.evaluate("document.querySelector('.glossary').open"), false);
    for _ in 0..2 {
        // Also once it was closed again, when the address has it already.
        browser.type_key("h");
        assert_eq!(browser.evaluate("document.querySelector('.glossary').open"), true);
        browser.evaluate("document.querySelector('.glossary').open = false");
    }
    // Pressed twice, it leads back.
    browser.leads("Runtime.evaluate", json!({ "expression": "location.reload()" }));
    browser.wait_for_answers();
    browser.evaluate("scrollTo(0, 0)");
    for is_open in [true, false] {
        browser.type_key("h");
        let state = browser.evaluate("[document.querySelector('.glossary').open, scrollY > 0]");
        assert_eq!(state, json!([is_open, is_open]));
    }
    // Letters do nothing in the list, whatever they mean outside of it.
    browser.type_key("r");
    for letter in ["y", "n", "c", "s", "q", "u", "a", "r"] {
        browser.type_key(letter);
    }
    assert_eq!(browser.evaluate(state), json!([case, "no reason given", true, ""]));
    let dead = "document.querySelector('.dead').textContent";
    let said = browser.evaluate(dead);
    assert!(said.as_str().unwrap().starts_with("The reasons are open, so R does nothing."), "{said}");
    // Whoever leaves the open list is not led back.
    browser.evaluate("document.querySelector('[data-key=s]').focus()");
    for kind in ["rawKeyDown", "keyUp"] {
        browser.ask("Input.dispatchKeyEvent", json!({ "type": kind, "key": "Tab", "windowsVirtualKeyCode": 9 }));
    }
    assert_eq!(browser.evaluate("document.activeElement.dataset.key"), "q");
    // A digit chooses, and leaves the list.
    browser.evaluate("document.querySelector('.reasons :checked').focus()");
    browser.type_key("4");
    let chosen = "a relative, namesake or next occupier";
    assert_eq!(browser.evaluate(state), json!([case, chosen, false, ""]));
    assert_eq!(browser.evaluate(dead), "");
    // An Enter right after it does not open the list again; the next one does.
    browser.type_key("\r");
    assert_eq!(browser.evaluate(state), json!([case, chosen, false, ""]));
    browser.type_key("\r");
    assert_eq!(browser.evaluate(state), json!([case, chosen, true, ""]));
    browser.type_key("\r");
    browser.type_key("r");
    browser.type_key("\r");
    assert_eq!(browser.evaluate(state), json!([case, chosen, false, ""]), "Enter keeps what is chosen");
    browser.type_key("w");
    for letter in ["n", "y", "4"] {
        browser.type_key(letter);
    }
    browser.type_key("\r");
    assert_eq!(browser.evaluate(state), json!([case, chosen, false, "ny4"]));
    assert!(!folder.exists("decisions.csv") || decisions(&folder).is_empty());
    browser.press("n");
    let reasons: Vec<String> = decisions(&folder).iter().map(|row| row["reason"].clone()).collect();
    assert_eq!(reasons, ["a relative, namesake or next occupier: ny4"]);
    // One key leads to the answer and writes nothing; on the queue there is no such key.
    browser.press("u");
    assert!(browser.text().contains("You answered “no” at "), "{}", browser.text());
    assert_eq!(decisions(&folder).len(), 1);
    browser.press("q");
    assert_eq!(browser.evaluate("document.querySelector('[data-key=u]')"), json!(null));
}
