//! What became of each claim: in go the settled verdicts, out comes an outcome for each claim that may
//! carry a rebate in a scheme.

use std::collections::HashSet;

use super::matched::Matched;
use crate::release::Outcome;
use crate::scheme::Reason;

/// Outcomes of all claims in one scheme, by claim; none where the claim can carry no rebate
/// and has none.
pub(super) fn of_claims(matched: &Matched<'_>, scheme: usize) -> Vec<Option<Outcome>> {
    let persons = matched.shared.matcher.persons();
    let objections = &matched.shared.objections;
    let mut outcomes: Vec<Option<Outcome>> = (0..persons.claim_count() as u32)
        .map(|claim| matched.shared.standings.may_carry(claim, scheme).then_some(Outcome::Unmatched))
        .collect();
    for supplier in &matched.suppliers {
        let Some(verdicts) = &supplier.verdicts[scheme] else { continue };
        for row in &verdicts.of_accounts {
            let Some(claim) = row.verdict.claim else { continue };
            // Its flag rests on the claim that it was released on.
            let is_kept = verdicts.kept(row.account).is_some();
            let outcome = match row.verdict.reason {
                _ if row.flag && !is_kept && supplier.is_held() => Outcome::MatchedPending,
                _ if row.flag && !is_kept => Outcome::Matched,
                // It is found, and goes out on a release day.
                Reason::Matched => Outcome::MatchedPending,
                Reason::Objected => Outcome::Objected,
                Reason::Limit => Outcome::Limit,
                // Its rebate went to another account, which says so itself.
                Reason::ClaimUsed => continue,
                reason if reason.is_for_review() => Outcome::Review,
                _ => continue,
            };
            raise(&mut outcomes[claim as usize], outcome);
        }
        if matched.job.schemes.len() > 1 {
            for claim in elsewhere_in_play(supplier, scheme) {
                raise(&mut outcomes[claim as usize], Outcome::NotInPlay);
            }
        }
    }
    let fixed = matched.fixed.iter().filter(|flag| flag.scheme == matched.job.schemes[scheme].id);
    let kept = matched.suppliers.iter().filter_map(|supplier| supplier.verdicts[scheme].as_ref());
    let kept = kept.flat_map(|verdicts| verdicts.kept_claims());
    let fixed: HashSet<&str> = fixed.map(|flag| flag.claim_ref.as_str()).chain(kept).collect();
    if !fixed.is_empty() {
        for claim in 0..persons.claim_count() as u32 {
            if fixed.contains(persons.claim_ref(claim)) {
                raise(&mut outcomes[claim as usize], Outcome::Matched);
            }
        }
    }
    for claim in (0..persons.claim_count() as u32).filter(|_| !objections.is_empty()) {
        let rows = persons.rows_of_claim(claim);
        let everybody = || rows.iter().all(|&row| objections.bars_person(persons.person_of(row)));
        if objections.bars_claim(claim) || everybody() {
            raise(&mut outcomes[claim as usize], Outcome::Objected);
        }
    }
    outcomes
}

/// Claims found through accounts that are on supply in another scheme's time, but not in this one's.
fn elsewhere_in_play(supplier: &super::SupplierMatch<'_>, scheme: usize) -> impl Iterator<Item = u32> {
    let others = supplier.verdicts.iter().enumerate().filter(move |(other, _)| *other != scheme);
    others
        .filter_map(|(_, verdicts)| verdicts.as_ref())
        .flat_map(|verdicts| &verdicts.of_accounts)
        .filter(move |row| !supplier.read.accounts.at(row.account as usize).is_in_play(scheme))
        .filter_map(|row| row.verdict.claim)
}

/// Takes the outcome that tells the administrator more. That a flag went out is told of any claim: by a
/// decision it may be one that can carry no rebate by the rules.
fn raise(outcome: &mut Option<Outcome>, new: Outcome) {
    let rank = |outcome: Outcome| match outcome {
        Outcome::Matched => 6,
        Outcome::MatchedPending => 5,
        Outcome::Objected => 4,
        Outcome::Limit => 3,
        Outcome::Review => 2,
        Outcome::NotInPlay => 1,
        _ => 0,
    };
    let tells_more =
        outcome.map_or(matches!(new, Outcome::Matched | Outcome::MatchedPending), |old| rank(new) > rank(old));
    if tells_more {
        *outcome = Some(new);
    }
}
