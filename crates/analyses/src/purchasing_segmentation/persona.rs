//! A name and a portrait for each cluster, from the two measures that set it apart most.

use std::collections::HashMap;

use clientela_methods::segmentation::Contrast;
use clientela_narrative::terms::{Measure, Noun};
use clientela_narrative::{Language, Say, list, percent};

use super::figures::Spelling;
use super::traits::{Side, head, trait_of};
use crate::wire::Currency;

/// Standard deviations from the mean of the base below which a difference names nobody.
const NOTICEABLE_DEVIATIONS: f64 = 0.25;

/// One cluster beside its base.
pub struct Profile<'a> {
    /// Customers in it.
    pub n_customers: usize,
    /// Customers of the base.
    pub n_base: usize,
    /// Every measure, those that set the cluster apart most first.
    pub contrasts: Vec<(Measure, Contrast)>,
    /// The currency of the client's money, where it was named.
    pub currency: Option<Currency>,
    /// Product types that are typical of it, best first; empty where there are none to know.
    pub categories: Vec<&'a str>,
}

impl Profile<'_> {
    /// Up to two measures by which the cluster is named.
    fn noticeable(&self) -> Vec<&(Measure, Contrast)> {
        let noticeable = |(_, contrast): &&(Measure, Contrast)| {
            contrast.deviations.abs() >= NOTICEABLE_DEVIATIONS
        };
        self.contrasts.iter().take(2).filter(noticeable).collect()
    }

    /// How its figures are written.
    fn spelling(&self, language: Language) -> Spelling {
        Spelling {
            currency: self.currency,
            language,
        }
    }

    /// Whether nobody is outside of it.
    pub fn is_whole_base(&self) -> bool {
        self.n_customers == self.n_base
    }
}

/// A name for each cluster; no two are equal.
pub fn names(profiles: &[Profile<'_>], language: Language) -> Vec<String> {
    let mut details = vec![Detail::Traits; profiles.len()];
    loop {
        let names: Vec<String> = profiles
            .iter()
            .zip(&details)
            .enumerate()
            .map(|(cluster, (profile, &detail))| name(profile, detail, cluster, language))
            .collect();
        let mut clusters_of: HashMap<&str, usize> = HashMap::new();
        for name in &names {
            *clusters_of.entry(name).or_default() += 1;
        }
        let shared: Vec<usize> = (0..names.len())
            .filter(|&cluster| clusters_of[names[cluster].as_str()] > 1)
            .collect();
        if shared.is_empty() {
            return names;
        }
        for cluster in shared {
            details[cluster] = details[cluster].more();
        }
    }
}

/// How much a name tells, as far as it takes to tell two clusters apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Detail {
    Traits,
    OneFigure,
    TwoFigures,
    Number,
}

impl Detail {
    fn more(self) -> Self {
        match self {
            Self::Traits => Self::OneFigure,
            Self::OneFigure => Self::TwoFigures,
            Self::TwoFigures | Self::Number => Self::Number,
        }
    }
}

fn name(profile: &Profile<'_>, detail: Detail, cluster: usize, language: Language) -> String {
    let side = |contrast: &Contrast| {
        if contrast.deviations > 0.0 {
            Side::High
        } else {
            Side::Low
        }
    };
    let base = match profile.noticeable()[..] {
        [(first, a), (second, b), ..] => format!(
            "{} {}",
            head(*first, side(a)).say(language),
            trait_of(*second, side(b)).say(language)
        ),
        [(only, contrast)] => head(*only, side(contrast)).say(language).to_owned(),
        [] if profile.is_whole_base() => match language {
            Language::En => "The whole base".to_owned(),
            Language::Es => "Toda la base".to_owned(),
            Language::Pt => "Toda a base".to_owned(),
        },
        [] => match language {
            Language::En => "Typical customers".to_owned(),
            Language::Es => "Clientes típicos".to_owned(),
            Language::Pt => "Clientes típicos".to_owned(),
        },
    };
    let spelling = profile.spelling(language);
    let figures = |n: usize| {
        let figures = profile.contrasts.iter().take(n);
        let figures: Vec<String> = figures
            .map(|(measure, contrast)| spelling.named(*measure, contrast.mean))
            .collect();
        figures.join(", ")
    };
    match detail {
        Detail::Traits => base,
        Detail::OneFigure => format!("{base} ({})", figures(1)),
        Detail::TwoFigures => format!("{base} ({})", figures(2)),
        Detail::Number => format!("{base} ({cluster})"),
    }
}

/// What is typical of a cluster, in two or three sentences.
pub struct Portrait<'a>(pub &'a Profile<'a>);

impl Portrait<'_> {
    fn count(&self, language: Language) -> String {
        Noun::Customer.counted(self.0.n_customers, language)
    }

    fn share(&self, language: Language) -> String {
        percent(
            self.0.n_customers as f64 / self.0.n_base as f64,
            1,
            language,
        )
    }

    /// What is said of each measure that names the cluster.
    fn each(&self, say: impl Fn(Measure, &Contrast) -> String) -> Vec<String> {
        self.0
            .noticeable()
            .into_iter()
            .map(|(measure, contrast)| say(*measure, contrast))
            .collect()
    }

    /// The two measures with the means of the cluster.
    fn means(&self, language: Language) -> String {
        let spelling = self.0.spelling(language);
        let means: Vec<String> = self
            .0
            .contrasts
            .iter()
            .take(2)
            .map(|(measure, contrast)| spelling.named(*measure, contrast.mean))
            .collect();
        joined(&means, language)
    }

    fn categories(&self, language: Language) -> String {
        list(&self.0.categories, language)
    }
}

fn joined(parts: &[String], language: Language) -> String {
    list(
        &parts.iter().map(String::as_str).collect::<Vec<_>>(),
        language,
    )
}

impl Say for Portrait<'_> {
    fn en(&self) -> String {
        let language = Language::En;
        let spelling = self.0.spelling(language);
        let apart = self.each(|measure, contrast| {
            format!(
                "by {} (mean {}, base {})",
                measure.name(language),
                spelling.value(measure, contrast.mean),
                spelling.value(measure, contrast.base)
            )
        });
        let mut text = if self.0.is_whole_base() {
            format!("{}, the whole base.", self.count(language))
        } else {
            format!(
                "{}, {} of the base.",
                self.count(language),
                self.share(language)
            )
        };
        if apart.is_empty() {
            text += &format!(" Means: {}.", self.means(language));
        } else {
            text += &format!(" They stand out {}.", joined(&apart, language));
        }
        if !self.0.categories.is_empty() {
            text += &format!(" Typical purchases: {}.", self.categories(language));
        }
        text
    }

    fn es(&self) -> String {
        let language = Language::Es;
        let spelling = self.0.spelling(language);
        let apart = self.each(|measure, contrast| {
            format!(
                "por {} (media {}, base {})",
                measure.the(language),
                spelling.value(measure, contrast.mean),
                spelling.value(measure, contrast.base)
            )
        });
        let mut text = if self.0.is_whole_base() {
            format!("{}, toda la base.", self.count(language))
        } else {
            format!(
                "{}, el {} de la base.",
                self.count(language),
                self.share(language)
            )
        };
        if apart.is_empty() {
            text += &format!(" Medias: {}.", self.means(language));
        } else {
            let verb = if self.0.n_customers == 1 {
                "Se distingue"
            } else {
                "Se distinguen"
            };
            text += &format!(" {verb} {}.", joined(&apart, language));
        }
        if !self.0.categories.is_empty() {
            text += &format!(" Compras características: {}.", self.categories(language));
        }
        text
    }

    fn pt(&self) -> String {
        let language = Language::Pt;
        let spelling = self.0.spelling(language);
        let apart = self.each(|measure, contrast| {
            // "por" is always drawn together with the article: pelo, pela, pelos.
            format!(
                "pel{} (média {}, base {})",
                measure.the(language),
                spelling.value(measure, contrast.mean),
                spelling.value(measure, contrast.base)
            )
        });
        let mut text = if self.0.is_whole_base() {
            format!("{}, toda a base.", self.count(language))
        } else {
            format!(
                "{}, {} da base.",
                self.count(language),
                self.share(language)
            )
        };
        if apart.is_empty() {
            text += &format!(" Médias: {}.", self.means(language));
        } else {
            let verb = if self.0.n_customers == 1 {
                "Distingue-se"
            } else {
                "Distinguem-se"
            };
            text += &format!(" {verb} {}.", joined(&apart, language));
        }
        if !self.0.categories.is_empty() {
            text += &format!(" Compras características: {}.", self.categories(language));
        }
        text
    }
}
