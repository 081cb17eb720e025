//! `clientela import`: exports of a shop become requests.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand, ValueHint};
use clientela_intake::customers::{
    CustomersOptions, CustomersRequest, CustomersSummary, TenureUnit, import_customers,
};
use clientela_intake::{
    ColumnNames, DateOrder, DecimalMark, Delimiter, DuplicateRule, Encoding, FileFormat,
    ImportSummary, ImportedRequest, IntakeError, Progress, RefundRule, SalesOptions,
    ShoppersOptions, Source, Target, TransactionsOptions, ZeroRule, import_sales, import_shoppers,
    import_transactions,
};
use clientela_narrative::{Language, integer};
use clientela_tables::{Date, Sales};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::busy::PATIENCE;
use crate::{Outcome, Trouble, answer, say};

/// What is imported.
#[derive(Subcommand)]
pub enum Import {
    /// Sales lines become the request of a route that reads transactions.
    Transactions {
        /// The route: customer-features, customer-rfm, customer-clv-features or customer-clv-forecast.
        #[arg(
            long = "for",
            value_name = "ROUTE",
            default_value = "customer-features"
        )]
        target: Target,
        #[command(flatten)]
        exports: Exports,
        #[command(flatten)]
        to: To,
    },
    /// A table with a row for each customer and a column that says who left becomes the request of churn-risk.
    Customers(Box<Customers>),
    /// Sales lines become shoppers, as the segmentation routes read them.
    Shoppers {
        #[command(flatten)]
        exports: Exports,
        #[command(flatten)]
        to: To,
    },
}

/// A table of customers, and how it is read.
#[derive(Args)]
pub struct Customers {
    /// Table to read, also gzip-compressed; - for standard input.
    #[arg(value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Words of the column that says who left which mean that a customer did, parted by a comma; by default yes, true, 1
    /// and their like.
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    churned_values: Vec<String>,
    /// What the tenure counts: days, months or years.
    #[arg(long, value_name = "UNIT", default_value = "days")]
    tenure_unit: TenureUnit,
    #[command(flatten)]
    written: Written,
    #[command(flatten)]
    columns: TableColumns,
    #[command(flatten)]
    to: To,
}

/// Columns of a table that mean something of their own; all others are traits.
#[derive(Args)]
#[command(next_help_heading = "Columns, by the name in the header; all others are traits")]
struct TableColumns {
    /// Whose row it is; by default recognized in en, es and pt.
    #[arg(long, value_name = "NAME")]
    customer_column: Option<String>,
    /// Who left; by default recognized in en, es and pt.
    #[arg(long, value_name = "NAME")]
    churned_column: Option<String>,
    /// The day that the row tells of, where customers have several rows.
    #[arg(long, value_name = "NAME")]
    date_column: Option<String>,
    /// What the customer is worth, in money; no model sees it.
    #[arg(long, value_name = "NAME")]
    value_column: Option<String>,
    /// How long someone has been a customer; by default a column named tenure.
    #[arg(long, value_name = "NAME")]
    tenure_column: Option<String>,
    /// Columns to leave out, parted by a comma.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    ignore_columns: Vec<String>,
}

/// Where a request goes.
#[derive(Args)]
pub struct To {
    /// File to write the request to instead of standard output.
    #[arg(long, short, value_hint = ValueHint::FilePath, help_heading = "Output")]
    output: Option<PathBuf>,
}

/// Exports of a shop, and how they are read.
#[derive(Args)]
pub struct Exports {
    /// Exports to read, also gzip-compressed; - for standard input.
    #[arg(required = true, value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
    /// Last day that counts as known, as YYYY-MM-DD; later lines are left out. By default the day of the answer,
    /// for churn the day of the newest line.
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    pub today: Option<Date>,
    /// What happens to refunds: net (they lower what was bought, for lifetime value and churn from their own day on), drop or error.
    #[arg(long, value_name = "RULE", default_value = "error")]
    refunds: RefundRule,
    /// What happens to exact copies of a line: keep or drop.
    #[arg(long, value_name = "RULE", default_value = "keep")]
    duplicates: DuplicateRule,
    /// What happens to lines that came to nothing: drop or keep.
    #[arg(long, value_name = "RULE", default_value = "drop")]
    zero_amounts: ZeroRule,
    /// Currency of the amounts as an ISO 4217 code, such as GBP; by default what the files show.
    #[arg(long, value_name = "CODE", value_parser = parse_currency)]
    currency: Option<String>,
    #[command(flatten)]
    written: Written,
    #[command(flatten)]
    columns: Columns,
}

/// How files are written; by default recognized.
#[derive(Args)]
struct Written {
    /// Character between fields: comma, semicolon, tab or pipe; by default recognized.
    #[arg(long)]
    delimiter: Option<Delimiter>,
    /// utf-8 or windows-1252; by default recognized.
    #[arg(long)]
    encoding: Option<Encoding>,
    /// Order of dates such as 03/04/2025: day-first or month-first; by default recognized where the file leaves no doubt.
    #[arg(long)]
    date_order: Option<DateOrder>,
    /// Mark before decimals: point or comma; by default recognized.
    #[arg(long)]
    decimal_mark: Option<DecimalMark>,
}

/// Columns that are named rather than recognized.
#[derive(Args)]
#[command(
    next_help_heading = "Columns, by the name in the header; by default recognized in en, es and pt"
)]
struct Columns {
    /// Who bought.
    #[arg(long, value_name = "NAME")]
    customer_column: Option<String>,
    /// When.
    #[arg(long, value_name = "NAME")]
    date_column: Option<String>,
    /// What the line came to.
    #[arg(long, value_name = "NAME")]
    amount_column: Option<String>,
    /// How many units.
    #[arg(long, value_name = "NAME")]
    quantity_column: Option<String>,
    /// What one unit cost the customer.
    #[arg(long, value_name = "NAME")]
    unit_price_column: Option<String>,
    /// The order or invoice that the line belongs to.
    #[arg(long, value_name = "NAME")]
    transaction_column: Option<String>,
    /// The code of the product.
    #[arg(long, value_name = "NAME")]
    product_column: Option<String>,
    /// The name of the product.
    #[arg(long, value_name = "NAME")]
    description_column: Option<String>,
    /// The kind of product.
    #[arg(long, value_name = "NAME")]
    category_column: Option<String>,
    /// What the line cost the shop.
    #[arg(long, value_name = "NAME")]
    cost_column: Option<String>,
    /// What one unit cost the shop.
    #[arg(long, value_name = "NAME")]
    unit_cost_column: Option<String>,
}

impl From<Columns> for ColumnNames {
    fn from(columns: Columns) -> Self {
        Self {
            customer: columns.customer_column,
            date: columns.date_column,
            amount: columns.amount_column,
            quantity: columns.quantity_column,
            unit_price: columns.unit_price_column,
            transaction: columns.transaction_column,
            product: columns.product_column,
            description: columns.description_column,
            category: columns.category_column,
            cost: columns.cost_column,
            unit_cost: columns.unit_cost_column,
        }
    }
}

fn parse_date(text: &str) -> Result<Date, String> {
    Date::parse(text)
        .ok_or_else(|| "a date is written YYYY-MM-DD and lies between 1900 and 2200".to_owned())
}

fn parse_currency(text: &str) -> Result<String, String> {
    let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_code
        .then(|| text.to_ascii_uppercase())
        .ok_or_else(|| "a currency has a code of three letters, such as EUR".to_owned())
}

impl Written {
    fn format(&self) -> FileFormat {
        FileFormat {
            delimiter: self.delimiter,
            encoding: self.encoding,
            date_order: self.date_order,
            decimal_mark: self.decimal_mark,
        }
    }
}

/// Imports, writes the request, and tells on standard error what became of every line.
pub fn run(what: Import) -> Outcome {
    let to = match &what {
        Import::Transactions { to, .. } | Import::Shoppers { to, .. } => to,
        Import::Customers(customers) => &customers.to,
    };
    to.output
        .as_deref()
        .map_or(Ok(()), answer::check_writable)?;
    match what {
        Import::Transactions {
            target,
            exports,
            to,
        } => {
            let (request, summary) = transactions(exports, target)?;
            to.write(&|out| request.write_json(out), &summary)
        }
        Import::Shoppers { exports, to } => {
            let (request, summary) = shoppers(exports)?;
            to.write(&|out| request.write_json(out), &summary)
        }
        Import::Customers(table) => {
            let (request, summary) = customers(&table)?;
            table.to.write(&|out| request.write_json(out), &summary)
        }
    }
}

impl To {
    /// Writes a request to its place, and tells what became of the files.
    fn write(
        &self,
        request: &dyn Fn(&mut dyn Write) -> io::Result<()>,
        summary: &dyn Display,
    ) -> Outcome {
        let written = match &self.output {
            Some(file) => {
                let created = File::create(file);
                let mut file = created
                    .map_err(|error| Trouble::failed(format!("{}: {error}", file.display())))?;
                request(&mut file)
            }
            None => request(&mut io::stdout().lock()),
        };
        written.map_err(|error| Trouble::failed(format!("writing the request: {error}")))?;
        say(summary.to_string().trim_end());
        Ok(())
    }
}

/// The request of a table of customers.
fn customers(table: &Customers) -> Result<(CustomersRequest, CustomersSummary), Trouble> {
    let columns = &table.columns;
    let options = CustomersOptions {
        customer_column: columns.customer_column.clone(),
        churned_column: columns.churned_column.clone(),
        churned_values: table.churned_values.clone(),
        date_column: columns.date_column.clone(),
        value_column: columns.value_column.clone(),
        tenure_column: columns.tenure_column.clone(),
        tenure_unit: table.tenure_unit,
        ignore_columns: columns.ignore_columns.clone(),
        format: table.written.format(),
    };
    import_customers(&source(&table.file)?, &options).map_err(Trouble::failed)
}

type Imported = (ImportedRequest, ImportSummary);

/// The request of a route that reads transactions.
pub fn transactions(exports: Exports, target: Target) -> Result<Imported, Trouble> {
    let options = TransactionsOptions {
        target,
        today: exports.today,
        format: exports.written.format(),
        currency: exports.currency,
        refunds: exports.refunds,
        duplicates: exports.duplicates,
        zero_amounts: exports.zero_amounts,
        columns: exports.columns.into(),
    };
    read(&exports.files, |sources, progress| {
        import_transactions(sources, &options, progress)
    })
}

/// The lines by customer.
pub fn sales(exports: Exports) -> Result<(Sales, ImportSummary), Trouble> {
    let options = SalesOptions {
        today: exports.today,
        format: exports.written.format(),
        currency: exports.currency,
        refunds: exports.refunds,
        duplicates: exports.duplicates,
        zero_amounts: exports.zero_amounts,
        columns: exports.columns.into(),
    };
    read(&exports.files, |sources, progress| {
        import_sales(sources, &options, progress)
    })
}

fn shoppers(exports: Exports) -> Result<Imported, Trouble> {
    let options = ShoppersOptions {
        today: exports.today,
        format: exports.written.format(),
        currency: exports.currency,
        refunds: exports.refunds,
        duplicates: exports.duplicates,
        zero_amounts: exports.zero_amounts,
        columns: exports.columns.into(),
    };
    read(&exports.files, |sources, progress| {
        import_shoppers(sources, &options, progress)
    })
}

fn read<T>(
    files: &[PathBuf],
    import: impl FnOnce(&[Source], &mut dyn FnMut(Progress)) -> Result<T, IntakeError>,
) -> Result<T, Trouble> {
    let sources = files
        .iter()
        .map(|file| source(file))
        .collect::<Result<Vec<_>, _>>()?;
    let mut bar = Bar::new(ProgressDrawTarget::stderr());
    let outcome = import(&sources, &mut |progress| bar.show(progress));
    bar.drawn.finish_and_clear();
    outcome.map_err(Trouble::failed)
}

fn source(file: &Path) -> Result<Source, Trouble> {
    if file != Path::new("-") {
        return Ok(Source::file(file));
    }
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes)
        .map_err(|error| Trouble::failed(format!("standard input: {error}")))?;
    Ok(Source::memory("standard input", &bytes))
}

/// A bar over the bytes of all files, drawn once the import has taken a while.
struct Bar {
    drawn: ProgressBar,
    /// Where it will be drawn; taken by the first drawing.
    target: Option<ProgressDrawTarget>,
    patience: Duration,
}

impl Bar {
    /// Nothing is drawn where `target` is no terminal.
    fn new(target: ProgressDrawTarget) -> Self {
        let style = ProgressStyle::with_template("{bar:30} {percent}% {msg}, {elapsed}")
            .expect("a valid template");
        Self {
            drawn: ProgressBar::hidden().with_style(style),
            target: Some(target),
            patience: PATIENCE,
        }
    }

    fn show(&mut self, progress: Progress) {
        if self.drawn.elapsed() < self.patience {
            return;
        }
        if let Some(target) = self.target.take() {
            self.drawn.set_draw_target(target);
        }
        self.drawn.set_length(progress.n_bytes_total.max(1));
        self.drawn.set_position(progress.n_bytes);
        self.drawn.set_message(match progress.n_lines {
            0 => "finding out how the files are written".to_owned(),
            n => format!("{} lines read", integer(n as i64, Language::En)),
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;

    /// A terminal that remembers what was written.
    #[derive(Clone, Debug, Default)]
    struct Screen(Arc<Mutex<String>>);

    impl Screen {
        fn text(&self) -> String {
            self.0.lock().expect("one thread").clone()
        }
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            100
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().expect("one thread").push_str(text);
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    fn progress(n_lines: u64, n_bytes: u64) -> Progress {
        Progress {
            n_lines,
            n_bytes,
            n_bytes_total: 400,
        }
    }

    #[test]
    fn a_long_import_shows_how_far_it_has_come_and_a_short_one_nothing() {
        let screen = Screen::default();
        let target = || ProgressDrawTarget::term_like(Box::new(screen.clone()));
        let mut short = Bar::new(target());
        short.show(progress(5_000, 300));
        assert_eq!(screen.text(), "");
        let mut long = Bar {
            patience: Duration::ZERO,
            ..Bar::new(target())
        };
        long.show(progress(0, 100));
        long.drawn.tick();
        assert!(
            screen
                .text()
                .contains("25% finding out how the files are written"),
            "{}",
            screen.text()
        );
        long.show(progress(1_234_567, 300));
        long.drawn.tick();
        assert!(screen.text().contains("75% 1,234,567 lines read"));
    }
}
