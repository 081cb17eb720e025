//! One replicate: the parameters of both models, drawn once for all customers, and what follows for one of them.

use clientela_learn::lifetime::{
    CountModel, GammaGamma, PurchasesAhead, draw_parameters, draw_spending_parameters,
};
use clientela_numerics::RandomStream;
use libm::log;

use super::super::probabilistic::Probabilistic;

/// Replicates of the whole base.
pub const REPLICATES: usize = 200;

/// Parameters of one replicate.
pub struct Replicate {
    /// The count model.
    pub count: CountModel,
    /// The value model, where there is one.
    pub spending: Option<GammaGamma>,
    /// Logarithms of the count parameters, less those of the estimate.
    pub shift: [f64; 4],
}

/// Purchases in one replicate, given that there are any.
pub struct Purchases {
    /// How many.
    pub n: u32,
    /// What they bring by the value model, for each unit that a customer's earlier purchases make it.
    pub relative_value: f64,
}

impl Replicate {
    /// Purchases ahead of a customer with `x` repeat purchases, given that there are any.
    pub fn purchases_given_any(
        &self,
        ahead: &PurchasesAhead,
        x: u32,
        stream: &mut RandomStream,
    ) -> Purchases {
        let n = ahead.draw_given_any(stream);
        let spending = self.spending.as_ref();
        let relative_value = |spending: &GammaGamma| spending.draw_relative_value(x, n, stream);
        Purchases {
            n,
            relative_value: spending.map_or(0.0, relative_value),
        }
    }
}

/// Parameters from the distributions around their estimates, in every replicate.
pub fn replicates(model: &Probabilistic<'_, '_>, seed: u64) -> Vec<Replicate> {
    let fit = &model.count.fit;
    (0..REPLICATES as u64)
        .map(|replicate| {
            let mut stream = RandomStream::new(seed, "clv parameters", replicate);
            let count = draw_parameters(fit, &mut stream);
            let spending = model.value.fit.as_ref();
            let spending = spending.map(|fit| draw_spending_parameters(fit, &mut stream));
            let pair = |i: usize| log(count.params[i] / fit.model.params[i]);
            Replicate {
                shift: std::array::from_fn(pair),
                count,
                spending,
            }
        })
        .collect()
}
