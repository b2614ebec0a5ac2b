//! Attacks the page of `flagmatch review`: without a fresh address, from other pages, other users and other hosts, behind
//! a proxy, with odd paths and markup. Nobody gets in, and nothing leaks.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;
mod needs;

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use common::desk::{Desk, Reviewer, decisions, doubtful, two_reviewers};
use common::process::{said, unprivileged};
use common::{BENEFIT, CUSTOMER, ELSPETH, Folder, OSWALD, Said, award, csv, customer, has_nothing_planted};
use needs::tests;

tests! {
    nobody_gets_in_without_a_fresh_address;
    the_cookie_stays_with_the_page;
    requests_of_other_pages_and_odd_paths_change_nothing;
    every_answer_forbids_storing_framing_and_scripts_from_elsewhere;
    a_record_full_of_markup_is_shown_as_text;
    no_value_of_a_record_is_in_any_file;
    another_user_of_the_machine_gets_nothing needs ROOT;
    a_proxy_names_reviewers_if_the_job_says_so_and_it_knows_the_secret;
    a_proxy_that_anybody_could_pass_for_is_refused;
    a_page_that_nobody_uses_is_locked needs SLOW;
}

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

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
        let headers = [("Host", host.as_str()), ("Origin", origin.as_str()), FORM];
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
    let elsewhere = TcpStream::connect_timeout(&([127, 0, 0, 2], desk.port).into(), Duration::from_secs(2));
    assert!(elsewhere.is_err());
}

fn requests_of_other_pages_and_odd_paths_change_nothing() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let case = desk.at(&amy.case_of("REF-1").unwrap());
    let (host, cookie) = (desk.host(), amy.cookie.as_str());
    let origin = format!("http://{host}");
    for headers in [
        // No origin; another page; another port of this machine; a page without an origin; another name of this machine.
        vec![("Host", host.as_str()), ("Cookie", cookie), FORM],
        vec![("Host", &host), ("Cookie", cookie), FORM, ("Origin", "https://evil.example")],
        vec![("Host", &host), ("Cookie", cookie), FORM, ("Origin", "http://127.0.0.1:1")],
        vec![("Host", &host), ("Cookie", cookie), FORM, ("Origin", "null")],
        vec![("Host", "evil.example"), ("Cookie", cookie), FORM, ("Origin", "http://evil.example")],
        vec![("Host", &host), ("Cookie", cookie), FORM, ("Origin", &origin), ("Sec-Fetch-Site", "same-site")],
        vec![("Host", &host), FORM, ("Origin", &origin)],
    ] {
        let answer = desk.send("POST", &case, &headers, "answer=yes");
        assert!((400..500).contains(&answer.status), "{headers:?}: {}", answer.status);
        has_nothing_planted(&answer.body);
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    // A page whose name leads to this machine: the browser would send the cookie of that name, if it had one.
    for other in ["evil.example", "127.0.0.1", "127.0.0.1.evil.example:80", "localhost", ""] {
        let answer = desk.send("GET", &case, &[("Host", other), ("Cookie", cookie)], "");
        assert_eq!(answer.status, 421, "{other}");
        has_nothing_planted(&answer.body);
    }
    for path in [
        "/../../etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/case/0/1",
        "/case/4/1",
        "/case/1/2",
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
    let wrong = ["answer=maybe", "", "answer=yes&reason=bribe", "answer=yes&person=x&answer=no"];
    for body in wrong {
        let status =
            desk.send("POST", &case, &[("Host", &host), ("Cookie", cookie), FORM, ("Origin", &origin)], body).status;
        assert!((400..500).contains(&status), "{status}");
    }
    assert_eq!(decisions(&folder).len(), 0);
}

fn every_answer_forbids_storing_framing_and_scripts_from_elsewhere() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    for path in ["/", "/case/1/1", "/nowhere", "/desk.js", "/desk.css", "/locked", "/enter?token=1"] {
        let answer = amy.get(path);
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-robots-tag", "noindex"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        let permissions = answer.header("permissions-policy").unwrap();
        assert!(permissions.contains("clipboard-read=()") && permissions.contains("display-capture=()"), "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part) && !policy.contains("unsafe"), "{path}: {policy}");
        }
        assert!(!answer.body.contains(" style=\"") && !answer.body.contains("<style"), "{path}: nothing inline");
        assert!(!answer.body.contains(" onclick") && !answer.body.contains("<script>"), "{path}: nothing inline");
    }
    // The page locked itself when /locked was opened.
    assert_eq!(amy.get("/").header("location"), Some(desk.at("/locked").as_str()));
    let cookie = desk.tokens[0].1.clone();
    assert_eq!(amy.post("/unlock", &format!("passphrase={cookie}")).status, 403, "only a new address opens it");
}

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

/// The cookie is for the page's own path and no script, and no other site's page makes a browser send it.
fn the_cookie_stays_with_the_page() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &[]);
    let outside = Reviewer { desk: &desk, cookie: String::new() };
    let answer = outside.post("/enter", &format!("token={}", desk.tokens[0].1));
    let cookie = answer.header("set-cookie").unwrap();
    let parts: Vec<&str> = cookie.split("; ").skip(1).collect();
    assert_eq!(parts, [format!("Path={}", desk.base).as_str(), "HttpOnly", "SameSite=Strict"]);
    assert!(desk.base.len() > 16, "the path cannot be guessed: {}", desk.base);
}

fn no_value_of_a_record_is_in_any_file() {
    let folder = doubtful();
    let inputs = folder.tree("");
    let desk = Desk::open(&folder, 1, &["--log-format", "json"]);
    let amy = desk.enter(0, "");
    let mut last = String::new();
    while let Some(case) = amy.next() {
        let page = amy.get(&case).body;
        assert!(page.contains("Quillfeather") || page.contains("Oxenbridge") || page.contains("Thrupkin"));
        assert_eq!(amy.post(&case, "answer=yes&words=seen").status, 303);
        last = case;
    }
    assert_eq!(amy.undo(&last).status, 303);
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

fn another_user_of_the_machine_gets_nothing() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &["--log-format", "json"]);
    let amy = desk.enter(0, "");
    // Undoing the first of two rows writes the file anew.
    let [case, other] = ["REF-1", "REF-2"].map(|own| amy.case_of(own).unwrap());
    for own in [&case, &other] {
        amy.post(own, "answer=yes");
    }
    for own in [&case, &other] {
        assert_eq!(amy.undo(own).status, 303);
    }
    amy.post(&case, "answer=yes");
    fs::write(folder.path("decisions.csv"), folder.read("decisions.csv") + "south,REF-3,whd,N,,,bob,2026-09-01,\n")
        .unwrap();
    assert_eq!(amy.undo(&case).status, 303);
    amy.post(&other, "answer=no");
    assert_eq!(decisions(&folder).len(), 2);
    // The folder itself is open to all, as the folder of a job may be.
    fs::set_permissions(folder.path("."), PermissionsExt::from_mode(0o755)).unwrap();
    let get = |program: &str, arguments: &[&str]| said(unprivileged(program, &folder).args(arguments));
    assert_eq!(get("cat", &["job.toml"]).stdout, folder.read("job.toml"), "this user reads what anybody may");
    for file in ["decisions.csv", "review-log.csv"] {
        let found = get("cat", &[file]);
        assert!(found.code != 0 && found.stdout.is_empty(), "{file}: {}", found.stdout);
    }
    let token = &desk.tokens[0].1;
    let cookie = amy.cookie.split('=').nth(1).unwrap();
    let secrets = [token.as_str(), cookie, &desk.base[1..]];
    for file in ["cmdline", "environ", "maps", "mem", "fd/1", "net/tcp", "status", "stat"] {
        let path = format!("/proc/{}/{file}", desk.id());
        let found = get("cat", &[&path]);
        assert!(secrets.iter().all(|secret| !found.stdout.contains(secret)), "{path}");
        has_nothing_planted(&found.stdout);
        let is_private = ["environ", "maps", "mem", "fd/1"].contains(&file);
        assert!(!is_private || found.code != 0, "{path} is not for others");
    }
    // Not even the one who runs the program finds the token there.
    for file in ["cmdline", "environ"] {
        let text = fs::read(format!("/proc/{}/{file}", desk.id())).unwrap();
        let text = String::from_utf8_lossy(&text);
        assert!(secrets.iter().all(|secret| !text.contains(secret)), "{file}");
    }
    // The port is open to every user of the machine. Bash opens it without a further program.
    let ask = |path: &str, headers: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}\r\n", desk.host());
        let script = format!("exec 3<>/dev/tcp/127.0.0.1/{}; printf %s \"$1\" >&3; cat <&3", desk.port);
        get("bash", &["-c", &script, "-", &request])
    };
    let wrong = format!("Cookie: flagmatch-review={}\r\nX-Remote-User: root\r\n", "0".repeat(64));
    for (path, status) in [("/", 404), (&desk.at("/"), 403), (&desk.at(&other), 403), (&desk.at("/enter?token=0"), 403)]
    {
        for headers in ["", &wrong] {
            let found = ask(path, headers).stdout;
            assert!(found.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {found}");
            assert!(!found.to_lowercase().contains("set-cookie"), "{path}");
            has_nothing_planted(&found);
        }
    }
    let inside = ask(&desk.at("/"), &format!("Cookie: {}\r\n", amy.cookie)).stdout;
    assert!(inside.starts_with("HTTP/1.1 200 "), "with her cookie it would be her page: {inside}");
}

/// A job whose reviewers come through the department's proxy.
fn behind_a_proxy() -> Folder {
    let folder = two_reviewers("");
    let proxy = "[review]\norigin = \"https://review.example\"\nidentity_header = \"X-Remote-User\"\n\
                 proxy_secret = \"secret.txt\"";
    folder.job(&folder.read("job.toml").replace("[review]", proxy));
    folder.write("secret.txt", "wind-and-rain-99\n");
    fs::set_permissions(folder.path("secret.txt"), PermissionsExt::from_mode(0o600)).unwrap();
    folder
}

fn a_proxy_names_reviewers_if_the_job_says_so_and_it_knows_the_secret() {
    const SECRET: (&str, &str) = ("Flagmatch-Proxy-Secret", "wind-and-rain-99");
    const HOST: (&str, &str) = ("Host", "review.example");
    const ORIGIN: (&str, &str) = ("Origin", "https://review.example");
    let amy = ("X-Remote-User", "amy");
    // A job that does not speak of a proxy.
    let plain = two_reviewers("");
    let desk = Desk::open(&plain, 2, &[]);
    let host = desk.host();
    assert_eq!(desk.send("GET", &desk.at("/"), &[("Host", &host), SECRET, amy], "").status, 403);
    assert_eq!(desk.send("GET", &desk.at("/"), &[HOST, SECRET, amy], "").status, 421);
    drop(desk);
    let folder = behind_a_proxy();
    let desk = Desk::open(&folder, 2, &[]);
    let host = desk.host();
    for headers in [
        &[HOST, amy][..],
        &[("Host", &host), amy],
        &[HOST, amy, ("Flagmatch-Proxy-Secret", "wind-and-rain-98")],
        &[HOST, amy, ("Flagmatch-Proxy-Secret", "")],
        &[HOST, amy, SECRET, SECRET],
        &[HOST, SECRET],
        &[HOST, SECRET, amy, ("X-Remote-User", "bob")],
        &[HOST, SECRET, ("X-Remote-User", "mallory")],
        &[HOST, SECRET, ("X-Remote-User", "")],
    ] {
        for path in ["/", "/next", "/case/1/1"] {
            let answer = desk.send("GET", &desk.at(path), headers, "");
            assert_eq!((answer.status, answer.header("set-cookie")), (403, None), "{path}: {headers:?}");
            has_nothing_planted(&answer.body);
        }
        let answer = desk.send("POST", &desk.at("/unlock"), &[headers, &[ORIGIN, FORM]].concat(), "passphrase=");
        assert_eq!((answer.status, answer.header("set-cookie")), (403, None), "{headers:?}");
    }
    // The name that the proxy sends is the reviewer, at any page.
    let come = |name| desk.send("GET", &desk.at("/case/1/1"), &[HOST, SECRET, ("X-Remote-User", name)], "");
    let cookie_of = |answer: &common::desk::Answer| {
        let cookie = answer.header("set-cookie").expect("a cookie").to_owned();
        assert!(cookie.ends_with("; HttpOnly; SameSite=Strict; Secure"), "{cookie}");
        cookie.split(';').next().unwrap().to_owned()
    };
    let cookie = cookie_of(&come("amy"));
    let page = desk.send("GET", &desk.at("/"), &[HOST, SECRET, amy, ("Cookie", &cookie)], "");
    assert!(page.status == 200 && page.body.contains("<p class=\"who\">amy</p>"), "{}", page.body);
    // The page of a browser that the proxy says is another's by now is not shown.
    let bob = ("X-Remote-User", "bob");
    let answer = desk.send("GET", &desk.at("/"), &[HOST, SECRET, bob, ("Cookie", &cookie)], "");
    assert_eq!(answer.status, 303);
    let of_bob = cookie_of(&answer);
    let page = desk.send("GET", &desk.at("/"), &[HOST, SECRET, bob, ("Cookie", &of_bob)], "");
    assert!(page.status == 200 && page.body.contains("<p class=\"who\">bob</p>"));
    // Forms come from the proxy's own name, and a decision has the reviewer's.
    let first = desk.send("GET", &desk.at("/next"), &[HOST, SECRET, amy, ("Cookie", &cookie)], "");
    let case = first.header("location").unwrap().to_owned();
    let here = format!("http://{host}");
    for (origin, status) in [(here.as_str(), 403), ("https://evil.example", 403), (ORIGIN.1, 303)] {
        let headers = [HOST, SECRET, amy, ("Cookie", &cookie), FORM, ("Origin", origin)];
        assert_eq!(desk.send("POST", &case, &headers, "answer=yes").status, status, "{origin}");
    }
    let decided: Vec<String> = decisions(&folder).iter().map(|row| row["decided_by"].clone()).collect();
    assert_eq!(decided, ["amy"]);
    // What the proxy says opens a page that was locked, and nothing else does.
    assert_eq!(desk.send("POST", &desk.at("/lock"), &[HOST, ORIGIN, FORM, ("Cookie", &cookie)], "").status, 303);
    let locked = desk.send("GET", &desk.at("/"), &[HOST, ("Cookie", &cookie)], "");
    assert_eq!(locked.header("location"), Some(desk.at("/locked").as_str()));
    let unlock = |more: &[(&str, &str)]| {
        let headers = [&[HOST, ORIGIN, FORM, ("Cookie", cookie.as_str())], more].concat();
        desk.send("POST", &desk.at("/unlock"), &headers, "passphrase=")
    };
    assert_eq!(unlock(&[amy]).status, 403);
    cookie_of(&unlock(&[amy, SECRET]));
}

/// What the program says if it does not begin. If it does, it is ended.
fn begins(folder: &Folder) -> Said {
    let mut command = folder.command(&["review", "job.toml", "--port", "0"]);
    Said::new(command.timeout(Duration::from_secs(60)).output().unwrap())
}

fn a_proxy_that_anybody_could_pass_for_is_refused() {
    for (from, to, mode, code, reason) in [
        ("proxy_secret = \"secret.txt\"", "", 0o600, 2, "needs proxy_secret and origin"),
        ("origin = \"https://review.example\"", "", 0o600, 2, "needs proxy_secret and origin"),
        ("secret.txt", "other.txt", 0o600, 1, "No such file"),
        ("", "", 0o640, 1, "readable by others than its owner"),
        ("", "", 0o604, 1, "readable by others than its owner"),
    ] {
        let folder = behind_a_proxy();
        folder.job(&folder.read("job.toml").replacen(from, to, 1));
        fs::set_permissions(folder.path("secret.txt"), PermissionsExt::from_mode(mode)).unwrap();
        begins(&folder).is_fault(code, &[reason]);
    }
    let folder = behind_a_proxy();
    folder.write("secret.txt", "wind-and-rain\n");
    begins(&folder).is_fault(1, &["secret.txt", "at least 16 letters"]);
}

/// After a minute, the least that can be set, the page is locked for whoever has its cookie.
fn a_page_that_nobody_uses_is_locked() {
    let folder = two_reviewers("");
    let desk = Desk::open(&folder, 2, &["--idle", "1"]);
    let amy = desk.enter(0, "windy+hills+of+amy");
    let case = amy.case_of("REF-1").unwrap();
    assert_eq!(amy.get(&case).status, 200);
    std::thread::sleep(Duration::from_secs(40));
    // Whoever types or moves about uses the page.
    assert_eq!(amy.post("/used", "").status, 204);
    std::thread::sleep(Duration::from_secs(25));
    assert_eq!(amy.post("/used", "").status, 204);
    std::thread::sleep(Duration::from_secs(61));
    for answer in [
        amy.get(&case),
        amy.get("/"),
        amy.get("/next"),
        amy.post(&case, "answer=yes"),
        amy.undo(&case),
        amy.post("/used", ""),
    ] {
        assert_eq!((answer.status, answer.header("location")), (303, Some(desk.at("/locked").as_str())));
        has_nothing_planted(&answer.body);
    }
    assert_eq!(decisions(&folder).len(), 0);
    assert_eq!(amy.post("/unlock", "passphrase=windy+hills+of+bob").status, 403);
    assert_eq!(amy.post("/unlock", "").status, 403);
    assert_eq!(amy.get(&case).status, 303, "it stays locked");
    assert_eq!(amy.post("/unlock", "passphrase=windy+hills+of+amy").status, 303);
    assert_eq!(amy.post(&case, "answer=yes").status, 303);
    assert_eq!(decisions(&folder).len(), 1);
}
