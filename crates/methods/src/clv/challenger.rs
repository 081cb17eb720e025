//! The booster as the models' challenger: trained at every split, and on everything where it serves.

use std::cell::RefCell;
use std::collections::BTreeMap;

use clientela_numerics::{StopToken, Stopped};

use super::booster::{Booster, stretched};
use super::evaluation::Evaluated;
use super::probabilistic::{Expected, Horizon, Probabilistic};
use super::report::{BoostingParameters, ForecastOptions};
use super::snapshot::Snapshot;

/// What the models expect within the window after each day that boosters learn from.
///
/// Training days of hold-outs that are half a window apart are the same days, and models are fitted to each only once.
#[derive(Debug)]
pub struct Challenger<'o> {
    options: &'o ForecastOptions,
    window_days: u32,
    expected: RefCell<BTreeMap<i32, Option<Vec<Expected>>>>,
}

/// A booster's forecast of today.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// What each member is expected to bring within the horizon, discounted.
    pub values: Vec<f64>,
    /// How it was trained.
    pub parameters: BoostingParameters,
}

impl<'o> Challenger<'o> {
    /// A challenger for windows of so many days.
    pub fn new(options: &'o ForecastOptions, window_days: u32) -> Self {
        Self {
            options,
            window_days,
            expected: RefCell::default(),
        }
    }

    /// Adds the booster's forecast to a hold-out, where it can be trained on what was known at the split.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn enter(&self, one: &mut Evaluated<'_, '_>, stop: &StopToken) -> Result<(), Stopped> {
        let snapshot = &one.hold_out.snapshot;
        let expected = one.expected.clone();
        self.expected
            .borrow_mut()
            .insert(snapshot.day(), Some(expected));
        if let Some(booster) = self.train(snapshot, stop)? {
            one.boosting = Some(booster.forecast(snapshot, &one.expected, stop)?);
        }
        Ok(())
    }

    /// The booster's forecast after a snapshot; `None` where it can't be trained.
    ///
    /// `expected` is what the models, fitted to this snapshot, expect within the horizon. Beyond the window that the
    /// booster learned its forecast grows as the models' does.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn serve(
        &self,
        model: &Probabilistic<'_, '_>,
        expected: &[Expected],
        stop: &StopToken,
    ) -> Result<Option<Challenge>, Stopped> {
        let snapshot = model.snapshot;
        let Some(booster) = self.train(snapshot, stop)? else {
            return Ok(None);
        };
        let window = model.expect(&Horizon::of_days(self.window_days), stop)?;
        let forecast = booster.forecast(snapshot, &window, stop)?;
        Ok(Some(Challenge {
            values: stretched(&forecast, &window, expected),
            parameters: booster.parameters(),
        }))
    }

    fn train<'a>(
        &self,
        snapshot: &Snapshot<'a>,
        stop: &StopToken,
    ) -> Result<Option<Booster>, Stopped> {
        let expect = |cut: &Snapshot<'a>| self.expected_at(cut, stop);
        let seed = self.options.random_seed;
        Booster::train(snapshot, self.window_days, &expect, seed, stop)
    }

    fn expected_at(
        &self,
        cut: &Snapshot<'_>,
        stop: &StopToken,
    ) -> Result<Option<Vec<Expected>>, Stopped> {
        if let Some(known) = self.expected.borrow().get(&cut.day()) {
            return Ok(known.clone());
        }
        let horizon = Horizon::of_days(self.window_days);
        let expected = match Probabilistic::fit(cut, self.options.count_model, true, stop)? {
            Some(model) => Some(model.expect(&horizon, stop)?),
            None => None,
        };
        self.expected
            .borrow_mut()
            .insert(cut.day(), expected.clone());
        Ok(expected)
    }
}
