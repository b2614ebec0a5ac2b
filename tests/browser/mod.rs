//! Drives a real browser through a pipe, in the Chrome DevTools Protocol.

// Each test file uses a part of it, and a failed unwrap in a helper fails the test.
#![allow(dead_code, clippy::unwrap_used)]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::common::desk::Desk;
use crate::common::{Folder, process};
use crate::needs;

/// A browser that is told what to do through a pipe, in the Chrome DevTools Protocol.
pub(crate) struct Browser {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    last: u64,
    pub(crate) session: String,
    /// What pages wrote to the console.
    pub(crate) console: Vec<String>,
    pub(crate) profile: PathBuf,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}

impl Browser {
    /// Starts a browser whose profile lies in this folder.
    pub(crate) fn start(folder: &Folder) -> Browser {
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
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        self.try_ask(method, params).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Sends a command that fails if another page comes meanwhile.
    pub(crate) fn try_ask(&mut self, method: &str, params: Value) -> Result<Value, Value> {
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
    pub(crate) fn leads(&mut self, method: &str, params: Value) {
        self.evaluate("window.isOld = true");
        let _left: Result<Value, Value> = self.try_ask(method, params);
        let is_there = "!window.isOld && document.readyState === 'complete'";
        process::wait_for("the next page", || {
            let params = json!({ "expression": is_there, "returnByValue": true });
            let found = self.try_ask("Runtime.evaluate", params).ok()?;
            (found["result"]["value"] == true).then_some(())
        });
    }

    pub(crate) fn open(&mut self, address: &str) {
        self.leads("Page.navigate", json!({ "url": address }));
    }

    /// Runs a script in the page, and returns what it gives.
    pub(crate) fn evaluate(&mut self, script: &str) -> Value {
        let params = json!({ "expression": script, "returnByValue": true, "awaitPromise": true });
        let found = self.ask("Runtime.evaluate", params);
        assert!(found["exceptionDetails"].is_null(), "{script}: {found}");
        found["result"]["value"].clone()
    }

    /// Presses a key that leads to another page.
    pub(crate) fn press(&mut self, key: &str) {
        self.wait_for_answers();
        self.press_at_once(key);
    }

    /// The same, without the moment that a case is to be read.
    pub(crate) fn press_at_once(&mut self, key: &str) {
        self.wait_for_paint();
        let (name, code) = if key == "\r" { ("Enter", 13) } else { (key, 0) };
        let down = json!({ "type": "keyDown", "key": name, "text": key, "windowsVirtualKeyCode": code });
        self.leads("Input.dispatchKeyEvent", down);
        self.ask("Input.dispatchKeyEvent", json!({ "type": "keyUp", "key": name, "windowsVirtualKeyCode": code }));
    }

    /// Waits until the page is painted. Before, it has no focus where it asks for it, and the browser drops keys.
    fn wait_for_paint(&mut self) {
        self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))");
    }

    /// Types a key where the focus is, which leads nowhere.
    pub(crate) fn type_key(&mut self, key: &str) {
        let (name, code) = if key == "\r" { ("Enter", 13) } else { (key, 0) };
        let down = json!({ "type": "keyDown", "key": name, "text": key, "windowsVirtualKeyCode": code });
        self.ask("Input.dispatchKeyEvent", down);
        self.ask("Input.dispatchKeyEvent", json!({ "type": "keyUp", "key": name, "windowsVirtualKeyCode": code }));
    }

    /// Waits until the case takes answers.
    pub(crate) fn wait_for_answers(&mut self) {
        process::wait_for("a case that takes answers", || {
            let takes = "!document.querySelector('.answer, .careful') || document.body.dataset.answers === 'on'";
            (self.evaluate(takes) == true).then_some(())
        });
    }

    /// Comes in with the address of the only reviewer.
    pub(crate) fn enter(&mut self, desk: &Desk) {
        self.open(&format!("http://{}{}/enter?token={}", desk.host(), desk.base, desk.tokens[0].1));
        self.press("\r");
        assert!(self.text().contains("to decide"), "{}", self.text());
    }

    pub(crate) fn text(&mut self) -> String {
        self.evaluate("document.body?.innerText ?? ''").as_str().unwrap().to_owned()
    }

    /// Shows the page as on a screen of this width, dark or light.
    pub(crate) fn look(&mut self, width: u32, scheme: &str) {
        let height = if width < 500 { 844 } else { 900 };
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.ask("Emulation.setDeviceMetricsOverride", size);
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.ask("Emulation.setEmulatedMedia", features);
    }

    /// Keeps a picture of the page, if the variable `PICTURES` names a folder.
    pub(crate) fn picture(&mut self, name: &str) {
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
pub(crate) fn sample() -> Folder {
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
