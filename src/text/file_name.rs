//! Writes file names for messages, logs and tables.
//!
//! Whoever names a file must not be able to forge a line of a log, to move a terminal's cursor or to reverse
//! text.

use std::fmt::{self, Display, Write};
use std::path::Path;

/// A path as messages, logs and tables show it. Characters that do not print are escaped, as `\n` or
/// `\u{202e}`, and so is the backslash; bytes that are not UTF-8 are shown as `\xe9`.
///
/// ```
/// use flagmatch::text::shown;
/// assert_eq!(shown("suppliers/north.csv".as_ref()).to_string(), "suppliers/north.csv");
/// assert_eq!(shown("north\n.csv".as_ref()).to_string(), r"north\n.csv");
/// ```
pub fn shown(path: &Path) -> impl Display {
    Shown(path)
}

struct Shown<'a>(&'a Path);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.as_os_str().as_encoded_bytes().utf8_chunks() {
            for letter in chunk.valid().chars() {
                match letter {
                    // Paths are not written between quotes, and an accent may be a character of its own.
                    '\'' | '"' => f.write_char(letter)?,
                    '\u{300}'..='\u{36F}' => f.write_char(letter)?,
                    _ => write!(f, "{}", letter.escape_debug())?,
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn names_by_example() {
        for (name, told) in [
            (&b"suppliers/north (1).csv"[..], "suppliers/north (1).csv"),
            ("Zoë's \"north\" 东.csv".as_bytes(), "Zoë's \"north\" 东.csv"),
            // As some systems write an accent.
            ("Zoe\u{308}.csv".as_bytes(), "Zoe\u{308}.csv"),
            (b"north\nflagmatch: all is well\r.csv", r"north\nflagmatch: all is well\r.csv"),
            (b"\x1B[2Jnorth\t\x7F.csv", r"\u{1b}[2Jnorth\t\u{7f}.csv"),
            ("a\u{202E}vsc.csv\u{200B}".as_bytes(), r"a\u{202e}vsc.csv\u{200b}"),
            ("a\u{2028}\u{85}b".as_bytes(), r"a\u{2028}\u{85}b"),
            (br"a\nb", r"a\\nb"),
            (b"n\xE9e.csv", r"n\xe9e.csv"),
        ] {
            assert_eq!(shown(Path::new(OsStr::from_bytes(name))).to_string(), told);
        }
    }
}
