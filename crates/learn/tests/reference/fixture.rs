//! The stored data sets and what scikit-learn made of them.

use clientela_learn::{Points, scale};
use serde_json::Value;

/// One data set of `scikit_learn.json`.
pub struct Fixture(Value);

/// All data sets of the fixture file.
pub fn all() -> Vec<Fixture> {
    let values: Value = serde_json::from_str(include_str!("scikit_learn.json")).expect("JSON");
    values
        .as_array()
        .expect("a list")
        .iter()
        .cloned()
        .map(Fixture)
        .collect()
}

/// Those that are stored with their columns.
pub fn stored() -> Vec<Fixture> {
    let stored: Vec<Fixture> = all()
        .into_iter()
        .filter(|fixture| fixture.0.get("columns").is_some())
        .collect();
    assert_eq!(stored.len(), 3);
    stored
}

impl Fixture {
    pub fn name(&self) -> &str {
        self.0["name"].as_str().expect("a name")
    }

    /// The stored columns; `None` for a set that is built from shared data.
    pub fn columns(&self) -> Option<Vec<Vec<f64>>> {
        Some(
            self.0
                .get("columns")?
                .as_array()?
                .iter()
                .map(floats)
                .collect(),
        )
    }

    pub fn list(&self, key: &str) -> &[Value] {
        self.0[key].as_array().expect("a list")
    }

    /// A value for each k, such as the inertia.
    pub fn by_k(&self, key: &str) -> Vec<(usize, f64)> {
        let entries = self.0[key].as_object().expect("an object");
        entries
            .iter()
            .map(|(k, value)| (k.parse().expect("k"), value.as_f64().expect("a number")))
            .collect()
    }

    /// Asserts that columns built from shared data are those the fixture was made from.
    pub fn check_columns(&self, columns: &[Vec<f64>]) {
        let sums = floats(&self.0["column_sums"]);
        assert_eq!(columns.len(), sums.len());
        for (column, sum) in columns.iter().zip(sums) {
            assert_eq!(
                column.len() as u64,
                self.0["n_rows"].as_u64().expect("a count")
            );
            let given: f64 = column.iter().sum();
            assert!(
                (given - sum).abs() <= 1e-9 * sum.abs(),
                "{}: column sum {given}, not {sum}",
                self.name()
            );
        }
    }
}

pub fn floats(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(|value| value.as_f64().expect("a number"))
        .collect()
}

pub fn integers(value: &Value) -> Vec<i64> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(|value| value.as_i64().expect("a whole number"))
        .collect()
}

/// Points in z-scores.
pub fn z_scores(columns: &[Vec<f64>]) -> Points {
    scale::z_scores(&Points::from_columns(columns)).points
}

/// Labels of points from labels of samples, which samples at one point must share.
pub fn labels_of_points(points: &Points, labels: &[i64]) -> Vec<i32> {
    let mut of_points = vec![i32::MIN; points.n_points()];
    for (&point, &label) in points.point_of_sample().iter().zip(labels) {
        let label = label as i32;
        let known = std::mem::replace(&mut of_points[point as usize], label);
        assert!(
            known == i32::MIN || known == label,
            "equal rows share their label"
        );
    }
    of_points
}
