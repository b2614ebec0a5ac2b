//! Opens the page of `flagmatch review` and speaks to it as a browser does.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{DECISION, ELSPETH, Folder, HAMISH, JOB, OSWALD, PRUNELLA, award, csv, customer};

/// The page, offered by a process of its own until it is dropped.
pub(crate) struct Desk {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
    pub(crate) port: u16,
    /// The path that all pages begin with.
    pub(crate) base: String,
    /// The reviewers with the tokens of their addresses.
    pub(crate) tokens: Vec<(String, String)>,
}

/// An answer: status, headers and body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut own = lines.filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        own.next()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}

impl Desk {
    /// Opens the page of a job for so many reviewers.
    pub(crate) fn open(folder: &Folder, reviewers: usize, arguments: &[&str]) -> Desk {
        Desk::open_with(folder, reviewers, arguments, |_| {})
    }

    /// As [`open`](Self::open), by a command that is prepared.
    pub(crate) fn open_with(
        folder: &Folder,
        reviewers: usize,
        arguments: &[&str],
        prepare: impl FnOnce(&mut Command),
    ) -> Desk {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flagmatch"));
        let errors = fs::File::create(folder.path("desk.log")).unwrap();
        command.current_dir(folder.path(".")).args(["review", "job.toml", "--port", "0"]).args(arguments);
        prepare(&mut command);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(errors).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        let mut desk = Desk { child, lines, port: 0, base: String::new(), tokens: Vec::new() };
        desk.read_addresses(reviewers, folder);
        desk
    }

    fn read_addresses(&mut self, reviewers: usize, folder: &Folder) {
        self.tokens.clear();
        for _ in 0..reviewers {
            let mut line = String::new();
            self.lines.read_line(&mut line).unwrap();
            let said = || panic!("no address: {line}{}", folder.read("desk.log"));
            let (reviewer, address) = line.trim_end().split_once(": ").unwrap_or_else(said);
            let (place, token) = address.split_once("/enter?token=").unwrap();
            let (host, base) = place.split_once("://").unwrap().1.split_once('/').unwrap();
            // The address that a proxy has does not say at which port the program listens.
            let log = || folder.read("desk.log").rsplit_once("port ").expect("the log has the port").1.to_owned();
            let port = host.split_once(':').map_or_else(log, |(_, port)| port.to_owned());
            self.port = port.trim().parse().unwrap();
            self.base = format!("/{base}");
            self.tokens.push((reviewer.to_owned(), token.to_owned()));
        }
    }

    /// Presses Enter where the page was started, and reads the new addresses.
    pub(crate) fn ask_for_addresses(&mut self, folder: &Folder) {
        self.child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
        self.read_addresses(self.tokens.len(), folder);
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills the process, as a power failure would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// How many connections the process has taken.
    pub(crate) fn connections(&self) -> usize {
        let table = fs::read_to_string("/proc/net/tcp").unwrap();
        let own = format!(":{:04X}", self.port);
        // Those that wait to be taken have no file yet.
        let is_taken = |fields: &Vec<&str>| fields[1].ends_with(&own) && fields[3] == "01" && fields[9] != "0";
        table.lines().map(|line| line.split_whitespace().collect()).filter(is_taken).count()
    }

    /// A number of kilobytes that the system states of the process, such as `VmHWM`, the most memory that it ever had.
    pub(crate) fn kilobytes(&self, name: &str) -> u64 {
        let text = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = text.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Sends a request with these headers alone.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        try_send(self.port, method, path, headers, body).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The address of a page, with our own base in front.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Comes in as one of the reviewers.
    pub(crate) fn enter(&self, reviewer: usize, passphrase: &str) -> Reviewer<'_> {
        let form = format!("token={}&passphrase={passphrase}", self.tokens[reviewer].1);
        let outside = Reviewer { desk: self, cookie: String::new() };
        let answer = outside.post("/enter", &form);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        Reviewer { desk: self, cookie }
    }
}

/// Somebody who is in.
pub(crate) struct Reviewer<'d> {
    pub(crate) desk: &'d Desk,
    pub(crate) cookie: String,
}

impl Reviewer<'_> {
    pub(crate) fn get(&self, path: &str) -> Answer {
        let host = self.desk.host();
        self.desk.send("GET", &self.desk.at(path), &[("Host", &host), ("Cookie", &self.cookie)], "")
    }

    pub(crate) fn post(&self, path: &str, form: &str) -> Answer {
        let (host, origin) = (self.desk.host(), format!("http://{}", self.desk.host()));
        let headers = [
            ("Host", host.as_str()),
            ("Origin", origin.as_str()),
            ("Cookie", self.cookie.as_str()),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        self.desk.send("POST", &self.desk.at(path), &headers, form)
    }

    /// Takes back the answer to a case.
    pub(crate) fn undo(&self, case: &str) -> Answer {
        let (case, account) = case.strip_prefix("/case/").unwrap().split_once('/').unwrap();
        self.post("/undo", &format!("case={case}&account={account}"))
    }

    /// The path of the next open case, without the base; `None` if nothing is left.
    pub(crate) fn next(&self) -> Option<String> {
        let answer = self.get("/next");
        assert_eq!(answer.status, 303, "{}", answer.body);
        let place = answer.header("location").unwrap().strip_prefix(&self.desk.base).unwrap().to_owned();
        (place != "/").then_some(place)
    }

    /// The case in which an account is shown, among all that are open.
    pub(crate) fn case_of(&self, customer_ref: &str) -> Option<String> {
        let wanted = format!(", account <bdi>{customer_ref}</bdi>.");
        let queue = self.get("/");
        let link = format!("href=\"{}/case/", self.desk.base);
        let cases = queue.body.split(&link).skip(1);
        let cases: Vec<String> = cases.map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
        // The queue leads to the answers of today, too.
        let cases = cases.into_iter().filter(|case| case.parse::<usize>().is_ok());
        for case in cases {
            for account in 1..=6 {
                let path = format!("/case/{case}/{account}");
                let page = self.get(&path);
                if page.status != 200 {
                    break;
                }
                if page.body.contains(&wanted) {
                    return Some(path);
                }
            }
        }
        None
    }
}

/// Sends a request, and reads the answer to its end.
pub(crate) fn try_send(
    port: u16,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port)))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    headers.iter().for_each(|(name, value)| request += &format!("{name}: {value}\r\n"));
    if !body.is_empty() || method == "POST" {
        request += &format!("Content-Length: {}\r\n", body.len());
    }
    stream.write_all(format!("{request}\r\n{body}").as_bytes())?;
    let mut text = Vec::new();
    stream.read_to_end(&mut text)?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Ok(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

/// Accounts whose forename is another established one, so that staff have to decide: each a case of its own.
pub(crate) fn doubtful() -> Folder {
    let folder = Folder::empty();
    folder.write("job.toml", JOB);
    folder.add_to_job("[decisions]\nfiles = [\"decisions.csv\"]\n[review]\nclear_share = 0");
    let renamed = |customer_ref, person| customer(customer_ref, person).with("forename", "Rosalind");
    folder.benefits(&[award("CLM-1", &ELSPETH), award("CLM-2", &PRUNELLA), award("CLM-3", &OSWALD)]);
    folder.customers("north", &[renamed("REF-1", &ELSPETH), renamed("REF-2", &PRUNELLA), customer("REF-4", &HAMISH)]);
    folder.customers("south", &[customer("REF-3", &OSWALD).with("forename", "Timothy")]);
    folder
}

/// The same, and the household of the first has its rebate with another supplier.
pub(crate) fn taking() -> Folder {
    let folder = doubtful();
    folder.customers("south", &[customer("REF-3", &ELSPETH)]);
    folder.write("decisions.csv", csv(DECISION, &[]));
    folder.run_well();
    assert_eq!(folder.flag("south", "whd", "REF-3"), "Y");
    folder
}

pub(crate) fn decisions(folder: &Folder) -> Vec<BTreeMap<String, String>> {
    folder.table("decisions.csv")
}

/// The person whom a page shows, by their number in the match.
pub(crate) fn person(page: &str) -> &str {
    page.split("name=\"person\" value=\"").nth(1).unwrap().split('"').next().unwrap()
}

/// Two reviewers of a job that lists them, each with a passphrase.
pub(crate) fn two_reviewers(more: &str) -> Folder {
    let folder = doubtful();
    let mut job = folder.read("job.toml") + more + "\n";
    for id in ["amy", "bob"] {
        let passphrase = format!("windy hills of {id}");
        let said = folder
            .command(&["review", "--new-reviewer", id, "--passphrase-fd", "0"])
            .write_stdin(passphrase.clone())
            .output()
            .unwrap();
        let section = String::from_utf8(said.stdout).unwrap();
        assert!(said.status.success() && !section.contains("windy"), "{section}");
        job += &section;
    }
    folder.job(&job);
    folder
}
