//! Drafts the record of a job after the UK Algorithmic Transparency Recording Standard (ATRS).

use super::job_facts::{
    CUSTOMER_FIELDS, audit_retention, benefit_fields, departures, eligibility, has_scores, protection, retention,
    schemes, suppliers,
};
use super::measured::{self, Rates};
use super::{Draft, Field, Section};
use crate::job::Job;
use crate::text::{count, counted};

/// The transparency record.
pub(crate) fn transparency(job: &Job) -> Draft {
    Draft {
        title: format!("Algorithmic transparency record: {}", schemes(job)),
        form: "in the order of version 4.0 of the ATRS template; compare it with the template in force",
        sections: vec![
            metadata(job),
            overview(job),
            owner(job),
            rationale(job),
            deployment(job),
            specification(job),
            model(job),
            data(job),
            risks(job),
        ],
    }
}

fn metadata(job: &Job) -> Section {
    let sentence = format!(
        "Decides which electricity accounts are eligible for {}, by comparing benefit records with energy suppliers' \
         customer records.",
        schemes(job)
    );
    let fields = vec![
        Field::new("0.1", "Title").says(format!("Matching for {}", schemes(job))),
        Field::new("0.2", "Organisation name").lacks("the department"),
        Field::new("0.3", "Phase").lacks("pre-deployment, beta or pilot, production, retired"),
        Field::new("0.4", "Region").lacks("where the accounts are"),
        Field::new("0.5", "One sentence description").says(sentence),
    ];
    Section { title: "Metadata", fields }
}

fn overview(job: &Job) -> Section {
    let description = format!(
        "flagmatch compares the people in benefit records with the people named on electricity accounts. It tells each \
         supplier Y or N for each of its own accounts, and nothing else. Y: with a probability of at least {}, a holder \
         of the account is a person who is eligible. An N never says why.",
        job.matching.threshold
    );
    let why =
        Field::new("1.2", "Description")
            .of_schemes(job, "why the tool is used (purpose in the job file)", |scheme| scheme.purpose.clone());
    let text = format!("{description} {}", why.text);
    let fields = vec![
        Field::new("1.1", "Name").says(format!("flagmatch, for {}", schemes(job))),
        why.says(text),
        Field::new("1.3", "Website URL").lacks("a page about the scheme"),
        Field::new("1.4", "Contact email").lacks("a mailbox of the team"),
    ];
    Section { title: "Tier 1: overview", fields }
}

fn owner(job: &Job) -> Section {
    let third = format!(
        "The program is open source, uses no network, and sends nothing to its authors. Energy suppliers send customer \
         files and receive flags: {}.",
        suppliers(job)
    );
    let fields = vec![
        Field::new("2.1.1", "Organisation or department").lacks("the department"),
        Field::new("2.1.2", "Team").lacks("the team that runs it"),
        Field::new("2.1.3", "Senior responsible owner").lacks("a role"),
        Field::new("2.1.4", "Third party involvement")
            .says(third)
            .lacks("whoever else builds, hosts or runs it: name, company number, role, procurement, access to data"),
    ];
    Section { title: "Tier 2: owner and responsibility", fields }
}

fn rationale(job: &Job) -> Section {
    let weights = match job.matching.weights {
        Some(_) => "The weights were estimated from the job's own inputs, within bounds, without known answers.",
        None => "The weights ship with the program.",
    };
    let how = format!(
        "Names, dates, addresses and UPRNs get one spelling. Records that share a key, such as date of birth with \
         postcode, are compared field by field. Each agreement weighs as much as it is likelier for one person than for \
         two (Fellegi and Sunter 1969). The probability that a holder is an eligible person takes every other candidate \
         into account, and people whom no record names, such as a twin or a namesake at the same home. {weights} The same \
         inputs give the same flags.",
    );
    let fields = vec![
        Field::new("2.2.1", "Detailed description").says(how),
        Field::new("2.2.2", "Benefits").lacks("who gains what, and how you will measure it"),
        Field::new("2.2.3", "Previous process").lacks("how accounts were found before"),
        Field::new("2.2.4", "Alternatives considered").lacks("other tools, and applications by hand"),
    ];
    Section { title: "Tier 2: description and rationale", fields }
}

fn deployment(job: &Job) -> Section {
    let rules: Vec<String> =
        job.schemes.iter().map(|scheme| format!("{}: {}", scheme.name, eligibility(scheme))).collect();
    let integration = format!(
        "{} The program decides Y and N alone; suppliers act on a Y. A supplier whose figures are out of bounds gets \
         nothing until a person has looked.",
        rules.join(" ")
    );
    let decisions = match job.decisions {
        Some(_) => "Their decisions override the match",
        None => "The job takes in no decisions of theirs ([decisions] in the job file)",
    };
    let review = format!(
        "No person looks at a clear Y or N. An account with a probability from {} up to {} is N and listed for staff, \
         the likeliest first. {decisions}. A person releases a quarantined delivery and gives a reason, which is kept.",
        job.matching.review, job.matching.threshold
    );
    let when = match &job.changes {
        Some(_) => "Changed flags of unchanged accounts go out on fixed release days. ",
        None => "",
    };
    let scale = counted(job.suppliers.iter().filter(|supplier| !supplier.former).count() as u64, "supplier");
    let objections = match job.objections {
        Some(_) => "An objection bars the flag, whatever staff decide.",
        None => "The job takes in no objections ([objections] in the job file).",
    };
    let reports = job.exceptions.as_ref().map_or(String::new(), |exceptions| {
        let days = counted(u64::from(exceptions.days), "day");
        format!(" A supplier may report within {days} an account that it cannot act on.")
    });
    let appeals =
        format!("Staff can explain every flag, field by field, and what became of a claim. {objections}{reports}");
    let fields = vec![
        Field::new("2.3.1", "Integration into broader operational process")
            .says(integration)
            .lacks("what a household is told, and what it can do if its account is N"),
        Field::new("2.3.2", "Human review").says(review).lacks(
            "who decides, how many cases a night, who checks them; the safeguards for automated decisions (UK GDPR, \
             articles 22A to 22D)",
        ),
        Field::new("2.3.3", "Frequency and scale of usage")
            .says(format!("{when}Deliveries to {scale}."))
            .lacks("how often it runs, how many accounts and claims"),
        Field::new("2.3.4", "Required training").lacks("of staff who run it and who decide"),
        Field::new("2.3.5", "Appeals and review")
            .says(appeals)
            .lacks("how a person questions a flag or the rebate, and who answers by when"),
    ];
    Section { title: "Tier 2: deployment context", fields }
}

fn specification(job: &Job) -> Section {
    let optional = |is_there: bool, what: &'static str| if is_there { what } else { "" };
    let inputs = format!(
        "Benefit records, customer records{}{}{}{}.",
        optional(has_scores(job), ", energy-cost scores of properties"),
        optional(job.objections.is_some(), ", objections"),
        optional(job.decisions.is_some(), ", staff decisions"),
        optional(job.exceptions.is_some(), ", suppliers' reports"),
    );
    let fields = vec![
        Field::new("2.4.1.1", "System architecture").says(
            "One program on one machine, run as a batch. Names and addresses stay in memory. Match keys are hashed under a \
             random key, which ends with the run. A run is published as a whole or not at all, and never changes; a ledger \
             chains the runs.",
        ),
        Field::new("2.4.1.2", "System-level input").says(inputs),
        Field::new("2.4.1.3", "System-level output").says(
            "To each supplier: its own references with Y or N, what changed, which of its rows cannot be used. To the \
             administrator: by reference, why. To the public: figures under disclosure control.",
        ),
        Field::new("2.4.1.4", "Maintenance")
            .says(format!("Version {}.", env!("CARGO_PKG_VERSION")))
            .lacks("who updates it, and how often accuracy is measured again"),
        Field::new("2.4.1.5", "Models").says("One match model."),
    ];
    Section { title: "Tier 2: tool specification", fields }
}

fn model(job: &Job) -> Section {
    let rates = |Rates { precision, recall }| format!("precision {precision}, recall {recall}");
    let mut performance = format!(
        "Precision: of the accounts flagged, those that are eligible. Recall: of the accounts eligible, those that are \
         flagged. Each with its counts and 95 % interval, on made records, for no figure comes from real people. A nation: \
         {}; without a date of birth: {}. A nation with more errors: {}; without a date of birth: {}. Source: flagmatch {}, \
         docs/accuracy.md, Two synthetic nations, shipped weights.",
        rates(measured::of_nation("nation")),
        rates(measured::without_birth_date("nation")),
        rates(measured::of_nation("nation-harder")),
        rates(measured::without_birth_date("nation-harder")),
        env!("CARGO_PKG_VERSION"),
    );
    let departures = departures(job);
    if !departures.is_empty() {
        performance += &format!(" These figures are not this job's: it has {departures}.");
    }
    let weights = if job.matching.weights.is_some() { "weights of the job's own" } else { "shipped weights" };
    let fields = vec![
        Field::new("2.4.2.1", "Model name").says("flagmatch's match model"),
        Field::new("2.4.2.2", "Model version").says(format!("{}, {weights}", env!("CARGO_PKG_VERSION"))),
        Field::new("2.4.2.3", "Model task").says("The probability that a holder of an account is an eligible person."),
        Field::new("2.4.2.4", "Model input").says(
            "How far forename, middle names, surname, date of birth, postcode, dwelling, street, town and UPRN agree; how \
             common the names are; who else is on the claim and on the account.",
        ),
        Field::new("2.4.2.5", "Model output")
            .says(format!("A probability. Y from {}, review from {}.", job.matching.threshold, job.matching.review)),
        Field::new("2.4.2.6", "Model architecture").says(format!(
            "Probabilistic record linkage with a table of weights; a prior of one in {}; no machine learning during a run.",
            count(u64::from(job.matching.population))
        )),
        Field::new("2.4.2.7", "Model performance").says(performance).lacks(
            "error rates on your own records: flagmatch evaluate --truth, or a reviewed flagmatch sample",
        ),
        Field::new("2.4.2.8", "Datasets and their purposes").says(
            "Tables of weights, of relatives and of British names, published with the program. They say which figures have a \
             source, and which are choices or approximations.",
        ),
    ];
    Section { title: "Tier 2: model specification", fields }
}

fn data(job: &Job) -> Section {
    let income = if benefit_fields(job).contains("income") { " and the claim's income" } else { "" };
    let kept = Field::new("2.4.4.4", "Data access and storage").of_schemes(
        job,
        "how long flags are kept (retention_days in the job file)",
        retention,
    );
    let storage = format!("Only the user who runs it can read what it writes. {} {}", kept.text, audit_retention(job));
    let access = match kept.to_complete.as_str() {
        "" => "who has access, and where the machine stands".to_owned(),
        silent => format!("{silent}; who has access, and where the machine stands"),
    };
    let scores = if has_scores(job) { " Of properties: UPRN and energy-cost score." } else { "" };
    let fields = vec![
        Field::new("2.4.3", "Development data").says("Made records and public research sets. No record of the scheme."),
        Field::new("2.4.4.1", "Data sources")
            .says(format!("Of benefits: {}. Of customers: {CUSTOMER_FIELDS}.{scores}", benefit_fields(job)))
            .lacks("who holds them, and since when"),
        Field::new("2.4.4.2", "Sensitive attributes").says(format!(
            "That a household receives a benefit{income}. A Y tells the supplier that the household is eligible. No health, \
             ethnicity or faith is read; names and benefits may hint at them.",
        )),
        Field::new("2.4.4.3", "Data processing methods").says(format!(
            "A value that cannot be read counts as absent, and its line is listed; a file with more than {} % unreadable rows \
             is refused. Other columns are skipped. Accounts not on supply on the qualifying date are dropped first.",
            (job.intake.reject_limit * 1000.0).round() / 10.0
        )),
        kept.says(storage).lacks(access),
        Field::new("2.4.4.5", "Data sharing agreements")
            .says(protection(job))
            .lacks("the agreements, and their numbers in the register"),
    ];
    Section { title: "Tier 2: data specification", fields }
}

fn risks(job: &Job) -> Section {
    let probing = match (&job.probing, &job.changes) {
        (None, None) => "the agreement alone; the job has neither [probing] nor [changes]",
        (Some(_), None) => "checks of its files, and the agreement",
        (None, Some(_)) => "fixed release days, and the agreement",
        (Some(_), Some(_)) => "checks of its files, fixed release days, and the agreement",
    };
    let known = format!(
        "A wrong Y pays the wrong household: the threshold, and an estimate of wrong flags in each \
         run. An eligible household is missed: review, helpline, staff decisions; likeliest where the date of birth is \
         missing, the household moved, or names are written in several ways, so compare recall between groups. A broken file: \
         gates stop it. A supplier probes who is on benefits: {probing}. A flag reveals a benefit: it may be used for its \
         purpose alone."
    );
    let fields = vec![
        Field::new("2.5.1", "Impact assessments").lacks("data protection and equality: title, date, link"),
        Field::new("2.5.2", "Risks and mitigations").says(known).lacks("your own risks, and what you do about each"),
    ];
    Section { title: "Tier 2: risks, mitigations and impact assessments", fields }
}
