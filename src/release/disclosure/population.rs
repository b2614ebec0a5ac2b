//! Counts the accounts of a supplier's cells by the schemes in which they are on supply and flagged.

/// A kind of account. Each account is of one kind, so places never overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The letters of the postcode area; zeros where there is none.
    pub area: [u8; 2],
    /// The first holder's date of birth is known.
    pub birth_date: bool,
    /// The address has a flat.
    pub flat: bool,
}

/// The accounts of one supplier and place, by the schemes in which they are on supply and flagged.
#[derive(Debug, Clone, Default)]
pub struct Population(Vec<Alike>);

/// Accounts that do not differ in any scheme.
#[derive(Debug, Clone, Copy)]
struct Alike {
    on_supply: u32,
    flagged: u32,
    accounts: u64,
}

impl Alike {
    fn has(set: u32, scheme: usize) -> bool {
        set >> scheme & 1 == 1
    }

    fn unflagged(&self) -> u32 {
        self.on_supply & !self.flagged
    }
}

impl Population {
    /// Adds accounts that are on supply and flagged in the schemes of these bits.
    pub fn add(&mut self, on_supply: u32, flagged: u32, accounts: u64) {
        match self.0.iter_mut().find(|alike| alike.on_supply == on_supply && alike.flagged == flagged) {
            Some(alike) => alike.accounts += accounts,
            None => self.0.push(Alike { on_supply, flagged, accounts }),
        }
    }

    /// Accounts flagged in a scheme.
    pub(super) fn flagged(&self, scheme: usize) -> u64 {
        self.count(|alike| Alike::has(alike.flagged, scheme))
    }

    /// Accounts on supply in a scheme and not flagged.
    pub(super) fn unflagged(&self, scheme: usize) -> u64 {
        self.count(|alike| Alike::has(alike.unflagged(), scheme))
    }

    /// How many accounts distinguish two schemes: the lesser of those flagged in only one of them, and those on supply
    /// and not flagged in only one of them.
    pub(super) fn apart(&self, one: usize, other: usize) -> u64 {
        let differ = |set: u32| Alike::has(set, one) != Alike::has(set, other);
        let flagged = self.count(|alike| differ(alike.flagged));
        flagged.min(self.count(|alike| differ(alike.unflagged())))
    }

    fn count(&self, counts: impl Fn(&Alike) -> bool) -> u64 {
        self.0.iter().filter(|alike| counts(alike)).map(|alike| alike.accounts).sum()
    }
}
