//! Reads one file: cuts it into chunks, lets workers parse them and give each row to a consumer, and puts the
//! results back into file order.

use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::iter::{ParallelBridge, ParallelIterator};

use super::boundary::Splitter;
use super::chunks::{Chunk, Chunks, Pool};
use super::column::Column;
use super::column_map::ColumnMap;
use super::decryption::Identities;
use super::encoding::{Encoding, Seen};
use super::error::IntakeError;
use super::fault::{Fault, Faults};
use super::header::{Layout, read_header};
use super::part::{Assumed, Part};
use super::row::Row;
use super::separator;
use super::source::{Opened, open, unreadable};
use super::stamp::Stamp;
use super::table::Table;
use super::unused::UnusedHeading;
use crate::progress::{Progress, Unwatched};
use crate::text::shown;

/// The longest that a record or a chunk may be, so that positions in it fit 31 bits.
const LARGEST: usize = 1 << 30;

/// Takes the rows of one chunk of a file, in file order. Each chunk of some hundred kilobytes has its own
/// consumer, so that chunks can be read in parallel.
pub trait Consumer: Send {
    /// Whether the consumer needs [`Row::line`], which costs a search for every line end.
    const NEEDS_LINES: bool = false;

    /// Takes one row, and says what is wrong with it. A consumer that rejects a row must itself leave it
    /// unused.
    fn take(&mut self, row: &Row<'_>, faults: &mut Faults);

    /// Called once after the last row of the chunk, on the thread that took the rows.
    fn finish(&mut self) {}

    /// Tells how many lines of the file come before the chunk, once that is known: [`Row::line`] counts from
    /// the chunk's beginning.
    fn lines_before(&mut self, _lines: u64) {}
}

/// How a file is cut up. No result depends on `chunk_bytes`.
#[derive(Debug, Clone, Copy)]
pub struct ReadSettings<'a> {
    /// About how many bytes a worker gets at once; never more than half of `record_limit`.
    pub chunk_bytes: usize,
    /// Records of more bytes than this are rejected, which bounds the memory used.
    pub record_limit: usize,
    /// A file with more rejects and notes than this is refused, which bounds the memory used too.
    pub fault_limit: usize,
    /// What opens encrypted files.
    pub identities: Option<&'a Identities>,
}

impl Default for ReadSettings<'_> {
    fn default() -> Self {
        ReadSettings { chunk_bytes: 512 * 1024, record_limit: 1024 * 1024, fault_limit: 1 << 23, identities: None }
    }
}

/// The result of reading a file.
#[derive(Debug)]
pub struct FileRead<C> {
    /// The file's base name, as [`shown`] writes it.
    pub file: String,
    /// The consumers, in file order.
    pub consumers: Vec<C>,
    /// Rows found, good and bad, without the header. A record with broken quoting counts as one row for each
    /// of its physical lines, because its quotes have probably swallowed that many.
    pub rows: u64,
    /// Rows of these that were rejected. A record with broken quoting counts as above, but is listed once, at
    /// its first line.
    pub rejected: u64,
    /// Rows that were kept with one note or more.
    pub noted: u64,
    /// All faults, in file order.
    pub faults: Vec<Fault>,
    /// Headings that nothing reads.
    pub(crate) unused: Vec<UnusedHeading>,
    /// The file's encoding.
    pub(crate) encoding: &'static str,
    /// The file's length on disk, in bytes.
    pub bytes: u64,
    /// The BLAKE3 sum of its bytes on disk as they were read, in lower-case hexadecimal.
    pub blake3: String,
    /// Identifies the file as it was when it was read.
    pub(crate) stamp: Stamp,
}

/// Reads a file and gives each of its rows to a consumer.
///
/// `progress` gets one stage, as long as the file has bytes on disk.
///
/// ```
/// use flagmatch::intake::{self, Column, ColumnMap, Consumer, Faults, ReadSettings, FaultReason, Row};
/// use flagmatch::progress::Unwatched;
///
/// struct References(Vec<String>);
/// impl Consumer for References {
///     fn take(&mut self, row: &Row<'_>, faults: &mut Faults) {
///         match row.reference(Column::CustomerRef) {
///             Some(reference) => self.0.push(reference.to_owned()),
///             None => faults.reject(FaultReason::NoReference),
///         }
///     }
/// }
///
/// let directory = tempfile::tempdir()?;
/// let path = directory.path().join("customers.csv");
/// std::fs::write(&path, "ACCOUNT NO,surname\nA1,Ellison\n,Okafor\n")?;
/// let columns: ColumnMap = [("customer_ref", "Account No")].into_iter().collect();
/// let read = intake::read(
///     &path, &intake::CUSTOMERS, &columns, &ReadSettings::default(), &Unwatched, || References(Vec::new()),
/// )?;
/// assert_eq!(read.consumers[0].0, ["A1"]);
/// assert_eq!((read.rows, read.rejected, read.faults[0].line), (2, 1, 3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the file cannot be read to its end or changes meanwhile, or if its header lacks columns that are
/// needed.
pub fn read<C: Consumer>(
    path: &Path,
    table: &Table,
    columns: &ColumnMap,
    settings: &ReadSettings<'_>,
    progress: &dyn Progress,
    consumer: impl Fn() -> C + Sync,
) -> Result<FileRead<C>, IntakeError> {
    let name = shown(path.file_name().unwrap_or(path.as_os_str()).as_ref()).to_string();
    let (stamp, stored) = Stamp::read(path)?;
    let reading = Reading { path, table, columns, settings, progress };
    let read_as = |encoding| {
        progress.begin(&format!("read {name}"), stored);
        let parts = reading.parts(encoding, &consumer);
        progress.end();
        parts
    };
    let Parts { mut line_feeds, unused, encoding, blake3, parts } = match read_as(None)? {
        AsAssumed::Right(parts) => parts,
        AsAssumed::Wrong(encoding) => match read_as(Some(encoding))? {
            AsAssumed::Right(parts) => parts,
            AsAssumed::Wrong(_) => return Err(IntakeError::Changed { file: path.to_owned() }),
        },
    };
    stamp.is_still_of(path)?;
    let mut read = FileRead {
        file: name,
        consumers: Vec::with_capacity(parts.len()),
        rows: 0,
        rejected: 0,
        noted: 0,
        faults: Vec::new(),
        unused,
        encoding,
        bytes: stored,
        blake3,
        stamp,
    };
    for mut part in parts {
        part.consumer.lines_before(line_feeds);
        read.rows += part.rows;
        read.rejected += part.faults.rejected();
        read.noted += part.faults.noted();
        read.faults.extend(part.faults.moved_by(line_feeds));
        read.consumers.push(part.consumer);
        line_feeds += part.line_feeds;
    }
    Ok(read)
}

/// The columns of the table that a file has, by its header.
pub(crate) fn columns(
    path: &Path,
    table: &Table,
    columns: &ColumnMap,
    settings: &ReadSettings<'_>,
) -> Result<Vec<Column>, IntakeError> {
    let reading = Reading { path, table, columns, settings, progress: &Unwatched };
    let pool = Pool::default();
    let stream = open(path, settings.identities, reading.progress)?.stream;
    let mut chunks = Chunks::new(stream, &pool, Splitter::new(settings.chunk_bytes, settings.record_limit));
    let layout = reading.head(&mut chunks)?.layout;
    Ok(table.columns().filter(|column| layout.position(*column).is_some()).collect())
}

/// A file's parts, in file order.
struct Parts<C> {
    /// The line feeds before the first part.
    line_feeds: u64,
    unused: Vec<UnusedHeading>,
    encoding: &'static str,
    /// The BLAKE3 sum of the file.
    blake3: String,
    parts: Vec<Part<C>>,
}

/// The result of reading a file in an assumed encoding.
enum AsAssumed<C> {
    Right(Parts<C>),
    /// The whole file shows that it is in this encoding instead.
    Wrong(Encoding),
}

/// What a file is read with.
#[derive(Clone, Copy)]
struct Reading<'a> {
    path: &'a Path,
    table: &'a Table,
    columns: &'a ColumnMap,
    settings: &'a ReadSettings<'a>,
    progress: &'a dyn Progress,
}

impl Reading<'_> {
    /// Reads the whole file, in the `known` encoding if there is one. Otherwise the first chunk that is not
    /// ASCII shows which is likely, and the whole file decides.
    fn parts<C: Consumer>(
        self,
        known: Option<Encoding>,
        consumer: impl Fn() -> C + Sync,
    ) -> Result<AsAssumed<C>, IntakeError> {
        let Reading { path, settings, .. } = self;
        let limit = settings.record_limit.clamp(1, LARGEST);
        let pool = Pool::default();
        let Opened { stream, encoding, is_utf16, stored } = open(path, settings.identities, self.progress)?;
        let known = known.or(encoding);
        let mut chunks = Chunks::new(stream, &pool, Splitter::new(settings.chunk_bytes, limit));
        let Head { layout, line_feeds, seen } = self.head(&mut chunks)?;
        let is_decided = known.is_some();
        let mut likely = known.or_else(|| (!seen.is_ascii()).then(|| seen.encoding()));
        let numbered = std::iter::from_fn(|| {
            let chunk = chunks.next_chunk().transpose()?;
            if let (None, Ok(Chunk::Records { buffer, length, .. })) = (likely, &chunk) {
                let bytes = &buffer[..*length];
                likely = (!bytes.is_ascii()).then(|| Seen::new(bytes).encoding());
            }
            Some((chunk, Assumed { encoding: likely.unwrap_or(Encoding::Utf8), is_decided }))
        });
        let faults = AtomicUsize::new(0);
        let read = numbered.fuse().enumerate().par_bridge().map(|(number, (chunk, assumed))| {
            let chunk = chunk.map_err(|error| unreadable(path, error))?;
            let mut part = Part::read(chunk, assumed, &pool, &layout, consumer());
            part.faults.shrink();
            let own = part.faults.count();
            if faults.fetch_add(own, Ordering::Relaxed) + own > settings.fault_limit {
                return Err(IntakeError::TooManyFaults { file: path.to_owned(), limit: settings.fault_limit });
            }
            Ok((number, part))
        });
        let mut parts = read.collect::<Result<Vec<_>, IntakeError>>()?;
        let whole = parts.iter().fold(seen, |seen, (_, part)| seen.and(part.seen)).encoding();
        if !is_decided && likely.unwrap_or(Encoding::Utf8) != whole {
            return Ok(AsAssumed::Wrong(whole));
        }
        let encoding = match known.unwrap_or(whole) {
            _ if is_utf16 => "UTF-16",
            Encoding::Utf8 => "UTF-8",
            Encoding::Windows1252 => "Windows-1252",
        };
        let blake3 = stored.sum().map_err(|error| unreadable(path, error))?;
        parts.sort_unstable_by_key(|(number, _)| *number);
        let parts = parts.into_iter().map(|(_, part)| part).collect();
        Ok(AsAssumed::Right(Parts { line_feeds, unused: layout.into_unused(), encoding, blake3, parts }))
    }

    /// Reads the header, and a line before it that states the separator.
    fn head(self, chunks: &mut Chunks<'_, impl Read>) -> Result<Head, IntakeError> {
        let Reading { path, table, columns, .. } = self;
        let failed = |error| unreadable(path, error);
        let empty = || IntakeError::Empty { file: path.to_owned() };
        let mut separator = b',';
        if let Some(stated) = separator::stated(chunks.first_line().map_err(failed)?.ok_or_else(empty)?) {
            separator = stated;
            chunks.pass_first_line().map_err(failed)?;
        }
        let line = chunks.first_line().map_err(failed)?.ok_or_else(empty)?;
        separator = separator::found(line, separator, table, columns);
        let is_read = separator::is_read(separator);
        chunks.set_separator(separator);
        let first = chunks.first_record().map_err(failed)?.ok_or_else(empty)?;
        if !is_read {
            let line = 1 + first.line_feeds_before;
            return Err(IntakeError::Separator { file: path.to_owned(), line, found: char::from(separator) });
        }
        let layout = read_header(&first, separator, table, columns, path)?;
        let seen = first.record.as_deref().map_or(Seen::default(), Seen::new);
        Ok(Head { layout, line_feeds: first.line_feeds_before + first.line_feeds, seen })
    }
}

/// What precedes a file's rows.
struct Head {
    layout: Layout,
    /// The line feeds in it.
    line_feeds: u64,
    seen: Seen,
}
