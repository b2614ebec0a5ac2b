//! Reads the age recipient to whom a delivery is encrypted.

use std::fmt;
use std::str::FromStr;

/// The public key of an [age](https://age-encryption.org/v1) identity of the X25519 kind: only the holder of
/// that identity can read what is encrypted to it. It is no secret.
///
/// ```
/// use flagmatch::job::AgeRecipient;
/// assert!("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p".parse::<AgeRecipient>().is_ok());
/// assert!("age1".parse::<AgeRecipient>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct AgeRecipient(age::x25519::Recipient);

/// The text is not an age recipient of the X25519 kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an age recipient, such as age-keygen prints it after \"public key:\"")]
pub struct NotARecipient;

/// The points of small order on Curve25519, from RFC 7748's and Bernstein's lists (0, 1, the two of order 8,
/// and p-1, p, p+1). Everybody can read what is encrypted to one of them, and the age crate panics on it: a
/// supplier that sent one would stop the run for all.
const LOW_ORDER: [[u8; 32]; 7] = [
    point(0x00, 0x00, 0x00),
    point(0x01, 0x00, 0x00),
    [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09,
        0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
    ],
    [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44,
        0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
    ],
    point(0xec, 0xff, 0x7f),
    point(0xed, 0xff, 0x7f),
    point(0xee, 0xff, 0x7f),
];

/// A point whose bytes are all the same, except the first and the last.
const fn point(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

impl AgeRecipient {
    /// The recipient as the age crate takes it.
    pub(crate) fn key(&self) -> &dyn age::Recipient {
        &self.0
    }
}

impl FromStr for AgeRecipient {
    type Err = NotARecipient;

    fn from_str(text: &str) -> Result<AgeRecipient, NotARecipient> {
        let recipient = text.parse().map_err(|_| NotARecipient)?;
        // The text was parsed just now, so these are its 32 bytes.
        let (_, mut point) = bech32::decode(text).map_err(|_| NotARecipient)?;
        if let Some(last) = point.last_mut() {
            // The curve ignores the highest bit.
            *last &= 0x7f;
        }
        if LOW_ORDER.iter().any(|low| *low == point[..]) { Err(NotARecipient) } else { Ok(AgeRecipient(recipient)) }
    }
}

impl fmt::Display for AgeRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for AgeRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgeRecipient({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The age crate would panic on each of them; a recipient with an identity behind it is accepted.
    #[test]
    fn what_everybody_could_read_is_no_recipient() {
        let prefix = bech32::Hrp::parse("age").unwrap();
        for low in LOW_ORDER {
            for bit in [0, 0x80] {
                let mut bytes = low;
                bytes[31] |= bit;
                let text = bech32::encode::<bech32::Bech32>(prefix, &bytes).unwrap();
                let parsed: age::x25519::Recipient = text.parse().unwrap();
                let encrypted = std::panic::catch_unwind(|| age::encrypt(&parsed, b"x").is_ok());
                assert!(encrypted.is_err(), "{text} is of small order");
                assert_eq!(text.parse::<AgeRecipient>(), Err(NotARecipient), "{text}");
            }
        }
        let text = age::x25519::Identity::generate().to_public().to_string();
        assert_eq!(format!("{:?}", text.parse::<AgeRecipient>().unwrap()), format!("AgeRecipient({text})"));
        for wrong in ["", "age1", &text[1..], &text.replace("age1", "age2"), &format!("{text} ")] {
            assert_eq!(wrong.parse::<AgeRecipient>(), Err(NotARecipient), "{wrong}");
        }
    }
}
