//! Records and their fields: in go bytes that hold whole records, out come the places of their fields.
//!
//! The grammar is that of the `csv` crate with its default settings, which the tests hold it to: a
//! quote opens a quoted field only where the field begins, `""` inside is one quote, any other quote
//! there closes the field; elsewhere a quote is a character like others. A record ends at a line feed
//! or a carriage return outside quotes, and blank lines are no records. What `csv` mends in silence, a
//! closing quote with text behind it, is marked as broken here.

use super::marks::Marks;

/// The place of one field in its text, without the quotes around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// Set in `start`: the field has doubled quotes and, once [`unescape`]d, stands in a text of its own.
    const ESCAPED: u32 = 1 << 31;

    #[inline]
    fn new(start: usize, end: usize) -> Self {
        Span {
            start: start as u32,
            end: end as u32,
        }
    }

    /// The field's content, given its record's text and the texts of unescaped fields.
    #[inline]
    pub(super) fn content<'a>(self, text: &'a str, unescaped: &'a str) -> &'a str {
        let (text, start) = match self.start & Span::ESCAPED {
            0 => (text, self.start),
            _ => (unescaped, self.start & !Span::ESCAPED),
        };
        &text[start as usize..self.end as usize]
    }
}

/// What is known of one record besides its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    /// Its first byte.
    pub(super) start: usize,
    /// The byte behind its last one, where its line end is.
    pub(super) end: usize,
    /// A closing quote has text behind it, or a quote is not closed.
    pub(super) broken: bool,
    /// Some field has doubled quotes.
    pub(super) escaped: bool,
}

/// Walks over the records of some bytes, which are fewer than 2³¹ and begin where a record does.
pub(super) struct Records<'a> {
    bytes: &'a [u8],
    marks: Marks<'a>,
    at: usize,
}

impl<'a> Records<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Records {
            bytes,
            marks: Marks::new(bytes),
            at: 0,
        }
    }

    /// The next record; its fields replace the content of `fields`.
    #[inline]
    pub(super) fn next(&mut self, fields: &mut Vec<Span>) -> Option<Record> {
        while let Some(b'\n' | b'\r') = self.bytes.get(self.at) {
            self.marks.next();
            self.at += 1;
        }
        if self.at >= self.bytes.len() {
            return None;
        }
        fields.clear();
        let start = self.at;
        let mut record = Record {
            start,
            end: self.bytes.len(),
            broken: false,
            escaped: false,
        };
        let mut field = start;
        self.at = self.bytes.len();
        loop {
            let Some(mark) = self.marks.next() else {
                fields.push(Span::new(field, record.end));
                return Some(record);
            };
            match self.bytes[mark] {
                b',' => {
                    fields.push(Span::new(field, mark));
                    field = mark + 1;
                }
                b'"' if mark == field => {
                    let content = self.quoted(mark, &mut record);
                    let behind = content.1 + 1;
                    let mut span = Span::new(content.0, content.1);
                    if content.2 {
                        span.start |= Span::ESCAPED;
                    }
                    fields.push(span);
                    match self.to_field_end(behind, &mut record) {
                        Some(end) if self.bytes[end] == b',' => field = end + 1,
                        Some(end) => {
                            record.end = end;
                            self.at = end + 1;
                            return Some(record);
                        }
                        None => return Some(record),
                    }
                }
                b'"' => {}
                _ => {
                    fields.push(Span::new(field, mark));
                    record.end = mark;
                    self.at = mark + 1;
                    return Some(record);
                }
            }
        }
    }

    /// The content of the quoted field that opens at `open`: its start, its end, and whether there are
    /// doubled quotes in it.
    #[inline]
    fn quoted(&mut self, open: usize, record: &mut Record) -> (usize, usize, bool) {
        let mut escaped = false;
        while let Some(mark) = self.marks.next() {
            if self.bytes[mark] != b'"' {
                continue;
            }
            if self.bytes.get(mark + 1) != Some(&b'"') {
                return (open + 1, mark, escaped);
            }
            self.marks.next();
            escaped = true;
            record.escaped = true;
        }
        record.broken = true;
        (open + 1, self.bytes.len(), escaped)
    }

    /// The comma or line end that ends the field whose closing quote stands before `behind`; none where
    /// the bytes end first.
    #[inline]
    fn to_field_end(&mut self, behind: usize, record: &mut Record) -> Option<usize> {
        loop {
            let mark = self.marks.next();
            record.broken |= mark.unwrap_or(self.bytes.len()) > behind;
            match mark {
                Some(mark) if self.bytes[mark] == b'"' => {}
                other => return other,
            }
        }
    }
}

/// Writes the fields that have doubled quotes to `unescaped`, with one quote for two, and points their
/// places there.
pub(super) fn unescape(text: &str, fields: &mut [Span], unescaped: &mut String) {
    unescaped.clear();
    for field in fields
        .iter_mut()
        .filter(|field| field.start & Span::ESCAPED != 0)
    {
        let content = &text[(field.start & !Span::ESCAPED) as usize..field.end as usize];
        let start = unescaped.len();
        let mut rest = content;
        while let Some(quote) = memchr::memchr(b'"', rest.as_bytes()) {
            unescaped.push_str(&rest[..=quote]);
            rest = rest.get(quote + 2..).unwrap_or_default();
        }
        unescaped.push_str(rest);
        *field = Span::new(start, unescaped.len());
        field.start |= Span::ESCAPED;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every record: its start, whether it is broken, its fields.
    fn records(text: &str) -> Vec<(usize, bool, Vec<String>)> {
        let mut records = Records::new(text.as_bytes());
        let (mut fields, mut unescaped, mut found) = (Vec::new(), String::new(), Vec::new());
        while let Some(record) = records.next(&mut fields) {
            unescape(text, &mut fields, &mut unescaped);
            let contents = fields
                .iter()
                .map(|field| field.content(text, &unescaped).to_owned());
            found.push((record.start, record.broken, contents.collect()));
        }
        found
    }

    #[test]
    fn records_by_example() {
        for (text, expected) in [
            ("", &[][..]),
            ("\n\r\n\n", &[]),
            (
                "a,b\nc,d",
                &[(0, false, &["a", "b"][..]), (4, false, &["c", "d"])],
            ),
            (
                "a,b\r\n\r\nc,\r\n",
                &[(0, false, &["a", "b"]), (7, false, &["c", ""])],
            ),
            ("5\" pipe,\"x, y\"\n", &[(0, false, &["5\" pipe", "x, y"])]),
            ("\"a\"\"b\",\"\"\"\"\n", &[(0, false, &["a\"b", "\""])]),
            (
                "\"two\nlines\",x\ny",
                &[(0, false, &["two\nlines", "x"]), (14, false, &["y"])],
            ),
            ("\"\"", &[(0, false, &[""])]),
            (" \"a,b\"\n", &[(0, false, &[" \"a", "b\""])]),
            (
                "\"5\" pipe\",x\ny",
                &[(0, true, &["5", "x"]), (12, false, &["y"])],
            ),
            ("x,\"never\nclosed", &[(0, true, &["x", "never\nclosed"])]),
        ] {
            let found = records(text);
            let found: Vec<(usize, bool, Vec<&str>)> = found
                .iter()
                .map(|(start, broken, fields)| {
                    (*start, *broken, fields.iter().map(String::as_str).collect())
                })
                .collect();
            let expected: Vec<_> = expected
                .iter()
                .map(|(start, broken, fields)| (*start, *broken, fields.to_vec()))
                .collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn records_are_those_of_the_csv_crate(
            pieces in prop::collection::vec(prop::sample::select(vec!["a", "b", ",", "\"", "\n", "\r", "é"]), 0..90)
        ) {
            let text = pieces.concat();
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let theirs: Vec<Vec<String>> = reader
                .records()
                .map(|record| record.unwrap().iter().map(str::to_owned).collect())
                .collect();
            let ours = records(&text);
            prop_assert_eq!(ours.len(), theirs.len());
            for ((_, broken, ours), theirs) in ours.into_iter().zip(theirs) {
                prop_assert_eq!(ours.len(), theirs.len());
                if !broken {
                    prop_assert_eq!(ours, theirs);
                }
            }
        }
    }
}
