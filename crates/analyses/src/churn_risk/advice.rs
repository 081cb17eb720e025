//! What to do about a customer, the band first: in words.

use clientela_methods::churn::{FactorValue, RiskBand};
use clientela_narrative::{Language, Say as _, Words, sentence, words};

use super::occasion::Occasion;
use super::terms::{column_name, factor_value};

/// One sentence.
pub fn action(occasion: Occasion<'_>, band: RiskBand, language: Language) -> String {
    if let Occasion::Field { name, value } = occasion {
        return about_field(name, value, band, language);
    }
    let words = match band {
        RiskBand::High => urgent(occasion),
        RiskBand::Medium => soon(occasion),
        RiskBand::Low => calm(occasion),
    };
    words.say(language)
}

fn about_field(name: &str, value: FactorValue<'_>, band: RiskBand, language: Language) -> String {
    let (name, value) = (column_name(name, language), factor_value(value, language));
    match band {
        RiskBand::High => sentence!(
            language,
            "High risk → call now, and begin with {name}, now {value}.",
            "Riesgo alto → llame ya y empiece por {name}, que ahora es {value}.",
            "Risco alto → ligue já e comece por {name}, que agora é {value}."
        ),
        RiskBand::Medium => sentence!(
            language,
            "Medium risk → get in touch within the month about {name}, now {value}.",
            "Riesgo medio → póngase en contacto este mes para hablar de {name}, que ahora es {value}.",
            "Risco médio → entre em contato neste mês para falar de {name}, que agora é {value}."
        ),
        RiskBand::Low => sentence!(
            language,
            "Low risk → no campaign; if anything, look at {name}, now {value}.",
            "Riesgo bajo → sin campaña; en todo caso, revise {name}, que ahora es {value}.",
            "Risco baixo → sem campanha; se for o caso, veja {name}, que agora é {value}."
        ),
    }
}

fn urgent(occasion: Occasion<'_>) -> Words {
    match occasion {
        Occasion::Tickets => words!(
            "High risk → call now, and resolve the service tickets before you offer anything.",
            "Riesgo alto → llame ya y resuelva los tickets de soporte antes de ofrecer nada.",
            "Risco alto → ligue já e resolva os chamados de suporte antes de oferecer qualquer coisa.",
        ),
        Occasion::Payments => words!(
            "High risk → call now about the payment problems, and offer another way or another day to pay.",
            "Riesgo alto → llame ya por los problemas de pago y ofrezca otra forma u otra fecha de pago.",
            "Risco alto → ligue já sobre os problemas de pagamento e ofereça outra forma ou outra data para pagar.",
        ),
        Occasion::Usage => words!(
            "High risk → call now, find out what keeps them from using it, and help them back in.",
            "Riesgo alto → llame ya, averigüe por qué lo usa tan poco y ayúdele a retomarlo.",
            "Risco alto → ligue já, descubra por que usa tão pouco e ajude a retomar o uso.",
        ),
        Occasion::Score => words!(
            "High risk → call now, listen to what is behind the low score, and say what you will change.",
            "Riesgo alto → llame ya, escuche qué hay detrás de la baja puntuación y diga qué va a cambiar.",
            "Risco alto → ligue já, ouça o que está por trás da nota baixa e diga o que vai mudar.",
        ),
        Occasion::NewCustomer => words!(
            "High risk → call now and go through the first steps together: this customer is still new.",
            "Riesgo alto → llame ya y recorran juntos los primeros pasos: es un cliente reciente.",
            "Risco alto → ligue já e percorram juntos os primeiros passos: é um cliente recente.",
        ),
        Occasion::General | Occasion::Field { .. } => words!(
            "High risk → call now and ask what would make this customer stay.",
            "Riesgo alto → llame ya y pregunte qué haría falta para que se quede.",
            "Risco alto → ligue já e pergunte o que faria este cliente ficar.",
        ),
    }
}

fn soon(occasion: Occasion<'_>) -> Words {
    match occasion {
        Occasion::Tickets => words!(
            "Medium risk → follow up on the service tickets this week.",
            "Riesgo medio → haga seguimiento de los tickets de soporte esta semana.",
            "Risco médio → acompanhe os chamados de suporte nesta semana.",
        ),
        Occasion::Payments => words!(
            "Medium risk → write about the payment problems before the next charge.",
            "Riesgo medio → escriba sobre los problemas de pago antes del próximo cobro.",
            "Risco médio → escreva sobre os problemas de pagamento antes da próxima cobrança.",
        ),
        Occasion::Usage => words!(
            "Medium risk → show what others use it for, with a tip that fits this customer.",
            "Riesgo medio → muestre para qué lo usan otros, con un consejo que encaje con este cliente.",
            "Risco médio → mostre para que outros usam, com uma dica que sirva a este cliente.",
        ),
        Occasion::Score => words!(
            "Medium risk → ask what is behind the low score, and answer in person.",
            "Riesgo medio → pregunte qué hay detrás de la baja puntuación y responda en persona.",
            "Risco médio → pergunte o que está por trás da nota baixa e responda pessoalmente.",
        ),
        Occasion::NewCustomer => words!(
            "Medium risk → send the first steps again and offer help with them: this customer is still new.",
            "Riesgo medio → envíe de nuevo los primeros pasos y ofrezca ayuda: es un cliente reciente.",
            "Risco médio → envie de novo os primeiros passos e ofereça ajuda: é um cliente recente.",
        ),
        Occasion::General | Occasion::Field { .. } => words!(
            "Medium risk → get in touch within the month, and ask whether anything is missing.",
            "Riesgo medio → póngase en contacto este mes y pregunte si falta algo.",
            "Risco médio → entre em contato neste mês e pergunte se falta algo.",
        ),
    }
}

fn calm(occasion: Occasion<'_>) -> Words {
    match occasion {
        Occasion::Tickets => words!(
            "Low risk → no campaign; answer the service tickets well, and that is enough.",
            "Riesgo bajo → sin campaña; basta con atender bien los tickets de soporte.",
            "Risco baixo → sem campanha; basta atender bem os chamados de suporte.",
        ),
        Occasion::Payments => words!(
            "Low risk → no campaign; a friendly reminder before the next charge is enough.",
            "Riesgo bajo → sin campaña; basta un recordatorio amable antes del próximo cobro.",
            "Risco baixo → sem campanha; basta um lembrete gentil antes da próxima cobrança.",
        ),
        Occasion::Usage => words!(
            "Low risk → no campaign; an occasional tip on how to get more out of it is enough.",
            "Riesgo bajo → sin campaña; basta algún consejo para sacarle más provecho.",
            "Risco baixo → sem campanha; basta uma dica de vez em quando para aproveitar melhor.",
        ),
        Occasion::Score => words!(
            "Low risk → no campaign; thank them for the score, and ask what would make it better.",
            "Riesgo bajo → sin campaña; agradezca la puntuación y pregunte cómo mejorarla.",
            "Risco baixo → sem campanha; agradeça a nota e pergunte como melhorá-la.",
        ),
        Occasion::NewCustomer => words!(
            "Low risk → no campaign; the usual welcome is enough.",
            "Riesgo bajo → sin campaña; basta la bienvenida habitual.",
            "Risco baixo → sem campanha; bastam as boas-vindas de sempre.",
        ),
        Occasion::General | Occasion::Field { .. } => words!(
            "Low risk → no campaign; keep up the service as it is.",
            "Riesgo bajo → sin campaña; mantenga el servicio como está.",
            "Risco baixo → sem campanha; mantenha o atendimento como está.",
        ),
    }
}
