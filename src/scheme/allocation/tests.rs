//! Tests the rules of allocation by examples, and its laws by properties.

use proptest::prelude::*;

use super::*;
use Basis::{Decided, DecidedClaim, Matched, MayKeep, Waits};
use Outcome::{ClaimFreed, ClaimUsed, Flagged, Limit, NotFlagged};

/// An account at its household's home, delivered tonight, in household 1.
fn account(supplier: &'static str, customer_ref: &'static str, basis: Basis) -> Contender<'static> {
    Contender {
        supplier,
        customer_ref,
        household: 1,
        household_ref: "CLM-1",
        basis,
        home_agrees: true,
        support: 10.0,
        was_delivered: false,
        delivery: Delivery::GoesOut,
        energy_score: None,
    }
}

fn day(of_month: i8) -> Date {
    jiff::civil::date(2026, 10, of_month)
}

fn rebate(supplier: &'static str, position: Position) -> Rebate<'static> {
    Rebate { household: 1, supplier, customer_ref: "old", released_on: Some(day(1)), position }
}

const RULES: Rules<'static> = Rules { scheme: "whd", one_rebate_per_claim: true, limit: None };

fn outcomes(contenders: &[Contender<'_>], rebates: &[Rebate<'_>]) -> Vec<Outcome> {
    allocate(contenders, rebates, RULES).outcomes
}

/// Of two suppliers, the one that the hash prefers and the other.
fn by_hash() -> [&'static str; 2] {
    let [north, south] = ["north", "south"];
    if hash("whd", "CLM-1", north) < hash("whd", "CLM-1", south) { [north, south] } else { [south, north] }
}

/// A first release between two suppliers: the winner of each row is the first account.
#[test]
fn between_suppliers_counts_only_what_no_supplier_can_invent() {
    let [first, second] = by_hash();
    for (winner, loser, why) in [
        (account(first, "1", Matched), account(second, "2", Matched), "the hash"),
        (account(second, "1", Matched), Contender { home_agrees: false, ..account(first, "2", Matched) }, "the home"),
        (
            Contender { was_delivered: true, ..account(second, "1", Matched) },
            account(first, "2", Matched),
            "delivered before",
        ),
        (
            account(second, "1", Matched),
            Contender { home_agrees: false, was_delivered: true, ..account(first, "2", Matched) },
            "the home comes before what was delivered",
        ),
        (
            account(first, "1", Matched),
            Contender { support: 99.0, ..account(second, "2", Matched) },
            "support never counts between suppliers",
        ),
        (
            Contender { home_agrees: false, ..account(second, "1", Matched) },
            Contender { delivery: Delivery::Withheld, ..account(first, "2", Matched) },
            "what is held back comes last",
        ),
        (
            account(first, "1", Matched),
            Contender { delivery: Delivery::NotAsked, ..account(second, "2", Matched) },
            "a supplier outside the run counts like any other: the hash",
        ),
        (
            Contender { delivery: Delivery::NotAsked, ..account(first, "1", Matched) },
            account(second, "2", Matched),
            "also where it wins",
        ),
        (
            Contender { home_agrees: false, ..account(second, "1", Waits) },
            account(first, "2", Matched),
            "what waits for a release day has reserved it",
        ),
        (
            Contender { home_agrees: false, ..account(second, "1", Decided(3)) },
            account(first, "2", Matched),
            "staff's decision",
        ),
    ] {
        assert_eq!(outcomes(&[winner, loser], &[]), [Flagged, ClaimUsed], "{why}");
        assert_eq!(outcomes(&[loser, winner], &[]), [ClaimUsed, Flagged], "{why}, the other way round");
    }
}

#[test]
fn within_a_supplier_the_home_then_support_then_the_reference() {
    let here = |customer_ref| account("north", customer_ref, Matched);
    for (winner, loser) in [
        (here("2"), Contender { home_agrees: false, support: 99.0, ..here("1") }),
        (Contender { support: 11.0, ..here("2") }, here("1")),
        (here("1"), here("2")),
        (here("2"), Contender { basis: MayKeep, ..here("1") }),
    ] {
        let lost = if loser.basis == MayKeep { NotFlagged } else { ClaimUsed };
        assert_eq!(outcomes(&[loser, winner], &[]), [lost, Flagged]);
    }
}

/// A rebate was released: each row has the accounts tonight, their outcomes, and what becomes of the rebate.
#[test]
fn what_was_released_stays_where_it_is() {
    let [first, second] = by_hash();
    let (ours, theirs) = (account(second, "1", Matched), account(first, "2", Matched));
    let held_back = Contender { delivery: Delivery::Withheld, ..ours };
    let cases = [
        (vec![ours, theirs], Position::Held(0), vec![Flagged, ClaimUsed], Fate::Stays, "held"),
        (
            vec![Contender { basis: MayKeep, ..ours }, theirs],
            Position::Held(0),
            vec![Flagged, ClaimUsed],
            Fate::Stays,
            "held by an account under the threshold",
        ),
        (vec![ours, theirs], Position::Vacant, vec![Flagged, ClaimUsed], Fate::MovesTo(0), "renumbered"),
        (
            vec![Contender { basis: MayKeep, ..ours }, theirs],
            Position::Vacant,
            vec![NotFlagged, ClaimFreed],
            Fate::Stays,
            "another account of its supplier has to reach the threshold",
        ),
        (vec![theirs], Position::Vacant, vec![ClaimFreed], Fate::Stays, "gone"),
        (
            vec![held_back, theirs],
            Position::VacantUnseen(Some(0)),
            vec![Flagged, ClaimFreed],
            Fate::Stays,
            "gone, and then its supplier is quarantined with the account in its file",
        ),
        (
            vec![held_back, Contender { basis: DecidedClaim(9), ..theirs }],
            Position::VacantUnseen(Some(0)),
            vec![ClaimUsed, Flagged],
            Fate::MovesTo(1),
            "staff may move it, since no flag of it is out",
        ),
        (vec![theirs], Position::AwaitsStaff, vec![ClaimFreed], Fate::Stays, "its holder died"),
        (vec![ours, theirs], Position::AwaitsStaff, vec![ClaimFreed; 2], Fate::Stays, "nor may its supplier"),
        (vec![theirs], Position::Objected, vec![ClaimUsed], Fate::Stays, "an objection frees nothing"),
        (vec![theirs], Position::Stands(None), vec![ClaimUsed], Fate::Stays, "its supplier is rejected"),
        (
            vec![held_back, theirs],
            Position::Stands(None),
            vec![Flagged, ClaimUsed],
            Fate::Stays,
            "its supplier is quarantined and has renumbered",
        ),
        (
            vec![theirs, Contender { basis: DecidedClaim(9), ..theirs }],
            Position::Stands(None),
            vec![ClaimUsed; 2],
            Fate::Stays,
            "a flag that stands tonight cannot be moved tonight",
        ),
        (
            vec![ours, Contender { basis: DecidedClaim(9), ..theirs }],
            Position::Held(0),
            vec![ClaimUsed, Flagged],
            Fate::MovesTo(1),
            "staff named the claim for another account",
        ),
        (
            vec![ours, Contender { basis: Decided(9), ..theirs }],
            Position::Held(0),
            vec![Flagged, ClaimUsed],
            Fate::Stays,
            "a decision that names no claim moves nothing",
        ),
        (
            vec![Contender { basis: DecidedClaim(9), ..ours }, Contender { basis: DecidedClaim(8), ..theirs }],
            Position::Held(1),
            vec![Flagged, ClaimUsed],
            Fate::MovesTo(0),
            "the later decision",
        ),
        (
            vec![Contender { basis: DecidedClaim(9), delivery: Delivery::Withheld, ..theirs }, ours],
            Position::Held(1),
            vec![ClaimUsed, Flagged],
            Fate::Stays,
            "nothing in a file that is held back moves a rebate",
        ),
        (
            vec![Contender { basis: DecidedClaim(9), delivery: Delivery::NotAsked, ..theirs }, ours],
            Position::Held(1),
            vec![ClaimUsed, Flagged],
            Fate::Stays,
            "it moves on the night that its new supplier has a delivery",
        ),
        (
            vec![Contender { basis: DecidedClaim(9), ..theirs }],
            Position::AwaitsStaff,
            vec![Flagged],
            Fate::MovesTo(0),
            "staff decided",
        ),
    ];
    for (contenders, position, expected, fate, why) in cases {
        let supplier = second;
        let allocation = allocate(&contenders[..], &[rebate(supplier, position)], RULES);
        assert_eq!((allocation.outcomes, allocation.fates), (expected, vec![fate]), "{why}");
    }
}

/// Claims that had a rebate each turn out to be one household's.
#[test]
fn of_two_rebates_of_one_household_the_older_stays() {
    let contenders = [account("north", "1", Matched), account("south", "2", Matched)];
    let older = |position| Rebate { released_on: Some(day(3)), ..rebate("south", position) };
    let newer = |position| Rebate { released_on: Some(day(4)), ..rebate("north", position) };
    for (rebates, expected, fates) in [
        ([newer(Position::Held(0)), older(Position::Held(1))], [ClaimUsed, Flagged], [Fate::Ends, Fate::Stays]),
        ([newer(Position::Held(0)), older(Position::Vacant)], [Flagged, ClaimUsed], [Fate::Stays, Fate::Ends]),
        // The north is held back: its flag stands for now, and takes nothing from an older one.
        ([newer(Position::Stands(None)), older(Position::Held(1))], [ClaimUsed, Flagged], [Fate::Stays, Fate::Stays]),
        ([older(Position::Stands(None)), newer(Position::Held(1))], [ClaimUsed, ClaimUsed], [Fate::Stays, Fate::Ends]),
    ] {
        // A supplier whose flag stands has no account tonight.
        let contenders = match rebates[0] {
            Rebate { position: Position::Stands(None), supplier: "north", .. } => vec![contenders[1]; 2],
            Rebate { position: Position::Stands(None), .. } => vec![contenders[0]; 2],
            _ => contenders.to_vec(),
        };
        let allocation = allocate(&contenders[..], &rebates, RULES);
        assert_eq!((&allocation.outcomes[..], &allocation.fates[..]), (&expected[..], &fates[..]));
    }
}

#[test]
fn a_scheme_may_give_every_account_its_own() {
    let contenders = [account("north", "1", Matched), account("north", "2", MayKeep), account("south", "3", MayKeep)];
    let rebates = [rebate("north", Position::Held(1)), rebate("south", Position::Vacant)];
    let allocation = allocate(&contenders[..], &rebates, Rules { one_rebate_per_claim: false, ..RULES });
    assert_eq!(allocation.outcomes, [Flagged, Flagged, NotFlagged]);
    assert_eq!(allocation.fates, [Fate::Stays, Fate::Ends]);
}

#[test]
fn released_rebates_count_first_then_the_coldest_homes_then_what_is_held_back() {
    let home = |customer_ref: &'static str, household, energy_score| Contender {
        household,
        household_ref: customer_ref,
        energy_score,
        ..account("north", customer_ref, Matched)
    };
    let (cold, mild, unknown) = (home("1", 1, Some(90.0)), home("2", 2, Some(10.0)), home("3", 3, None));
    let colder_but_held = Contender { delivery: Delivery::Withheld, ..home("4", 4, Some(99.0)) };
    let contenders = [unknown, mild, cold, colder_but_held];
    let elsewhere = |position| Rebate { household: 9, ..rebate("south", position) };
    for (limit, rebates, expected) in [
        (4, vec![], [Flagged, Flagged, Flagged, Flagged]),
        (3, vec![], [Flagged, Flagged, Flagged, Limit]),
        (2, vec![], [Limit, Flagged, Flagged, Limit]),
        (1, vec![], [Limit, Limit, Flagged, Limit]),
        (0, vec![], [Limit; 4]),
        (1, vec![elsewhere(Position::Vacant)], [Limit; 4]),
        (2, vec![elsewhere(Position::Stands(None))], [Limit, Limit, Flagged, Limit]),
        // A released rebate is never taken back, even if other homes are colder.
        (0, vec![Rebate { household: 3, ..rebate("north", Position::Held(0)) }], [Flagged, Limit, Limit, Limit]),
        (1, vec![Rebate { household: 2, ..rebate("north", Position::Vacant) }], [Limit, Flagged, Limit, Limit]),
    ] {
        let allocation = allocate(&contenders[..], &rebates, Rules { limit: Some(limit), ..RULES });
        assert_eq!(allocation.outcomes, expected, "{limit} {rebates:?}");
    }
}

const SUPPLIERS: [&str; 3] = ["north", "south", "west"];
const REFERENCES: [&str; 4] = ["1", "2", "3", "4"];
const HOUSEHOLDS: [&str; 3] = ["CLM-0", "CLM-1", "CLM-2"];

fn any_contender() -> impl Strategy<Value = Contender<'static>> {
    let basis = prop_oneof![
        Just(MayKeep),
        Just(Matched),
        Just(Waits),
        (0_u64..3).prop_map(Decided),
        (0_u64..3).prop_map(DecidedClaim)
    ];
    let who = (0_usize..3, 0_usize..4, 0_usize..3, basis);
    let facts = (any::<bool>(), 0_u8..3, any::<bool>(), prop::option::of(0_u8..3));
    (who, facts).prop_map(
        |((supplier, customer_ref, household, basis), (home_agrees, support, was_delivered, score))| Contender {
            supplier: SUPPLIERS[supplier],
            customer_ref: REFERENCES[customer_ref],
            household: household as u32,
            household_ref: HOUSEHOLDS[household],
            basis,
            home_agrees,
            support: f32::from(support),
            was_delivered,
            delivery: [Delivery::GoesOut, Delivery::NotAsked, Delivery::Withheld][supplier],
            energy_score: score.map(f32::from),
        },
    )
}

/// Accounts, each once, and at most one rebate a household, as a season leaves them.
fn any_night() -> impl Strategy<Value = (Vec<Contender<'static>>, Vec<Rebate<'static>>)> {
    let rebates = prop::collection::vec(prop::option::of((0_usize..3, 1_i8..4, 0_u8..4)), 3);
    (prop::collection::vec(any_contender(), 0..8), rebates).prop_map(|(mut contenders, rebates)| {
        contenders.sort_by_key(|one| (one.supplier, one.customer_ref));
        contenders.dedup_by_key(|one| (one.supplier, one.customer_ref));
        let rebates = rebates.into_iter().zip(0..).filter_map(|(rebate, household): (_, u32)| {
            let (supplier, released_on, position) = rebate?;
            let supplier = SUPPLIERS[supplier];
            let own = contenders.iter().position(|one| one.household == household && one.supplier == supplier);
            let goes_out = supplier == "north";
            let position = match position {
                0 if !goes_out => Position::Stands(own),
                _ if !goes_out => Position::Stands(None),
                0 => own.map_or(Position::Vacant, Position::Held),
                1 => Position::Vacant,
                2 => Position::AwaitsStaff,
                _ => Position::Objected,
            };
            Some(Rebate { household, supplier, customer_ref: "old", released_on: Some(day(released_on)), position })
        });
        let rebates = rebates.collect();
        (contenders, rebates)
    })
}

proptest! {
    #[test]
    fn the_order_of_accounts_changes_nothing((contenders, rebates) in any_night(), limit in prop::option::of(0_u64..4)) {
        // The accounts may be reversed only if no rebate names one by its place.
        let rebates: Vec<_> = rebates.into_iter().filter(|one| !matches!(one.position, Position::Held(_) | Position::Stands(Some(_)))).collect();
        let rules = Rules { limit, ..RULES };
        let forth = allocate(&contenders[..], &rebates, rules);
        let turned: Vec<_> = contenders.iter().rev().copied().collect();
        let mut back = allocate(&turned[..], &rebates, rules).outcomes;
        back.reverse();
        prop_assert_eq!(forth.outcomes, back);
    }

    /// Households of one account are decided without being sorted. Here all are sorted and decided by the rules.
    #[test]
    fn the_quick_way_decides_as_the_rules_do((contenders, rebates) in any_night()) {
        let mut plain = Allocation::new(contenders.len(), rebates.len());
        plain.decide_households(&contenders[..], &rebates, RULES, &[true; HOUSEHOLDS.len()]);
        prop_assert_eq!(allocate(&contenders[..], &rebates, RULES), plain);
    }

    #[test]
    fn no_household_has_two((contenders, rebates) in any_night()) {
        let allocation = allocate(&contenders[..], &rebates, RULES);
        for household in 0..3 {
            let own = || contenders.iter().zip(&allocation.outcomes).filter(|(one, _)| one.household == household);
            let flagged: Vec<_> = own().filter(|(_, outcome)| **outcome == Flagged).collect();
            prop_assert!(flagged.len() <= 1);
            let out = rebates.iter().zip(&allocation.fates).find(|(one, fate)| one.household == household && **fate == Fate::Stays);
            if let (Some((rebate, _)), Some((winner, _))) = (out, flagged.first()) {
                prop_assert_eq!(rebate.supplier, winner.supplier, "a rebate that stays, stays with its supplier");
            }
        }
    }

    #[test]
    fn a_rebate_moves_to_another_supplier_by_decision_alone((contenders, rebates) in any_night()) {
        let allocation = allocate(&contenders[..], &rebates, RULES);
        for (rebate, fate) in rebates.iter().zip(&allocation.fates) {
            if let Fate::MovesTo(at) = *fate {
                let to = &contenders[at];
                let is_decided = matches!(to.basis, DecidedClaim(_)) && to.delivery == Delivery::GoesOut;
                prop_assert!(to.supplier == rebate.supplier || is_decided);
                prop_assert!(!matches!(rebate.position, Position::Stands(_)));
            }
        }
    }

    /// Whatever a file that is held back says, no account of another supplier gets another outcome.
    #[test]
    fn nothing_in_a_file_that_is_held_back_counts_elsewhere(
        (contenders, rebates) in any_night(), limit in prop::option::of(0_u64..4),
    ) {
        let is_held = |one: &Contender<'_>| one.delivery == Delivery::Withheld;
        // Without these accounts, the places of the others change.
        let names_a_place = |one: &Rebate<'_>| match one.position {
            Position::Held(_) => true,
            Position::Stands(holder) => holder.is_some() && one.supplier != "west",
            _ => false,
        };
        let rebates: Vec<_> = rebates.into_iter().filter(|one| !names_a_place(one)).collect();
        let without: Vec<_> = contenders.iter().filter(|one| !is_held(one)).copied().collect();
        let stands: Vec<_> = rebates
            .iter()
            .map(|one| match one.position {
                Position::Stands(_) => Rebate { position: Position::Stands(None), ..*one },
                _ => *one,
            })
            .collect();
        let rules = Rules { limit, ..RULES };
        let with_it = allocate(&contenders[..], &rebates, rules).outcomes;
        let with_it: Vec<_> = contenders.iter().zip(with_it).filter(|(one, _)| !is_held(one)).map(|(_, it)| it).collect();
        prop_assert_eq!(with_it, allocate(&without[..], &stands, rules).outcomes);
    }
}
