//! What to do about a cluster, each action with the figure that triggered it.

use clientela_methods::segmentation::{Contrast, Mark};
use clientela_narrative::terms::Measure;
use clientela_narrative::{Language, Say, percent};

use super::figures::Spelling;
use super::persona::Profile;
use crate::wire::Currency;
use crate::wire::messages::shortened;

/// Actions taken from measures, at most: more is no plan.
const N_MEASURES_MAX: usize = 3;
/// A typical category is acted on from so many times the share of the base.
const CATEGORY_LIFT_MIN: f64 = 1.3;

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Play<'a> {
    /// A measure is far from that of the base.
    Measure(Measure, Mark, Contrast),
    /// A product type is bought far more often than in the base.
    Category(CategoryShare<'a>),
    /// Nothing is far from the base; the largest difference.
    AsTheBase(Measure, Contrast),
}

/// How many buy a product type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CategoryShare<'a> {
    /// Its name.
    pub name: &'a str,
    /// Share of the cluster that bought it, 0–1.
    pub cluster: f64,
    /// Share of the base, 0–1.
    pub base: f64,
}

/// The actions for a cluster: at least one, but none where it is the whole base. `typical` is the product type that sets it apart most.
pub fn playbook<'a>(profile: &Profile<'_>, typical: Option<CategoryShare<'a>>) -> Vec<Play<'a>> {
    if profile.is_whole_base() {
        return Vec::new();
    }
    let marked = profile
        .contrasts
        .iter()
        .filter_map(|(measure, contrast)| Some(Play::Measure(*measure, contrast.mark?, *contrast)));
    let typical = typical.filter(|share| share.cluster >= CATEGORY_LIFT_MIN * share.base);
    let mut plays: Vec<Play<'a>> = marked
        .take(N_MEASURES_MAX)
        .chain(typical.map(Play::Category))
        .collect();
    if plays.is_empty() {
        let (measure, contrast) = profile.contrasts[0];
        plays.push(Play::AsTheBase(measure, contrast));
    }
    plays
}

/// What to do.
pub struct Action<'a>(pub &'a Play<'a>);

/// The figure that says so.
pub struct Why<'a> {
    pub play: &'a Play<'a>,
    pub currency: Option<Currency>,
}

impl Say for Action<'_> {
    fn en(&self) -> String {
        use Mark::{High, Low};
        use Measure as M;
        match self.0 {
            Play::AsTheBase(..) => {
                "Treat them like the base: no average is 30% away from it.".to_owned()
            }
            Play::Category(share) => {
                format!("Put {} first in what you show them.", shortened(share.name))
            }
            Play::Measure(measure, mark, _) => match (measure, mark) {
                (M::PurchaseTotal | M::AmountSpent, High) => {
                    "Give them a personal contact and first access to what is new."
                }
                (M::PurchaseTotal | M::AmountSpent, Low) => {
                    "Start with small offers, and keep those that lead to a second purchase."
                }
                (M::VisitFrequency | M::Frequency, High) => {
                    "Reward the habit: a loyalty program pays off where purchases are frequent."
                }
                (M::VisitFrequency | M::Frequency, Low) => {
                    "Give them a reason for the next purchase, with a date on it."
                }
                (M::AvgTicket, High) => "Offer premium lines and services rather than discounts.",
                (M::AvgTicket, Low) => {
                    "Offer bundles, and free delivery from a little above their usual ticket."
                }
                (M::ProductDiversity | M::ProductTypes, High) => {
                    "Show them new products first: they try what they do not know."
                }
                (M::ProductDiversity | M::ProductTypes, Low) => {
                    "Suggest one product that goes with what they already buy."
                }
                (M::LoyaltyScore, High) => "Ask them for referrals and reviews.",
                (M::LoyaltyScore, Low) => {
                    "Invite them to the loyalty program, with a benefit for joining."
                }
                (M::RecencyDays, High) => {
                    "Win them back with a personal offer before contact is lost."
                }
                (M::RecencyDays, Low) => "Follow up on the last purchase while it is fresh.",
            }
            .to_owned(),
        }
    }

    fn es(&self) -> String {
        use Mark::{High, Low};
        use Measure as M;
        match self.0 {
            Play::AsTheBase(..) => {
                "Trátelos como al conjunto de la base: ningún promedio se aparta un 30\u{a0}% de ella."
                    .to_owned()
            }
            Play::Category(share) => {
                format!("Ponga {} en primer lugar en lo que les muestre.", shortened(share.name))
            }
            Play::Measure(measure, mark, _) => match (measure, mark) {
                (M::PurchaseTotal | M::AmountSpent, High) => {
                    "Deles un contacto personal y acceso anticipado a las novedades."
                }
                (M::PurchaseTotal | M::AmountSpent, Low) => {
                    "Empiece con ofertas pequeñas y conserve las que lleven a una segunda compra."
                }
                (M::VisitFrequency | M::Frequency, High) => {
                    "Premie el hábito: un programa de fidelidad rinde donde se compra a menudo."
                }
                (M::VisitFrequency | M::Frequency, Low) => {
                    "Deles un motivo para la próxima compra, con fecha."
                }
                (M::AvgTicket, High) => {
                    "Ofrezca gamas superiores y servicios en lugar de descuentos."
                }
                (M::AvgTicket, Low) => {
                    "Ofrezca packs y envío gratuito a partir de un importe algo superior a su ticket habitual."
                }
                (M::ProductDiversity | M::ProductTypes, High) => {
                    "Muéstreles primero los productos nuevos: prueban lo que no conocen."
                }
                (M::ProductDiversity | M::ProductTypes, Low) => {
                    "Sugiérales un producto que complemente lo que ya compran."
                }
                (M::LoyaltyScore, High) => "Pídales recomendaciones y reseñas.",
                (M::LoyaltyScore, Low) => {
                    "Invítelos al programa de fidelidad, con una ventaja por inscribirse."
                }
                (M::RecencyDays, High) => {
                    "Recupérelos con una oferta personalizada antes de perder el contacto."
                }
                (M::RecencyDays, Low) => {
                    "Haga un seguimiento de la última compra mientras aún es reciente."
                }
            }
            .to_owned(),
        }
    }

    fn pt(&self) -> String {
        use Mark::{High, Low};
        use Measure as M;
        match self.0 {
            Play::AsTheBase(..) => {
                "Trate-os como o conjunto da base: nenhuma média se afasta 30% dela.".to_owned()
            }
            Play::Category(share) => {
                format!("Coloque {} em primeiro lugar no que mostrar a eles.", shortened(share.name))
            }
            Play::Measure(measure, mark, _) => match (measure, mark) {
                (M::PurchaseTotal | M::AmountSpent, High) => {
                    "Ofereça a eles um contato pessoal e acesso antecipado às novidades."
                }
                (M::PurchaseTotal | M::AmountSpent, Low) => {
                    "Comece com ofertas pequenas e mantenha as que levarem a uma segunda compra."
                }
                (M::VisitFrequency | M::Frequency, High) => {
                    "Recompense o hábito: um programa de fidelidade rende onde se compra com frequência."
                }
                (M::VisitFrequency | M::Frequency, Low) => {
                    "Dê a eles um motivo para a próxima compra, com data marcada."
                }
                (M::AvgTicket, High) => "Ofereça linhas premium e serviços em vez de descontos.",
                (M::AvgTicket, Low) => {
                    "Ofereça kits e frete grátis a partir de um valor um pouco acima do ticket habitual."
                }
                (M::ProductDiversity | M::ProductTypes, High) => {
                    "Mostre a eles primeiro os produtos novos: experimentam o que não conhecem."
                }
                (M::ProductDiversity | M::ProductTypes, Low) => {
                    "Sugira um produto que combine com o que já compram."
                }
                (M::LoyaltyScore, High) => "Peça a eles indicações e avaliações.",
                (M::LoyaltyScore, Low) => {
                    "Convide-os para o programa de fidelidade, com uma vantagem pela adesão."
                }
                (M::RecencyDays, High) => {
                    "Reconquiste-os com uma oferta personalizada antes de perder o contato."
                }
                (M::RecencyDays, Low) => "Dê sequência à última compra enquanto ela ainda é recente.",
            }
            .to_owned(),
        }
    }
}

impl Why<'_> {
    /// The comparison of a measure, or the category that triggered the action.
    fn compared(&self, language: Language) -> Result<String, &CategoryShare<'_>> {
        match self.play {
            Play::Measure(measure, _, contrast) | Play::AsTheBase(measure, contrast) => {
                let spelling = Spelling {
                    currency: self.currency,
                    language,
                };
                Ok(spelling.comparison(*measure, contrast))
            }
            Play::Category(share) => Err(share),
        }
    }
}

impl Say for Why<'_> {
    fn en(&self) -> String {
        let language = Language::En;
        self.compared(language).unwrap_or_else(|share| {
            let [cluster, base] = [share.cluster, share.base].map(|s| percent(s, 0, language));
            format!("{cluster} of them bought it, {base} of the base.")
        })
    }

    fn es(&self) -> String {
        let language = Language::Es;
        self.compared(language).unwrap_or_else(|share| {
            let [cluster, base] = [share.cluster, share.base].map(|s| percent(s, 0, language));
            format!("Lo compró el {cluster} de ellos, frente al {base} de la base.")
        })
    }

    fn pt(&self) -> String {
        let language = Language::Pt;
        self.compared(language).unwrap_or_else(|share| {
            let [cluster, base] = [share.cluster, share.base].map(|s| percent(s, 0, language));
            format!("{cluster} deles compraram, contra {base} da base.")
        })
    }
}
