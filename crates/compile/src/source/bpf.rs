//! placeholder

use super::{Program, Result, Unsupported};
use litmus::Test;

pub(crate) fn program(test: &Test) -> Result<Program> {
    Err(Unsupported::new("BPF is not here yet", test.name_span))
}
