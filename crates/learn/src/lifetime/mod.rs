//! Lifetime models: how often a customer will still buy and how much they spend on a purchase.
//!
//! Count models in continuous time: BG/NBD, MBG/NBD and Pareto/NBD ([`fit_counts`]); value per purchase: Gamma-Gamma ([`fit_spending`]).
//! Times are in weeks throughout, although any unit would do: nothing here depends on it.

mod beta_geometric;
mod count_fit;
mod draws;
mod estimate;
mod evaluation;
mod gamma_gamma;
mod histories;
mod leaving;
mod model;
mod negative_binomial;
mod outlook;
mod pareto_nbd;
mod predictive;
mod purchases_ahead;
mod span;

pub use count_fit::{CountFit, default_priors, fit_counts};
pub use draws::{draw_parameters, draw_spending_parameters};
pub use estimate::{LogNormalPriors, NotIdentified};
pub use gamma_gamma::{GammaGamma, GammaGammaFit, Spending, fit_spending};
pub use histories::{Histories, History};
pub use model::{CountFamily, CountModel};
pub use outlook::Outlook;
pub use predictive::Predictive;
pub use purchases_ahead::PurchasesAhead;
