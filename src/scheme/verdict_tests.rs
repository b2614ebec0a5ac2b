//! Tells the verdict on an account, in tables: who was found for its holders and how likely each is, with the reason.

use super::*;
use crate::matching::Candidate;
use crate::matching::Role::{self, Claimant, Partner};
use crate::matching::{Evidence, Levels, POPULATION, RelativesTable, Weights};
use crate::scheme::awards::{Award, Awards, GroupIndex};
use crate::scheme::energy_scores::EnergyScores;
use crate::scheme::objections::ObjectionRows;
use crate::scheme::test_records::{job, persons};
use Who::{
    AlsoEligible, ClaimObjected, Eligible, IncomeUnknown, NeedsCold, NotEligible, Objector, ObjectorNotEligible,
};

/// The persons of the benefit records. Each is on a claim of their own, of the same place in [`CLAIMS`].
#[derive(Debug, Clone, Copy)]
enum Who {
    /// Eligible, whatever the account.
    Eligible,
    AlsoEligible,
    /// On no qualifying benefit.
    NotEligible,
    /// Eligible if an income that nobody states is low enough.
    IncomeUnknown,
    /// Eligible if the account's home is cold enough.
    NeedsCold,
    /// Eligible, and objected.
    Objector,
    /// On no qualifying benefit, and objected.
    ObjectorNotEligible,
    /// Eligible, and somebody objected to the claim.
    ClaimObjected,
}

const CLAIMS: [(&str, &str); 8] = [
    ("CLM-1", "PCGC"),
    ("CLM-2", "PCGC"),
    ("CLM-3", "PIP"),
    ("CLM-4", "UC"),
    ("CLM-5", "ESA"),
    ("CLM-6", "PCGC"),
    ("CLM-7", "PIP"),
    ("CLM-8", "PCGC"),
];

const GROUPS: &str = "
    [[scheme.group]]
    id = '0'
    benefits = ['PCGC']
    [[scheme.group]]
    id = '1'
    benefits = ['UC']
    max_income = 17000
    [[scheme.group]]
    id = '2'
    benefits = ['ESA']
    min_energy_cost_score = 40";

/// The records, and what accounts are judged against.
struct World {
    persons: Persons,
    eligibilities: ClaimEligibilities,
    objections: Objections,
    /// Nobody is unseen: the rows say who may be a holder.
    model: Model,
}

impl World {
    fn new(rows: &[(&str, &str, Role, &str)], objections: ObjectionRows) -> World {
        let job = job(GROUPS);
        let groups = GroupIndex::new(&job);
        let mut awards = Vec::new();
        for (.., benefit) in rows {
            let groups = groups.place_of(benefit).map_or(0, |place| groups.groups_at(place));
            awards.push(Award { groups, start: None, end: None, income: None });
        }
        let records = rows.iter().map(|(claim, person, role, _)| (*claim, *person, *role, None));
        let persons = persons(&records.collect::<Vec<_>>());
        let eligibilities =
            ClaimEligibilities::new(&job, &groups, &persons, &Awards::new(vec![awards]), &EnergyScores::default());
        let objections = Objections::new(objections, &persons, |_, _| Vec::new());
        let model = Model::new(Weights::shipped(), &RelativesTable::none(), POPULATION);
        World { persons, eligibilities, objections, model }
    }

    /// Everybody of [`Who`].
    fn usual() -> World {
        let mut objections = ObjectionRows::default();
        objections.push("PSN-6", "", "", "");
        objections.push("PSN-7", "", "", "");
        objections.push("", "CLM-8", "", "");
        let people: Vec<String> = (1..=CLAIMS.len()).map(|number| format!("PSN-{number}")).collect();
        let rows = CLAIMS.iter().zip(&people).map(|(own, person)| (own.0, person.as_str(), Claimant, own.1));
        World::new(&rows.collect::<Vec<_>>(), objections)
    }

    /// The reason of an account with these holders, and the claim that it rests on.
    fn judge(&self, holders: &[Vec<Candidate>], account: &AccountEvidence<'_>) -> (Reason, &str) {
        let view = SchemeView {
            persons: &self.persons,
            model: &self.model,
            eligibilities: &self.eligibilities,
            objections: &self.objections,
            scheme: 0,
            threshold: 0.98,
            review: 0.20,
        };
        let holders: Vec<Holder<'_>> = holders.iter().map(|candidates| Holder { candidates, couple: false }).collect();
        let verdict = judge(&AccountEvidence { holders: &holders, ..*account }, &view).verdict;
        (verdict.reason, verdict.claim.map_or("", |claim| self.persons.claim_ref(claim)))
    }
}

/// An account of which nothing is known beside its holders.
const ACCOUNT: AccountEvidence<'_> =
    AccountEvidence { holders: &[], energy_score: None, cut_off: false, objected: false };

/// A candidate with these odds in bits.
fn candidate(person: u32, bits: f32) -> Candidate {
    let weight = bits + POPULATION.log2() as f32;
    Candidate {
        holder: 0,
        person,
        row: person,
        weight,
        birth_date_weight: weight,
        own_weight: 0.0,
        age: None,
        levels: levels("exact", "exact"),
        keys: 1,
    }
}

fn found(who: Who, bits: f32) -> Candidate {
    candidate(who as u32, bits)
}

/// The holder gives an initial only.
fn by_initial(who: Who, bits: f32, birth_date: &str) -> Candidate {
    Candidate { levels: levels("initial", birth_date), ..found(who, bits) }
}

/// Packed evidence with these levels of forename and date of birth, and without a middle name.
fn levels(given: &str, birth_date: &str) -> Levels {
    // Each field has four bits. Levels are tried from the best on, so that all exist.
    let with = |bits: u64, field: usize, level: &str| {
        let mut tried = (0_u64..).map(|place| bits | place << (4 * field));
        tried.find(|bits| Evidence::unpack(Levels::from_bits(*bits)).levels()[field].1 == level).unwrap()
    };
    Levels::from_bits(with(with(with(0, 0, given), 1, "absent"), 5, birth_date))
}

/// Each row: what it is about, the candidates of the only holder with their odds in bits (0 is even, 5.6 the
/// threshold, −2 where review begins), the reason and the claim.
#[test]
fn one_holder() {
    let cases = [
        // The match.
        ("nobody shares a key", vec![], (Reason::NotFound, "")),
        ("one eligible person, certainly", vec![found(Eligible, 20.0)], (Reason::Matched, "CLM-1")),
        ("just over the threshold", vec![found(Eligible, 5.7)], (Reason::Matched, "CLM-1")),
        ("just under it", vec![found(Eligible, 5.5)], (Reason::Uncertain, "CLM-1")),
        ("just likely enough for review", vec![found(Eligible, -1.9)], (Reason::Uncertain, "CLM-1")),
        ("not likely enough for review", vec![found(Eligible, -2.1)], (Reason::Improbable, "CLM-1")),
        ("found, on no qualifying benefit", vec![found(NotEligible, 20.0)], (Reason::NotEligible, "")),
        ("on none, and hardly alike", vec![found(NotEligible, -1.0)], (Reason::Improbable, "")),
        // Rivals share the odds.
        (
            "two alike, both eligible: whoever it is, it is Y",
            vec![found(Eligible, 20.0), found(AlsoEligible, 20.0)],
            (Reason::Matched, "CLM-1"),
        ),
        (
            "two under the threshold that reach it together",
            vec![found(Eligible, 5.5), found(AlsoEligible, 5.0)],
            (Reason::Matched, "CLM-1"),
        ),
        (
            "two alike, one eligible, and nothing tells them apart",
            vec![found(Eligible, 20.0), found(NotEligible, 20.0)],
            (Reason::Ambiguous, "CLM-1"),
        ),
        (
            "the eligible one is far ahead",
            vec![found(Eligible, 20.0), found(NotEligible, 10.0)],
            (Reason::Matched, "CLM-1"),
        ),
        ("the other is far ahead", vec![found(Eligible, 10.0), found(NotEligible, 20.0)], (Reason::NotEligible, "")),
        (
            "neither is likely, and the other takes much of it",
            vec![found(Eligible, 2.0), found(NotEligible, 1.0)],
            (Reason::Ambiguous, "CLM-1"),
        ),
        (
            "neither is likely, and the other takes little of it",
            vec![found(Eligible, 2.0), found(NotEligible, -3.0)],
            (Reason::Uncertain, "CLM-1"),
        ),
        // A value that is not known.
        ("the income is not known", vec![found(IncomeUnknown, 20.0)], (Reason::NotDecidable, "CLM-4")),
        ("nor is it sure who it is", vec![found(IncomeUnknown, 2.0)], (Reason::Uncertain, "CLM-4")),
        (
            "two alike: one eligible, of one the income is not known",
            vec![found(Eligible, 20.0), found(IncomeUnknown, 20.0)],
            (Reason::NotDecidable, "CLM-1"),
        ),
        ("no score is known", vec![found(NeedsCold, 20.0)], (Reason::NotDecidable, "CLM-5")),
        // Objections.
        ("the person objected", vec![found(Objector, 20.0)], (Reason::Objected, "CLM-6")),
        ("the claim objected", vec![found(ClaimObjected, 20.0)], (Reason::Objected, "CLM-8")),
        ("an objector who is not eligible", vec![found(ObjectorNotEligible, 20.0)], (Reason::NotEligible, "")),
        (
            "an objector still competes",
            vec![found(Eligible, 20.0), found(Objector, 19.9)],
            (Reason::Ambiguous, "CLM-1"),
        ),
        (
            "an objector probably holds the account",
            vec![found(Eligible, 19.9), found(Objector, 20.0)],
            (Reason::Objected, "CLM-6"),
        ),
        (
            "an objector hardly resembles the holder",
            vec![found(Eligible, 20.0), found(Objector, 10.0)],
            (Reason::Matched, "CLM-1"),
        ),
        // An initial.
        ("an initial, certainly", vec![by_initial(Eligible, 20.0, "absent")], (Reason::Matched, "CLM-1")),
        ("an initial with the date of birth", vec![by_initial(Eligible, 20.0, "slip")], (Reason::Matched, "CLM-1")),
        ("an initial, not likely", vec![by_initial(Eligible, 2.0, "absent")], (Reason::InitialOnly, "CLM-1")),
        ("an initial, not eligible", vec![by_initial(NotEligible, 20.0, "absent")], (Reason::NotEligible, "")),
        (
            "an initial beside a full name",
            vec![by_initial(AlsoEligible, 10.0, "absent"), found(Eligible, 20.0)],
            (Reason::Matched, "CLM-1"),
        ),
    ];
    let world = World::usual();
    for (about, candidates, expected) in cases {
        let turned = candidates.iter().rev().copied().collect();
        assert_eq!(world.judge(&[candidates], &ACCOUNT), expected, "{about}");
        assert_eq!(world.judge(&[turned], &ACCOUNT), expected, "{about}, in another order");
    }
}

/// In review, the reason is the field that makes the pair doubtful.
#[test]
fn a_doubt() {
    let world = World::usual();
    for (given, birth_date, expected) in [
        ("exact", "exact", Reason::Uncertain),
        ("exact", "absent", Reason::Uncertain),
        ("exact", "different", Reason::BirthDateContradicts),
        ("exact", "generation", Reason::BirthDateContradicts),
        ("different", "exact", Reason::ForenameDiffers),
        ("close-names", "exact", Reason::ForenameDiffers),
        ("different", "generation", Reason::BirthDateContradicts),
        ("middle", "absent", Reason::MiddleNameDiffers),
        ("initial", "absent", Reason::InitialOnly),
    ] {
        let candidate = Candidate { levels: levels(given, birth_date), ..found(Eligible, 2.0) };
        assert_eq!(world.judge(&[vec![candidate]], &ACCOUNT), (expected, "CLM-1"), "{given} {birth_date}");
    }
}

/// Each row: what it is about, the account, the candidates of its holders, and the outcome.
#[test]
fn an_account() {
    let cut_off = AccountEvidence { cut_off: true, ..ACCOUNT };
    let objected = AccountEvidence { objected: true, ..ACCOUNT };
    let score = |score| AccountEvidence { energy_score: Some(score), ..ACCOUNT };
    let yes = || vec![found(Eligible, 20.0)];
    let cases = [
        ("without holders on supply", ACCOUNT, vec![], (Reason::NotFound, "")),
        // Of several holders the one counts who says most: Y, then objected, then review, then N.
        (
            "the second holder is eligible",
            ACCOUNT,
            vec![vec![found(NotEligible, 20.0)], yes()],
            (Reason::Matched, "CLM-1"),
        ),
        (
            "one for review, one not eligible",
            ACCOUNT,
            vec![vec![found(NotEligible, 20.0)], vec![found(Eligible, 3.0)]],
            (Reason::Uncertain, "CLM-1"),
        ),
        (
            "one not eligible, one improbable",
            ACCOUNT,
            vec![vec![found(Eligible, -3.0)], vec![found(NotEligible, 20.0)]],
            (Reason::NotEligible, ""),
        ),
        (
            "both eligible: the surer one's claim",
            ACCOUNT,
            vec![yes(), vec![found(AlsoEligible, 21.0)]],
            (Reason::Matched, "CLM-2"),
        ),
        ("the other holder objected", ACCOUNT, vec![yes(), vec![found(Objector, 20.0)]], (Reason::Objected, "CLM-1")),
        (
            "the other holder objected, and is not eligible",
            ACCOUNT,
            vec![yes(), vec![found(ObjectorNotEligible, 20.0)]],
            (Reason::Objected, "CLM-1"),
        ),
        (
            "the other holder's claim objected",
            ACCOUNT,
            vec![yes(), vec![found(ClaimObjected, 20.0)]],
            (Reason::Matched, "CLM-1"),
        ),
        // The account itself.
        ("the account objected", objected, vec![yes()], (Reason::Objected, "CLM-1")),
        (
            "it objected, and nobody is eligible",
            objected,
            vec![vec![found(NotEligible, 20.0)]],
            (Reason::NotEligible, ""),
        ),
        ("candidates were left out", cut_off, vec![yes()], (Reason::CutOff, "CLM-1")),
        ("all candidates were left out", cut_off, vec![vec![]], (Reason::CutOff, "")),
        (
            "candidates were left out, and nobody is eligible",
            cut_off,
            vec![vec![found(NotEligible, 20.0)]],
            (Reason::NotEligible, ""),
        ),
        ("its home is cold enough", score(40.0), vec![vec![found(NeedsCold, 20.0)]], (Reason::Matched, "CLM-5")),
        ("its home is not cold enough", score(39.0), vec![vec![found(NeedsCold, 20.0)]], (Reason::NotEligible, "")),
    ];
    let world = World::usual();
    for (about, account, holders, expected) in cases {
        assert_eq!(world.judge(&holders, &account), expected, "{about}");
        let turned: Vec<_> = holders.into_iter().rev().collect();
        assert_eq!(world.judge(&turned, &account), expected, "{about}, in another order");
    }
}

/// A person may be on several claims. Each row: the claims with their people and benefits, and the claim that the
/// flag of PSN-1 rests on.
#[test]
fn of_several_claims() {
    for (about, rows, expected) in [
        (
            "only one qualifies",
            &[("CLM-1", "PSN-1", Claimant, "PIP"), ("CLM-2", "PSN-1", Claimant, "PCGC")][..],
            "CLM-2",
        ),
        (
            "the first by reference",
            &[("CLM-2", "PSN-1", Claimant, "PCGC"), ("CLM-1", "PSN-1", Claimant, "PCGC")],
            "CLM-1",
        ),
        (
            "the one with most people on it, so that partners' accounts meet in one",
            &[
                ("CLM-1", "PSN-1", Claimant, "PCGC"),
                ("CLM-2", "PSN-1", Partner, "PCGC"),
                ("CLM-2", "PSN-2", Claimant, "PCGC"),
            ],
            "CLM-2",
        ),
        (
            "an eligible one before one whose income is unknown",
            &[("CLM-1", "PSN-1", Claimant, "UC"), ("CLM-2", "PSN-1", Claimant, "PCGC")],
            "CLM-2",
        ),
    ] {
        let world = World::new(rows, ObjectionRows::default());
        assert_eq!(world.judge(&[vec![candidate(0, 20.0)]], &ACCOUNT), (Reason::Matched, expected), "{about}");
    }
}
