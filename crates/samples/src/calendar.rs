//! The dates of an observation window.

use clientela_tables::Date;

/// `n_days` dates that end with `today`, the earliest first.
///
/// # Panics
/// Where the window begins before the first date there is.
pub(crate) fn days_until(today: Date, n_days: usize) -> Vec<Date> {
    let before = |date: &Date| preceding(*date);
    let mut days: Vec<Date> = std::iter::successors(Some(today), before)
        .take(n_days)
        .collect();
    assert_eq!(days.len(), n_days, "a window that begins after 1900-01-01");
    days.reverse();
    days
}

fn preceding(date: Date) -> Option<Date> {
    let (year, month, day) = date.ymd();
    let last_of = |month| {
        (28..=31)
            .rev()
            .find_map(|day| Date::from_ymd(year, month, day))
    };
    Date::from_ymd(year, month, day - 1)
        .or_else(|| last_of(month - 1))
        .or_else(|| Date::from_ymd(year - 1, 12, 31))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_made_of_consecutive_days_and_ends_today() {
        let today = Date::from_ymd(2024, 3, 2).unwrap();
        let days = days_until(today, 800);
        assert_eq!(days.last(), Some(&today));
        assert!(days.windows(2).all(|pair| pair[1].days_since(pair[0]) == 1));
        assert_eq!(days.len(), 800);
    }
}
