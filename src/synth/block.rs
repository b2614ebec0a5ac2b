//! Makes one block of the nation, independently of the others: its homes, accounts and claims as they truly
//! are.

use super::accounts::{Account, Accounts};
use super::claims::{Claim, Claims};
use super::draw::Draw;
use super::homes::{Home, Homes};
use super::names::Names;
use super::noise::Noise;
use super::places::Places;
use super::{Nation, SynthError, qualifying_date};
use crate::date::Date;
use crate::normalise::frequency::{common_family_names, common_given_names};

/// Rows of one block, on the side that has more.
const ROWS_A_BLOCK: u64 = 4_096;
/// Share of claims whose home has no account at these suppliers.
const NO_ACCOUNT_HERE: f64 = 0.05;

/// The purposes of draws. Each has a stream of its own, so that one does not disturb another.
pub(crate) mod purpose {
    pub(crate) const TRUTH: u64 = 0;
    pub(crate) const CUSTOMERS: u64 = 1;
    pub(crate) const BENEFITS: u64 = 2;
    pub(crate) const ORDER: u64 = 3;
    pub(crate) const SURVEY: u64 = 4;
}

/// Everything that blocks are made from.
pub(crate) struct Plan {
    pub(crate) nation: Nation,
    pub(crate) qualifying_date: Date,
    pub(crate) names: Names,
    pub(crate) places: Places,
    pub(crate) homes: Homes,
    claims: Claims,
    accounts: Accounts,
    pub(crate) blocks: u64,
    homes_a_block: u64,
}

/// A block as it truly is.
pub(crate) struct Block {
    pub(crate) homes: Vec<Home>,
    /// In random order.
    pub(crate) accounts: Vec<Account>,
    /// Sorted by home.
    pub(crate) claims: Vec<Claim>,
}

impl Plan {
    pub(crate) fn new(nation: &Nation) -> Result<Self, SynthError> {
        if let Some(rate) = nation.noise.impossible() {
            return Err(SynthError::Rate(rate));
        }
        if !(1..=999).contains(&nation.suppliers) {
            return Err(SynthError::Suppliers);
        }
        let noise: &Noise = &nation.noise;
        let qualifying_date = qualifying_date();
        let places = Places::new(nation.seed, noise.flats);
        let blocks = nation.customers.max(nation.benefits).div_ceil(ROWS_A_BLOCK);
        // Every home has a row on at least one side, so a block has no more homes than rows.
        let homes_a_block = 2 + nation.customers.div_ceil(blocks.max(1)) + nation.benefits.div_ceil(blocks.max(1));
        if blocks.checked_mul(homes_a_block).is_none_or(|homes| homes > places.capacity()) {
            return Err(SynthError::TooLarge);
        }
        Ok(Plan {
            nation: nation.clone(),
            qualifying_date,
            names: Names::new(common_family_names(), common_given_names()),
            places,
            homes: Homes::new(noise, qualifying_date),
            claims: Claims::new(noise, qualifying_date),
            accounts: Accounts::new(nation.suppliers, noise, qualifying_date),
            blocks,
            homes_a_block,
        })
    }

    /// How many of `total` rows belong to a block.
    fn quota(&self, total: u64, block: u64) -> u64 {
        let up_to = |block: u64| (u128::from(total) * u128::from(block) / u128::from(self.blocks)) as u64;
        up_to(block + 1) - up_to(block)
    }

    /// Makes a block.
    pub(crate) fn settle(&self, number: u64) -> Block {
        let mut draw = Draw::new(self.nation.seed, number, purpose::TRUTH);
        let mut customer_rows = self.quota(self.nation.customers, number);
        let mut benefit_rows = self.quota(self.nation.benefits, number);
        let mut block = Block { homes: Vec::new(), accounts: Vec::new(), claims: Vec::new() };
        while customer_rows > 0 {
            // The rate follows from the rows that are still to be written, so that each block ends on its
            // number of rows.
            let homes_left = customer_rows as f64 / self.accounts.rows_a_home;
            let claims_left = benefit_rows as f64 / self.claims.rows_a_home / (1.0 + NO_ACCOUNT_HERE);
            let rate = (claims_left / homes_left).min(self.nation.noise.homes_on_benefit);
            let at = block.homes.len() as u32;
            let mut home = self.new_home(number, at, &mut draw);
            let before = block.claims.len();
            let on_benefit = draw.chance(rate);
            if on_benefit && benefit_rows > 0 {
                benefit_rows -= self.claim(&home, at, benefit_rows, &mut block, &mut draw);
            }
            let accounts = self.accounts.at_home(
                &mut home,
                at,
                &block.claims[before..],
                customer_rows,
                (&self.names, &self.homes),
                &mut draw,
            );
            customer_rows -= accounts.iter().map(Account::rows).sum::<u64>();
            block.accounts.extend(accounts);
            block.homes.push(home);
            if on_benefit && benefit_rows > 0 && draw.chance(NO_ACCOUNT_HERE) {
                benefit_rows -= self.home_without_account(number, benefit_rows, &mut block, &mut draw);
            }
        }
        while benefit_rows > 0 {
            benefit_rows -= self.home_without_account(number, benefit_rows, &mut block, &mut draw);
        }
        draw.shuffle(&mut block.accounts);
        block
    }

    fn new_home(&self, block: u64, at: u32, draw: &mut Draw) -> Home {
        let number = block * self.homes_a_block + u64::from(at);
        self.homes.home(number, self.places.home(number), &self.names, draw)
    }

    fn claim(&self, home: &Home, at: u32, rows: u64, block: &mut Block, draw: &mut Draw) -> u64 {
        let claims = self.claims.at_home(home, at, rows, &self.places, draw);
        let used = claims.iter().map(Claim::rows).sum();
        block.claims.extend(claims);
        used
    }

    fn home_without_account(&self, number: u64, rows: u64, block: &mut Block, draw: &mut Draw) -> u64 {
        let at = block.homes.len() as u32;
        let home = self.new_home(number, at, draw);
        let used = self.claim(&home, at, rows, block, draw);
        block.homes.push(home);
        used
    }
}

impl Block {
    /// The claims of a home.
    pub(crate) fn claims_of(&self, home: u32) -> &[Claim] {
        let first = self.claims.partition_point(|claim| claim.home < home);
        let count = self.claims[first..].iter().take_while(|claim| claim.home == home).count();
        &self.claims[first..first + count]
    }
}
