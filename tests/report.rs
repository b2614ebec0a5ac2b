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
    pages_open_in_a_browser_and_ask_for_nothing needs CHROMIUM;
    every_text_can_be_read_and_the_keyboard_is_seen needs CHROMIUM;
    axe_finds_nothing needs CHROMIUM, AXE;
    the_report_reads_the_analyst_folder_alone;
    the_administrators_report_reads_the_exact_figures_alone;
    a_noisy_figure_is_told_from_a_small_one;
    a_headline_that_is_not_renewed_is_one_point_of_the_trend;
    a_small_nation_has_a_headline_and_a_reason;
    what_later_versions_add_to_a_run_is_no_fault;
    names_are_text_and_never_markup;
    gates_are_in_the_administrators_report_alone;
    a_run_of_an_older_version_is_left_out;
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

/// The published figures of an analyst folder, which the test writes itself.
struct Published {
    day: &'static str,
    rows: Vec<String>,
}

const TABLES: [(&str, &[&str], &[&str]); 15] = [
    ("households", &[""], OF_HOUSEHOLDS),
    ("households-by-region", &["Wales", "Scotland", "London"], OF_HOUSEHOLDS),
    ("households-by-group", &["core-1", "core-2"], OF_HOUSEHOLDS),
    ("households-by-age", &["under 25", "25 to 34", "not known"], OF_HOUSEHOLDS),
    ("households-by-birth-date", &["unknown", "known"], OF_HOUSEHOLDS),
    ("persons-by-region", &["Wales", "Scotland", "London"], OF_HOUSEHOLDS),
    ("persons-by-group", &["core-1", "core-2"], OF_HOUSEHOLDS),
    ("persons-by-age", &["under 25", "25 to 34", "not known"], OF_HOUSEHOLDS),
    ("persons-by-birth-date", &["unknown", "known"], OF_HOUSEHOLDS),
    ("accounts-by-supplier", &["north", "south", "west"], OF_ACCOUNTS),
    ("accounts-by-area", &["LS", "CF", "N", "elsewhere or not known"], OF_ACCOUNTS),
    ("accounts-by-kind", &["flat, birth date known", "house, birth date not known"], OF_ACCOUNTS),
    ("accounts-by-name-origin", &["neither", "diacritics"], OF_ACCOUNTS),
    ("accounts-by-weight", &["below", "2.5", "5", "10", "no candidate"], OF_ACCOUNTS),
    ("accounts-by-reason", &["improbable", "uncertain"], &["unflagged"]),
];
const OF_HOUSEHOLDS: &[&str] = &["matched", "review", "objected", "not-found"];
const OF_ACCOUNTS: &[&str] = &["flagged", "unflagged"];

impl Published {
    /// All tables. Of each part, the first outcome has about three quarters; `share` is that of all households.
    fn new(day: &'static str, share: f64) -> Published {
        let mut own = Published { day, rows: Vec::new() };
        for (table, parts, outcomes) in TABLES {
            for (place, part) in parts.iter().enumerate() {
                let first = if table == "households" { share } else { 0.75 - 0.01 * place as f64 };
                for (outcome, at) in outcomes.iter().zip(0..) {
                    let rest = (1.0 - first) / (outcomes.len() - 1).max(1) as f64;
                    own.row(table, part, outcome, 40_000 * (place as u64 + 1), if at == 0 { first } else { rest });
                }
            }
        }
        own
    }

    fn row(&mut self, table: &str, part: &str, outcome: &str, of: u64, share: f64) {
        let count = (of as f64 * share).round() as u64;
        let shares = match table {
            "accounts-by-reason" => ",,".to_owned(),
            _ => format!("{share},{},{}", share - 0.004, share + 0.004),
        };
        let part = if part.contains(',') { format!("\"{part}\"") } else { part.to_owned() };
        let counts = format!("{count},{},{}", count - 150, count + 150);
        self.rows.push(format!("whd,{table},{part},{outcome},{counts},{shares},{}\n", self.day));
    }

    /// The tables that are named.
    fn only(mut self, tables: &[&str]) -> Published {
        self.rows.retain(|row| tables.contains(&row.split(',').nth(1).unwrap()));
        self
    }

    /// Writes the analyst folder of a run.
    fn write(&self, folder: &Folder, name: &str, run: &str) {
        let header = "scheme,table,part,outcome,count,count_low,count_high,share,share_low,share_high,as_of\n";
        std::fs::create_dir_all(folder.path(name)).unwrap();
        folder.write(&format!("{name}/published.csv"), format!("{header}{}", self.rows.concat()));
        let night = serde_json::json!({
            "run": run, "day": format!("{}-{}-{}", &run[..4], &run[4..6], &run[6..8]), "version": "0.9.0",
            "threshold": 0.98,
            "schemes": [{ "id": "whd", "name": "Warm Home Discount", "qualifying_date": "2026-08-23" }],
            "suppliers": [{ "id": "north" }, { "id": "south" }, { "id": "west" }],
            "privacy": {
                "season": "2026-27", "epsilon": 2.0, "delta": 1e-9, "rho": 0.056, "spent": 0.0123,
                "headlines": 6, "details": 2,
                "headline_on": self.day, "details_on": self.day, "next_headline": "2026-12-08", "next_details": null,
                "notes": ["The season has 20 weeks left."],
            },
        });
        folder.write(&format!("{name}/night.json"), night.to_string());
    }
}

const RUN: &str = "20261124T020000Z";

/// A folder in which `alone` is the analyst folder of a run, and `first` that of an earlier one.
fn published() -> Folder {
    let folder = Folder::empty();
    Published::new("2026-10-06", 0.74).write(&folder, "first", "20261006T020000Z");
    Published::new("2026-11-24", 0.76).write(&folder, "alone", RUN);
    folder
}

const SECTIONS: [&str; 10] =
    ["households", "regions", "kinds", "suppliers", "areas", "accounts", "weights", "review", "trends", "reading"];

const ADMINISTRATORS_SECTIONS: [&str; 14] = [
    "households",
    "regions",
    "kinds",
    "suppliers",
    "areas",
    "accounts",
    "keys",
    "weights",
    "review",
    "trends",
    "gates",
    "levels",
    "held-back",
    "files",
];

/// Two runs of a nation; the second holds a supplier back. Returns their folders.
fn nation() -> (Folder, [String; 2]) {
    let folder = Folder::nation("40000", "14000", "3");
    let run = |code| {
        assert_eq!(folder.flagmatch(&["run", "nation/job.toml"]).code, code);
        format!("nation/out/{}", std::fs::read_link(folder.path("nation/out/latest")).unwrap().display())
    };
    let first = run(0);
    std::fs::remove_file(folder.path("nation/suppliers/supplier-02.csv")).unwrap();
    let second = run(4);
    (folder, [first, second])
}

/// The page of a report.
fn page(folder: &Folder, arguments: &[&str]) -> String {
    let said = folder.flagmatch(&[&["report"], arguments, &["--format", "html"]].concat());
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    said.stdout
}

fn pages_open_in_a_browser_and_ask_for_nothing() {
    let (folder, [first, second]) = nation();
    let public = published();
    let exact = folder.read(&format!("{second}/administrator/report.html"));
    assert_eq!(exact, page(&folder, &[&first, &second, "--administrator"]));
    let pages = [(page(&public, &["first", "alone"]), &SECTIONS[..], 7), (exact, &ADMINISTRATORS_SECTIONS[..], 10)];
    for (page, sections, pictures) in &pages {
        folder.write("page.html", page);
        for width in [390, 1280] {
            let opened = open(&folder.path("page.html"), width);
            for section in *sections {
                assert!(opened.dom.contains(&format!("<section id=\"{section}\"")), "no section {section}");
            }
            assert_eq!(opened.console, Vec::<String>::new());
            assert!(opened.requests.is_empty(), "{:?}", opened.requests);
        }
        looks_right(&folder, page, sections.len() as i64, *pictures);
    }
    // A page that breaks the rules, to show that the test would notice.
    let bad = "<!DOCTYPE html><img src=\"http://127.0.0.1:9/pixel.png\"><script>console.error('seen')</script>";
    folder.write("bad.html", bad);
    let opened = open(&folder.path("bad.html"), 390);
    assert!(opened.requests.iter().any(|url| url.contains("pixel.png")), "{:?}", opened.requests);
    assert!(opened.console.iter().any(|line| line.contains("seen")), "{:?}", opened.console);
}

/// A copy of the page that measures itself: nothing is wider than the screen or paper, also no table that could scroll,
/// every picture and table has a name, heading levels go down one at a time, and the skip link works.
fn looks_right(folder: &Folder, page: &str, sections: i64, pictures: i64) {
    let script = "
        const all = query => [...document.querySelectorAll(query)];
        const shown = all('svg').filter(own => own.getBoundingClientRect().width > 0);
        const levels = all('h1,h2,h3').map(own => +own.tagName[1]);
        all('details').forEach(own => own.open = true);
        document.querySelector('a.skip').click();
        document.title = JSON.stringify({
            width: document.documentElement.scrollWidth - window.innerWidth,
            cut: all('.scroll').filter(own => own.scrollWidth > own.clientWidth + 1).length,
            pictures: shown.length, names: shown.filter(own => own.getAttribute('aria-label')).length,
            tables: all('table').length, captions: all('table caption').length,
            scopes: all('th').filter(own => !own.scope).length,
            jumps: levels.filter((level, at) => at > 0 && level > levels[at - 1] + 1).length, first: levels[0],
            dead: all('nav a').filter(own => !document.querySelector(own.getAttribute('href'))).length,
            links: all('nav a').length, focus: document.activeElement.id, texts: all('figcaption').length,
            figures: all('figure').length });";
    let on_paper = page.replace("@media print", "@media all");
    for (width, page) in [(390, page), (1280, page), (680, &on_paper)] {
        folder.write("measured.html", measuring(page, script));
        let dom = open(&folder.path("measured.html"), width).dom;
        let title = dom.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap();
        let seen: Value = serde_json::from_str(title).unwrap_or_else(|_| panic!("not measured: {title}"));
        let number = |name: &str| seen[name].as_i64().unwrap();
        assert!(number("width") <= 0 && number("cut") == 0, "wider than {width}: {seen}");
        assert!(number("pictures") >= pictures, "{seen}");
        assert_eq!(number("pictures"), number("names"), "{seen}");
        assert_eq!(number("figures"), number("texts"), "{seen}");
        assert_eq!(number("tables"), number("captions"), "{seen}");
        assert_eq!((number("scopes"), number("jumps"), number("first"), number("dead")), (0, 0, 1, 0), "{seen}");
        assert_eq!(number("links"), sections, "{seen}");
        assert!(std::ptr::eq(page, &*on_paper) || seen["focus"] == "main", "{seen}");
    }
}

/// A copy of a page with a script that measures it and puts the result into its title.
fn measuring(page: &str, script: &str) -> String {
    page.replace("default-src 'none';", "").replace("</body>", &format!("<script>{script}</script></body>"))
}

/// Measures all pages on a wide screen, on a phone, in the dark and on paper: every text has enough contrast, also in
/// pictures, the keyboard reaches everything in order and its focus is visible, and heading levels go down one at a time.
fn every_text_can_be_read_and_the_keyboard_is_seen() {
    let (folder, [first, second]) = nation();
    let customer = folder.administrator_of("nation", "matched");
    let truth = ["evaluate", "nation/job.toml", "--truth", "nation/truth.csv", "--html", "evaluated.html"];
    assert_eq!(folder.flagmatch(&truth).code, 0);
    let explain =
        ["explain", "nation/job.toml", "--supplier", "supplier-01", "--customer", &customer, "--html", "why.html"];
    assert_eq!(folder.flagmatch(&explain).code, 0);
    let pages = [
        ("report", page(&published(), &["first", "alone"]), 500, 200),
        ("exact", page(&folder, &[&first, &second, "--administrator"]), 500, 200),
        ("explained", folder.read("why.html"), 20, 20),
        ("evaluated", folder.read("evaluated.html"), 100, 20),
    ];
    let script = include_str!("contrast.js");
    for (name, page, least, least_of_pictures) in pages {
        let on_paper = page.replace("@media print", "@media all");
        let in_the_dark = page.replace("@media screen and (prefers-color-scheme: dark)", "@media all");
        assert!(on_paper != page && in_the_dark != page, "{name}");
        // The longest page has everything that the others have on paper.
        let looks = [(1280, &page), (390, &page), (1280, &in_the_dark), (1280, &on_paper)];
        for (width, page) in looks.into_iter().take(if name == "exact" { 4 } else { 3 }) {
            folder.write("measured.html", measuring(page, script));
            let dom = open(&folder.path("measured.html"), width).dom;
            let title = dom.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap();
            let title = title.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">");
            let seen: Value = serde_json::from_str(&title).unwrap_or_else(|_| panic!("not measured: {title}"));
            let is_dark = std::ptr::eq(page, &in_the_dark);
            let about = format!("{name} at {width}, dark {is_dark}: {seen}");
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

/// axe-core, the checker that most accessibility tools are made of.
fn axe_finds_nothing() {
    let axe = std::fs::read_to_string(needs::axe().unwrap()).unwrap().replace("</script", "<\\/script");
    let (folder, [first, second]) = nation();
    let ask = "axe.run().then(found => document.title = JSON.stringify({
        rules: found.passes.length,
        found: found.violations.map(own => [own.id, own.nodes.length, own.nodes[0].target]) }));";
    for page in [page(&published(), &["first", "alone"]), page(&folder, &[&first, &second, "--administrator"])] {
        for width in [390, 1280] {
            folder.write("measured.html", measuring(&page, &format!("{axe};{ask}")));
            let dom = open(&folder.path("measured.html"), width).dom;
            let title = dom.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap();
            let seen: Value = serde_json::from_str(title).unwrap_or_else(|_| panic!("not measured: {title}"));
            assert!(seen["rules"].as_u64().unwrap() >= 15, "{seen}");
            assert_eq!(seen["found"], serde_json::json!([]), "at {width}");
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
    let folder = published();
    std::fs::create_dir_all(folder.path("run")).unwrap();
    std::fs::rename(folder.path("alone"), folder.path("run/analyst")).unwrap();
    Published::new("2026-11-24", 0.76).write(&folder, "alone", RUN);
    let before = folder.tree("alone");
    for format in ["text", "csv", "json", "html"] {
        let alone = folder.flagmatch(&["report", "alone", "--format", format]);
        let whole = folder.flagmatch(&["report", "run", "--format", format]);
        assert_eq!((alone.code, alone.stderr.as_str()), (0, ""));
        assert_eq!(alone.stdout, whole.stdout, "{format}");
    }
    // The tidy form has every figure of the file, and no other.
    let tidy = observations(&folder, &["alone"]);
    let published = folder.table("alone/published.csv");
    assert_eq!(tidy.len(), published.len());
    for (own, row) in tidy.iter().zip(&published) {
        assert_eq!(own["run"], RUN);
        assert!(row.iter().all(|(column, value)| own[column] == *value), "{own:?} {row:?}");
    }
    let json: Value = serde_json::from_str(&folder.flagmatch(&["report", "alone", "--format", "json"]).stdout).unwrap();
    assert_eq!(json["observations"].as_array().unwrap().len(), tidy.len());
    let text = folder.flagmatch(&["report", "first", "alone"]).stdout;
    says_the_same(&text, &page(&folder, &["first", "alone"]), 30);
    for figure in ["As of 24 November 2026.", "76.0 % (75.6 to 76.4)", "30,400 (30,250 to 30,550)", "ε = 2 at δ = 1e-9"]
    {
        assert!(text.contains(figure), "{figure} is not in\n{text}");
    }
    assert!(text.contains("The season has 20 weeks left."));
    // Φ(√(2·0.056)/2), by the tables.
    assert!(text.split_whitespace().collect::<Vec<_>>().join(" ").contains("at most 56.6 times"), "{text}");
    assert_eq!(folder.tree("alone"), before);
    folder
        .flagmatch(&["report", "alone", "--administrator"])
        .is_fault(2, &["alone: this is not the folder of a published run"]);
    folder.flagmatch(&["report", "."]).is_fault(2, &["no folder of a run"]);
}

/// Exact figures come from the administrator's folder, only on request, and are written to no file.
fn the_administrators_report_reads_the_exact_figures_alone() {
    let (folder, [_, run]) = nation();
    let before = folder.tree("nation/out");
    let exact = observations(&folder, &[&run, "--administrator"]);
    let figures = folder.table(&format!("{run}/administrator/figures.csv"));
    assert_eq!(exact.len(), figures.len());
    for (own, row) in exact.iter().zip(&figures) {
        let same =
            ["scheme", "of", "breakdown", "part", "outcome", "count"].iter().all(|column| own[*column] == row[*column]);
        assert!(same && own["share"].parse::<f64>().ok() == row["share"].parse::<f64>().ok(), "{own:?} {row:?}");
    }
    let text = folder.flagmatch(&["report", &run, "--administrator"]).stdout;
    let page = page(&folder, &[&run, "--administrator"]);
    assert!(page.contains("class=\"warning\"") && text.contains("Exact figures, for people who are cleared"));
    says_the_same(&text, &page, 150);
    assert_eq!(folder.tree("nation/out"), before);
}

fn a_noisy_figure_is_told_from_a_small_one() {
    let folder = Folder::empty();
    let mut published = Published::new("2026-11-24", 0.76).only(&["households"]);
    for (area, share) in [("LS", "0.15,0.14,0.16"), ("CF", ",0,1"), ("N", "0.02,0.015,0.025")] {
        let count = if share.starts_with(',') { "" } else { "100" };
        published.rows.push(format!("whd,accounts-by-area,{area},flagged,{count},0,300,{share},2026-11-24\n"));
        published.rows.push(format!("whd,accounts-by-area,{area},unflagged,{count},0,300,{share},2026-11-24\n"));
    }
    published.write(&folder, "alone", RUN);
    let text = folder.flagmatch(&["report", "alone"]).stdout;
    let row = |area: &str| {
        let line = text.lines().find(|line| line.split_whitespace().next() == Some(area)).unwrap();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(row("CF"), "CF too noisy to show too noisy to show");
    assert_eq!(row("N"), "N 200 2.0 % (1.5 to 2.5)");
    assert!(text.contains("1 of 3 areas are too noisy to show"), "{text}");
    // On the map, no data is in the legend; the table's cell is told from a figure too.
    let page = page(&folder, &["alone"]);
    assert!(page.contains("class=\"withheld\">too noisy to show<") || page.contains("withheld\">too noisy to show<"));
}

fn a_headline_that_is_not_renewed_is_one_point_of_the_trend() {
    let folder = published();
    Published::new("2026-10-06", 0.74).write(&folder, "again", "20261007T020000Z");
    let text = folder.flagmatch(&["report", "first", "again", "alone"]).stdout;
    let trend = text.split("Household match rate over time").nth(1).unwrap();
    let rows: Vec<&str> = trend.lines().skip(2).take_while(|line| !line.is_empty()).map(str::trim).collect();
    assert_eq!(rows, ["6 October 2026    74.0 % (73.6 to 74.4)", "24 November 2026  76.0 % (75.6 to 76.4)"]);
    let text = folder.flagmatch(&["report", "first", "again"]).stdout;
    assert!(text.contains("a trend needs two"), "{text}");
}

fn a_small_nation_has_a_headline_and_a_reason() {
    let folder = Folder::empty();
    let written = |published: &Published| {
        published.write(&folder, "alone", RUN);
        let text = folder.flagmatch(&["report", "alone"]).stdout;
        says_the_same(&text, &page(&folder, &["alone"]), 0);
        text
    };
    let text = written(&Published::new("2026-11-24", 0.76).only(&["households"]));
    assert!(text.contains("Only the headline is published.") && text.contains("76.0 %"), "{text}");
    assert!(!text.contains("FLAGGED SHARE") && !text.contains("MATCH WEIGHTS"), "{text}");
    let text = written(&Published::new("2026-11-24", 0.76).only(&[]));
    assert!(text.contains("No figure of this scheme is published yet") && !text.contains("76.0 %"), "{text}");
}

fn what_later_versions_add_to_a_run_is_no_fault() {
    let folder = published();
    let night = folder.read("alone/night.json");
    let mut later: Value = serde_json::from_str(&night).unwrap();
    later["weather"] = "rain".into();
    later["privacy"]["moon"] = 3.into();
    folder.write("alone/night.json", later.to_string());
    let said = folder.flagmatch(&["report", "alone"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    later.as_object_mut().unwrap().remove("privacy");
    folder.write("alone/night.json", later.to_string());
    let without = folder.flagmatch(&["report", "alone"]);
    assert_eq!(without.code, 0);
    assert!(said.stdout.contains("ε = 2") && !without.stdout.contains("ε = 2"));
    folder.write("alone/night.json", "{");
    folder.flagmatch(&["report", "alone"]).is_fault(1, &["night.json", "not as a run writes it"]);
}

/// A text of 80 columns has every sentence and every row of a page's tables.
fn says_the_same(text: &str, page: &str, least_rows: usize) {
    assert!(text.lines().all(|line| line.chars().count() <= 80), "80 columns");
    let words = |text: &str| {
        let plain = text.replace("&gt;", ">").replace("&lt;", "<").replace("&quot;", "\"").replace("&amp;", "&");
        plain.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let between = |page: &str, start: &str, end: &str| -> Vec<String> {
        page.split(start).skip(1).map(|rest| rest.split(end).next().unwrap().to_owned()).collect()
    };
    let whole = words(text);
    let sentences = [between(page, "<p>", "</p>"), between(page, "<figcaption>", "</figcaption>")].concat();
    assert!(sentences.len() > least_rows / 20, "{}", sentences.len());
    for sentence in sentences.iter().filter(|own| !own.contains("This page asks nothing of any network")) {
        assert!(whole.contains(&words(sentence)), "{sentence} is not in\n{text}");
    }
    let mut rows = 0;
    for row in between(page, "<tbody", "</tbody>").iter().flat_map(|body| between(body, "<tr", "</tr>")) {
        let cells: Vec<String> =
            row.split('<').filter_map(|tag| tag.split_once('>')).map(|(_, own)| words(own)).collect();
        let cells: Vec<&String> = cells.iter().filter(|own| !own.is_empty()).collect();
        // A long name goes on in the next line, beside which the cells stand.
        let is_there = |at: &str| cells.iter().all(|cell| at.contains(cell.as_str()));
        let first = cells[0].split(' ').next().unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let found = (0..lines.len()).any(|at| {
            let next = &lines[at..lines.len().min(at + 6)];
            lines[at].starts_with(first)
                && (is_there(&words(next[0])) || is_there_split(&words(&next.join(" ")), &cells))
        });
        assert!(found, "no line of {cells:?} in\n{text}");
        rows += 1;
    }
    assert!(rows >= least_rows, "{rows} rows");
}

/// Whether all words of the cells are there, though a name that goes on in the next line is not in one piece.
fn is_there_split(text: &str, cells: &[&String]) -> bool {
    cells.iter().flat_map(|cell| cell.split(' ')).all(|word| text.contains(word))
}

/// Anybody may have written the names in the files, so they are treated as text, whatever they contain.
fn names_are_text_and_never_markup() {
    let folder = published();
    for file in ["published.csv", "night.json"] {
        let text = folder.read(&format!("alone/{file}"));
        let evil = text.replace("north", "<script>alert(1)</script>").replace("Warm Home", "<img src=x onerror=y>");
        assert_ne!(evil, text);
        folder.write(&format!("alone/{file}"), evil);
    }
    let page = page(&folder, &["alone"]);
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script") && !page.contains("<img"));
    // The name of an only scheme is not shown. Another's makes it so.
    let night = folder
        .read("alone/night.json")
        .replace("[{\"id\":\"whd\"", "[{\"id\":\"eco\",\"name\":\"E\",\"qualifying_date\":\"\"},{\"id\":\"whd\"");
    folder.write("alone/night.json", night);
    let page = self::page(&folder, &["alone"]);
    assert!(page.contains("&lt;img") && !page.contains("<img"));
}

/// Each supplier's share is shown with the range of its gate and the runs that held it back, for the administrator alone.
fn gates_are_in_the_administrators_report_alone() {
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
    let page = folder.read(&format!("{second}/administrator/report.html"));
    let gates = page.split("<section id=\"gates\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(gates.contains("from 25.0\u{a0}% below to 50.0\u{a0}% above the median of the last 2 deliveries"));
    let text = folder.flagmatch(&["report", &first, &second, "--administrator"]).stdout;
    // The range is computed from the first run's share.
    let record: Value = serde_json::from_str(&folder.read(&format!("{first}/administrator/run.json"))).unwrap();
    let own = &record["summary"]["suppliers"][0]["schemes"][0];
    let share = own["matched"].as_f64().unwrap() / own["on_supply"].as_f64().unwrap();
    let range = format!("{:.1} % to {:.1} %", 75.0 * share, 150.0 * share);
    let line = text.lines().filter(|line| line.starts_with("supplier-01 ")).find(|line| line.contains(" to ")).unwrap();
    assert!(line.contains(&range) && line.ends_with(" 1"), "{line} {range}");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("supplier-01: accounts: ") && words.contains("usually"), "{text}");
}

/// A run whose figures are of another kind is named, and left out if there are others.
fn a_run_of_an_older_version_is_left_out() {
    let folder = published();
    std::fs::create_dir(folder.path("older")).unwrap();
    folder.write("older/rates.csv", "scheme\n");
    folder.write("older/night.json", "{}");
    let parts = ["older", "made by an older version", "report on a later run"];
    folder.flagmatch(&["report", "older"]).is_fault(1, &parts);
    let others = folder.flagmatch(&["report", "older", "alone", "--format", "csv"]);
    others.is_fault(0, &parts);
    assert!(others.stderr.contains("it is left out"), "{}", others.stderr);
    let alone = folder.flagmatch(&["report", "alone", "--format", "csv"]);
    assert_eq!((alone.stdout, alone.stderr.as_str()), (others.stdout, ""));
    let page = folder.flagmatch(&["report", "older", "alone", "--format", "html"]).stdout;
    assert!(page.contains("1 earlier run(s) were made by an older version"));
}
