//! The lifetime models against published figures, other implementations and simulations.

mod published;
mod shared_data;
