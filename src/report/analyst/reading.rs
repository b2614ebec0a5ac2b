//! Says how to read figures with noise, and what their guarantee does not cover.

use super::PublishedRun;
use super::published::budget;
use crate::report::document::Part;

pub(super) fn parts(own: &PublishedRun) -> Vec<Part> {
    let season = own.night.privacy.as_ref();
    let notes = season.into_iter().flat_map(|season| &season.notes);
    let mut all: Vec<Part> = notes.map(|note| Part::Note(note.clone())).collect();
    let mut items = vec![
        "The figures are differentially private, and the unit is one household: the claims that share a person. If all of a \
         household's records were absent, or others, every figure would be about as likely as it is."
            .to_owned(),
    ];
    items.extend(season.into_iter().flat_map(budget));
    items.extend(
        [
            "An interval holds the true figure 95 times in a hundred. It is about the noise alone, which is the same for \
             large and small figures: small ones suffer most.",
            "\"Too noisy to show\" means that noise would hide the figure. It does not mean that the figure is small, or \
             none.",
            "A match rate is of eligible households or persons; a flagged share is of accounts on supply, and never a match \
             rate. Both are by the match alone, before rebates are allocated and without decisions by staff.",
            "For these tables, a household is a candidate on its first two accounts, and counts with two persons at most.",
            "A match weight of 10 bits says that it is a thousand times as likely as not that two records are of one \
             person, and each bit more doubles that.",
            "The guarantee does not cover flag files: a supplier that invents an account for a known person learns from its \
             flag whether that person is eligible.",
            "Budgets of seasons add up, and a second output directory has a second budget.",
            "Held fixed, and not proved to tell nothing: match weights, term frequencies, what intake rejects, and which \
             match keys are too common to be used.",
        ]
        .map(str::to_owned),
    );
    all.push(Part::List(items));
    all
}
