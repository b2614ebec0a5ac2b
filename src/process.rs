//! Shields the process while personal data are in its memory.
//!
//! A shielded process writes no core dump, cannot be looked into by other processes of the same user, and
//! creates files that only their owner can read. The administrator of the machine can still look into it; no
//! process can prevent that.

use std::io;

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit, setrlimit, umask};

/// Shields the process until it ends.
///
/// # Errors
/// The system's error if it refuses; then no data may be loaded.
pub(crate) fn shield() -> io::Result<()> {
    // The program creates every file with its mode. The mask also holds for files that a library creates, and
    // replaces a mask that would take a file away from its owner.
    umask(Mode::RWXG | Mode::RWXO);
    // The hard limit as well, so that nothing raises it again.
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // Where core dumps go to a program instead of a file, the kernel checks this and not the limit. It
        // also keeps debuggers and `/proc/PID/mem` away.
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    }
    Ok(())
}
