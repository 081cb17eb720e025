//! Snapshots as a request of `churn_risk`.

use clientela_methods::churn::snapshots::{ChurnSnapshots, SnapshotRow};
use clientela_tables::{Cell, Sales};
use serde_json::{Value, json};

/// The column of what a customer is worth; today's customers have it.
const VALUE: &str = "value";

/// Snapshots of sales, ready to be written.
pub struct Request<'a> {
    pub sales: &'a Sales,
    pub snapshots: &'a ChurnSnapshots,
    /// An ISO 4217 code.
    pub currency: Option<&'a str>,
}

impl Request<'_> {
    /// The body, a row a line.
    pub fn json(&self) -> Vec<u8> {
        let names: Vec<String> = self
            .snapshots
            .columns()
            .iter()
            .map(|name| quoted(name))
            .collect();
        let head = head(self.snapshots.window_days, self.currency);
        let mut text = head.trim_end_matches('}').to_owned();
        text.push_str(",\"data\":[");
        for (at, row) in self.snapshots.rows.iter().enumerate() {
            text.push_str(if at == 0 { "\n" } else { ",\n" });
            self.write_row(&mut text, row, &names);
        }
        text.push_str("\n]}\n");
        text.into_bytes()
    }

    /// A request with the same fields and a customer, to try options on.
    pub fn smallest(window_days: u32) -> Vec<u8> {
        let head = head(window_days, None);
        let row = json!({ "customer_id": "1", "tenure": 0, VALUE: 0 });
        format!("{},\"data\":[{row}]}}", head.trim_end_matches('}')).into_bytes()
    }

    fn write_row(&self, text: &mut String, row: &SnapshotRow, names: &[String]) {
        let id = quoted(&self.sales.ids()[row.customer]);
        let date = row.date;
        text.push_str(&format!(
            "{{\"customer_id\":{id},\"snapshot_date\":\"{date}\""
        ));
        for (name, cell) in names.iter().zip(row.activity.cells(self.sales)) {
            if let Some(value) = written(cell) {
                text.push_str(&format!(",{name}:{value}"));
            }
        }
        if let Some(churned) = row.churned {
            text.push_str(&format!(",\"churned\":{}", u8::from(churned)));
        }
        if let Some(worth) = row.worth() {
            text.push_str(&format!(",\"{VALUE}\":{}", number(worth)));
        }
        text.push('}');
    }
}

/// All fields but the rows.
fn head(window_days: u32, currency: Option<&str>) -> String {
    let mut head = serde_json::Map::new();
    if let Some(code) = currency {
        head.insert("currency".to_owned(), Value::from(code));
    }
    head.insert("label_window_days".to_owned(), Value::from(window_days));
    head.insert("value_column".to_owned(), Value::from(VALUE));
    Value::Object(head).to_string()
}

/// A missing value is left out.
fn written(cell: Cell<'_>) -> Option<String> {
    match cell {
        Cell::Missing => None,
        Cell::Number(value) => Some(number(value)),
        Cell::Boolean(value) => Some(value.to_string()),
        Cell::Text(text) => Some(quoted(text)),
    }
}

/// The shortest text that is read as the same number: `3`, not `3.0`.
fn number(value: f64) -> String {
    format!("{value}")
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use clientela_methods::churn::snapshots::SnapshotOptions;
    use clientela_tables::{Date, SaleLine};

    use super::*;

    #[test]
    fn a_request_is_json_with_a_row_a_line_and_no_key_for_what_is_missing() {
        let date = |text: &str| Date::parse(text).expect("a date");
        let line = |day: &str, amount| SaleLine {
            date: date(day),
            amount,
            product: None,
            category: Some(0),
        };
        let lines = vec![line("2025-01-01", 0.1), line("2025-02-10", 12.5)];
        let ids = ["a \"b\""].iter().collect();
        let sales = Sales::new(ids, vec![lines], &["tea".to_owned()]);
        let options = SnapshotOptions {
            today: date("2025-03-01"),
            window_days: 30,
            n_snapshots: 1,
        };
        let snapshots = ChurnSnapshots::of(&sales, &options);
        let request = Request {
            sales: &sales,
            snapshots: &snapshots,
            currency: Some("EUR"),
        };
        let text = String::from_utf8(request.json()).expect("text");
        let body: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(body["currency"], "EUR");
        assert_eq!(body["label_window_days"], 30);
        let rows = body["data"].as_array().expect("rows");
        assert_eq!((rows.len(), text.lines().count()), (2, 4));
        assert_eq!(rows[0]["customer_id"], "a \"b\"");
        assert_eq!(rows[0]["snapshot_date"], "2025-01-30");
        assert_eq!(rows[0]["churned"], 0);
        assert_eq!(rows[0]["main_category"], "tea");
        for absent in ["value", "days_between_purchases", "products"] {
            assert!(rows[0].get(absent).is_none(), "{absent}");
        }
        assert_eq!(rows[1]["value"], 12.5);
        assert_eq!(rows[1]["days_between_purchases"], 40);
        assert!(rows[1].get("churned").is_none());
        let smallest: Value = serde_json::from_slice(&Request::smallest(7)).expect("JSON");
        assert_eq!(smallest["label_window_days"], 7);
    }
}
