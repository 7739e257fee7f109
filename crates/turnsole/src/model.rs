//! Models: found, loaded, checked, and compiled for the tests that ask.

use crate::{Loader, Options, companions};
use cat::ast;
use cat::bell::Bell;
use cat::plan::Sort;
use cat::predefined::Kind;
use engine::CompiledModel;
use engine::enumerate::Compiled;
use execution::{
    Structure,
    micro::{Names, Tags},
};
use lang::c::Macros;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use syntax::{Diagnostic, SourceMap, Span, has_errors};

/// The embedded models: file name, what it is, text.
pub(crate) const MODELS: &[(&str, &str, &str)] = &[
    ("sc.cat", "sequential consistency", include_str!("../../../models/sc.cat")),
    ("tso.cat", "total store order, for any architecture", include_str!("../../../models/tso.cat")),
    ("x86tso.cat", "x86-TSO with non-temporal stores", include_str!("../../../models/x86tso.cat")),
    ("aarch64.cat", "Armv8 and Armv9, application level", include_str!("../../../models/aarch64.cat")),
    ("riscv.cat", "RISC-V weak memory ordering (RVWMO)", include_str!("../../../models/riscv.cat")),
    ("ppc.cat", "Power", include_str!("../../../models/ppc.cat")),
    ("arm.cat", "Armv7", include_str!("../../../models/arm.cat")),
    ("aarch32.cat", "Armv8, 32-bit instruction sets", include_str!("../../../models/aarch32.cat")),
    ("mips.cat", "MIPS64", include_str!("../../../models/mips.cat")),
    ("bpf.cat", "BPF, for instructions of the Linux kernel's BPF", include_str!("../../../models/bpf.cat")),
    ("loongarch.cat", "LoongArch", include_str!("../../../models/loongarch.cat")),
    ("s390x.cat", "z/Architecture: total store order", include_str!("../../../models/s390x.cat")),
    ("linux-kernel.cat", "the Linux kernel", include_str!("../../../models/linux-kernel.cat")),
    (
        "lock.cat",
        "locks of the Linux kernel, for other models to include",
        include_str!("../../../models/lock.cat"),
    ),
    ("rc11.cat", "repaired C11", include_str!("../../../models/rc11.cat")),
    (
        "c11_partialSC.cat",
        "C11, no total order of SC operations",
        include_str!("../../../models/c11_partialSC.cat"),
    ),
    ("c11_simp.cat", "C11, simplified SC", include_str!("../../../models/c11_simp.cat")),
    ("c11_orig.cat", "C11, a total order of SC operations", include_str!("../../../models/c11_orig.cat")),
    ("cpp20.cat", "C++20", include_str!("../../../models/cpp20.cat")),
];

/// Names under which herd7 installs models that have one name here.
const OTHER_NAMES: [(&str, &str); 1] = [("x86tso-mixed.cat", "x86tso.cat")];

/// A model that was read and checked. Cheap to share between threads.
#[derive(Clone, Debug)]
pub struct Model {
    /// Its title.
    pub title: String,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// The standard library, the bell file if there is one, and the model.
    models: Vec<Arc<ast::Model>>,
    /// What the bell file declares.
    bell: Option<Bell>,
    /// The C macros that go with the model.
    macros: Macros,
    /// The names of the tags that tests in C have.
    c_tags: Arc<Vec<String>>,
    /// Whether the model wants register events.
    catdep: bool,
    /// The architecture that the model is for, if its title says so.
    arch: Option<String>,
    variants: Vec<String>,
    skip_checks: Vec<String>,
    compiled: Mutex<BTreeMap<Key, Vec<Compilation>>>,
}

/// The model, compiled for programs whose tags have these names.
type Compilation = (Names, Arc<CompiledModel>);

/// What compilation depends on: the architecture, the variants of the test, and, for models that can't be compiled
/// for all programs at once, the tags that the program's events have.
type Key = (&'static str, Vec<String>, Option<Tags>);

/// The user's files first, then ours.
struct Chain<'a>(&'a dyn Loader);

impl cat::Loader for Chain<'_> {
    fn load(&self, name: &str, from: Option<&str>) -> Option<(String, String)> {
        let ours = || {
            let models = MODELS.iter().map(|(known, _, text)| (*known, *text));
            let with_suffix = format!("{name}.cat");
            let found = |wanted: &str| {
                let other = OTHER_NAMES.iter().find(|(other, _)| *other == wanted);
                let wanted = other.map_or(wanted, |(_, ours)| ours);
                let embedded = models.clone().find(|(known, _)| *known == wanted).map(|(_, text)| text);
                embedded.or_else(|| cat::library::library_file(wanted))
            };
            let text = found(name).or_else(|| found(&with_suffix).filter(|_| from.is_none()))?;
            Some((name.to_owned(), text.to_owned()))
        };
        self.users(name, from).or_else(ours)
    }
}

impl Chain<'_> {
    /// The user's file of that name; that of a model may be called without `.cat`.
    fn users(&self, name: &str, from: Option<&str>) -> Option<(String, String)> {
        let with_suffix = || match from {
            None if !name.contains('.') => self.0.load(&format!("{name}.cat"), None),
            _ => None,
        };
        self.0.load(name, from).or_else(with_suffix)
    }
}

/// A loader that remembers whether it found anything.
struct Noting<'a> {
    loader: &'a dyn Loader,
    found: AtomicBool,
}

impl Loader for Noting<'_> {
    fn load(&self, name: &str, from: Option<&str>) -> Option<(String, String)> {
        let file = self.loader.load(name, from);
        self.found.fetch_or(file.is_some(), Ordering::Relaxed);
        file
    }
}

/// Whether it is one of our models, and needs no bell file.
fn stands_alone(name: &str) -> bool {
    let name = name.strip_suffix(".cat").unwrap_or(name);
    let is_ours = MODELS.iter().any(|(known, ..)| known.strip_suffix(".cat") == Some(name));
    is_ours && !matches!(name, "linux-kernel" | "lock")
}

/// Loads the model `name`: a file that `loader` finds, or an embedded one. Diagnostics refer to `sources`.
/// `None` if there are errors.
pub fn load_model(
    loader: &dyn Loader,
    name: &str,
    options: &Options,
    sources: &mut SourceMap,
) -> (Option<Model>, Vec<Diagnostic>) {
    let loader = &Noting { loader, found: AtomicBool::new(false) };
    let chain = Chain(loader);
    let (library, mut diagnostics) = cat::load(&chain, "stdlib.cat", sources);
    let (ours, display) = match chain.users(name, None) {
        Some((display, _)) => (false, display),
        None => (true, name.to_owned()),
    };
    let found = companions::find(loader, name, &display, ours, options);
    for (missing, is_for_some) in &found.missing {
        let span = Span::new(sources.add(missing, ""), 0, 0);
        let message = format!("there is no file `{missing}`");
        // Macros are needed only by those tests that call them.
        diagnostics.push(match is_for_some {
            true => Diagnostic::warning("model::missing-companion", span, message),
            false => Diagnostic::error("model::missing-companion", span, message),
        });
    }
    let mut variants = options.variants.clone();
    variants.extend(found.variants);
    let mut models: Vec<Arc<ast::Model>> = library.into_iter().collect();
    let bell = found.bell.map(|(display, text)| {
        let (bell, more) = load_bell(&chain, &display, text, &mut models, &variants, sources);
        diagnostics.extend(more);
        bell
    });
    let macros = found.macros.map(|(display, text)| {
        let (macros, more) = Macros::parse(sources.add(display, &*text), &text);
        diagnostics.extend(more);
        macros
    });
    let (model, more) = cat::load(&chain, name, sources);
    diagnostics.extend(more);
    let Some(model) = model else { return (None, diagnostics) };
    if has_errors(&diagnostics) {
        return (None, diagnostics);
    }
    // Nothing is found in our models as they are; a test looks.
    let is_ours = !loader.found.load(Ordering::Relaxed);
    if !(is_ours && variants.is_empty() && models.len() <= 1 && stands_alone(name)) {
        diagnostics.extend(check(&model, &models, bell.as_ref(), &variants));
    }
    if has_errors(&diagnostics) {
        return (None, diagnostics);
    }
    let known_arch = model.first_word.as_ref().filter(|word| ARCHITECTURES.contains(&&*word.text));
    let arch = known_arch.map(|word| word.text.to_string());
    let title = model.title.clone().unwrap_or_else(|| "Unknown".to_owned());
    let catdep = models.iter().any(|model| model.catdep) || model.catdep;
    models.push(model);
    let inner = Inner {
        catdep,
        arch,
        models,
        c_tags: lang::c::lower::common_tags(bell.as_ref().map(Bell::set_names).unwrap_or_default()),
        bell,
        macros: macros.unwrap_or_default(),
        variants,
        skip_checks: options.skip_checks.clone(),
        compiled: Mutex::default(),
    };
    (Some(Model { title, inner: Arc::new(inner) }), diagnostics)
}

/// Reads a bell file, puts it behind `models`, and collects what it declares.
fn load_bell(
    chain: &Chain<'_>,
    display: &str,
    text: String,
    models: &mut Vec<Arc<ast::Model>>,
    variants: &[String],
    sources: &mut SourceMap,
) -> (Bell, Vec<Diagnostic>) {
    let (file, mut diagnostics) = cat::load_text(chain, display, text, sources);
    let Some(file) = file.filter(|_| !has_errors(&diagnostics)) else {
        return (Bell::default(), diagnostics);
    };
    let (bell, more) = cat::bell::collect(&file, &|name| variants.iter().any(|variant| variant == name));
    diagnostics.extend(more);
    diagnostics.extend(check(&file, models, Some(&bell), variants));
    models.push(file);
    (bell, diagnostics)
}

/// What can be found wrong with a model before it meets a test.
fn check(
    model: &Arc<ast::Model>,
    prelude: &[Arc<ast::Model>],
    bell: Option<&Bell>,
    variants: &[String],
) -> Vec<Diagnostic> {
    let annotations = bell.map(Bell::set_names).unwrap_or_default();
    let groups = bell.map(Bell::group_names).unwrap_or_default();
    let known = cat::predefined::predefined_anywhere().with_annotations(annotations).with_groups(groups);
    cat::check(
        model,
        &cat::CheckOptions {
            predefined: &|name| known.kind(name),
            predefined_names: &known.names(),
            variants: &|name| variants.iter().any(|variant| variant == name),
            known_variants: &[],
            prelude,
        },
    )
}

/// The words that name an architecture in the first line of a model.
const ARCHITECTURES: &[&str] = &[
    "AArch64",
    "ARM",
    "BPF",
    "C",
    "X86",
    "X86_64",
    "PPC",
    "RISCV",
    "MIPS",
    "LoongArch",
    "S390X",
    "LISA",
    "ASL",
    "JAVA",
    "CPP",
];

impl Model {
    /// The architecture that the model is for, if its title says so.
    pub fn arch(&self) -> Option<&str> {
        self.inner.arch.as_deref()
    }

    /// The variants that the model itself asks for, in its order.
    pub fn named_variants(&self) -> Vec<String> {
        self.inner.models.last().map(|model| cat::named_variants(model)).unwrap_or_default()
    }

    /// What the bell file of the model declares, if it has one.
    pub fn bell(&self) -> Option<&Bell> {
        self.inner.bell.as_ref()
    }

    /// The names of the checks that executions must pass, in order.
    pub fn check_names(&self) -> Vec<String> {
        let mut names = Vec::new();
        self.inner.models.iter().for_each(|model| check_names(model, &mut names));
        names
    }

    /// The same model without some of its checks.
    #[must_use]
    pub fn without_checks(&self, names: &[String]) -> Model {
        let inner = &self.inner;
        let mut skip_checks = inner.skip_checks.clone();
        skip_checks.extend_from_slice(names);
        let inner = Inner {
            models: inner.models.clone(),
            bell: inner.bell.clone(),
            macros: inner.macros.clone(),
            c_tags: Arc::clone(&inner.c_tags),
            catdep: inner.catdep,
            arch: inner.arch.clone(),
            variants: inner.variants.clone(),
            skip_checks,
            compiled: Mutex::default(),
        };
        Model { title: self.title.clone(), inner: Arc::new(inner) }
    }

    /// The names of the tags that tests in C have.
    pub(crate) fn c_tags(&self) -> &Arc<Vec<String>> {
        &self.inner.c_tags
    }

    /// The C macros that go with the model.
    pub(crate) fn macros(&self) -> &Macros {
        &self.inner.macros
    }

    /// The variants that are on for all tests: those of the options, and those that go with the model.
    pub(crate) fn variants(&self) -> &[String] {
        &self.inner.variants
    }

    /// Whether the model computes dependencies itself.
    pub(crate) fn wants_register_events(&self) -> bool {
        self.inner.catdep
    }

    /// The model, compiled for tests of an architecture that turn on these variants. `used` says which tags the
    /// program's events have: some models can be compiled only if it is known which are missing.
    pub(crate) fn compiled(
        &self,
        arch: &'static str,
        tags: &Names,
        test_variants: Vec<String>,
        used: impl FnOnce() -> Tags,
    ) -> Result<Arc<CompiledModel>, String> {
        let key = (arch, test_variants, None);
        let general = self.cached(&key, tags)?;
        if general.plan.is_ok() {
            return Ok(general);
        }
        self.cached(&(key.0, key.1, Some(used())), tags)
    }

    fn cached(&self, key: &Key, tags: &Names) -> Result<Arc<CompiledModel>, String> {
        let mut cache = self.inner.compiled.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let known = cache.get(key).and_then(|all| all.iter().find(|(names, _)| names == tags));
        if let Some((_, found)) = known {
            return Ok(Arc::clone(found));
        }
        let compiled = Arc::new(self.compile(key, tags)?);
        cache.entry(key.clone()).or_default().push((tags.clone(), Arc::clone(&compiled)));
        Ok(compiled)
    }

    fn compile(&self, key: &Key, tags: &Names) -> Result<CompiledModel, String> {
        let inner = &self.inner;
        let (arch, test_variants, used) = key;
        let mut variants = inner.variants.clone();
        variants.extend(test_variants.iter().cloned());
        let annotations = inner.bell.as_ref().map(Bell::set_names).unwrap_or_default();
        let groups = inner.bell.as_ref().map(Bell::group_names).unwrap_or_default();
        let known = cat::predefined::predefined(arch).with_annotations(annotations).with_groups(groups);
        let predefined = |name: &str| {
            if tags.iter().any(|tag| tag == name) {
                return Some(Sort::Set);
            }
            known.kind(name).map(sort)
        };
        let empty = |name: &str| match tags.iter().position(|tag| tag == name) {
            Some(tag) => used.is_some_and(|used| !used.has(tag)),
            None => Structure::is_always_empty(name, tags),
        };
        let models: Vec<&ast::Model> = inner.models.iter().map(|model| &**model).collect();
        let plan = cat::plan::build(&cat::plan::Request {
            models: &models,
            predefined: &predefined,
            empty: &empty,
            variant: &|name| variants.iter().any(|variant| variant == name),
            skip: &inner.skip_checks,
        });
        let plan = match plan {
            Ok(plan) => Ok(Compiled::new(plan, tags)),
            Err(cat::plan::Failure::Unsupported { what, .. }) => Err(what),
            Err(cat::plan::Failure::Model { message, .. }) => return Err(message),
        };
        Ok(CompiledModel {
            models: inner.models.clone(),
            plan,
            predefined: known,
            register_events: inner.catdep,
            variants,
            skip_checks: inner.skip_checks.clone(),
        })
    }
}

pub(crate) fn sort(kind: Kind) -> Sort {
    match kind {
        Kind::Set => Sort::Set,
        Kind::Relation => Sort::Relation,
    }
}

/// Collects the names of the checks of a model and of what it includes.
fn check_names(model: &ast::Model, names: &mut Vec<String>) {
    for item in model.items.iter() {
        match &item.kind {
            ast::ItemKind::Check { check, role: ast::Role::Require } => {
                names.extend(check.name.as_ref().map(|name| name.text.to_string()));
            }
            ast::ItemKind::Include { model: Some(model), .. } => check_names(model, names),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct NoFiles;

    impl Loader for NoFiles {
        fn load(&self, _: &str, _: Option<&str>) -> Option<(String, String)> {
            None
        }
    }

    #[test]
    fn nothing_is_wrong_with_models_of_ours() {
        for (name, ..) in MODELS.iter().filter(|(name, ..)| stands_alone(name)) {
            let mut sources = SourceMap::new();
            let (library, _) = cat::load(&Chain(&NoFiles), "stdlib.cat", &mut sources);
            let prelude: Vec<Arc<ast::Model>> = library.into_iter().collect();
            let (model, mut diagnostics) = cat::load(&Chain(&NoFiles), name, &mut sources);
            diagnostics.extend(check(&model.unwrap(), &prelude, None, &[]));
            assert!(diagnostics.is_empty(), "{name}: {diagnostics:?}");
        }
    }
}
