//! The `flagmatch` command: arguments in, exit code out. All else is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    flagmatch::cli::main()
}
