//! Protects published figures by differential privacy: noise, what it spends, and what may be concluded from it.
//!
//! A figure is differentially private if nobody can tell from it whether one household's records were there, absent or
//! different, but with a chance that is stated beforehand (Dwork, McSherry, Nissim and Smith, *Calibrating noise to
//! sensitivity in private data analysis*, 2006). [`first_two`] bounds on how many accounts a household counts,
//! [`noise`] draws the noise, [`spending`] adds up what figures reveal
//! together, [`plan`] says beforehand what a season can show,
//! [`season`] keeps account of its budget, and [`estimate`] brings figures that must add up into
//! agreement and gives each its interval.
//!
//! The sampler is the program's own, a hundred lines of whole numbers on the cipher that the program has anyway: OpenDP,
//! without the OpenSSL that it would bring, draws from a generator of 2019. Tests hold sampler and spending to OpenDP.

#[cfg(test)]
mod attacks;
pub(crate) mod counted;
pub(crate) mod estimate;
pub(crate) mod first_two;
pub(crate) mod night;
pub(crate) mod noise;
pub(crate) mod plan;
pub(crate) mod published;
pub(crate) mod season;
pub(crate) mod spending;
