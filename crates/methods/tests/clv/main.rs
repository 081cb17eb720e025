//! Forecasts of lifetime value on real purchase logs.

mod hold_outs;
mod shared_data;
