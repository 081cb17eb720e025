//! Figures for monitoring, in the text format of Prometheus.
//!
//! A recorder of our own: a fixed set of routes and buckets needs neither a global registry nor labels that grow, and the
//! order of its output never changes. No label tells of a tenant.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::StatusCode;

use crate::app::{Analyses, App};

/// What a request is counted under: a name from a fixed list, never a path that a client made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteLabel(usize);

/// How a request ended, as far as the figures tell it apart.
const OUTCOMES: [&str; 6] = ["1xx", "2xx", "3xx", "4xx", "5xx", "client_left"];
const CLIENT_LEFT: usize = 5;

/// Upper bounds of the duration buckets in seconds: from a scored table to the deadline.
const BUCKETS: [f64; 12] = [
    0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0, 60.0,
];

/// Routes that are no analyses, and the beginning of their paths.
const OTHER_ROUTES: [(&str, &str); 9] = [
    ("admin", "/admin"),
    ("models", "/api/v1/models"),
    ("health", "/health"),
    ("ready", "/ready"),
    ("metrics", "/metrics"),
    ("openapi", "/openapi.json"),
    ("docs", "/docs"),
    ("problems", "/problems"),
    ("other", ""),
];

#[derive(Debug, Default)]
struct RouteFigures {
    outcomes: [AtomicU64; OUTCOMES.len()],
    buckets: [AtomicU64; BUCKETS.len()],
    n_beyond: AtomicU64,
    total_microseconds: AtomicU64,
}

/// The figures since the start.
#[derive(Debug)]
pub struct Metrics {
    analyses: Vec<&'static str>,
    /// Of the analyses, then of [`OTHER_ROUTES`].
    routes: Vec<RouteFigures>,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
}

/// What is known of a request when it ends.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    pub label: RouteLabel,
    /// `None` where the client left before there was an answer.
    pub status: Option<StatusCode>,
    pub took: Duration,
    pub bytes_in: u64,
    pub bytes_out: u64,
}

fn add(counter: &AtomicU64, n: u64) {
    counter.fetch_add(n, Ordering::Relaxed);
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

impl Metrics {
    pub fn new(analyses: Analyses) -> Self {
        let analyses: Vec<&'static str> = analyses.iter().map(|analysis| analysis.name()).collect();
        let n_routes = analyses.len() + OTHER_ROUTES.len();
        Self {
            analyses,
            routes: (0..n_routes).map(|_| RouteFigures::default()).collect(),
            bytes_in: AtomicU64::new(0),
            bytes_out: AtomicU64::new(0),
        }
    }

    /// The label of a request to `path`; `list` tells second names apart from unknown ones.
    pub fn label(&self, path: &str, list: Analyses) -> RouteLabel {
        let route = path
            .strip_prefix("/api/v1/ai/")
            .or_else(|| path.strip_prefix("/api/"));
        let analysis = route.and_then(|route| {
            list.iter()
                .position(|analysis| analysis.routes().contains(&route))
        });
        RouteLabel(analysis.unwrap_or_else(|| {
            let others = OTHER_ROUTES.iter();
            let other = others
                .take_while(|(_, prefix)| !prefix.is_empty())
                .position(|(_, prefix)| path.starts_with(prefix));
            self.analyses.len() + other.unwrap_or(OTHER_ROUTES.len() - 1)
        }))
    }

    /// The word for a label.
    pub fn name(&self, RouteLabel(index): RouteLabel) -> &'static str {
        match self.analyses.get(index) {
            Some(name) => name,
            None => OTHER_ROUTES[index - self.analyses.len()].0,
        }
    }

    /// Counts a request that has ended.
    pub fn count(&self, ended: &Ended) {
        let RouteLabel(index) = ended.label;
        let figures = &self.routes[index];
        let outcome = ended.status.map_or(CLIENT_LEFT, |status| {
            usize::from(status.as_u16() / 100 - 1).min(CLIENT_LEFT - 1)
        });
        add(&figures.outcomes[outcome], 1);
        let seconds = ended.took.as_secs_f64();
        match BUCKETS.iter().position(|&bound| seconds <= bound) {
            Some(bucket) => add(&figures.buckets[bucket], 1),
            None => add(&figures.n_beyond, 1),
        }
        let microseconds = u64::try_from(ended.took.as_micros()).unwrap_or(u64::MAX);
        add(&figures.total_microseconds, microseconds);
        add(&self.bytes_in, ended.bytes_in);
        add(&self.bytes_out, ended.bytes_out);
    }

    /// All figures, those of the queue included.
    pub fn render(&self, app: &App) -> String {
        let mut text = String::new();
        let version = concat!("{version=\"", env!("CARGO_PKG_VERSION"), "\"}");
        let name = "clientela_build_info";
        head(&mut text, name, "gauge", "1 for the version that runs.");
        line(&mut text, format_args!("{name}{version} 1"));
        self.render_load(app, &mut text);
        self.render_requests(&mut text);
        self.render_durations(&mut text);
        text
    }

    fn render_load(&self, app: &App, text: &mut String) {
        let queue = app.queue();
        let (cores, running, waiting) = (queue.n_cores(), queue.n_running(), queue.n_waiting());
        for (name, help, value) in [
            ("cores", "Analyses that may run at the same time.", cores),
            ("running", "Analyses that run.", running),
            (
                "waiting",
                "Requests that send their body or wait for a core.",
                waiting,
            ),
        ] {
            head(text, &format!("clientela_analyses_{name}"), "gauge", help);
            line(text, format_args!("clientela_analyses_{name} {value}"));
        }
        for (name, help, counter) in [
            (
                "request",
                "Bytes of request bodies as they came over the wire.",
                &self.bytes_in,
            ),
            (
                "response",
                "Bytes of the bodies of answers as they went out.",
                &self.bytes_out,
            ),
        ] {
            let value = read(counter);
            head(
                text,
                &format!("clientela_{name}_bytes_total"),
                "counter",
                help,
            );
            line(text, format_args!("clientela_{name}_bytes_total {value}"));
        }
    }

    fn render_requests(&self, text: &mut String) {
        const NAME: &str = "clientela_requests_total";
        head(
            text,
            NAME,
            "counter",
            "Requests by route and how they ended.",
        );
        for (index, figures) in self.routes.iter().enumerate() {
            let route = self.name(RouteLabel(index));
            for (outcome, counter) in OUTCOMES.iter().zip(&figures.outcomes) {
                let n = read(counter);
                if n > 0 {
                    line(
                        text,
                        format_args!("{NAME}{{route=\"{route}\",status=\"{outcome}\"}} {n}"),
                    );
                }
            }
        }
    }

    fn render_durations(&self, text: &mut String) {
        const NAME: &str = "clientela_request_duration_seconds";
        head(
            text,
            NAME,
            "histogram",
            "Time from the head of a request to the end of its answer.",
        );
        for (index, figures) in self.routes.iter().enumerate() {
            let route = self.name(RouteLabel(index));
            let mut n = 0;
            let counts: Vec<u64> = figures.buckets.iter().map(read).collect();
            let total = counts.iter().sum::<u64>() + read(&figures.n_beyond);
            if total == 0 {
                continue;
            }
            for (bound, count) in BUCKETS.iter().zip(counts) {
                n += count;
                line(
                    text,
                    format_args!("{NAME}_bucket{{route=\"{route}\",le=\"{bound}\"}} {n}"),
                );
            }
            line(
                text,
                format_args!("{NAME}_bucket{{route=\"{route}\",le=\"+Inf\"}} {total}"),
            );
            let seconds = read(&figures.total_microseconds) as f64 / 1e6;
            line(
                text,
                format_args!("{NAME}_sum{{route=\"{route}\"}} {seconds}"),
            );
            line(
                text,
                format_args!("{NAME}_count{{route=\"{route}\"}} {total}"),
            );
        }
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    line(text, format_args!("# HELP {name} {help}"));
    line(text, format_args!("# TYPE {name} {kind}"));
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    writeln!(text, "{content}").expect("writing to a string");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_counted_under_a_name_from_the_list() {
        let list = clientela_analyses::ALL;
        let metrics = Metrics::new(list);
        for (path, expected) in [
            ("/api/v1/ai/customer_rfm", "customer_rfm"),
            ("/api/customer_rfm", "customer_rfm"),
            ("/api/v1/ai/customer_rfm/x", "other"),
            ("/api/no_such_route", "other"),
            (
                "/admin/customers/3f0a6c1e-9d52-4b7a-8c31-5e2f7d90ab46",
                "admin",
            ),
            ("/api/v1/models", "models"),
            ("/api/v1/models/ba7816bf8f01cfea414140de5dae2223", "models"),
            ("/health", "health"),
            ("/docs/customer_rfm", "docs"),
            ("/", "other"),
        ] {
            assert_eq!(metrics.name(metrics.label(path, list)), expected, "{path}");
        }
    }
}
