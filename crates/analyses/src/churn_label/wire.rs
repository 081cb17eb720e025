//! The shapes of request and response.

use std::borrow::Cow;

use clientela_narrative::{Words, words};
use clientela_tables::{ChurnEvidence, ChurnSnapshot, Date};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::Table;
use crate::limits;
use crate::spine::Scope;
use crate::wire::messages;
use crate::wire::transactions::Dated;
use crate::wire::{Calendar, Check, Field, Flag, Id, Maybe, Number, Row, Text, Whole};

/// Snapshots of customers to label.
#[derive(Deserialize, JsonSchema)]
pub struct ChurnLabelRequest<'a> {
    /// Which rule applies.
    #[serde(borrow)]
    #[schemars(extend("enum" = ["ecommerce", "saas", "prepaid"]))]
    business_type: Field<Text<'a>>,
    /// Days without a purchase from which a shop's customer counts as lost.
    #[serde(default)]
    #[schemars(extend("minimum" = 1, "maximum" = 110_000, "default" = 90))]
    window_days: Maybe<Whole>,
    /// One row for each customer and date.
    #[schemars(extend("minItems" = 1))]
    #[serde(borrow)]
    data: Field<Vec<Field<Row<SnapshotRow<'a>>>>>,
}

/// A customer at a date, with the fields that the rule of the business asks for.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ChurnSnapshot")]
struct SnapshotRow<'a> {
    /// The customer's id; may appear at several dates.
    #[serde(borrow)]
    customer_id: Field<Id<'a>>,
    /// The date of the row.
    snapshot_date: Field<Calendar>,
    /// ecommerce: the date of the last purchase, not after the snapshot.
    #[serde(default)]
    #[schemars(schema_with = "looked_at_by_its_business")]
    last_purchase_date: Maybe<Calendar>,
    /// saas: whether the subscription was cancelled (true, false, 0 or 1).
    #[serde(default)]
    #[schemars(schema_with = "looked_at_by_its_business")]
    subscription_cancelled: Maybe<Flag>,
    /// prepaid: the balance after the cycle, a number.
    #[serde(default)]
    #[schemars(schema_with = "looked_at_by_its_business")]
    balance_after_t: Maybe<Number>,
    /// prepaid: whether credit was added within the cycle (true, false, 0 or 1).
    #[serde(default)]
    #[schemars(schema_with = "looked_at_by_its_business")]
    topped_up_within_cycle: Maybe<Flag>,
}

/// The fields of other businesses may hold anything: a client's table has them or not.
fn looked_at_by_its_business(_: &mut SchemaGenerator) -> Schema {
    true.into()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum BusinessType {
    Ecommerce,
    Saas,
    Prepaid,
}

impl BusinessType {
    const NAMES: [&'static str; 3] = ["ecommerce", "saas", "prepaid"];

    fn from_name(name: &str) -> Option<Self> {
        match name {
            "ecommerce" => Some(Self::Ecommerce),
            "saas" => Some(Self::Saas),
            "prepaid" => Some(Self::Prepaid),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The keys without which a row can't be labeled.
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Ecommerce => &["snapshot_date", "last_purchase_date"],
            Self::Saas => &["snapshot_date", "subscription_cancelled"],
            Self::Prepaid => &["snapshot_date", "balance_after_t", "topped_up_within_cycle"],
        }
    }
}

const DEFAULT_WINDOW_DAYS: i64 = 90;

pub fn validate(request: ChurnLabelRequest<'_>, scope: &Scope, check: &mut Check) -> Option<Table> {
    let business = business_type(request.business_type, check);
    let window_days = check.optional_whole("window_days", request.window_days, limits::WINDOW_DAYS);
    let last_day = scope.last_day(newest(&request.data));
    let snapshots = check.rows("data", request.data, |check, row| {
        let customer_id = check.id("customer_id", row.customer_id);
        let date = snapshot_date(row.snapshot_date, business, check).and_then(|date| {
            if date > last_day {
                check.reject("snapshot_date", || messages::after_today(date, last_day));
            }
            (date <= last_day).then_some(date)
        });
        let rest = RuleFields {
            last_purchase_date: row.last_purchase_date,
            subscription_cancelled: row.subscription_cancelled,
            balance_after_t: row.balance_after_t,
            topped_up_within_cycle: row.topped_up_within_cycle,
        };
        let evidence = business.and_then(|business| evidence(business, rest, date, check));
        Some(ChurnSnapshot {
            customer_id: customer_id?.into_owned(),
            date: date?,
            evidence: evidence?,
        })
    });
    Some(Table {
        snapshots: snapshots?,
        window_days: window_days?.unwrap_or(DEFAULT_WINDOW_DAYS) as u32,
    })
}

fn business_type(field: Field<Text<'_>>, check: &mut Check) -> Option<BusinessType> {
    let name: Cow<'_, str> = check.text("business_type", field)?;
    let found = BusinessType::from_name(&name);
    if found.is_none() {
        let message = messages::unknown_word(&name, &BusinessType::NAMES);
        check.reject("business_type", || message);
    }
    found
}

fn newest(rows: &Field<Vec<Field<Row<SnapshotRow<'_>>>>>) -> Option<Date> {
    let Field::Value(rows) = rows else {
        return None;
    };
    let dates = rows.iter().filter_map(|row| match row {
        Field::Value(Row(row)) => row.snapshot_date.date(),
        _ => None,
    });
    dates.max()
}

/// The fields of a row of which the business decides which are looked at.
struct RuleFields {
    last_purchase_date: Maybe<Calendar>,
    subscription_cancelled: Maybe<Flag>,
    balance_after_t: Maybe<Number>,
    topped_up_within_cycle: Maybe<Flag>,
}

fn evidence(
    business: BusinessType,
    fields: RuleFields,
    snapshot: Option<Date>,
    check: &mut Check,
) -> Option<ChurnEvidence> {
    let needed = || needed_for(business);
    match business {
        BusinessType::Ecommerce => {
            let key = "last_purchase_date";
            let Calendar(last) = check.required_by_rule(key, fields.last_purchase_date, needed)?;
            if last.is_none() {
                check.reject(key, messages::not_a_date);
            }
            let last = last?;
            if snapshot.is_some_and(|snapshot| last > snapshot) {
                check.reject(key, || after_snapshot(last));
                return None;
            }
            Some(ChurnEvidence::LastPurchase(last))
        }
        BusinessType::Saas => {
            let key = "subscription_cancelled";
            let field = fields.subscription_cancelled;
            let Flag(cancelled) = check.required_by_rule(key, field, needed)?;
            Some(ChurnEvidence::Subscription { cancelled })
        }
        BusinessType::Prepaid => {
            let key = "balance_after_t";
            let balance = check.required_by_rule(key, fields.balance_after_t, needed);
            let balance = balance.and_then(|Number(b)| check.in_range(key, b, &limits::BALANCE));
            let key = "topped_up_within_cycle";
            let topped_up = check.required_by_rule(key, fields.topped_up_within_cycle, needed);
            let Flag(topped_up) = topped_up?;
            Some(ChurnEvidence::Prepaid {
                balance: balance?,
                topped_up,
            })
        }
    }
}

fn snapshot_date(
    field: Field<Calendar>,
    business: Option<BusinessType>,
    check: &mut Check,
) -> Option<Date> {
    let key = "snapshot_date";
    let needed = || business.map_or_else(messages::required, needed_for);
    let Calendar(date) = check.required_by_rule(key, Maybe(field), needed)?;
    if date.is_none() {
        check.reject(key, messages::not_a_date);
    }
    date
}

/// Names every key of the rule: a client may read no more of the answer than this one sentence.
fn needed_for(business: BusinessType) -> Words {
    let (business, keys) = (business.name(), business.keys().join(", "));
    words!(
        "is required where business_type is {business}, like the other keys of its rule ({keys})",
        "es obligatorio cuando business_type es {business}, como las demás claves de su regla ({keys})",
        "é obrigatório quando business_type é {business}, como as demais chaves da sua regra ({keys})",
    )
}

fn after_snapshot(last: Date) -> Words {
    words!(
        "must not be after snapshot_date, got {last}",
        "no puede ser posterior a snapshot_date; se recibió {last}",
        "não pode ser posterior a snapshot_date; foi recebido {last}",
    )
}

/// One label.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnLabel")]
pub struct ChurnLabelRow {
    /// As sent.
    customer_id: String,
    /// The date of the row, YYYY-MM-DD.
    snapshot_date: String,
    /// 1 where the customer had left, else 0.
    #[schemars(extend("enum" = [0, 1]))]
    churned: u8,
}

pub fn respond(table: &Table, labels: &[bool]) -> Vec<ChurnLabelRow> {
    let rows = table.snapshots.iter().zip(labels);
    rows.map(|(snapshot, &churned)| ChurnLabelRow {
        customer_id: snapshot.customer_id.clone(),
        snapshot_date: snapshot.date.to_string(),
        churned: u8::from(churned),
    })
    .collect()
}
