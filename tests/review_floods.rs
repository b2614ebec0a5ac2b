//! Floods the page of `flagmatch review`, and sends it what is large, slow or silent: it refuses, and stays as small as it
//! was.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::desk::{Desk, Reviewer, decisions, doubtful, try_send};
use common::has_nothing_planted;

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// Requests of the flood, and the connections that they come through.
const REQUESTS: usize = 100_000;
const CONNECTIONS: usize = 32;
/// What may wait on a connection that is kept.
const AT_ONCE: usize = 50;
/// What the flood may add to the memory that the process has. 64 connections, each with 16 KiB of headers, 8 KiB of a
/// form and 16 KiB of an answer, are 3 MB; the allocator may keep as much again.
const MOST_KILOBYTES: u64 = 8 * 1024;

/// Ten seconds of ten thousand requests a second, sent as fast as they are answered: without a token or cookie, with
/// wrong ones, under other names, at other paths.
#[test]
fn a_flood_of_requests_takes_no_memory_and_lets_nobody_in() {
    let folder = doubtful();
    let mut desk = Desk::open(&folder, 1, &[]);
    let cookie = desk.enter(0, "").cookie;
    // This address waits to be used while the flood guesses.
    desk.ask_for_addresses(&folder);
    let amy = Reviewer { desk: &desk, cookie: cookie.clone() };
    let case = amy.case_of("REF-1").unwrap();
    let (port, base, host) = (desk.port, desk.base.clone(), desk.host());
    let one = |number: usize| {
        let wrong = format!("{number:064x}");
        let post = |path: &str, form: &str| {
            let length = form.len();
            format!(
                "POST {base}{path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nContent-Length: {length}\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\n\r\n{form}"
            )
        };
        match number % 8 {
            0 => format!("GET {base}/ HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            1 => format!("GET {base}{case} HTTP/1.1\r\nHost: {host}\r\nCookie: flagmatch-review={wrong}\r\n\r\n"),
            2 => format!("GET {base}/enter?token={wrong} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            3 => post("/enter", &format!("token={wrong}&passphrase=x")),
            4 => post(&case, "answer=yes"),
            5 => format!("GET {base}{case} HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
            6 => format!("GET /{wrong}/next HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            _ => post("/unlock", "passphrase=x"),
        }
    };
    // From now on the system counts the most memory anew, if it allows that: other users than root may not look into the
    // process.
    let _allowed = fs::write(format!("/proc/{}/clear_refs", desk.id()), "5");
    let before = desk.kilobytes("VmHWM");
    let begun = Instant::now();
    let answers: Vec<(usize, BTreeSet<String>)> = std::thread::scope(|scope| {
        let one = &one;
        let flood = |own: usize| {
            scope.spawn(move || {
                let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let (mut refused, mut different) = (0, BTreeSet::new());
                let numbers: Vec<usize> = (own..REQUESTS).step_by(CONNECTIONS).collect();
                for numbers in numbers.chunks(AT_ONCE) {
                    let requests: String = numbers.iter().map(|number| one(*number)).collect();
                    stream.write_all(requests.as_bytes()).unwrap();
                    for _ in numbers {
                        let (status, body) = read_answer(&mut reader);
                        refused += usize::from((400..500).contains(&status));
                        if !different.contains(&body) {
                            different.insert(body);
                        }
                    }
                }
                (refused, different)
            })
        };
        let floods: Vec<_> = (0..CONNECTIONS).map(flood).collect();
        // Whoever is in works on meanwhile.
        assert_eq!(amy.get("/").status, 200);
        floods.into_iter().map(|own| own.join().unwrap()).collect()
    });
    let took = begun.elapsed().as_secs_f64();
    let after = desk.kilobytes("VmHWM");
    println!(
        "{REQUESTS} requests in {took:.1} s: {:.0} a second; at most {before} kB before and {after} kB after",
        REQUESTS as f64 / took
    );
    assert_eq!(answers.iter().map(|(refused, _)| refused).sum::<usize>(), REQUESTS, "each is refused");
    let different: BTreeSet<&String> = answers.iter().flat_map(|(_, different)| different).collect();
    assert!(different.len() < 10, "an answer says nothing of the request");
    different.iter().for_each(|body| has_nothing_planted(body));
    assert!(after < before + MOST_KILOBYTES, "{before} kB before, {after} kB after");
    assert_eq!(decisions(&folder).len(), 0);
    // The address that waited is still good, and its owner decides.
    let amy = desk.enter(0, "");
    assert_ne!(amy.cookie, cookie);
    assert_eq!(amy.post(&case, "answer=yes").status, 303);
    assert_eq!(decisions(&folder).len(), 1);
}

/// Reads one of several answers on a connection: status and body.
fn read_answer(reader: &mut impl BufRead) -> (u16, String) {
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("an answer begins");
    let mut length = 0;
    loop {
        line.clear();
        assert!(reader.read_line(&mut line).unwrap() > 0, "the answer ends");
        if line == "\r\n" {
            break;
        }
        if let Some(stated) = line.strip_prefix("content-length: ") {
            length = stated.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (status, String::from_utf8(body).unwrap())
}

/// Whoever sends much, slowly or nothing is cut off, and holds no more connections than the program allows.
#[test]
fn large_slow_and_silent_requests_are_cut_off() {
    let folder = doubtful();
    let desk = Desk::open(&folder, 1, &[]);
    let amy = desk.enter(0, "");
    let path = amy.case_of("REF-1").unwrap();
    let (host, origin) = (desk.host(), format!("http://{}", desk.host()));
    let own = [("Host", host.as_str()), ("Origin", &origin), ("Cookie", &amy.cookie), FORM];
    // An answer that would be taken, were it not for its size.
    let large = format!("answer=yes&words={}", "x".repeat(9_000));
    let answer = try_send(desk.port, "POST", &desk.at(&path), &own, &large);
    assert!(answer.as_ref().is_ok_and(|answer| answer.status == 400), "{:?}", answer.map(|answer| answer.status));
    let filler = "x".repeat(20_000);
    let headers = [("Host", host.as_str()), ("Cookie", &amy.cookie), ("X-Filler", &filler)];
    let answer = try_send(desk.port, "GET", &desk.at("/"), &headers, "");
    assert!(answer.is_err() || answer.is_ok_and(|answer| answer.status == 431));
    // The rest of this form never comes.
    let mut slow = TcpStream::connect(("127.0.0.1", desk.port)).unwrap();
    let length = "Content-Length: 100";
    let headers: String = own.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    slow.write_all(format!("POST {} HTTP/1.1\r\n{headers}{length}\r\n\r\nanswer=yes", desk.at(&path)).as_bytes())
        .unwrap();
    slow.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut status = [0; 12];
    slow.read_exact(&mut status).expect("it is answered");
    assert_eq!(&status, b"HTTP/1.1 408");
    // A hundred connections wait before hers.
    let silent: Vec<_> = (0..100).map(|_| TcpStream::connect(("127.0.0.1", desk.port)).unwrap()).collect();
    assert_eq!(amy.get("/").status, 200);
    let taken = desk.connections();
    assert!(taken <= 64, "{taken} connections are taken");
    drop(silent);
    assert_eq!(decisions(&folder).len(), 0);
}
