//! Reads any text as a UPRN: a number of at most twelve digits, which reads as itself.

#![no_main]

use flagmatch::normalise::Reading;
use flagmatch::normalise::uprn::{Uprn, uprn};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    if let Reading::Known(found) = uprn(data) {
        assert!(found.number() > 0 && found.number() < 1_000_000_000_000);
        assert!(Uprn::new(found.number()) == Some(found));
        assert!(uprn(&found.number().to_string()) == Reading::Known(found));
    }
});
