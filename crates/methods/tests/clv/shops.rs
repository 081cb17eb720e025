//! Simulated shops with a known truth.

use clientela_methods::clv::{
    ClvReport, CountModelChoice, FamilyChoice, ForecastOptions, Remark, forecast,
};
use clientela_numerics::{RandomStream, StopToken};
use clientela_tables::{Date, PurchaseHistories, PurchaseHistoriesBuilder, PurchaseLine};

/// The last day of most shops.
pub const TODAY: &str = "2025-06-30";

/// One line: days after the shop opened, amount, order, cost.
pub struct Sale {
    pub day: i32,
    pub amount: f64,
    pub order: Option<&'static str>,
    pub cost: Option<f64>,
}

/// A line without order and cost.
pub fn sale(day: i32, amount: f64) -> Sale {
    Sale {
        day,
        amount,
        order: None,
        cost: None,
    }
}

/// A shop that opened `days` before [`TODAY`]; customers are named by their place.
pub fn shop(days: i32, customers: &[Vec<Sale>]) -> PurchaseHistories {
    let named: Vec<(usize, &Vec<Sale>)> = customers.iter().enumerate().collect();
    shop_of(days, &named)
}

/// The same with names.
pub fn shop_of(days: i32, customers: &[(usize, &Vec<Sale>)]) -> PurchaseHistories {
    shop_until(TODAY, days, customers)
}

/// The same with another last day.
pub fn shop_until(today: &str, days: i32, customers: &[(usize, &Vec<Sale>)]) -> PurchaseHistories {
    let today = Date::parse(today).expect("a date");
    let opened = today.days_since_epoch() - days;
    let mut builder = PurchaseHistoriesBuilder::new();
    for (_, sales) in customers {
        let lines: Vec<PurchaseLine<&str>> = sales
            .iter()
            .filter(|sale| sale.day <= days)
            .map(|sale| PurchaseLine {
                transaction_id: sale.order,
                date: Date::from_days(opened + sale.day).expect("a day in range"),
                amount: sale.amount,
                cost: sale.cost,
            })
            .collect();
        builder.push(&lines);
    }
    let names = customers.iter().map(|(name, _)| format!("customer {name}"));
    builder.finish(today, names.collect())
}

/// How a simulated customer buys: BG/NBD and Gamma-Gamma with the parameters of CDNOW, but with more repeat buyers.
pub struct Truth {
    pub r: f64,
    pub alpha: f64,
    pub a: f64,
    pub b: f64,
    /// Last day, as a share of the history, on which customers may come for the first time.
    pub born_until: f64,
}

impl Default for Truth {
    fn default() -> Self {
        Self {
            r: 0.8,
            alpha: 6.0,
            a: 0.8,
            b: 2.5,
            born_until: 0.5,
        }
    }
}

/// Customers who buy by a known truth.
pub fn simulated(n: usize, days: i32, truth: &Truth) -> Vec<Vec<Sale>> {
    (0..n as u64)
        .map(|customer| simulated_customer(customer, days, truth))
        .collect()
}

fn simulated_customer(customer: u64, days: i32, truth: &Truth) -> Vec<Sale> {
    let mut stream = RandomStream::new(7, "shop", customer);
    let born = stream.uniform() * truth.born_until * f64::from(days);
    let rate = stream.gamma(truth.r) / truth.alpha / 7.0;
    let leaves = stream.beta(truth.a, truth.b);
    let spending = stream.gamma(3.7) / 15.4;
    let mut sales: Vec<Sale> = Vec::new();
    let mut time = born;
    while time <= f64::from(days) {
        let amount = stream.gamma(6.2) / spending;
        let cents = (100.0 * amount).round() / 100.0;
        sales.push(sale(time as i32, cents));
        if sales.len() > 1 && stream.uniform() < leaves {
            break;
        }
        time += stream.exponential() / rate.max(1e-9);
    }
    sales
}

/// A customer who buys every `gap` days from a day on.
pub fn regular(from: i32, until: i32, gap: usize, amount: f64) -> Vec<Sale> {
    (from..=until)
        .step_by(gap)
        .map(|day| sale(day, amount))
        .collect()
}

/// The forecast with default options but for a horizon.
pub fn forecast_of(table: &PurchaseHistories, horizon_months: u32) -> ClvReport {
    forecast_with(table, |options| options.horizon_months = horizon_months)
}

/// The same by the count and value models alone.
pub fn by_models(table: &PurchaseHistories, horizon_months: u32) -> ClvReport {
    forecast_with(table, |options| {
        options.horizon_months = horizon_months;
        options.families = FamilyChoice::Probabilistic;
    })
}

/// The forecast with changed options.
pub fn forecast_with(
    table: &PurchaseHistories,
    change: impl FnOnce(&mut ForecastOptions),
) -> ClvReport {
    let mut options = ForecastOptions::default();
    change(&mut options);
    forecast(table, &options, &StopToken::new()).expect("nobody stops it")
}

/// Whether some remark of a report holds.
pub fn has(report: &ClvReport, holds: impl Fn(&Remark) -> bool) -> bool {
    report.remarks.iter().any(holds)
}

/// Sets the count model.
pub fn forced(name: clientela_methods::clv::CountModelName) -> impl FnOnce(&mut ForecastOptions) {
    move |options| options.count_model = CountModelChoice::Forced(name)
}
