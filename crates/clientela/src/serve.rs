//! `clientela serve`.

use crate::command::ServeOptions;
use crate::{Outcome, Trouble};

pub fn run(_options: &ServeOptions) -> Outcome {
    Err(Trouble::failed("the server comes with the next change"))
}
