//! Splits bytes that hold whole records into the fields of each record.
//!
//! The grammar is that of the `csv` crate with the file's separator; the tests compare the two. A quote opens
//! a quoted field only where the field begins. Inside, `""` is one quote and any other quote closes the
//! field; elsewhere a quote is an ordinary character. A record ends at a line feed or a carriage return
//! outside quotes, and blank lines are no records. A closing quote with text behind it, which `csv` repairs
//! in silence, is reported as broken here.

use super::csv_delimiters::Delimiters;

/// The position of one field in its text, without the quotes around it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// Set in `start` if the field has doubled quotes; once [`unescape`]d, it lies in a text of its own.
    const ESCAPED: u32 = 1 << 31;

    #[inline]
    fn new(start: usize, end: usize) -> Self {
        Span { start: start as u32, end: end as u32 }
    }

    /// The field's content, given its record's text and the texts of unescaped fields.
    #[inline]
    pub(super) fn content<'a>(self, text: &'a str, unescaped: &'a str) -> &'a str {
        // Many fields are empty.
        if self.start == self.end {
            return "";
        }
        let (text, start) = match self.start & Span::ESCAPED {
            0 => (text, self.start),
            _ => (unescaped, self.start & !Span::ESCAPED),
        };
        &text[start as usize..self.end as usize]
    }

    /// The field's bytes in its record; doubled quotes stay doubled.
    pub(super) fn bytes(self, record: &[u8]) -> &[u8] {
        &record[(self.start & !Span::ESCAPED) as usize..self.end as usize]
    }

    /// The same field at another position.
    pub(super) fn moved_to(self, start: usize, end: usize) -> Span {
        Span { start: start as u32 | self.start & Span::ESCAPED, end: end as u32 }
    }
}

/// What is known of one record besides the positions of its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    /// The position of its first byte.
    pub(super) start: usize,
    /// The position behind its last byte, where its line end is.
    pub(super) end: usize,
    /// How many fields it has.
    pub(super) width: usize,
    /// Whether a closing quote has text behind it, or a quote is not closed.
    pub(super) broken: bool,
    /// Whether some field has doubled quotes.
    pub(super) escaped: bool,
}

/// Walks over the records of some bytes. There are fewer than 2³¹ bytes, and they begin where a record
/// begins.
pub(super) struct Records<'a> {
    bytes: &'a [u8],
    separator: u8,
    marks: Delimiters<'a>,
    at: usize,
}

impl<'a> Records<'a> {
    pub(super) fn new(bytes: &'a [u8], separator: u8) -> Self {
        Records { bytes, separator, marks: Delimiters::new(bytes, separator), at: 0 }
    }

    /// The next record. Writes the positions of its fields to `fields`, as far as there is room.
    #[inline]
    pub(super) fn next(&mut self, fields: &mut [Span]) -> Option<Record> {
        let (bytes, separator) = (self.bytes, self.separator);
        let mut marks = self.marks;
        let mut start = self.at;
        while let Some(b'\n' | b'\r') = bytes.get(start) {
            marks.next();
            start += 1;
        }
        if start >= bytes.len() {
            self.at = start;
            return None;
        }
        let (mut width, mut broken, mut escaped) = (0, false, false);
        let mut put = |field| {
            if let Some(place) = fields.get_mut(width) {
                *place = field;
            }
            width += 1;
        };
        let mut field = start;
        let end = loop {
            let Some(mark) = marks.next() else {
                put(Span::new(field, bytes.len()));
                break bytes.len();
            };
            let byte = bytes[mark];
            if byte == separator {
                put(Span::new(field, mark));
                field = mark + 1;
            } else if byte != b'"' {
                put(Span::new(field, mark));
                break mark;
            } else if mark == field {
                let quoted = Quoted::pass(bytes, &mut marks, mark);
                broken |= quoted.broken;
                escaped |= quoted.escaped;
                put(quoted.content());
                match quoted.next {
                    Some(next) if bytes[next] == separator => field = next + 1,
                    Some(next) => break next,
                    None => break bytes.len(),
                }
            }
        };
        self.marks = marks;
        self.at = end + 1;
        Some(Record { start, end, width, broken, escaped })
    }
}

/// A quoted field.
struct Quoted {
    start: usize,
    end: usize,
    escaped: bool,
    broken: bool,
    /// The separator or line end behind it; `None` if the bytes end first.
    next: Option<usize>,
}

impl Quoted {
    /// Skips the field that opens at `open`, and the delimiter that ends it.
    #[inline]
    fn pass(bytes: &[u8], marks: &mut Delimiters<'_>, open: usize) -> Quoted {
        let mut quoted = Quoted { start: open + 1, end: bytes.len(), escaped: false, broken: true, next: None };
        while let Some(mark) = marks.next() {
            if bytes[mark] != b'"' {
                continue;
            }
            if bytes.get(mark + 1) == Some(&b'"') {
                marks.next();
                quoted.escaped = true;
                continue;
            }
            quoted.end = mark;
            quoted.next = marks.next();
            while quoted.next.is_some_and(|next| bytes[next] == b'"') {
                quoted.next = marks.next();
            }
            quoted.broken = quoted.next.unwrap_or(bytes.len()) > mark + 1;
            break;
        }
        quoted
    }

    fn content(&self) -> Span {
        let mut content = Span::new(self.start, self.end);
        if self.escaped {
            content.start |= Span::ESCAPED;
        }
        content
    }
}

/// Writes the fields that have doubled quotes to `unescaped`, with one quote for two, and moves their
/// positions there.
pub(super) fn unescape(text: &str, fields: &mut [Span], unescaped: &mut String) {
    unescaped.clear();
    for field in fields.iter_mut().filter(|field| field.start & Span::ESCAPED != 0) {
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
    fn records(text: &str, separator: u8) -> Vec<(usize, bool, Vec<String>)> {
        let mut records = Records::new(text.as_bytes(), separator);
        let (mut unescaped, mut found) = (String::new(), Vec::new());
        let mut fields = vec![Span::default(); text.len() + 1];
        while let Some(record) = records.next(&mut fields) {
            let fields = &mut fields[..record.width];
            unescape(text, fields, &mut unescaped);
            let contents = fields.iter().map(|field| field.content(text, &unescaped).to_owned());
            found.push((record.start, record.broken, contents.collect()));
        }
        found
    }

    #[test]
    fn records_by_example() {
        for (text, expected) in [
            ("", &[][..]),
            ("\n\r\n\n", &[]),
            ("a,b\nc,d", &[(0, false, &["a", "b"][..]), (4, false, &["c", "d"])]),
            ("a,b\r\n\r\nc,\r\n", &[(0, false, &["a", "b"]), (7, false, &["c", ""])]),
            ("5\" pipe,\"x, y\"\n", &[(0, false, &["5\" pipe", "x, y"])]),
            ("\"a\"\"b\",\"\"\"\"\n", &[(0, false, &["a\"b", "\""])]),
            ("\"two\nlines\",x\ny", &[(0, false, &["two\nlines", "x"]), (14, false, &["y"])]),
            ("\"\"", &[(0, false, &[""])]),
            (" \"a,b\"\n", &[(0, false, &[" \"a", "b\""])]),
            ("\"5\" pipe\",x\ny", &[(0, true, &["5", "x"]), (12, false, &["y"])]),
            ("x,\"never\nclosed", &[(0, true, &["x", "never\nclosed"])]),
        ] {
            let found = records(text, b',');
            let found: Vec<(usize, bool, Vec<&str>)> = found
                .iter()
                .map(|(start, broken, fields)| (*start, *broken, fields.iter().map(String::as_str).collect()))
                .collect();
            let expected: Vec<_> =
                expected.iter().map(|(start, broken, fields)| (*start, *broken, fields.to_vec())).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn records_are_those_of_the_csv_crate(
            pieces in prop::collection::vec(prop::sample::select(vec!["a", "b", ",", ";", "\t", "\"", "\n", "\r", "é"]), 0..90),
            separator in prop::sample::select(b",;\t".to_vec()),
        ) {
            let text = pieces.concat();
            let mut reader = csv::ReaderBuilder::new()
                .delimiter(separator)
                .has_headers(false)
                .flexible(true)
                .from_reader(text.as_bytes());
            let theirs: Vec<Vec<String>> = reader
                .records()
                .map(|record| record.unwrap().iter().map(str::to_owned).collect())
                .collect();
            let ours = records(&text, separator);
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
