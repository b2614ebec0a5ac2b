//! given name.
