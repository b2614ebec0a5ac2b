//! Decides for one household which of its accounts gets the rebate.

use jiff::civil::Date;

use super::{Allocation, Basis, Contender, Contenders, Delivery, Fate, Outcome, Position, Rebate, Rules, hash};

/// One household: its accounts, by their places among all contenders, each with the household's number.
pub(super) struct Household<'h, C: ?Sized> {
    pub(super) contenders: &'h C,
    pub(super) rebates: &'h [Rebate<'h>],
    pub(super) rules: Rules<'h>,
    pub(super) own: &'h [(u32, usize)],
}

impl<'h, 'a: 'h, C: Contenders<'a> + ?Sized> Household<'h, C> {
    fn contender(&self, at: usize) -> Contender<'a> {
        self.contenders.at(at)
    }

    fn own(&self) -> impl Iterator<Item = usize> + Clone {
        self.own.iter().map(|(_, at)| *at)
    }

    pub(super) fn allocate(&self, out: &[(u32, usize)], allocation: &mut Allocation) {
        let rebate = self.the_one_that_stays(out, allocation);
        let named = self.latest_decision(rebate);
        let (winner, lost) = match (rebate, named) {
            (None, named) => (named.or_else(|| self.first_for_a_new_rebate()), Outcome::ClaimUsed),
            (Some(rebate), named) => {
                let Rebate { position, supplier, .. } = self.rebates[rebate];
                let stands = matches!(position, Position::Stands(_));
                // A move waits for a run that delivers to both suppliers.
                let can_move = |at: &usize| !stands && self.contender(*at).delivery == Delivery::GoesOut;
                match (named.filter(can_move), position) {
                    (Some(named), Position::Held(holder)) if named == holder => (Some(holder), Outcome::ClaimUsed),
                    (Some(named), _) => {
                        allocation.fates[rebate] = Fate::MovesTo(named);
                        (Some(named), Outcome::ClaimUsed)
                    }
                    (None, Position::Held(holder) | Position::Stands(Some(holder))) => {
                        (Some(holder), Outcome::ClaimUsed)
                    }
                    // The file that is not delivered may have renumbered the account; other suppliers do not count.
                    (None, Position::Stands(None)) => (self.next_of(supplier), Outcome::ClaimUsed),
                    (None, Position::VacantUnseen(holder)) => {
                        (holder.or_else(|| self.next_of(supplier)), Outcome::ClaimFreed)
                    }
                    (None, Position::Vacant) => {
                        let next = self.next_of(supplier);
                        if let Some(next) = next {
                            allocation.fates[rebate] = Fate::MovesTo(next);
                        }
                        (next, if next.is_some() { Outcome::ClaimUsed } else { Outcome::ClaimFreed })
                    }
                    (None, Position::AwaitsStaff) => (None, Outcome::ClaimFreed),
                    (None, Position::Objected) => (None, Outcome::ClaimUsed),
                }
            }
        };
        if let (Some(_), Some(winner)) = (rebate, winner) {
            allocation.has_rebate[winner] = true;
        }
        for at in self.own() {
            allocation.outcomes[at] = match self.contenders.basis(at) {
                _ if winner == Some(at) => Outcome::Flagged,
                Basis::MayKeep => Outcome::NotFlagged,
                _ => lost,
            };
        }
    }

    /// The rebate that stays if a household has several, because claims turned out to be one household: one whose
    /// flag is out, then the oldest. The others end, except those whose flag stands tonight whatever is decided.
    fn the_one_that_stays(&self, out: &[(u32, usize)], allocation: &mut Allocation) -> Option<usize> {
        let rank = |at: usize| {
            let Rebate { position, released_on, supplier, customer_ref, .. } = self.rebates[at];
            let is_out = matches!(position, Position::Stands(_) | Position::Held(_));
            (!is_out, released_on.unwrap_or(Date::MAX), supplier, customer_ref)
        };
        let out = out.iter().map(|(_, at)| *at);
        let stays = out.clone().min_by(|one, other| rank(*one).cmp(&rank(*other)))?;
        for other in out.filter(|other| *other != stays) {
            if !matches!(self.rebates[other].position, Position::Stands(_)) {
                allocation.fates[other] = Fate::Ends;
            }
        }
        Some(stays)
    }

    /// The account that staff named last for a claim of the household.
    fn latest_decision(&self, rebate: Option<usize>) -> Option<usize> {
        let holder = rebate.and_then(|rebate| match self.rebates[rebate].position {
            Position::Held(holder) => Some(holder),
            _ => None,
        });
        let moment = |at: usize| match self.contender(at) {
            Contender { basis: Basis::DecidedClaim(moment), delivery, .. } if delivery > Delivery::Withheld => {
                Some(moment)
            }
            _ => None,
        };
        let decided = self.own().filter_map(|at| Some((moment(at)?, Some(at) == holder, at)));
        let first = decided.max_by(|one, other| {
            (one.0, one.1).cmp(&(other.0, other.1)).then_with(|| self.by_account(other.2).cmp(&self.by_account(one.2)))
        });
        first.map(|(.., at)| at)
    }

    /// The supplier's account that takes over the household's rebate.
    fn next_of(&self, supplier: &str) -> Option<usize> {
        self.first_of(self.own().filter(|at| self.contender(*at).supplier == supplier))
    }

    /// The first of one supplier's accounts, by staff decision, then home, then support, then reference.
    fn first_of(&self, accounts: impl Iterator<Item = usize>) -> Option<usize> {
        let reaches = accounts.filter(|at| self.contenders.basis(*at) != Basis::MayKeep);
        reaches.max_by(|one, other| {
            let (one, other) = (self.contender(*one), self.contender(*other));
            decided(&one)
                .cmp(&decided(&other))
                .then(one.home_agrees.cmp(&other.home_agrees))
                .then(one.support.total_cmp(&other.support))
                .then_with(|| other.customer_ref.cmp(one.customer_ref))
        })
    }

    /// The account that gets the rebate if none was released. These come first, in this order: accounts that are
    /// not held back, that wait for a release day, that staff decided, whose home agrees, that were delivered
    /// before; then a hash that no supplier can choose.
    fn first_for_a_new_rebate(&self) -> Option<usize> {
        let rank = |at: usize| {
            let one = self.contender(at);
            let waits = one.basis == Basis::Waits;
            (one.delivery > Delivery::Withheld, waits, decided(&one), one.home_agrees, one.was_delivered)
        };
        let reaches = self.own().filter(|at| self.contenders.basis(*at) != Basis::MayKeep);
        let best = reaches.clone().map(rank).max()?;
        let first = reaches.filter(|at| rank(*at) == best).min_by(|one, other| {
            let (hash, other_hash) = (self.hash(*one), self.hash(*other));
            hash.cmp(&other_hash).then_with(|| self.by_account(*one).cmp(&self.by_account(*other)))
        })?;
        let supplier = self.contender(first).supplier;
        // Among one supplier's own accounts, what its file says may decide.
        let is_equal = |at: &usize| {
            let one = self.contender(*at);
            one.supplier == supplier && one.delivery == self.contender(first).delivery && waits(&one) == best.1
        };
        self.first_of(self.own().filter(is_equal))
    }

    fn hash(&self, at: usize) -> [u8; 32] {
        let Contender { household_ref, supplier, .. } = self.contender(at);
        hash(self.rules.scheme, household_ref, supplier)
    }

    fn by_account(&self, at: usize) -> (&'a str, &'a str) {
        let Contender { supplier, customer_ref, .. } = self.contender(at);
        (supplier, customer_ref)
    }
}

fn waits(contender: &Contender<'_>) -> bool {
    contender.basis == Basis::Waits
}

/// The moment of the staff decision, if there is one.
fn decided(contender: &Contender<'_>) -> Option<u64> {
    match contender.basis {
        Basis::Decided(moment) | Basis::DecidedClaim(moment) => Some(moment),
        Basis::MayKeep | Basis::Matched | Basis::Waits => None,
    }
}
