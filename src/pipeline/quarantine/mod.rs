//! Keeps quarantined deliveries, and releases them by hand.

pub(crate) mod manual_release;
pub(crate) mod quarantined;
