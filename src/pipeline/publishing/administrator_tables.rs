//! Writes the administrator's tables: decisions, review, claims and the rejects of shared inputs.

use std::ops::Range;

use rayon::prelude::*;

use crate::pipeline::judging::matched::Matched;
use crate::pipeline::judging::verdicts::GoneDecision;
use crate::pipeline::publishing::score_bands;
use crate::pipeline::publishing::supplier_tables::{ROWS_A_BLOCK, with_rejects, write_decisions_of};
use crate::pipeline::review::{ForReview, ReviewAccount, by_id};
use crate::release::{
    Block, ClaimRow, Claims, DecisionsTable, Marked, Rebate, Rejects, ReleaseError, Review, ReviewRow, Staging,
    in_blocks,
};
use crate::scheme::Reason;
use crate::text::ByText;

/// Writes `decisions.csv` for all suppliers with a delivery, sorted by scheme, supplier and account.
pub(crate) fn write_decisions(matched: &Matched<'_>, staging: &Staging) -> Result<(), ReleaseError> {
    let mut file = staging.rows::<DecisionsTable>()?;
    for (place, _) in matched.job.schemes.iter().enumerate() {
        for supplier in by_id(matched).into_iter().filter(|supplier| !supplier.is_held()) {
            write_decisions_of(matched, supplier, place, &mut file)?;
        }
    }
    file.finish()
}

/// Writes `review.csv`: what staff have to decide, one row for each candidate, the likeliest candidate of an account
/// first.
pub(crate) fn write_review(matched: &Matched<'_>, staging: &Staging) -> Result<(), ReleaseError> {
    let persons = matched.shared.matcher.persons();
    let suppliers = by_id(matched);
    let mut file = staging.rows::<Review>()?;
    for &ForReview { chance, supplier, scheme, account, .. } in &matched.review {
        let (supplier, scheme) = (suppliers[supplier as usize], usize::from(scheme));
        let Some(verdicts) = &supplier.verdicts[scheme] else { continue };
        let row_of = |customer_ref, reason: Reason, (claim_ref, person_ref, posterior_band)| ReviewRow {
            supplier: &supplier.supplier.id,
            customer_ref: Marked(customer_ref),
            scheme: &matched.job.schemes[scheme].id,
            reason: reason.name(),
            adds_rebate: Some(chance),
            claim_ref: Marked(claim_ref),
            person_ref: Marked(person_ref),
            posterior_band,
        };
        let row = match account {
            ReviewAccount::Judged(at) => verdicts.rows().at(at as usize),
            ReviewAccount::Gone(at) => {
                let GoneDecision { customer_ref, claim_ref, .. } = &verdicts.gone[at as usize];
                file.write(&row_of(customer_ref, Reason::DecisionOutdated, (claim_ref, "", "")))?;
                continue;
            }
        };
        let customer_ref = supplier.read.accounts.reference(row.account as usize);
        let mut shown: Vec<(f32, &str, &str)> = verdicts
            .likely(row.account)
            .map(|likely| (likely.likelihood, persons.person_of(likely.row)))
            .flat_map(|(likelihood, person)| {
                let person_ref = persons.first_person_ref(person);
                persons.claims_of(person).map(move |claim| (likelihood, persons.claim_ref(claim), person_ref))
            })
            .collect();
        shown.sort_unstable_by(|one, other| {
            other.0.total_cmp(&one.0).then_with(|| (one.1, one.2).cmp(&(other.1, other.2)))
        });
        shown.dedup_by_key(|(_, claim_ref, person_ref)| (*claim_ref, *person_ref));
        let reason = row.verdict.reason;
        for (likelihood, claim_ref, person_ref) in &shown {
            let candidate = (*claim_ref, *person_ref, score_bands::posterior(*likelihood));
            file.write(&row_of(customer_ref, reason, candidate))?;
        }
        if shown.is_empty() {
            let claim = row.verdict.claim.map_or("", |claim| persons.claim_ref(claim));
            let claim_ref = verdicts.claim_ref(row.account).unwrap_or(claim);
            file.write(&row_of(customer_ref, reason, (claim_ref, "", "")))?;
        }
    }
    file.finish()
}

/// The places of a claim's rebates. `rebates` is in the order of claims' references; `left` is where to search
/// from, and moves past them.
fn of_claim(rebates: &[Rebate], left: &mut usize, claim_ref: &str) -> Range<usize> {
    *left += rebates[*left..].iter().take_while(|rebate| rebate.claim_ref() < claim_ref).count();
    let start = *left;
    *left += rebates[start..].iter().take_while(|rebate| rebate.claim_ref() == claim_ref).count();
    start..*left
}

/// Writes `claims.csv`, in the order of the claims' references: each claim that may carry a rebate, and the
/// state of each rebate, including rebates whose claims are no longer in the records.
pub(crate) fn write_claims(matched: &Matched<'_>, staging: &Staging) -> Result<(), ReleaseError> {
    let persons = matched.shared.matcher.persons();
    let by_scheme = &matched.outcomes;
    let mut order: Vec<ByText> = (0..persons.claim_count() as u32)
        .into_par_iter()
        .filter(|&claim| by_scheme.iter().any(|outcomes| outcomes[claim as usize].is_some()))
        .map(|claim| ByText::new(persons.claim_ref(claim), claim))
        .collect();
    ByText::sort(&mut order, |one, other| persons.claim_ref(one).cmp(persons.claim_ref(other)));
    let mut file = staging.rows::<Claims>()?;
    for (place, (outcomes, scheme)) in by_scheme.iter().zip(&matched.job.schemes).enumerate() {
        let rebates = &matched.rebates[place];
        let households = &matched.shared.households[place];
        let mut is_written = vec![false; rebates.len()];
        let chunks: Vec<&[ByText]> = order.chunks(ROWS_A_BLOCK).collect();
        let make = |number: usize, (block, met): &mut (Block<Claims>, Vec<usize>)| {
            block.clear();
            met.clear();
            let first = persons.claim_ref(chunks[number][0].number);
            let mut left = rebates.partition_point(|rebate| rebate.claim_ref() < first);
            for own in chunks[number] {
                let claim = own.number;
                let Some(outcome) = outcomes[claim as usize] else { continue };
                let mut bytes = [0; 16];
                let claim_ref = own.text(&mut bytes, |claim| persons.claim_ref(claim));
                let named = Some(claim_ref).filter(|claim_ref| persons.identifies_claim(claim_ref));
                let household = match households.of_claim(claim) {
                    same if same == claim => named,
                    other => persons.named_claim_ref(other),
                };
                let household = household.unwrap_or_default();
                let own = named.map_or(0..0, |named| of_claim(rebates, &mut left, named));
                let none = own.is_empty().then_some(None);
                for rebate in rebates[own.clone()].iter().map(Some).chain(none) {
                    block.push(&ClaimRow::new(claim_ref, &scheme.id, household, outcome, rebate));
                }
                met.extend(own);
            }
        };
        in_blocks(chunks.len(), make, |(block, met)| {
            met.iter().for_each(|&at| is_written[at] = true);
            file.append(block)
        })?;
        for (rebate, _) in rebates.iter().zip(is_written).filter(|(_, is_written)| !is_written) {
            let (claim_ref, household, outcome) = (rebate.claim_ref(), rebate.household(), rebate.state.outcome());
            file.write(&ClaimRow::new(claim_ref, &scheme.id, household, outcome, Some(rebate)))?;
        }
    }
    file.finish()
}

/// Writes the rejects of the shared inputs, which no supplier sees.
pub(crate) fn write_rejects(matched: &Matched<'_>, staging: &Staging) -> Result<(), ReleaseError> {
    let mut file = staging.rows::<Rejects>()?;
    with_rejects(&matched.shared.files, |rejects| {
        for reject in rejects {
            file.write(&reject)?;
        }
        Ok::<(), ReleaseError>(())
    })?;
    file.finish()
}
