//! What there is to count: in go accounts one by one, out come true counts of the cells of one supplier.

/// A kind of account. Each account has one, so that places never overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The letters of the postcode area; zeros where there is none.
    pub area: [u8; 2],
    /// The first holder's date of birth is known.
    pub birth_date: bool,
    /// The address has a flat.
    pub flat: bool,
}

/// The accounts of one supplier and place, by the schemes in which they are in play and flagged.
#[derive(Debug, Clone, Default)]
pub struct Population(Vec<Alike>);

/// Accounts that do not differ in any scheme.
#[derive(Debug, Clone, Copy)]
struct Alike {
    in_play: u32,
    flagged: u32,
    accounts: u64,
}

impl Alike {
    fn has(set: u32, scheme: usize) -> bool {
        set >> scheme & 1 == 1
    }

    fn unflagged(&self) -> u32 {
        self.in_play & !self.flagged
    }
}

impl Population {
    /// Adds accounts that are in play and flagged in the schemes of these bits.
    pub fn add(&mut self, in_play: u32, flagged: u32, accounts: u64) {
        match self.0.iter_mut().find(|alike| alike.in_play == in_play && alike.flagged == flagged) {
            Some(alike) => alike.accounts += accounts,
            None => self.0.push(Alike { in_play, flagged, accounts }),
        }
    }

    /// Accounts flagged in a scheme.
    pub(super) fn flagged(&self, scheme: usize) -> u64 {
        self.count(|alike| Alike::has(alike.flagged, scheme))
    }

    /// Accounts in play in a scheme and not flagged.
    pub(super) fn unflagged(&self, scheme: usize) -> u64 {
        self.count(|alike| Alike::has(alike.unflagged(), scheme))
    }

    /// How many accounts tell two schemes apart: the lesser of those flagged in one of them alone, and those
    /// in play and not flagged in one of them alone.
    pub(super) fn apart(&self, one: usize, other: usize) -> u64 {
        let differ = |set: u32| Alike::has(set, one) != Alike::has(set, other);
        let flagged = self.count(|alike| differ(alike.flagged));
        flagged.min(self.count(|alike| differ(alike.unflagged())))
    }

    fn count(&self, counts: impl Fn(&Alike) -> bool) -> u64 {
        self.0.iter().filter(|alike| counts(alike)).map(|alike| alike.accounts).sum()
    }
}
