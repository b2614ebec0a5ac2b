//! Matches all suppliers of a job and judges their accounts.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::job::Job;
use crate::matching::{Candidate, Donors, Sampling};
use crate::memory;
use crate::pipeline::Options;
use crate::pipeline::accounts::change_detection::{ChangeDetector, DetectedChanges, DetectionInputs};
use crate::pipeline::accounts::dropped::{Dropped, Rules};
use crate::pipeline::accounts::supplier_files;
use crate::pipeline::allocation::apply::Changes;
use crate::pipeline::error::PipelineError;
use crate::pipeline::inputs::file_owners::FileOwners;
use crate::pipeline::inputs::input_file::InputFile;
use crate::pipeline::inputs::shared_inputs::{Keep, SharedInputs};
use crate::pipeline::judging::decoys;
use crate::pipeline::judging::matched::{Matched, SupplierMatch};
use crate::pipeline::judging::verdicts::Verdicts;
use crate::pipeline::rejected_supplier::RejectedSupplier;
use crate::pipeline::stage_timer::{Stage, StageTimer};
use crate::release::Published;
use crate::scheme::{Households, improbable_each};

/// Matches the suppliers of a job, judges their accounts and allocates the rebates.
pub(crate) fn match_all<'a>(
    job: &'a Job,
    options: &Options,
    keep: Keep,
    timer: &StageTimer<'_>,
) -> Result<Matched<'a>, PipelineError> {
    let mut matched = judge_all(job, options, None, None, keep, false, timer)?;
    timer.time(Stage::Allocate, || matched.allocate(None, Changes::GoOut))?;
    Ok(matched)
}

/// Matches the suppliers of a job, and judges each account on its own. With `look_for`, compares them with
/// their last deliveries; `with_decoys`, estimates wrong flags.
pub(crate) fn judge_all<'a>(
    job: &'a Job,
    options: &Options,
    published: Option<&Published>,
    look_for: Option<DetectionInputs<'_>>,
    keep: Keep,
    with_decoys: bool,
    timer: &StageTimer<'_>,
) -> Result<Matched<'a>, PipelineError> {
    let wanted = wanted(job, options)?;
    let owners = FileOwners::find(job);
    let mut shared = SharedInputs::read(job, published, options.night_of, keep, timer)?;
    let own_households = (keep == Keep::ForTables).then(|| Households::new(shared.matcher.persons(), |_| true));
    let (mut suppliers, mut others) = (Vec::new(), Vec::new());
    let mut held_back = Vec::new();
    let mut donors = Vec::new();
    for supplier in job.current_suppliers() {
        let is_asked = wanted.contains(supplier.id.as_str());
        timer.go_on()?;
        let detector =
            look_for.filter(|_| is_asked).map(|look_for| ChangeDetector::new(look_for, &supplier.id)).transpose()?;
        let sampling = with_decoys.then(|| Sampling::new(&donors));
        let read = match owners.same_file(&supplier.id) {
            Some(why) => Err(why),
            None => supplier_files::read(job, supplier, &shared, detector.as_ref(), sampling.as_ref(), timer),
        };
        match read {
            Ok((mut read, duplicates)) => {
                donors.append(&mut read.donors);
                let mut detected = detector.map(|detector| detector.look(&read.accounts, duplicates)).transpose()?;
                let verdicts = (0..job.schemes.len()).map(|scheme| {
                    let takes_part = supplier.takes_part_in(&job.schemes[scheme]);
                    takes_part.then(|| Verdicts::judge_accounts(job, supplier, scheme, &read.accounts, &shared))
                });
                let verdicts: Vec<Option<Verdicts>> = timer.time(Stage::Judge, || verdicts.collect());
                let dropped = own_households.as_ref().map_or_else(Dropped::default, |households| {
                    let view = shared.view(job, 0);
                    read.accounts.drop_candidates(&Rules {
                        // A decision may have given an account's row another claim and group.
                        may: |account| verdicts.iter().flatten().all(|own| own.decided(account).is_none()),
                        household_of: |person| households.of_person(view.persons, person),
                        improbable: |own: &[Candidate], couple, supports: &mut Vec<f32>| {
                            improbable_each(own, couple, &view, supports)
                        },
                    })
                });
                if keep == Keep::Verdicts {
                    read.accounts.forget_candidates();
                }
                if keep.is_for_publishing() {
                    memory::give_back();
                }
                let probing = detected.as_ref().and_then(|detected| {
                    let flagged = verdicts.iter().map(|verdicts| Some(verdicts.as_ref()?.rows().flagged().collect()));
                    detected.figures(job, &read.accounts, &flagged.collect::<Vec<_>>())
                });
                let fresh = detected.as_mut().and_then(DetectedChanges::fresh);
                let (findings, marks) = (Vec::new(), detected.map(|detected| detected.marks));
                let list = if is_asked { &mut suppliers } else { &mut others };
                list.push(SupplierMatch { supplier, read, verdicts, dropped, findings, fresh, probing, marks });
            }
            Err(why) if is_asked => held_back.push((supplier, why)),
            // Its accounts are not known, and its rebates stay.
            Err(_) => {}
        }
    }
    // Reading may have failed because the run was stopped, not because of the supplier's files.
    timer.go_on()?;
    let decoys = timer.time(Stage::Decoys, || {
        let donors = Donors::gather(&std::mem::take(&mut donors));
        decoys::look_up(job, &shared, &donors, &suppliers.iter().chain(&others).collect::<Vec<_>>())
    })?;
    shared.matcher.forget_keys();
    memory::give_back();
    let mut matched = Matched {
        job,
        shared,
        suppliers,
        others,
        held_back,
        own_households,
        decoys,
        rebates: Vec::new(),
        moved: Vec::new(),
        outcomes: Vec::new(),
        receipts: Vec::new(),
        review: Vec::new(),
        night_of: options.night_of,
    };
    owners.note_sums(matched.all_suppliers().flat_map(|supplier| &supplier.read.files));
    keep_unchanged(&mut matched)?;
    matched.keep_if(|supplier, files| owners.same_content(&supplier.id, files).map_or(Ok(()), Err))?;
    for matched_supplier in &matched.suppliers {
        let SupplierMatch { supplier, read, .. } = matched_supplier;
        let references = |some| read.accounts.each(some).map(|account| account.reference());
        matched.shared.note_unknown_accounts(&supplier.id, read.accounts.count(), references);
    }
    Ok(matched)
}

/// The ids of the suppliers that a run is for.
pub(crate) fn wanted<'a>(job: &'a Job, options: &'a Options) -> Result<HashSet<&'a str>, PipelineError> {
    if options.suppliers.is_empty() {
        return Ok(job.current_suppliers().map(|supplier| supplier.id.as_str()).collect());
    }
    for id in &options.suppliers {
        if job.supplier(id).is_none_or(|supplier| supplier.former) {
            let known: Vec<&str> = job.current_suppliers().map(|supplier| supplier.id.as_str()).collect();
            return Err(PipelineError::UnknownSupplier { id: id.clone(), known: known.join(", ") });
        }
    }
    Ok(options.suppliers.iter().map(String::as_str).collect())
}

/// Rejects each supplier of which a file has changed since it was read: a customer file or a report. Any other shared
/// input that has changed stops the run.
fn keep_unchanged(matched: &mut Matched<'_>) -> Result<(), PipelineError> {
    let SharedInputs { files, reports, .. } = &matched.shared;
    let mut changed: HashMap<String, Arc<RejectedSupplier>> = HashMap::new();
    for (place, file) in files.iter().enumerate() {
        let Err(source) = file.is_unchanged() else { continue };
        let Some(report) = reports.iter().find(|report| report.file == place) else {
            return Err(PipelineError::Unreadable { input: "an input that was read", source });
        };
        changed.insert(report.supplier.clone(), Arc::new(RejectedSupplier::Unreadable(source)));
    }
    matched.keep_if(|supplier, files| match changed.get(&supplier.id) {
        Some(why) => Err(RejectedSupplier::Exceptions(Arc::clone(why))),
        None => Ok(files.iter().try_for_each(InputFile::is_unchanged)?),
    })
}
