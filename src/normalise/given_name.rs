//! Tells whether one person may have two given names, by a table of short forms and spellings.
//!
//! The table, one group a line, is compiled for this program; `data/README.md` gives its sources. A name may
//! be in several groups (`CHRIS` is short for Christopher and for Christine), and two names are variants only
//! if they share one: `CHRISTOPHER` and `CHRISTINE` are not.

use std::collections::HashMap;
use std::sync::LazyLock;

use foldhash::fast::RandomState;

use super::frequency;

const TABLE: &str = include_str!("data/given_name_groups.csv");

/// The names of the table, each with its index in [`GROUPS`].
static NAMES: LazyLock<HashMap<&'static str, Variants, RandomState>> = LazyLock::new(|| {
    let mut names = HashMap::default();
    for name in TABLE.lines().flat_map(|line| line.split(',')) {
        let next = Variants(names.len() as u16 + 1);
        names.entry(name).or_insert(next);
    }
    names
});

/// The groups of each name, by index. The first entry is that of a name without variants.
static GROUPS: LazyLock<Vec<Vec<u16>>> = LazyLock::new(|| {
    let mut groups = vec![Vec::new(); NAMES.len() + 1];
    for (group, line) in (0..).zip(TABLE.lines()) {
        for name in line.split(',') {
            groups[usize::from(NAMES[name].0)].push(group);
        }
    }
    groups
});

/// The groups of one name, as an index in [`GROUPS`]; the default is that of a name without variants.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Variants(u16);

impl Variants {
    /// The groups, in ascending order.
    pub(crate) fn groups(self) -> &'static [u16] {
        if self == Variants::default() { &[] } else { &GROUPS[usize::from(self.0)] }
    }
}

/// The groups of a name, as an index.
pub(crate) fn variants(name: &str) -> Variants {
    NAMES.get(name).copied().unwrap_or_default()
}

/// The groups of interchangeable given names that `name` (one normalised word) belongs to, in ascending
/// order; empty for a name without variants.
///
/// A group's number is the same in every run of one version, and may change with the version.
pub fn groups(name: &str) -> &'static [u16] {
    variants(name).groups()
}

/// The first letters of the names that a name of these [groups] may stand for (`W` for `BILL`).
pub fn initials(groups: &[u16]) -> impl Iterator<Item = u8> {
    static HEADS: LazyLock<Vec<u8>> = LazyLock::new(|| TABLE.lines().filter_map(|line| line.bytes().next()).collect());
    groups.iter().filter_map(|group| HEADS.get(usize::from(*group)).copied())
}

/// The name is in a table: of common names, or of short forms and spellings.
pub(crate) fn is_known(name: &str) -> bool {
    frequency::given_name_rate(name) > frequency::GIVEN_NAME_FLOOR || !groups(name).is_empty()
}

/// The other names of a name's groups.
pub(crate) fn variants_of(name: &str) -> impl Iterator<Item = &'static str> {
    static MEMBERS: LazyLock<Vec<Vec<&'static str>>> =
        LazyLock::new(|| TABLE.lines().map(|line| line.split(',').collect()).collect());
    groups(name).iter().flat_map(|group| MEMBERS[usize::from(*group)].iter().copied())
}

/// Whether two given names (one normalised word each) may be one person's: the same name, or names of one
/// group.
///
/// ```
/// use flagmatch::normalise::given_name::are_variants;
/// assert!(are_variants("ELIZABETH", "BETTY"));
/// assert!(!are_variants("CHRISTOPHER", "CHRISTINE"));
/// ```
pub fn are_variants(one: &str, other: &str) -> bool {
    one == other || {
        let others = groups(other);
        groups(one).iter().any(|group| others.contains(group))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Word;

    #[test]
    fn every_line_is_a_group_of_normalised_names() {
        assert!(TABLE.lines().count() >= 300);
        for line in TABLE.lines() {
            let names: Vec<_> = line.split(',').collect();
            assert!(names.len() >= 2, "{line}");
            for (place, name) in names.iter().enumerate() {
                assert!(name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_uppercase()), "{line}");
                assert_eq!(&*Word::new(name), *name);
                assert!(!names[..place].contains(name), "{name} stands twice in {line}");
            }
        }
        let firsts: std::collections::HashSet<_> = TABLE.lines().map(|line| line.split(',').next()).collect();
        assert_eq!(firsts.len(), TABLE.lines().count(), "two groups have one name at the front");
        assert!(groups("CHRIS").is_sorted());
        assert!(groups("CHRIS").len() > 2);
        assert!(groups("ZZYZX").is_empty());
        assert!(groups("").is_empty());
    }

    #[test]
    fn names_of_one_person_are_variants() {
        for (one, other) in [
            ("JACK", "JOHN"),
            ("WILLIAM", "BILL"),
            ("MARY", "MOLLY"),
            ("MARY", "POLLY"),
            ("MARGARET", "PEGGY"),
            ("ELIZABETH", "ELSIE"),
            ("DOROTHY", "DOLLY"),
            ("SIAN", "SHAN"),
            ("EUPHEMIA", "EFFIE"),
            ("DJORDJE", "DORDE"),
            ("WILHELMINA", "MINNIE"),
            ("ANGUS", "GUS"),
            ("RHYS", "REECE"),
            ("IEUAN", "EVAN"),
            ("EWAN", "EUAN"),
            ("MHAIRI", "VARI"),
            ("IAIN", "IAN"),
            ("HAMISH", "SEUMAS"),
            ("CATRIONA", "KATRINA"),
            ("SEAN", "SHAWN"),
            ("SIOBHAN", "SHIVAUN"),
            ("NIAMH", "NEVE"),
            ("CAOIMHE", "KEEVA"),
            ("EOIN", "OWEN"),
            ("PADRAIG", "PADDY"),
            ("MOHAMMED", "MOHD"),
            ("MD", "MUHAMMAD"),
            ("AHMED", "AHMAD"),
            ("HUSSAIN", "HUSSEIN"),
            ("YUSUF", "YOUSEF"),
            ("FATIMA", "FATEMA"),
            ("AISHA", "AYESHA"),
            ("KATARZYNA", "KASIA"),
            ("MALGORZATA", "GOSIA"),
            ("AGNIESZKA", "AGA"),
            ("PIOTR", "PETER"),
            ("KRZYSZTOF", "CHRIS"),
            ("TOMASZ", "TOMEK"),
            ("OLUWASEUN", "SEUN"),
            ("AYODELE", "AYO"),
            ("CHUKWUEMEKA", "EMEKA"),
            ("CHRIS", "CHRISTINE"),
            ("CHRIS", "CHRISTOPHER"),
            ("QWERTY", "QWERTY"),
        ] {
            assert!(are_variants(one, other), "{one} {other}");
            assert!(are_variants(other, one), "{other} {one}");
        }
    }

    #[test]
    fn names_of_brothers_and_sisters_are_no_variants() {
        for (one, other) in [
            ("CHRISTOPHER", "CHRISTINE"),
            ("CHRISTIAN", "CHRISTINA"),
            ("WILLIAM", "LIAM"),
            ("MARY", "MARGARET"),
            ("PATRICK", "PATRICIA"),
            ("PAUL", "PAULINE"),
            ("SAMUEL", "SAMANTHA"),
            ("DANIEL", "DANIELLE"),
            ("EDWARD", "EDMUND"),
            ("MOHAMMED", "AHMED"),
            ("MOHAMMED", "MAHMOOD"),
            ("HASSAN", "HUSSAIN"),
            ("GURPREET", "HARPREET"),
            ("KWAME", "KOFI"),
            ("ELIZABETH", "ISABELLA"),
            ("EMMA", "EMILY"),
            ("HAROLD", "HENRY"),
            ("", "JOHN"),
        ] {
            assert!(!are_variants(one, other), "{one} {other}");
            assert!(!are_variants(other, one), "{other} {one}");
        }
    }
}
