use clientela_learn::metrics::binary::RankedOutcomes;

use crate::data::assert_close;
use crate::fixture::entries;

#[test]
fn figures_match_scikit_learn() {
    for entry in entries("metrics") {
        let weights = entry.numbers("weights");
        let ranked =
            RankedOutcomes::with_weights(&entry.numbers("scores"), &entry.outcomes(), &weights);
        let decisions = ranked.decisions(0.3);
        for (name, given) in [
            ("roc_auc", ranked.roc_auc()),
            ("average_precision", ranked.average_precision()),
            ("brier_score", ranked.brier_score()),
            ("log_loss", ranked.log_loss()),
            ("accuracy", decisions.accuracy()),
            ("f1_score", Some(decisions.f1_score())),
        ] {
            assert_close(
                given.expect("both classes"),
                entry.number(name),
                1e-12,
                name,
            );
        }
        if weights.iter().all(|&weight| weight == 1.0) {
            assert_eq!(
                ranked,
                RankedOutcomes::new(&entry.numbers("scores"), &entry.outcomes())
            );
        }
    }
}
