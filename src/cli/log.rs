//! Writes the log to standard error, as lines for a person or as JSON lines for a program.
//!
//! Lines carry the run's id once there is one, so that the lines of one run can be found together. No event
//! has a value of a person's field.
//!
//! The formats of `tracing-subscriber` do not have the run's id at the front of a line or beside the message, as
//! `docs/operations.md` promises and `jq` needs.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::time::SystemTime;

use clap::ValueEnum;
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

use super::out_of_memory;
use crate::date;

/// The format of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum LogFormat {
    /// One line for each event, for a person
    #[default]
    Text,
    /// One JSON object on each line
    Json,
}

/// What is written to standard error besides faults.
#[derive(Debug, Clone, Copy)]
pub(super) struct LogSettings {
    pub(super) format: LogFormat,
    /// No bars, and no lines about what went well.
    pub(super) quiet: bool,
}

/// Starts the log, for the rest of the process.
pub(super) fn begin(LogSettings { format, quiet }: LogSettings) {
    // On a terminal, bars replace the lines about what went well.
    let faults_only = quiet || format == LogFormat::Text && io::stderr().is_terminal();
    out_of_memory::says_it_as_json(format == LogFormat::Json);
    // A program that uses the library may have its own subscriber already; that one stays.
    let _own = tracing::subscriber::set_global_default(Registry::default().with(Log { format, faults_only }));
}

struct Log {
    format: LogFormat,
    faults_only: bool,
}

/// The fields of an event or span, in order.
#[derive(Default, Clone)]
struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.push((field.name(), value.into()));
    }

    /// Removes a field and returns its value.
    fn take(&mut self, name: &str) -> Option<Value> {
        let place = self.0.iter().position(|(known, _)| *known == name)?;
        Some(self.0.remove(place).1)
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, (value * 1000.0).round() / 1000.0);
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Log {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let level = *event.metadata().level();
        let is_ours = event.metadata().target().starts_with(env!("CARGO_CRATE_NAME"));
        if !is_ours || level > Level::INFO || (self.faults_only && level == Level::INFO) {
            return;
        }
        let mut fields = Fields::default();
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(own) = span.extensions().get::<Fields>() {
                fields.0.extend(own.0.iter().cloned());
            }
        }
        event.record(&mut fields);
        let time = date::second(SystemTime::now());
        let line = match self.format {
            LogFormat::Text => text(&time, level, fields),
            LogFormat::Json => json(&time, level, fields),
        };
        // One write, so that lines of two threads do not mix.
        let _closed = io::stderr().write_all(line.as_bytes());
    }
}

/// Formats a line for a person. Warnings and errors look like every command's messages.
fn text(time: &str, level: Level, mut fields: Fields) -> String {
    let mut taken = |name| fields.take(name).as_ref().map(plain);
    let (run, message) = (taken("run"), taken("message").unwrap_or_default());
    if level < Level::INFO {
        return format!("flagmatch: {message}\n");
    }
    let mut line = match run {
        Some(run) => format!("{time} {run} {message}"),
        None => format!("{time} {message}"),
    };
    for (place, (name, value)) in fields.0.iter().enumerate() {
        line.push_str(if place == 0 { ": " } else { ", " });
        line.push_str(&format!("{name} {}", plain(value)));
    }
    line.push('\n');
    line
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Formats a JSON object: time, level, run, message, then the other fields.
fn json(time: &str, level: Level, mut fields: Fields) -> String {
    let first = ["run", "message"].map(|name| (name, fields.take(name)));
    let write = || {
        let mut line = Vec::new();
        let mut serializer = serde_json::Serializer::new(&mut line);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("time", time)?;
        map.serialize_entry("level", &level.as_str().to_ascii_lowercase())?;
        for (name, value) in first.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
            map.serialize_entry(name, value)?;
        }
        for (name, value) in &fields.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()?;
        Ok::<_, serde_json::Error>(line)
    };
    let mut line = String::from_utf8(write().expect("texts and numbers are JSON")).expect("JSON is UTF-8");
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Fields {
        let of = |pairs: &[(&'static str, Value)]| Fields(pairs.to_vec());
        of(&[
            ("run", "20261124T021500Z".into()),
            ("message", "file \"read\"".into()),
            ("file", "north.csv".into()),
            ("rows", 7_u64.into()),
            ("seconds", 0.25.into()),
        ])
    }

    #[test]
    fn lines_are_for_a_person_or_a_program() {
        let time = "2026-11-24T02:15:01Z";
        assert_eq!(
            text(time, Level::INFO, fields()),
            "2026-11-24T02:15:01Z 20261124T021500Z file \"read\": file north.csv, rows 7, seconds 0.25\n"
        );
        assert_eq!(text(time, Level::WARN, fields()), "flagmatch: file \"read\"\n");
        assert_eq!(
            json(time, Level::ERROR, fields()),
            "{\"time\":\"2026-11-24T02:15:01Z\",\"level\":\"error\",\"run\":\"20261124T021500Z\",\"message\":\"file \\\"read\\\"\",\
             \"file\":\"north.csv\",\"rows\":7,\"seconds\":0.25}\n"
        );
    }
}
