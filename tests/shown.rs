//! Runs the commands that the documents show with their output, and holds what is shown to what is printed.
//!
//! A command is a line of a code block that begins with `$ `; its output follows. A line `...` stands for any lines
//! that are left out.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::Folder;

/// The commands of a document's code blocks, each with the output that is shown.
fn commands(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut all: Vec<(&str, Vec<&str>)> = Vec::new();
    for block in text.split("\n```").skip(1).step_by(2) {
        let mut own: Vec<(&str, Vec<&str>)> = Vec::new();
        for line in block.lines().skip(1) {
            match (line.strip_prefix("$ "), own.last_mut()) {
                (Some(command), _) => own.push((command, Vec::new())),
                (None, Some((_, shown))) => shown.push(line),
                (None, None) => {}
            }
        }
        all.append(&mut own);
    }
    all
}

/// A line without what differs from run to run: in lines that name the run, its id, times and speed.
fn without_times(line: &str) -> String {
    if !line.starts_with("published run ") && !line.contains("/out/20") {
        return line.to_owned();
    }
    let is_of_number = |letter: char| letter.is_ascii_digit() || ",.TZ".contains(letter);
    line.split(is_of_number).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("#")
}

/// Whether the lines are printed as they are shown.
fn is_printed(shown: &[&str], printed: &[&str]) -> bool {
    match shown {
        [] => printed.is_empty(),
        ["...", rest @ ..] => (0..=printed.len()).any(|from| is_printed(rest, &printed[from..])),
        [line, rest @ ..] => {
            printed.first().is_some_and(|first| without_times(first) == without_times(line))
                && is_printed(rest, &printed[1..])
        }
    }
}

#[test]
fn documents_show_what_is_printed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = Path::new(env!("CARGO_BIN_EXE_flagmatch")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let folder = Folder::empty();
    for file in fs::read_dir(root.join("sample-data")).unwrap().map(|entry| entry.unwrap().path()) {
        if file.is_file() {
            folder.write(&format!("sample-data/{}", file.file_name().unwrap().display()), fs::read(&file).unwrap());
        }
    }
    for file in fs::read_dir(root.join("sample-data/suppliers")).unwrap().map(|entry| entry.unwrap().path()) {
        let name = format!("sample-data/suppliers/{}", file.file_name().unwrap().display());
        folder.write(&name, fs::read(&file).unwrap());
    }
    for (document, count) in [("README.md", 4), ("sample-data/README.md", 1), ("docs/method.md", 2)] {
        let text = fs::read_to_string(root.join(document)).unwrap();
        let commands = commands(&text);
        assert_eq!(commands.len(), count, "{document}");
        for (command, shown) in commands {
            let own = command.replace("cargo run --release --", "flagmatch");
            let output = Command::new("sh")
                .args(["-c", &own])
                .env("PATH", &path)
                .current_dir(folder.path("."))
                .output()
                .unwrap();
            let printed = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success(), "{document}: {command}: {}", String::from_utf8_lossy(&output.stderr));
            let lines: Vec<&str> = printed.lines().collect();
            assert!(is_printed(&shown, &lines), "{document}: {command} prints now:\n{printed}");
        }
    }
}
