//! Answers to the question how likely a customer is to recommend, from 0 to 10.

use std::collections::HashMap;

use crate::Date;

/// Answers by row, with the groups they fall into.
///
/// Holds: at least one answer, every answer in 0–10, columns of equal length, no two groups with the same values.
/// A customer may have answered more than once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    answers: Vec<u8>,
    dates: Vec<Option<Date>>,
    group_of: Vec<u32>,
    groups: Vec<Group>,
}

/// The values of the fields that make a group, in the order of the fields; `None` where a row has no value.
pub type Group = Vec<Option<String>>;

/// One answer with what it is grouped by.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// 0–10.
    pub answer: u8,
    /// When it was given, where that is known.
    pub date: Option<Date>,
    /// Its group; empty where nothing is grouped.
    pub group: Group,
}

impl Answers {
    /// A table of the given answers, in their order.
    ///
    /// Groups are numbered by first appearance; those in which a value is missing come after all others.
    #[must_use]
    pub fn from_rows(rows: Vec<Answer>) -> Self {
        let mut table = Self {
            answers: rows.iter().map(|row| row.answer).collect(),
            dates: rows.iter().map(|row| row.date).collect(),
            ..Self::default()
        };
        let mut index_of: HashMap<Group, u32> = HashMap::new();
        for row in rows {
            let fresh = table.groups.len() as u32;
            let index = index_of.get(&row.group).copied().unwrap_or(fresh);
            if index == fresh {
                table.groups.push(row.group.clone());
                index_of.insert(row.group, fresh);
            }
            table.group_of.push(index);
        }
        table.incomplete_groups_last();
        table
    }

    fn incomplete_groups_last(&mut self) {
        let mut order: Vec<u32> = (0..self.groups.len() as u32).collect();
        order.sort_by_key(|&index| self.groups[index as usize].contains(&None));
        let mut place_of = vec![0; order.len()];
        for (place, &index) in order.iter().enumerate() {
            place_of[index as usize] = place as u32;
        }
        self.groups = order
            .iter()
            .map(|&index| std::mem::take(&mut self.groups[index as usize]))
            .collect();
        for group in &mut self.group_of {
            *group = place_of[*group as usize];
        }
    }

    /// Number of answers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.answers.len()
    }

    /// Whether there are none; never true of a validated table.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }

    /// The answers, each 0–10, in the order of the payload.
    #[must_use]
    pub fn answers(&self) -> &[u8] {
        &self.answers
    }

    /// When each answer was given.
    #[must_use]
    pub fn dates(&self) -> &[Option<Date>] {
        &self.dates
    }

    /// The group of each answer, as an index into [`Answers::groups`].
    #[must_use]
    pub fn group_of(&self) -> &[u32] {
        &self.group_of
    }

    /// All groups; a single one without values where nothing is grouped.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_come_by_first_appearance_and_incomplete_ones_last() {
        let row = |group: [Option<&str>; 2]| Answer {
            answer: 9,
            date: None,
            group: group.map(|value| value.map(str::to_owned)).to_vec(),
        };
        let table = Answers::from_rows(vec![
            row([None, Some("x")]),
            row([Some("b"), Some("x")]),
            row([Some("a"), Some("x")]),
            row([None, Some("x")]),
            row([Some("b"), Some("x")]),
        ]);
        let first: Vec<Option<&str>> = table.groups().iter().map(|g| g[0].as_deref()).collect();
        assert_eq!(first, [Some("b"), Some("a"), None]);
        assert_eq!(table.group_of(), [2, 0, 1, 2, 0]);
    }
}
