//! Links two lists of people: the customers of a supplier with the sample's benefit records.
//!
//!     cargo run --release --example link_two_lists -- sample-data/benefits.csv sample-data/suppliers/northern-power.csv

// An example prints.
#![allow(clippy::print_stdout)]

use std::error::Error;

use flagmatch::linkage::{Linker, Person};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(known), Some(asked)) = (arguments.next(), arguments.next()) else {
        return Err("give two CSV files: the list to index, and the list to look up in it".into());
    };
    let known = people(&known, "person_ref")?;
    let asked = people(&asked, "customer_ref")?;

    let linker = Linker::new(&known)?;
    let links = linker.link_all(&asked);

    let likely = |least: f64| links.iter().flatten().filter(|candidate| candidate.posterior >= least).count();
    println!("{} people indexed, {} looked up", known.len(), asked.len());
    println!("{} pairs share a match key and are alike", links.iter().map(Vec::len).sum::<usize>());
    println!(
        "{} are likely to be one person (posterior of 0.5 or more), {} of them of 0.98 or more",
        likely(0.5),
        likely(0.98)
    );

    println!("\nThe first five that are in doubt:");
    let in_doubt = asked.iter().zip(&links).filter_map(|(person, candidates)| {
        candidates.first().filter(|best| (0.2..0.98).contains(&best.posterior)).map(|best| (person, best))
    });
    for (person, best) in in_doubt.take(5) {
        let levels: Vec<String> = best
            .levels()
            .filter(|(_, level)| *level != "absent")
            .map(|(field, level)| format!("{field} {level}"))
            .collect();
        println!("{} and {}: {:.1} bits, posterior {:.3}", person.id, best.id, best.weight, best.posterior);
        println!("    {}", levels.join(", "));
    }
    Ok(())
}

/// The people of a CSV file with flagmatch's own column names.
fn people(path: &str, id: &str) -> Result<Vec<Person>, Box<dyn Error>> {
    // A row that is too short lacks its last fields.
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path)?;
    let headings = reader.headers()?.clone();
    let mut people = Vec::new();
    for row in reader.records() {
        let row = row?;
        let field = |name: &str| {
            let place = headings.iter().position(|heading| heading == name);
            place.and_then(|place| row.get(place)).unwrap_or_default().to_owned()
        };
        people.push(Person {
            id: field(id),
            forename: field("forename"),
            middle_names: field("middle_names"),
            surname: field("surname"),
            full_name: field("full_name"),
            date_of_birth: field("date_of_birth"),
            address_lines: ["address_line_1", "address_line_2", "address_line_3"].map(field).to_vec(),
            town: field("town"),
            postcode: field("postcode"),
            uprn: field("uprn"),
        });
    }
    Ok(people)
}
