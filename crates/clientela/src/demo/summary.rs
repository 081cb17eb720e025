//! The demo's answers as a page that a person enjoys reading.

use std::fmt::Write as _;
use std::path::Path;

use clientela_analyses::Language;
use clientela_narrative::{number, percent};
use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width,
};
use serde_json::Value;

use super::journey::Journey;
use super::titles::{self, Titles};

/// The whole page.
pub fn write(journey: &Journey, language: Language, folder: &Path) -> String {
    let titles = titles::of(language);
    let mut page = String::new();
    for part in [
        head(journey, &titles),
        tiers(titles.rfm, &titles, &journey.rfm),
        loyalty(&titles, &journey.loyalty),
        nps(&titles, &journey.nps),
        segments(&titles, journey),
        to_do(&titles, &journey.segmentation),
        format!("{} {}\n", titles.files, folder.display()),
    ] {
        writeln!(page, "{part}").expect("writing to a string");
    }
    page
}

fn heading(text: &str) -> String {
    format!("{text}\n{}\n", "─".repeat(text.chars().count()))
}

fn head(journey: &Journey, titles: &Titles) -> String {
    let params = &journey.base.params;
    let n_lines: usize = journey
        .base
        .customers
        .iter()
        .map(|customer| customer.transactions.len())
        .sum();
    let count = |n: usize| number(n as f64, 0, titles.language);
    format!(
        "\n{} · {} {} · {} {} · {} · {} {}\n",
        titles.shop,
        count(params.n_customers),
        titles.customers,
        count(n_lines),
        titles.lines,
        params.today,
        titles.seed,
        params.seed
    )
}

/// A bar of at most `width` blocks, and the share it stands for.
fn bar(share: f64, width: usize, language: Language) -> String {
    let percent = percent(share, 1, language);
    format!("{:<width$} {percent:>6}", blocks(share, width))
}

fn blocks(share: f64, width: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (share.clamp(0.0, 1.0) * (width * 8) as f64).round() as usize;
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

fn table(header: Vec<&str>, numbers: &[usize]) -> Table {
    let mut table = Table::new();
    table
        .load_style(RULED)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(WIDTH).set_header(header);
    for &column in numbers {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

const WIDTH: u16 = 110;
/// One rule below the header.
const RULED: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

fn tiers(title: &str, titles: &Titles, rfm: &Value) -> String {
    let mut rows = table(
        vec![titles.tier, titles.share, titles.customers, titles.revenue],
        &[2, 3],
    );
    let n_customers = rfm["customers"].as_array().map_or(1, Vec::len) as f64;
    for tier in rfm["summary"]["tiers"].as_array().into_iter().flatten() {
        let n = tier["n_customers"].as_f64().unwrap_or_default();
        rows.add_row([
            text(&tier["tier"]),
            bar(n / n_customers, 40, titles.language),
            figure(&tier["n_customers"], 0, titles.language),
            figure(&tier["share_of_revenue_pct"], 1, titles.language),
        ]);
    }
    format!("{}{rows}\n", heading(title))
}

fn loyalty(titles: &Titles, loyalty: &Value) -> String {
    let mut rows = table(vec![titles.tier, titles.share, titles.customers], &[2]);
    let n_customers = loyalty["customers"].as_array().map_or(1, Vec::len) as f64;
    let counts = &loyalty["summary"]["segment_counts"];
    for tier in ["Platinum", "Gold", "Silver", "Bronze", "At-Risk"] {
        let n = counts[tier].as_f64().unwrap_or_default();
        rows.add_row([
            tier.to_owned(),
            bar(n / n_customers, 40, titles.language),
            number(n, 0, titles.language),
        ]);
    }
    format!("{}{rows}\n", heading(titles.loyalty))
}

fn nps(titles: &Titles, nps: &Value) -> String {
    let overall = &nps["overall"];
    format!(
        "{}{}   {} {}\n{}\n",
        heading(titles.nps),
        figure(&overall["nps"], 1, titles.language),
        figure(&overall["responses"], 0, titles.language),
        titles.answers,
        text(&overall["interpretation"])
    )
}

fn segments(titles: &Titles, journey: &Journey) -> String {
    let segmentation = &journey.segmentation;
    let best = &segmentation["best_model"];
    let n_candidates = segmentation["benchmark"].as_array().map_or(0, Vec::len);
    let mut rows = table(
        vec![
            titles.segment,
            titles.customers,
            titles.average_spend,
            titles.purchases,
            titles.revenue,
            titles.categories,
        ],
        &[1, 2, 3, 4],
    );
    let profiles = journey.profiles["cluster_profiles"].as_array();
    for (profile, persona) in profiles.into_iter().flatten().zip(personas(segmentation)) {
        rows.add_row([
            text(&persona["name"]),
            figure(&profile["n_customers"], 0, titles.language),
            figure(&profile["avg_spend"], 2, titles.language),
            figure(&profile["avg_frequency"], 1, titles.language),
            figure(&profile["share_of_revenue_pct"], 1, titles.language),
            text(&profile["top_categories"]),
        ]);
    }
    if let Some(column) = rows.column_mut(0) {
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(24)));
    }
    let portraits: Vec<String> = personas(segmentation)
        .map(|persona| {
            paragraph(&format!(
                "{}: {}",
                text(&persona["name"]),
                text(&persona["portrait"])
            ))
        })
        .collect();
    format!(
        "{}{} {n_candidates}: {}, k {}, silhouette {}\n{rows}\n{}\n",
        heading(titles.segments),
        titles.chosen,
        text(&best["algo"]),
        figure(&best["k"], 0, titles.language),
        figure(&best["silhouette"], 3, titles.language),
        portraits.join("\n"),
    )
}

fn personas(segmentation: &Value) -> impl Iterator<Item = &Value> {
    segmentation["personas"].as_array().into_iter().flatten()
}

/// The first action of each segment, with its reason.
fn to_do(titles: &Titles, segmentation: &Value) -> String {
    let actions = personas(segmentation).filter_map(|persona| {
        let first = persona["playbook"].as_array()?.first()?;
        let (name, action, why) = (
            text(&persona["name"]),
            text(&first["action"]),
            text(&first["why"]),
        );
        Some(paragraph(&format!("{name}: {action} {why}")))
    });
    format!(
        "{}{}\n",
        heading(titles.to_do),
        actions.collect::<Vec<_>>().join("\n")
    )
}

/// Text in lines of the page's width, all but the first indented further.
fn paragraph(text: &str) -> String {
    let mut lines = vec![String::from("  ")];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("a line");
        if line.chars().count() + 1 + word.chars().count() > usize::from(WIDTH) {
            lines.push(format!("    {word}"));
        } else {
            if !line.trim().is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A figure in the format of the language; nothing where there is none.
fn figure(value: &Value, decimals: usize, language: Language) -> String {
    value
        .as_f64()
        .map(|value| number(value, decimals, language))
        .unwrap_or_default()
}
