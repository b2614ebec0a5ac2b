//! Runs the documented examples of how to schedule a run.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;
mod needs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::process::said;
use common::{Folder, Said};
use needs::tests;

tests! {
    the_service_runs_the_job;
    systemd_takes_the_units needs SYSTEMD;
    the_cron_line_runs_the_job_and_tells_its_exit_code;
    the_containers_command_runs_the_job;
}

const PASSPHRASE: &str = "marzipan-Zeppelin 42";

fn example(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/examples").join(name)).unwrap()
}

/// The job in a folder that stands for /srv/flagmatch, with a key that has a passphrase.
fn installed() -> Folder {
    let folder = Folder::sound();
    let keygen = ["keygen", "--passphrase-fd", "0"];
    assert!(folder.command(&keygen).write_stdin(PASSPHRASE).output().unwrap().status.success());
    folder.add_to_job("[signing]\nsecret_key = \"administrator.key\"");
    folder.write("passphrase", PASSPHRASE);
    fs::create_dir(folder.path("log")).unwrap();
    folder
}

/// Runs a command in a shell whose environment has only these variables.
fn run(folder: &Folder, command: &str, variables: &[(&str, PathBuf)]) -> Said {
    assert!(command.contains("/usr/local/bin/flagmatch run job.toml"), "{command}");
    let command = command
        .replace("/usr/local/bin/flagmatch", env!("CARGO_BIN_EXE_flagmatch"))
        .replace("/srv/flagmatch", folder.path("").to_str().unwrap());
    let mut shell = Command::new("/bin/sh");
    shell.env_clear().envs(variables.iter().cloned()).current_dir(folder.path("")).args(["-c", &command]);
    said(&mut shell)
}

fn the_service_runs_the_job() {
    let folder = installed();
    let unit = example("flagmatch.service");
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/bin/sh -c '")).unwrap();
    let command = start.strip_suffix("'").unwrap().replace("$$", "$");
    let said = run(&folder, &command, &[("CREDENTIALS_DIRECTORY", folder.path(""))]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stderr.lines().all(|line| line.starts_with('{')), "{}", said.stderr);
    assert!(folder.exists("out/current/north/SHA256SUMS.minisig"));
}

fn systemd_takes_the_units() {
    let folder = Folder::empty();
    for name in ["flagmatch.service", "flagmatch.timer"] {
        folder.write(name, example(name));
    }
    let verify = Command::new("systemd-analyze")
        .args(["verify", "./flagmatch.service", "./flagmatch.timer"])
        .current_dir(folder.path("."))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&verify.stderr);
    assert!(verify.status.success() && said.is_empty(), "{said}");
}

fn the_cron_line_runs_the_job_and_tells_its_exit_code() {
    let folder = installed();
    let table = example("flagmatch.cron");
    let line = table.lines().find(|line| line.starts_with("15 2 * * *  flagmatch  ")).unwrap();
    assert!(!line.contains('%'), "cron would end the line there");
    let command = line.split("  ").nth(2).unwrap();
    let home = [("PATH", PathBuf::from("/usr/bin:/bin")), ("HOME", folder.path(""))];
    let said = run(&folder, command, &home);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    assert!(said.stdout.contains("published run "), "{}", said.stdout);
    assert!(folder.read("log/flagmatch.jsonl").contains("\"run published\""));

    fs::remove_file(folder.path("suppliers/south.csv")).unwrap();
    let said = run(&folder, command, &home);
    assert!(said.stdout.ends_with("flagmatch ended with exit code 4: see log/flagmatch.jsonl\n"), "{}", said.stdout);
    assert!(folder.read("log/flagmatch.jsonl").contains("south is held back"));
}

fn the_containers_command_runs_the_job() {
    let folder = installed();
    let recipe = example("Containerfile");
    let words = recipe.lines().find_map(|line| line.strip_prefix("#         flagmatch ")).unwrap();
    let words = words.replace("/srv/flagmatch", folder.path("").to_str().unwrap());
    let arguments: Vec<&str> = words.split(' ').chain(["--passphrase-fd", "0"]).collect();
    let output = folder.command(&arguments).write_stdin(PASSPHRASE).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // Paths in the job, and so the output, are relative to the job file.
    assert!(folder.exists("out/current/north/SHA256SUMS.minisig"));
    let entry = "ENTRYPOINT [\"/usr/local/bin/flagmatch\"]";
    assert!(recipe.contains(entry) && recipe.contains("--bin flagmatch") && recipe.contains("COPY benches benches"));
}
