//! Runs the documented examples: of how to schedule a run, and of how to analyse one.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;
mod needs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::process::said;
use common::{Folder, Said};
use needs::{python, tests};

tests! {
    the_service_runs_the_job;
    systemd_takes_the_units needs SYSTEMD;
    the_cron_line_runs_the_job_and_tells_its_exit_code;
    the_containers_command_runs_the_job;
    the_notebook_shows_what_it_prints needs PANDAS;
    the_r_script_shows_what_it_prints needs R;
    what_the_package_installs_is_there;
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

/// The output directory of a run of the sample job.
fn sample_run(folder: &Folder) -> PathBuf {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data/job.toml");
    let output = folder.command(&["run", sample.to_str().unwrap(), "--out", "out", "--quiet"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder.path("out")
}

/// With REWRITE=1 in the environment it writes the outputs anew.
fn the_notebook_shows_what_it_prints() {
    let folder = Folder::empty();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut run = Command::new(python().unwrap());
    run.arg(root.join("tests/notebook.py")).arg(root.join("docs/examples/analysis.ipynb"));
    let output = run.env("FLAGMATCH_OUT", sample_run(&folder)).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed == "8 cells\n", "{printed}{}", String::from_utf8_lossy(&output.stderr));
}

/// What the R script prints stands in it, in lines that begin with `#> `.
fn the_r_script_shows_what_it_prints() {
    let folder = Folder::empty();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/examples/analysis.R");
    let output = Command::new("Rscript").arg(&script).arg(sample_run(&folder)).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = fs::read_to_string(script).unwrap();
    let shown: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("#> ")).collect();
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().collect::<Vec<_>>(), shown);
}

/// The release script writes what is not in the tree: man pages, completions, units, notices.
fn what_the_package_installs_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let assets = manifest.split_once("\nassets = [").unwrap().1.split_once("\n]").unwrap().0;
    let files: Vec<&str> = assets.lines().filter_map(|line| line.split('"').nth(1)).collect();
    assert!(files.contains(&"target/release/flagmatch") && files.contains(&"docs/*.md"), "{files:?}");
    let is_made =
        |file: &str| file.starts_with("target/") || file.starts_with("packaged/") || file == "NOTICE-THIRD-PARTY";
    for file in files.into_iter().filter(|file| !is_made(file)) {
        let folder = file.split_once('*').map_or(file, |(folder, _)| folder);
        assert!(root.join(folder).exists(), "{file}");
    }
    let script = fs::read_to_string(root.join(".ci/release")).unwrap();
    for unit in ["flagmatch.service", "flagmatch.timer", "flagmatch.cron"] {
        assert!(script.contains(unit) && root.join("docs/examples").join(unit).exists(), "{unit}");
    }
}
