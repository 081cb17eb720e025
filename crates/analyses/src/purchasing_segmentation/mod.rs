#![doc = include_str!("page.md")]

mod figures;
mod persona;
mod playbook;
mod respond;
mod shoppers;
#[cfg(test)]
mod tests;
mod traits;
mod vectors;

use schemars::{Schema, SchemaGenerator, json_schema};

use crate::scan::scan;
use crate::spine::AnyAnalysis;
use crate::wire::segmentation::warnings;
use crate::{Context, Document, Failure, Format};

/// The chooser between the two request shapes: feature vectors, and minimal shopper rows.
pub struct PurchasingSegmentation;

const ROUTES: &[&str] = &["purchasing_segmentation", "customer_segmentation"];
const SUMMARY: &str =
    "Customers in clusters: four families of algorithms compared, the best explained";
const PAGE: &str = include_str!("page.md");

/// The shape of a body: feature vectors where it has `data`, or `customers` whose first item has `features`.
fn shape_of(body: &[u8]) -> &'static dyn AnyAnalysis {
    let found = scan(body);
    if found.has(body, "data") || found.first_element_has(body, "customers", "features") {
        &vectors::Vectors
    } else {
        &shoppers::ShopperRows
    }
}

impl AnyAnalysis for PurchasingSegmentation {
    fn routes(&self) -> &'static [&'static str] {
        ROUTES
    }
    fn summary(&self) -> &'static str {
        SUMMARY
    }
    fn page(&self) -> &'static str {
        PAGE
    }
    fn example(&self) -> &'static str {
        shoppers::ShopperRows.example()
    }
    fn formats(&self) -> Vec<Format> {
        shoppers::ShopperRows.formats()
    }
    fn request_schema(&self, generator: &mut SchemaGenerator) -> Schema {
        let shoppers = shoppers::ShopperRows.request_schema(generator);
        let vectors = vectors::Vectors.request_schema(generator);
        json_schema!({ "anyOf": [shoppers, vectors] })
    }
    fn response_schema(&self, generator: &mut SchemaGenerator) -> Schema {
        let shoppers = shoppers::ShopperRows.response_schema(generator);
        let vectors = vectors::Vectors.response_schema(generator);
        json_schema!({ "anyOf": [shoppers, vectors] })
    }
    fn run(&self, body: &[u8], context: &Context) -> Result<Document, Failure> {
        shape_of(body).run(body, context)
    }
    fn check(&self, body: &[u8], context: &Context) -> Result<(), Failure> {
        shape_of(body).check(body, context)
    }
}
