//! The same base gives the same answer, whatever the order of its rows and the number of threads; a stop is heard.

use clientela_methods::clv::{ForecastOptions, forecast};
use clientela_numerics::{StopToken, Stopped};

use crate::shops::{Sale, Truth, forecast_of, shop, shop_of, simulated};

#[test]
fn permuting_customers_changes_nothing_but_their_order() {
    let customers = simulated(300, 400, &Truth::default());
    let named: Vec<(usize, &Vec<Sale>)> = customers.iter().enumerate().collect();
    let mut permuted = named.clone();
    permuted.sort_by_key(|(name, _)| name * 7919 % 300);
    let first = forecast_of(&shop_of(400, &named), 3);
    let second = forecast_of(&shop_of(400, &permuted), 3);
    for (at, (name, _)) in permuted.iter().enumerate() {
        assert_eq!(second.customers[at], first.customers[*name]);
    }
    assert_eq!(second.totals, first.totals);
    assert_eq!(second.validation, first.validation);
    assert_eq!(second.model, first.model);
    assert_eq!(
        (second.tracking, second.remarks),
        (first.tracking, first.remarks)
    );
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let table = shop(400, &simulated(700, 400, &Truth::default()));
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("threads").install(|| forecast_of(&table, 12))
    };
    assert_eq!(on(1), on(5));
}

#[test]
fn a_stopped_forecast_ends() {
    let table = shop(400, &simulated(50, 400, &Truth::default()));
    let stop = StopToken::new();
    stop.stop();
    let answer = forecast(&table, &ForecastOptions::default(), &stop);
    assert_eq!(answer, Err(Stopped));
}
