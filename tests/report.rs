//! Opens the report in a real browser and reads its other formats: it has every section, makes no request to a network,
//! contains only data of the `analyst` folder, and writes nothing there.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;
mod needs;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use common::{Folder, has_nothing_planted};
use needs::tests;
use serde_json::Value;

tests! {
    the_page_of_a_run_opens_in_a_browser_and_asks_for_nothing needs CHROMIUM;
    every_text_can_be_read_and_the_keyboard_is_seen needs CHROMIUM;
    the_report_reads_the_analyst_folder_alone;
    names_are_text_and_never_markup;
    gates_are_drawn_on_the_trends;
    an_earlier_run_that_cannot_be_read_is_left_out_of_the_trends;
}

struct Opened {
    /// The page after loading.
    dom: String,
    /// The messages on its console.
    console: Vec<String>,
    /// The addresses that it requested.
    requests: BTreeSet<String>,
}

/// Opens a page in headless Chromium.
fn open(page: &Path, width: u32) -> Opened {
    let profile = tempfile::tempdir().unwrap();
    let log = profile.path().join("net.json");
    let output = Command::new(needs::browser().unwrap())
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--enable-logging=stderr", "--v=0", "--virtual-time-budget=2000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.path().join("profile").display()))
        .arg(format!("--log-net-log={}", log.display()))
        .arg(format!("--window-size={width},900"))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let log = std::fs::read_to_string(&log).unwrap_or_else(|error| panic!("no log of requests: {error}: {stderr}"));
    // The log may lack its last brackets, so it is read as text. A request by the page has the page's origin before its
    // address; a request by the browser itself, for updates say, has none.
    let requests = log.split("\"initiator\":\"").skip(1).filter_map(|rest| {
        let (origin, rest) = rest.split_once('"')?;
        let url = rest.split_once("\"url\":\"")?.1.split('"').next()?;
        (origin != "not an origin").then_some(url)
    });
    Opened {
        dom: String::from_utf8(output.stdout).unwrap(),
        console: stderr.lines().filter(|line| line.contains("CONSOLE")).map(str::to_owned).collect(),
        requests: requests.map(str::to_owned).collect(),
    }
}

const SECTIONS: [&str; 10] =
    ["glance", "suppliers", "regions", "kinds", "funnel", "keys", "weights", "review", "trends", "reading"];

fn the_page_of_a_run_opens_in_a_browser_and_asks_for_nothing() {
    let folder = Folder::nation("40000", "14000", "3");
    assert_eq!(folder.flagmatch(&["run", "nation/job.toml"]).code, 0);
    let page = folder.path("nation/out/latest/analyst/report.html");
    for width in [390, 1280] {
        let opened = open(&page, width);
        for section in SECTIONS {
            assert!(opened.dom.contains(&format!("<section id=\"{section}\"")), "no section {section}");
        }
        assert!(opened.dom.matches("<svg role=\"img\" aria-label=").count() >= 14, "pictures in two sizes");
        assert_eq!(opened.console, Vec::<String>::new());
        assert!(opened.requests.is_empty(), "{:?}", opened.requests);
    }
    // A page that breaks the rules, to show that the test would notice.
    let bad = "<!DOCTYPE html><img src=\"http://127.0.0.1:9/pixel.png\"><script>console.error('seen')</script>";
    folder.write("bad.html", bad);
    let opened = open(&folder.path("bad.html"), 390);
    assert!(opened.requests.iter().any(|url| url.contains("pixel.png")), "{:?}", opened.requests);
    assert!(opened.console.iter().any(|line| line.contains("seen")), "{:?}", opened.console);

    // A copy of the page that measures itself: only elements that scroll are wider than a phone, every picture and
    // table has a name, heading levels go down one at a time, and the skip link works.
    let measured = folder.read("nation/out/latest/analyst/report.html").replace("default-src 'none';", "").replace(
        "</body>",
        "<script>
        const all = query => [...document.querySelectorAll(query)];
        const shown = all('svg').filter(own => own.getBoundingClientRect().width > 0);
        const levels = all('h1,h2,h3').map(own => +own.tagName[1]);
        document.querySelector('a.skip').click();
        document.title = JSON.stringify({
            width: document.documentElement.scrollWidth - window.innerWidth,
            pictures: shown.length, names: shown.filter(own => own.getAttribute('aria-label')).length,
            tables: all('table').length, captions: all('table caption').length,
            scopes: all('th').filter(own => !own.scope).length,
            jumps: levels.filter((level, at) => at > 0 && level > levels[at - 1] + 1).length, first: levels[0],
            dead: all('nav a').filter(own => !document.querySelector(own.getAttribute('href'))).length,
            links: all('nav a').length, focus: document.activeElement.id, texts: all('figcaption').length,
            figures: all('figure').length });</script></body>",
    );
    folder.write("measured.html", measured);
    for width in [390, 1280] {
        let dom = open(&folder.path("measured.html"), width).dom;
        let title = dom.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap();
        let seen: Value = serde_json::from_str(title).unwrap_or_else(|_| panic!("not measured: {title}"));
        let number = |name: &str| seen[name].as_i64().unwrap();
        assert!(number("width") <= 0, "wider than {width}: {seen}");
        assert!(number("pictures") >= 7, "{seen}");
        assert_eq!(number("pictures"), number("names"), "{seen}");
        assert_eq!(number("figures"), number("texts"), "{seen}");
        assert_eq!(number("tables"), number("captions"), "{seen}");
        assert_eq!((number("scopes"), number("jumps"), number("first"), number("dead")), (0, 0, 1, 0), "{seen}");
        assert_eq!(number("links"), 10, "{seen}");
        assert_eq!(seen["focus"], "main", "{seen}");
    }
}

/// A copy of a page with a script that measures it and puts the result into its title.
fn measuring(page: &str, script: &str) -> String {
    page.replace("default-src 'none';", "").replace("</body>", &format!("<script>{script}</script></body>"))
}

/// Measures all pages on a wide screen, on a phone and on paper: every text has enough contrast, also in pictures, the
/// keyboard reaches everything in order and its focus is visible, and heading levels go down one at a time.
fn every_text_can_be_read_and_the_keyboard_is_seen() {
    let folder = Folder::nation("40000", "14000", "3");
    assert_eq!(folder.flagmatch(&["run", "nation/job.toml"]).code, 0);
    let first = std::fs::read_link(folder.path("nation/out/latest")).unwrap();
    let first = format!("nation/out/{}", first.display());
    std::fs::remove_file(folder.path("nation/suppliers/supplier-02.csv")).unwrap();
    assert_eq!(folder.flagmatch(&["run", "nation/job.toml"]).code, 4);
    let customer = folder.administrator_of("nation", "matched");
    let truth = ["evaluate", "nation/job.toml", "--truth", "nation/truth.csv", "--html", "evaluated.html"];
    assert_eq!(folder.flagmatch(&truth).code, 0);
    let report = ["report", &first, "nation/out/latest", "--format", "html", "--administrator"];
    let explain =
        ["explain", "nation/job.toml", "--supplier", "supplier-01", "--customer", &customer, "--html", "why.html"];
    assert_eq!(folder.flagmatch(&explain).code, 0);
    let pages = [
        ("report", folder.read("nation/out/latest/analyst/report.html"), 500, 200),
        ("exact", folder.flagmatch(&report).stdout, 500, 200),
        ("explained", folder.read("why.html"), 20, 20),
        ("evaluated", folder.read("evaluated.html"), 100, 20),
    ];
    let script = include_str!("contrast.js");
    for (name, page, least, least_of_pictures) in pages {
        let on_paper = page.replace("@media print", "@media all");
        assert_ne!(on_paper, page, "{name}");
        // The longest page has everything that the others have on paper.
        let looks = [(1280, &page), (390, &page), (1280, &on_paper)];
        for (width, page) in looks.into_iter().take(if name == "exact" { 3 } else { 2 }) {
            folder.write("measured.html", measuring(page, script));
            let dom = open(&folder.path("measured.html"), width).dom;
            let title = dom.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap();
            let title = title.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">");
            let seen: Value = serde_json::from_str(&title).unwrap_or_else(|_| panic!("not measured: {title}"));
            let about = format!("{name} at {width}: {seen}");
            let is_empty = |what: &str| seen[what].as_array().unwrap().is_empty();
            assert!(is_empty("short"), "text that does not stand out: {about}");
            assert!(is_empty("unseen"), "a focus that does not show: {about}");
            assert!(seen["pairs"].as_u64().unwrap() >= least, "{about}");
            assert!(seen["ofPictures"].as_u64().unwrap() >= least_of_pictures, "{about}");
            assert_eq!(seen["headings"], true, "{about}");
            assert!(seen["wider"].as_i64().unwrap() <= 0, "{about}");
            // Paper has no keyboard and no skip link.
            if !std::ptr::eq(page, &on_paper) {
                assert!(seen["stops"].as_u64().unwrap() >= 2 && seen["jumps"] == 0, "{about}");
                assert!(seen["first"] == true && seen["skipShows"] == true, "{about}");
            }
        }
    }
}

/// The rows of a report as CSV.
fn observations(folder: &Folder, arguments: &[&str]) -> Vec<std::collections::BTreeMap<String, String>> {
    let said = folder.flagmatch(&[&["report"], arguments, &["--format", "csv"]].concat());
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    has_nothing_planted(&said.stdout);
    csv::Reader::from_reader(said.stdout.as_bytes()).deserialize().map(Result::unwrap).collect()
}

fn the_report_reads_the_analyst_folder_alone() {
    let folder = Folder::nation("40000", "14000", "3");
    assert_eq!(folder.flagmatch(&["run", "nation/job.toml"]).code, 0);
    let run = std::fs::read_link(folder.path("nation/out/latest")).unwrap();
    std::fs::create_dir(folder.path("alone")).unwrap();
    for file in ["rates.csv", "details.csv", "night.json"] {
        folder.write(&format!("alone/{file}"), folder.read(&format!("nation/out/latest/analyst/{file}")));
    }
    let before = folder.tree("nation/out");
    for format in ["text", "csv", "json", "html"] {
        let alone = folder.flagmatch(&["report", "alone", "--format", format]);
        let whole = folder.flagmatch(&["report", "nation/out/latest", "--format", format]);
        assert_eq!((alone.code, alone.stderr.as_str()), (0, ""));
        assert_eq!(alone.stdout, whole.stdout, "{format}");
        // The page requested by hand is the one that the run wrote.
        if format == "html" {
            assert_eq!(whole.stdout, folder.read("nation/out/latest/analyst/report.html"));
        }
    }
    // The tidy form has every figure of the files, and no other.
    let tidy = observations(&folder, &["alone"]);
    let rates = folder.table("alone/rates.csv");
    let details = folder.table("alone/details.csv");
    // It also has who had a delivery, who was held back, and the bounds of the gate, which are unknown in a first run.
    let of_suppliers = rates.iter().filter(|row| row["breakdown"] == "supplier").count();
    assert_eq!(tidy.len(), 3 * rates.len() + details.len() + 2 * 3 + 2 * of_suppliers);
    let is_told_of_the_night = |row: &&std::collections::BTreeMap<String, String>| row["breakdown"] == "night";
    let told: Vec<(&str, &str)> =
        tidy.iter().filter(is_told_of_the_night).map(|row| (row["measure"].as_str(), row["value"].as_str())).collect();
    assert_eq!(told, [("matched", "1"), ("held_back", "0")].repeat(3));
    assert!(tidy.iter().filter(|row| row["breakdown"] == "gate").all(|row| row["value"].is_empty()));
    let published: BTreeSet<&str> = rates
        .iter()
        .flat_map(|row| [row["accounts"].as_str(), row["flagged"].as_str()])
        .chain(details.iter().map(|row| row["at_least"].as_str()))
        .collect();
    for row in tidy.iter().filter(|row| row["measure"] != "rate" && row["breakdown"] != "night") {
        assert_eq!((row["run"].as_str(), row["source"].as_str()), (run.to_str().unwrap(), "released"));
        assert!(published.contains(row["value"].as_str()), "{row:?}");
        assert_eq!(row["suppressed"] == "true", row["value"].is_empty(), "{row:?}");
    }
    let json: Value = serde_json::from_str(&folder.flagmatch(&["report", "alone", "--format", "json"]).stdout).unwrap();
    assert_eq!(json["observations"].as_array().unwrap().len(), tidy.len());
    let text = folder.flagmatch(&["report", "alone"]).stdout;
    assert!(text.lines().all(|line| line.chars().count() <= 80), "80 columns");

    // Exact counts come from the administrator's record, only on request, and are written to no file.
    let exact = observations(&folder, &["nation/out/latest", "--administrator"]);
    let summary: Value = serde_json::from_str(&folder.read("nation/out/latest/administrator/run.json")).unwrap();
    let own = summary["summary"]["suppliers"][0]["schemes"][0]["flagged"].as_u64().unwrap();
    let is_own = |row: &&std::collections::BTreeMap<String, String>| {
        row["source"] == "administrator" && row["supplier"] == "supplier-01" && row["measure"] == "flagged"
    };
    let found: Vec<f64> = exact.iter().filter(is_own).map(|row| row["value"].parse().unwrap()).collect();
    assert_eq!(found, [own as f64]);
    let page = folder.flagmatch(&["report", "nation/out/latest", "--administrator", "--format", "html"]).stdout;
    assert!(page.contains("<section id=\"administrator\"") && page.contains("class=\"warning\""));
    assert_eq!(folder.tree("nation/out"), before);
    assert!(!folder.read("nation/out/latest/analyst/report.html").contains("id=\"administrator\""));
    folder.flagmatch(&["report", "alone", "--administrator"]).is_fault(1, &["run.json", "cannot be read"]);
    folder.flagmatch(&["report", "nation"]).is_fault(2, &["no folder of a run"]);
}

/// Anybody may have written the names in the files, so they are treated as text, whatever they contain.
fn names_are_text_and_never_markup() {
    let folder = Folder::sound();
    folder.run_well();
    std::fs::create_dir(folder.path("alone")).unwrap();
    for file in ["rates.csv", "details.csv", "night.json"] {
        let text = folder.read(&format!("out/latest/analyst/{file}"));
        let evil = text.replace("north", "<script>alert(1)</script>").replace("Warm Home", "<img src=x onerror=y>");
        assert_ne!(evil, text);
        folder.write(&format!("alone/{file}"), evil);
    }
    let page = folder.flagmatch(&["report", "alone", "--format", "html"]);
    assert_eq!((page.code, page.stderr.as_str()), (0, ""));
    assert!(page.stdout.contains("&lt;script&gt;") && page.stdout.contains("&lt;img"));
    assert!(!page.stdout.contains("<script") && !page.stdout.contains("<img"));
}

/// The trend of each supplier's rate shows the bounds of the gate, and marks the runs in which it was held back,
/// without a cause. Only the administrator sees the cause.
fn gates_are_drawn_on_the_trends() {
    let folder = Folder::nation("20000", "7000", "3");
    folder.write(
        "nation/job.toml",
        format!(
            "{}\n[gates]\nnights = 2\nmatch_rate_lower = 0.25\nmatch_rate_higher = 0.5\n",
            folder.read("nation/job.toml")
        ),
    );
    let run = |code: i32| {
        let said = folder.flagmatch(&["run", "nation/job.toml"]);
        assert_eq!(said.code, code, "{}", said.stderr);
        format!("nation/out/{}", std::fs::read_link(folder.path("nation/out/latest")).unwrap().display())
    };
    let first = run(0);
    let rows = folder.read("nation/suppliers/supplier-01.csv");
    let half: Vec<&str> = rows.lines().take(rows.lines().count() / 2).collect();
    folder.write("nation/suppliers/supplier-01.csv", half.join("\n") + "\n");
    let second = run(4);
    let nights = [first.as_str(), second.as_str()];
    let tidy = observations(&folder, &nights);
    let value = |run: &str, breakdown: &str, measure: &str| -> String {
        let is_asked = |row: &&std::collections::BTreeMap<String, String>| {
            (row["run"].as_str(), row["supplier"].as_str()) == (run.trim_start_matches("nation/out/"), "supplier-01")
                && (row["breakdown"].as_str(), row["measure"].as_str()) == (breakdown, measure)
        };
        let found: Vec<&str> = tidy.iter().filter(is_asked).map(|row| row["value"].as_str()).collect();
        assert_eq!(found.len(), 1, "{run} {breakdown} {measure}");
        found[0].to_owned()
    };
    assert_eq!(nights.map(|run| value(run, "night", "held_back")), ["0", "1"]);
    assert_eq!(nights.map(|run| value(run, "night", "matched")), ["1", "0"]);
    // The bounds are computed from the released rate.
    let rate: f64 = value(&first, "supplier", "rate").parse().unwrap();
    let bound = |measure| value(&second, "gate", measure).parse::<f64>().unwrap();
    assert!((bound("least") - 0.75 * rate).abs() < 1e-9 && (bound("most") - 1.5 * rate).abs() < 1e-9);
    assert_eq!(value(&first, "gate", "least"), "");

    let page = folder.read("nation/out/latest/analyst/report.html");
    let trends = page.split("<section id=\"trends\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(page.contains("Held back in this run, shown with the figures published before: supplier-01."));
    for supplier in ["supplier-01", "supplier-02", "supplier-03"] {
        let name = format!("aria-label=\"Flagged share of {supplier} over the runs, and what its gate lets through\"");
        assert_eq!(trends.matches(&name).count(), 2, "for a wide page and for a phone: {supplier}");
    }
    // Two pictures have the mark; the text beside them and the table agree.
    assert_eq!(trends.matches("\nheld back\n").count(), 2, "{trends}");
    assert_eq!(trends.matches(". Held back on ").count(), 1);
    assert_eq!(trends.matches(". Never held back.").count(), 2);
    let text = folder.flagmatch(&[&["report"], &nights[..]].concat()).stdout;
    let line = text.lines().skip_while(|line| !line.starts_with("Gate on flagged shares")).nth(1).unwrap();
    assert!(line.starts_with("supplier-01 ") && line.ends_with(" 1"), "{line}");
    // Only the administrator's request shows the cause.
    for format in ["text", "csv", "json", "html"] {
        let ask = [&["report"], &nights[..], &["--format", format]].concat();
        let public = folder.flagmatch(&ask).stdout;
        assert!(!public.contains("expected") && !public.contains("usually"), "{format}");
    }
    for format in ["text", "html"] {
        let ask = [&["report"], &nights[..], &["--format", format, "--administrator"]].concat();
        let own = folder.flagmatch(&ask).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(own.contains("accounts: ") && own.contains("usually"), "{format}");
    }
}

/// A damaged earlier run is left out of the trends, and the report still works.
fn an_earlier_run_that_cannot_be_read_is_left_out_of_the_trends() {
    let folder = Folder::sound();
    folder.run_well();
    let first = std::fs::read_link(folder.path("out/latest")).unwrap();
    folder.run_well();
    folder.write(&format!("out/{}/analyst/night.json", first.display()), "{");
    folder.run_well();
    let page = folder.read("out/latest/analyst/report.html");
    assert!(page.contains("1 earlier run(s) could not be read"));
    let first = format!("out/{}", first.display());
    folder.flagmatch(&["report", &first]).is_fault(1, &["night.json", "was changed after it was published"]);
    // A copy, such as analysts have, has no sums to check it by.
    let copied = Command::new("cp").arg("-r").args([folder.path(&first), folder.path("copy")]).status();
    assert!(copied.unwrap().success());
    std::fs::remove_dir_all(folder.path("copy/administrator")).unwrap();
    let first = "copy".to_owned();
    folder.flagmatch(&["report", &first]).is_fault(1, &["night.json", "not as a run writes it"]);

    // A run of a version without this file is named, and left out if there are others.
    std::fs::remove_file(folder.path(&format!("{first}/analyst/night.json"))).unwrap();
    let parts = [first.as_str(), "this run has no analyst/night.json", "report on a later run"];
    folder.flagmatch(&["report", &first]).is_fault(1, &parts);
    let others = folder.flagmatch(&["report", &first, "out/latest", "--format", "csv"]);
    others.is_fault(0, &parts);
    assert!(others.stderr.contains("it is left out"), "{}", others.stderr);
    let alone = folder.flagmatch(&["report", "out/latest", "--format", "csv"]);
    assert_eq!((alone.stdout, alone.stderr.as_str()), (others.stdout, ""));
    let page = folder.flagmatch(&["report", &first, "out/latest", "--format", "html"]).stdout;
    assert!(page.contains("1 earlier run(s) could not be read"));
}
