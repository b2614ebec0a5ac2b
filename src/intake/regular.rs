//! Opens regular files, and nothing else.
//!
//! Opening never waits: a pipe that nobody writes to would block the run for ever.

use std::fs::{File, FileType, OpenOptions};
use std::io;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use super::error::IntakeError;
use super::source::unreadable;

/// How long to wait between tries while another process holds a lease on the file, as a file server does. The
/// system breaks a lease within a minute.
const BETWEEN_TRIES: Duration = Duration::from_millis(10);

/// Opens a regular file, following links.
pub(super) fn open_regular(path: &Path, is_stopped: impl Fn() -> bool) -> Result<File, IntakeError> {
    let failed = |error| unreadable(path, error);
    // Check before opening: opening some devices has side effects.
    check(path, std::fs::metadata(path).map_err(failed)?.file_type())?;
    let mut without_waiting = OpenOptions::new();
    without_waiting.read(true).custom_flags(libc::O_NONBLOCK);
    let file = loop {
        match without_waiting.open(path) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && !is_stopped() => sleep(BETWEEN_TRIES),
            opened => break opened.map_err(failed)?,
        }
    };
    // Check again: something else may have taken the file's place.
    check(path, file.metadata().map_err(failed)?.file_type())?;
    Ok(file)
}

/// Fails for anything but a regular file, and names what is there instead.
pub(super) fn check(path: &Path, kind: FileType) -> Result<(), IntakeError> {
    let found = match () {
        () if kind.is_file() => return Ok(()),
        () if kind.is_dir() => "a folder",
        () if kind.is_fifo() => "a pipe",
        () if kind.is_socket() => "a socket",
        () if kind.is_block_device() || kind.is_char_device() => "a device",
        () => "something else",
    };
    Err(IntakeError::NotAFile { file: path.to_owned(), found })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    #[test]
    fn only_regular_files_are_opened_and_what_else_is_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "").unwrap();
        symlink("file", at("link")).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            at("pipe"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        symlink("pipe", at("link to a pipe")).unwrap();
        let _listener = UnixListener::bind(at("socket")).unwrap();
        for (path, found) in [
            (at("file"), None),
            (at("link"), None),
            (at("pipe"), Some("a pipe")),
            (at("link to a pipe"), Some("a pipe")),
            (at("socket"), Some("a socket")),
            (at(""), Some("a folder")),
            ("/dev/null".into(), Some("a device")),
        ] {
            let opened = open_regular(&path, || false);
            let said = opened.map(|_| ()).map_err(|error| error.to_string());
            match found {
                None => assert_eq!(said, Ok(())),
                Some(found) => assert!(said.unwrap_err().contains(&format!("this is {found}, not a file"))),
            }
        }
    }
}
