//! Opens the page of `flagmatch review` in a real browser: twenty cases by keyboard, what a form of another page can do,
//! what the browser keeps, and whether everybody can read and use the page.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;
mod needs;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use common::desk::{Desk, doubtful};
use common::{ELSPETH, Folder, award, customer, has_nothing_planted};
use needs::tests;
use serde_json::{Value, json};

tests! {
    twenty_cases_are_decided_by_keyboard_and_the_next_run_follows needs CHROMIUM;
    everybody_can_read_and_use_the_page needs CHROMIUM;
    axe_finds_nothing needs CHROMIUM, AXE;
    a_form_of_another_page_does_nothing needs CHROMIUM;
    the_browser_keeps_no_value needs CHROMIUM;
    a_page_that_nobody_uses_shows_nothing_any_more needs CHROMIUM;
    a_press_that_was_meant_for_the_case_before_answers_nothing needs CHROMIUM;
}

/// A browser that is told what to do through a pipe, in the Chrome DevTools Protocol.
struct Browser {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    last: u64,
    session: String,
    /// What pages wrote to the console.
    console: Vec<String>,
    profile: PathBuf,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}

impl Browser {
    /// Starts a browser whose profile lies in this folder.
    fn start(folder: &Folder) -> Browser {
        let profile = folder.path("profile");
        // The browser takes commands at descriptor 3 and answers at 4.
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 >/dev/null 2>&1"]).arg(needs::browser().unwrap());
        command.args(["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run"]);
        command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
        command.arg(format!("--user-data-dir={}", profile.display()));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let (session, console) = (String::new(), Vec::new());
        let mut browser = Browser { child, to, from, last: 0, session, console, profile };
        let target = browser.ask("Target.createTarget", json!({ "url": "about:blank" }));
        let about = json!({ "targetId": target["targetId"], "flatten": true });
        browser.session = browser.ask("Target.attachToTarget", about)["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page", "Runtime", "Log"] {
            browser.ask(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Sends a command, and returns its result.
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.try_ask(method, params).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Sends a command that fails if another page comes meanwhile.
    fn try_ask(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let answer = self.read();
            if answer["id"].as_u64() == Some(self.last) {
                return if answer["error"].is_null() { Ok(answer["result"].clone()) } else { Err(answer) };
            }
        }
    }

    fn read(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from.read_until(0, &mut bytes).unwrap();
        bytes.pop();
        let message: Value = serde_json::from_slice(&bytes).expect("the browser has ended");
        match message["method"].as_str() {
            Some("Runtime.consoleAPICalled") => self.console.push(message["params"]["args"].to_string()),
            Some("Runtime.exceptionThrown") => self.console.push(message["params"].to_string()),
            Some("Log.entryAdded") => self.console.push(message["params"]["entry"].to_string()),
            _ => {}
        }
        message
    }

    /// Does what leads to another page, and waits until that is loaded.
    fn leads(&mut self, method: &str, params: Value) {
        self.evaluate("window.isOld = true");
        let _left: Result<Value, Value> = self.try_ask(method, params);
        let is_there = "!window.isOld && document.readyState === 'complete'";
        common::process::wait_for("the next page", || {
            let params = json!({ "expression": is_there, "returnByValue": true });
            let found = self.try_ask("Runtime.evaluate", params).ok()?;
            (found["result"]["value"] == true).then_some(())
        });
    }

    fn open(&mut self, address: &str) {
        self.leads("Page.navigate", json!({ "url": address }));
    }

    /// Runs a script in the page, and returns what it gives.
    fn evaluate(&mut self, script: &str) -> Value {
        let params = json!({ "expression": script, "returnByValue": true, "awaitPromise": true });
        let found = self.ask("Runtime.evaluate", params);
        assert!(found["exceptionDetails"].is_null(), "{script}: {found}");
        found["result"]["value"].clone()
    }

    /// Presses a key that leads to another page.
    fn press(&mut self, key: &str) {
        common::process::wait_for("a case that takes answers", || {
            let takes = "!document.querySelector('.answer') || document.body.dataset.answers === 'on'";
            (self.evaluate(takes) == true).then_some(())
        });
        self.press_at_once(key);
    }

    /// The same, without the moment that a case is to be read.
    fn press_at_once(&mut self, key: &str) {
        let (name, code) = if key == "\r" { ("Enter", 13) } else { (key, 0) };
        let down = json!({ "type": "keyDown", "key": name, "text": key, "windowsVirtualKeyCode": code });
        self.leads("Input.dispatchKeyEvent", down);
        self.ask("Input.dispatchKeyEvent", json!({ "type": "keyUp", "key": name, "windowsVirtualKeyCode": code }));
    }

    /// Comes in with the address of the only reviewer.
    fn enter(&mut self, desk: &Desk) {
        self.open(&format!("http://{}{}/enter?token={}", desk.host(), desk.base, desk.tokens[0].1));
        self.press("\r");
        assert!(self.text().contains("to decide"), "{}", self.text());
    }

    fn text(&mut self) -> String {
        self.evaluate("document.body?.innerText ?? ''").as_str().unwrap().to_owned()
    }

    /// Shows the page as on a screen of this width, dark or light.
    fn look(&mut self, width: u32, scheme: &str) {
        let height = if width < 500 { 844 } else { 900 };
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.ask("Emulation.setDeviceMetricsOverride", size);
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.ask("Emulation.setEmulatedMedia", features);
    }

    /// Keeps a picture of the page, if the variable `PICTURES` names a folder.
    fn picture(&mut self, name: &str) {
        let Some(folder) = std::env::var_os("PICTURES") else { return };
        let taken = self.ask("Page.captureScreenshot", json!({ "format": "png" }));
        let text = taken["data"].as_str().unwrap();
        let decode = Command::new("base64").arg("-d").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut decode = decode.unwrap();
        let mut input = decode.stdin.take().unwrap();
        let own = text.to_owned();
        let writing = std::thread::spawn(move || input.write_all(own.as_bytes()));
        let picture = decode.wait_with_output().unwrap().stdout;
        writing.join().unwrap().unwrap();
        fs::write(Path::new(&folder).join(format!("{name}.png")), picture).unwrap();
    }
}

/// The sample data, published once, with a decisions file that is in use.
fn sample() -> Folder {
    let folder = Folder::empty();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data");
    fs::create_dir(folder.path("suppliers")).unwrap();
    for file in ["benefits.csv", "properties.csv", "objections.csv", "decisions.csv", "job.toml"] {
        fs::copy(from.join(file), folder.path(file)).unwrap();
    }
    for file in fs::read_dir(from.join("suppliers")).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), folder.path("suppliers").join(file.file_name())).unwrap();
    }
    folder.add_to_job("[review]\nclear_share = 0");
    assert!([0, 4].contains(&folder.run(&["--quiet"]).code));
    folder
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
        if number == 4 {
            // Undone, and decided the other way.
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

/// Visits the pages at both widths, dark and light.
fn visit(folder: &Folder, mut look: impl FnMut(&mut Browser, &str)) {
    let desk = Desk::open(folder, 1, &[]);
    let mut browser = Browser::start(folder);
    browser.open(&format!("http://{}{}/enter?token={}", desk.host(), desk.base, desk.tokens[0].1));
    let address = |path: &str| format!("http://{}{}{path}", desk.host(), desk.base);
    for (page, path) in
        [("enter", ""), ("queue", "/"), ("case", "/case/3"), ("ambiguous", "/case/6"), ("locked", "/locked")]
    {
        if page == "queue" {
            // Measuring moved the focus away from the button.
            let click = json!({ "expression": "document.querySelector('form.enter button').click()" });
            browser.leads("Runtime.evaluate", click);
        } else if !path.is_empty() {
            browser.open(&address(path));
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

/// Contrast, focus, headings and widths, as for the report; and what a screen reader is told.
fn everybody_can_read_and_use_the_page() {
    let folder = sample();
    let contrast = include_str!("contrast.js");
    let mut seen = BTreeSet::new();
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
        let controls = ["button", "link", "textbox", "combobox", "heading", "table"];
        for node in tree["nodes"].as_array().unwrap().iter().filter(|node| node["ignored"] == false) {
            let role = node["role"]["value"].as_str().unwrap_or("").to_lowercase();
            if controls.contains(&role.as_str()) {
                let words = node["name"]["value"].as_str().unwrap_or("");
                assert!(!words.trim().is_empty(), "{name}: a {role} without a name");
                seen.insert(role);
            }
        }
    });
    for role in ["button", "link", "textbox", "combobox", "heading", "table"] {
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

/// After a minute, the least that can be set, the page leaves itself, and no way back leads to it.
fn a_page_that_nobody_uses_shows_nothing_any_more() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &["--idle", "1"]);
    let mut browser = Browser::start(&folder);
    browser.enter(&desk);
    browser.press("s");
    assert!(browser.text().contains("the same person as"), "{}", browser.text());
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
