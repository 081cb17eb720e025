//! Charts: scales, axes, marks → SVG text. Numbers in, text out.
//!
//! A chart is one self-contained SVG document: no script, no external font or style. It carries a title and a
//! description for those who can't see it, and colors for light and dark surroundings (`prefers-color-scheme`) that stay
//! apart for the color-blind. All words come from the caller, in the reader's language; nothing here says anything.
//!
//! The same input gives the same bytes on every machine: coordinates are printed with at most 2 decimals, and the
//! logarithms of the scales are those of `libm`.
#![deny(missing_docs)]

mod axis;
mod bars;
mod captions;
mod dendrogram;
mod heatmap;
mod lines;
mod marks;
mod multiples;
mod palette;
mod scale;
mod scatter;
mod style;
mod svg;
mod text;

pub use bars::{Bar, Bars, bars};
pub use captions::{Captions, Cluster};
pub use dendrogram::{Cut, Dendrogram, DistanceAxis, Merge, dendrogram, n_branches_shown};
pub use heatmap::{Heatmap, heatmap};
pub use lines::{Course, Lines, Milestone, Panel, Series, lines};
pub use multiples::{Column, Estimate, Mark, Multiples, Plot, Strip, multiples};
pub use scale::Scale;
pub use scatter::{Axis, Point, Scatter, scatter};
pub use style::STYLESHEET;
