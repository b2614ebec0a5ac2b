//! Runs a story of several days, each with its expected flags.

use std::collections::HashMap;

use crate::common::{DECISION, Folder, JOB, OBJECTION, PROPERTY, Row, csv};

/// A change in the folder before a run.
type Change = Box<dyn Fn(&Folder)>;

/// One run: the changes before it and the flags expected of it.
#[derive(Default)]
pub(crate) struct Night {
    day: &'static str,
    changes: Vec<Change>,
    arguments: Vec<&'static str>,
    code: i32,
    expected: Vec<(&'static str, &'static str)>,
    rebates: Vec<(&'static str, &'static str)>,
}

/// The run of a day.
pub(crate) fn night(day: &'static str) -> Night {
    Night { day, ..Night::default() }
}

impl Night {
    fn change(mut self, change: impl Fn(&Folder) + 'static) -> Night {
        self.changes.push(Box::new(change));
        self
    }

    pub(crate) fn benefits(self, rows: &[Row]) -> Night {
        let rows = rows.to_vec();
        self.change(move |folder| folder.benefits(&rows))
    }

    pub(crate) fn customers(self, supplier: &'static str, rows: &[Row]) -> Night {
        let rows = rows.to_vec();
        self.change(move |folder| folder.customers(supplier, &rows))
    }

    pub(crate) fn north(self, rows: &[Row]) -> Night {
        self.customers("north", rows)
    }

    pub(crate) fn south(self, rows: &[Row]) -> Night {
        self.customers("south", rows)
    }

    /// Removes the supplier's file, so that the supplier is rejected.
    pub(crate) fn without(self, supplier: &'static str) -> Night {
        let night = self.change(move |folder| {
            std::fs::remove_file(folder.path(&format!("suppliers/{supplier}.csv"))).unwrap();
        });
        Night { code: 4, ..night }
    }

    /// Expects that some supplier is held back.
    pub(crate) fn fails(self) -> Night {
        Night { code: 4, ..self }
    }

    pub(crate) fn decisions(self, rows: &[Row]) -> Night {
        let rows = rows.to_vec();
        self.change(move |folder| folder.write("decisions.csv", csv(DECISION, &rows)))
    }

    pub(crate) fn objections(self, rows: &[Row]) -> Night {
        let rows = rows.to_vec();
        self.change(move |folder| folder.write("objections.csv", csv(OBJECTION, &rows)))
    }

    pub(crate) fn scores(self, scores: &[(&str, &str)]) -> Night {
        let rows = scores.iter().map(|(uprn, score)| Row::new(&[("uprn", uprn), ("energy_cost_score", score)]));
        let rows: Vec<Row> = rows.collect();
        self.change(move |folder| folder.write("properties.csv", csv(PROPERTY, &rows)))
    }

    /// The supplier reports an account, in a row such as `REF-1,closed,whd,2026-10-07`.
    pub(crate) fn reports(self, supplier: &'static str, row: &'static str) -> Night {
        self.change(move |folder| {
            let text = format!("customer_ref,reason,scheme,reported_on\n{row}\n");
            folder.write(&format!("exceptions/{supplier}-1.csv"), text);
        })
    }

    /// Replaces a part of the job file.
    pub(crate) fn job(self, from: &'static str, to: &'static str) -> Night {
        self.change(move |folder| {
            let job = folder.read("job.toml");
            assert!(job.contains(from), "{from} is not in the job");
            folder.job(&job.replace(from, to));
        })
    }

    /// Runs another command before the run.
    pub(crate) fn command(self, arguments: &'static [&'static str]) -> Night {
        self.change(move |folder| {
            let said = folder.flagmatch(arguments);
            assert_eq!(said.code, 0, "{arguments:?}: {}", said.stderr);
        })
    }

    pub(crate) fn with(mut self, argument: &'static str) -> Night {
        self.arguments.push(argument);
        self
    }

    /// Flag and reason of an account, such as `("north REF-1", "Y matched")`; the reason is empty if no candidate was
    /// found. If the supplier gets no delivery tonight, the flag is that of its newest delivery.
    pub(crate) fn expect(mut self, account: &'static str, said: &'static str) -> Night {
        self.expected.push((account, said));
        self
    }

    /// Expects this state of a claim's rebate in `claims.csv`.
    pub(crate) fn expect_rebate(mut self, claim_ref: &'static str, state: &'static str) -> Night {
        self.rebates.push((claim_ref, state));
        self
    }

    fn run(&self, folder: &Folder, story: &str) {
        self.changes.iter().for_each(|change| change(folder));
        let arguments: Vec<&str> = [&["--night-of", self.day][..], &self.arguments].concat();
        let said = folder.run(&arguments);
        assert_eq!(said.code, self.code, "{story}, {}: {}{}", self.day, said.stdout, said.stderr);
        for (account, expected) in &self.expected {
            let (supplier, customer_ref) = account.split_once(' ').unwrap();
            let got = if folder.exists(&format!("out/latest/suppliers/{supplier}")) {
                let (flag, reason) = match folder.flags(supplier, "whd").iter().find(|(own, _)| own == customer_ref) {
                    Some((_, flag)) => (flag.clone(), folder.reason(supplier, "whd", customer_ref)),
                    None => ("gone".to_owned(), folder.reason(supplier, "whd", customer_ref)),
                };
                format!("{flag} {reason}").trim_end().to_owned()
            } else {
                format!("{} stands", folder.flag(supplier, "whd", customer_ref))
            };
            assert_eq!(got, *expected, "{story}, {}: {account}", self.day);
        }
        let claims = folder.read("out/latest/administrator/claims.csv");
        for (claim_ref, expected) in &self.rebates {
            let mut reader = csv::Reader::from_reader(claims.as_bytes());
            let rows = reader.deserialize().map(|row| row.unwrap());
            let states: Vec<String> = rows
                .filter(|row: &HashMap<String, String>| row["claim_ref"] == *claim_ref)
                .map(|row| row["rebate"].clone())
                .collect();
            assert_eq!(states, [*expected], "{story}, {}: {claim_ref}", self.day);
        }
    }
}

/// A job of two suppliers with objections, decisions and exceptions.
pub(crate) fn season() -> Folder {
    let folder = Folder::empty();
    folder.job(JOB);
    folder.add_to_job(
        "[objections]\nfiles = [\"objections.csv\"]\n[decisions]\nfiles = [\"decisions.csv\"]\n\
         [exceptions]\nfiles = [\"exceptions/*.csv\"]\n[gates]\nrepeated_file = false\naccounts_more = 1000.0",
    );
    folder.write("objections.csv", csv(OBJECTION, &[]));
    folder.write("decisions.csv", csv(DECISION, &[]));
    folder
}

/// Runs a story day by day and checks its expectations.
pub(crate) fn tell(story: &str, nights: &[Night]) {
    let folder = season();
    nights.iter().for_each(|night| night.run(&folder, story));
}
