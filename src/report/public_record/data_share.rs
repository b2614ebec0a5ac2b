//! Drafts the entry of a job in the register of information sharing agreements under part 5 of the Digital Economy Act
//! 2017.

use super::job_facts::{
    CUSTOMER_FIELDS, audit_retention, benefit_fields, has_scores, protection, retention, schemes, suppliers,
};
use super::{Draft, Field, Section};
use crate::job::Job;

/// The register entry.
pub(crate) fn data_share(job: &Job) -> Draft {
    Draft {
        title: format!("Register entry for the data share: {}", schemes(job)),
        form: "with the fields of the register of information sharing agreements under part 5 of the Digital Economy \
               Act 2017",
        sections: vec![agreement(job), information(job), parties(job), time(job)],
    }
}

fn agreement(job: &Job) -> Section {
    let fields = vec![
        Field::new("", "Agreement number").lacks("the register gives it"),
        Field::new("", "Name").says(format!("Matching of benefit and energy supply records for {}", schemes(job))),
        Field::new("", "Purpose")
            .of_schemes(job, "the purpose (purpose in the job file)", |scheme| scheme.purpose.clone()),
        Field::new("", "Benefits of sharing").lacks("who gains what, and how you will measure it"),
        Field::new("", "Legal power").of_schemes(
            job,
            "the power and its section (legal_power in the job file)",
            |scheme| scheme.legal_power.clone(),
        ),
    ];
    Section { title: "The agreement", fields }
}

fn information(job: &Job) -> Section {
    let scores = if has_scores(job) { "Of properties: UPRN, energy-cost score. " } else { "" };
    let disclosed = format!(
        "To the administrator, from suppliers: {CUSTOMER_FIELDS}. From the benefit authority: {}. {scores}From the \
         administrator to each supplier: for each of its own accounts its reference and Y or N, what changed since the \
         last delivery, and which rows could not be used. A Y tells the supplier that the household is eligible; an N \
         never says why. No other field goes to a supplier, and nothing about another supplier's customers.",
        benefit_fields(job)
    );
    let fields = vec![
        Field::new("", "Information disclosed").says(disclosed),
        Field::new("", "Method of sharing").says(protection(job)).lacks("how files travel, both ways"),
    ];
    Section { title: "The information", fields }
}

fn parties(job: &Job) -> Section {
    let fields = vec![
        Field::new("", "Controllers")
            .says(format!("Receive flags: {}.", suppliers(job)))
            .lacks("their registered names, the administrator, and the benefit authority"),
        Field::new("", "Processors").lacks("whoever hosts or runs the matching for a controller, or none"),
        Field::new("", "Areas").lacks("England, Scotland, Wales, Northern Ireland"),
        Field::new("", "Contact").lacks("a mailbox of the team"),
    ];
    Section { title: "Who takes part", fields }
}

fn time(job: &Job) -> Section {
    let kept = Field::new("", "Retention").of_schemes(
        job,
        "how long flags are kept (retention_days in the job file)",
        retention,
    );
    let text = format!("{} {}", kept.text, audit_retention(job));
    let fields = vec![
        kept.says(text.trim_start()),
        Field::new("", "Start date").lacks("when sharing begins"),
        Field::new("", "End date").lacks("when it ends"),
        Field::new("", "Review date").lacks("when the agreement is reviewed"),
    ];
    Section { title: "Time", fields }
}
