//! Where a Linux kernel tree has its memory model.

use std::path::{Path, PathBuf};

/// The configuration file of the model.
pub const CONF: &str = "linux-kernel.cfg";

/// The folder of tests beside the model.
pub const TESTS: &str = "litmus-tests";

/// The folder of the model in a kernel tree.
pub(crate) const FOLDER: &str = "tools/memory-model";

/// The folder of the memory model in `tree`, which is a kernel tree or that folder itself.
pub fn memory_model(tree: &Path) -> Result<PathBuf, String> {
    let folders = [tree.join(FOLDER), tree.to_owned()];
    folders.into_iter().find(|folder| folder.join(CONF).is_file()).ok_or_else(|| {
        format!("there is no memory model in `{}`: no `{CONF}` in it or in its `{FOLDER}`", tree.display())
    })
}
