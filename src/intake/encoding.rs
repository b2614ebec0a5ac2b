//! Decides which encoding a file is in.
//!
//! The whole file has one encoding; bytes that do not fit it are faults of their line.
//!
//! A byte-order mark decides, and so do the zero bytes of UTF-16. Otherwise two counts over the whole file
//! decide: characters of UTF-8 beyond ASCII, and sequences that are not UTF-8. Text in Windows-1252 almost
//! never looks like UTF-8 (an accented capital before certain signs does: `É’`), and text in UTF-8 has few
//! stray bytes. So a file is Windows-1252 only if the sequences that are not UTF-8 outnumber the characters
//! by far. Between the two it is UTF-8, because a wrong decision for UTF-8 is listed row by row, while a
//! wrong one for Windows-1252 changes references in silence.

use encoding_rs::WINDOWS_1252;

/// How many sequences that are not UTF-8, for each character that is, make a file Windows-1252. (Choice: real
/// files have none of the one or thousands of the other.)
const BY_FAR: u64 = 10;

/// How the bytes of a file are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Windows1252,
}

/// What was counted in some bytes to tell their encoding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Characters of UTF-8 beyond ASCII.
    characters: u64,
    /// Sequences that are not UTF-8.
    foreign: u64,
}

impl Seen {
    /// Counts in bytes that are whole records.
    pub(super) fn new(bytes: &[u8]) -> Seen {
        match std::str::from_utf8(bytes) {
            Ok(text) => Seen::of_text(text),
            Err(_) => bytes.utf8_chunks().fold(Seen::default(), |seen, chunk| {
                let foreign = u64::from(!chunk.invalid().is_empty());
                seen.and(Seen::of_text(chunk.valid())).and(Seen { characters: 0, foreign })
            }),
        }
    }

    /// Counts in bytes that are known to be UTF-8.
    pub(super) fn of_text(text: &str) -> Seen {
        let bytes = text.as_bytes();
        if bytes.is_ascii() {
            return Seen::default();
        }
        // Each character beyond ASCII has one byte from 0xC0 up. Counting in a `u8` makes this vector code.
        let count = |some: &[u8]| some.iter().fold(0_u8, |count, byte| count + u8::from(*byte >= 0xC0));
        let characters = bytes.chunks(240).map(|some| u64::from(count(some))).sum();
        Seen { characters, foreign: 0 }
    }

    /// The sum of both.
    pub(super) fn and(self, other: Seen) -> Seen {
        Seen { characters: self.characters + other.characters, foreign: self.foreign + other.foreign }
    }

    /// Whether all bytes are ASCII.
    pub(super) fn is_ascii(self) -> bool {
        self == Seen::default()
    }

    /// The encoding of a file with these counts.
    pub(super) fn encoding(self) -> Encoding {
        if self.foreign > BY_FAR * self.characters { Encoding::Windows1252 } else { Encoding::Utf8 }
    }
}

impl Encoding {
    /// Appends the text of a field; false if some of its bytes mean nothing in this encoding.
    pub(super) fn decode(self, field: &[u8], text: &mut String) -> bool {
        match self {
            Encoding::Utf8 => std::str::from_utf8(field).map(|field| text.push_str(field)).is_ok(),
            Encoding::Windows1252 if field.iter().any(|byte| UNDEFINED.contains(byte)) => false,
            Encoding::Windows1252 => {
                text.push_str(&WINDOWS_1252.decode_without_bom_handling(field).0);
                true
            }
        }
    }
}

/// Bytes to which Windows-1252 assigns no character.
const UNDEFINED: [u8; 5] = [0x81, 0x8D, 0x8F, 0x90, 0x9D];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_encoding_by_example() {
        use Encoding::{Utf8, Windows1252};
        for (bytes, encoding) in [
            (&b""[..], Utf8),
            (b"plain", Utf8),
            ("Zoë".as_bytes(), Utf8),
            (b"Zo\xEB", Windows1252),
            // A stray byte beside a character of UTF-8, and ten of them.
            (b"\xC3\xA91,\xE9", Utf8),
            (b"\xC3\xA9 \xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9", Utf8),
            // Windows-1252 in which one name looks like UTF-8.
            (b"REN\xC9\x92S \xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9", Windows1252),
        ] {
            assert_eq!(Seen::new(bytes).encoding(), encoding, "{bytes:?}");
        }
    }

    #[test]
    fn characters_and_foreign_sequences_are_counted() {
        for (bytes, characters, foreign) in [
            ("é€😀a".as_bytes(), 3, 0),
            (&"é".repeat(1000).into_bytes(), 1000, 0),
            (b"\xE9\xE9", 0, 2),
            (b"\xC3\xA9\xC3", 1, 1),
            (b"\xC3\xA9\xC3\n\xE2\x82", 1, 2),
        ] {
            assert_eq!(Seen::new(bytes), Seen { characters, foreign }, "{bytes:?}");
        }
    }

    #[test]
    fn what_an_encoding_cannot_read_is_refused() {
        for (encoding, field, read) in [
            (Encoding::Utf8, &b"Zo\xC3\xAB"[..], Some("Zoë")),
            (Encoding::Utf8, b"Zo\xEB", None),
            (Encoding::Windows1252, b"Zo\xEB \x80", Some("Zoë €")),
            (Encoding::Windows1252, b"Zo\x81", None),
            (Encoding::Windows1252, b"\x9D", None),
        ] {
            let mut text = String::new();
            let fits = encoding.decode(field, &mut text);
            assert_eq!(fits.then_some(text.as_str()), read, "{field:?}");
        }
    }
}
