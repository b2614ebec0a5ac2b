//! Many short runs of bytes, kept in the pieces in which they came: in go the runs of one part of a file
//! after another, out they come by number. Pieces are joined without copying, which at ten million
//! records would for a moment take twice the memory.

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
            let joined = Pieces::joined(pieces, runs.len());
            prop_assert_eq!(joined.places.len(), runs.len());
            for (number, run) in runs.into_iter().enumerate() {
                prop_assert_eq!(joined.get(number), run);
            }
        }
    }
}
