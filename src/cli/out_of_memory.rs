//! Ends the process with a message and the exit code of a fault if the system has no more memory.
//!
//! Rust would end the process by SIGABRT. Nothing is taken back here, since that needs memory too: the next
//! run clears away what this one had begun, as after a kill.

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use super::exit::FAULT;

/// The system's allocator, except that it never returns null: it ends the process.
#[derive(Debug, Clone, Copy)]
pub struct EndWithoutMemory;

// SAFETY: every call goes to `System` unchanged, which keeps the contract, and its result is returned
// unchanged, unless it is null: then nothing is returned at all.
unsafe impl GlobalAlloc for EndWithoutMemory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc`, which is that of `System`.
        or_end(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as for `alloc`.
        or_end(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as for `alloc`; `place` came from here, and so from `System`.
        or_end(unsafe { System.realloc(place, layout, size) }, size)
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: as for `realloc`.
        unsafe { System.dealloc(place, layout) }
    }
}

#[inline(always)]
fn or_end(place: *mut u8, bytes: usize) -> *mut u8 {
    if place.is_null() {
        end(bytes);
    }
    place
}

/// Whether the message is a JSON line, as the log is.
static IS_JSON: AtomicBool = AtomicBool::new(false);

/// Whether a thread has printed the message already.
static IS_SAID: AtomicBool = AtomicBool::new(false);

/// Sets whether the message is a JSON line.
pub(super) fn says_it_as_json(is_json: bool) {
    IS_JSON.store(is_json, Ordering::Relaxed);
}

/// Prints that there is not enough memory, without allocating, and ends the process.
#[cold]
#[inline(never)]
fn end(bytes: usize) -> ! {
    if !IS_SAID.swap(true, Ordering::Relaxed) {
        let mut line = Line { bytes: [0; 512], length: 0 };
        let _is_long_enough = say(&mut line, bytes, IS_JSON.load(Ordering::Relaxed));
        // SAFETY: `bytes` belongs to the line and has at least `length` bytes. A failed write changes
        // nothing.
        unsafe { libc::write(libc::STDERR_FILENO, line.bytes.as_ptr().cast(), line.length) };
        // SAFETY: ends the process without running anything that could allocate.
        unsafe { libc::_exit(i32::from(FAULT)) };
    }
    // Another thread is about to end the process.
    loop {
        // SAFETY: waits, and touches no memory.
        unsafe { libc::sleep(1) };
    }
}

fn say(line: &mut Line, bytes: usize, is_json: bool) -> fmt::Result {
    let (begin, end) = if is_json { ("{\"level\":\"error\",\"message\":\"", "\"}") } else { ("flagmatch: ", "") };
    writeln!(
        line,
        "{begin}there is not enough memory: the system refused another {bytes} bytes. Raise the limit (ulimit -v, \
         MemoryMax=) or use a machine with more. `flagmatch ledger list` shows what is published; the next run \
         clears away what this one left{end}"
    )
}

/// Text of a bounded length, on the stack.
struct Line {
    bytes: [u8; 512],
    length: usize,
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.bytes.get_mut(self.length..self.length + text.len()).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length += text.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_much_was_asked_for_in_either_form() {
        for (is_json, begin) in [(false, "flagmatch: there is not"), (true, "{")] {
            let mut line = Line { bytes: [0; 512], length: 0 };
            say(&mut line, usize::MAX, is_json).unwrap();
            let text = std::str::from_utf8(&line.bytes[..line.length]).unwrap();
            assert!(text.starts_with(begin) && text.ends_with('\n') && text.contains("18446744073709551615"), "{text}");
            if is_json {
                let value: serde_json::Value = serde_json::from_str(text).unwrap();
                assert_eq!(value["level"], "error");
            }
        }
    }

    #[test]
    fn what_the_system_gives_is_handed_on() {
        let layout = Layout::from_size_align(1 << 20, 64).unwrap();
        // SAFETY: the layout is not empty; writes stay within its size; the memory is grown and freed once.
        unsafe {
            let place = EndWithoutMemory.alloc_zeroed(layout);
            assert!(place.cast::<u64>().is_aligned() && *place == 0 && *place.add((1 << 20) - 1) == 0);
            *place = 7;
            let larger = EndWithoutMemory.realloc(place, layout, 2 << 20);
            assert_eq!(*larger, 7);
            EndWithoutMemory.dealloc(larger, Layout::from_size_align(2 << 20, 64).unwrap());
        }
    }
}
