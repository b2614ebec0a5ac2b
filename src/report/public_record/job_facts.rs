//! Words what a job says about itself for its public records.

use crate::job::{Group, Job, Matching, Relatives, Scheme};
use crate::text::{count, counted};

/// The names of a job's schemes.
pub(super) fn schemes(job: &Job) -> String {
    joined(job.schemes.iter().map(|scheme| scheme.name.as_str()))
}

/// The ids of the suppliers that get deliveries.
pub(super) fn suppliers(job: &Job) -> String {
    joined(job.suppliers.iter().filter(|supplier| !supplier.former).map(|supplier| supplier.id.as_str()))
}

/// Who is eligible in a scheme, and how many rebates there are.
pub(super) fn eligibility(scheme: &Scheme) -> String {
    let groups: Vec<String> = scheme.groups.iter().map(group).collect();
    let mut text = format!("qualifying date {}; eligible through {}.", scheme.qualifying_date, groups.join("; or "));
    if scheme.one_rebate_per_claim {
        text += " One rebate a household.";
    }
    if let Some(limit) = scheme.limit {
        text += &format!(" At most {}, the coldest homes first.", counted(limit, "rebate"));
    }
    text
}

fn group(group: &Group) -> String {
    let mut text =
        format!("an award of {} ({})", joined_by(" or ", group.benefits.iter().map(String::as_str)), group.id);
    if let Some(pounds) = group.max_income {
        text += &format!(", income at most {} pounds a year", count(pounds.ceil() as u64));
    }
    if let Some(score) = group.min_energy_cost_score {
        text += &format!(", energy-cost score at least {score}");
    }
    text
}

/// What is read of a benefit record, as its holder would say it.
pub(super) fn benefit_fields(job: &Job) -> String {
    let has_income = groups(job).any(|group| group.max_income.is_some());
    format!(
        "claim and person references, role in the claim, names, date of birth, address, UPRN, benefit, dates of the \
         award{}",
        if has_income { ", income" } else { "" }
    )
}

/// What is read of a customer record.
pub(super) const CUSTOMER_FIELDS: &str = "the supplier's own account reference, names and dates of birth of the \
                                          holders, supply address, UPRN, dates of supply";

/// Whether a scheme asks for energy-cost scores.
pub(super) fn has_scores(job: &Job) -> bool {
    groups(job).any(|group| group.min_energy_cost_score.is_some())
}

fn groups(job: &Job) -> impl Iterator<Item = &Group> {
    job.schemes.iter().flat_map(|scheme| &scheme.groups)
}

/// How deliveries are protected on their way.
pub(super) fn protection(job: &Job) -> String {
    let current = || job.suppliers.iter().filter(|supplier| !supplier.former);
    let open: Vec<&str> =
        current().filter(|supplier| supplier.age_recipient.is_none()).map(|supplier| supplier.id.as_str()).collect();
    let encrypted = match (open.len(), current().count()) {
        (0, _) => "Each delivery is encrypted so that only its supplier can read it (age).".to_owned(),
        (open, all) if open == all => "Deliveries are not encrypted.".to_owned(),
        _ => format!("Deliveries are encrypted (age), but not those to {}.", joined(open.into_iter())),
    };
    let signed = if job.signing_key.is_some() { "They are signed (minisign)." } else { "They are not signed." };
    format!("{encrypted} {signed}")
}

/// For how long a scheme's flags are kept.
pub(super) fn retention(scheme: &Scheme) -> Option<String> {
    let days = u64::from(scheme.retention_days?);
    Some(format!("flags, and what they were made from, at most {} after the run.", counted(days, "day")))
}

/// For how long counts and sums are kept.
pub(super) fn audit_retention(job: &Job) -> String {
    let until = job.retention.audit_days.map_or("for good".to_owned(), |days| counted(u64::from(days), "day"));
    format!("Counts, sums and the ledger, which have nothing about any person, are kept {until}.")
}

/// What sets this job apart from the one that the published error rates are of; empty if nothing does.
pub(super) fn departures(job: &Job) -> String {
    let (own, shipped) = (&job.matching, Matching::default());
    let mut parts = Vec::new();
    if own.threshold != shipped.threshold {
        parts.push(format!("a threshold of {}", own.threshold));
    }
    if own.weights.is_some() {
        parts.push("match weights estimated from its own inputs".to_owned());
    }
    if own.population != shipped.population {
        parts.push(format!("a population of {}", count(u64::from(own.population))));
    }
    if own.relatives != Relatives::Shipped {
        parts.push("another table of relatives".to_owned());
    }
    joined(parts.iter().map(String::as_str))
}

fn joined<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    joined_by(" and ", parts)
}

/// Parts with commas between them, and a word before the last.
fn joined_by<'a>(word: &str, parts: impl Iterator<Item = &'a str>) -> String {
    let parts: Vec<&str> = parts.collect();
    match parts.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, before)) => format!("{}{word}{last}", before.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_joined_as_in_a_sentence() {
        for (parts, sentence) in
            [(&[][..], ""), (&["a"], "a"), (&["a", "b"], "a and b"), (&["a", "b", "c"], "a, b and c")]
        {
            assert_eq!(joined(parts.iter().copied()), sentence);
        }
    }
}
