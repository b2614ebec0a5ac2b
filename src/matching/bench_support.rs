//! Runs each stage of matching by itself, for `benches/` to measure. Each method does one stage's work for all
//! identities and returns how much it produced.

use std::hint::black_box;

use super::hash::{Digest, RunKey};
use super::index::{Entries, Index};
use super::key::{KeyMaker, Keys};
use super::matcher::{Found, Matcher};
use super::model::Model;
use super::persons::{BenefitPerson, BenefitPersons, Persons, Role};
use crate::date::Date;
use crate::normalise::{Identity, View};

/// Benefit rows and holders, with what each stage needs from the stages before it.
pub struct Workbench {
    rows: Vec<Identity>,
    holders: Vec<Identity>,
    key: RunKey,
    keys: Keys,
    /// The row of each key.
    row_of: Vec<u32>,
    digests: Vec<Digest>,
    tried: Vec<Digest>,
    index: Index,
    matcher: Matcher,
}

/// Holders that are matched at a time, as in a run.
const BATCH: usize = 128;

impl Workbench {
    /// Prepares every stage for these benefit rows and holders; ages are computed for `today`.
    pub fn new(rows: Vec<Identity>, holders: Vec<Identity>, today: Date) -> Workbench {
        let key = RunKey::from_bytes(&[7; blake3::KEY_LEN]);
        let mut parts = BenefitPersons::default();
        for (number, identity) in rows.iter().enumerate() {
            let claim_ref = &number.to_string();
            parts.push(&key, &BenefitPerson { claim_ref, person_ref: "", role: Role::Claimant, identity });
        }
        parts.finish(&key);
        let own_key = RunKey::from_bytes(&[7; blake3::KEY_LEN]);
        let matcher = Matcher::new(own_key, Persons::gather(vec![parts]), Model::shipped(), Some(today));
        let mut bench = Workbench {
            rows,
            holders,
            key,
            keys: Keys::default(),
            row_of: Vec::new(),
            digests: Vec::new(),
            tried: Vec::new(),
            index: Index::default(),
            matcher,
        };
        let mut maker = KeyMaker::default();
        for (row, identity) in (0..).zip(&bench.rows) {
            maker.of_person(&identity.view(), &mut bench.keys);
            bench.row_of.resize(bench.keys.blocks().len(), row);
        }
        bench.key.digest_all(bench.keys.blocks(), &mut bench.digests);
        let mut keys = Keys::default();
        for identity in &bench.holders {
            let view = identity.view();
            let known = maker.known(&view.name);
            maker.of_holder(&view, &known, &mut keys);
        }
        bench.key.digest_all(keys.blocks(), &mut bench.tried);
        bench.index = bench.built();
        bench
    }

    /// How many match keys the benefit rows have.
    pub fn key_count(&self) -> usize {
        self.row_of.len()
    }

    /// How many match keys the holders try.
    pub fn tried_count(&self) -> usize {
        self.tried.len()
    }

    /// How many holders there are.
    pub fn holder_count(&self) -> usize {
        self.holders.len()
    }

    /// Makes the keys of all benefit rows.
    pub fn make_keys(&self) -> usize {
        let mut maker = KeyMaker::default();
        let (mut keys, mut count) = (Keys::default(), 0);
        for some in self.rows.chunks(BATCH) {
            keys.clear();
            some.iter().for_each(|identity| maker.of_person(&identity.view(), &mut keys));
            count += black_box(keys.blocks()).len();
        }
        count
    }

    /// Hashes those keys.
    pub fn hash(&self) -> usize {
        let mut digests = Vec::with_capacity(self.row_of.len());
        self.key.digest_all(self.keys.blocks(), &mut digests);
        digests.len()
    }

    /// Builds the index of those keys.
    pub fn build(&self) {
        black_box(self.built());
    }

    fn built(&self) -> Index {
        let mut entries = Entries::new();
        for (digest, (kind, row)) in self.digests.iter().zip(self.keys.kinds().iter().zip(&self.row_of)) {
            entries.push(*digest, *kind, *row);
        }
        Entries::into_index(vec![entries])
    }

    /// Looks up the keys of all holders, and returns how many the index has.
    pub fn probe(&self) -> usize {
        let mut hits = Vec::new();
        let batches = self.tried.chunks(8 * BATCH);
        batches
            .map(|digests| {
                self.index.look_up(digests, &mut hits);
                hits.len()
            })
            .sum()
    }

    /// Makes keys, hashes, looks up and scores for all holders, and returns the number of candidates.
    pub fn find(&self) -> usize {
        let (mut scratch, mut found) = (self.matcher.scratch(), Found::default());
        let mut count = 0;
        for holders in self.holders.chunks(BATCH) {
            let views: Vec<View<'_>> = holders.iter().map(Identity::view).collect();
            self.matcher.find(&views, &mut scratch, &mut found);
            count += found.candidates.len();
            found.candidates.clear();
        }
        self.matcher.take_back(scratch);
        count
    }
}
