//! What the Linux kernel's memory model and its scripts have where.

use crate::args::Simulation;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The configuration file of the kernel's model.
pub(crate) const CONF: &str = "linux-kernel.cfg";

/// The folder of tests beside the kernel's model.
pub(crate) const TESTS: &str = "litmus-tests";

/// Where the model is in a kernel tree.
const FOLDER: &str = "tools/memory-model";

/// The folder of the memory model in `tree`, which is a kernel tree or that folder itself.
pub(crate) fn memory_model(tree: &Path) -> Result<PathBuf, String> {
    let folders = [tree.join(FOLDER), tree.to_owned()];
    folders.into_iter().find(|folder| folder.join(CONF).is_file()).ok_or_else(|| {
        format!("there is no memory model in `{}`: no `{CONF}` in it or in its `{FOLDER}`", tree.display())
    })
}

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
