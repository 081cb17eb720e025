//! Customers as rows of traits: numbers, yes or no, and words, some of them missing.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::{Date, Ids};

/// The code of a text that is missing.
pub const MISSING_TEXT: u32 = u32::MAX;

/// Customers with their traits, by column.
///
/// Holds: at least one row; ids may repeat (a customer at several dates); columns of as many values as rows, their names
/// distinct; numbers finite, or NaN where they are missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CustomerTraits {
    ids: Ids,
    dates: Vec<Option<Date>>,
    churned: Vec<Option<bool>>,
    worth: Vec<Option<f64>>,
    columns: Vec<Trait>,
}

/// One column of traits.
#[derive(Clone, Debug, PartialEq)]
pub struct Trait {
    /// The name it came with.
    pub name: String,
    /// A value for each row.
    pub values: TraitValues,
    /// Whether values of different types came: numbers and booleans are then numbers, anything with text is text.
    pub is_mixed: bool,
}

/// The values of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum TraitValues {
    /// Numbers; NaN where they are missing.
    Numeric(Vec<f64>),
    /// Yes or no; `None` where it is missing.
    Boolean(Vec<Option<bool>>),
    /// Words.
    Text {
        /// The distinct words, ascending by bytes; each has a row.
        levels: Vec<String>,
        /// Each row's place in `levels`; [`MISSING_TEXT`] where it is missing.
        codes: Vec<u32>,
    },
}

/// One value on its way into a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// None.
    Missing,
    /// A finite number.
    Number(f64),
    /// Yes or no.
    Boolean(bool),
    /// Words; nothing but white space is missing.
    Text(&'a str),
}

impl CustomerTraits {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none; never true of a validated table.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Ids of customers in the order of the payload.
    #[must_use]
    pub fn ids(&self) -> &Ids {
        &self.ids
    }

    /// The day each row shows its customer at; `None` where it came without.
    #[must_use]
    pub fn dates(&self) -> &[Option<Date>] {
        &self.dates
    }

    /// Whether the customer of each row was lost; `None` where nobody knows yet.
    #[must_use]
    pub fn churned(&self) -> &[Option<bool>] {
        &self.churned
    }

    /// What the customer of each row is worth, in money; `None` where it came without.
    #[must_use]
    pub fn worth(&self) -> &[Option<f64>] {
        &self.worth
    }

    /// The columns, by first appearance in the payload.
    #[must_use]
    pub fn columns(&self) -> &[Trait] {
        &self.columns
    }

    /// The column of a name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Trait> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Builds a [`CustomerTraits`] table row by row; columns may appear at any row.
///
/// # Examples
/// ```
/// use clientela_tables::{Cell, CustomerTraitsBuilder, TraitValues};
/// let mut builder = CustomerTraitsBuilder::new();
/// let tenure = builder.column("tenure");
/// builder.set(tenure, Cell::Number(30.0));
/// builder.finish_row(None, Some(true), None);
/// builder.finish_row(None, None, Some(12.5));
/// let table = builder.finish(["a", "b"].iter().collect());
/// let TraitValues::Numeric(values) = &table.columns()[0].values else {
///     panic!("numbers")
/// };
/// assert!(values[0] == 30.0 && values[1].is_nan());
/// ```
#[derive(Clone, Debug, Default)]
pub struct CustomerTraitsBuilder {
    table: CustomerTraits,
    columns: Vec<ColumnBuilder>,
    index_of: HashMap<String, usize, RandomState>,
}

impl CustomerTraitsBuilder {
    /// A table without rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number that stands for the column of a name.
    pub fn column(&mut self, name: &str) -> usize {
        if let Some(&index) = self.index_of.get(name) {
            return index;
        }
        let index = self.columns.len();
        self.columns.push(ColumnBuilder::new(name));
        self.index_of.insert(name.to_owned(), index);
        index
    }

    /// Sets a value of the row under way; what is not set is missing.
    ///
    /// # Panics
    /// On a column that has its value already, or a number that is not finite.
    pub fn set(&mut self, column: usize, cell: Cell<'_>) {
        let row = self.table.dates.len();
        self.columns[column].set(row, cell);
    }

    /// Ends the row under way.
    pub fn finish_row(&mut self, date: Option<Date>, churned: Option<bool>, worth: Option<f64>) {
        self.table.dates.push(date);
        self.table.churned.push(churned);
        self.table.worth.push(worth);
    }

    /// The finished table; `ids` are those of the rows, in their order.
    ///
    /// # Panics
    /// On another number of ids than rows.
    #[must_use]
    pub fn finish(self, ids: Ids) -> CustomerTraits {
        let n_rows = self.table.dates.len();
        assert_eq!(ids.len(), n_rows, "an id for each row");
        let finish = |column: ColumnBuilder| column.finish(n_rows);
        CustomerTraits {
            ids,
            columns: self.columns.into_iter().map(finish).collect(),
            ..self.table
        }
    }
}

/// A value as it came; its type is settled when all have come, so that the order of rows does not matter.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stored {
    Missing,
    Number(f64),
    Boolean(bool),
    /// The place of a word among those of the column.
    Word(u32),
}

#[derive(Clone, Debug)]
struct ColumnBuilder {
    name: String,
    cells: Vec<Stored>,
    words: Vec<String>,
    index_of: HashMap<String, u32, RandomState>,
}

impl ColumnBuilder {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            cells: Vec::new(),
            words: Vec::new(),
            index_of: HashMap::default(),
        }
    }

    fn set(&mut self, row: usize, cell: Cell<'_>) {
        assert!(self.cells.len() <= row, "one value for each row");
        self.cells.resize(row, Stored::Missing);
        let stored = match cell {
            Cell::Number(number) => {
                assert!(number.is_finite(), "finite numbers");
                // Adding 0 makes −0 the same as 0.
                Stored::Number(number + 0.0)
            }
            Cell::Boolean(yes) => Stored::Boolean(yes),
            Cell::Text(text) if !text.trim().is_empty() => Stored::Word(self.word(text)),
            Cell::Missing | Cell::Text(_) => Stored::Missing,
        };
        self.cells.push(stored);
    }

    fn word(&mut self, text: &str) -> u32 {
        if let Some(&index) = self.index_of.get(text) {
            return index;
        }
        let index = self.words.len() as u32;
        self.words.push(text.to_owned());
        self.index_of.insert(text.to_owned(), index);
        index
    }

    fn finish(mut self, n_rows: usize) -> Trait {
        self.cells.resize(n_rows, Stored::Missing);
        let has = |of: fn(&Stored) -> bool| self.cells.iter().any(of);
        let has_numbers = has(|cell| matches!(cell, Stored::Number(_)));
        let has_booleans = has(|cell| matches!(cell, Stored::Boolean(_)));
        let has_words = !self.words.is_empty();
        let n_types = [has_numbers, has_booleans, has_words];
        let is_mixed = n_types.into_iter().filter(|has| *has).count() > 1;
        let name = std::mem::take(&mut self.name);
        let values = if has_words {
            self.into_text()
        } else if has_booleans && !has_numbers {
            self.into_booleans()
        } else {
            self.into_numbers()
        };
        Trait {
            name,
            values,
            is_mixed,
        }
    }

    fn into_booleans(self) -> TraitValues {
        let yes = |cell| match cell {
            Stored::Boolean(yes) => Some(yes),
            _ => None,
        };
        TraitValues::Boolean(self.cells.into_iter().map(yes).collect())
    }

    fn into_numbers(self) -> TraitValues {
        let number = |cell| match cell {
            Stored::Number(number) => number,
            Stored::Boolean(yes) => f64::from(u8::from(yes)),
            Stored::Missing | Stored::Word(_) => f64::NAN,
        };
        TraitValues::Numeric(self.cells.into_iter().map(number).collect())
    }

    fn into_text(mut self) -> TraitValues {
        let cells = std::mem::take(&mut self.cells);
        let mut code = |cell| match cell {
            Stored::Missing => MISSING_TEXT,
            Stored::Number(number) => self.word(&number.to_string()),
            Stored::Boolean(yes) => self.word(if yes { "true" } else { "false" }),
            Stored::Word(index) => index,
        };
        let mut codes: Vec<u32> = cells.into_iter().map(&mut code).collect();
        let mut order: Vec<u32> = (0..self.words.len() as u32).collect();
        order.sort_unstable_by(|&a, &b| self.words[a as usize].cmp(&self.words[b as usize]));
        let mut place = vec![0; order.len()];
        for (rank, &index) in order.iter().enumerate() {
            place[index as usize] = rank as u32;
        }
        for code in codes.iter_mut().filter(|code| **code != MISSING_TEXT) {
            *code = place[*code as usize];
        }
        let take = |&index: &u32| std::mem::take(&mut self.words[index as usize]);
        TraitValues::Text {
            levels: order.iter().map(take).collect(),
            codes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column_of(cells: &[Cell<'_>]) -> Trait {
        let mut builder = CustomerTraitsBuilder::new();
        let column = builder.column("x");
        for cell in cells {
            builder.set(column, *cell);
            builder.finish_row(None, None, None);
        }
        let ids: Vec<String> = (0..cells.len()).map(|row| row.to_string()).collect();
        let table = builder.finish(ids.iter().collect());
        table.columns()[0].clone()
    }

    #[track_caller]
    fn check_text(cells: &[Cell<'_>], levels: &[&str], expected: &[u32]) {
        let column = column_of(cells);
        let TraitValues::Text {
            levels: found,
            codes,
        } = column.values
        else {
            panic!("text")
        };
        assert_eq!((&found[..], &codes[..]), (&to_owned(levels)[..], expected));
    }

    fn to_owned(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn words_are_sorted_and_blank_ones_missing() {
        let cells = ["b", " ", "a", "b", ""].map(Cell::Text);
        check_text(&cells, &["a", "b"], &[1, MISSING_TEXT, 0, 1, MISSING_TEXT]);
    }

    #[test]
    fn a_column_with_words_is_text_whatever_else_came_and_in_any_order() {
        let mut cells = [
            Cell::Boolean(true),
            Cell::Number(2.5),
            Cell::Text("x"),
            Cell::Number(1.0),
            Cell::Text("true"),
        ];
        check_text(&cells, &["1", "2.5", "true", "x"], &[2, 1, 3, 0, 2]);
        assert!(column_of(&cells).is_mixed);
        cells.reverse();
        check_text(&cells, &["1", "2.5", "true", "x"], &[2, 0, 3, 1, 2]);
    }

    #[test]
    fn booleans_among_numbers_are_zeros_and_ones() {
        let column = column_of(&[Cell::Boolean(true), Cell::Number(-0.0), Cell::Number(3.0)]);
        assert!(column.is_mixed);
        let TraitValues::Numeric(values) = column.values else {
            panic!("numbers")
        };
        let bits: Vec<u64> = values.iter().map(|value| value.to_bits()).collect();
        assert_eq!(bits, [1.0_f64, 0.0, 3.0].map(f64::to_bits));
    }

    #[test]
    fn booleans_alone_stay_so_and_nothing_at_all_is_missing_numbers() {
        let column = column_of(&[Cell::Boolean(false), Cell::Missing]);
        assert_eq!(column.values, TraitValues::Boolean(vec![Some(false), None]));
        let column = column_of(&[Cell::Missing, Cell::Text("  ")]);
        let TraitValues::Numeric(values) = column.values else {
            panic!("numbers")
        };
        assert!(values.iter().all(|value| value.is_nan()) && !column.is_mixed);
    }

    #[test]
    fn columns_that_appear_late_are_missing_before() {
        let mut builder = CustomerTraitsBuilder::new();
        let first = builder.column("a");
        builder.set(first, Cell::Number(1.0));
        builder.finish_row(None, Some(true), Some(2.0));
        let late = builder.column("b");
        builder.set(late, Cell::Boolean(true));
        builder.finish_row(Date::parse("2025-01-31"), None, None);
        let table = builder.finish(["x", "x"].iter().collect());
        assert_eq!((table.len(), table.churned()), (2, &[Some(true), None][..]));
        assert_eq!(table.worth(), [Some(2.0), None]);
        let column = table.column("b").expect("a column");
        assert_eq!(column.values, TraitValues::Boolean(vec![None, Some(true)]));
        assert!(table.column("c").is_none());
    }
}
