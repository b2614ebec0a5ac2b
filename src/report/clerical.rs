//! Draws a seeded sample of a run's accounts for clerical review.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap, HashSet};
use std::path::Path;

use serde::Serialize;

use super::compare::Account;
use super::decisions::{Decided, each};
use super::deliveries::Deliveries;
use super::reviewed::Group;
use super::run_data::ReportError;
use super::words::is_for_review;
use crate::release::{Flags, Table};
use crate::text::marked;

/// A row of the sample. It holds references, so it is for the administrator's staff only.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct SampleRow {
    supplier: String,
    customer_ref: String,
    scheme: String,
    /// `flagged`, `review` or `neither`.
    group: &'static str,
    flag: String,
    claim_ref: String,
    /// The first match key that met, if the account is flagged or in review. It forms the stratum, with `group`
    /// and `band` (of the posterior; empty without a candidate).
    key: String,
    band: String,
    levels: String,
    /// Number of accounts of the stratum in the run.
    stratum_accounts: u64,
    /// Number of them in the sample.
    stratum_drawn: u64,
    /// The reviewer's answer: `Y` if the account is eligible, `N` if it is not, empty if they cannot tell.
    eligible: String,
}

impl SampleRow {
    const HEADER: [&'static str; 12] = [
        "supplier",
        "customer_ref",
        "scheme",
        "group",
        "flag",
        "claim_ref",
        "key",
        "band",
        "levels",
        "stratum_accounts",
        "stratum_drawn",
        "eligible",
    ];
}

type Stratum = (Group, String, String);

impl Group {
    /// How many in ten accounts of a sample are of this group. Nearly all of a run's accounts are in `Neither`,
    /// and by size alone hardly any other would be drawn. (Choice.)
    fn tenths(self) -> u64 {
        match self {
            Group::Flagged => 4,
            Group::Review => 2,
            Group::Neither => 4,
        }
    }
}

impl Decided {
    fn stratum(&self) -> Stratum {
        let key = || self.keys.split(' ').next().unwrap_or("").to_owned();
        let band = self.posterior_band.clone();
        match (self.is_flagged(), is_for_review(&self.reason)) {
            (true, _) => (Group::Flagged, key(), band),
            (false, true) => (Group::Review, key(), band),
            // Few accounts with a candidate are in no other group: bands alone tell them apart.
            (false, false) => (Group::Neither, String::new(), band),
        }
    }

    /// The account's place in the draw. It depends on the seed and the account only, not on the order of
    /// rows.
    fn ticket(&self, seed: u64) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&seed.to_le_bytes());
        for text in [&self.supplier, &self.customer_ref, &self.scheme] {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        *hasher.finalize().as_bytes()
    }
}

/// A row drawn so far, ordered by its ticket.
struct Drawn {
    ticket: [u8; 32],
    row: Decided,
}

impl PartialEq for Drawn {
    fn eq(&self, other: &Drawn) -> bool {
        self.ticket == other.ticket
    }
}
impl Eq for Drawn {}
impl PartialOrd for Drawn {
    fn partial_cmp(&self, other: &Drawn) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Drawn {
    fn cmp(&self, other: &Drawn) -> Ordering {
        self.ticket.cmp(&other.ticket)
    }
}

/// A sample of a run's accounts.
#[derive(Debug, Serialize)]
pub struct Sample {
    /// The accounts that were drawn.
    pub rows: Vec<SampleRow>,
    /// Suppliers and schemes that are left out because their flags were purged.
    pub purged: Vec<(String, String)>,
}

/// Draws `wanted` accounts of a run, at least one from each stratum. The same seed draws the same accounts.
///
/// # Errors
/// [`ReportError`] if the run's decisions cannot be read, or there are more strata than accounts wanted;
/// [`ReportError::Purged`] if the decisions were purged.
pub fn sample(folder: &Path, wanted: u64, seed: u64) -> Result<Sample, ReportError> {
    let deliveries = Deliveries::read(folder)?;
    if deliveries.kept.is_empty() && !deliveries.purged.is_empty() {
        return Err(ReportError::Purged { folder: folder.to_owned() });
    }
    let mut sizes: BTreeMap<Stratum, u64> = BTreeMap::new();
    each_account(&deliveries, |row| *sizes.entry(row.stratum()).or_default() += 1)?;
    if (sizes.len() as u64) > wanted {
        return Err(ReportError::TooFew { strata: sizes.len() });
    }
    let shares = shares(&sizes, wanted);
    let mut drawn: BTreeMap<Stratum, BinaryHeap<Drawn>> = BTreeMap::new();
    each_account(&deliveries, |row| {
        let stratum = row.stratum();
        let most = shares.get(&stratum).copied().unwrap_or(0) as usize;
        let own = drawn.entry(stratum).or_default();
        own.push(Drawn { ticket: row.ticket(seed), row });
        if own.len() > most {
            own.pop();
        }
    })?;
    let purged = deliveries.purged;
    let mut rows = Vec::new();
    for (stratum, own) in drawn {
        let (stratum_accounts, stratum_drawn) = (sizes.get(&stratum).copied().unwrap_or(0), own.len() as u64);
        let (group, key, band) = stratum;
        rows.extend(own.into_sorted_vec().into_iter().map(|Drawn { row, .. }| SampleRow {
            supplier: row.supplier,
            customer_ref: row.customer_ref,
            scheme: row.scheme,
            group: group.name(),
            flag: row.flag.as_str().to_owned(),
            claim_ref: row.claim_ref,
            key: key.clone(),
            band: band.clone(),
            levels: row.levels,
            stratum_accounts,
            stratum_drawn,
            eligible: String::new(),
        }));
    }
    Ok(Sample { rows, purged: purged.into_iter().collect() })
}

/// Calls `see` for every account of the run whose flags are kept. `decisions.csv` has those with a candidate or a
/// staff decision, the flag files all others.
fn each_account(deliveries: &Deliveries<'_>, mut see: impl FnMut(Decided)) -> Result<(), ReportError> {
    let mut judged: HashSet<Account> = HashSet::new();
    each(deliveries.folder, |row| {
        judged.insert(row.account());
        see(row);
    })?;
    for (supplier, scheme) in &deliveries.kept {
        let Some(file) = deliveries.flag_file(supplier, scheme)? else { continue };
        Flags::read(&file, |row, _| {
            let row = Decided::from_flag(supplier, scheme, row.customer_ref, row.eligible);
            if !judged.contains(&row.account()) {
                see(row);
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// How many accounts to draw from each stratum: one each; the rest by the groups' tenths, and within a group by
/// size.
fn shares(sizes: &BTreeMap<Stratum, u64>, wanted: u64) -> BTreeMap<Stratum, u64> {
    let mut drawn: BTreeMap<Stratum, u64> = sizes.keys().map(|stratum| (stratum.clone(), 1)).collect();
    // What a group is too small to take goes to the others, in further rounds.
    loop {
        let left = wanted.saturating_sub(drawn.values().sum());
        let room = |stratum: &Stratum| sizes[stratum] - drawn[stratum];
        let open = |group: Group| sizes.keys().filter(move |stratum| stratum.0 == group).map(room).sum::<u64>();
        let groups: Vec<(Group, u64)> =
            Group::ALL.into_iter().map(|group| (group, open(group))).filter(|(_, open)| *open > 0).collect();
        if left == 0 || groups.is_empty() {
            return drawn;
        }
        let tenths = groups.iter().map(|(group, _)| group.tenths()).sum::<u64>();
        let wanted: Vec<(u64, u64)> =
            groups.iter().map(|(group, open)| (left * group.tenths() / tenths, *open)).collect();
        // Fewer accounts are left than there are groups: they go to the first one.
        let too_few = wanted.iter().all(|(wanted, _)| *wanted == 0);
        for (place, ((group, _), (wanted, open))) in groups.iter().zip(wanted).enumerate() {
            let wanted = if too_few && place == 0 { left } else { wanted };
            let of_group: Vec<(Stratum, u64)> =
                sizes.keys().filter(|own| own.0 == *group).map(|own| (own.clone(), sizes[own] - drawn[own])).collect();
            for (stratum, more) in by_size(of_group, wanted.min(open)) {
                *drawn.entry(stratum).or_default() += more;
            }
        }
    }
}

/// Shares out `wanted` accounts over strata by their room, by largest remainder. `wanted` is at most the sum.
fn by_size(room: Vec<(Stratum, u64)>, wanted: u64) -> Vec<(Stratum, u64)> {
    let all = room.iter().map(|(_, room)| room).sum::<u64>().max(1);
    let mut own: Vec<(Stratum, u64, u64)> =
        room.into_iter().map(|(stratum, room)| (stratum, room * wanted / all, room * wanted % all)).collect();
    own.sort_by_key(|(_, _, remainder)| std::cmp::Reverse(*remainder));
    let left = wanted - own.iter().map(|(_, more, _)| more).sum::<u64>();
    let further = (0..).map(|place| u64::from(place < left));
    own.into_iter().zip(further).map(|((stratum, more, _), one)| (stratum, more + one)).collect()
}

/// Formats a sample as CSV. People open it, so a reference that a spreadsheet would take for a formula is
/// marked.
///
/// # Errors
/// [`ReportError::Unmade`], only if there is not enough memory.
pub fn sample_csv(rows: &[SampleRow]) -> Result<String, ReportError> {
    let unmade = |error: String| ReportError::Unmade(error);
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    // Write the header even if there are no rows.
    writer.write_record(SampleRow::HEADER).map_err(|error| unmade(error.to_string()))?;
    for row in rows {
        let mut row = row.clone();
        for reference in [&mut row.customer_ref, &mut row.claim_ref] {
            *reference = marked(reference).into_owned();
        }
        writer.serialize(row).map_err(|error| unmade(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| unmade(error.to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stratum(group: Group, name: &str) -> Stratum {
        (group, name.to_owned(), String::new())
    }

    #[test]
    fn every_stratum_is_drawn_and_the_rest_by_size() {
        let sizes = BTreeMap::from([
            (stratum(Group::Flagged, "a"), 1000),
            (stratum(Group::Flagged, "b"), 9),
            (stratum(Group::Flagged, "c"), 1),
            (stratum(Group::Review, "a"), 30),
            (stratum(Group::Neither, ""), 9000),
            (stratum(Group::Neither, "d"), 460),
        ]);
        for wanted in [6, 7, 8, 17, 100, 1499, 9000, 10_500, 40_000] {
            let drawn = shares(&sizes, wanted);
            assert_eq!(drawn.values().sum::<u64>(), wanted.min(10_500), "{wanted}");
            for (stratum, size) in &sizes {
                assert!((1..=*size).contains(&drawn[stratum]), "{wanted}: {stratum:?}");
            }
        }
        // Of 106: one each, and of 100 more 40 flagged, 20 in review, 40 of the others.
        let drawn = shares(&sizes, 106);
        let of = |group: Group| drawn.iter().filter(|own| own.0.0 == group).map(|own| own.1).sum::<u64>();
        assert_eq!(Group::ALL.map(of), [43, 21, 42]);
        assert_eq!(drawn[&stratum(Group::Neither, "d")], 3);
    }
}
