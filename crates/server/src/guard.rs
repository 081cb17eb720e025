//! A panic becomes a failure of one request: an impossible state of one analysis must not end the service.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Notes where a guarded thread panicked instead of printing it, so that the log tells of it once, with the id of
/// the request. Panics elsewhere are printed as before.
pub fn note_places_of_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if GUARDED.get() {
                PLACE.set(info.location().map(ToString::to_string));
            } else {
                before(info);
            }
        }));
    });
}

/// Runs `work`; the cause of its panic where it did.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    GUARDED.set(true);
    // The state of a panicked analysis is dropped whole, so nothing half changed is seen afterwards.
    let outcome = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(false);
    outcome.map_err(|panic| match PLACE.take() {
        Some(place) => format!("{} at {place}", cause(&*panic)),
        None => cause(&*panic),
    })
}

/// What a panic said.
pub fn cause(panic: &(dyn Any + Send)) -> String {
    let said = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned());
    format!(
        "panicked: {}",
        said.as_deref().unwrap_or("without a message")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_with_its_place_and_a_value_passes() {
        note_places_of_panics();
        assert_eq!(guarded(|| 7), Ok(7));
        let cause = guarded(|| panic!("nobody expected {}", 3)).unwrap_err();
        assert!(
            cause.starts_with("panicked: nobody expected 3 at "),
            "{cause}"
        );
        assert!(cause.contains("guard.rs"), "{cause}");
    }
}
