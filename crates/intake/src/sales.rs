//! Lines as sales by customer, in doubles: what snapshots of customers are made of.

use clientela_tables::{Ids, SaleLine, Sales};

use crate::lines::Line;
use crate::request::{Texts, by_customer};

/// The sales of the lines, of which there is at least one; customers by first appearance.
pub(crate) fn of_lines(rows: &[Line], texts: &Texts) -> Sales {
    let people = by_customer(rows, texts.customers.len());
    let id = |customer: u32| texts.customers[customer as usize].as_ref();
    let ids: Ids = people.iter().map(|person| id(person.customer)).collect();
    let lines = people
        .into_iter()
        .map(|person| person.rows.into_iter().map(sale_line).collect());
    let categories: Vec<String> = texts
        .kinds
        .iter()
        .map(|kind| kind.as_ref().to_owned())
        .collect();
    Sales::new(ids, lines.collect(), &categories)
}

fn sale_line(line: &Line) -> SaleLine {
    SaleLine {
        date: line.moment.date,
        amount: line.amount.to_f64(),
        product: line.product,
        category: line.kind,
    }
}

#[cfg(test)]
mod tests {
    use clientela_tables::Date;

    use crate::{RefundRule, SalesOptions, Source, import_sales};

    #[test]
    fn lines_become_sales_with_refunds_on_their_own_days() {
        let lines = "customer,date,amount,category,sku\n\
            b,2025-01-03,10.10,tea,1\n\
            a,2025-01-02,5,wine,2\n\
            b,2025-01-05,-3.05,tea,1\n\
            b,2025-01-04,7,,3\n";
        let options = SalesOptions {
            refunds: RefundRule::Net,
            currency: Some("EUR".into()),
            ..SalesOptions::default()
        };
        let files = [Source::memory("sales.csv", lines.as_bytes())];
        let (sales, summary) = import_sales(&files, &options, &mut |_| ()).expect("an import");
        assert_eq!(
            (sales.len(), &sales.ids()[0], summary.n_refunds),
            (2, "b", 1)
        );
        assert_eq!(summary.currency_code(), Some("EUR"));
        let found: Vec<(String, f64, Option<&str>)> = sales
            .lines_of(0)
            .iter()
            .map(|line| {
                let category = line
                    .category
                    .map(|place| sales.categories()[place as usize].as_str());
                (line.date.to_string(), line.amount, category)
            })
            .collect();
        let expected = [
            ("2025-01-03", 10.1, Some("tea")),
            ("2025-01-04", 7.0, None),
            ("2025-01-05", -3.05, Some("tea")),
        ];
        assert_eq!(
            found,
            expected.map(|(day, amount, category)| (day.to_owned(), amount, category))
        );
        let period = ["2025-01-02", "2025-01-05"].map(|day| Date::parse(day).expect("a date"));
        assert_eq!(sales.period(), Some((period[0], period[1])));
        assert_eq!(sales.lines_of(0)[0].product, sales.lines_of(0)[2].product);
    }
}
