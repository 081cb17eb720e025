//! A dendrogram that a client sends: a linkage matrix and the names of its leaves.
//!
//! Rows that break a rule of linkage matrices are one of the published exceptions, everything else that can be wrong is
//! an ordinary value error.

use std::borrow::Cow;

use clientela_narrative::{Words, words};
use clientela_tables::{Hierarchy, HierarchyMerge};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::SeqAccess;

use super::field::{Expected, Kind, Wire};
use super::{Check, Field, Maybe, Number, Whole, messages};
use crate::limits;

/// The name of a leaf: a string, or an integer as text.
#[derive(Clone, Debug, PartialEq)]
pub struct LeafLabel<'a>(pub Cow<'a, str>);

/// child1, child2, distance, sample_count, as far as they can be read.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkageRow {
    values: [Field<Number>; 4],
    n_values: usize,
}

impl<'de: 'a, 'a> Wire<'de> for LeafLabel<'a> {
    const EXPECTED: Expected = Expected::Id;
    fn from_text(text: Cow<'de, str>) -> Result<Self, Kind> {
        Ok(Self(text))
    }
    fn from_integer(value: i64) -> Result<Self, Kind> {
        Ok(Self(value.to_string().into()))
    }
    fn from_long_integer(literal: &str) -> Result<Self, Kind> {
        Ok(Self(literal.to_owned().into()))
    }
}

impl<'de> Wire<'de> for LinkageRow {
    const EXPECTED: Expected = Expected::Array;
    fn from_array<A: SeqAccess<'de>>(mut array: A) -> Result<Result<Self, Kind>, A::Error> {
        let mut values = [const { Field::Absent }; 4];
        let mut n_values = 0;
        while let Some(value) = array.next_element()? {
            if let Some(place) = values.get_mut(n_values) {
                *place = value;
            }
            n_values += 1;
        }
        Ok(Ok(Self { values, n_values }))
    }
}

/// The fields that make a tree.
pub struct HierarchyFields<'a> {
    /// `linkage_matrix`
    pub linkage_matrix: Field<Vec<Field<LinkageRow>>>,
    /// `leaf_labels`
    pub leaf_labels: Field<Vec<Field<LeafLabel<'a>>>>,
    /// `leaf_sizes`
    pub leaf_sizes: Maybe<Vec<Field<Whole>>>,
}

/// A valid tree, at the path of the current object.
pub fn hierarchy(fields: HierarchyFields<'_>, check: &mut Check) -> Option<Hierarchy> {
    let rows = check.required("linkage_matrix", fields.linkage_matrix);
    let rows = rows.map(|rows| rows.iter().map(four_numbers).collect::<Vec<_>>());
    let n_labels = match &fields.leaf_labels {
        Field::Value(labels) => labels.len(),
        _ => 0,
    };
    let leaf_labels = leaf_labels(fields.leaf_labels, check);
    let leaf_sizes = leaf_sizes(fields.leaf_sizes, n_labels, check);
    let rows = rows?;
    // Where there are too few or too many rows, nodes are not held against each other: every row might be told wrong.
    let fits = rows.len() + 1 == n_labels;
    let merges = check.within("linkage_matrix", |check| {
        if fits {
            Rows::new(n_labels, leaf_sizes.as_ref()).merges(&rows, check)
        } else {
            shapes(&rows, check);
            None
        }
    });
    if !fits && n_labels > 0 {
        let message = row_count(rows.len(), n_labels - 1);
        check.reject_as_exception("linkage_matrix", || message);
    }
    Some(Hierarchy {
        leaf_labels: leaf_labels?,
        leaf_sizes: leaf_sizes?,
        merges: merges?,
    })
}

fn leaf_labels(field: Field<Vec<Field<LeafLabel<'_>>>>, check: &mut Check) -> Option<Vec<String>> {
    let labels = check.required("leaf_labels", field)?;
    if labels.is_empty() {
        check.reject("leaf_labels", messages::empty_list);
        return None;
    }
    let label = |check: &mut Check, LeafLabel(label): LeafLabel<'_>| {
        let n_characters = label.chars().count();
        if label.is_empty() {
            check.reject_here(messages::empty_id);
        } else if n_characters > limits::LEAF_LABEL_CHARACTERS_MAX {
            check.reject_here(|| too_long(n_characters, limits::LEAF_LABEL_CHARACTERS_MAX));
        } else {
            return Some(label.into_owned());
        }
        None
    };
    check.within("leaf_labels", |check| each(labels, check, label))
}

/// Customers at each leaf; `None` inside where the field is absent.
#[allow(
    clippy::option_option,
    reason = "absent and wrong are different answers"
)]
fn leaf_sizes(
    field: Maybe<Vec<Field<Whole>>>,
    n_labels: usize,
    check: &mut Check,
) -> Option<Option<Vec<u64>>> {
    let Some(sizes) = check.optional("leaf_sizes", field)? else {
        return Some(None);
    };
    if n_labels > 0 && sizes.len() != n_labels {
        check.reject("leaf_sizes", || size_count(sizes.len(), n_labels));
    }
    let range = limits::LEAF_SIZE;
    let size = |check: &mut Check, Whole(size): Whole| {
        if range.contains(&size) {
            return Some(size.unsigned_abs());
        }
        check.reject_here(|| messages::out_of_whole_range(size, *range.start(), *range.end()));
        None
    };
    let sizes = check.within("leaf_sizes", |check| each(sizes, check, size))?;
    (sizes.len() == n_labels).then_some(Some(sizes))
}

/// Reads every element of a list at the current path; `None` when any is wrong.
fn each<'de, T: Wire<'de>, U>(
    items: Vec<Field<T>>,
    check: &mut Check,
    read: impl Fn(&mut Check, T) -> Option<U>,
) -> Option<Vec<U>> {
    let n_items = items.len();
    let mut found = Vec::with_capacity(n_items);
    for (index, item) in items.into_iter().enumerate() {
        found.extend(check.at(index, |check| {
            let item = check.value_here(item)?;
            read(check, item)
        }));
    }
    (found.len() == n_items).then_some(found)
}

/// The numbers of a row; `None` where it is not four numbers.
fn four_numbers(row: &Field<LinkageRow>) -> Option<[f64; 4]> {
    let Field::Value(LinkageRow {
        values:
            [
                Field::Value(Number(child1)),
                Field::Value(Number(child2)),
                Field::Value(Number(distance)),
                Field::Value(Number(count)),
            ],
        n_values: 4,
    }) = row
    else {
        return None;
    };
    Some([*child1, *child2, *distance, *count])
}

/// Rejects the rows that are not four numbers.
fn shapes(rows: &[Option<[f64; 4]>], check: &mut Check) {
    for (index, _) in rows.iter().enumerate().filter(|(_, row)| row.is_none()) {
        check.at(index, |check| {
            check.reject_here_as_exception(not_four_numbers);
        });
    }
}

/// What is known of the nodes while the rows are walked.
struct Rows {
    n_leaves: usize,
    /// Customers below each node; `None` where they can't be known, so that one mistake is told once.
    sizes: Vec<Option<u64>>,
    /// The row that uses a node.
    used_by: Vec<Option<usize>>,
}

impl Rows {
    /// `leaf_sizes` is `None` where they are wrong, `None` inside where there are none.
    fn new(n_leaves: usize, leaf_sizes: Option<&Option<Vec<u64>>>) -> Self {
        let size = |leaf: usize| match leaf_sizes? {
            Some(sizes) => Some(sizes[leaf]),
            None => Some(1),
        };
        let n_nodes = 2 * n_leaves - 1;
        let mut sizes: Vec<Option<u64>> = Vec::with_capacity(n_nodes);
        sizes.extend((0..n_leaves).map(size));
        Self {
            n_leaves,
            sizes,
            used_by: vec![None; n_nodes],
        }
    }

    fn merges(
        mut self,
        rows: &[Option<[f64; 4]>],
        check: &mut Check,
    ) -> Option<Vec<HierarchyMerge>> {
        let mut merges = Vec::with_capacity(rows.len());
        for (index, row) in rows.iter().enumerate() {
            let merge = check.at(index, |check| self.merge(index, *row, check));
            self.sizes.push(merge.map(|merge| merge.size));
            merges.extend(merge);
        }
        (merges.len() == rows.len()).then_some(merges)
    }

    /// The merge of a row that keeps all rules.
    fn merge(
        &mut self,
        index: usize,
        row: Option<[f64; 4]>,
        check: &mut Check,
    ) -> Option<HierarchyMerge> {
        let Some([child1, child2, distance, count]) = row else {
            check.reject_here_as_exception(not_four_numbers);
            return None;
        };
        let children =
            [("child1", child1), ("child2", child2)].map(|(name, id)| self.child(index, name, id));
        let mut broken: Vec<BrokenRule> = children.iter().filter_map(|child| child.err()).collect();
        if distance < 0.0 {
            broken.push(BrokenRule::NegativeDistance(distance));
        }
        let known = |child: &Result<u32, BrokenRule>| self.sizes[*child.as_ref().ok()? as usize];
        let [one, other] = [known(&children[0]), known(&children[1])];
        let size = one.zip(other).map(|(one, other)| one + other);
        if let Some(size) = size.filter(|&size| count != size as f64) {
            broken.push(BrokenRule::WrongCount { given: count, size });
        }
        for rule in &broken {
            check.reject_here_as_exception(|| rule.words());
        }
        let [Ok(child1), Ok(child2)] = children else {
            return None;
        };
        broken.is_empty().then_some(HierarchyMerge {
            children: [child1, child2],
            distance: distance + 0.0,
            size: size?,
        })
    }

    /// The node that an id names, which is then used.
    fn child(&mut self, index: usize, name: &'static str, id: f64) -> Result<u32, BrokenRule> {
        let n_nodes = self.n_leaves + index;
        if id.fract() != 0.0 || id < 0.0 || id >= n_nodes as f64 {
            let last = n_nodes - 1;
            return Err(BrokenRule::NoNode { name, id, last });
        }
        let node = id as usize;
        match self.used_by[node] {
            Some(row) => Err(BrokenRule::UsedBefore { name, node, row }),
            None => {
                self.used_by[node] = Some(index);
                Ok(node as u32)
            }
        }
    }
}

fn row_count(given: usize, needed: usize) -> Words {
    words!(
        "must have one row less than leaf_labels has elements: {needed}, got {given}",
        "debe tener una fila menos que elementos tiene leaf_labels: {needed}; tiene {given}",
        "deve ter uma linha a menos que os elementos de leaf_labels: {needed}; tem {given}",
    )
}

fn size_count(given: usize, needed: usize) -> Words {
    words!(
        "must have one element for each of leaf_labels: {needed}, got {given}",
        "debe tener un elemento por cada uno de leaf_labels: {needed}; tiene {given}",
        "deve ter um elemento para cada um de leaf_labels: {needed}; tem {given}",
    )
}

fn not_four_numbers() -> Words {
    words!(
        "must be an array of four finite numbers: child1, child2, distance, sample_count",
        "debe ser una lista de cuatro números finitos: child1, child2, distance, sample_count",
        "deve ser uma lista de quatro números finitos: child1, child2, distance, sample_count",
    )
}

/// What is wrong with a row of four numbers.
#[derive(Clone, Copy)]
enum BrokenRule {
    NoNode {
        name: &'static str,
        id: f64,
        last: usize,
    },
    UsedBefore {
        name: &'static str,
        node: usize,
        row: usize,
    },
    NegativeDistance(f64),
    WrongCount {
        given: f64,
        size: u64,
    },
}

impl BrokenRule {
    fn words(self) -> Words {
        match self {
            Self::NoNode { name, id, last } => {
                let id = messages::plain(id);
                words!(
                    "{name} must be a whole number from 0 to {last}, the nodes made before this row; got {id}",
                    "{name} debe ser un número entero de 0 a {last}, los nodos formados antes de esta fila; se recibió {id}",
                    "{name} deve ser um número inteiro de 0 a {last}, os nós formados antes desta linha; foi recebido {id}",
                )
            }
            Self::UsedBefore { name, node, row } => words!(
                "{name}: node {node} is already merged in row {row}; every node is used once",
                "{name}: el nodo {node} ya se une en la fila {row}; cada nodo se usa una sola vez",
                "{name}: o nó {node} já é unido na linha {row}; cada nó é usado uma única vez",
            ),
            Self::NegativeDistance(distance) => {
                let distance = messages::plain(distance);
                words!(
                    "distance must be at least 0, got {distance}",
                    "distance debe ser 0 como mínimo; se recibió {distance}",
                    "distance deve ser 0 no mínimo; foi recebido {distance}",
                )
            }
            Self::WrongCount { given, size } => {
                let given = messages::plain(given);
                words!(
                    "sample_count must be {size}, the customers of both children together; got {given}",
                    "sample_count debe ser {size}, los clientes de los dos hijos juntos; se recibió {given}",
                    "sample_count deve ser {size}, os clientes dos dois filhos juntos; foi recebido {given}",
                )
            }
        }
    }
}

fn too_long(given: usize, max: usize) -> Words {
    words!(
        "must be at most {max} characters long, got {given}",
        "debe tener como máximo {max} caracteres; tiene {given}",
        "deve ter no máximo {max} caracteres; tem {given}",
    )
}

impl JsonSchema for LeafLabel<'_> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "LeafLabel".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let max = limits::LEAF_LABEL_CHARACTERS_MAX;
        json_schema!({ "anyOf": [{ "type": "string", "minLength": 1, "maxLength": max }, { "type": "integer", "format": "int64" }] })
    }
}

impl JsonSchema for LinkageRow {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "LinkageRow".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": { "type": "number" }, "minItems": 4, "maxItems": 4 })
    }
}
