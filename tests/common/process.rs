//! Stops a run at a known point of its work, and runs commands as a user without privileges.
//!
//! A lease on a file stops the run: opening the file blocks until the lease ends. No timing decides where the run
//! stands.

use std::fs::{self, File, OpenOptions};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Folder, Said};

/// A longer wait means that the test failed.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until `there` returns a value.
#[track_caller]
pub(crate) fn wait_for<T>(what: &str, mut there: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = there() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        sleep(Duration::from_millis(2));
    }
}

/// A named pipe in place of a published file.
pub(crate) struct Pipe(PathBuf);

impl Pipe {
    pub(crate) fn make(path: PathBuf) -> Pipe {
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        Pipe(path)
    }

    /// The writing end, once the program has opened the reading end.
    pub(crate) fn open(&self) -> File {
        let opened = wait_for("the program to open its input", || {
            const WITHOUT_WAITING: i32 = 0o4000;
            OpenOptions::new().write(true).custom_flags(WITHOUT_WAITING).open(&self.0).ok()
        });
        // Opens the pipe again, as a file that waits when it is written to.
        let waiting = OpenOptions::new().write(true).open(&self.0).unwrap();
        drop(opened);
        waiting
    }
}

/// A file that nobody else can open for now. An attempt blocks while the lease lasts; the system ends it after 45
/// seconds.
pub(crate) struct Lease(File);

impl Lease {
    /// Takes a lease on a file once no process has it open.
    pub(crate) fn take(path: &Path) -> Lease {
        let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
        // The system signals the holder when somebody opens the file. SIGURG is ignored by default; the usual signal
        // would kill the test.
        const F_SETSIG: libc::c_int = 10;
        // SAFETY: the calls take numbers, and the file is open.
        assert_eq!(unsafe { libc::fcntl(file.as_raw_fd(), F_SETSIG, libc::SIGURG) }, 0);
        wait_for("the file to be closed by everybody", || {
            // SAFETY: as above.
            let taken = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, libc::F_WRLCK) };
            (taken == 0).then_some(())
        });
        Lease(file)
    }

    /// Waits until the program wants to open the file.
    pub(crate) fn wait(&self) {
        wait_for("the program to open its input", || {
            // SAFETY: the call takes numbers, and the file is open.
            let lease = unsafe { libc::fcntl(self.0.as_raw_fd(), libc::F_GETLEASE) };
            (lease != libc::F_WRLCK).then_some(())
        });
    }

    /// Ends the lease, on a file that now takes minutes to read: a hole of a tebibyte follows its rows and takes no
    /// disk space.
    pub(crate) fn end_without_end(self) {
        self.0.set_len(1 << 40).unwrap();
    }
}

/// Stops a run where it compares a supplier's flags with the supplier's previous ones. By then the earlier suppliers'
/// deliveries and this one's flags are written, and nothing is published.
pub(crate) struct PausedDelivery {
    input: Lease,
    flags: PathBuf,
}

impl PausedDelivery {
    /// Waits until the run opens the supplier's input, and returns the lease on it.
    pub(crate) fn at_its_input(self) -> Lease {
        self.input.wait();
        self.input
    }

    /// Waits until the run compares the flags, and returns the lease on the previous ones.
    pub(crate) fn reached(self) -> Lease {
        // The run checks what is published before it opens the first input.
        self.input.wait();
        let flags = Lease::take(&self.flags);
        drop(self.input);
        flags.wait();
        flags
    }
}

/// Stops the next run at a supplier's delivery.
pub(crate) fn hold_delivery(folder: &Folder, supplier: &str) -> PausedDelivery {
    let delivery = fs::canonicalize(folder.path(&format!("out/current/{supplier}"))).unwrap();
    let plain = delivery.ancestors().nth(2).unwrap().join("administrator/plain").join(supplier);
    let tables = if plain.is_dir() { plain } else { delivery };
    let input = Lease::take(&folder.path(&format!("suppliers/{supplier}.csv")));
    PausedDelivery { input, flags: tables.join("whd.flags.csv") }
}

/// Waits until a run of the sound job, stopped at the south's delivery, has staged everything else. Deliveries and the
/// administrator's files are written at the same time.
pub(crate) fn wait_for_the_rest(folder: &Folder) {
    let is_staged = |name: &str| {
        let staged = |path: &PathBuf| path.display().to_string().contains("/.staging-") && path.ends_with(name);
        folder.tree("out").iter().any(staged)
    };
    let all_else = || is_staged("administrator/rejects.csv") && is_staged(".north/changes.csv");
    wait_for("all but what waits to be staged", || all_else().then_some(()));
}

/// Whether the tests run as root, for whom permissions mean nothing.
pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// The user without privileges that every machine has.
const NOBODY: u32 = 65534;

/// Hands a folder over to a user without privileges, and returns the path of a program that this user can run.
pub(crate) fn hand_over(folder: &Folder) -> PathBuf {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_flagmatch"));
    if !is_root() {
        return program;
    }
    let copy = folder.path("the-program");
    if !copy.exists() {
        // Another process copies the program. If this one had it open for writing, a command started by another test
        // meanwhile would inherit it, and nobody could run the program.
        assert!(Command::new("cp").arg(program).arg(&copy).status().unwrap().success());
        fs::set_permissions(&copy, PermissionsExt::from_mode(0o755)).unwrap();
    }
    chown(folder.path("."), Some(NOBODY), Some(NOBODY)).unwrap();
    for path in folder.tree(".").into_iter().filter(|path| !path.is_symlink()) {
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    copy
}

/// A command run as a user without privileges.
pub(crate) fn unprivileged(program: impl AsRef<Path>, folder: &Folder) -> Command {
    let mut command = Command::new(program.as_ref());
    command.current_dir(folder.path("."));
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// Runs a command without input, and returns what it printed.
pub(crate) fn said(command: &mut Command) -> Said {
    let output = command.stdin(Stdio::null()).output().unwrap();
    Said::new(output)
}

/// A run in the background.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn begin(command: &mut Command) -> Running {
        Running(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Starts `flagmatch` in a folder.
    pub(crate) fn flagmatch(folder: &Folder, arguments: &[&str]) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flagmatch"));
        Running::begin(command.current_dir(folder.path(".")).args(arguments))
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// A file of this process under `/proc`.
    pub(crate) fn shown(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{name}", self.id()))
    }

    /// Sends a signal, given by name.
    pub(crate) fn signal(&self, name: &str) {
        // The shell's own `kill`: not every machine has the program of that name.
        let kill = ["-c", "kill -s \"$0\" \"$1\"", name, &self.id().to_string()];
        let sent = Command::new("sh").args(kill).status();
        assert!(sent.unwrap().success());
    }

    pub(crate) fn end(mut self) -> (ExitStatus, Said) {
        wait_for("the end of a run", || self.0.try_wait().unwrap());
        let output = self.0.wait_with_output().unwrap();
        (output.status, Said::new(output))
    }
}
