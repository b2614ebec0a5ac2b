//! Quarantines suppliers whose figures are out of bounds.

pub(crate) mod absolute_gates;
pub(crate) mod gate_inputs;
pub(crate) mod history_gates;
pub(crate) mod probing;
pub(crate) mod settings;
