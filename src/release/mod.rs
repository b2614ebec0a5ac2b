//! Release.
