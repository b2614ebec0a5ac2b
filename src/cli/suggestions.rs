//! Adds the nearest known word ("did you mean ...") to an error of the command line.

use std::ffi::OsString;

use clap::Command;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

/// Suggests a known command, flag or value that is a few typing slips away.
///
/// clap's own measure finds nothing if the first letters of a short word are exchanged (`rnu`).
pub(super) fn with_nearest(mut error: Error, command: &Command, typed: &[OsString]) -> Error {
    let (written, suggested, known): (_, _, Vec<String>) = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let names = innermost(command, typed).get_subcommands().map(|own| own.get_name().to_owned()).collect();
            (ContextKind::InvalidSubcommand, ContextKind::SuggestedSubcommand, names)
        }
        ErrorKind::UnknownArgument => {
            let flags = [innermost(command, typed), command].into_iter().flat_map(Command::get_arguments);
            let flags = flags.filter_map(clap::Arg::get_long);
            let flags = flags.map(|flag| format!("--{flag}")).collect();
            (ContextKind::InvalidArg, ContextKind::SuggestedArg, flags)
        }
        ErrorKind::InvalidValue => {
            let values = match error.get(ContextKind::ValidValue) {
                Some(ContextValue::Strings(values)) => values.clone(),
                _ => Vec::new(),
            };
            (ContextKind::InvalidValue, ContextKind::SuggestedValue, values)
        }
        _ => return error,
    };
    let Some(ContextValue::String(written)) = error.get(written) else { return error };
    let own = match error.get(suggested) {
        Some(ContextValue::String(own)) => Some(own.clone()),
        Some(ContextValue::Strings(own)) => own.first().cloned(),
        _ => None,
    };
    if let Some(meant) = own.or_else(|| nearest(written, &known)) {
        error.remove(suggested);
        let tip = StyledStr::from(format!("did you mean {meant}?"));
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    }
    error
}

/// The innermost command that was typed and is known.
fn innermost<'c>(command: &'c Command, typed: &[OsString]) -> &'c Command {
    let words = typed.iter().skip(1).filter_map(|word| word.to_str());
    words.fold(command, |own, word| own.find_subcommand(word).unwrap_or(own))
}

/// The nearest known word; `None` if half of its letters or more would have to change.
fn nearest(written: &str, known: &[String]) -> Option<String> {
    let distances = known.iter().map(|name| (strsim::osa_distance(written, name), name));
    let (distance, name) = distances.min_by_key(|(distance, _)| *distance)?;
    (2 * distance < name.trim_start_matches('-').chars().count()).then(|| name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_slips_lead_to_a_known_word_and_another_word_does_not() {
        let known = ["run", "check", "report", "release", "--night-of", "--json"].map(str::to_owned);
        for (written, meant) in [
            ("rnu", Some("run")),
            ("rn", Some("run")),
            ("chekc", Some("check")),
            ("reprot", Some("report")),
            ("--nigth-of", Some("--night-of")),
            ("--jsno", Some("--json")),
            ("publish", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, &known).as_deref(), meant, "{written}");
        }
    }
}
