//! Asks for large pages and for what is read soon, gives freed memory back to the operating system between the stages
//! of a run, and keeps secrets out of swap space.
//!
//! **Large pages.** An index of gigabytes is read in random order. With pages of 4 KiB, almost every access
//! would miss the TLB.
//!
//! **Giving back.** The C library keeps freed memory for later use. A run frees much at once (the benefit
//! rows' links, what the index was built from), and then asks for lists of other sizes: at one million
//! benefit records 410 MiB were resident where 280 were in use.

use rayon::iter::IndexedParallelIterator;

/// A list of `length` zeros, on large pages if the system has them.
pub(crate) fn zeroed<T: Copy + Default>(length: usize) -> Vec<T> {
    let mut list = with_room(length);
    list.resize(length, T::default());
    list
}

/// What `vec!` asks the system for zeros of.
pub(crate) trait Zeros: Copy + Default {}

impl Zeros for u32 {}
impl Zeros for u64 {}
impl Zeros for [u16; 3] {}

/// A list of `length` zeros, on large pages if the system has them, of which no page is touched: the threads that
/// write to it share that work.
pub(crate) fn untouched_zeros<T: Zeros>(length: usize) -> Vec<T> {
    let mut list = vec![T::default(); length];
    prefer_large_pages(&mut list);
    list
}

/// An empty list with this capacity, on large pages if the system has them.
pub(crate) fn with_room<T>(length: usize) -> Vec<T> {
    let mut list = Vec::with_capacity(length);
    prefer_large_pages(&mut list);
    list
}

/// Concatenates lists, on large pages if the system has them.
pub(crate) fn joined<T: Copy>(parts: Vec<Vec<T>>) -> Vec<T> {
    let mut all = with_room(parts.iter().map(Vec::len).sum());
    parts.into_iter().for_each(|part| all.extend_from_slice(&part));
    all
}

/// Collects items, on large pages if the system has them: for lists that are read in random order.
pub(crate) fn collected<T: Send>(items: impl IndexedParallelIterator<Item = T>) -> Vec<T> {
    let mut list = with_room(items.len());
    items.collect_into_vec(&mut list);
    list
}

/// Asks for large pages for a list. Call it before the list is first written to.
fn prefer_large_pages<T>(list: &mut Vec<T>) {
    #[cfg(target_os = "linux")]
    {
        const LARGE_PAGE: usize = 1 << 21;
        let room = list.as_mut_ptr().cast::<u8>();
        let start = room.addr();
        let first = start.next_multiple_of(LARGE_PAGE);
        let end = (start + list.capacity() * size_of::<T>()) / LARGE_PAGE * LARGE_PAGE;
        if first < end {
            // SAFETY: the range lies inside the capacity that the list owns and consists of whole pages. The
            // advice says how the memory is to be backed, and changes neither its content nor the access to
            // it. If the system refuses, nothing changes.
            unsafe {
                libc::madvise(room.add(first - start).cast(), end - first, libc::MADV_HUGEPAGE);
            }
        }
    }
}

/// Asks the processor to bring a list into its cache, while it goes on: for a list that is read soon, beside others that
/// lie far from it. Prefetching whole benefit rows, before judging too, and measuring likeness without allocation
/// brought 30 million accounts from 88.7 s to 84.7 (one run each).
#[inline]
pub(crate) fn prefetch<T>(list: &[T]) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        const LINE: usize = 64;
        let start = list.as_ptr().cast::<i8>();
        // The first byte of each line that the list has a part in.
        let within = start.addr() % LINE;
        for at in (0..within + size_of_val(list)).step_by(LINE) {
            // SAFETY: a prefetch reads nothing that the program sees, and is allowed at any address.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(at).wrapping_sub(within)) };
        }
    }
}

/// Keeps the pages that hold a value out of swap space until the process ends. False if the system refuses:
/// how much may be locked is limited (`RLIMIT_MEMLOCK`).
pub(crate) fn keep_out_of_swap<T>(value: &T) -> bool {
    // SAFETY: the range is that of a borrowed value, so it is valid. Locking changes neither the content of
    // the pages nor the access to them. Pages that stay locked after the value is gone are ordinary memory.
    let code = unsafe { libc::mlock(std::ptr::from_ref(value).cast(), size_of::<T>()) };
    code == 0
}

/// Gives freed memory back to the operating system, as far as the C library can.
pub(crate) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: `malloc_trim` may be called at any time from any thread (it takes the allocator's own locks),
    // and touches no memory that is in use; 0 is how much to leave at the top.
    unsafe {
        libc::malloc_trim(0);
    }
}

#[cfg(test)]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) mod tests {
    use super::{give_back, keep_out_of_swap};
    use std::process::Command;

    /// Runs a test in a process of its own. In the shared process, other tests allocate, lock and give back
    /// memory at the same time, on pages that this test may get next.
    fn alone(name: &str, test: fn()) {
        const ALONE: &str = "FLAGMATCH_TEST_ALONE";
        if std::env::var_os(ALONE).is_some() {
            return test();
        }
        let name = format!("memory::tests::{name}");
        let mut again = Command::new(std::env::current_exe().unwrap());
        let output = again.args(["--exact", &name, "--nocapture"]).env(ALONE, "1").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// Resident memory in MiB, as the kernel counts it.
    fn resident() -> f64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse::<f64>().unwrap() / 1024.0
    }

    /// Whether the page at an address is locked, according to the kernel.
    pub(crate) fn is_locked(place: usize) -> bool {
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let mut is_here = false;
        for line in maps.lines() {
            let range = line.split(' ').next().and_then(|range| range.split_once('-'));
            let ends = range.and_then(|(from, to)| {
                Some((usize::from_str_radix(from, 16).ok()?, usize::from_str_radix(to, 16).ok()?))
            });
            if let Some((from, to)) = ends {
                is_here = (from..to).contains(&place);
            }
            if let Some(flags) = line.strip_prefix("VmFlags:").filter(|_| is_here) {
                return flags.split(' ').any(|flag| flag == "lo");
            }
        }
        panic!("no mapping of the place");
    }

    #[test]
    fn what_is_kept_out_of_swap_is_locked_and_nothing_beside_it() {
        alone("what_is_kept_out_of_swap_is_locked_and_nothing_beside_it", || {
            // Far apart, so that they share no page.
            let places = vec![[7_u8; 4096]; 64];
            assert!(!is_locked(places[40].as_ptr().addr()));
            assert!(keep_out_of_swap(&places[20]), "the system locks no memory at all");
            assert!(is_locked(places[20].as_ptr().addr()));
            assert!(!is_locked(places[40].as_ptr().addr()));
            assert_eq!(places[20], [7; 4096]);
        });
    }

    #[test]
    fn a_list_is_all_zeros_on_pages_of_any_size() {
        for length in [0, 1, 1000, 3 << 20] {
            for mut list in [super::zeroed::<u64>(length), super::untouched_zeros(length)] {
                assert!(list.len() == length && list.iter().all(|number| *number == 0));
                list.iter_mut().zip(0..).for_each(|(number, place)| *number = place);
                assert!(list.iter().zip(0..).all(|(number, place)| *number == place));
            }
        }
    }

    #[test]
    fn prefetching_changes_nothing_wherever_a_list_begins_and_ends() {
        let list: Vec<u8> = (0..=255).collect();
        for (from, to) in [(0, 0), (256, 256), (0, 256), (63, 64), (1, 130)] {
            super::prefetch(&list[from..to]);
        }
        super::prefetch::<u64>(&[]);
        super::prefetch(&[(); 9]);
        assert!(list.iter().copied().eq(0..=255));
    }

    #[test]
    fn zeros_take_no_memory_before_they_are_written_to() {
        alone("zeros_take_no_memory_before_they_are_written_to", || {
            let before = resident();
            let mut list = super::untouched_zeros::<u64>(30 << 20);
            let small = super::untouched_zeros::<[u16; 3]>(40 << 20);
            assert!(resident() < before + 20.0, "{before} MiB before, {} after", resident());
            drop(small);
            list.fill(1);
            assert!(resident() > before + 200.0, "{before} MiB before, {} after", resident());
        });
    }

    #[test]
    fn what_is_freed_is_no_longer_resident() {
        alone("what_is_freed_is_no_longer_resident", || {
            // The blocks are small enough to come from the heap. Every hundredth stays, so that the heap
            // cannot just shrink.
            let mut blocks: Vec<Vec<u8>> = (0..20_000).map(|_| vec![1; 12_288]).collect();
            let mut number = 0;
            blocks.retain(|_| {
                number += 1;
                number % 100 == 0
            });
            let before = resident();
            give_back();
            assert!(resident() < before - 150.0, "{before} MiB before, {} after", resident());
            assert_eq!(blocks.len(), 200);
        });
    }
}
