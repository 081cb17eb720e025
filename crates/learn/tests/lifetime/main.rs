//! The lifetime models against published figures, high-precision values, other implementations and simulations.

mod calibration;
mod draws;
mod parameters;
mod published;
mod reference;
mod robustness;
mod shared_data;
mod simulation;
