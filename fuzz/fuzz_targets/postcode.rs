//! Reads any text as a postcode: a postcode of British form packs into eight bytes, and unpacks and reads as itself.

#![no_main]

use flagmatch::normalise::Reading;
use flagmatch::normalise::postcode::{BritishPostcode, Postcode, is_one_slip, postcode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let (one, other) = data.split_once('|').unwrap_or((data, ""));
    if let Reading::Known(Postcode::British(code)) = postcode(one) {
        assert!(BritishPostcode::unpack(code.packed()) == Some(code));
        assert!(postcode(code.as_str()) == Reading::Known(Postcode::British(code)));
        assert!(code.as_str().starts_with(code.outward()) && code.outward().starts_with(code.area()));
    }
    assert_eq!(is_one_slip(one, other), is_one_slip(other, one));
});
