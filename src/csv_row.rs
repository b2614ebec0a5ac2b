//! Appends CSV fields and rows to bytes, quoted where RFC 4180 requires it.
//!
//! The `csv` crate, which others read these rows with and which the tests compare with, writes only to a file or buffer
//! of its own; here several threads make the rows of one file.

/// Whether a byte requires quotes, as in the `csv` crate: commas, quotes and line ends do.
fn needs_quotes(byte: u8) -> bool {
    // No short-circuiting, so that the compiler can check many bytes at once.
    (byte == b',') | (byte == b'"') | (byte == b'\n') | (byte == b'\r')
}

/// Appends a field.
pub(crate) fn field(text: &str, out: &mut Vec<u8>) {
    let (blocks, rest) = text.as_bytes().as_chunks::<16>();
    let block_does = |block: &[u8; 16]| block.iter().fold(false, |does, byte| does | needs_quotes(*byte));
    if !blocks.iter().any(block_does) && !rest.iter().any(|byte| needs_quotes(*byte)) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// Appends a row.
pub(crate) fn row<'a>(fields: impl IntoIterator<Item = &'a str>, out: &mut Vec<u8>) {
    for (place, text) in fields.into_iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        field(text, out);
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The `csv` crate is the reference, since others write and read with it.
        #[test]
        fn rows_are_as_the_csv_crate_writes_them(
            fields in proptest::collection::vec("[a, \"\r\n;é']{0,6}|[a-z]{0,40}[,\"\r\n]?[a-z]{0,20}", 2..5)
        ) {
            let mut ours = Vec::new();
            row(fields.iter().map(String::as_str), &mut ours);
            let mut theirs = csv::Writer::from_writer(Vec::new());
            theirs.write_record(&fields).unwrap();
            prop_assert_eq!(ours, theirs.into_inner().unwrap());
        }
    }
}
