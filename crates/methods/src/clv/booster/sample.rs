//! Which customers are learned from.

use clientela_numerics::{StopToken, Stopped};

use super::super::snapshot::Snapshot;
use super::BLOCK;

/// Rows to learn from: what two cores fit and test four times within a few seconds.
const ROWS_MAX: usize = 60_000;
/// One customer in so many decides when to stop and is not learned from.
const HELD_OUT_ONE_IN: u64 = 5;

/// Members with a purchase, as places in the snapshot.
pub(super) fn buyers(snapshot: &Snapshot<'_>, stop: &StopToken) -> Result<Vec<u32>, Stopped> {
    let mut buyers = Vec::new();
    for (block, states) in snapshot.states().chunks(BLOCK).enumerate() {
        stop.poll()?;
        let with_purchase = states.iter().enumerate();
        let with_purchase = with_purchase.filter(|(_, state)| state.n_purchases > 0);
        buyers.extend(with_purchase.map(|(at, _)| (block * BLOCK + at) as u32));
    }
    Ok(buyers)
}

/// Which customers are learned from and which are held out, by a hash of the id: no payload's order decides.
pub(super) struct Sample {
    seed: u64,
    /// Hashes below it take part.
    below: u64,
}

impl Sample {
    pub(super) fn new(seed: u64, n_rows: usize) -> Self {
        let share = ROWS_MAX as f64 / n_rows.max(1) as f64;
        Self {
            seed,
            below: if share < 1.0 {
                (share * u64::MAX as f64) as u64
            } else {
                u64::MAX
            },
        }
    }

    /// The sampled members of a snapshot.
    pub(super) fn places(
        &self,
        snapshot: &Snapshot<'_>,
        stop: &StopToken,
    ) -> Result<Places, Stopped> {
        let ids = snapshot.base().histories().ids();
        let id = |at: u32| &ids[snapshot.members()[at as usize] as usize];
        let mut hashed: Vec<(u64, u32)> = Vec::new();
        for buyers in buyers(snapshot, stop)?.chunks(BLOCK) {
            stop.poll()?;
            let all = buyers.iter().map(|&at| (hash(id(at), self.seed), at));
            hashed.extend(all.filter(|&(hash, _)| hash <= self.below));
        }
        hashed.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| id(a.1).cmp(id(b.1))));
        let (held_out, learned): (Vec<_>, Vec<_>) = hashed
            .into_iter()
            .partition(|&(hash, _)| mixed(hash).is_multiple_of(HELD_OUT_ONE_IN));
        let places = |hashed: Vec<(u64, u32)>| hashed.into_iter().map(|(_, at)| at).collect();
        Ok(Places {
            learned: places(learned),
            held_out: places(held_out),
        })
    }
}

/// Members of a snapshot that were sampled, in an order that no payload decides.
pub(super) struct Places {
    pub(super) learned: Vec<u32>,
    pub(super) held_out: Vec<u32>,
}

/// FNV-1a, mixed so that every bit depends on every other.
fn hash(id: &str, seed: u64) -> u64 {
    let bytes = id.bytes();
    let fnv = bytes.fold(0xcbf2_9ce4_8422_2325_u64 ^ seed, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    mixed(fnv)
}

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014, "Fast Splittable Pseudorandom Number Generators", OOPSLA).
fn mixed(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::base;
    use super::super::testing::table;
    use super::*;

    #[test]
    fn large_bases_are_sampled_by_customer() {
        let full = table(|i| i, 13.0);
        let stop = StopToken::new();
        let snapshot = Snapshot::at(base(&full), base(&full).today(), &stop).unwrap();
        let later = Sample::new(42, 2 * ROWS_MAX)
            .places(&snapshot, &stop)
            .unwrap();
        let n = later.learned.len() + later.held_out.len();
        assert!((160..240).contains(&n), "{n}");
        let all = Sample::new(42, ROWS_MAX).places(&snapshot, &stop).unwrap();
        assert_eq!(all.learned.len() + all.held_out.len(), 400);
        assert!(
            (50..110).contains(&all.held_out.len()),
            "{}",
            all.held_out.len()
        );
        assert!(later.held_out.iter().all(|at| all.held_out.contains(at)));
        stop.stop();
        assert!(Sample::new(42, 400).places(&snapshot, &stop).is_err());
    }
}
