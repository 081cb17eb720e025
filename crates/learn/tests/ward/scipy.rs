//! Linkage matrices against SciPy's (see `tests/reference/ward_SOURCE.md`).

use clientela_learn::Points;
use clientela_learn::ward::LinkageRow;
use serde_json::Value;

use crate::linkage;

struct Case {
    name: String,
    ties: bool,
    columns: Vec<Vec<f64>>,
    linkage: Vec<LinkageRow>,
}

fn cases() -> Vec<Case> {
    let text = include_str!("../reference/ward_scipy.json");
    let cases: Vec<Value> = serde_json::from_str(text).expect("an array of cases");
    cases.iter().map(case).collect()
}

fn case(value: &Value) -> Case {
    let list = |value: &Value| value.as_array().expect("an array").clone();
    let numbers = |value: &Value| -> Vec<f64> {
        list(value)
            .iter()
            .map(|number| number.as_f64().expect("a number"))
            .collect()
    };
    let row = |value: &Value| {
        let row = numbers(value);
        LinkageRow {
            child1: row[0] as usize,
            child2: row[1] as usize,
            distance: row[2],
            sample_count: row[3] as usize,
        }
    };
    Case {
        name: value["name"].as_str().expect("a name").to_owned(),
        ties: value["ties"].as_bool().expect("true or false"),
        columns: list(&value["columns"]).iter().map(numbers).collect(),
        linkage: list(&value["linkage"]).iter().map(row).collect(),
    }
}

/// The samples below each row.
fn members(rows: &[LinkageRow]) -> Vec<Vec<usize>> {
    let n_leaves = rows.len() + 1;
    let mut members: Vec<Vec<usize>> = (0..n_leaves).map(|leaf| vec![leaf]).collect();
    for row in rows {
        let mut union = [members[row.child1].as_slice(), &members[row.child2]].concat();
        union.sort_unstable();
        members.push(union);
    }
    members.split_off(n_leaves)
}

#[test]
fn linkage_matrices_match_scipy_1_17_1() {
    let cases = cases();
    assert_eq!(cases.len(), 21);
    for Case {
        name,
        ties,
        columns,
        linkage: expected,
    } in cases
    {
        let points = Points::from_columns(&columns);
        let rows = linkage(&points).to_linkage_matrix(&points);
        assert_eq!(rows.len(), expected.len(), "{name}");
        for (ours, scipys) in rows.iter().zip(&expected) {
            let difference = (ours.distance - scipys.distance).abs();
            assert!(
                difference <= 1e-9 * scipys.distance,
                "{name}: {ours:?} {scipys:?}"
            );
        }
        let in_any_order = |rows: &[LinkageRow]| {
            let mut members = members(rows);
            members.sort_unstable();
            members
        };
        assert_eq!(in_any_order(&rows), in_any_order(&expected), "{name}");
        if !ties {
            let shape = |row: &LinkageRow| (row.child1, row.child2, row.sample_count);
            let shapes = |rows: &[LinkageRow]| rows.iter().map(shape).collect::<Vec<_>>();
            assert_eq!(shapes(&rows), shapes(&expected), "{name}");
        }
    }
}

#[test]
fn the_reference_shoppers_fall_into_31_7_and_2() {
    let shoppers = cases().pop().expect("the shoppers come last");
    let points = Points::from_columns(&shoppers.columns);
    let labels = points.to_samples(&linkage(&points).cut(3));
    let size_of = |label: i32| labels.iter().filter(|&&other| other == label).count();
    let mut sizes = [0, 1, 2].map(size_of);
    sizes.sort_unstable();
    assert_eq!(sizes, [2, 7, 31]);
    assert_eq!(size_of(labels[0]), 2, "C001 is one of the two");
    assert_eq!(size_of(labels[1]), 31, "C002 is one of the 31");
}
