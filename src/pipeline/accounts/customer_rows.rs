//! Reads rows of customer files into holders, and finds their candidates.
//!
//! A row that is on supply in no scheme is dropped here, before any match key is made. Only its reference
//! stays, since the account still gets its `N`.

use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

use arrayvec::ArrayVec;
use foldhash::fast::RandomState;

use crate::date::Date;
use crate::intake::{Column, Consumer, FaultReason, Faults, Row};
use crate::matching::{Found, KeyCounts, Matcher, Sampling, Scratch};
use crate::normalise::name::Named;
use crate::normalise::uprn::Uprn;
use crate::normalise::{Home, View};
use crate::pipeline::accounts::change_detection::ChangeDetector;
use crate::pipeline::accounts::customer_chunk::{CustomerChunk, CustomerRow};
use crate::pipeline::accounts::traits::{PackedTraits, Traits};
use crate::pipeline::inputs::identity;
use crate::scheme::EnergyScores;

/// Context for reading every chunk of a customer file.
pub(crate) struct CustomerReading<'a> {
    matcher: &'a Matcher,
    scores: &'a EnergyScores,
    /// Qualifying dates by scheme. `None` if the supplier does not take part in the scheme.
    qualifying_dates: Vec<Option<Date>>,
    latest_birth: Date,
    /// Detects changes and probing, if the job asks.
    detector: Option<&'a ChangeDetector<'a>>,
    /// Chooses the holders from whom decoys are made, if there are to be any.
    sampling: Option<&'a Sampling>,
    hasher: RandomState,
    counts: Mutex<KeyCounts>,
    /// Lists that are free for the next chunk.
    idle: Mutex<Vec<Lists>>,
}

impl<'a> CustomerReading<'a> {
    pub(crate) fn new(
        matcher: &'a Matcher,
        scores: &'a EnergyScores,
        qualifying_dates: Vec<Option<Date>>,
        latest_birth: Date,
        detector: Option<&'a ChangeDetector<'a>>,
        sampling: Option<&'a Sampling>,
    ) -> CustomerReading<'a> {
        CustomerReading {
            matcher,
            scores,
            qualifying_dates,
            latest_birth,
            detector,
            sampling,
            hasher: RandomState::default(),
            counts: Mutex::default(),
            idle: Mutex::default(),
        }
    }

    /// A consumer for one chunk of a file.
    pub(crate) fn rows(&self) -> CustomerRows<'_> {
        let lists = self.idle().pop().unwrap_or_default();
        CustomerRows {
            reading: self,
            scratch: self.matcher.scratch(),
            lists,
            donor_limit: self.sampling.map_or(0, Sampling::limit),
            done: CustomerChunk::default(),
            counts: KeyCounts::default(),
        }
    }

    /// Counts by kind of match key, once all chunks are read.
    pub(crate) fn key_counts(&self) -> KeyCounts {
        *self.counts()
    }

    fn counts(&self) -> MutexGuard<'_, KeyCounts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Lists>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the rows of a chunk of a customer file.
pub(crate) struct CustomerRows<'a> {
    reading: &'a CustomerReading<'a>,
    scratch: Scratch,
    lists: Lists,
    /// The fingerprint below which a row may give a donor of decoys.
    donor_limit: u64,
    /// What was read and found, once the chunk is finished.
    done: CustomerChunk,
    /// Counts by kind of match key.
    counts: KeyCounts,
}

/// Rows as they are read, and holders who wait to be matched. The lists are reused from chunk to chunk, so that
/// they need not grow again.
#[derive(Default)]
struct Lists {
    part: CustomerChunk,
    holders: Vec<HolderInBatch>,
    /// The rows that name them: the first [`Lists::read`]. The others are overwritten, since copying what was just
    /// written would make the processor wait.
    rows: Vec<RowInBatch>,
    read: usize,
    /// The rows whose energy-cost scores are to be looked up.
    properties: Vec<(u32, Uprn)>,
    found: Found,
}

/// What a row says of its holders.
#[derive(Default)]
struct RowInBatch {
    home: Home,
    named: Named,
    joint: Named,
}

/// A holder who waits to be matched.
struct HolderInBatch {
    birth_date: Option<Date>,
    /// The row, by its place among those of the batch.
    place: u32,
    /// The row, and the holder's number in it.
    owner: (u32, u8),
}

impl HolderInBatch {
    fn view<'a>(&self, rows: &'a [RowInBatch]) -> View<'a> {
        let RowInBatch { home: Home { postcode, uprn, address }, named, joint } = &rows[self.place as usize];
        let number = usize::from(self.owner.1);
        let name = named.people.get(number).unwrap_or_else(|| &joint.people[number - named.people.len()]);
        let (name, birth_date, address) = (name.view(), self.birth_date, address.view());
        View { name, birth_date, postcode: *postcode, uprn: *uprn, address }
    }
}

/// Holders that are matched at a time, so that their match keys are hashed together.
const BATCH: usize = 128;

/// Holders that one row may name: first and joint ones.
const MOST_HOLDERS: usize = 2 * Named::MOST;

impl CustomerRows<'_> {
    /// What was read and found, once the chunk is finished.
    pub(crate) fn into_part(self) -> CustomerChunk {
        self.reading.counts().add(&self.counts);
        self.done
    }

    fn on_supply(&self, row: &Row<'_>, faults: &mut Faults) -> u32 {
        let supply = identity::Supply::read(row, faults);
        let dates = (0..).zip(&self.reading.qualifying_dates);
        dates
            .filter(|(_, day)| day.is_some_and(|day| supply.covers(day)))
            .fold(0, |set, (scheme, _): (u32, _)| set | 1 << scheme)
    }

    fn match_holders(&mut self) {
        let Lists { part, holders, rows, read, properties, found } = &mut self.lists;
        // The last row of a batch may name several holders.
        let mut views = ArrayVec::<View<'_>, { BATCH + MOST_HOLDERS }>::new();
        views.extend(holders.iter().map(|holder| holder.view(rows)));
        self.reading.matcher.find(&views, &mut self.scratch, found);
        for mut candidate in found.candidates.drain(..) {
            let (row, number) = holders[candidate.holder as usize].owner;
            candidate.holder = u16::from(number);
            part.push_candidate(row, candidate);
        }
        for holder in found.cut_off.drain(..) {
            let (row, _) = holders[holder as usize].owner;
            part.rows[row as usize].cut_off = true;
        }
        // In one loop, so that the processor overlaps the loads from memory.
        for (row, uprn) in properties.drain(..) {
            part.set_energy_score(row, self.reading.scores.at(Some(uprn)));
        }
        holders.clear();
        *read = 0;
    }
}

impl Consumer for CustomerRows<'_> {
    fn take(&mut self, row: &Row<'_>, faults: &mut Faults) {
        let Some(reference) = row.reference(Column::CustomerRef) else {
            faults.reject(FaultReason::NoReference);
            return;
        };
        let mut kept = CustomerRow::on_supply(self.on_supply(row, faults));
        let Lists { part, holders, rows, read, properties, .. } = &mut self.lists;
        let number = part.rows.len() as u32;
        part.references.push(reference);
        part.reference_hashes.push(self.reading.hasher.hash_one(reference));
        let fingerprint = row.fingerprint();
        part.fingerprints.push(fingerprint);
        if kept.on_supply != 0 {
            if *read == rows.len() {
                rows.push(RowInBatch::default());
            }
            let RowInBatch { home, named, joint } = &mut rows[*read];
            identity::home(row, faults, home);
            identity::named(row, named);
            let birth_date = identity::born(row, Column::DateOfBirth, self.reading.latest_birth, faults);
            identity::joint(row, named, joint);
            let joint_birth_date = identity::born(row, Column::JointDateOfBirth, self.reading.latest_birth, faults);
            if !self.reading.scores.is_empty() {
                properties.extend(home.uprn.map(|uprn| (number, uprn)));
            }
            kept.traits = PackedTraits::pack(Traits::new(named, birth_date, home));
            for (named, birth_date) in [(named, birth_date), (joint, joint_birth_date)] {
                let alone = named.people.len() == 1;
                for person in 0..named.people.len() {
                    kept.couples |= u8::from(named.couple && alone) << kept.holders;
                    // A date of birth beside two names belongs to the first.
                    let birth_date = birth_date.filter(|_| person == 0);
                    holders.push(HolderInBatch { birth_date, place: *read as u32, owner: (number, kept.holders) });
                    kept.holders += 1;
                }
            }
            *read += 1;
            let own = &holders[holders.len() - usize::from(kept.holders)..];
            if let Some(first) = own.first() {
                part.donors.offer(self.donor_limit, (fingerprint, kept.on_supply), || first.view(rows));
            }
            if let Some(detector) = self.reading.detector {
                let views: ArrayVec<View<'_>, MOST_HOLDERS> = own.iter().map(|holder| holder.view(rows)).collect();
                kept.mark = detector.see(reference, &views, &mut part.duplicates);
            }
        }
        part.rows.push(kept);
        if holders.len() >= BATCH {
            self.match_holders();
        }
    }

    fn finish(&mut self) {
        self.match_holders();
        if let Some(sampling) = self.reading.sampling {
            sampling.count(&self.lists.part.donors);
        }
        self.done = self.lists.part.take_all();
        self.reading.idle().push(std::mem::take(&mut self.lists));
        // Added to the shared counts only once the file was read correctly: it may have to be read again.
        self.counts = self.reading.matcher.take_back(std::mem::take(&mut self.scratch));
    }
}
