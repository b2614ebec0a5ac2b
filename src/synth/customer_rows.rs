//! Writes a block's accounts as rows of the suppliers' files, with all that goes wrong on the way, and as
//! rows of the truth file.
//!
//! Choices: of suppliers, one in three has headings of its own and dates with the day first, one in
//! four writes in capitals, every other one gives titles; one holder in ten has middle names on file;
//! accents are lost in three rows of four; one missing date of birth in twenty is 1900-01-01.

use super::accounts::{Account, JointForm};
use super::address::Lines;
use super::block::{Block, Plan, purpose};
use super::calendar::made;
use super::draw::{Draw, hidden};
use super::homes::{Home, Person};
use super::names::{fold, short_forms};
use super::rows::{Rows, digits};
use super::slips::{EXCHANGEABLE, exchanged, postcode_slip, respelt, typing_slip, wrong_birth_date, wrong_uprn};
use crate::date::Date;
use crate::text::{Phrase, Text, Word};

const CAPITALS_ANYWAY: f64 = 0.04;
const MIDDLE_NAMES: f64 = 0.10;
const ACCENTS_LOST: f64 = 0.75;
const PLACEHOLDER: f64 = 0.05;
const JOINED_LINES: f64 = 0.4;

/// The columns of a customer file, and the headings of suppliers that have their own.
pub(crate) const COLUMNS: [(&str, &str); 17] = [
    ("customer_ref", "ACCOUNT NO"),
    ("title", "TITLE"),
    ("forename", "FIRST NAME"),
    ("middle_names", "OTHER NAMES"),
    ("surname", "LAST NAME"),
    ("date_of_birth", "DOB"),
    ("joint_forename", "FIRST NAME 2"),
    ("joint_surname", "LAST NAME 2"),
    ("joint_date_of_birth", "DOB 2"),
    ("address_line_1", "ADDR 1"),
    ("address_line_2", "ADDR 2"),
    ("address_line_3", "ADDR 3"),
    ("town", "POST TOWN"),
    ("postcode", "POSTCODE"),
    ("uprn", "PROPERTY REF"),
    ("supply_start", "START DATE"),
    ("supply_end", "END DATE"),
];

/// How a supplier writes its file.
#[derive(Clone, Copy)]
pub(crate) struct Style(u16);

impl Style {
    pub(crate) fn new(supplier: u16) -> Self {
        Style(supplier)
    }

    /// Whether it has headings of its own and writes dates with the day first.
    pub(crate) fn own_headings(self) -> bool {
        self.0 % 3 == 1
    }

    fn capitals(self) -> bool {
        self.0 % 4 == 3
    }

    fn titles(self) -> bool {
        self.0.is_multiple_of(2)
    }

    /// The supplier's reference for an account's number. It hides the order and nearness of numbers.
    pub(crate) fn reference(self, number: u64) -> Text<16> {
        let offset = 12_345_677 + u64::from(self.0) * 7_654_321;
        let mut bytes = Vec::with_capacity(16);
        match self.0 % 4 {
            0 => digits(&mut bytes, hidden(number, offset, 10), 10),
            1 => {
                bytes.extend_from_slice(b"A-");
                digits(&mut bytes, hidden(number, offset, 9), 9);
            }
            2 => {
                let number = hidden(number, offset, 10);
                digits(&mut bytes, number / 1_000_000, 4);
                bytes.push(b'-');
                digits(&mut bytes, number % 1_000_000, 6);
            }
            _ => {
                digits(&mut bytes, hidden(number, offset, 9), 9);
                bytes.extend_from_slice(b"/EL");
            }
        }
        let mut text = Text::default();
        bytes.into_iter().for_each(|byte| text.push(char::from(byte)));
        text
    }
}

/// One block's rows, by supplier, and its part of the truth.
pub(crate) struct CustomerRows {
    pub(crate) suppliers: Vec<Vec<u8>>,
    pub(crate) truth: Vec<u8>,
    pub(crate) rows: u64,
    pub(crate) eligible: u64,
}

/// Writes customer rows.
pub(crate) struct Customers<'a> {
    plan: &'a Plan,
    /// How often somebody whose forename has a short form is known by it.
    nickname: f64,
}

/// A holder as the supplier records them.
struct Holder {
    forename: Word,
    surname: Phrase,
    birth_date: Option<Date>,
}

impl<'a> Customers<'a> {
    pub(crate) fn new(plan: &'a Plan) -> Self {
        // Not every forename has a short form, so those that have one must use it more often.
        let mut draw = Draw::new(0, 0, purpose::SURVEY);
        let asked = 4_096;
        let with_form = (0..asked)
            .filter(|_| {
                let person = plan.homes.stranger(&plan.names, &mut draw);
                !short_forms(&person.forename).is_empty()
            })
            .count();
        Customers { plan, nickname: plan.nation.noise.nickname * f64::from(asked) / with_form.max(1) as f64 }
    }

    /// The rows of a block.
    pub(crate) fn write(&self, number: u64, block: &Block) -> CustomerRows {
        let mut draw = Draw::new(self.plan.nation.seed, number, purpose::CUSTOMERS);
        let mut written = CustomerRows {
            suppliers: vec![Vec::new(); self.plan.nation.suppliers as usize],
            truth: Vec::new(),
            rows: 0,
            eligible: 0,
        };
        for account in &block.accounts {
            let home = &block.homes[account.home as usize];
            let reference = Style::new(account.supplier).reference(account.number);
            let out = &mut written.suppliers[usize::from(account.supplier)];
            self.account(account, home, &reference, out, &mut draw);
            let eligible = account.eligible(block.claims_of(account.home), self.plan.qualifying_date);
            let mut truth = Rows::new(&mut written.truth);
            truth.text(&supplier_id(account.supplier, self.plan.nation.suppliers));
            truth.text(&reference);
            truth.text(if eligible { "Y" } else { "N" });
            truth.end();
            written.rows += account.rows();
            written.eligible += u64::from(eligible);
        }
        written
    }

    fn account(&self, account: &Account, home: &Home, reference: &str, out: &mut Vec<u8>, draw: &mut Draw) {
        let noise = &self.plan.nation.noise;
        let style = Style::new(account.supplier);
        let person = &home.people[usize::from(account.holder)];
        let other_form = home.place.dwelling.is_flat() && draw.chance(noise.other_flat_form);
        let lines =
            if other_form { home.place.other_lines(draw) } else { home.place.usual_lines(draw.chance(JOINED_LINES)) };
        let mut postcode = home.place.postcode();
        let spelling = draw.unit();
        if spelling < noise.postcode_spelling {
            postcode = respelt(&postcode, draw);
        } else if spelling < noise.postcode_spelling + noise.postcode_slip {
            postcode = postcode_slip(&postcode, draw);
        }
        let known = draw.unit();
        let uprn = if known < noise.no_uprn {
            None
        } else if known < noise.no_uprn + noise.wrong_uprn {
            Some(wrong_uprn(home.place.uprn, draw))
        } else {
            Some(home.place.uprn)
        };
        let joint = account.joint.map(|joint| (&home.people[usize::from(joint.holder)], joint.form));
        let together = matches!(joint, Some((_, JointForm::Together)));
        let mut holder = self.holder(person, draw);
        if together {
            // An initial stands for the forename, so nothing else can be wrong with it.
            holder.forename = Word::new("Mr & Mrs ");
            person.forename.chars().take(1).for_each(|initial| holder.forename.push(initial));
        }
        let beside = match joint {
            Some((partner, JointForm::Columns)) => Some(self.holder(partner, draw)),
            _ => None,
        };
        let capitals = style.capitals() || draw.chance(CAPITALS_ANYWAY);
        let mut rows = Rows::new(out);
        let mut row = |person: &Person, holder: &Holder, beside: Option<&Holder>, draw: &mut Draw| {
            rows.text(reference);
            rows.capitals(capitals);
            rows.text(if style.titles() && !together { title(person, draw) } else { "" });
            rows.text(&holder.forename);
            let middle = draw.chance(MIDDLE_NAMES) && !together;
            rows.text(if middle { &person.middle } else { "" });
            rows.text(&holder.surname);
            rows.date(holder.birth_date, style.own_headings());
            rows.text(beside.map_or("", |beside| &beside.forename));
            rows.text(beside.map_or("", |beside| &beside.surname));
            rows.date(beside.and_then(|beside| beside.birth_date), style.own_headings());
            address(&mut rows, &lines, home.place.town());
            rows.capitals(false);
            rows.text(&postcode);
            match uprn {
                Some(uprn) => rows.number(uprn, 1),
                None => rows.nothing(),
            }
            rows.date(account.start, style.own_headings());
            rows.date(account.end, style.own_headings());
            rows.end();
        };
        row(person, &holder, beside.as_ref(), draw);
        if let Some((partner, JointForm::SecondRow)) = joint {
            let holder = self.holder(partner, draw);
            row(partner, &holder, None, draw);
        }
    }

    fn holder(&self, person: &Person, draw: &mut Draw) -> Holder {
        let noise = &self.plan.nation.noise;
        let mut bands = Bands(draw.unit());
        let forename = if bands.takes(noise.initial_only) {
            let mut initial = Word::default();
            person.forename.chars().take(1).for_each(|letter| initial.push(letter));
            if draw.chance(0.2) {
                initial.push('.');
            }
            initial
        } else if bands.takes(noise.forename_slip) {
            typing_slip(&person.forename, draw)
        } else if bands.takes(self.nickname) {
            match short_forms(&person.forename) {
                [] => person.forename,
                forms => Word::new(draw.pick(forms)),
            }
        } else if bands.takes(noise.other_forename) {
            let names = &self.plan.names;
            names.forename(names.origin(draw), person.female, person.born.year(), draw)
        } else {
            person.forename
        };
        let mut bands = Bands(draw.unit());
        let surname = if bands.takes(noise.surname_slip) {
            typing_slip(&person.surname, draw)
        } else if bands.takes(noise.other_surname) {
            person.other_surname
        } else {
            person.surname
        };
        let mut bands = Bands(draw.unit());
        let birth_date = if bands.takes(noise.no_birth_date) {
            draw.chance(PLACEHOLDER).then(|| made(1900, 1, 1))
        } else if bands.takes(noise.wrong_birth_date) {
            Some(wrong_birth_date(person.born, draw))
        } else if bands.takes(noise.exchanged_birth_date / EXCHANGEABLE) {
            exchanged(person.born).or(Some(person.born))
        } else {
            Some(person.born)
        };
        let lost = draw.chance(ACCENTS_LOST);
        Holder {
            forename: if lost { without_accents(&forename) } else { forename },
            surname: if lost { without_accents(&surname) } else { surname },
            birth_date,
        }
    }
}

/// One draw that decides between mutually exclusive differences.
struct Bands(f64);

impl Bands {
    fn takes(&mut self, rate: f64) -> bool {
        let taken = (0.0..rate).contains(&self.0);
        self.0 -= rate;
        taken
    }
}

/// Text without accents. ASCII text is returned as it is.
pub(crate) fn without_accents<const N: usize>(text: &Text<N>) -> Text<N> {
    if text.is_ascii() { *text } else { Text::new(&fold(text)) }
}

/// Writes three address lines and the town.
pub(crate) fn address(rows: &mut Rows<'_>, lines: &Lines, town: &str) {
    lines.iter().for_each(|line| rows.text(line));
    rows.text(town);
}

/// A supplier's id in the job file: `supplier-01`.
pub(crate) fn supplier_id(supplier: u16, suppliers: u32) -> Text<16> {
    let width = if suppliers > 99 { 3 } else { 2 };
    let mut text = Text::new("supplier-");
    let mut number = Vec::new();
    digits(&mut number, u64::from(supplier) + 1, width);
    number.into_iter().for_each(|digit| text.push(char::from(digit)));
    text
}

fn title(person: &Person, draw: &mut Draw) -> &'static str {
    if draw.chance(0.02) {
        "Dr"
    } else if person.female {
        ["Mrs", "Ms", "Miss"][draw.below(3)]
    } else {
        "Mr"
    }
}
