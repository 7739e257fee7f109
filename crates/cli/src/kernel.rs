//! What the Linux kernel's scripts do.

use crate::args::Simulation;
use batch::kernel::CONF;
use std::time::Duration;

/// How long the kernel's scripts let a test run.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Sets what the kernel's scripts set, where the user does not.
pub(crate) fn settle(simulation: &mut Simulation) {
    let named = simulation.model.is_some() || simulation.kernel_tree.is_some();
    if simulation.conf.is_none() && !named {
        simulation.conf = Some(CONF.to_owned());
    }
    simulation.timeout.get_or_insert(TIMEOUT);
}
