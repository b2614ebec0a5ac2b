//! Writes places as people do: postcode, town and address lines, in the usual form or in another form used
//! for flats.

use super::areas::{AREAS, BUILDINGS, COMMON_STREETS, COTTAGES, STREET_STEMS, STREET_TYPES};
use super::draw::Draw;
use super::places::{Dwelling, Place, Street};
use crate::text::Text;

const UNIT_LETTERS: &[u8; 20] = b"ABDEFGHJLNPQRSTUWXYZ";

/// Up to three address lines.
pub(crate) type Lines = [Text<48>; 3];

impl Place {
    /// The postcode in its correct form.
    pub(crate) fn postcode(&self) -> Text<12> {
        let mut text = Text::new(AREAS[usize::from(self.area)].letters);
        push_number(&mut text, u64::from(self.district));
        text.push(' ');
        push_number(&mut text, u64::from(self.sector));
        text.push(char::from(UNIT_LETTERS[usize::from(self.unit / 20)]));
        text.push(char::from(UNIT_LETTERS[usize::from(self.unit % 20)]));
        text
    }

    /// The post town.
    pub(crate) fn town(&self) -> &'static str {
        let towns = AREAS[usize::from(self.area)].towns;
        // Every second district belongs to the chief town, the others to all towns in turn.
        towns[if self.district.is_multiple_of(2) { 0 } else { usize::from(self.district / 2) % towns.len() }]
    }

    /// The address lines in the usual form; `joined` puts flat and street on one line.
    pub(crate) fn usual_lines(&self, joined: bool) -> Lines {
        match self.dwelling {
            Dwelling::House => [self.numbered_street("", ""), Text::default(), Text::default()],
            Dwelling::Cottage(name) => two(COTTAGES[usize::from(name)], &self.bare_street(), joined),
            Dwelling::Numbered(flat) => two(&label("Flat ", flat, ""), &self.numbered_street("", ""), joined),
            Dwelling::Lettered(flat) => two(&label("Flat ", 0, letter(flat)), &self.numbered_street("", ""), joined),
            Dwelling::Suffixed(flat) => [self.numbered_street("", letter(flat)), Text::default(), Text::default()],
            Dwelling::Tenement(floor, door) => two(&tenement(floor, door), &self.numbered_street("", ""), joined),
            Dwelling::Block(flat, name) => {
                let mut first = label("Flat ", flat, "");
                first.push_str(if joined { ", " } else { " " });
                first.push_str(BUILDINGS[usize::from(name)]);
                [first, self.bare_street(), Text::default()]
            }
        }
    }

    /// The address lines of a flat in another form in use, or without the flat. A house has its usual lines.
    pub(crate) fn other_lines(&self, draw: &mut Draw) -> Lines {
        let way = draw.below(10);
        let plain = self.numbered_street("", "");
        if way == 0 && self.dwelling.is_flat() {
            return match self.dwelling {
                Dwelling::Block(_, name) => two(BUILDINGS[usize::from(name)], &self.bare_street(), false),
                _ => [plain, Text::default(), Text::default()],
            };
        }
        match self.dwelling {
            Dwelling::Numbered(flat) => match way {
                1..=3 => two(&label("Apartment ", flat, ""), &plain, false),
                4..=5 => {
                    let before = label("", flat, "/");
                    [self.numbered_street(&before, ""), Text::default(), Text::default()]
                }
                6..=7 => two(&plain, &label("Flat ", flat, ""), false),
                8 => two(&label("Flat ", 0, letter(flat - 1)), &plain, false),
                _ => two(&label("Unit ", flat, ""), &plain, false),
            },
            Dwelling::Lettered(flat) => match way {
                1..=5 => [self.numbered_street("", letter(flat)), Text::default(), Text::default()],
                6..=7 => two(&label("Flat ", flat + 1, ""), &plain, false),
                _ => two(&label("Apartment ", 0, letter(flat)), &plain, false),
            },
            Dwelling::Suffixed(flat) => match way {
                1..=6 => two(&label("Flat ", 0, letter(flat)), &plain, false),
                7..=8 => two(&label("Flat ", flat + 1, ""), &plain, false),
                _ => two(&plain, &label("Flat ", 0, letter(flat)), false),
            },
            Dwelling::Tenement(floor, door) => match way {
                1..=5 => {
                    let mut first = label("Flat ", floor, "/");
                    if floor == 0 {
                        first = Text::new("Flat 0/");
                    }
                    push_number(&mut first, u64::from(door));
                    two(&first, &plain, false)
                }
                6..=7 => two(&plain, &tenement(floor, door), false),
                _ => two(&label("Flat ", floor * 2 + door, ""), &plain, false),
            },
            Dwelling::Block(flat, name) => {
                let building = BUILDINGS[usize::from(name)];
                match way {
                    1..=4 => {
                        let mut first = label("", flat, " ");
                        first.push_str(building);
                        [first, self.bare_street(), Text::default()]
                    }
                    5..=7 => [label("Apartment ", flat, ""), Text::new(building), self.bare_street()],
                    _ => two(building, &label("Flat ", flat, ""), false),
                }
            }
            Dwelling::House | Dwelling::Cottage(_) => self.usual_lines(false),
        }
    }

    fn bare_street(&self) -> Text<48> {
        match self.street {
            Street::Common(name) => Text::new(COMMON_STREETS[usize::from(name)]),
            Street::Made(stem, kind) => {
                let mut name = Text::new(STREET_STEMS[usize::from(stem)]);
                name.push(' ');
                name.push_str(STREET_TYPES[usize::from(kind)].0);
                name
            }
        }
    }

    fn numbered_street(&self, before: &str, after: &str) -> Text<48> {
        let mut line = Text::new(before);
        push_number(&mut line, u64::from(self.number));
        line.push_str(after);
        line.push(' ');
        line.push_str(&self.bare_street());
        line
    }
}

fn two(first: &str, second: &str, joined: bool) -> Lines {
    let mut line = Text::new(first);
    if joined {
        line.push_str(", ");
        line.push_str(second);
        [line, Text::default(), Text::default()]
    } else {
        [line, Text::new(second), Text::default()]
    }
}

/// Text, a number unless it is 0, and more text.
fn label(before: &str, number: u8, after: &str) -> Text<48> {
    let mut text = Text::new(before);
    if number > 0 {
        push_number(&mut text, u64::from(number));
    }
    text.push_str(after);
    text
}

fn letter(flat: u8) -> &'static str {
    ["A", "B", "C", "D", "E", "F"][usize::from(flat) % 6]
}

fn tenement(floor: u8, door: u8) -> Text<48> {
    if floor == 0 { label("GF", door, "") } else { label("", floor, label("F", door, "").as_str()) }
}

/// Appends a number in decimal.
pub(crate) fn push_number<const N: usize>(text: &mut Text<N>, number: u64) {
    if number > 9 {
        push_number(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}

#[cfg(test)]
mod tests {
    use super::super::places::Places;
    use super::*;

    #[test]
    fn a_flat_has_its_usual_form_and_others() {
        let place = Place { dwelling: Dwelling::Numbered(3), number: 12, ..Places::new(1, 0.0).home(0) };
        let street = place.bare_street();
        let usual = place.usual_lines(true);
        assert_eq!(&*usual[0], format!("Flat 3, 12 {}", &*street));
        let mut draw = Draw::new(1, 0, 0);
        for _ in 0..50 {
            assert_ne!(place.other_lines(&mut draw).concat_words(), usual.concat_words());
        }
        let tenement = Place { dwelling: Dwelling::Tenement(0, 2), ..place };
        assert_eq!(&*tenement.usual_lines(false)[0], "GF2");
    }

    trait Words {
        fn concat_words(&self) -> String;
    }
    impl Words for Lines {
        fn concat_words(&self) -> String {
            self.iter().flat_map(|line| line.split([' ', ','])).filter(|word| !word.is_empty()).collect()
        }
    }
}
