//! A synthetic nation.
