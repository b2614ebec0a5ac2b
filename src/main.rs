//! Runs the `flagmatch` command. All else is in the library.

use std::process::ExitCode;

use flagmatch::cli::EndWithoutMemory;

#[global_allocator]
static MEMORY: EndWithoutMemory = EndWithoutMemory;

fn main() -> ExitCode {
    flagmatch::cli::main()
}
