//! Writes the nation's files: all cores make blocks, and one thread writes them in order.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};

use rayon::prelude::*;

use super::benefit_rows::{self, BenefitRows};
use super::block::{Plan, purpose};
use super::claims::{CORE_1, CORE_2};
use super::customer_rows::{self, CustomerRows, Customers, Style, supplier_id};
use super::draw::Draw;
use super::{Nation, SynthError, Written};
use crate::progress::Progress;

/// Blocks made at a time, on all cores together.
const BLOCKS_AT_A_TIME: u64 = 32;
/// Blocks whose benefit rows are shuffled together. Real suppliers and benefit offices have no common order.
/// If the two sides had one, a match would find what it needs in the processor's cache more often than in
/// real use.
const BLOCKS_SHUFFLED: usize = 512;
const BUFFER: usize = 1 << 18;

/// Writes a nation to a folder, which is created if missing and must be empty otherwise: `job.toml`,
/// `benefits.csv`, `properties.csv`, `suppliers/<id>.csv` and `truth.csv` (`supplier,customer_ref,eligible`).
///
/// Runs on rayon's current thread pool and one more thread; the bytes do not depend on either.
///
/// # Errors
/// [`SynthError`] if the nation is impossible or too large, the folder is not empty, or a file cannot be
/// written. What was written until then stays.
pub fn write(nation: &Nation, out: &Path, progress: &dyn Progress) -> Result<Written, SynthError> {
    let plan = Plan::new(nation)?;
    let files = Files::create(nation, out)?;
    progress.begin("synthetic nation", nation.customers + nation.benefits);
    let written = std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(2);
        let writer = scope.spawn(move || files.take(&receiver, nation, out, progress));
        let customers = Customers::new(&plan);
        for first in (0..plan.blocks).step_by(BLOCKS_AT_A_TIME as usize) {
            let last = plan.blocks.min(first + BLOCKS_AT_A_TIME);
            let made: Vec<_> = (first..last)
                .into_par_iter()
                .map(|number| {
                    let block = plan.settle(number);
                    let benefits = benefit_rows::write(&plan, number, &block);
                    (customers.write(number, &block), benefits)
                })
                .collect();
            // Sending fails only if the writer has met an error, which it returns.
            if sender.send(made).is_err() {
                break;
            }
        }
        drop(sender);
        writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    progress.end();
    written
}

type Made = Vec<(CustomerRows, BenefitRows)>;

/// A file being written, with its path for errors.
struct Output {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Output {
    fn create(path: PathBuf, header: &str) -> Result<Self, SynthError> {
        let file = File::create_new(&path).map_err(fault(&path))?;
        let mut output = Output { path, file: BufWriter::with_capacity(BUFFER, file) };
        output.write(header.as_bytes())?;
        Ok(output)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), SynthError> {
        self.file.write_all(bytes).map_err(fault(&self.path))
    }

    fn finish(&mut self) -> Result<(), SynthError> {
        self.file.flush().map_err(fault(&self.path))
    }
}

fn fault(path: &Path) -> impl FnOnce(std::io::Error) -> SynthError {
    let path = path.to_owned();
    move |reason| SynthError::File { path, reason }
}

/// All files of a nation.
struct Files {
    suppliers: Vec<Output>,
    truth: Output,
    benefits: Output,
    properties: Output,
    /// Benefit rows that wait to be shuffled.
    waiting: Vec<BenefitRows>,
    shuffles: u64,
    /// The benefits that occur.
    found: BTreeSet<&'static str>,
}

impl Files {
    fn create(nation: &Nation, out: &Path) -> Result<Self, SynthError> {
        let folder = out.join("suppliers");
        if out.exists() && std::fs::read_dir(out).map_err(fault(out))?.next().is_some() {
            return Err(SynthError::NotEmpty(out.to_owned()));
        }
        std::fs::create_dir_all(&folder).map_err(fault(&folder))?;
        let suppliers = (0..nation.suppliers as u16)
            .map(|supplier| {
                let own = Style::new(supplier).own_headings();
                let headings: Vec<&str> = customer_rows::COLUMNS
                    .iter()
                    .map(|(column, heading)| if own { *heading } else { *column })
                    .collect();
                let name = format!("{}.csv", &*supplier_id(supplier, nation.suppliers));
                Output::create(folder.join(name), &(headings.join(",") + "\n"))
            })
            .collect::<Result<_, _>>()?;
        Ok(Files {
            suppliers,
            truth: Output::create(out.join("truth.csv"), "supplier,customer_ref,eligible\n")?,
            benefits: Output::create(out.join("benefits.csv"), benefit_rows::COLUMNS)?,
            properties: Output::create(out.join("properties.csv"), "uprn,energy_cost_score\n")?,
            waiting: Vec::new(),
            shuffles: 0,
            found: BTreeSet::new(),
        })
    }

    fn take(
        mut self,
        made: &Receiver<Made>,
        nation: &Nation,
        out: &Path,
        progress: &dyn Progress,
    ) -> Result<Written, SynthError> {
        let seed = nation.seed;
        let mut written = Written::default();
        for (customers, benefits) in made.iter().flatten() {
            for (output, bytes) in self.suppliers.iter_mut().zip(&customers.suppliers) {
                output.write(bytes)?;
            }
            self.truth.write(&customers.truth)?;
            self.properties.write(&benefits.properties)?;
            written.customers += customers.rows;
            written.eligible += customers.eligible;
            written.benefits += benefits.ends.len() as u64;
            progress.advance(customers.rows + benefits.ends.len() as u64);
            self.found.extend(&benefits.benefits);
            self.waiting.push(benefits);
            if self.waiting.len() == BLOCKS_SHUFFLED {
                self.write_benefits(seed)?;
            }
        }
        self.write_benefits(seed)?;
        for output in &mut self.suppliers {
            output.finish()?;
        }
        self.truth.finish()?;
        self.properties.finish()?;
        self.benefits.finish()?;
        Output::create(out.join("job.toml"), &job(nation, &self.found))?.finish()?;
        Ok(written)
    }

    /// Writes the waiting benefit rows in random order.
    fn write_benefits(&mut self, seed: u64) -> Result<(), SynthError> {
        let mut rows: Vec<(u32, u32)> = self
            .waiting
            .iter()
            .enumerate()
            .flat_map(|(block, benefits)| (0..benefits.ends.len() as u32).map(move |row| (block as u32, row)))
            .collect();
        Draw::new(seed, self.shuffles, purpose::ORDER).shuffle(&mut rows);
        self.shuffles += 1;
        for (block, row) in rows {
            let benefits = &self.waiting[block as usize];
            let row = row as usize;
            let start = if row == 0 { 0 } else { benefits.ends[row - 1] as usize };
            self.benefits.write(&benefits.bytes[start..benefits.ends[row] as usize])?;
        }
        self.waiting.clear();
        Ok(())
    }
}

/// The text of the job file. It names only benefits that occur: in a small nation nobody may be on a rare
/// one, and a run would take its code for a typing slip.
fn job(nation: &Nation, found: &BTreeSet<&str>) -> String {
    let quoted = |benefits: &[&str]| {
        let is_found = benefits.iter().copied().filter(|code| found.contains(code)).collect::<Vec<_>>();
        let named = if is_found.is_empty() { benefits } else { &is_found };
        format!("[\"{}\"]", named.join("\", \""))
    };
    let mut text = format!(
        "# A synthetic nation. Nobody in it exists.\n\
         [[scheme]]\nid = \"whd-2026\"\nname = \"Warm Home Discount 2026-27\"\nqualifying_date = {}\n\
         [[scheme.group]]\nid = \"core-1\"\nbenefits = {}\n\
         [[scheme.group]]\nid = \"core-2\"\nbenefits = {}\n\n\
         [benefits]\nfiles = [\"benefits.csv\"]\n\n[properties]\nfiles = [\"properties.csv\"]\n",
        super::qualifying_date(),
        quoted(CORE_1),
        quoted(CORE_2),
    );
    for supplier in 0..nation.suppliers as u16 {
        let id = supplier_id(supplier, nation.suppliers);
        text += &format!("\n[[supplier]]\nid = \"{}\"\nfiles = [\"suppliers/{}.csv\"]\n", &*id, &*id);
        if Style::new(supplier).own_headings() {
            let columns: Vec<String> =
                customer_rows::COLUMNS.iter().map(|(column, heading)| format!("{column} = \"{heading}\"")).collect();
            text += &format!("columns = {{ {} }}\n", columns.join(", "));
        }
    }
    text += "\n[output]\ndirectory = \"out\"\n";
    text
}
