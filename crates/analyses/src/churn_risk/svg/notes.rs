//! What the plots come to, and what a pointer brings up on their marks.

use clientela_methods::churn::NoModel;
use clientela_narrative::terms::Noun;
use clientela_narrative::{Language, integer, number, percent, sentence};

use super::drawn::{Histogram, Tested, Untested};

/// Decimals of areas, and of shares in sentences.
const AREA: usize = 3;

/// What is forecast and what came, for each bin of the reliability plot.
pub fn bins(tested: &Tested, language: Language) -> Vec<String> {
    let bins = tested.reliability.iter();
    bins.map(|bin| {
        let [forecast, rate, lower, upper] = [bin.mean_forecast, bin.rate, bin.lower, bin.upper]
            .map(|share| percent(share, 1, language));
        let n = number(bin.n, 0, language);
        sentence!(
            language,
            "Forecast {forecast}, left {rate} ({lower} to {upper}), n = {n}",
            "Pronóstico {forecast}, se fueron {rate} ({lower} a {upper}), n = {n}",
            "Previsão {forecast}, saíram {rate} ({lower} a {upper}), n = {n}"
        )
    })
    .collect()
}

/// How many of each tenth left, and how much more that is than on average.
pub fn tenths(tested: &Tested, language: Language) -> Vec<String> {
    let tenths = tested.lift.iter();
    tenths
        .map(|tenth| {
            let [rate, gain] =
                [tenth.rate, tenth.cumulative_gain].map(|share| percent(share, 1, language));
            let (lift, n) = (number(tenth.lift, 2, language), number(tenth.n, 0, language));
            sentence!(
                language,
                "{lift} times the average: {rate} of {n} left; up to here {gain} of all who left",
                "{lift} veces el promedio: se fue el {rate} de {n}; hasta aquí, el {gain} de quienes se fueron",
                "{lift} vezes a média: saíram {rate} de {n}; até aqui, {gain} de todos os que saíram"
            )
        })
        .collect()
}

/// Rows of each step of the histogram.
pub fn steps(histogram: &Histogram, language: Language) -> Vec<String> {
    let steps = histogram.bins();
    steps
        .map(|(from, to, n)| {
            let [from, to] = [from, to].map(|share| percent(share, 0, language));
            let n = integer(n as i64, language);
            format!("{from}–{to}: {n}")
        })
        .collect()
}

/// Whether the probabilities hold.
pub fn calibration(tested: &Tested, language: Language) -> String {
    let [found, perfect] =
        [tested.ece, tested.ece_expected].map(|share| number(100.0 * share, 1, language));
    let holds = bins_that_hold(tested);
    let n = tested.reliability.len();
    sentence!(
        language,
        "On average {found} points off; a perfect model would be {perfect} off with as many rows. {holds} of {n} intervals hold the forecast.",
        "De media, a {found} puntos; un modelo perfecto estaría a {perfect} con tantas filas. {holds} de {n} intervalos contienen el pronóstico.",
        "Em média, a {found} pontos; um modelo perfeito ficaria a {perfect} com tantas linhas. {holds} de {n} intervalos contêm a previsão."
    )
}

/// Intervals of what came in which the forecast lies.
fn bins_that_hold(tested: &Tested) -> usize {
    let bins = tested.reliability.iter();
    bins.filter(|bin| (bin.lower..=bin.upper).contains(&bin.mean_forecast))
        .count()
}

/// How many of those who left the first tenths hold.
pub fn gains(tested: &Tested, language: Language) -> String {
    const TENTHS: usize = 2;
    let Some(tenth) = tested
        .lift
        .get(TENTHS.min(tested.lift.len()).saturating_sub(1))
    else {
        return String::new();
    };
    let [share, gain] =
        [tenth.cumulative_share, tenth.cumulative_gain].map(|share| percent(share, 0, language));
    sentence!(
        language,
        "The {share} with the highest risks hold {gain} of all who left.",
        "El {share} con los riesgos más altos reúne al {gain} de quienes se fueron.",
        "Os {share} com os riscos mais altos reúnem {gain} de todos os que saíram."
    )
}

/// The area under the ROC curve with its interval.
pub fn area(tested: &Tested, language: Language) -> String {
    let area = tested.roc_auc;
    let [area, lower, upper] =
        [area.area, area.lower, area.upper].map(|value| number(value, AREA, language));
    sentence!(
        language,
        "Area {area}, with 95% confidence {lower} to {upper}: how often someone who left ranks above someone who stayed.",
        "Área {area}; con un 95 % de confianza, de {lower} a {upper}: con qué frecuencia quien se fue queda por encima de quien se quedó.",
        "Área {area}; com 95% de confiança, de {lower} a {upper}: com que frequência quem saiu fica acima de quem ficou."
    )
}

/// The area under the precision–recall curve beside the rate that chance would reach.
pub fn average_precision(tested: &Tested, language: Language) -> String {
    let area = number(tested.average_precision, AREA, language);
    let rate = number(tested.base_rate(), AREA, language);
    let Some(interval) = tested.average_precision_interval else {
        return sentence!(
            language,
            "Area {area}; chance would reach {rate}.",
            "Área {area}; el azar alcanzaría {rate}.",
            "Área {area}; o acaso alcançaria {rate}."
        );
    };
    let [lower, upper] =
        [interval.lower, interval.upper].map(|value| number(value, AREA, language));
    sentence!(
        language,
        "Area {area}, with 95% confidence {lower} to {upper}; chance would reach {rate}.",
        "Área {area}; con un 95 % de confianza, de {lower} a {upper}. El azar alcanzaría {rate}.",
        "Área {area}; com 95% de confiança, de {lower} a {upper}. O acaso alcançaria {rate}."
    )
}

/// What was tested on what, and whether it is enough.
pub fn tested(tested: &Tested, language: Language) -> String {
    let family = tested.family.name();
    let [n, n_churned] =
        [tested.n_churned + tested.n_others, tested.n_churned].map(|n| integer(n as i64, language));
    let rate = percent(tested.base_rate(), 1, language);
    let mut said = sentence!(
        language,
        "{family}, on {n} rows whose outcome is known and that the model did not see; {n_churned} ({rate}) left.",
        "{family}, con {n} filas de desenlace conocido que el modelo no vio; {n_churned} ({rate}) se fueron.",
        "{family}, em {n} linhas de desfecho conhecido que o modelo não viu; {n_churned} ({rate}) saíram."
    );
    if let Some(n_rarer) = tested.few_customers {
        let customers = Noun::Customer.counted(n_rarer, language);
        said += &sentence!(
            language,
            " With {customers} of the rarer outcome, all of this is uncertain.",
            " Con {customers} del desenlace más raro, todo esto es incierto.",
            " Com {customers} do desfecho mais raro, tudo isto é incerto."
        );
    }
    said
}

/// Why there is nothing to see but the probabilities.
pub fn untested(untested: Untested, language: Language) -> String {
    let why = match untested {
        Untested::Saved(family) => {
            let family = family.name();
            return sentence!(
                language,
                "A saved {family} scored these rows; whether it is right will show when their outcomes are known.",
                "Un {family} guardado puntuó estas filas; si acierta se verá cuando se conozca su desenlace.",
                "Um {family} salvo pontuou estas linhas; se acerta, só se verá quando o desfecho for conhecido."
            );
        }
        Untested::Heuristic(why) => why,
    };
    let why = reason(why, language);
    sentence!(
        language,
        "{why}, so that nothing was learned and nothing tested: the published formula serves.",
        "{why}, así que nada se aprendió ni se probó: rige la fórmula publicada.",
        "{why}, então nada foi aprendido nem testado: vale a fórmula publicada."
    )
}

fn reason(why: NoModel, language: Language) -> String {
    match why {
        NoModel::NoLabels { n_rows } => {
            let n = integer(n_rows as i64, language);
            sentence!(
                language,
                "None of the rows ({n}) tells whether its customer left",
                "Ninguna de las filas ({n}) dice si su cliente se fue",
                "Nenhuma das linhas ({n}) diz se o cliente saiu"
            )
        }
        NoModel::OneClass {
            n_labelled,
            churned,
        } => {
            let n = integer(n_labelled as i64, language);
            if churned {
                sentence!(
                    language,
                    "All customers with a known outcome ({n}) left",
                    "Todos los clientes de desenlace conocido ({n}) se fueron",
                    "Todos os clientes de desfecho conhecido ({n}) saíram"
                )
            } else {
                sentence!(
                    language,
                    "All customers with a known outcome ({n}) stayed",
                    "Todos los clientes de desenlace conocido ({n}) se quedaron",
                    "Todos os clientes de desfecho conhecido ({n}) ficaram"
                )
            }
        }
        NoModel::OneRowOfAClass {
            n_churned,
            n_others,
        } => {
            let [left, stayed] = [n_churned, n_others].map(|n| integer(n as i64, language));
            sentence!(
                language,
                "One row is not enough to learn from (left: {left}, stayed: {stayed})",
                "Con una sola fila no se puede aprender (se fueron: {left}, se quedaron: {stayed})",
                "Uma única linha não basta para aprender (saíram: {left}, ficaram: {stayed})"
            )
        }
        NoModel::NoFamilyFitted => sentence!(
            language,
            "No family of models could be fitted",
            "Ninguna familia de modelos se pudo ajustar",
            "Nenhuma família de modelos pôde ser ajustada"
        ),
        NoModel::OneCustomerOfAClass {
            n_churned,
            n_others,
        } => {
            let [left, stayed] = [n_churned, n_others].map(|n| integer(n as i64, language));
            sentence!(
                language,
                "All rows of one outcome are of a single customer (left: {left}, stayed: {stayed})",
                "Todas las filas de un desenlace son de un solo cliente (se fueron: {left}, se quedaron: {stayed})",
                "Todas as linhas de um desfecho são de um só cliente (saíram: {left}, ficaram: {stayed})"
            )
        }
    }
}
