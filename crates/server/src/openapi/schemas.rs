//! Schemas of requests and answers under `#/components/schemas`.

use clientela_analyses::AnyAnalysis;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// Collects schemas. Requests and answers have a generator each, because a type may look different when it is read.
pub struct Schemas {
    requests: SchemaGenerator,
    answers: SchemaGenerator,
    /// Those that are no type of their own to a generator: whole requests and answers, in the order they were asked for.
    roots: Map<String, Value>,
    ambiguous: Vec<String>,
}

impl Schemas {
    pub fn new() -> Self {
        let settings = SchemaSettings::draft2020_12()
            .with(|settings| settings.definitions_path = "/components/schemas".into());
        Self {
            requests: settings.clone().for_deserialize().into_generator(),
            answers: settings.for_serialize().into_generator(),
            roots: Map::new(),
            ambiguous: Vec::new(),
        }
    }

    /// A reference to the request of `analysis`.
    pub fn request(&mut self, analysis: &dyn AnyAnalysis) -> Value {
        let schema = analysis.request_schema(&mut self.requests);
        self.root(format!("{}Request", pascal(analysis.name())), schema)
    }

    /// A reference to the answer of `analysis`.
    pub fn response(&mut self, analysis: &dyn AnyAnalysis) -> Value {
        let schema = analysis.response_schema(&mut self.answers);
        self.root(format!("{}Response", pascal(analysis.name())), schema)
    }

    /// A reference to a shape that is read.
    pub fn read<T: JsonSchema>(&mut self) -> Value {
        self.requests.subschema_for::<T>().to_value()
    }

    /// A reference to a shape that is written.
    pub fn written<T: JsonSchema>(&mut self) -> Value {
        self.answers.subschema_for::<T>().to_value()
    }

    /// A reference to a schema written by hand.
    pub fn plain(&mut self, name: &str, schema: Value) -> Value {
        note(
            &mut self.roots,
            &mut self.ambiguous,
            name.to_owned(),
            schema,
        );
        reference(name)
    }

    fn root(&mut self, name: String, schema: Schema) -> Value {
        let mut schema = schema.to_value();
        if let Some(object) = schema.as_object_mut() {
            object.shift_remove("$schema");
            object.shift_remove("title");
        }
        let reference = reference(&name);
        note(&mut self.roots, &mut self.ambiguous, name, schema);
        reference
    }

    /// All schemas, sorted by name.
    pub fn finish(self) -> Map<String, Value> {
        self.merged().0
    }

    /// Names that stand for two shapes. A generator that meets a second type of one name appends a number to it.
    pub fn ambiguous(self) -> Vec<String> {
        let (all, mut ambiguous) = self.merged();
        ambiguous.extend(all.keys().filter(|name| is_numbered(name, &all)).cloned());
        ambiguous
    }

    fn merged(mut self) -> (Map<String, Value>, Vec<String>) {
        let mut all = self.roots;
        for generator in [&mut self.requests, &mut self.answers] {
            for (name, schema) in generator.take_definitions(true) {
                note(&mut all, &mut self.ambiguous, name, schema);
            }
        }
        all.sort_keys();
        (all, self.ambiguous)
    }
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn note(all: &mut Map<String, Value>, ambiguous: &mut Vec<String>, name: String, schema: Value) {
    if all.get(&name).is_some_and(|other| *other != schema) {
        ambiguous.push(name.clone());
    }
    all.insert(name, schema);
}

fn is_numbered(name: &str, all: &Map<String, Value>) -> bool {
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit());
    base.len() < name.len() && all.contains_key(base)
}

/// `customer_rfm` → `CustomerRfm`
fn pascal(route: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    route.split('_').map(capital).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_for_two_shapes_is_noticed() {
        let mut schemas = Schemas::new();
        schemas.plain("A", json!({ "type": "string" }));
        schemas.plain("A", json!({ "type": "string" }));
        schemas.plain("B", json!({ "type": "string" }));
        schemas.plain("B", json!({ "type": "number" }));
        schemas.plain("A2", json!({ "type": "number" }));
        schemas.plain("C3", json!({ "type": "number" }));
        assert_eq!(schemas.ambiguous(), ["B", "A2"]);
    }
}
