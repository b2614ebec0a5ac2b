//! Reads any text as a job file: no panic, and an accepted job has safe ids and settings within their ranges.

#![no_main]

use std::path::Path;

use flagmatch::job::Job;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    match Job::parse(data, Path::new("jobs")) {
        Err(error) => assert!(!error.to_string().contains('\n'), "an error is one line"),
        Ok(job) => {
            assert!(!job.schemes.is_empty() && !job.suppliers.is_empty());
            let is_safe = |id: &str| !id.is_empty() && !id.contains(['/', '\\', '\0']) && !id.contains("..");
            assert!(job.schemes.iter().all(|scheme| is_safe(&scheme.id) && !scheme.groups.is_empty()));
            assert!(job.suppliers.iter().all(|supplier| is_safe(&supplier.id)));
            assert!(job.matching.threshold > 0.0 && job.matching.threshold < 1.0);
            assert!((0.0..=1.0).contains(&job.intake.reject_limit));
        }
    }
});
