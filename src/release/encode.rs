//! One field of a CSV file: in goes text, out come its bytes, quoted where RFC 4180 asks for it.

/// Appends a field. Only a comma, a quote or a line end makes quotes necessary, as in the `csv` crate.
pub(super) fn field(text: &str, out: &mut Vec<u8>) {
    if !text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
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
pub(super) fn row<'a>(fields: impl IntoIterator<Item = &'a str>, out: &mut Vec<u8>) {
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
        /// The `csv` crate is what others write and read with.
        #[test]
        fn rows_are_as_the_csv_crate_writes_them(
            fields in proptest::collection::vec("[a, \"\r\n;é']{0,6}", 2..5)
        ) {
            let mut ours = Vec::new();
            row(fields.iter().map(String::as_str), &mut ours);
            let mut theirs = csv::Writer::from_writer(Vec::new());
            theirs.write_record(&fields).unwrap();
            prop_assert_eq!(ours, theirs.into_inner().unwrap());
        }
    }
}
