//! Ends the process in words, with the exit code of a fault, where the system has no more memory.
//!
//! Rust ends such a process by SIGABRT. Nothing can be taken back then, for that takes memory too: what the
//! run had begun is left for the next one to clear away, as after a kill.

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use super::exit::FAULT;

/// The system's allocator, but that it never returns null.
#[derive(Debug, Clone, Copy)]
pub struct EndWithoutMemory;

// SAFETY: every call is handed to `System` as it is, which keeps the contract; what it gives is handed back
// as it is, unless it is null, and then nothing is handed back at all.
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
        // SAFETY: as for `alloc`; the place came from here, and so from `System`.
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

/// The log is of JSON lines.
static IS_JSON: AtomicBool = AtomicBool::new(false);

/// Some thread has said it.
static IS_SAID: AtomicBool = AtomicBool::new(false);

/// From here on it is said as a JSON line, or not.
pub(super) fn says_it_as_json(is_json: bool) {
    IS_JSON.store(is_json, Ordering::Relaxed);
}

/// Says that there is not enough memory, without asking for any, and ends the process.
#[cold]
#[inline(never)]
fn end(bytes: usize) -> ! {
    if !IS_SAID.swap(true, Ordering::Relaxed) {
        let mut line = Line { bytes: [0; 512], length: 0 };
        let _is_long_enough = say(&mut line, bytes, IS_JSON.load(Ordering::Relaxed));
        // SAFETY: the bytes are the line's own, and as many as it has. That nobody reads them changes nothing.
        unsafe { libc::write(libc::STDERR_FILENO, line.bytes.as_ptr().cast(), line.length) };
        // SAFETY: ends the process without running anything of it that could ask for memory again.
        unsafe { libc::_exit(i32::from(FAULT)) };
    }
    // Another thread is about to end the process.
    loop {
        // SAFETY: waits, and touches nothing.
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
        // SAFETY: the layout is not empty; the place is written to within its size, grown and given back once.
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
