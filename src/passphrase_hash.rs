//! Hashes the passphrases of reviewers, and checks them, with scrypt.
//!
//! A hash is `scrypt:LOG_N:R:P:SALT:HASH`, the last two in hexadecimal digits.

use zeroize::Zeroizing;

/// The cost of a hash: a sixth of a second and 32 MiB, which a list of likely passphrases does not have for each.
const LOG_N: u8 = 15;
const R: u32 = 8;
const P: u32 = 1;
const SALT: usize = 16;
const HASH: usize = 32;

/// Hashes a passphrase under a new salt.
///
/// # Errors
/// The system's error if it has no random numbers.
pub(crate) fn hash(passphrase: &str) -> Result<String, getrandom::Error> {
    let mut salt = [0; SALT];
    getrandom::fill(&mut salt)?;
    let hash = derive(passphrase, &salt);
    Ok(format!("scrypt:{LOG_N}:{R}:{P}:{}:{}", hex(&salt), hex(&*hash)))
}

/// Whether the text is a hash that this program made.
pub(crate) fn is_hash(text: &str) -> bool {
    parts(text).is_some()
}

/// Whether it is the passphrase of the hash.
pub(crate) fn is_right(passphrase: &str, of: &str) -> bool {
    let Some((salt, expected)) = parts(of) else { return false };
    let found = derive(passphrase, &salt);
    // Sums of BLAKE3 are compared in constant time.
    blake3::hash(&*found) == blake3::hash(&expected)
}

fn derive(passphrase: &str, salt: &[u8]) -> Zeroizing<[u8; HASH]> {
    let mut hash = Zeroizing::new([0; HASH]);
    let cost = scrypt::Params::new(LOG_N, R, P, HASH).expect("the parameters are within scrypt's bounds");
    scrypt::scrypt(passphrase.as_bytes(), salt, &cost, &mut *hash).expect("the hash is not longer than scrypt's");
    hash
}

fn parts(text: &str) -> Option<([u8; SALT], [u8; HASH])> {
    let rest = text.strip_prefix(&format!("scrypt:{LOG_N}:{R}:{P}:"))?;
    let (salt, hash) = rest.split_once(':')?;
    Some((unhex(salt)?, unhex(hash)?))
}

/// Hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let is_hex = text.len() == 2 * N && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    for (byte, place) in bytes.iter_mut().zip((0..text.len()).step_by(2)) {
        *byte = u8::from_str_radix(text.get(place..place + 2)?, 16).ok()?;
    }
    is_hex.then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_is_right_for_its_own_hash_alone() {
        let one = hash("four windy hills").unwrap();
        let other = hash("four windy hills").unwrap();
        assert_ne!(one, other, "each has its own salt");
        assert!(is_hash(&one) && is_right("four windy hills", &one) && is_right("four windy hills", &other));
        for wrong in ["four windy hill", "", "Four windy hills", "four windy hills "] {
            assert!(!is_right(wrong, &one), "{wrong}");
        }
        for text in ["", "four windy hills", &one[..one.len() - 1], &one.replace("scrypt:15", "scrypt:1")] {
            assert!(!is_hash(text) && !is_right("four windy hills", text), "{text}");
        }
    }
}
