//! Where a forecast stands in its base, as far as the base can tell.

use clientela_methods::clv::CustomerForecast;

/// Customers below which a percentile is hardly more than a rank, and words must not sound like one of many.
const FEW: usize = 10;

/// What a tier says of a customer beside the others of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// There is no other customer.
    Alone,
    /// More than half of the base has this very forecast, so that its tier sets nobody apart.
    Shared { n_equal: usize, n_customers: usize },
    /// A rank among fewer than ten.
    OfFew { n_customers: usize },
    /// A rank among many.
    OfMany,
}

/// The standing of every customer, in the order given.
pub fn standings(customers: &[CustomerForecast]) -> Vec<Standing> {
    let mut sorted: Vec<f64> = customers.iter().map(|customer| customer.value).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let of = |customer: &CustomerForecast| {
        let below = sorted.partition_point(|value| *value < customer.value);
        let up_to = sorted.partition_point(|value| *value <= customer.value);
        standing(up_to - below, sorted.len())
    };
    customers.iter().map(of).collect()
}

fn standing(n_equal: usize, n_customers: usize) -> Standing {
    if n_customers == 1 {
        Standing::Alone
    } else if 2 * n_equal > n_customers {
        Standing::Shared {
            n_equal,
            n_customers,
        }
    } else if n_customers < FEW {
        Standing::OfFew { n_customers }
    } else {
        Standing::OfMany
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_rank_among_many_is_taken_for_one() {
        for ((n_equal, n_customers), expected) in [
            ((1, 1), Standing::Alone),
            (
                (2, 2),
                Standing::Shared {
                    n_equal: 2,
                    n_customers: 2,
                },
            ),
            ((1, 2), Standing::OfFew { n_customers: 2 }),
            ((1, 9), Standing::OfFew { n_customers: 9 }),
            ((5, 10), Standing::OfMany),
            (
                (6, 10),
                Standing::Shared {
                    n_equal: 6,
                    n_customers: 10,
                },
            ),
            ((1, 1000), Standing::OfMany),
        ] {
            assert_eq!(standing(n_equal, n_customers), expected);
        }
    }
}
