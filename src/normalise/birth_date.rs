//! birth date.
