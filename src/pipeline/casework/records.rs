//! Keeps the rows of the accounts and persons that staff are asked about, as the inputs have them.
//!
//! Matching keeps no text of a row. So the files are read once more before the page opens, and only the rows that a
//! case shows are kept. They are in memory alone, and print nothing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Mutex;

use crate::intake::{self, BENEFITS, CUSTOMERS, Column, Consumer, Faults, ReadSettings, Row, Table};
use crate::normalise::Home;
use crate::pipeline::error::PipelineError;
use crate::pipeline::inputs::identity;
use crate::pipeline::inputs::input_file::InputFile;
use crate::progress::Progress;

/// A row of a customer or benefit file, as the file has it. No `Debug`: it is personal data.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Record {
    texts: Box<str>,
    ends: Box<[u32]>,
    columns: &'static [Column],
}

/// The columns of a table, in the order in which records keep them.
fn columns(table: &'static Table) -> &'static [Column] {
    static ALL: Mutex<BTreeMap<usize, &'static [Column]>> = Mutex::new(BTreeMap::new());
    let mut all = ALL.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    // There are two tables, for as long as the process lives.
    all.entry(std::ptr::from_ref(table) as usize).or_insert_with(|| table.columns().collect::<Vec<_>>().leak())
}

impl Record {
    fn new(row: &Row<'_>, columns: &'static [Column]) -> Record {
        let mut texts = String::new();
        let ends = columns.iter().map(|column| {
            texts.push_str(row.get(*column));
            u32::try_from(texts.len()).expect("a record is shorter than its limit of a megabyte")
        });
        let ends = ends.collect();
        Record { texts: texts.into(), ends, columns }
    }

    /// What the file has in a column, without outer spaces; empty if the table has no such column.
    pub(crate) fn get(&self, column: Column) -> &str {
        let Some(place) = self.columns.iter().position(|own| *own == column) else { return "" };
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        self.texts[start..self.ends[place] as usize].trim()
    }
}

/// The rows that cases show.
#[derive(Default)]
pub(crate) struct Records {
    /// Benefit rows by their place among all.
    benefits: HashMap<u32, Record>,
    /// Customer rows by supplier and reference, each different row once, in the order of the files.
    customers: Vec<HashMap<Box<str>, Vec<Record>>>,
    /// Accounts at the same addresses, by the home that they share: supplier, reference and row.
    neighbours: HashMap<HomeKey, Vec<Neighbour>>,
}

/// Another account at an address.
#[derive(Clone)]
pub(crate) struct Neighbour {
    pub(crate) supplier: usize,
    pub(crate) customer_ref: Box<str>,
    pub(crate) record: Record,
}

/// What two rows share that state one dwelling: its UPRN, or postcode, number and flat.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct HomeKey(String);

impl HomeKey {
    /// The keys of a home, of which two rows need to share one.
    fn all(home: &Home) -> Vec<HomeKey> {
        let by_uprn = home.uprn.map(|uprn| HomeKey(format!("u{}", uprn.number())));
        let address = &home.address;
        let number = address.number.map(|number| format!("{}-{}", number.first, number.last));
        let dwelling = number.unwrap_or_else(|| address.building.as_str().to_owned());
        let code = match home.postcode {
            crate::normalise::postcode::Postcode::British(code) => Some(code.packed()),
            _ => None,
        };
        let by_address = code.filter(|_| !dwelling.is_empty());
        let by_address = by_address.map(|code| HomeKey(format!("a{code}/{dwelling}/{}", address.flat.as_str())));
        by_uprn.into_iter().chain(by_address).collect()
    }

    fn of_row(row: &Row<'_>) -> Vec<HomeKey> {
        let mut home = Home::default();
        identity::home(row, &mut Faults::default(), &mut home);
        HomeKey::all(&home)
    }
}

/// The most accounts that are shown at one address. A postcode of a tower block without flat numbers has hundreds.
const MOST_NEIGHBOURS: usize = 20;

impl Records {
    /// Keeps the rows of these claims.
    pub(crate) fn read_benefits(
        &mut self,
        files: &[&InputFile],
        claims: &HashSet<&str>,
        progress: &dyn Progress,
    ) -> Result<(), PipelineError> {
        let mut before = 0;
        for file in files {
            let chunks = read(file, &BENEFITS, progress, || ClaimRows { claims, rows: 0, kept: Vec::new() });
            for chunk in chunks.map_err(|source| PipelineError::Unreadable { input: "benefits", source })? {
                self.benefits.extend(chunk.kept.into_iter().map(|(row, record)| (before + row, record)));
                before += chunk.rows;
            }
        }
        Ok(())
    }

    /// Keeps the rows of these accounts of one supplier, and returns the homes that they state.
    pub(crate) fn read_accounts(
        &mut self,
        files: &[InputFile],
        accounts: &HashSet<&str>,
        progress: &dyn Progress,
    ) -> Result<HashSet<HomeKey>, intake::IntakeError> {
        let mut homes = HashSet::new();
        let mut own: HashMap<Box<str>, Vec<(u64, Record)>> = HashMap::new();
        for file in files {
            let chunks = read(file, &CUSTOMERS, progress, || AccountRows { accounts, kept: Vec::new() })?;
            for AccountRow { customer_ref, fingerprint, record, home } in chunks.into_iter().flat_map(|own| own.kept) {
                homes.extend(home);
                let rows = own.entry(customer_ref).or_default();
                if rows.iter().all(|(other, _)| *other != fingerprint) {
                    rows.push((fingerprint, record));
                }
            }
        }
        let bare = |rows: Vec<(u64, Record)>| rows.into_iter().map(|(_, record)| record).collect();
        self.customers.push(own.into_iter().map(|(reference, rows)| (reference, bare(rows))).collect());
        Ok(homes)
    }

    /// Keeps the rows of all accounts of one supplier that state one of these homes.
    pub(crate) fn read_neighbours(
        &mut self,
        supplier: usize,
        files: &[InputFile],
        homes: &HashSet<HomeKey>,
        progress: &dyn Progress,
    ) -> Result<(), intake::IntakeError> {
        let codes: HashSet<u64> = homes.iter().map(HomeKey::area).collect();
        for file in files {
            let chunks = read(file, &CUSTOMERS, progress, || NeighbourRows { homes, codes: &codes, kept: Vec::new() })?;
            for (key, customer_ref, record) in chunks.into_iter().flat_map(|own| own.kept) {
                let all = self.neighbours.entry(key).or_default();
                if all.len() < MOST_NEIGHBOURS {
                    all.push(Neighbour { supplier, customer_ref, record });
                }
            }
        }
        Ok(())
    }

    /// The row of a benefit file.
    pub(crate) fn benefit(&self, row: u32) -> Option<&Record> {
        self.benefits.get(&row)
    }

    /// The different rows of an account.
    pub(crate) fn account(&self, supplier: usize, customer_ref: &str) -> &[Record] {
        self.customers.get(supplier).and_then(|own| own.get(customer_ref)).map_or(&[], Vec::as_slice)
    }

    /// The other accounts at the addresses that an account states, each once.
    pub(crate) fn neighbours(&self, supplier: usize, customer_ref: &str) -> Vec<&Neighbour> {
        let mut found: Vec<&Neighbour> = Vec::new();
        for record in self.account(supplier, customer_ref) {
            for key in record.homes() {
                found.extend(self.neighbours.get(&key).into_iter().flatten());
            }
        }
        found.retain(|other| (other.supplier, &*other.customer_ref) != (supplier, customer_ref));
        found.sort_by(|one, other| (one.supplier, &one.customer_ref).cmp(&(other.supplier, &other.customer_ref)));
        found.dedup_by(|one, other| (one.supplier, &one.customer_ref) == (other.supplier, &other.customer_ref));
        found
    }
}

impl Record {
    fn homes(&self) -> Vec<HomeKey> {
        let lines = [
            Column::AddressLine1,
            Column::AddressLine2,
            Column::AddressLine3,
            Column::AddressLine4,
            Column::AddressLine5,
        ];
        let home = Home {
            postcode: crate::normalise::postcode::postcode(self.get(Column::Postcode)).known().unwrap_or_default(),
            uprn: crate::normalise::uprn::uprn(self.get(Column::Uprn)).known(),
            address: crate::normalise::address::address(&lines.map(|line| self.get(line)), self.get(Column::Town)),
        };
        HomeKey::all(&home)
    }
}

impl HomeKey {
    /// A number that the postcode or the UPRN of the home gives: most rows are ruled out by it, before their address
    /// is taken apart.
    fn area(&self) -> u64 {
        let text = self.0.split('/').next().unwrap_or_default();
        crate::fingerprint::fingerprint(text.as_bytes())
    }

    fn areas_of_row(row: &Row<'_>) -> [u64; 2] {
        let uprn = crate::normalise::uprn::uprn(row.get(Column::Uprn)).known();
        let by_uprn = uprn.map_or(String::new(), |uprn| format!("u{}", uprn.number()));
        let code = crate::normalise::postcode::postcode(row.get(Column::Postcode)).known();
        let by_code = match code {
            Some(crate::normalise::postcode::Postcode::British(code)) => format!("a{}", code.packed()),
            _ => String::new(),
        };
        [by_uprn, by_code].map(|text| crate::fingerprint::fingerprint(text.as_bytes()))
    }
}

/// Reads a file once more, and makes sure that it is the one that was matched.
fn read<C: Consumer>(
    file: &InputFile,
    table: &'static Table,
    progress: &dyn Progress,
    consumer: impl Fn() -> C + Sync,
) -> Result<Vec<C>, intake::IntakeError> {
    let read = intake::read(&file.path, table, &file.columns, &ReadSettings::default(), progress, consumer)?;
    file.is_as_read(&read)?;
    Ok(read.consumers)
}

/// Takes the rows of some claims, with their places in the chunk among the rows that are not rejected.
struct ClaimRows<'a> {
    claims: &'a HashSet<&'a str>,
    rows: u32,
    kept: Vec<(u32, Record)>,
}

impl Consumer for ClaimRows<'_> {
    fn take(&mut self, row: &Row<'_>, _faults: &mut Faults) {
        let Some(claim_ref) = row.reference(Column::ClaimRef) else { return };
        if self.claims.contains(claim_ref) {
            self.kept.push((self.rows, Record::new(row, columns(&BENEFITS))));
        }
        self.rows += 1;
    }
}

/// Takes the rows of some accounts.
struct AccountRows<'a> {
    accounts: &'a HashSet<&'a str>,
    kept: Vec<AccountRow>,
}

struct AccountRow {
    customer_ref: Box<str>,
    fingerprint: u64,
    record: Record,
    home: Vec<HomeKey>,
}

impl Consumer for AccountRows<'_> {
    fn take(&mut self, row: &Row<'_>, _faults: &mut Faults) {
        let Some(customer_ref) = row.reference(Column::CustomerRef) else { return };
        if self.accounts.contains(customer_ref) {
            self.kept.push(AccountRow {
                customer_ref: customer_ref.into(),
                fingerprint: row.fingerprint(),
                record: Record::new(row, columns(&CUSTOMERS)),
                home: HomeKey::of_row(row),
            });
        }
    }
}

/// Takes the rows of all accounts at some homes.
struct NeighbourRows<'a> {
    homes: &'a HashSet<HomeKey>,
    codes: &'a HashSet<u64>,
    kept: Vec<(HomeKey, Box<str>, Record)>,
}

impl Consumer for NeighbourRows<'_> {
    fn take(&mut self, row: &Row<'_>, _faults: &mut Faults) {
        if !HomeKey::areas_of_row(row).iter().any(|area| self.codes.contains(area)) {
            return;
        }
        let Some(customer_ref) = row.reference(Column::CustomerRef) else { return };
        for key in HomeKey::of_row(row).into_iter().filter(|key| self.homes.contains(key)) {
            self.kept.push((key, customer_ref.into(), Record::new(row, columns(&CUSTOMERS))));
        }
    }
}
