//! frequency.
