//! Computes numbers that equal bytes share, the same on every machine. They are neither keyed nor secret.

/// A number that equal bytes share; different bytes share one with a chance of about 2⁻⁶⁴.
///
/// Takes sixteen bytes a step: mixes a constant into each half, multiplies the halves to 128 bits and folds
/// the product. The length goes in first, so that zero padding makes no two records alike.
#[inline]
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    // The fractional parts of the square roots of 2, 3 and 5.
    const MIX: [u64; 3] = [0x6A09_E667_F3BC_C909, 0xBB67_AE85_84CA_A73B, 0x3C6E_F372_FE94_F82B];
    let fold = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        (product as u64) ^ (product >> 64) as u64
    };
    let step = |state: u64, block: &[u8; 16]| {
        let (words, _) = block.as_chunks::<8>();
        let (first, second) = (u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1]));
        fold(first ^ MIX[0] ^ state, second ^ MIX[1] ^ state.rotate_left(32))
    };
    let (blocks, rest) = bytes.as_chunks::<16>();
    let mut state = blocks.iter().fold(fold(bytes.len() as u64 ^ MIX[2], MIX[0]), step);
    if !rest.is_empty() {
        let mut block = [0; 16];
        block[..rest.len()].copy_from_slice(rest);
        state = step(state, &block);
    }
    fold(state ^ MIX[2], MIX[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn different_records_have_different_fingerprints() {
        let mut seen = HashSet::new();
        for length in 0..70 {
            let record = vec![0u8; length];
            assert!(seen.insert(fingerprint(&record)), "zeros of length {length}");
            for place in 0..length {
                for bit in 0..8 {
                    let mut changed = record.clone();
                    changed[place] ^= 1 << bit;
                    assert!(seen.insert(fingerprint(&changed)), "length {length}, place {place}, bit {bit}");
                }
            }
        }
    }
}
