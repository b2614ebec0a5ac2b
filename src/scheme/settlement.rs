//! Accounts settled against each other: in go all accounts of all suppliers that a scheme would flag,
//! out comes which of them get the flag.
//!
//! One rebate goes to a claim: a flag that was already released keeps it, then what the administrator's
//! staff decided, then the best supported account, then the first by supplier and reference. Where the
//! scheme has only so many rebates, the coldest homes come first.

use rayon::prelude::*;

use crate::text::leading;

/// An account that would get the flag.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Contender<'a> {
    /// The supplier.
    pub(crate) supplier: &'a str,
    /// The account.
    pub(crate) customer_ref: &'a str,
    /// The claim it rests on; empty where a decision named none.
    pub(crate) claim_ref: &'a str,
    /// How well the account is supported.
    pub(crate) support: Support,
    /// The claim's rebate is out at the same supplier, by a delivery that stands while tonight's is held
    /// back, or by a flag that stands until a release day: nobody else can have it, and the limit cannot
    /// take it.
    pub(crate) is_out: bool,
    /// The energy-cost score of the home; none where it is not known.
    pub(crate) energy_score: Option<f32>,
}

/// What a contender rests on, the strongest last.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) enum Support {
    /// The match alone, with the odds of its candidate in bits.
    Matched(f32),
    /// A decision of the administrator's staff.
    Decided,
    /// A flag that was released on this claim and account before.
    Released,
    /// A flag of a supplier that is not part of this run: it is out, and cannot be taken back.
    Fixed,
}

/// What became of a contender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    /// The account gets the flag.
    Flagged,
    /// The claim's rebate goes to another account.
    ClaimUsed,
    /// The scheme has no rebate left.
    Limit,
}

/// Settles the contenders of one scheme; the outcomes stand in their order.
pub(crate) fn settle(contenders: &[Contender<'_>], one_rebate_per_claim: bool, limit: Option<u64>) -> Vec<Settled> {
    let mut settled = vec![Settled::Flagged; contenders.len()];
    if one_rebate_per_claim {
        let mut by_claim: Vec<(u128, usize)> = (0..contenders.len())
            .filter(|at| !contenders[*at].claim_ref.is_empty())
            .map(|at| (leading(contenders[at].claim_ref), at))
            .collect();
        by_claim.par_sort_unstable_by(|one, other| {
            let by_leading = one.0.cmp(&other.0);
            let (one, other) = (&contenders[one.1], &contenders[other.1]);
            let rank = |one: &Contender<'_>| (one.is_out || one.support == Support::Fixed, one.support);
            let support = || rank(other).partial_cmp(&rank(one)).unwrap_or(std::cmp::Ordering::Equal);
            by_leading
                .then_with(|| one.claim_ref.cmp(other.claim_ref))
                .then_with(support)
                .then_with(|| account(one).cmp(&account(other)))
        });
        let one_claim = |one: &(u128, usize), other: &(u128, usize)| {
            one.0 == other.0 && contenders[one.1].claim_ref == contenders[other.1].claim_ref
        };
        for claim in by_claim.chunk_by(one_claim) {
            for &(_, loser) in &claim[1..] {
                if contenders[loser].support < Support::Fixed {
                    settled[loser] = Settled::ClaimUsed;
                }
            }
        }
    }
    if let Some(limit) = limit {
        let may_lose = |contender: &Contender<'_>| contender.support < Support::Fixed && !contender.is_out;
        let mut flagged: Vec<usize> = (0..contenders.len()).filter(|at| settled[*at] == Settled::Flagged).collect();
        flagged.sort_unstable_by(|one, other| {
            let (one, other) = (&contenders[*one], &contenders[*other]);
            let cold = |contender: &Contender<'_>| contender.energy_score.unwrap_or(f32::NEG_INFINITY);
            may_lose(one)
                .cmp(&may_lose(other))
                .then(cold(other).total_cmp(&cold(one)))
                .then_with(|| one.claim_ref.cmp(other.claim_ref))
                .then_with(|| account(one).cmp(&account(other)))
        });
        for &late in flagged.iter().skip(usize::try_from(limit).unwrap_or(usize::MAX)) {
            if may_lose(&contenders[late]) {
                settled[late] = Settled::Limit;
            }
        }
    }
    settled
}

fn account<'a>(contender: &Contender<'a>) -> (&'a str, &'a str) {
    (contender.supplier, contender.customer_ref)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Settled::{ClaimUsed, Flagged, Limit};

    fn contender(customer_ref: &'static str, claim_ref: &'static str, support: Support) -> Contender<'static> {
        Contender { supplier: "s", customer_ref, claim_ref, support, is_out: false, energy_score: None }
    }

    #[test]
    fn one_claim_carries_one_rebate() {
        let matched =
            |customer_ref, claim_ref, posterior| contender(customer_ref, claim_ref, Support::Matched(posterior));
        for (contenders, outcome) in [
            (vec![matched("a", "1", 0.999), matched("b", "2", 0.999)], vec![Flagged, Flagged]),
            (vec![matched("a", "1", 0.998), matched("b", "1", 0.999)], vec![ClaimUsed, Flagged]),
            (vec![matched("b", "1", 0.999), matched("a", "1", 0.999)], vec![ClaimUsed, Flagged]),
            (
                vec![
                    matched("a", "1", 0.9999),
                    contender("b", "1", Support::Released),
                    contender("c", "1", Support::Decided),
                ],
                vec![ClaimUsed, Flagged, ClaimUsed],
            ),
            (
                vec![contender("a", "1", Support::Released), contender("b", "1", Support::Fixed)],
                vec![ClaimUsed, Flagged],
            ),
            (vec![contender("a", "", Support::Decided), contender("b", "", Support::Decided)], vec![Flagged, Flagged]),
        ] {
            assert_eq!(settle(&contenders, true, None), outcome);
            assert_eq!(settle(&contenders, false, None), vec![Flagged; contenders.len()]);
        }
    }

    /// While a supplier is held back, a claim that its last delivery carries stays with it, under whichever
    /// of its references.
    #[test]
    fn a_rebate_that_is_out_stays_with_its_supplier() {
        let own = |customer_ref, bits| Contender {
            supplier: "held",
            is_out: true,
            ..contender(customer_ref, "1", Support::Matched(bits))
        };
        let other = [Support::Matched(30.0), Support::Decided, Support::Released];
        for support in other {
            let contenders = [contender("a", "1", support), own("b", 5.0), own("c", 9.0)];
            assert_eq!(settle(&contenders, true, None), [ClaimUsed, ClaimUsed, Flagged], "{support:?}");
            assert_eq!(settle(&contenders, true, Some(0)), [ClaimUsed, ClaimUsed, Flagged], "{support:?}");
        }
        let contenders = [contender("a", "2", Support::Released), own("b", 5.0)];
        assert_eq!(settle(&contenders, true, Some(1)), [Limit, Flagged]);
    }

    #[test]
    fn the_coldest_homes_come_first() {
        let mut contenders = [("a", Some(10.0)), ("b", Some(90.0)), ("c", None), ("d", Some(50.0))].map(
            |(customer_ref, energy_score)| Contender {
                energy_score,
                ..contender(customer_ref, customer_ref, Support::Matched(0.999))
            },
        );
        assert_eq!(settle(&contenders, true, Some(2)), [Limit, Flagged, Limit, Flagged]);
        assert_eq!(settle(&contenders, true, Some(0)), [Limit; 4]);
        contenders[2].support = Support::Fixed;
        assert_eq!(settle(&contenders, true, Some(2)), [Limit, Flagged, Flagged, Limit]);
    }

    #[test]
    fn a_claim_that_lost_takes_no_place_under_the_limit() {
        let contenders = [
            contender("a", "1", Support::Matched(0.999)),
            contender("b", "1", Support::Matched(0.998)),
            contender("c", "2", Support::Matched(0.997)),
        ];
        assert_eq!(settle(&contenders, true, Some(2)), [Flagged, ClaimUsed, Flagged]);
    }
}
