//! Files to rows.
