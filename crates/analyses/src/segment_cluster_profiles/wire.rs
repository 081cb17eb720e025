//! The shapes of request and response.

use clientela_methods::profiles::{CONFIDENCE_LEVEL, Profile, Profiles};
use clientela_narrative::{Language, Say as _};
use clientela_tables::{Labeling, Shoppers};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Table;
use super::prose::Insight;
use crate::limits;
use crate::wire::labels::{self, Label};
use crate::wire::shoppers::ShopperRow;
use crate::wire::{Check, Dictionary, Field, Fixed, Maybe, Money, Percent, Row, Whole};

/// A segmented base.
#[derive(Deserialize, JsonSchema)]
pub struct SegmentClusterProfilesRequest<'a> {
    /// The base, one entry for each customer.
    #[schemars(extend("minItems" = 1))]
    #[serde(borrow)]
    customers: Field<Vec<Field<Row<ShopperRow<'a>>>>>,
    /// The cluster of every customer, by id; −1 is noise.
    #[serde(borrow)]
    labels: Field<Dictionary<'a, Label>>,
    /// Number of product types named for each cluster.
    #[serde(default)]
    #[schemars(extend("minimum" = 1, "maximum" = 50, "default" = 5))]
    top_n_categories: Maybe<Whole>,
}

const DEFAULT_TOP_CATEGORIES: i64 = 5;

pub fn validate(request: SegmentClusterProfilesRequest<'_>, check: &mut Check) -> Option<Table> {
    let n_top = check.optional_whole(
        "top_n_categories",
        request.top_n_categories,
        limits::TOP_CATEGORIES,
    );
    let (shoppers, labels) = labels::labeled(request.customers, request.labels, check)?;
    Some(Table {
        labeling: Labeling::new(&labels),
        shoppers,
        n_top_categories: n_top?.unwrap_or(DEFAULT_TOP_CATEGORIES) as usize,
    })
}

/// What each cluster brings.
#[derive(Serialize, JsonSchema)]
pub struct SegmentClusterProfilesResponse {
    /// By cluster id; noise has none.
    cluster_profiles: Vec<ClusterProfile>,
}

/// One cluster.
#[derive(Serialize, JsonSchema)]
struct ClusterProfile {
    /// As sent.
    cluster_id: i32,
    /// Customers in it.
    n_customers: usize,
    /// What they spent on average.
    avg_spend: Money,
    /// What the middle customer spent.
    median_spend: Money,
    /// How often they bought on average.
    avg_frequency: Money,
    /// The product types that set the cluster apart, best first.
    top_categories: String,
    /// Percentage of what all customers spent; `null` where nobody spent anything.
    share_of_revenue_pct: Option<Percent>,
    /// What to aim for.
    insight: String,
    /// The same for programs: `retention_upsell` or `growth_potential`.
    insight_code: &'static str,
    /// `top_categories` as a list.
    top_categories_list: Vec<String>,
    /// What the lower, middle and upper quarter of its customers spend up to.
    spend_quartiles: Quartiles,
    /// Where the mean lies, up to chance; `null` for a single customer.
    avg_spend_interval: Option<Interval>,
}

/// The values that part a sample into quarters.
#[derive(Serialize, JsonSchema)]
struct Quartiles {
    /// A quarter is at most this.
    q1: Money,
    /// Half is at most this.
    median: Money,
    /// Three quarters are at most this.
    q3: Money,
}

/// A confidence interval.
#[derive(Serialize, JsonSchema)]
struct Interval {
    /// How often such intervals hold the true value.
    confidence_level: Fixed<2>,
    /// Lower end.
    lower: Money,
    /// Upper end.
    upper: Money,
}

pub fn respond(
    table: &Table,
    report: &Profiles,
    language: Language,
) -> SegmentClusterProfilesResponse {
    let profile = |profile: &Profile| cluster_profile(profile, &table.shoppers, language);
    SegmentClusterProfilesResponse {
        cluster_profiles: report.clusters.iter().map(profile).collect(),
    }
}

fn cluster_profile(profile: &Profile, shoppers: &Shoppers, language: Language) -> ClusterProfile {
    let name = |index: u32| shoppers.type_names()[index as usize].clone();
    let top = profile.top_categories.iter();
    let top: Vec<String> = top.map(|score| name(score.category)).collect();
    let [q1, median, q3] = profile.spend_quartiles.map(Money::new);
    let insight = Insight(profile.role());
    ClusterProfile {
        cluster_id: profile.cluster_id,
        n_customers: profile.n_customers,
        avg_spend: Money::new(profile.avg_spend),
        median_spend: median,
        avg_frequency: Money::new(profile.avg_frequency),
        top_categories: top.join(", "),
        share_of_revenue_pct: profile.share_of_revenue_pct.map(Percent::new),
        insight: insight.say(language),
        insight_code: insight.code(),
        top_categories_list: top,
        spend_quartiles: Quartiles { q1, median, q3 },
        avg_spend_interval: profile.spend_interval.map(|(lower, upper)| Interval {
            confidence_level: Fixed::new(CONFIDENCE_LEVEL),
            lower: Money::new(lower),
            upper: Money::new(upper),
        }),
    }
}
