//! Signs deliveries' sums and checks their signatures, in the format of
//! [minisign](https://jedisct1.github.io/minisign/).
//!
//! The trusted comment of a signature names job, supplier, run and sequence number.

use std::fmt;
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use minisign::{PublicKeyBox, SecretKeyBox, SignatureBox};
use thiserror::Error;
use zeroize::Zeroizing;

use super::run_id::RunId;
use crate::text::shown;

/// In bytes. Key files are not longer; a longer file was named by mistake.
const LONGEST_KEY_FILE: u64 = 4096;

/// How the second line of a secret key begins, in base64: Ed25519, then how it is encrypted (scrypt or
/// not at all), then BLAKE2b for its checksum.
const WITH_PASSPHRASE: &str = "RWRTY0Iy";
const WITHOUT_PASSPHRASE: &str = "RWQAAEIy";

/// The first line of a signature. It is not signed, so no other text is accepted there.
const UNTRUSTED: &str = "signature of SHA256SUMS of a flagmatch delivery";

/// The length of the base64 of an Ed25519 signature, which has 64 bytes.
const SIGNATURE_LENGTH: usize = 88;

/// The passphrase of a secret key; wiped from memory when it is dropped. `Debug` does not show it.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// The longest that minisign takes, in bytes.
    pub const LONGEST: usize = 1024;

    /// A passphrase; `None` if it is empty or longer than [`Passphrase::LONGEST`].
    pub fn new(text: Zeroizing<String>) -> Option<Passphrase> {
        (1..=Passphrase::LONGEST).contains(&text.len()).then_some(Passphrase(text))
    }

    /// Whether two passphrases are the same, for one that somebody types twice.
    pub fn is_same(&self, other: &Passphrase) -> bool {
        self.0 == other.0
    }

    /// The text, to be hashed.
    pub(crate) fn as_text(&self) -> &str {
        &self.0
    }

    /// A copy for the minisign crate, which takes a plain text and does not wipe it.
    pub(super) fn for_minisign(&self) -> String {
        String::clone(&self.0)
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[withheld]")
    }
}

/// Why a key cannot be used. Messages contain nothing of a key or passphrase.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The system refused.
    #[error("{}: cannot {action}: {source}", shown(path))]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error("{}: this is no {kind} key in minisign's format", shown(path))]
    NotAKey {
        /// The file.
        path: PathBuf,
        /// Secret or public.
        kind: &'static str,
    },
    /// The passphrase is wrong.
    #[error("{}: the passphrase does not open this secret key", shown(path))]
    WrongPassphrase {
        /// The secret key's file.
        path: PathBuf,
    },
    /// The system gave no random bytes, or not the memory that a passphrase needs.
    #[error("a key pair cannot be made: the system gave no random bytes or too little memory")]
    NotMade,
}

impl KeyError {
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> KeyError {
        move |source| KeyError::Io { action, path: path.to_owned(), source }
    }
}

/// The text of a key file, wiped when it is dropped.
fn key_text(path: &Path, kind: &'static str) -> Result<Zeroizing<String>, KeyError> {
    let file = File::open(path).map_err(KeyError::io("open this key file", path))?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST_KEY_FILE as usize + 1));
    let read = file.take(LONGEST_KEY_FILE + 1).read_to_end(&mut bytes);
    read.map_err(KeyError::io("read this key file", path))?;
    match std::str::from_utf8(&bytes) {
        Ok(text) if bytes.len() as u64 <= LONGEST_KEY_FILE => Ok(Zeroizing::new(text.to_owned())),
        _ => Err(KeyError::NotAKey { path: path.to_owned(), kind }),
    }
}

/// A secret key that is ready to sign. `Debug` does not show it, and clones share the one copy in memory.
#[derive(Clone)]
pub struct Signer(Arc<minisign::SecretKey>);

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[withheld]")
    }
}

impl Signer {
    /// Reads a secret key, as `flagmatch keygen` or minisign wrote it. `passphrase` is called only if the key has one.
    ///
    /// # Errors
    /// A [`KeyError`] if the file cannot be read, is not a secret key, or has another passphrase; or the error of
    /// `passphrase`.
    pub fn read<E: From<KeyError>>(
        path: &Path,
        passphrase: impl FnOnce() -> Result<Passphrase, E>,
    ) -> Result<Signer, E> {
        let not_a_key = || KeyError::NotAKey { path: path.to_owned(), kind: "secret" };
        let text = key_text(path, "secret")?;
        let key = text.lines().nth(1).unwrap_or_default();
        let secret = || SecretKeyBox::from(String::clone(&text));
        if key.starts_with(WITHOUT_PASSPHRASE) {
            let opened = secret().into_unencrypted_secret_key().map_err(|_| not_a_key())?;
            return Ok(Signer(Arc::new(opened)));
        }
        if !key.starts_with(WITH_PASSPHRASE) {
            return Err(not_a_key().into());
        }
        let passphrase = passphrase()?;
        let opened = secret().into_secret_key(Some(passphrase.for_minisign()));
        // The crate's messages contain nothing of the key, but describe its own calls.
        let opened = opened.map_err(|error| match error.kind() {
            minisign::ErrorKind::Verify => KeyError::WrongPassphrase { path: path.to_owned() },
            _ => not_a_key(),
        })?;
        Ok(Signer(Arc::new(opened)))
    }

    /// Signs sums under a trusted comment; `None` if the system gives no random bytes.
    pub(super) fn sign(&self, sums: &str, comment: &str) -> Option<String> {
        let signed = minisign::sign(None, &self.0, Cursor::new(sums), Some(comment), Some(UNTRUSTED));
        signed.ok().map(SignatureBox::into_string)
    }
}

/// The administrator's public key, with which suppliers check deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(minisign::PublicKey);

impl PublicKey {
    /// Reads a public key, as `flagmatch keygen` or minisign wrote it.
    ///
    /// # Errors
    /// A [`KeyError`] if the file cannot be read or is no public key.
    pub fn read(path: &Path) -> Result<PublicKey, KeyError> {
        let text = key_text(path, "public")?;
        let key = PublicKeyBox::from(String::clone(&text)).into_public_key();
        key.map(PublicKey).map_err(|_| KeyError::NotAKey { path: path.to_owned(), kind: "public" })
    }

    /// The public half of a pair that was just made.
    pub(super) fn from_pair(pair: &minisign::KeyPair) -> PublicKey {
        PublicKey(pair.pk.clone())
    }

    /// The key as one line of text, as `minisign -P` takes it.
    pub fn text(&self) -> String {
        self.0.to_base64()
    }

    /// The key's id as minisign shows it: 16 hexadecimal digits.
    pub fn id(&self) -> String {
        key_id(self.0.keynum())
    }

    /// Checks that this key made the signature of these sums, and returns the delivery that it names.
    pub(super) fn check(&self, sums: &[u8], signature: &str) -> Result<Delivered, NotSigned> {
        // The crate takes a second signature of any length and reads 64 bytes of it.
        if signature.lines().nth(3).is_none_or(|global| global.trim().len() != SIGNATURE_LENGTH) {
            return Err(NotSigned::NoSignature);
        }
        let text = signature;
        let signature = SignatureBox::from_string(text).map_err(|_| NotSigned::NoSignature)?;
        // The crate ignores further lines and spaces; nothing may be added there either.
        if signature.to_string() != text {
            return Err(NotSigned::NoSignature);
        }
        if text.lines().next() != Some(&format!("untrusted comment: {UNTRUSTED}")) {
            return Err(NotSigned::OtherForm);
        }
        if signature.keynum() != self.0.keynum() {
            return Err(NotSigned::OtherKey { signed: key_id(signature.keynum()), expected: self.id() });
        }
        // Quiet, without a copy of the text, and without the older kind of signature.
        minisign::verify(&self.0, &signature, Cursor::new(sums), true, false, false).map_err(|_| NotSigned::Altered)?;
        let comment = signature.trusted_comment().map_err(|_| NotSigned::NotADelivery)?;
        comment.parse().map_err(|_| NotSigned::NotADelivery)
    }
}

fn key_id(number: &[u8]) -> String {
    number.iter().rev().map(|byte| format!("{byte:02X}")).collect()
}

/// Why a signature is not valid.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum NotSigned {
    /// It is not a signature.
    #[error("this is no signature in minisign's format")]
    NoSignature,
    /// Its first line, which is not signed, is not the one that flagmatch writes.
    #[error("the signature's first line is not the one that flagmatch writes: it was changed after signing")]
    OtherForm,
    /// Another key made it.
    #[error("signed with another key: its id is {signed}, that of the public key {expected}")]
    OtherKey {
        /// The id of the key that made it.
        signed: String,
        /// The id of the public key.
        expected: String,
    },
    /// It is not the signature of these sums, or its trusted comment was changed.
    #[error("the signature is not valid: SHA256SUMS or the signature's trusted comment was changed")]
    Altered,
    /// It is a valid signature of something else.
    #[error("the trusted comment is not that of a delivery of flagmatch")]
    NotADelivery,
}

/// The delivery that a signature names; its text is the trusted comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Delivered {
    /// The job that it is of; `None` in signatures of versions that did not name it.
    pub(super) job: Option<String>,
    pub(super) supplier: String,
    pub(super) run: RunId,
    /// Its number among the deliveries to this supplier, from 1.
    pub(super) sequence: u64,
}

impl fmt::Display for Delivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("flagmatch delivery ")?;
        if let Some(job) = &self.job {
            write!(f, "job={job} ")?;
        }
        write!(f, "supplier={} run={} sequence={}", self.supplier, self.run, self.sequence)
    }
}

impl FromStr for Delivered {
    type Err = ();

    fn from_str(text: &str) -> Result<Delivered, ()> {
        let mut words = text.strip_prefix("flagmatch delivery ").ok_or(())?.split(' ').peekable();
        let job = words.next_if(|word| word.starts_with("job=")).map(|word| word["job=".len()..].to_owned());
        let mut value = |name: &str| words.next().and_then(|word| word.strip_prefix(name)).ok_or(());
        let supplier = value("supplier=")?.to_owned();
        let run = value("run=")?.parse().map_err(|_| ())?;
        let sequence = value("sequence=")?.parse().map_err(|_| ())?;
        let delivered = Delivered { job, supplier, run, sequence };
        // Only the spelling that `Display` gives.
        if delivered.to_string() == text { Ok(delivered) } else { Err(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer() -> (Signer, PublicKey) {
        let pair = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
        (Signer(Arc::new(pair.sk)), PublicKey(pair.pk))
    }

    fn delivered() -> Delivered {
        let job = Some("whd-2026".to_owned());
        Delivered { job, supplier: "north".to_owned(), run: "20261124T021500Z".parse().unwrap(), sequence: 7 }
    }

    #[test]
    fn a_trusted_comment_has_one_spelling() {
        let of_earlier_versions = "flagmatch delivery supplier=north run=20261124T021500Z sequence=7";
        assert_eq!(of_earlier_versions.parse(), Ok(Delivered { job: None, ..delivered() }));
        let text = "flagmatch delivery job=whd-2026 supplier=north run=20261124T021500Z sequence=7";
        assert_eq!(delivered().to_string(), text);
        assert_eq!(text.parse(), Ok(delivered()));
        for wrong in ["", "sequence=7", &text[10..], &format!("{text} "), &format!("{text} x=1"), &format!("{text}x")] {
            assert_eq!(wrong.parse::<Delivered>(), Err(()), "{wrong}");
        }
        for (from, to) in [
            ("=7", "=07"),
            ("=7", "=+7"),
            ("run=", "run=x"),
            ("supplier=north ", ""),
            (" run", "  run"),
            ("job=", "Job="),
        ] {
            assert_eq!(text.replace(from, to).parse::<Delivered>(), Err(()), "{from} {to}");
        }
    }

    #[test]
    fn a_signature_is_of_one_text_one_comment_and_one_key() {
        let (signer, public) = signer();
        let signature = signer.sign("sums\n", &delivered().to_string()).unwrap();
        assert_eq!(public.check(b"sums\n", &signature), Ok(delivered()));
        assert_eq!(public.check(b"sumz\n", &signature), Err(NotSigned::Altered));
        for (from, to) in [("=north", "=south"), ("=7", "=8"), ("T021500Z", "T021501Z")] {
            assert_eq!(public.check(b"sums\n", &signature.replace(from, to)), Err(NotSigned::Altered), "{from}");
        }
        let (_, other) = self::signer();
        assert!(matches!(other.check(b"sums\n", &signature), Err(NotSigned::OtherKey { .. })));
        // Valid, but of something else.
        let comment = minisign::sign(None, &signer.0, Cursor::new("sums\n"), Some("hello"), Some(UNTRUSTED)).unwrap();
        assert_eq!(public.check(b"sums\n", &comment.into_string()), Err(NotSigned::NotADelivery));
    }

    /// The first line is not signed: anybody who passes a signature on could write to its readers there.
    #[test]
    fn the_first_line_of_a_signature_has_one_spelling() {
        let (signer, public) = signer();
        let signature = signer.sign("sums\n", &delivered().to_string()).unwrap();
        for first in ["", "signature from minisign secret key", "\u{1b}[2J", &"x".repeat(900_000)] {
            let (_, rest) = signature.split_once('\n').unwrap();
            let changed = format!("untrusted comment: {first}\n{rest}");
            assert_eq!(public.check(b"sums\n", &changed), Err(NotSigned::OtherForm), "{} bytes", first.len());
        }
    }

    /// A line may be cut at any place: it is refused without a panic.
    #[test]
    fn what_is_no_signature_is_said_to_be_none() {
        let (signer, public) = signer();
        let signature = signer.sign("sums\n", &delivered().to_string()).unwrap();
        let lines: Vec<&str> = signature.lines().collect();
        for count in 0..4 {
            assert_eq!(public.check(b"sums\n", &lines[..count].join("\n")), Err(NotSigned::NoSignature), "{count}");
        }
        for last in ["", "AAAA", "AA==", &lines[3][..40], &lines[3][..84], "!"] {
            let cut = [lines[0], lines[1], lines[2], last, ""].join("\n");
            assert_eq!(public.check(b"sums\n", &cut), Err(NotSigned::NoSignature), "{last}");
        }
        for more in ["\n", "more\n", " "] {
            assert_eq!(public.check(b"sums\n", &format!("{signature}{more}")), Err(NotSigned::NoSignature), "{more:?}");
        }
        for second in ["", "AAAA", &lines[1][..40]] {
            let cut = [lines[0], second, lines[2], lines[3], ""].join("\n");
            assert_eq!(public.check(b"sums\n", &cut), Err(NotSigned::NoSignature), "{second}");
        }
    }

    #[test]
    fn nothing_secret_is_shown() {
        let (signer, _) = signer();
        let passphrase = Passphrase::new(Zeroizing::new("correct horse".to_owned())).unwrap();
        assert_eq!(format!("{signer:?} {passphrase:?}"), "[withheld] [withheld]");
        assert!(Passphrase::new(Zeroizing::default()).is_none());
        assert!(Passphrase::new(Zeroizing::new("x".repeat(1025))).is_none());
    }
}
