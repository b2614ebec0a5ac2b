//! Runs in the middle of their work, and runs of a user without privileges.
//!
//! A run is held at a known place by a lease on a file: who opens it waits. No clock decides where it stands.

use std::fs::{self, File, OpenOptions};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Folder, Said};

/// Whoever waits longer has found a fault.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until there is something.
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

/// A pipe with a name, in place of a published file.
pub(crate) struct Pipe(PathBuf);

impl Pipe {
    pub(crate) fn make(path: PathBuf) -> Pipe {
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        Pipe(path)
    }

    /// The writing end, once the program has opened the other.
    pub(crate) fn open(&self) -> File {
        let opened = wait_for("the program to open its input", || {
            const WITHOUT_WAITING: i32 = 0o4000;
            OpenOptions::new().write(true).custom_flags(WITHOUT_WAITING).open(&self.0).ok()
        });
        // Once more, for a file that waits when it is written to.
        let waiting = OpenOptions::new().write(true).open(&self.0).unwrap();
        drop(opened);
        waiting
    }
}

/// A file that nobody else can open for now: whoever tries waits for as long as the lease lasts, which the
/// system ends after 45 seconds.
pub(crate) struct Lease(File);

impl Lease {
    /// Takes a lease on a file, once nobody has it open.
    pub(crate) fn take(path: &Path) -> Lease {
        let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
        // The signal that somebody wants the file: one that nobody heeds, in place of one that kills.
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

    /// Lets the file be opened, which takes minutes to read from now on: behind its rows comes a hole of a
    /// tebibyte, which takes no room.
    pub(crate) fn end_without_end(self) {
        self.0.set_len(1 << 40).unwrap();
    }
}

/// Holds a run where it compares a supplier's flags with those that the supplier had last: the suppliers
/// before this one are delivered, this one's flags are written, and nothing is published.
pub(crate) struct HeldDelivery {
    input: Lease,
    flags: PathBuf,
}

impl HeldDelivery {
    /// Waits until the run opens the supplier's own file, and gives that.
    pub(crate) fn at_its_input(self) -> Lease {
        self.input.wait();
        self.input
    }

    /// Waits until the run is there, and gives what it waits for.
    pub(crate) fn reached(self) -> Lease {
        // What is published was checked before the first input is opened.
        self.input.wait();
        let flags = Lease::take(&self.flags);
        drop(self.input);
        flags.wait();
        flags
    }
}

/// Holds the next run at a supplier's delivery.
pub(crate) fn hold_delivery(folder: &Folder, supplier: &str) -> HeldDelivery {
    let delivery = fs::canonicalize(folder.path(&format!("out/current/{supplier}"))).unwrap();
    let plain = delivery.ancestors().nth(2).unwrap().join("administrator/plain").join(supplier);
    let tables = if plain.is_dir() { plain } else { delivery };
    let input = Lease::take(&folder.path(&format!("suppliers/{supplier}.csv")));
    HeldDelivery { input, flags: tables.join("whd.flags.csv") }
}

/// Waits until a run of the sound job, held at the south's delivery, has staged everything else: suppliers and the
/// administrator's files are written at the same time.
pub(crate) fn wait_for_the_rest(folder: &Folder) {
    let is_staged = |name: &str| {
        let staged = |path: &PathBuf| path.display().to_string().contains("/.staging-") && path.ends_with(name);
        folder.tree("out").iter().any(staged)
    };
    let all_else = || is_staged("administrator/rejects.csv") && is_staged(".north/changes.csv");
    wait_for("all but what waits to be staged", || all_else().then_some(()));
}

/// Whether these tests have all privileges, so that permissions tell nothing.
pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// The user whom every machine has and who may do nothing.
const NOBODY: u32 = 65534;

/// Hands a folder over to a user without privileges, and gives the program where that user finds it.
pub(crate) fn hand_over(folder: &Folder) -> PathBuf {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_flagmatch"));
    if !is_root() {
        return program;
    }
    let copy = folder.path("the-program");
    if !copy.exists() {
        // By another process: if this one had it open to write, a command begun by another test meanwhile
        // would have it open too, and nobody could run it.
        assert!(Command::new("cp").arg(program).arg(&copy).status().unwrap().success());
        fs::set_permissions(&copy, PermissionsExt::from_mode(0o755)).unwrap();
    }
    chown(folder.path("."), Some(NOBODY), Some(NOBODY)).unwrap();
    for path in folder.tree(".").into_iter().filter(|path| !path.is_symlink()) {
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    copy
}

/// A command of a user without privileges.
pub(crate) fn unprivileged(program: impl AsRef<Path>, folder: &Folder) -> Command {
    let mut command = Command::new(program.as_ref());
    command.current_dir(folder.path("."));
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// What a command said.
pub(crate) fn said(command: &mut Command) -> Said {
    let output = command.stdin(Stdio::null()).output().unwrap();
    Said::of(output)
}

/// A run that goes on beside the test.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn begin(command: &mut Command) -> Running {
        Running(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// `flagmatch` in a folder.
    pub(crate) fn flagmatch(folder: &Folder, arguments: &[&str]) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flagmatch"));
        Running::begin(command.current_dir(folder.path(".")).args(arguments))
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// A file that the system shows of it.
    pub(crate) fn shown(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{name}", self.id()))
    }

    /// Sends a signal, by its name.
    pub(crate) fn signal(&self, name: &str) {
        // The shell's own `kill`: the program of that name is not on every machine.
        let kill = ["-c", "kill -s \"$0\" \"$1\"", name, &self.id().to_string()];
        let sent = Command::new("sh").args(kill).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> (ExitStatus, Said) {
        wait_for("the end of a run", || self.0.try_wait().unwrap());
        let output = self.0.wait_with_output().unwrap();
        (output.status, Said::of(output))
    }
}
