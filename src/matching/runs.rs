//! Many short runs of bytes, kept in the pieces in which they came: in go the runs of one part of a file
//! after another, out they come by number. Pieces are joined without copying, which at ten million
//! records would for a moment take twice the memory.

use rayon::prelude::*;

/// Runs of bytes in pieces.
#[derive(Default)]
pub(crate) struct Pieces {
    pieces: Vec<Vec<u8>>,
    /// The piece of each run, and where it begins there; it ends where the next begins.
    places: Vec<(u32, u32)>,
}

/// No piece is longer, so that places in it fit 32 bits.
const LONGEST: usize = 1 << 31;

impl Pieces {
    /// Begins a run, and lends what its bytes are to be appended to.
    pub(crate) fn begin(&mut self) -> &mut Vec<u8> {
        if self.pieces.last().is_none_or(|piece| piece.len() >= LONGEST) {
            self.pieces.push(Vec::new());
        }
        let number = self.pieces.len() - 1;
        let piece = &mut self.pieces[number];
        self.places.push((number as u32, piece.len() as u32));
        piece
    }

    /// The bytes of a run.
    pub(crate) fn get(&self, number: usize) -> &[u8] {
        let (piece, start) = self.places[number];
        let bytes = &self.pieces[piece as usize];
        match self.places.get(number + 1) {
            Some((next, end)) if *next == piece => &bytes[start as usize..*end as usize],
            _ => &bytes[start as usize..],
        }
    }

    /// Lends each run with its number, to be written to, on all cores.
    pub(crate) fn each_mut(&mut self, write: impl Fn(usize, &mut [u8]) + Sync) {
        let places = &self.places;
        self.pieces.par_iter_mut().enumerate().for_each(|(number, bytes)| {
            let first = places.partition_point(|(piece, _)| (*piece as usize) < number);
            let own = places[first..].iter().take_while(|(piece, _)| *piece as usize == number);
            let mut rest = bytes.as_mut_slice();
            let mut starts = own.map(|(_, start)| *start as usize).peekable();
            let mut run = first;
            while let Some(start) = starts.next() {
                let length = starts.peek().map_or(rest.len(), |next| next - start);
                let (own, others) = rest.split_at_mut(length);
                write(run, own);
                (rest, run) = (others, run + 1);
            }
        });
    }

    /// Joins pieces, in order.
    pub(crate) fn joined(parts: impl Iterator<Item = Pieces>, count: usize) -> Pieces {
        let mut all = Pieces { pieces: Vec::new(), places: Vec::with_capacity(count) };
        for mut part in parts {
            let before = all.pieces.len() as u32;
            all.places.extend(part.places.iter().map(|(piece, start)| (piece + before, *start)));
            part.pieces.iter_mut().for_each(Vec::shrink_to_fit);
            all.pieces.append(&mut part.pieces);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_went_in_comes_out(parts: Vec<Vec<Vec<u8>>>) {
            let pieces = parts.iter().map(|runs| {
                let mut pieces = Pieces::default();
                for run in runs {
                    pieces.begin().extend(run);
                }
                pieces
            });
            let runs: Vec<&Vec<u8>> = parts.iter().flatten().collect();
            let mut joined = Pieces::joined(pieces, runs.len());
            prop_assert_eq!(joined.places.len(), runs.len());
            for (number, run) in runs.iter().enumerate() {
                prop_assert_eq!(joined.get(number), run.as_slice());
            }
            joined.each_mut(|number, own| {
                assert_eq!(own, runs[number].as_slice());
                own.fill(number as u8);
            });
            for (number, run) in runs.iter().enumerate() {
                prop_assert_eq!(joined.get(number), vec![number as u8; run.len()]);
            }
        }
    }
}
