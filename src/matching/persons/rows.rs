//! Benefit rows as they are read, before they are grouped into persons.

use std::sync::Arc;

use super::Role;
use super::link::{Linker, Links};
use super::text_list::TextList;
use crate::matching::hash::RunKey;
use crate::matching::runs::BlockPool;
use crate::matching::store::{PartStore, Store};
use crate::memory;
use crate::normalise::Identity;
use crate::parts::Parts;

/// The part of a benefit row that identifies a person.
pub(crate) struct BenefitPerson<'a> {
    pub(crate) claim_ref: &'a str,
    pub(crate) person_ref: &'a str,
    pub(crate) role: Role,
    pub(crate) identity: &'a Identity,
}

/// Rows of one part of a file, before they are grouped into persons.
#[derive(Default)]
pub(crate) struct BenefitPersons {
    identities: PartStore,
    claim_refs: TextList,
    person_refs: TextList,
    roles: Vec<Role>,
    linker: Linker,
    links: Links,
}

/// The rows of all files.
pub(super) struct Rows {
    pub(super) identities: Store,
    pub(super) claim_refs: Parts<TextList>,
    pub(super) person_refs: Parts<TextList>,
    pub(super) roles: Vec<Role>,
    /// By part of a file, with the number of its first row.
    pub(super) links: Vec<(u32, Links)>,
}

impl BenefitPersons {
    /// A part without rows. Only parts of one pool can be gathered.
    pub(crate) fn new(pool: &Arc<BlockPool>) -> BenefitPersons {
        let rows = pool.likely_most();
        BenefitPersons {
            identities: PartStore::new(pool),
            claim_refs: TextList::with_room(rows),
            person_refs: TextList::with_room(rows),
            roles: Vec::with_capacity(rows),
            linker: Linker::with_room(rows),
            links: Links::default(),
        }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, key: &RunKey, row: &BenefitPerson<'_>) {
        let identity = row.identity.view();
        self.linker.push(key, row, &identity);
        self.identities.push(&identity);
        self.claim_refs.push(row.claim_ref);
        self.person_refs.push(row.person_ref);
        self.roles.push(row.role);
    }

    /// Ends the part, and hashes the links of its rows.
    pub(crate) fn finish(&mut self, key: &RunKey) {
        self.links = std::mem::take(&mut self.linker).finish(key);
        self.identities.finish();
        self.claim_refs.finish();
        self.person_refs.finish();
    }

    /// Joins the rows of the parts of files, in order.
    pub(super) fn joined(parts: Vec<BenefitPersons>) -> Rows {
        let (mut identities, mut claim_refs, mut person_refs) = (Vec::new(), Vec::new(), Vec::new());
        let (mut roles, mut links, mut first) = (Vec::new(), Vec::new(), 0);
        for part in parts {
            links.push((first, part.links));
            first += part.roles.len() as u32;
            identities.push(part.identities);
            claim_refs.push(part.claim_refs);
            person_refs.push(part.person_refs);
            roles.push(part.roles);
        }
        let (identities, roles) = rayon::join(|| Store::joined(identities.into_iter()), || memory::joined(roles));
        let [claim_refs, person_refs] = [claim_refs, person_refs].map(|lists| Parts::new(lists, TextList::len));
        Rows { identities, claim_refs, person_refs, roles, links }
    }
}
