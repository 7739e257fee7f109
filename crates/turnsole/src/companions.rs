//! What goes with a model: a bell file, a file of C macros, and variants.
//!
//! The user names them, in options or in a configuration file; or they are called as the model is. Beside
//! `linux-kernel.cat`, a file `linux-kernel.cfg` says what goes with it, or files `linux-kernel.bell` and
//! `linux-kernel.def` are there. Files of the user's go with models of the user's, and ours with ours.

use crate::conf;
use crate::{Loader, Options};

/// The embedded files that go with models: file name and text.
pub(crate) const FILES: &[(&str, &str)] = &[
    // The operations of C11 are known without macros.
    ("c11.def", ""),
    ("linux-kernel.bell", include_str!("../../../models/linux-kernel.bell")),
    ("linux-kernel.cfg", include_str!("../../../models/linux-kernel.cfg")),
    ("linux-kernel.def", include_str!("../../../models/linux-kernel.def")),
];

/// The text of the embedded file of that name that goes with models.
pub(crate) fn embedded(name: &str) -> Option<&'static str> {
    FILES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// What goes with a model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Companions {
    /// The bell file: display name and text.
    pub(crate) bell: Option<(String, String)>,
    /// The file of macros: display name and text.
    pub(crate) macros: Option<(String, String)>,
    /// Variants that the configuration file switches on.
    pub(crate) variants: Vec<String>,
    /// The names of files that were asked for and are not there, and whether only some tests need them.
    pub(crate) missing: Vec<(String, bool)>,
}

/// Finds what goes with the model that was asked for by `name` and found as `display`. `ours` is whether that one is
/// embedded.
pub(crate) fn find(
    loader: &dyn Loader,
    name: &str,
    display: &str,
    ours: bool,
    options: &Options,
) -> Companions {
    let files = Files { loader, display, ours };
    let mut found = Companions::default();
    if options.companions {
        files.beside(stem(name), &mut found);
    }
    // Of the versions of the kernel's operations, the one that the user names holds.
    let is_version = |name: &String| name.to_ascii_lowercase().starts_with("lkmmv");
    if options.variants.iter().any(is_version) {
        found.variants.retain(|name| !is_version(name));
    }
    if let Some(bell) = &options.bell {
        found.bell = files.named(bell);
        if found.bell.is_none() {
            found.missing.push((bell.clone(), false));
        }
    }
    if let Some(macros) = &options.macros {
        found.macros = files.named(macros);
        if found.macros.is_none() {
            found.missing.push((macros.clone(), true));
        }
    }
    found
}

/// The name of a model without folder and extension.
fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.strip_suffix(".cat").unwrap_or(file)
}

struct Files<'a> {
    loader: &'a dyn Loader,
    /// The model.
    display: &'a str,
    ours: bool,
}

impl Files<'_> {
    /// A file on the model's side.
    fn same_side(&self, name: &str, from: &str) -> Option<(String, String)> {
        match self.ours {
            true => embedded(name).map(|text| (name.to_owned(), text.to_owned())),
            false => self.loader.load(name, Some(from)),
        }
    }

    /// A file that the user names.
    fn named(&self, name: &str) -> Option<(String, String)> {
        let ours = || embedded(name).map(|text| (name.to_owned(), text.to_owned()));
        self.loader.load(name, None).or_else(ours)
    }

    fn beside(&self, stem: &str, found: &mut Companions) {
        let Some((conf_name, text)) = self.same_side(&format!("{stem}.cfg"), self.display) else {
            found.bell = self.same_side(&format!("{stem}.bell"), self.display);
            found.macros = self.same_side(&format!("{stem}.def"), self.display);
            return;
        };
        for line in conf::lines(&text) {
            let target = match line.key {
                "bell" => &mut found.bell,
                "macros" => &mut found.macros,
                "variant" => {
                    let names = line.value.split([',', ' ', '\t']).filter(|name| !name.is_empty());
                    found.variants.extend(names.map(str::to_owned));
                    continue;
                }
                _ => continue,
            };
            *target = self.same_side(line.value, &conf_name);
            if target.is_none() {
                found.missing.push((line.value.to_owned(), line.key == "macros"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files in a folder `k`, and nothing elsewhere.
    struct Kernel(&'static [(&'static str, &'static str)]);

    impl Loader for Kernel {
        fn load(&self, name: &str, from: Option<&str>) -> Option<(String, String)> {
            let name = match from {
                Some(from) => format!("{}/{name}", from.rsplit_once('/')?.0),
                None => name.to_owned(),
            };
            let (_, text) = self.0.iter().find(|(known, _)| *known == name)?;
            Some((name, (*text).to_owned()))
        }
    }

    fn names(found: &Companions) -> (Option<&str>, Option<&str>) {
        let name = |file: &Option<(String, String)>| file.as_ref().map(|(_, text)| text.clone());
        let leak = |text: Option<String>| text.map(|text| &*text.leak());
        (leak(name(&found.bell)), leak(name(&found.macros)))
    }

    #[test]
    fn a_configuration_file_beside_the_model_is_read() {
        let kernel = Kernel(&[
            ("k/m.cfg", "# ours\nmacros a.def\nbell = a.bell\nvariant lkmmv2, x\ngraph columns\n"),
            ("k/a.def", "def"),
            ("k/a.bell", "bell"),
            ("k/m.bell", "another"),
            ("my.def", "mine"),
        ]);
        let mut options = Options::default();
        let found = find(&kernel, "k/m.cat", "k/m.cat", false, &options);
        assert_eq!(names(&found), (Some("bell"), Some("def")));
        assert_eq!(found.variants, ["lkmmv2", "x"]);
        assert!(found.missing.is_empty());
        options.variants = vec!["lkmmv1".to_owned()];
        assert_eq!(find(&kernel, "k/m.cat", "k/m.cat", false, &options).variants, ["x"]);
        options.macros = Some("my.def".to_owned());
        let found = find(&kernel, "m", "k/m.cat", false, &options);
        assert_eq!(names(&found), (Some("bell"), Some("mine")));
        options.companions = false;
        let found = find(&kernel, "m", "k/m.cat", false, &options);
        assert_eq!(names(&found), (None, Some("mine")));
        assert_eq!(names(&find(&kernel, "m", "m.cat", true, &Options::default())), (None, None));
    }

    #[test]
    fn files_called_like_the_model_go_with_it() {
        let kernel = Kernel(&[("k/m.bell", "bell")]);
        let found = find(&kernel, "m.cat", "k/m.cat", false, &Options::default());
        assert_eq!(names(&found), (Some("bell"), None));
        let options = Options { macros: Some("none.def".to_owned()), ..Options::default() };
        assert_eq!(
            find(&kernel, "m.cat", "k/m.cat", false, &options).missing,
            [("none.def".to_owned(), true)]
        );
    }
}
