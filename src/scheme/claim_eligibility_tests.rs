//! Tells who is eligible, in tables: awards, incomes and energy-cost scores with their outcome.

use super::*;
use crate::date::Date;
use crate::matching::Role::{self, Claimant, Partner};
use crate::normalise::uprn::Uprn;
use crate::scheme::awards::Award;
use crate::scheme::energy_scores::PropertyRows;
use crate::scheme::test_records::{job, persons};
use Condition::Fails;
use Eligibility::{No, NotDecidable, Through};

/// The groups of the scheme, by their place.
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
    min_energy_cost_score = 40
    [[scheme.group]]
    id = '3'
    benefits = ['ESA']
    min_energy_cost_score = 30
    [[scheme.group]]
    id = '4'
    benefits = ['HB', 'UC']
    max_income = 20000
    min_energy_cost_score = 60";

/// A row of the benefit records that states an award. Where nothing else is said it is the claimant's, open since
/// 2024, without an income and without a UPRN.
#[derive(Clone, Copy)]
struct Row {
    benefit: &'static str,
    role: Role,
    start: Option<[u32; 3]>,
    end: Option<[u32; 3]>,
    income: Option<f64>,
    uprn: Option<u64>,
}

const ROW: Row =
    Row { benefit: "PCGC", role: Claimant, start: Some([2024, 5, 1]), end: None, income: None, uprn: None };

const PCGC: Row = ROW;
const UC: Row = Row { benefit: "UC", ..ROW };
const ESA: Row = Row { benefit: "ESA", ..ROW };
const HB: Row = Row { benefit: "HB", ..ROW };
/// A benefit that no group names.
const PIP: Row = Row { benefit: "PIP", ..ROW };

impl Row {
    fn since(self, start: [u32; 3]) -> Row {
        Row { start: Some(start), ..self }
    }

    fn until(self, end: [u32; 3]) -> Row {
        Row { end: Some(end), ..self }
    }

    fn income(self, income: f64) -> Row {
        Row { income: Some(income), ..self }
    }

    fn at(self, uprn: u64) -> Row {
        Row { uprn: Some(uprn), ..self }
    }

    fn of_partner(self) -> Row {
        Row { role: Partner, ..self }
    }
}

/// The UPRNs whose energy-cost score is known, with the score.
const SCORES: [(u64, f32); 4] = [(29, 29.0), (35, 35.0), (40, 40.0), (75, 75.0)];

/// A UPRN without a score.
const UNSCORED: u64 = 1;

/// What a claim of these rows gives: its eligibility for an account with this score, and the conditions that
/// `explain` shows.
fn judged(rows: &[Row], account: Option<f32>) -> (Eligibility, Vec<ClaimConditions>) {
    let job = job(GROUPS);
    let groups = GroupIndex::new(&job);
    let mut awards = Vec::new();
    let mut records = Vec::new();
    for row in rows {
        let day = |[year, month, day]: [u32; 3]| Date::new(year, month, day).unwrap();
        let groups = groups.place_of(row.benefit).map_or(0, |place| groups.groups_at(place));
        awards.push(Award { groups, start: row.start.map(day), end: row.end.map(day), income: row.income });
        records.push(("CLM-1", if row.role == Claimant { "PSN-1" } else { "PSN-2" }, row.role, row.uprn));
    }
    let (persons, awards) = (persons(&records), Awards::new(vec![awards]));
    let mut properties = PropertyRows::default();
    SCORES.into_iter().for_each(|(uprn, score)| properties.push(Uprn::new(uprn).unwrap(), score));
    let scores = EnergyScores::join(vec![properties]);
    let eligibilities = ClaimEligibilities::new(&job, &groups, &persons, &awards, &scores);
    (eligibilities.of_claim(0, 0, account), conditions(&job, &awards, &persons, &scores, 0, 0))
}

/// Each row: what it is about, the rows of the claim, the score at the account's UPRN, and the outcome.
#[test]
fn a_claim_is_eligible_if_all_conditions_of_one_group_hold() {
    let cases = [
        // The award: of a benefit that the group names, and open on 23 August 2026.
        ("a qualifying award is open", vec![PCGC], None, Through(0)),
        ("the benefit is in no group", vec![PIP], None, No),
        ("it begins on the day", vec![PCGC.since([2026, 8, 23])], None, Through(0)),
        ("it begins a day late", vec![PCGC.since([2026, 8, 24])], None, No),
        ("it ends on the day", vec![PCGC.until([2026, 8, 23])], None, Through(0)),
        ("it ended the day before", vec![PCGC.until([2026, 8, 22])], None, No),
        ("it has no bounds", vec![Row { start: None, ..PCGC }], None, Through(0)),
        ("one award has ended, another is open", vec![PCGC.until([2025, 1, 1]), PCGC], None, Through(0)),
        ("one has ended, and what is open does not qualify", vec![PCGC.until([2025, 1, 1]), PIP], None, No),
        ("the partner's award counts", vec![PIP, PCGC.of_partner()], None, Through(0)),
        // The income: the largest that the claim states.
        ("an income at the limit", vec![UC.income(17000.0)], None, Through(1)),
        (
            "an income over the limit, and a home not cold enough for the other group",
            vec![UC.income(17000.01)],
            Some(59.0),
            No,
        ),
        (
            "the partner's is within the limit too",
            vec![UC.income(16000.0), PIP.of_partner().income(16500.0)],
            None,
            Through(1),
        ),
        (
            "the partner's is over every limit",
            vec![UC.income(1000.0), PIP.of_partner().income(20001.0)],
            Some(99.0),
            No,
        ),
        ("one row of several states it", vec![UC, UC.income(9000.0)], None, Through(1)),
        ("nobody states it", vec![UC], None, NotDecidable),
        ("nobody states it, and no award is open", vec![UC.until([2025, 1, 1])], None, No),
        ("nobody states it, and another group does not ask", vec![UC, PCGC], None, Through(0)),
        // The energy-cost score: at the claimant's UPRN, else at the account's.
        ("the claimant's home is cold enough", vec![ESA.at(40)], None, Through(2)),
        ("it is cold enough for the second group only", vec![ESA.at(35)], None, Through(3)),
        ("it is too warm", vec![ESA.at(29)], None, No),
        ("it is too warm, whatever the account says", vec![ESA.at(29)], Some(99.0), No),
        ("the partner's home does not count", vec![ESA.at(29), PIP.of_partner().at(75)], None, No),
        ("of the claimant's two homes the colder counts", vec![ESA.at(29), ESA.at(75)], None, Through(2)),
        (
            "no score at the claimant's, and the account's is high enough",
            vec![ESA.at(UNSCORED)],
            Some(30.0),
            Through(3),
        ),
        ("no score at the claimant's, and the account's is too low", vec![ESA.at(UNSCORED)], Some(29.5), No),
        ("no UPRN of the claimant's, and the account's is high enough", vec![ESA], Some(30.0), Through(3)),
        ("no score anywhere", vec![ESA], None, NotDecidable),
        // Both.
        ("poor and cold", vec![HB.income(20000.0).at(75)], None, Through(4)),
        ("poor and not cold", vec![HB.income(20000.0).at(40)], None, No),
        ("cold and not poor", vec![HB.income(20001.0).at(75)], None, No),
        ("cold, and the income is unknown", vec![HB.at(75)], None, NotDecidable),
        ("not cold, and the income is unknown", vec![HB.at(40)], None, No),
        ("poor, and the score is unknown", vec![HB.income(1.0)], None, NotDecidable),
        ("neither is known", vec![HB], None, NotDecidable),
        ("neither is known of the claim, and the account is not cold", vec![HB], Some(59.0), No),
        (
            "too much for the first group, within the limit of the second, and cold",
            vec![UC.income(18000.0).at(75)],
            None,
            Through(4),
        ),
        // Several groups: the first in the job's order whose conditions hold for any account.
        ("the first group comes first", vec![ESA.at(75), PCGC], None, Through(0)),
    ];
    for (about, rows, account, expected) in cases {
        let (found, conditions) = judged(&rows, account);
        assert_eq!(found, expected, "{about}");
        // What `explain` shows of each group leads to the same.
        let may_hold = |group: &ClaimConditions| {
            group.benefit == BenefitCondition::Open && group.income != Fails && group.score != Fails
        };
        match found {
            Through(group) => assert!(may_hold(&conditions[usize::from(group)]), "{about}: {conditions:?}"),
            NotDecidable => assert!(conditions.iter().any(may_hold), "{about}: {conditions:?}"),
            No if account.is_none() => assert!(!conditions.iter().any(may_hold), "{about}: {conditions:?}"),
            No => {}
        }
    }
}

/// `explain` shows why a claim is not eligible, group by group.
#[test]
fn each_condition_is_shown_by_itself() {
    use BenefitCondition::{None as NoAward, NotOpen, Open};
    use Condition::{Holds, NotAsked, Unknown};
    for (about, rows, group, benefit, income, score) in [
        ("all hold", vec![HB.income(20000.0).at(75)], 4, Open, Holds, Holds),
        ("the income is too high", vec![HB.income(20001.0).at(75)], 4, Open, Fails, Holds),
        ("the home is too warm", vec![HB.income(20000.0).at(40)], 4, Open, Holds, Fails),
        ("neither is known", vec![HB], 4, Open, Unknown, Unknown),
        ("the award has ended", vec![HB.until([2025, 1, 1])], 4, NotOpen, Unknown, Unknown),
        ("there is no such award", vec![PCGC], 4, NoAward, Unknown, Unknown),
        ("a group that asks for neither", vec![PCGC], 0, Open, NotAsked, NotAsked),
    ] {
        let (_, conditions) = judged(&rows, None);
        assert_eq!(conditions[group], ClaimConditions { benefit, income, score }, "{about}");
    }
}

#[test]
fn what_is_packed_comes_out() {
    for through in [None, Some(0), Some(7)] {
        for with_score in [None, Some((0, f32::MIN)), Some((3, 40.5))] {
            for income_unknown in [None, Some((ANY_SCORE, f32::MIN)), Some((1, 29.0))] {
                let whole = ClaimEligibility { through, with_score, income_unknown };
                assert_eq!(Packed::new(whole).unpack(&[f32::MIN, 29.0, 70.0, 40.5]), whole);
            }
        }
    }
}
