//! The process kept to itself while personal data are in its memory: nothing goes in, and what comes out
//! is a process that writes no core dump, that no other process of the same user can look into, and whose
//! files are their owner's alone.
//!
//! The administrator of the machine can still look into it: nothing that a process does keeps that out.

use std::io;

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit, setrlimit, umask};

/// Shields the process, from here until it ends.
///
/// # Errors
/// The system's, if it refuses; then no data may be loaded.
pub(crate) fn shield() -> io::Result<()> {
    // Every file is created with its mode already. This holds for those too that a library creates, and it
    // undoes a mask that would take a file away from its owner.
    umask(Mode::RWXG | Mode::RWXO);
    // The hard limit as well, so that nothing raises it again.
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // Where core dumps go to a program rather than to a file, the kernel asks this and not the limit;
        // it also keeps debuggers and `/proc/PID/mem` away.
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    }
    Ok(())
}
