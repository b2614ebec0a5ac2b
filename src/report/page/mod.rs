//! Makes the parts of pages: the frame, tables and figures.

mod parts;
mod shell;

pub(super) use parts::{figure, table};
pub(super) use shell::Shell;
