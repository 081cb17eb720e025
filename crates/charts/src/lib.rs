//! Scales, axes and marks to SVG text.
