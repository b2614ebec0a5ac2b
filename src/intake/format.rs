//! Names the format of a file that is no CSV, by its first bytes.

/// A format that is not read, and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) name: &'static str,
    pub(super) remedy: &'static str,
}

/// First bytes of formats that people send in place of a CSV.
const SIGNATURES: [(&[u8], &str, &str); 13] = [
    (b"PK\x03\x04", "an Excel workbook (.xlsx) or another zip archive", SAVE),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an Excel workbook of the old form (.xls)", SAVE),
    (b"\x1F\x8B", "gzip-compressed data", "let its name end in .gz"),
    (b"\x28\xB5\x2F\xFD", "Zstandard-compressed data", "let its name end in .zst"),
    (b"BZh", "bzip2-compressed data", DECOMPRESS),
    (b"\xFD7zXZ\0", "xz-compressed data", DECOMPRESS),
    (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive", DECOMPRESS),
    (b"%PDF-", "a PDF document", SAVE),
    (b"PAR1", "a Parquet file", SAVE),
    (b"SQLite format 3\0", "a SQLite database", SAVE),
    (b"age-encryption.org/", "data encrypted with age", "let its name end in .age"),
    (b"-----BEGIN AGE ENCRYPTED", "data encrypted with age", "let its name end in .age"),
    (b"-----BEGIN PGP", "data encrypted or signed with PGP", "decrypt it first"),
];
const SAVE: &str = "save the table as CSV";
const DECOMPRESS: &str = "decompress it, or use gzip or Zstandard";

/// Beginnings of web pages, and of tables that programs write as web pages.
const MARKUP: [&str; 4] = ["<!doctype", "<html", "<?xml", "<table"];

/// The format that a file's first bytes show; `None` if the file may be a CSV.
pub(super) fn foreign(head: &[u8]) -> Option<Format> {
    let known = SIGNATURES.iter().find(|(signature, ..)| head.starts_with(signature));
    if let Some((_, name, remedy)) = known {
        return Some(Format { name, remedy });
    }
    let text = head.strip_prefix(super::source::UTF8_MARK).unwrap_or(head).trim_ascii_start();
    let begins = |word: &str| text.get(..word.len()).is_some_and(|text| text.eq_ignore_ascii_case(word.as_bytes()));
    MARKUP.iter().any(|word| begins(word)).then_some(Format { name: "a web page or XML", remedy: SAVE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_by_example() {
        for (head, name) in [
            (&b""[..], None),
            (b"customer_ref,surname\n", None),
            (b"PK,surname\n", None),
            (b"<5 years,surname\n", None),
            (b"PK\x03\x04\x14\0", Some("an Excel workbook (.xlsx) or another zip archive")),
            (b"\x1F\x8B\x08", Some("gzip-compressed data")),
            (b"%PDF-1.7", Some("a PDF document")),
            (b"\xEF\xBB\xBF\r\n <!DOCTYPE html>", Some("a web page or XML")),
            (b"<Table border=1>", Some("a web page or XML")),
        ] {
            assert_eq!(foreign(head).map(|format| format.name), name, "{head:?}");
        }
    }
}
