//! What a dry run says would change: tonight's flags beside those of each supplier's newest delivery.

use std::collections::BTreeMap;

use serde::Serialize;

use super::error::NightError;
use super::matched::{Matched, SupplierMatch};
use super::verdicts::Verdicts;
use crate::release::{Flag, FlagChanges, Published};
use crate::scheme::Reason;

/// How one supplier's flags in one scheme would differ from its newest delivery.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// The supplier's id.
    pub supplier: String,
    /// The scheme's id.
    pub scheme: String,
    /// Accounts that are `Y` there and would be `N`, by the reason of tonight's flag.
    pub yes_to_no: BTreeMap<&'static str, u64>,
    /// Accounts that are `N` there and would be `Y`, likewise.
    pub no_to_yes: BTreeMap<&'static str, u64>,
    /// Accounts that are not there and would be `Y`, likewise.
    pub new_yes: BTreeMap<&'static str, u64>,
    /// Accounts that are not there and would be `N`.
    pub new_no: u64,
    /// Accounts that are `Y` there, and not in the supplier's files any more.
    pub gone_yes: u64,
    /// Accounts that are `N` there, and not in the supplier's files any more.
    pub gone_no: u64,
    /// The supplier has had no flags of this scheme: all its accounts are new.
    pub first: bool,
}

impl Forecast {
    /// How many flags that the supplier has would change. An account that is gone loses its `Y`.
    pub fn changed(&self) -> u64 {
        self.yes_to_no.values().sum::<u64>() + self.no_to_yes.values().sum::<u64>() + self.gone_yes
    }
}

/// Compares what would go out with the newest deliveries. A supplier that is held back keeps what it has, and
/// is left out.
pub(super) fn forecast(matched: &Matched<'_>, published: Option<&Published>) -> Result<Vec<Forecast>, NightError> {
    let mut all = Vec::new();
    for own in matched.suppliers.iter().filter(|own| !own.is_held()) {
        for (scheme, verdicts) in own.verdicts.iter().enumerate() {
            if let Some(verdicts) = verdicts {
                all.push(of_scheme(matched, own, verdicts, scheme, published)?);
            }
        }
    }
    Ok(all)
}

fn of_scheme(
    matched: &Matched<'_>,
    own: &SupplierMatch<'_>,
    verdicts: &Verdicts,
    scheme: usize,
    published: Option<&Published>,
) -> Result<Forecast, NightError> {
    let (supplier, id) = (&own.supplier.id, &matched.job.schemes[scheme].id);
    let accounts = &own.read.accounts;
    let mut rows = verdicts.of_accounts.iter().peekable();
    let flags = accounts.each(0..accounts.count()).enumerate().map(|(number, account)| {
        let row = rows.next_if(|row| row.account as usize == number);
        (account.reference(), if row.is_some_and(|row| row.flag) { Flag::Y } else { Flag::N })
    });
    let changes = match published {
        Some(published) => published.flag_changes(supplier, id, flags)?,
        None => None,
    };
    let mut forecast = Forecast { supplier: supplier.clone(), scheme: id.clone(), ..Forecast::default() };
    let Some(FlagChanges { changed, new, gone_yes, gone_no }) = changes else {
        let flagged = verdicts.of_accounts.iter().filter(|row| row.flag);
        flagged.for_each(|row| *forecast.new_yes.entry(row.reason()).or_default() += 1);
        forecast.new_no = accounts.count() as u64 - forecast.new_yes.values().sum::<u64>();
        forecast.first = true;
        return Ok(forecast);
    };
    let reason = |account: usize| {
        let row = verdicts.of_accounts.binary_search_by_key(&(account as u32), |row| row.account);
        match row {
            Ok(row) => verdicts.of_accounts[row].reason(),
            Err(_) if accounts.at(account).is_in_play(scheme) => Reason::NotFound.name(),
            Err(_) => Reason::NotInPlay.name(),
        }
    };
    for (account, flag) in changed {
        let counts = if flag == Flag::Y { &mut forecast.no_to_yes } else { &mut forecast.yes_to_no };
        *counts.entry(reason(account)).or_default() += 1;
    }
    for (account, flag) in new {
        match flag {
            Flag::Y => *forecast.new_yes.entry(reason(account)).or_default() += 1,
            Flag::N => forecast.new_no += 1,
        }
    }
    (forecast.gone_yes, forecast.gone_no) = (gone_yes, gone_no);
    Ok(forecast)
}
