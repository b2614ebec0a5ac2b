//! Looks up holders who do not exist as accounts are looked up, and counts those who would be flagged: a run's wrong
//! flags, without truth.
//!
//! Decoys query the index and the benefit records, and nothing that is kept of an account changes.

use std::ops::AddAssign;

use rayon::prelude::*;

use crate::fingerprint::fingerprint;
use crate::job::Job;
use crate::matching::{
    Candidate, Decoy, Decoys, Donors, Found, Holder, INVENTED, Kind, Persons, Relatives, claim_limit,
};
use crate::normalise::View;
use crate::pipeline::error::PipelineError;
use crate::pipeline::inputs::shared_inputs::{SharedInputs, relatives};
use crate::pipeline::judging::matched::SupplierMatch;
use crate::release::run_record::{DecoyFigures, Estimate, UnseenFigures, six_digits};
use crate::scheme::{AccountEvidence, Eligibility, SchemeView, Verdict, judge};
use crate::statistics::{OF_95_PERCENT, wilson_of_share};

/// Holders that are looked up at a time.
const BATCH: usize = 128;

/// Looks up decoys, and invented relatives of the benefit records' people. Empty if no decoy can be made.
pub(crate) fn look_up(
    job: &Job,
    shared: &SharedInputs,
    donors: &Donors,
    suppliers: &[&SupplierMatch<'_>],
) -> Result<Vec<DecoyFigures>, PipelineError> {
    let decoys = Decoys::new(donors);
    let views = (0..job.schemes.len()).map(|scheme| shared.view(job, scheme)).collect();
    let lookup = Lookup { shared, decoys: &decoys, views };
    let found = lookup.decoys();
    if found.iter().all(|tally| tally.count == 0) {
        return Ok(Vec::new());
    }
    let table = relatives(job)?;
    let unseen = if table.is_empty() { Vec::new() } else { lookup.relatives(&Relatives::new(&decoys, &table)) };
    let of_scheme = |(scheme, tally): (usize, &Tally)| {
        let verdicts = || suppliers.iter().filter_map(|supplier| supplier.verdicts[scheme].as_ref());
        let accounts = verdicts().map(|verdicts| verdicts.on_supply).sum();
        let flags = verdicts().map(|verdicts| verdicts.matched).sum();
        let of_flags = |tally: &Tally, of: f64| (flags > 0).then(|| tally.share(of / flags as f64));
        let of_kind = |(kind, tallies): (&Kind, &Vec<Tally>)| {
            let tally = &tallies[scheme];
            UnseenFigures {
                kind: kind.name().to_owned(),
                invented: tally.count,
                flagged: tally.flagged,
                share: tally.share(1.0),
                expected: six_digits(tally.weight),
                of_flags: of_flags(tally, tally.weight),
            }
        };
        DecoyFigures {
            scheme: job.schemes[scheme].id.clone(),
            accounts,
            flags,
            decoys: tally.count,
            flagged: tally.flagged,
            per_account: tally.share(1.0),
            of_flags: of_flags(tally, accounts as f64),
            unseen: INVENTED.iter().zip(&unseen).map(of_kind).collect(),
        }
    };
    Ok(found.iter().enumerate().map(of_scheme).collect())
}

/// Holders that were looked up in one scheme.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    count: u64,
    flagged: u64,
    /// The sum of weights, of their squares, and of the weights of those flagged.
    weight: f64,
    squares: f64,
    flagged_weight: f64,
}

impl Tally {
    fn add(&mut self, weight: f64, is_flagged: bool) {
        let flagged_weight = if is_flagged { weight } else { 0.0 };
        *self += Tally { count: 1, flagged: is_flagged.into(), weight, squares: weight * weight, flagged_weight };
    }

    /// The share of the weight that is flagged, times a number. Its interval is that of as many holders as count alike.
    fn share(&self, factor: f64) -> Estimate {
        if self.weight == 0.0 {
            return Estimate::new(0.0, (0.0, 1.0), factor);
        }
        let share = self.flagged_weight / self.weight;
        let count = self.weight * self.weight / self.squares;
        Estimate::new(share, wilson_of_share(share, count, OF_95_PERCENT), factor)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.count += other.count;
        self.flagged += other.flagged;
        self.weight += other.weight;
        self.squares += other.squares;
        self.flagged_weight += other.flagged_weight;
    }
}

/// Adds up the tallies of batches, in their order, so that sums have the same bits for any number of threads.
fn sum(batches: Vec<Vec<Tally>>, schemes: usize) -> Vec<Tally> {
    let mut all = vec![Tally::default(); schemes];
    for batch in batches {
        all.iter_mut().zip(batch).for_each(|(all, own)| *all += own);
    }
    all
}

/// A person in the benefit records for whom relatives are invented.
#[derive(Debug, Clone, Copy)]
struct Sampled {
    fingerprint: u64,
    person: u32,
    row: u32,
    /// The schemes in which the person is eligible, one bit each.
    eligible: u32,
}

/// A decoy, with the schemes in which it is looked up, one bit each, and the weight with which it counts.
struct Asked<'d> {
    decoy: Decoy<'d>,
    schemes: u32,
    weight: f64,
}

/// What decoys are looked up in.
struct Lookup<'a> {
    shared: &'a SharedInputs,
    decoys: &'a Decoys<'a>,
    /// By scheme.
    views: Vec<SchemeView<'a>>,
}

impl<'a> Lookup<'a> {
    /// Looks up all decoys; the tallies are by scheme.
    fn decoys(&self) -> Vec<Tally> {
        let numbers: Vec<u32> = (0..self.decoys.count() as u32).collect();
        let batches = numbers.par_chunks(BATCH).map(|numbers| {
            let asked = numbers.iter().filter_map(|&number| {
                let schemes = self.decoys.on_supply(number);
                Some(Asked { decoy: self.decoys.decoy(number)?, schemes, weight: 1.0 })
            });
            self.tally(&asked.collect::<Vec<_>>())
        });
        sum(batches.collect(), self.views.len())
    }

    /// Looks up invented relatives of a sample of the people who are eligible. The tallies are by kind and scheme; each
    /// relative weighs what the table and the weights expect of the kind, scaled from the sample to all claims.
    fn relatives(&self, relatives: &Relatives<'_>) -> Vec<Vec<Tally>> {
        let matcher = &self.shared.matcher;
        let adjusted = matcher.model().weights().table();
        let (sampled, all_of_one) = self.sampled(matcher.persons());
        let of_kind = |kind: Kind| {
            let batches = sampled.par_chunks(BATCH).map(|sampled| {
                let asked = sampled.iter().filter_map(|one| {
                    let person = matcher.persons().identity(one.row);
                    let rate = relatives.rate(kind, matcher.age(person.birth_date)) * adjusted.relatives(kind);
                    let decoy = relatives.invent(kind, &person, one.fingerprint)?;
                    Some(Asked { decoy, schemes: one.eligible, weight: rate * all_of_one })
                });
                self.tally(&asked.collect::<Vec<_>>())
            });
            sum(batches.collect(), self.views.len())
        };
        INVENTED.map(of_kind).into()
    }

    /// People on a sample of the claims who are eligible, and for how many claims one of the sample stands.
    fn sampled(&self, persons: &Persons) -> (Vec<Sampled>, f64) {
        let limit = claim_limit(persons.claim_count());
        let is_sampled = |claim: &u32| {
            let claim_ref = persons.claim_ref(*claim);
            fingerprint(claim_ref.as_bytes()) < limit && persons.identifies_claim(claim_ref)
        };
        let claims: Vec<u32> = (0..persons.claim_count() as u32).into_par_iter().filter(is_sampled).collect();
        let mut sampled: Vec<Sampled> = claims
            .iter()
            .flat_map(|&claim| persons.people_of(claim))
            .map(|person| {
                let row = persons.first_row(person);
                Sampled { fingerprint: persons.fingerprint(row), person, row, eligible: self.eligible(person, row) }
            })
            .filter(|one| one.eligible != 0)
            .collect();
        sampled.sort_unstable_by_key(|one| (one.fingerprint, one.person));
        sampled.dedup_by_key(|one| one.person);
        (sampled, persons.claim_count() as f64 / claims.len().max(1) as f64)
    }

    /// The schemes in which a person is eligible, one bit each.
    fn eligible(&self, person: u32, row: u32) -> u32 {
        let persons = self.shared.matcher.persons();
        let score = self.shared.scores.at(persons.uprn(row));
        let is_eligible = |scheme: usize| {
            persons.claims_of(person).any(|claim| {
                let eligibility = self.shared.eligibilities.of_claim(claim, scheme, score);
                matches!(eligibility, Eligibility::Through(_))
            })
        };
        (0..self.views.len()).filter(|scheme| is_eligible(*scheme)).fold(0, |set, scheme| set | 1 << scheme)
    }

    /// Looks up some decoys.
    fn tally(&self, asked: &[Asked<'_>]) -> Vec<Tally> {
        let holders: Vec<View<'_>> = asked.iter().map(|one| one.decoy.view()).collect();
        let found = self.find(&holders);
        let mut rest = &found.candidates[..];
        let mut tallies = vec![Tally::default(); self.views.len()];
        for (number, (holder, one)) in (0..).zip(holders.iter().zip(asked)) {
            let own = rest.iter().take_while(|candidate| candidate.holder == number).count();
            let (candidates, others) = rest.split_at(own);
            rest = others;
            let evidence = AccountEvidence {
                holders: &[Holder { candidates, couple: false }],
                energy_score: self.shared.scores.at(holder.uprn),
                cut_off: found.cut_off.contains(&number),
                objected: false,
            };
            for view in self.views.iter().filter(|view| one.schemes >> view.scheme & 1 == 1) {
                let verdict = Some(&evidence).filter(|_| own > 0).map(|evidence| judge(evidence, view).verdict);
                let flagged = verdict.filter(Verdict::is_eligible);
                let met =
                    candidates.iter().find(|met| flagged.is_some_and(|flagged| flagged.person == Some(met.person)));
                if !met.is_some_and(|met| self.is_donor(&one.decoy, met)) {
                    tallies[view.scheme].add(one.weight, flagged.is_some());
                }
            }
        }
        tallies
    }

    /// A donor of the decoy is the person whom it met, or fits them better.
    fn is_donor(&self, decoy: &Decoy<'_>, met: &Candidate) -> bool {
        let donors: Vec<View<'_>> = decoy.donors().iter().map(|donor| self.decoys.donor(*donor)).collect();
        let found = self.find(&donors);
        found.candidates.iter().any(|of_donor| of_donor.person == met.person && of_donor.weight >= met.weight)
    }

    fn find(&self, holders: &[View<'_>]) -> Found {
        let matcher = &self.shared.matcher;
        let (mut scratch, mut found) = (matcher.scratch(), Found::default());
        matcher.find(holders, &mut scratch, &mut found);
        // A run counts by kind of match key what accounts find: decoys are left out.
        let _counts = matcher.take_back(scratch);
        found
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::matching::KeyKind;
    use crate::pipeline::inputs::shared_inputs::Keep;
    use crate::pipeline::judging::judge_all::judge_all;
    use crate::pipeline::judging::matched::Matched;
    use crate::pipeline::{Options, StageTimer};
    use crate::progress::Unwatched;
    use crate::synth::{self, Nation, Noise};

    fn nation(folder: &Path) -> Job {
        let noise = Noise::default();
        let nation = Nation { customers: 6_000, benefits: 2_500, suppliers: 2, seed: 7, noise };
        synth::write(&nation, folder, &Unwatched).unwrap();
        Job::read(&folder.join("job.toml")).unwrap()
    }

    fn judged(job: &Job, with_decoys: bool) -> Matched<'_> {
        let timer = StageTimer::new(&Unwatched);
        judge_all(job, &Options::default(), None, None, Keep::Verdicts, with_decoys, &timer).unwrap()
    }

    /// Everything that a run makes of its accounts before allocation.
    fn of_accounts(matched: &Matched<'_>) -> Vec<String> {
        let mut found = Vec::new();
        for supplier in &matched.suppliers {
            let keys = KeyKind::ALL.iter().map(|kind| (supplier.read.keys.tried(*kind), supplier.read.keys.met(*kind)));
            found.push(format!("{:?}", keys.collect::<Vec<_>>()));
            for verdicts in supplier.verdicts.iter().flatten() {
                found.push(format!("{} {}", verdicts.on_supply, verdicts.matched));
                for row in verdicts.rows().iter() {
                    let likely: Vec<_> = verdicts.likely(row.account).collect();
                    found.push(format!("{row:?} {likely:?}"));
                }
            }
        }
        found
    }

    #[test]
    fn decoys_change_nothing_about_accounts() {
        let folder = tempfile::tempdir().unwrap();
        let job = nation(folder.path());
        let (with, without) = (judged(&job, true), judged(&job, false));
        assert!(without.decoys.is_empty());
        let [figures] = &with.decoys[..] else { panic!("one scheme") };
        assert!((1_200..=1_800).contains(&figures.decoys), "as many as in every small run: {}", figures.decoys);
        assert!(figures.unseen.iter().all(|kind| kind.invented > 50), "{figures:?}");
        let (with, without) = (of_accounts(&with), of_accounts(&without));
        assert!(with.len() > 1_000);
        for (one, other) in with.iter().zip(&without) {
            assert_eq!(one, other);
        }
        assert_eq!(with.len(), without.len());
    }

    #[test]
    fn shares_have_their_intervals() {
        let mut tally = Tally::default();
        (0..400_000).for_each(|_| tally.add(1.0, false));
        let none = tally.share(1.0);
        assert_eq!((none.share, none.low), (0.0, 0.0));
        assert!(none.high < 1e-5, "none of 400,000 is under 1 in 100,000: {}", none.high);
        // Of a weight of 10, 4 are flagged. By Kish's formula they count as 10² ÷ (2·3² + 4·1²) holders.
        let mut tally = Tally::default();
        for (weight, is_flagged) in [(3.0, true), (1.0, true), (3.0, false), (1.0, false), (1.0, false), (1.0, false)] {
            tally.add(weight, is_flagged);
        }
        let (low, high) = wilson_of_share(0.4, 100.0 / 22.0, OF_95_PERCENT);
        let half = tally.share(0.5);
        assert_eq!(half.share, 0.2);
        assert!((half.low - low / 2.0).abs() < 1e-6 && (half.high - high / 2.0).abs() < 1e-6);
    }
}
