//! Declares the commands and their arguments. The doc comments on them are the text of `--help`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use jiff::civil::Date;

use super::log::LogFormat;
use crate::release::RunId;
use crate::synth::{Noise, Rate};
use crate::text::wrapped;

/// Decides which electricity accounts are eligible for a rebate: Y or N, no more.
#[derive(Debug, Parser)]
#[command(name = "flagmatch", version, verbatim_doc_comment)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
    /// Format of the log on standard error: text or json
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORM",
        default_value_t,
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub(super) log_format: LogFormat,
    /// Print only warnings and errors: no progress, no log
    #[arg(long, global = true)]
    pub(super) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print a job file to fill in, with every setting and its default
    #[command(
        after_help = "Example, where the second command says what to fill in next:\n  flagmatch job-file > job.toml\n  flagmatch check job.toml"
    )]
    JobFile,
    /// Match a job and publish the flags
    #[command(
        after_help = "Examples:\n  flagmatch run job.toml\n  flagmatch run job.toml --supplier northern-power --dry-run"
    )]
    Run(Run),
    /// Validate and profile a job's inputs; match nothing, write nothing
    #[command(after_help = "Example:\n  flagmatch check job.toml")]
    Check(Check),
    /// Match a job and compare the flags with the truth; write nothing
    #[command(
        after_help = "The truth is a CSV file: customer_ref, eligible (Y or N), and supplier\nwhere there are several. The list of wrong flags holds references: it is\nfor the administrator alone.\n\nExample:\n  flagmatch evaluate job.toml --truth truth.csv --list wrong.csv\n  flagmatch evaluate job.toml --truth truth.csv --html curve.html\n  flagmatch evaluate --clerical reviewed.csv"
    )]
    Evaluate(Evaluate),
    /// Estimate match weights from a job's inputs, without truth
    #[command(after_help = "A job uses the file by weights = \"weights.toml\" under [matching].\n\n\
        Example:\n  flagmatch train job.toml --weights weights.toml")]
    Train(Train),
    /// Make the key pair that signs deliveries, in minisign's format
    #[command(after_help = "The public key goes to the suppliers. The secret key stays, readable by its\n\
        owner only; a job names it by secret_key = \"administrator.key\" under [signing].\n\
        No file is written over.\n\n\
        Examples:\n  flagmatch keygen --secret-key administrator.key --public-key administrator.pub\n  flagmatch keygen --passphrase-fd 3 3< passphrase.txt")]
    Keygen(Keygen),
    /// Check that a delivery is complete, signed, yours and no replay
    #[command(
        after_help = "The exit code is 0 if the delivery may be used and 1 if it may not.\n\nExample:\n  flagmatch verify delivery --public-key administrator.pub \\\n    --supplier northern-power --job whd-2026 --after 20261123T021500Z"
    )]
    Verify(Verify),
    /// Print the layout file with which a supplier prepares its files
    #[command(after_help = "The layout has the headings, the qualifying dates and the administrator's age\n\
        recipient, and no secret. Give it to the supplier in a way that it trusts.\n\n\
        Example:\n  flagmatch layout job.toml --supplier northern-power > northern-power.toml")]
    Layout(Layout),
    /// Check your customer files, and write what to send of them
    #[command(after_help = "For suppliers, before they send. LAYOUT is the file that the administrator gave\n\
        you. Checks the files as a run would, leaves out columns that nobody reads and\n\
        accounts that are not on supply, and encrypts the rest to the administrator, if\n\
        the layout has a recipient.\n\n\
        Example:\n  flagmatch prepare northern-power.toml export.csv --out prepared")]
    Prepare(Prepare),
    /// Publish a quarantined delivery, as a new run
    #[command(after_help = "RUN is the folder of the run that quarantined the delivery. The release is\n\
        refused if the supplier has had a newer delivery, or if the objections have\n\
        changed since. The ledger keeps the reason: name no customer in it.\n\n\
        Example:\n  flagmatch release out/20261124T021500Z --supplier northern-power \\\n    --reason \"took over 40,000 customers, confirmed by telephone\"")]
    Release(Release),
    /// List the runs of an output directory, or check their ledger
    #[command(after_help = "Name the output directory itself, or the job file that names it.\n\n\
        Examples:\n  flagmatch ledger list job.toml\n  flagmatch ledger verify out")]
    Ledger(Ledger),
    /// Record suppliers' exceptions and show until when they may report
    #[command(after_help = "Suppliers report flags that they cannot act on. [exceptions] in the job names\n\
        their files; each file is named after its supplier. The next run gives a\n\
        reported account N, and lists it in review.\n\n\
        Example:\n  flagmatch exceptions job.toml")]
    Exceptions(Exceptions),
    /// Remove data that is past its retention_days
    #[command(after_help = "Purge keeps counts, sums and the ledger for audit_days under [retention]. It\n\
        keeps a supplier's newest delivery, since the next run compares with it; at a\n\
        scheme's end, --newest removes that too. It never removes objections, decisions\n\
        or exceptions. A record lists what was removed; nothing can be brought back.\n\
        Where the clock is more than 500 days ahead of the newest run, confirm the day\n\
        with --day.\n\n\
        Examples:\n  flagmatch purge job.toml --dry-run\n  flagmatch purge job.toml --inputs")]
    Purge(Purge),
    /// Explain why an account has its flag, or what became of a claim
    #[command(override_usage = "flagmatch explain [OPTIONS] <JOB> --supplier <ID> --customer <REF>\n       \
        flagmatch explain [OPTIONS] <JOB> --claim <REF>")]
    #[command(after_help = "Writes nothing to the output directory. For an account it shows what a run for\n\
        its supplier alone would decide now; for a claim, what a run for all suppliers\n\
        would decide. No supplier may see it.\n\n\
        For an account, JSON and page name its own reference and the newest run.\n\
        Both show flags, reasons, gates that would stop the files, match keys,\n\
        comparison levels and weights, who else a holder may be, whether a candidate is\n\
        eligible, and where the household's rebate is and since when. A claim also\n\
        shows references (claim_ref, person_ref, customer_ref), roles, which conditions\n\
        of eligibility hold, and objections, staff decisions and exceptions. Neither\n\
        shows a name, a date of birth, an address, an income or a score.\n\n\
        Examples:\n  flagmatch explain job.toml --supplier northern-power --customer 0012345\n  flagmatch explain job.toml --supplier northern-power --customer 0012345 \\\n    --html why.html\n  flagmatch explain job.toml --claim C-20991")]
    Explain(Explain),
    /// Offer a local page on which staff decide doubtful cases
    #[command(override_usage = "flagmatch review [OPTIONS] <JOB>\n       \
        flagmatch review --new-reviewer <ID>")]
    #[command(after_help = "Matches the job and prints an address, which is good once and on this machine\n\
        alone. Decisions go into the job's decisions file, row by row, and the next run\n\
        respects them. Press Enter for a new address, Ctrl+C to end. The page shows\n\
        personal data; none of it is written anywhere.\n\n\
        Examples:\n  flagmatch review job.toml\n  flagmatch review job.toml --supplier northern-power --idle 5\n  \
        flagmatch review --new-reviewer amy")]
    Review(Review),
    /// Report on published runs, from their analyst folders alone
    #[command(after_help = "RUN is the folder of a run, or only its analyst folder. The report is about the\n\
        newest run; the others show the trend. The report goes to standard output. With\n\
        --administrator it is on the exact figures: do not pass it on.\n\n\
        Examples:\n  flagmatch report out/latest\n  flagmatch report out/2026* --html report.html\n  flagmatch report out/latest --format csv --administrator > exact.csv")]
    Report(Report),
    /// Draw a sample of a run's accounts for clerical review
    #[command(after_help = "The sample goes to standard output as CSV. Reviewers fill the column eligible\n\
        with Y or N; evaluate --clerical then estimates precision and recall. The\n\
        sample has references: it is for the administrator's staff only.\n\n\
        Example:\n  flagmatch sample out/latest --n 200 --seed 7 > sample.csv")]
    Sample(Sample),
    /// Compare two runs: which flags changed, and why
    #[command(after_help = "Compares two runs, given by their folders. It leaves out a supplier to which one\n\
        of them delivered nothing. The list has references: it is for the administrator\n\
        only.\n\n\
        Example:\n  flagmatch compare out/20261123T021500Z out/latest --list changed.csv")]
    Compare(Compare),
    /// Draft the public records of a job: transparency, and data sharing
    #[command(after_help = "Drafts two pages of Markdown from the job file alone: a record after the UK\n\
        Algorithmic Transparency Recording Standard (ATRS), and an entry in the\n\
        register of information sharing agreements. What only the department knows is\n\
        marked TO COMPLETE. Error rates are those that docs/accuracy.md states.\n\n\
        Examples:\n  flagmatch record job.toml > records.md\n  flagmatch record job.toml --only atrs > atrs.md")]
    Record(Record),
    /// Print shell completions
    #[command(after_help = "Example:\n  flagmatch completions bash > flagmatch.bash && . ./flagmatch.bash")]
    Completions(Completions),
    /// Write man pages: one for the program and one for each command
    #[command(after_help = "Example:\n  flagmatch man ~/.local/share/man/man1 && man flagmatch-run")]
    Man(Man),
    /// Make a synthetic nation: job file, inputs and truth.csv
    #[command(
        after_help = "Example:\n  flagmatch synth --customers 30000 --benefits 10000 --suppliers 3 --out nation",
        after_long_help = rates()
    )]
    Synth(Synth),
}

/// The limit of `--threads`: more than the cores of any machine that this runs on. Thousands of threads would
/// only slow each other down.
pub(super) const MOST_THREADS: usize = 512;

impl Command {
    /// The value of `--threads`; `None` if it is not given, or the command does not have it.
    pub(super) fn threads(&self) -> Option<NonZeroUsize> {
        match self {
            Command::Run(run) => run.matching.threads,
            Command::Check(check) => check.matching.threads,
            Command::Evaluate(evaluate) => evaluate.threads,
            Command::Train(train) => train.matching.threads,
            Command::Review(review) => review.threads,
            _ => None,
        }
    }
}

fn threads(text: &str) -> Result<NonZeroUsize, String> {
    let number = text.parse::<NonZeroUsize>().ok().filter(|number| number.get() <= MOST_THREADS);
    number.ok_or_else(|| format!("it must be a whole number from 1 to {MOST_THREADS}; without it, all cores are used"))
}

/// Arguments of every command that reads a job.
#[derive(Debug, Args)]
pub(super) struct Matching {
    /// The job file
    pub(super) job: PathBuf,
    /// Only this supplier of the job; may be repeated
    #[arg(long = "supplier", value_name = "ID")]
    pub(super) suppliers: Vec<String>,
    /// Use this many threads, 1 to 512; all cores by default
    #[arg(long, value_name = "N", value_parser = threads)]
    pub(super) threads: Option<NonZeroUsize>,
}

#[derive(Debug, Args)]
pub(super) struct Run {
    #[command(flatten)]
    pub(super) matching: Matching,
    /// Publish in this directory, not in the job's
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// The date of this run, from which days are counted
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(super) night_of: Option<Date>,
    /// Show which flags would change; write nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Read the passphrase from this file descriptor
    #[arg(long, value_name = "N")]
    pub(super) passphrase_fd: Option<u32>,
    /// Print the summary as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Print times of stages and pairs by key as tables
    #[arg(long)]
    pub(super) timings: bool,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    pub(super) matching: Matching,
    /// Test the key with the passphrase from this descriptor
    #[arg(long, value_name = "N")]
    pub(super) passphrase_fd: Option<u32>,
    /// Print the profile as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Evaluate {
    /// The job file
    #[arg(required_unless_present = "clerical")]
    pub(super) job: Option<PathBuf>,
    /// Only this supplier of the job; may be repeated
    #[arg(long = "supplier", value_name = "ID")]
    pub(super) suppliers: Vec<String>,
    /// Use this many threads, 1 to 512; all cores by default
    #[arg(long, value_name = "N", value_parser = threads)]
    pub(super) threads: Option<NonZeroUsize>,
    /// CSV file of the accounts that are really eligible
    #[arg(long, value_name = "FILE", required_unless_present = "clerical")]
    pub(super) truth: Option<PathBuf>,
    /// Evaluate this reviewed sample instead of a job
    #[arg(long, value_name = "FILE", conflicts_with_all = ["job", "suppliers", "threads", "truth", "scheme", "list", "html"])]
    pub(super) clerical: Option<PathBuf>,
    /// Also write the figures to this file, as a page
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
    /// The scheme to evaluate, if the job has several
    #[arg(long, value_name = "ID")]
    pub(super) scheme: Option<String>,
    /// Write the wrong flags here, with reasons and levels
    #[arg(long, value_name = "FILE")]
    pub(super) list: Option<PathBuf>,
    /// Print the figures as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Train {
    #[command(flatten)]
    pub(super) matching: Matching,
    /// Write the weights to this new file, not to stdout
    #[arg(long, value_name = "FILE")]
    pub(super) weights: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Keygen {
    /// The new secret key file
    #[arg(long, value_name = "FILE", default_value = "administrator.key")]
    pub(super) secret_key: PathBuf,
    /// The new public key file
    #[arg(long, value_name = "FILE", default_value = "administrator.pub")]
    pub(super) public_key: PathBuf,
    /// Read the passphrase from this file descriptor
    #[arg(long, value_name = "N")]
    pub(super) passphrase_fd: Option<u32>,
    /// No passphrase: whoever can read the file can sign
    #[arg(long, conflicts_with = "passphrase_fd")]
    pub(super) no_passphrase: bool,
    /// Print the public key and its id as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The folder that was received
    #[arg(value_name = "DIR")]
    pub(super) folder: PathBuf,
    /// The administrator's public key
    #[arg(long, value_name = "FILE")]
    pub(super) public_key: PathBuf,
    /// Your own id; refuse another supplier's delivery
    #[arg(long, value_name = "ID")]
    pub(super) supplier: String,
    /// Refuse a delivery of any job but this
    #[arg(long, value_name = "ID")]
    pub(super) job: Option<String>,
    /// The run you accepted last; refuse it and older runs
    #[arg(long, value_name = "RUN")]
    pub(super) after: Option<RunId>,
    /// Print the result as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Release {
    /// The folder of the run that quarantined it, such as out/latest
    #[arg(value_name = "RUN")]
    pub(super) run: PathBuf,
    /// The supplier whose delivery to publish
    #[arg(long, value_name = "ID")]
    pub(super) supplier: String,
    /// Why it may be published; the ledger keeps this
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: String,
    /// Find RUN, an id or latest, in this directory
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Sign with this secret key, not with the job's
    #[arg(long, value_name = "FILE")]
    pub(super) secret_key: Option<PathBuf>,
    /// Read the passphrase from this file descriptor
    #[arg(long, value_name = "N")]
    pub(super) passphrase_fd: Option<u32>,
    /// Print what was released as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Ledger {
    #[command(subcommand)]
    pub(super) command: LedgerCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum LedgerCommand {
    /// List the runs, with each supplier's figures or why it got nothing
    #[command(after_help = "Example:\n  flagmatch ledger list job.toml --json")]
    List(LedgerOf),
    /// Check that no row was changed, deleted, inserted or moved
    #[command(after_help = "The exit code is 0 if every check passes and 1 if one fails.\n\n\
        Example:\n  flagmatch ledger verify out")]
    Verify(LedgerOf),
}

#[derive(Debug, Args)]
pub(super) struct LedgerOf {
    /// A job file, or an output directory
    #[arg(value_name = "JOB-or-DIR", required_unless_present = "out")]
    pub(super) of: Option<PathBuf>,
    /// The output directory, instead of the job's
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Print the answer as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Exceptions {
    /// The job file
    #[arg(value_name = "JOB")]
    pub(super) job: PathBuf,
    /// Look at the runs of this directory, not the job's
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Record nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Print the answer as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Layout {
    /// The job file
    #[arg(value_name = "JOB")]
    pub(super) job: PathBuf,
    /// The supplier's id
    #[arg(long, value_name = "ID")]
    pub(super) supplier: String,
    /// Print the layout as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Prepare {
    /// The layout file from the administrator
    #[arg(value_name = "LAYOUT")]
    pub(super) layout: PathBuf,
    /// Your customer files
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    /// The folder to write to
    #[arg(long, value_name = "DIR", default_value = "prepared")]
    pub(super) out: PathBuf,
    /// Check the files; write nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Print what was found as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Purge {
    /// The job file
    #[arg(value_name = "JOB")]
    pub(super) job: PathBuf,
    /// Purge this directory, not the job's
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Also remove input files that no kept run used
    #[arg(long)]
    pub(super) inputs: bool,
    /// Also remove newest deliveries
    #[arg(long)]
    pub(super) newest: bool,
    /// Confirm the clock's day, if far ahead of all runs
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(super) day: Option<Date>,
    /// Show what would be removed; remove nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Print the answer as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Review {
    /// The job file
    #[arg(required_unless_present = "new_reviewer")]
    pub(super) job: Option<PathBuf>,
    /// Only this supplier of the job; may be repeated
    #[arg(long = "supplier", value_name = "ID")]
    pub(super) suppliers: Vec<String>,
    /// Only this scheme of the job
    #[arg(long, value_name = "ID")]
    pub(super) scheme: Option<String>,
    /// Use this many threads, 1 to 512; all cores by default
    #[arg(long, value_name = "N", value_parser = threads)]
    pub(super) threads: Option<NonZeroUsize>,
    /// Offer the page on this port, 8417 by default; 0: any
    #[arg(long, value_name = "N", default_value_t = 8417, hide_default_value = true)]
    pub(super) port: u16,
    /// Lock the page after so many idle minutes, 1 to 480
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(crate::job::Review::IDLE))]
    pub(super) idle: Option<u32>,
    /// Look at the runs of this directory, not the job's
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Print each address as a line of JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Hash a passphrase for the job file, and print it
    #[arg(long, value_name = "ID", conflicts_with_all = ["job", "suppliers", "scheme", "threads", "idle", "out", "json"])]
    pub(super) new_reviewer: Option<String>,
    /// Read that passphrase from this file descriptor
    #[arg(long, value_name = "N", requires = "new_reviewer")]
    pub(super) passphrase_fd: Option<u32>,
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The job file
    pub(super) job: PathBuf,
    /// The supplier that has the account
    #[arg(long, value_name = "ID", required_unless_present = "claim")]
    pub(super) supplier: Option<String>,
    /// The account's customer_ref
    #[arg(long, value_name = "REF", required_unless_present = "claim")]
    pub(super) customer: Option<String>,
    /// The claim's claim_ref
    #[arg(long, value_name = "REF", conflicts_with_all = ["supplier", "customer"])]
    pub(super) claim: Option<String>,
    /// Look at the runs of this directory, not the job's
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Print the explanation as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Also write the explanation to this file, as a page
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Report {
    /// Folders of published runs
    #[arg(value_name = "RUN", required = true)]
    pub(super) runs: Vec<PathBuf>,
    /// Find RUN, an id or latest, in this directory
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Output format: text, csv, json or html
    #[arg(long, value_enum, hide_possible_values = true, hide_default_value = true, default_value_t = ReportFormat::Text)]
    pub(super) format: ReportFormat,
    /// Print the report as JSON, as --format json does
    #[arg(long, conflicts_with = "format")]
    pub(super) json: bool,
    /// Also write the report to this file, as a page
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
    /// Add exact figures from the administrator folders
    #[arg(long)]
    pub(super) administrator: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    Text,
    Csv,
    Json,
    Html,
}

#[derive(Debug, Args)]
pub(super) struct Sample {
    /// The folder of a published run
    #[arg(value_name = "RUN")]
    pub(super) run: PathBuf,
    /// Number of accounts to draw
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(super) n: u64,
    /// The same seed draws the same accounts
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,
    /// Find RUN, an id or latest, in this directory
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Print the sample as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Compare {
    /// The folder of the earlier run
    #[arg(value_name = "BEFORE")]
    pub(super) before: PathBuf,
    /// The folder of the later run
    #[arg(value_name = "AFTER")]
    pub(super) after: PathBuf,
    /// Find both, ids or latest, in this directory
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Write the accounts here, with reasons and levels
    #[arg(long, value_name = "FILE")]
    pub(super) list: Option<PathBuf>,
    /// Print everything as JSON, accounts included
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Record {
    /// The job file
    pub(super) job: PathBuf,
    /// Draft only this record: atrs or register
    #[arg(long, value_enum, value_name = "RECORD", hide_possible_values = true)]
    pub(super) only: Option<PublicRecord>,
    /// Print the drafts as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PublicRecord {
    Atrs,
    Register,
}

#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    pub(super) shell: Shell,
}

#[derive(Debug, Args)]
pub(super) struct Man {
    /// The folder to write to; created if missing
    #[arg(value_name = "DIR")]
    pub(super) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Synth {
    /// Rows in all customer files
    #[arg(long, value_name = "N", default_value_t = 30_000)]
    pub(super) customers: u64,
    /// Rows in the benefit file
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub(super) benefits: u64,
    /// Number of suppliers
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(super) suppliers: u32,
    /// The same seed gives the same bytes
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,
    /// Twice the slips and movers, half without birth date
    #[arg(long)]
    pub(super) harder: bool,
    /// Set a rate of noise; --help lists them
    #[arg(long = "rate", value_name = "NAME=SHARE", value_parser = rate)]
    pub(super) rates: Vec<(&'static str, f64)>,
    /// The directory to write to
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,
    /// Print what was made as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Parses a rate of noise and its share.
fn rate(text: &str) -> Result<(&'static str, f64), String> {
    let (name, share) = text.split_once('=').ok_or("write a name and a share, for example twin_homes=0.002")?;
    let known = Noise::RATES.iter().map(|rate| rate.name).find(|known| *known == name);
    let known = known.ok_or("there is no such rate; flagmatch synth --help lists them")?;
    let share = share.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.map(|share| (known, share)).ok_or_else(|| format!("the share of {known} is a number from 0 to 1"))
}

/// The example, and all rates of noise with their defaults.
fn rates() -> String {
    let mut help = "Example:\n  flagmatch synth --customers 30000 --rate twin_homes=0.002 --out nation\n\n\
        Rates, with their defaults:"
        .to_owned();
    for Rate { name, default, meaning } in Noise::RATES {
        help += &format!("\n  {name}={default}");
        wrapped(meaning.trim(), 74).iter().for_each(|line| help += &format!("\n      {line}"));
    }
    help
}

/// Parses a date written as YYYY-MM-DD.
fn date(text: &str) -> Result<Date, String> {
    if text.replace(|letter: char| letter.is_ascii_digit(), "0") != "0000-00-00" {
        return Err("write the date as YYYY-MM-DD, for example 2026-11-24".to_owned());
    }
    text.parse().map_err(|_| "there is no such day".to_owned())
}
