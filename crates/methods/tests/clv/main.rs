//! Forecasts of lifetime value: the rules of evidence, hard data, and real purchase logs.

mod checker;
mod evidence;
mod hard_data;
mod hold_outs;
mod intervals;
mod models;
mod order;
mod seasons;
mod selection;
mod shared_data;
mod shops;
