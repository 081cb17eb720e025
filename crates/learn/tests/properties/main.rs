//! What holds for every input: fast versions equal slow obvious ones; neither the order of the samples nor the number of threads
//! matters.

mod dbscan;
mod gaussian_mixture;
mod invariance;
mod samples;
mod silhouettes;
mod stopping;
