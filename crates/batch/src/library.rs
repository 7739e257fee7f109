//! Where model files, their includes, and configuration files are looked for.

use crate::kernel;
use std::path::{Path, PathBuf};

/// Folders in which files are looked for, in order: the folder that is preferred (a kernel tree), the current folder,
/// the folders that were asked for (`-I`), the folder that `HERDLIB` names, the folder given with `-set-libdir`. Models
/// that come with Turnsole are behind all.
#[derive(Clone, Debug, Default)]
pub struct Library {
    preferred: Option<PathBuf>,
    includes: Vec<PathBuf>,
    environment: Option<PathBuf>,
    installed: Option<PathBuf>,
}

impl Library {
    /// Looks in the current folder only.
    pub fn new() -> Library {
        Library::default()
    }

    /// Adds the folder that the environment names.
    #[must_use]
    pub fn with_environment(mut self) -> Library {
        self.environment = std::env::var_os("HERDLIB").filter(|value| !value.is_empty()).map(PathBuf::from);
        self
    }

    /// Looks in `folder` first.
    pub fn prefer(&mut self, folder: impl Into<PathBuf>) {
        self.preferred = Some(folder.into());
    }

    /// Looks in `folder` too, behind those given before. If it is a kernel tree, the folder of its memory model is meant
    /// as well.
    pub fn include(&mut self, folder: impl Into<PathBuf>) {
        let folder = folder.into();
        let kernel = Some(folder.join(kernel::FOLDER)).filter(|kernel| kernel.is_dir());
        self.includes.push(folder);
        self.includes.extend(kernel);
    }

    /// Looks in `folder` last.
    pub fn set_installed(&mut self, folder: impl Into<PathBuf>) {
        self.installed = Some(folder.into());
    }

    /// The folder given with [`Library::set_installed`].
    pub fn installed(&self) -> Option<&Path> {
        self.installed.as_deref()
    }

    /// The name of the default model for tests of `arch`: among the models that herd7 installs, the one that herd7 takes
    /// if a folder that was asked for has it, else the embedded one.
    pub fn default_model(&self, arch: &str) -> Option<&'static str> {
        const OF_HERD7: &str = "x86tso-mixed.cat";
        let folders = self.includes.iter().chain(&self.environment).chain(&self.installed);
        match arch {
            "X86_64" if folders.clone().any(|folder| folder.join(OF_HERD7).is_file()) => Some(OF_HERD7),
            _ => turnsole::default_model(arch),
        }
    }

    /// The file of that name. A name that starts with `/`, `./` or `../` is not looked for elsewhere.
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        if !is_implicit(name) {
            return Some(PathBuf::from(name)).filter(|path| path.is_file());
        }
        let here = PathBuf::new();
        let folders = self.preferred.iter().chain([&here]).chain(&self.includes);
        let folders = folders.chain(&self.environment).chain(&self.installed);
        folders.map(|folder| folder.join(name)).find(|path| path.is_file())
    }
}

impl turnsole::Loader for Library {
    /// Besides the folders of the library, the folder of the including file is looked into.
    fn load(&self, name: &str, from: Option<&str>) -> Option<(String, String)> {
        let beside = || from.map(|from| Path::new(from).with_file_name(name)).filter(|path| path.is_file());
        let path = self.find(name).or_else(beside)?;
        let bytes = std::fs::read(&path).ok()?;
        Some((path.to_string_lossy().into_owned(), String::from_utf8_lossy(&bytes).into_owned()))
    }
}

fn is_implicit(name: &str) -> bool {
    !(Path::new(name).is_absolute() || name.starts_with("./") || name.starts_with("../"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use turnsole::Loader;

    #[test]
    fn the_default_model_is_that_of_herd7_where_it_is_installed() {
        let root = std::env::temp_dir().join(format!("turnsole-default-model-{}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        let mut library = Library::new();
        library.set_installed(&root);
        assert_eq!(library.default_model("X86_64"), Some("x86tso.cat"));
        std::fs::write(root.join("x86tso-mixed.cat"), "").unwrap();
        assert_eq!(library.default_model("X86_64"), Some("x86tso-mixed.cat"));
        assert_eq!(library.default_model("X86"), Some("x86tso.cat"));
        std::fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn folders_are_searched_in_order() {
        let root = std::env::temp_dir().join(format!("turnsole-library-{}", std::process::id()));
        for (folder, files) in [("a", &["x.cat"][..]), ("b", &["x.cat", "y.cat"]), ("c", &["z.cat", "x.cat"])]
        {
            std::fs::create_dir_all(root.join(folder)).unwrap();
            for file in files {
                std::fs::write(root.join(folder).join(file), format!("{folder}/{file}")).unwrap();
            }
        }
        let mut library = Library::new();
        library.set_installed(root.join("c"));
        library.include(root.join("a"));
        library.include(root.join("b"));
        let text = |name: &str, from| library.load(name, from).map(|(_, text)| text);
        assert_eq!(text("x.cat", None).as_deref(), Some("a/x.cat"));
        assert_eq!(text("y.cat", None).as_deref(), Some("b/y.cat"));
        assert_eq!(text("z.cat", None).as_deref(), Some("c/z.cat"));
        assert_eq!(text("./x.cat", None), None);
        let from = root.join("b/m.cat").to_string_lossy().into_owned();
        assert_eq!(
            Library::new().load("y.cat", Some(&from)).map(|(_, text)| text).as_deref(),
            Some("b/y.cat")
        );
        std::fs::remove_dir_all(root).unwrap();
    }
}
