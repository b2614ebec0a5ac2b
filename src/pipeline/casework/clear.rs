//! Draws accounts that are clear, to mix them with doubtful ones and so measure how well people decide.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Question;
use super::view::LEAST_SHOWN;
use crate::matching::{Evidence, names_of};
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::pipeline::judging::verdict_rows::AccountVerdict;
use crate::pipeline::publishing::score_bands;
use crate::release::Chance;
use crate::scheme::Reason;

/// The stratum of a clear account, as `flagmatch sample` counts it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clear {
    /// The flag that the match gives.
    pub(crate) flag: bool,
    pub(crate) key: &'static str,
    pub(crate) band: &'static str,
    pub(crate) levels: Evidence,
    pub(crate) stratum_accounts: u64,
    pub(crate) stratum_drawn: u64,
}

/// A ticket of the draw, with supplier, scheme and the verdict's place.
type Drawn = ([u8; 32], usize, usize, u32);

type Stratum = (bool, &'static str, &'static str);

/// The account's stratum; `None` if it is not clear.
fn stratum(row: &AccountVerdict) -> Option<Stratum> {
    row.verdict.levels?;
    let is_clear = match row.verdict.reason {
        Reason::Matched => row.flag,
        // Somebody is like the holder, but not so much that staff are asked; and so much that the page shows them.
        Reason::NotEligible => row.verdict.eligible_candidate,
        Reason::Improbable => row.verdict.eligible_candidate && f64::from(row.verdict.posterior) >= LEAST_SHOWN,
        _ => false,
    };
    let key = names_of(row.verdict.keys).next().unwrap_or("");
    is_clear.then(|| (row.flag, key, score_bands::posterior(row.verdict.posterior)))
}

/// Draws so many clear accounts, half of them flagged. The day and the account alone decide, so that all reviewers of a
/// day get the same ones.
pub(super) fn draw(
    matched: &Matched<'_>,
    suppliers: &[&SupplierMatch<'_>],
    wanted: &dyn Fn(usize) -> bool,
    count: usize,
    day: Date,
) -> Vec<Question> {
    if count == 0 {
        return Vec::new();
    }
    let mut sizes: BTreeMap<Stratum, u64> = BTreeMap::new();
    let mut drawn: [Vec<Drawn>; 2] = Default::default();
    for (place, own) in suppliers.iter().enumerate() {
        for (scheme, verdicts) in own.verdicts.iter().enumerate().filter(|(scheme, _)| wanted(*scheme)) {
            for (at, row) in verdicts.iter().flat_map(|verdicts| verdicts.rows().iter().enumerate()) {
                let Some(stratum) = stratum(&row) else { continue };
                *sizes.entry(stratum).or_default() += 1;
                let list = &mut drawn[usize::from(row.flag)];
                let customer_ref = own.read.accounts.reference(row.account as usize);
                list.push((ticket(day, &own.supplier.id, customer_ref, scheme), place, scheme, at as u32));
                // Keep the list short: only the first tickets are drawn.
                if list.len() >= 2 * count + 1024 {
                    list.sort_unstable();
                    list.truncate(count);
                }
            }
        }
    }
    let [mut no, mut yes] = drawn;
    for list in [&mut no, &mut yes] {
        list.sort_unstable();
    }
    let half = count.div_ceil(2);
    yes.truncate(half.max(count.saturating_sub(no.len())));
    no.truncate(count - yes.len().min(count));
    let mut all: Vec<Question> = yes
        .into_iter()
        .chain(no)
        .map(|(_, place, scheme, at)| {
            let own = suppliers[place];
            let verdicts = own.verdicts[scheme].as_ref().expect("it was drawn from its verdicts");
            clear_question(matched, &verdicts.rows().at(at as usize), place, scheme)
        })
        .collect();
    let mut counts: BTreeMap<Stratum, u64> = BTreeMap::new();
    let key = |clear: &Clear| (clear.flag, clear.key, clear.band);
    for clear in all.iter().filter_map(|question| question.clear.as_ref()) {
        *counts.entry(key(clear)).or_default() += 1;
    }
    for clear in all.iter_mut().filter_map(|question| question.clear.as_mut()) {
        clear.stratum_accounts = sizes[&key(clear)];
        clear.stratum_drawn = counts[&key(clear)];
    }
    all
}

fn clear_question(matched: &Matched<'_>, row: &AccountVerdict, supplier: usize, scheme: usize) -> Question {
    let levels = row.verdict.levels.map(Evidence::unpack).expect("only accounts with a candidate are drawn");
    let (flag, key, band) = stratum(row).expect("only clear accounts are drawn");
    let clear = Clear { flag, key, band, levels, stratum_accounts: 0, stratum_drawn: 0 };
    let base = Question {
        supplier,
        scheme,
        account: None,
        gone: 0,
        reason: Reason::Uncertain,
        chance: Chance::default(),
        household: None,
        posterior: 0.0,
        until: None,
        since: None,
        clear: Some(clear),
    };
    // So that it looks like a doubtful one.
    Question { reason: Reason::from(levels.doubt()), ..super::of_verdict(base, row, matched) }
}

/// An account's place in the draw of a day.
fn ticket(day: Date, supplier: &str, customer_ref: &str, scheme: usize) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for text in [&day.to_string(), supplier, customer_ref, &scheme.to_string()] {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    *hasher.finalize().as_bytes()
}
