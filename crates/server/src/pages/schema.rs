//! A JSON schema as a table of fields.

use std::fmt::Write as _;

use serde_json::Value;

use super::html::{escaped, markdown};

/// A tree that contains itself is shown so deep.
const DEPTH_MAX: usize = 6;

/// The fields of `schema`, one row each, inner ones under their path; a table for each shape where there are several.
pub fn tables(name: &str, schema: &Value, document: &Value) -> String {
    let rows = Rows {
        document,
        html: String::new(),
    };
    let shapes = rows.resolved(schema)["anyOf"].as_array();
    match shapes {
        Some(shapes) if shapes.len() > 1 => {
            let described = |shape| rows.resolved(shape)["description"].as_str();
            let tables = shapes.iter().enumerate().map(|(index, shape)| {
                let heading = format!("{name}, shape {} of {}", index + 1, shapes.len());
                let described = described(shape).unwrap_or_default();
                format!(
                    "<h3>{}</h3>\n{}{}",
                    escaped(&heading),
                    markdown(described),
                    table(&heading, shape, document)
                )
            });
            tables.collect()
        }
        _ => table(name, schema, document),
    }
}

fn table(caption: &str, schema: &Value, document: &Value) -> String {
    let mut rows = Rows {
        document,
        html: String::new(),
    };
    rows.fields(schema, "", 0);
    format!(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\"><table><caption>{caption}</caption>\
         <thead><tr><th scope=\"col\">Field</th><th scope=\"col\">Type</th><th scope=\"col\">Meaning</th></tr></thead>\
         <tbody>\n{}</tbody></table></div>\n",
        rows.html,
        caption = escaped(caption),
    )
}

struct Rows<'a> {
    document: &'a Value,
    html: String,
}

impl<'a> Rows<'a> {
    /// Follows references and the one shape that is not `null`.
    fn resolved(&self, mut schema: &'a Value) -> &'a Value {
        loop {
            let target = schema["$ref"].as_str().and_then(|reference| {
                let pointer = reference.strip_prefix('#')?;
                self.document.pointer(pointer)
            });
            let alternatives = ["anyOf", "oneOf"].iter().find_map(|&key| {
                let shapes = schema[key].as_array()?;
                let mut real = shapes.iter().filter(|shape| shape["type"] != "null");
                let first = real.next()?;
                real.next().is_none().then_some(first)
            });
            match target.or(alternatives) {
                Some(inner) => schema = inner,
                None => return schema,
            }
        }
    }

    fn fields(&mut self, schema: &'a Value, path: &str, depth: usize) {
        let schema = self.resolved(schema);
        if depth > DEPTH_MAX {
            return;
        }
        for key in ["anyOf", "oneOf", "allOf"] {
            for shape in schema[key].as_array().into_iter().flatten() {
                self.fields(shape, path, depth);
            }
        }
        let required = schema["required"].as_array();
        let Some(properties) = schema["properties"].as_object() else {
            return;
        };
        for (name, field) in properties {
            let is_required = required.is_some_and(|names| names.iter().any(|n| n == name));
            self.field(field, &format!("{path}{name}"), is_required, depth);
        }
    }

    fn field(&mut self, field: &'a Value, path: &str, is_required: bool, depth: usize) {
        let resolved = self.resolved(field);
        let described = [field, resolved]
            .iter()
            .find_map(|schema| schema["description"].as_str())
            .unwrap_or_default();
        let required = if is_required {
            " <span class=\"required\">required</span>"
        } else {
            ""
        };
        writeln!(
            self.html,
            "<tr><th scope=\"row\"><code>{}</code>{required}</th><td>{}</td><td>{}</td></tr>",
            escaped(path),
            escaped(&self.kind(field)),
            markdown(described),
        )
        .expect("writing to a string");
        let items = self.resolved(&resolved["items"]);
        if items.is_object() {
            self.fields(items, &format!("{path}[]."), depth + 1);
        } else if let Some(values) = resolved
            .get("additionalProperties")
            .filter(|v| v.is_object())
        {
            self.fields(values, &format!("{path}.*."), depth + 1);
        } else {
            self.fields(resolved, &format!("{path}."), depth + 1);
        }
    }

    /// Type and range in a few words.
    fn kind(&self, field: &'a Value) -> String {
        let schema = self.resolved(field);
        let mut kind = self.bare_kind(schema);
        let bound = |key: &str| {
            let found = schema.get(key).or_else(|| field.get(key))?;
            (!found.is_null()).then(|| found.to_string())
        };
        if let Some(above) = bound("exclusiveMinimum") {
            kind.push_str(&format!(", above {above}"));
        }
        match (bound("minimum"), bound("maximum")) {
            (Some(min), Some(max)) => kind.push_str(&format!(", {min} to {max}")),
            (Some(min), None) => kind.push_str(&format!(", from {min}")),
            (None, Some(max)) => kind.push_str(&format!(", up to {max}")),
            (None, None) => {}
        }
        if let Some(default) = bound("default") {
            kind.push_str(&format!(", default {default}"));
        }
        kind
    }

    fn bare_kind(&self, schema: &'a Value) -> String {
        if let Some(values) = schema["enum"].as_array() {
            let values: Vec<String> = values.iter().map(ToString::to_string).collect();
            return values.join(" | ");
        }
        if let Some(shapes) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
            let kinds: Vec<String> = shapes
                .iter()
                .map(|shape| self.bare_kind(self.resolved(shape)))
                .collect();
            return kinds.join(" or ");
        }
        let names: Vec<&str> = match &schema["type"] {
            Value::String(name) => vec![name],
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            _ => return "any".to_owned(),
        };
        let mut kind = names.join(" or ");
        if names.contains(&"array") && schema["items"].is_object() {
            let items = self.bare_kind(self.resolved(&schema["items"]));
            kind.push_str(&format!(" of {items}"));
        }
        kind
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn inner_fields_come_under_their_path_and_a_tree_ends() {
        let document = json!({ "components": { "schemas": { "Node": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": { "type": "string", "description": "What it is <called>." },
                "share": { "type": ["number", "null"], "minimum": 0, "maximum": 1, "default": 0.5 },
                "children": { "type": "array", "items": { "$ref": "#/components/schemas/Node" } },
            },
        } } } });
        let schema =
            json!({ "anyOf": [{ "$ref": "#/components/schemas/Node" }, { "type": "null" }] });
        let html = table("Answer", &schema, &document);
        for expected in [
            "<code>name</code> <span class=\"required\">required</span>",
            "number or null, 0 to 1, default 0.5",
            "array of object",
            "<code>children[].children[].name</code>",
            "What it is &lt;called&gt;.",
        ] {
            assert!(html.contains(expected), "{expected}\n{html}");
        }
        assert!(html.matches("<tr>").count() < 30, "{html}");
    }

    #[test]
    fn two_shapes_are_two_tables() {
        let shape = |key: &str| {
            json!({ "description": format!("With {key}."), "type": "object", "properties": {
                key: { "type": "number", "exclusiveMinimum": 0, "maximum": 1 },
            } })
        };
        let schema = json!({ "anyOf": [shape("a"), shape("b")] });
        let html = tables("Request", &schema, &json!({}));
        assert_eq!(html.matches("<table>").count(), 2);
        for expected in [
            "<h3>Request, shape 2 of 2</h3>",
            "<p>With b.</p>",
            "number, above 0, up to 1",
        ] {
            assert!(html.contains(expected), "{expected}\n{html}");
        }
    }
}
