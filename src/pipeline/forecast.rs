//! Compares tonight's flags with each supplier's newest delivery, for a dry run.

use crate::pipeline::error::PipelineError;
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::pipeline::judging::verdicts::Verdicts;
use crate::release::run_record::Forecast;
use crate::release::{Flag, FlagChanges, Published};
use crate::scheme::Reason;

/// Compares what would go out with the newest deliveries. Suppliers that are held back are left out: they keep
/// what they have.
pub(crate) fn forecast(matched: &Matched<'_>, published: Option<&Published>) -> Result<Vec<Forecast>, PipelineError> {
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
) -> Result<Forecast, PipelineError> {
    let (supplier, id) = (&own.supplier.id, &matched.job.schemes[scheme].id);
    let accounts = &own.read.accounts;
    let mut rows = verdicts.rows().iter().peekable();
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
        let flagged = verdicts.rows().iter().filter(|row| row.flag);
        flagged.for_each(|row| *forecast.new_yes.entry(row.reason().to_owned()).or_default() += 1);
        forecast.new_no = accounts.count() as u64 - forecast.new_yes.values().sum::<u64>();
        forecast.first = true;
        return Ok(forecast);
    };
    let reason = |account: usize| match verdicts.rows().find(account as u32) {
        Some(row) => row.reason(),
        None if accounts.at(account).is_on_supply(scheme) => Reason::NotFound.name(),
        None => Reason::NotOnSupply.name(),
    };
    for (account, flag) in changed {
        let counts = if flag == Flag::Y { &mut forecast.no_to_yes } else { &mut forecast.yes_to_no };
        *counts.entry(reason(account).to_owned()).or_default() += 1;
    }
    for (account, flag) in new {
        match flag {
            Flag::Y => *forecast.new_yes.entry(reason(account).to_owned()).or_default() += 1,
            Flag::N => forecast.new_no += 1,
        }
    }
    (forecast.gone_yes, forecast.gone_no) = (gone_yes, gone_no);
    Ok(forecast)
}
