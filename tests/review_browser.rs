//! Opens the page of `flagmatch review` in a real browser: what a form of another page can do, what the browser keeps, and
//! whether everybody can read and use the page.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod browser;
mod common;
mod needs;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use browser::{Browser, sample};
use common::desk::{Desk, doubtful};
use common::{ELSPETH, Folder, award, customer, has_nothing_planted};
use needs::tests;
use serde_json::{Value, json};

tests! {
    everybody_can_read_and_use_the_page needs CHROMIUM;
    axe_finds_nothing needs CHROMIUM, AXE;
    a_form_of_another_page_does_nothing needs CHROMIUM;
    the_browser_keeps_no_value needs CHROMIUM;
    a_page_that_nobody_uses_shows_nothing_any_more needs CHROMIUM;
}

/// Visits the pages at both widths, dark and light.
fn visit(folder: &Folder, mut look: impl FnMut(&mut Browser, &str)) {
    let desk = Desk::open(folder, 1, &[]);
    let mut browser = Browser::start(folder);
    browser.open(&format!("http://{}{}/enter?token={}", desk.host(), desk.base, desk.tokens[0].1));
    let address = |path: &str| format!("http://{}{}{path}", desk.host(), desk.base);
    let click = |what: &str| json!({ "expression": format!("document.querySelector('{what}').click()") });
    for (page, path) in [
        ("enter", ""),
        ("queue", "/"),
        ("case", "/case/3"),
        ("opened", "/case/3"),
        ("two-persons", ""),
        ("taking", ""),
        ("answered", "/case/3"),
        ("today", "/"),
        ("locked", "/locked"),
    ] {
        match page {
            "enter" => {}
            // Measuring moved the focus away from the button.
            "queue" => browser.leads("Runtime.evaluate", click("form.enter button")),
            "two-persons" => open_case(&mut browser, &address, "persons like that"),
            "taking" => {
                open_case(&mut browser, &address, "Yes moves it from");
                browser.picture("takes-1280");
                browser.press("y");
                assert!(browser.text().contains("Nothing is written yet"), "{}", browser.text());
            }
            "answered" => {
                browser.open(&address(path));
                browser.press("n");
                browser.open(&address(path));
            }
            _ => browser.open(&address(path)),
        }
        if ["opened", "today"].contains(&page) {
            // All that a page hides at first.
            browser.evaluate("document.querySelectorAll('details').forEach(own => { own.open = true; })");
        }
        for width in [1280, 390] {
            for scheme in ["light", "dark"] {
                browser.look(width, scheme);
                let name = format!("{page}-{width}-{scheme}");
                browser.picture(&name);
                look(&mut browser, &name);
            }
        }
    }
    assert_eq!(browser.console, Vec::<String>::new());
}

/// Opens the first case that says this.
fn open_case(browser: &mut Browser, address: &dyn Fn(&str) -> String, said: &str) {
    for case in 1..40 {
        browser.open(&address(&format!("/case/{case}")));
        if browser.text().contains(said) {
            return;
        }
    }
    panic!("no case says {said}");
}

/// Contrast, focus, headings and widths, as for the report; and what a screen reader is told.
fn everybody_can_read_and_use_the_page() {
    let folder = sample();
    let contrast = include_str!("contrast.js");
    let mut seen = BTreeSet::new();
    let controls = ["button", "link", "textbox", "combobox", "radio", "heading", "table"];
    visit(&folder, |browser, name| {
        // The script measures once the page has the focus, and leaves what it found in the title.
        browser.ask("Page.bringToFront", json!({}));
        browser.ask("Emulation.setFocusEmulationEnabled", json!({ "enabled": true }));
        browser.evaluate("document.title = ''");
        browser.evaluate(&format!("(() => {{ {contrast} }})()"));
        let title = common::process::wait_for("the measure", || {
            let title = browser.evaluate("document.title").as_str().unwrap().to_owned();
            (!title.is_empty()).then_some(title)
        });
        let found: Value = serde_json::from_str(&title).unwrap();
        let is_empty = |what: &str| found[what].as_array().unwrap().is_empty();
        assert!(is_empty("short") && is_empty("unseen"), "{name}: {found}");
        assert!(found["wider"].as_i64().unwrap() <= 0 && found["headings"] == true, "{name}: {found}");
        assert!(found["first"] == true && found["skipShows"] == true && found["jumps"] == 0, "{name}: {found}");
        let tree = browser.ask("Accessibility.getFullAXTree", json!({}));
        for node in tree["nodes"].as_array().unwrap().iter().filter(|node| node["ignored"] == false) {
            let role = node["role"]["value"].as_str().unwrap_or("").to_lowercase();
            if controls.contains(&role.as_str()) {
                let words = node["name"]["value"].as_str().unwrap_or("");
                assert!(!words.trim().is_empty(), "{name}: a {role} without a name");
                seen.insert(role);
            }
        }
    });
    for role in controls {
        assert!(seen.contains(role), "no {role}");
    }
}

/// axe-core, the checker that most accessibility tools are made of.
fn axe_finds_nothing() {
    let axe = fs::read_to_string(needs::axe().unwrap()).unwrap();
    let folder = sample();
    visit(&folder, |browser, name| {
        browser.evaluate(&axe);
        let found = browser.evaluate(
            "axe.run().then(found => found.violations.map(own => [own.id, own.nodes.map(node => node.html)]))",
        );
        assert_eq!(found, json!([]), "{name}");
    });
}

fn a_form_of_another_page_does_nothing() {
    let folder = sample();
    let before = folder.read("decisions.csv");
    let desk = Desk::open(&folder, 1, &[]);
    let mut browser = Browser::start(&folder);
    browser.enter(&desk);
    let target = format!("http://{}{}/case/1/1", desk.host(), desk.base);
    // Another program of this machine offers a page that posts a form to ours.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let elsewhere = listener.local_addr().unwrap();
    let form = format!(
        "<!DOCTYPE html><title>x</title><form method=post action=\"{target}\"><input name=answer value=yes></form>\
         <script>document.forms[0].submit()</script>"
    );
    let cookies = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = String::new();
        let mut lines = BufReader::new(stream.try_clone().unwrap());
        while !head.ends_with("\r\n\r\n") && lines.read_line(&mut head).unwrap() > 0 {}
        let length = form.len();
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{form}"
        );
        stream.write_all(answer.as_bytes()).unwrap();
        head
    });
    browser.ask("Page.navigate", json!({ "url": format!("http://{elsewhere}/") }));
    let head = cookies.join().unwrap();
    assert!(!head.to_lowercase().contains("cookie:"), "another port gets no cookie of ours: {head}");
    common::process::wait_for("the refusal", || {
        let params = json!({ "expression": "document.body?.innerText ?? ''", "returnByValue": true });
        let found = browser.try_ask("Runtime.evaluate", params).ok()?;
        found["result"]["value"].as_str()?.contains("comes from another page").then_some(())
    });
    assert_eq!(folder.read("decisions.csv"), before);
    // The same page in a frame shows nothing.
    browser.open(&format!("http://{}{}/", desk.host(), desk.base));
    assert!(browser.text().contains("to decide"));
}

/// Whatever a person types and sees, nothing of it stays in the browser's own folder.
fn the_browser_keeps_no_value() {
    let folder = Folder::sound();
    folder.add_to_job("[decisions]\nfiles = [\"decisions.csv\"]\n[review]\nclear_share = 0");
    folder.benefits(&[award("CLM-1", &ELSPETH)]);
    let renamed = |customer_ref| customer(customer_ref, &ELSPETH).with("forename", "Rosalind");
    folder.customers("north", &[renamed("REF-1"), renamed("REF-2")]);
    folder.customers("south", &[renamed("REF-3")]);
    let desk = Desk::open(&folder, 1, &[]);
    let mut browser = Browser::start(&folder);
    browser.enter(&desk);
    browser.press("s");
    assert!(browser.text().contains("Quillfeather"));
    browser.evaluate("document.querySelector('#words').value = 'Quillfeather said so'");
    browser.press("y");
    let stored = browser.evaluate(
        "(async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length, \
         document.cookie, (await navigator.serviceWorker.getRegistrations()).length])()",
    );
    assert_eq!(stored, json!([0, 0, 0, "", 0]));
    assert_eq!(browser.evaluate("matchMedia('print').matches"), false);
    browser.ask("Emulation.setEmulatedMedia", json!({ "media": "print" }));
    assert_eq!(browser.evaluate("getComputedStyle(document.body).display"), "none", "nothing is printed");
    let profile = browser.profile.clone();
    let session = std::mem::take(&mut browser.session);
    browser.ask("Browser.close", json!({}));
    drop((session, browser, desk));
    let mut files = 0;
    let mut open = vec![profile];
    while let Some(folder) = open.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_symlink() {
                continue;
            } else if path.is_dir() {
                open.push(path);
            } else {
                files += 1;
                let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
                // The browser's own word lists have surnames and places, but not these; numbers occur by chance.
                for planted in
                    ["Quillfeather", "Elspeth", "Zinnia Row", "Quorndon", "LE12 8XQ", "REF-1", "CLM-1", "1951-03-14"]
                {
                    let wide: String = planted.chars().flat_map(|letter| [letter, '\0']).collect();
                    assert!(!text.contains(planted) && !text.contains(&wide), "{planted} in {}", path.display());
                }
            }
        }
    }
    assert!(files > 10, "the profile was looked at");
    has_nothing_planted(&folder.read("desk.log"));
}

/// The page says before it locks, stays while somebody types, and then leaves itself, and no way back leads to it. Its
/// clock is set forward.
fn a_page_that_nobody_uses_shows_nothing_any_more() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &["--idle", "1"]);
    let mut browser = Browser::start(&folder);
    browser.enter(&desk);
    browser.press("s");
    assert!(browser.text().contains("the same person as"), "{}", browser.text());
    // A page that a browser kept and shows again is asked for anew.
    let kept = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))";
    browser.leads("Runtime.evaluate", json!({ "expression": kept }));
    browser.evaluate("document.querySelector('#words').value = 'a lease'");
    let warning = "document.querySelector('.locking').textContent";
    let later = |browser: &mut Browser, seconds: u32| {
        browser.evaluate(&format!("(() => {{ const now = Date.now; Date.now = () => now() + {seconds}000; }})()"));
    };
    let waits = |browser: &mut Browser, is_said: bool| {
        common::process::wait_for("the warning", || {
            let said = browser.evaluate(warning).as_str().unwrap().contains("about to lock");
            (said == is_said).then_some(())
        });
    };
    assert_eq!(browser.evaluate(warning), "");
    later(&mut browser, 50);
    waits(&mut browser, true);
    for _ in 0..3 {
        browser.type_key("x");
    }
    waits(&mut browser, false);
    let requests = "performance.getEntriesByType('resource').filter(own => own.name.endsWith('/used')).length";
    common::process::wait_for("the request", || (browser.evaluate(requests) != 0).then_some(()));
    assert_eq!(browser.evaluate(requests), 1, "however many keys are pressed");
    assert_eq!(browser.evaluate("document.querySelector('#words').value"), "a lease");
    later(&mut browser, 100);
    common::process::wait_for("the page to leave", || {
        let params = json!({ "expression": "document.body?.innerText ?? ''", "returnByValue": true });
        let found = browser.try_ask("Runtime.evaluate", params).ok()?;
        found["result"]["value"].as_str()?.contains("Locked").then_some(())
    });
    for goes_back in [false, true] {
        if goes_back {
            browser.leads("Runtime.evaluate", json!({ "expression": "history.back()" }));
        }
        let shown = browser.evaluate("document.documentElement.outerHTML").as_str().unwrap().to_owned();
        assert!(shown.contains("<h1>Locked</h1>"), "{shown}");
        has_nothing_planted(&shown);
    }
    assert_eq!(folder.table("decisions.csv").len(), 0);
}
