//! What to do about a customer: by the band of the risk, and by the strongest reason that can be acted upon.

use clientela_methods::churn::{Attributions, Documented, NEGLIGIBLE_LOG_ODDS, RiskBand};
use clientela_narrative::{Words, words};
use clientela_tables::{CustomerTraits, TraitValues};

/// What a customer's action is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// Tickets were opened.
    Tickets,
    /// Payments failed or came late.
    Payments,
    /// The product is used less than usual.
    Usage,
    /// The customer scores lower than usual, or below 0.
    Score,
    /// The customer came within the year, and half as long ago as most at the most.
    NewCustomer,
    /// Nothing in particular.
    General,
}

impl Occasion {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Tickets => "service_tickets",
            Self::Payments => "payment_events",
            Self::Usage => "usage_frequency",
            Self::Score => "nps",
            Self::NewCustomer => "new_customer",
            Self::General => "general",
        }
    }

    /// What to do, the band first.
    pub fn action(self, band: RiskBand) -> Words {
        match band {
            RiskBand::High => self.urgent(),
            RiskBand::Medium => self.soon(),
            RiskBand::Low => self.calm(),
        }
    }

    fn urgent(self) -> Words {
        match self {
            Self::Tickets => words!(
                "High risk → call now, and resolve the service tickets before you offer anything.",
                "Riesgo alto → llame ya y resuelva los tickets de soporte antes de ofrecer nada.",
                "Risco alto → ligue já e resolva os chamados de suporte antes de oferecer qualquer coisa.",
            ),
            Self::Payments => words!(
                "High risk → call now about the payment problems, and offer another way or another day to pay.",
                "Riesgo alto → llame ya por los problemas de pago y ofrezca otra forma u otra fecha de pago.",
                "Risco alto → ligue já sobre os problemas de pagamento e ofereça outra forma ou outra data para pagar.",
            ),
            Self::Usage => words!(
                "High risk → call now, find out what keeps them from using it, and help them back in.",
                "Riesgo alto → llame ya, averigüe por qué lo usa tan poco y ayúdele a retomarlo.",
                "Risco alto → ligue já, descubra por que usa tão pouco e ajude a retomar o uso.",
            ),
            Self::Score => words!(
                "High risk → call now, listen to what is behind the low score, and say what you will change.",
                "Riesgo alto → llame ya, escuche qué hay detrás de la baja puntuación y diga qué va a cambiar.",
                "Risco alto → ligue já, ouça o que está por trás da nota baixa e diga o que vai mudar.",
            ),
            Self::NewCustomer => words!(
                "High risk → call now and go through the first steps together: this customer is still new.",
                "Riesgo alto → llame ya y recorran juntos los primeros pasos: es un cliente reciente.",
                "Risco alto → ligue já e percorram juntos os primeiros passos: é um cliente recente.",
            ),
            Self::General => words!(
                "High risk → call now and ask what would make this customer stay.",
                "Riesgo alto → llame ya y pregunte qué haría falta para que se quede.",
                "Risco alto → ligue já e pergunte o que faria este cliente ficar.",
            ),
        }
    }

    fn soon(self) -> Words {
        match self {
            Self::Tickets => words!(
                "Medium risk → follow up on the service tickets this week.",
                "Riesgo medio → haga seguimiento de los tickets de soporte esta semana.",
                "Risco médio → acompanhe os chamados de suporte nesta semana.",
            ),
            Self::Payments => words!(
                "Medium risk → write about the payment problems before the next charge.",
                "Riesgo medio → escriba sobre los problemas de pago antes del próximo cobro.",
                "Risco médio → escreva sobre os problemas de pagamento antes da próxima cobrança.",
            ),
            Self::Usage => words!(
                "Medium risk → show what others use it for, with a tip that fits this customer.",
                "Riesgo medio → muestre para qué lo usan otros, con un consejo que encaje con este cliente.",
                "Risco médio → mostre para que outros usam, com uma dica que sirva a este cliente.",
            ),
            Self::Score => words!(
                "Medium risk → ask what is behind the low score, and answer in person.",
                "Riesgo medio → pregunte qué hay detrás de la baja puntuación y responda en persona.",
                "Risco médio → pergunte o que está por trás da nota baixa e responda pessoalmente.",
            ),
            Self::NewCustomer => words!(
                "Medium risk → send the first steps again and offer help with them: this customer is still new.",
                "Riesgo medio → envíe de nuevo los primeros pasos y ofrezca ayuda: es un cliente reciente.",
                "Risco médio → envie de novo os primeiros passos e ofereça ajuda: é um cliente recente.",
            ),
            Self::General => words!(
                "Medium risk → get in touch within the month, and ask whether anything is missing.",
                "Riesgo medio → póngase en contacto este mes y pregunte si falta algo.",
                "Risco médio → entre em contato neste mês e pergunte se falta algo.",
            ),
        }
    }

    fn calm(self) -> Words {
        match self {
            Self::Tickets => words!(
                "Low risk → no campaign; answer the service tickets well, and that is enough.",
                "Riesgo bajo → sin campaña; basta con atender bien los tickets de soporte.",
                "Risco baixo → sem campanha; basta atender bem os chamados de suporte.",
            ),
            Self::Payments => words!(
                "Low risk → no campaign; a friendly reminder before the next charge is enough.",
                "Riesgo bajo → sin campaña; basta un recordatorio amable antes del próximo cobro.",
                "Risco baixo → sem campanha; basta um lembrete gentil antes da próxima cobrança.",
            ),
            Self::Usage => words!(
                "Low risk → no campaign; an occasional tip on how to get more out of it is enough.",
                "Riesgo bajo → sin campaña; basta algún consejo para sacarle más provecho.",
                "Risco baixo → sem campanha; basta uma dica de vez em quando para aproveitar melhor.",
            ),
            Self::Score => words!(
                "Low risk → no campaign; thank them for the score, and ask what would make it better.",
                "Riesgo bajo → sin campaña; agradezca la puntuación y pregunte cómo mejorarla.",
                "Risco baixo → sem campanha; agradeça a nota e pergunte como melhorá-la.",
            ),
            Self::NewCustomer => words!(
                "Low risk → no campaign; the usual welcome is enough.",
                "Riesgo bajo → sin campaña; basta la bienvenida habitual.",
                "Risco baixo → sem campanha; bastam as boas-vindas de sempre.",
            ),
            Self::General => words!(
                "Low risk → no campaign; keep up the service as it is.",
                "Riesgo bajo → sin campaña; mantenga el servicio como está.",
                "Risco baixo → sem campanha; mantenha o atendimento como está.",
            ),
        }
    }
}

/// Documented columns of a table with their medians, to find what an action is about.
pub struct Occasions<'a> {
    columns: Vec<Known<'a>>,
}

/// A documented column that was attributed something.
struct Known<'a> {
    column: Documented,
    /// Its place among the attributed features.
    feature: usize,
    values: &'a [f64],
    median: f64,
}

impl<'a> Occasions<'a> {
    /// `medians` of documented columns, in their order.
    pub fn of(traits: &'a CustomerTraits, attributions: &Attributions, medians: [f64; 5]) -> Self {
        let known = |column: Documented| {
            let name = column.name();
            let feature = attributions
                .features()
                .iter()
                .position(|known| known == name)?;
            let TraitValues::Numeric(values) = &traits.column(name)?.values else {
                return None;
            };
            Some(Known {
                column,
                feature,
                values,
                median: medians[column as usize],
            })
        };
        Self {
            columns: Documented::ALL.into_iter().filter_map(known).collect(),
        }
    }

    /// What speaks most for leaving, of what can be acted upon; equal reasons in the order of the columns.
    pub fn of_row(&self, row: usize, attributions: &[f64]) -> Occasion {
        let mut strongest = (NEGLIGIBLE_LOG_ODDS, Occasion::General);
        for known in &self.columns {
            let attribution = attributions[known.feature];
            let occasion = occasion(known.column, known.values[row], known.median);
            if let Some(occasion) = occasion.filter(|_| attribution > strongest.0) {
                strongest = (attribution, occasion);
            }
        }
        strongest.1
    }
}

/// From then on nobody is new.
const DAYS_OF_YEAR: f64 = 365.0;

/// What a value gives occasion to; `None` where it is missing, or no worse than usual.
fn occasion(column: Documented, value: f64, median: f64) -> Option<Occasion> {
    let (occasion, is_one) = match column {
        Documented::ServiceTickets => (Occasion::Tickets, value > 0.0),
        Documented::PaymentEvents => (Occasion::Payments, value > 0.0),
        Documented::UsageFrequency => (Occasion::Usage, value < median),
        Documented::Nps => (Occasion::Score, value < median || value < 0.0),
        Documented::Tenure => (
            Occasion::NewCustomer,
            value < DAYS_OF_YEAR && value < 0.5 * median,
        ),
    };
    is_one.then_some(occasion)
}
