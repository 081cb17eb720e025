//! What a reader of churn risks has to know besides the figures.

use clientela_learn::metrics::binary::AreaInterval;

use super::families::Family;

/// One thing to know, with its figures.
#[derive(Clone, Debug, PartialEq)]
pub enum Remark {
    /// Nothing could be learned; the formula serves.
    Heuristic(NoModel),
    /// Fewer than twenty customers of the rarer class: the model is mixed with the formula.
    FewOfRarerClass {
        /// How many there are.
        n_customers: usize,
        /// The share of the formula in each probability.
        weight_of_heuristic: f64,
    },
    /// A family could not be fitted to these rows and is left out.
    FamilyNotFitted(Family),
    /// No column is of any use: everyone gets the rate of the base.
    NoUsableColumns,
    /// The order in which customers are put may be chance: one half lies within the interval.
    NotBetterThanChance {
        /// Area of the served probabilities.
        roc_auc: AreaInterval,
    },
    /// To give everyone the rate of the base would have been closer to what happened.
    NotBetterThanRate {
        /// Log loss of the served probabilities.
        log_loss: f64,
        /// Log loss of the rate.
        log_loss_of_rate: f64,
    },
    /// A column alone tells who churned; most likely it was written afterwards.
    Leak {
        /// Its name.
        column: String,
        /// Its own area.
        roc_auc: AreaInterval,
    },
    /// Customers are told apart almost without a mistake, though no column alone does it: two together may, or one whose highest
    /// and lowest values both mean that the customer left. Hardly anything known in time does that.
    TooGood {
        /// Area of the served probabilities.
        roc_auc: AreaInterval,
    },
    /// Many rows repeat others, which flatters the figures.
    Duplicates {
        /// Rows that repeat others.
        n_rows: usize,
        /// Their share.
        share: f64,
    },
    /// Values of a documented column are missing; the median stands in for them.
    Imputed {
        /// Its name.
        column: String,
        /// Rows without a value.
        n_rows: usize,
    },
    /// All values of `nps` lie in 0–10: answers, it seems, and not scores from −100 to 100.
    NpsLooksLikeAnswers,
    /// Models do not see a column that no row to learn from has a value for.
    EmptyColumn {
        /// Its name.
        column: String,
    },
    /// Models do not see a column of one value.
    ConstantColumn {
        /// Its name.
        column: String,
    },
    /// Models do not see a column that numbers the rows.
    IdColumn {
        /// Its name.
        column: String,
    },
    /// Models do not see a column of too many different words.
    TooManyLevels {
        /// Its name.
        column: String,
        /// Different words.
        n_levels: usize,
        /// How many there may be.
        n_levels_max: usize,
        /// Whether they all are numbers, written as text.
        looks_numeric: bool,
    },
    /// Models do not see a column that equals another one.
    SameColumn {
        /// Its name.
        column: String,
        /// The other's.
        same_as: String,
    },
    /// Values of different types came in a column.
    MixedColumn {
        /// Its name.
        column: String,
    },
    /// All values of a column are numbers written as text, and were taken for words.
    NumbersAsText {
        /// Its name.
        column: String,
    },
    /// Rows have words that the model learned nothing of: it averages over the column for them, which is no reason for any risk.
    UnseenWords {
        /// The column.
        column: String,
        /// Rows with such a word.
        n_rows: usize,
    },
    /// The saved model knows a column that these rows do not have.
    AbsentColumn {
        /// Its name.
        column: String,
    },
    /// The saved model learned from a column of numbers that is text now; its values count as missing.
    ColumnTypeChanged {
        /// Its name.
        column: String,
    },
}

/// Why nothing could be learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoModel {
    /// No row has a label.
    NoLabels {
        /// Rows there are.
        n_rows: usize,
    },
    /// All labelled rows are of one class.
    OneClass {
        /// Labelled rows.
        n_labelled: usize,
        /// Whether they all churned.
        churned: bool,
    },
    /// A class has a single row.
    OneRowOfAClass {
        /// Labelled rows that churned.
        n_churned: usize,
        /// The others.
        n_others: usize,
    },
    /// All rows of a class belong to one customer, so that nothing can be tested.
    OneCustomerOfAClass {
        /// Labelled rows that churned.
        n_churned: usize,
        /// The others.
        n_others: usize,
    },
    /// No family could be fitted.
    NoFamilyFitted,
}
