//! Finds the candidates of holders, a few hundred holders at a time: the persons that share a match key with each,
//! with evidence and weight.

mod pair;

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::evidence::{Evidence, Levels};
use super::hash::{Digest, RunKey};
use super::index::{Entries, Hit, Index};
use super::key::{KeyKind, KeyMaker, Keys, KnownName};
use super::model::Model;
use super::persons::Persons;
use super::term_frequency::TermFrequencies;
use super::weights::Weights;
use crate::date::Date;
use crate::normalise::View;
use pair::ComparedHolder;

/// Candidates below these odds (log2, with the prior) are dropped: all of them together could not change a
/// posterior by a thousandth.
const LEAST_ODDS: f64 = -14.0;

/// Rows whose keys one worker makes at a time: as many as fit the cache.
const ROWS_A_PART: usize = 1 << 9;

/// The tolerance, in bits, for sums that are added up in another order.
const ROUNDING: f64 = 1e-3;

/// A person who may be a holder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    /// The holder, by number in the batch, and later in the row that names them.
    pub(crate) holder: u16,
    /// The person.
    pub(crate) person: u32,
    /// The person's row that agrees best.
    pub(crate) row: u32,
    /// Match weight in bits.
    pub(crate) weight: f32,
    /// The part of the weight that the date of birth gave.
    pub(crate) birth_date_weight: f32,
    /// The part of the weight that forename and date of birth gave: what counts if surname and home are
    /// known from another member of the household.
    pub(crate) own_weight: f32,
    /// The person's age in years on the latest qualifying date; `None` if that or their date of birth is unknown.
    pub(crate) age: Option<u8>,
    /// The evidence, packed.
    pub(crate) levels: Levels,
    /// The kinds of key that the pair shares, one bit each.
    pub(crate) keys: u16,
}

const _: () = assert!(size_of::<Candidate>() == 32, "a nation has tens of millions: two in a line of the cache");

/// What was found for a batch of holders.
#[derive(Default)]
pub(crate) struct Found {
    /// Candidates by holder.
    pub(crate) candidates: Vec<Candidate>,
    /// Holders that lost candidates because too many rows share a key.
    pub(crate) cut_off: Vec<u16>,
}

/// Working memory of one thread, with its cache of words.
#[derive(Default)]
pub(crate) struct Scratch {
    maker: KeyMaker,
    /// What is known of the holders' names.
    names: Vec<KnownName>,
    keys: Keys,
    /// The holder or row of each key.
    owners: Vec<u32>,
    digests: Vec<Digest>,
    hits: Vec<Hit>,
    rows: Vec<Met>,
    /// The keys of the row that is being compared.
    own: Keys,
    counts: KeyCounts,
}

/// A row that seems to share a key with a holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Met {
    holder: u32,
    row: u32,
    /// The key, by its place among those of the batch.
    probe: u32,
    /// Too many rows share the key.
    cut_off: bool,
}

/// Keys tried, pairs compared and candidates met, by kind of key.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct KeyCounts {
    tried: [u64; KeyKind::ALL.len()],
    compared: [u64; KeyKind::ALL.len()],
    met: [u64; KeyKind::ALL.len()],
    /// Pairs compared, each once however many keys it shares.
    pairs: u64,
}

impl KeyCounts {
    /// How many keys of the kind were looked up.
    pub(crate) fn tried(&self, kind: KeyKind) -> u64 {
        self.tried[kind as usize]
    }

    /// How many pairs of a holder and a benefit row keys of the kind led to.
    pub(crate) fn compared(&self, kind: KeyKind) -> u64 {
        self.compared[kind as usize]
    }

    /// How many pairs were compared, each counted once.
    pub(crate) fn pairs(&self) -> u64 {
        self.pairs
    }

    /// How many benefit rows keys of the kind found that were alike enough to keep.
    pub(crate) fn met(&self, kind: KeyKind) -> u64 {
        self.met[kind as usize]
    }

    pub(crate) fn add(&mut self, other: &KeyCounts) {
        for kind in 0..KeyKind::ALL.len() {
            self.tried[kind] += other.tried[kind];
            self.compared[kind] += other.compared[kind];
            self.met[kind] += other.met[kind];
        }
        self.pairs += other.pairs;
    }
}

/// Finds candidates among the persons of a run.
pub(crate) struct Matcher {
    key: RunKey,
    persons: Persons,
    index: Index,
    frequencies: TermFrequencies,
    model: Model,
    /// The day for which ages are computed.
    today: Option<Date>,
    /// Keys for sparse records are made.
    sparse: bool,
    /// Working memory that no thread is using.
    idle: Mutex<Vec<Scratch>>,
}

impl Matcher {
    /// Indexes the persons under the run's key. Ages are computed for `today`, the latest qualifying date; without it
    /// they are unknown.
    pub(crate) fn new(key: RunKey, mut persons: Persons, model: Model, today: Option<Date>) -> Matcher {
        let frequencies = TermFrequencies::new(&persons);
        let sparse = persons.are_sparse();
        let (entries, idle) = entries(&key, &mut persons, &frequencies, sparse);
        let index = Entries::into_index(entries);
        Matcher { sparse, key, persons, index, frequencies, model, today, idle: Mutex::new(idle) }
    }

    /// The persons that holders are compared with.
    pub(crate) fn persons(&self) -> &Persons {
        &self.persons
    }

    /// The weights, prior and unseen persons in use.
    pub(crate) fn model(&self) -> &Model {
        &self.model
    }

    /// How many keys of a kind found nothing because too many rows share them.
    pub(crate) fn left_out(&self, kind: KeyKind) -> u64 {
        self.index.left_out(kind)
    }

    /// How many keys lost candidates that matter because too many rows share them.
    pub(crate) fn keys_left_out(&self) -> u64 {
        KeyKind::ALL.into_iter().filter(|kind| kind.cut_off_matters()).map(|kind| self.left_out(kind)).sum()
    }

    /// Finds the candidates of a batch of up to 65,536 holders, and appends them in the order of the holders.
    pub(crate) fn find(&self, holders: &[View<'_>], scratch: &mut Scratch, found: &mut Found) {
        assert!(holders.len() <= 1 << u16::BITS, "a candidate has room for the holder's number");
        let Scratch { maker, names, keys, owners, digests, hits, rows, own, counts } = scratch;
        keys.clear();
        owners.clear();
        digests.clear();
        names.clear();
        names.extend(holders.iter().map(|holder| maker.known(&holder.name)));
        for ((holder, identity), known) in (0..).zip(holders).zip(names.iter()) {
            maker.of_holder(identity, known, keys);
            owners.resize(keys.blocks().len(), holder);
        }
        keys.kinds().iter().for_each(|kind| counts.tried[*kind as usize] += 1);
        self.key.digest_all(keys.blocks(), digests);
        self.index.look_up(digests, hits);
        rows.clear();
        for hit in hits.iter() {
            let (probe, holder) = (hit.number() as u32, owners[hit.number()]);
            let entries = self.index.entries(*hit);
            rows.extend(entries.map(|entry| {
                self.persons.prefetch_place(entry.row());
                Met { holder, row: entry.row(), probe, cut_off: entry.is_cut_off() }
            }));
        }
        // A batch's rows lie all over memory. Prefetching all of them first lets the waits overlap.
        rows.iter().for_each(|met| self.persons.prefetch(met.row));
        // They are in the order of the holders.
        for of_holder in rows.chunk_by_mut(|one, other| one.holder == other.holder) {
            of_holder.sort_unstable();
            let holder = of_holder[0].holder;
            let identity = &holders[holder as usize];
            let mut compared = ComparedHolder::new(holder as u16, identity);
            let first = found.candidates.len();
            let mut cut_off = false;
            for same_row in of_holder.chunk_by(|one, other| one.row == other.row) {
                let row = same_row[0].row;
                let (facts, person) = self.persons.row(row);
                let scored = self.pair(&mut compared, row, &facts, &person);
                counts.pairs += 1;
                let kind_of = |met: &Met| keys.kinds()[met.probe as usize];
                same_row.iter().for_each(|met| counts.compared[kind_of(met) as usize] += 1);
                // The keys of a dropped row matter only if one of them was cut off.
                if scored.is_none() && !same_row.iter().any(|met| met.cut_off) {
                    continue;
                }
                // The index compares only some bits of a key: here the whole key is compared.
                let in_doubt = |met: &&Met| met.cut_off || !kind_of(met).is_surely_shared(identity, &person);
                own.clear();
                if same_row.iter().any(|met| in_doubt(&met)) {
                    let kinds = same_row.iter().filter(in_doubt).fold(0, |kinds, met| kinds | kind_of(met).bit());
                    maker.of_person_among(kinds, &person, own);
                }
                let has = |met: &&Met| own.blocks().contains(&keys.blocks()[met.probe as usize]);
                let mut shared = 0;
                for met in same_row.iter().filter(|met| !in_doubt(met) || has(met)) {
                    if met.cut_off {
                        cut_off = true;
                    } else {
                        counts.met[kind_of(met) as usize] += 1;
                        shared |= kind_of(met).bit();
                    }
                }
                if let Some(scored) = scored.filter(|_| shared != 0) {
                    self.keep_best(Candidate { keys: shared, ..scored }, &mut found.candidates, first);
                }
            }
            if cut_off {
                found.cut_off.push(holder as u16);
            }
        }
    }

    /// Frees the memory that only the search for candidates needs.
    pub(crate) fn forget_keys(&mut self) {
        self.index.forget();
        self.frequencies = TermFrequencies::default();
        self.idle().clear();
    }

    /// Lends working memory.
    pub(crate) fn scratch(&self) -> Scratch {
        let mut scratch = self.idle().pop().unwrap_or_default();
        scratch.maker.set_sparse(self.sparse);
        scratch
    }

    /// Takes working memory back, and returns its counts by kind of key.
    pub(crate) fn take_back(&self, mut scratch: Scratch) -> KeyCounts {
        let counts = std::mem::take(&mut scratch.counts);
        self.idle().push(scratch);
        counts
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Scratch>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a person's best row among a holder's candidates, which begin at `first`: the one that leaves unseen
    /// persons least room, then the heavier.
    fn keep_best(&self, scored: Candidate, candidates: &mut Vec<Candidate>, first: usize) {
        match candidates[first..].iter_mut().find(|other| other.person == scored.person) {
            None => candidates.push(scored),
            Some(other) => {
                let keys = other.keys | scored.keys;
                let rank = |candidate: &Candidate| (self.model.lead(candidate), candidate.weight, candidate.levels);
                if rank(&scored) > rank(other) {
                    *other = scored;
                }
                other.keys = keys;
            }
        }
    }

    /// The age in years on the latest qualifying date, if both dates are known.
    pub(crate) fn age(&self, born: Option<Date>) -> Option<u8> {
        self.today.zip(born).map(|(today, born)| age(today, born))
    }
}

/// Makes and hashes the keys of all rows, and notes how common the rows' names are, on all cores. Returns the working
/// memory too.
fn entries(
    key: &RunKey,
    persons: &mut Persons,
    frequencies: &TermFrequencies,
    sparse: bool,
) -> (Vec<Entries>, Vec<Scratch>) {
    // As many as there are threads: each has room to spare.
    let idle: Mutex<Vec<(Entries, Scratch)>> = Mutex::default();
    let lock = || idle.lock().unwrap_or_else(PoisonError::into_inner);
    persons.rows_to_note(ROWS_A_PART).for_each(|rows| {
        let last = lock().pop();
        let (mut entries, mut scratch) = last.unwrap_or_else(|| (Entries::new(), Scratch::default()));
        let Scratch { maker, keys, owners, digests, .. } = &mut scratch;
        maker.set_sparse(sparse);
        keys.clear();
        owners.clear();
        digests.clear();
        rows.each(|row, is_repeat, identity| {
            if !is_repeat {
                maker.of_person(identity, keys);
                owners.resize(keys.blocks().len(), row);
            }
            frequencies.of_name(&identity.name)
        });
        key.digest_all(keys.blocks(), digests);
        for (digest, (row, kind)) in digests.iter().zip(owners.iter().zip(keys.kinds())) {
            entries.push(*digest, *kind, *row);
        }
        lock().push((entries, scratch));
    });
    idle.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().unzip()
}

impl Candidate {
    /// How far each field agrees.
    pub(crate) fn evidence(&self) -> Evidence {
        Evidence::unpack(self.levels)
    }

    /// The candidate as other weights see them.
    pub(super) fn reweighed(&self, before: &Weights, now: &Weights) -> Candidate {
        let evidence = self.evidence();
        let gains = now.gains_over(before, &evidence);
        Candidate {
            weight: (f64::from(self.weight) + gains.all) as f32,
            birth_date_weight: (f64::from(self.birth_date_weight) + gains.birth_date) as f32,
            own_weight: (f64::from(self.own_weight) + gains.given + gains.birth_date) as f32,
            ..*self
        }
    }
}

/// The age in years on a day of somebody born on another.
fn age(today: Date, born: Date) -> u8 {
    let birthday_to_come = (born.month(), born.day()) > (today.month(), today.day());
    let years = today.year().saturating_sub(born.year() + u32::from(birthday_to_come));
    u8::try_from(years).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::persons::{BenefitPerson, BenefitPersons, Role};
    use super::*;
    use crate::normalise::Identity;
    use crate::normalise::uprn::Uprn;
    use crate::text::Word;
    use std::collections::HashMap;

    /// An identity with nothing but an initial, a surname and a UPRN: it has exactly one key.
    fn initial_at(property: u64) -> Identity {
        let mut identity = Identity::default();
        identity.name.given.push(Word::new("A"));
        identity.name.family.push(Word::new("OXENBRIDGE"));
        identity.home.uprn = Uprn::new(property);
        identity
    }

    /// Two properties whose keys an index of one entry cannot tell apart: their digests agree in the first
    /// 8 bits, which give the shard, and in the last 32, which are the tag.
    fn properties_that_seem_alike(key: &RunKey) -> (u64, u64) {
        let mut seen = HashMap::new();
        let (mut maker, mut keys, mut digests) = (KeyMaker::default(), Keys::default(), Vec::new());
        for from in (1_000_000..).step_by(1 << 12) {
            keys.clear();
            digests.clear();
            for property in from..from + (1 << 12) {
                maker.of_person(&initial_at(property).view(), &mut keys);
            }
            key.digest_all(keys.blocks(), &mut digests);
            assert_eq!(digests.len(), 1 << 12);
            for (property, digest) in (from..).zip(&digests) {
                if let Some(other) = seen.insert(((digest >> 120) as u8, *digest as u32), property) {
                    return (other, property);
                }
            }
        }
        unreachable!("there is no end of properties")
    }

    #[test]
    fn a_row_that_only_seems_to_have_a_key_is_not_met() {
        let key = RunKey::from_bytes(&[7; 32]);
        let (kept, tried) = properties_that_seem_alike(&key);
        let mut rows = BenefitPersons::default();
        let identity = initial_at(kept);
        rows.push(
            &key,
            &BenefitPerson { claim_ref: "C1", person_ref: "P1", role: Role::Claimant, identity: &identity },
        );
        rows.finish(&key);
        let matcher = Matcher::new(key, Persons::gather(vec![rows]), Model::shipped(), None);
        let met = |property| {
            let (mut scratch, mut found) = (Scratch::default(), Found::default());
            matcher.find(&[initial_at(property).view()], &mut scratch, &mut found);
            assert_eq!(scratch.hits.len(), 1, "the index holds it for known");
            (scratch.counts.met(KeyKind::UprnInitial), found.candidates.len())
        };
        assert_eq!(met(kept), (1, 1));
        assert_eq!(met(tried), (0, 0));
    }
}
