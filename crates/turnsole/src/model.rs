//! Models: found, loaded, checked, and compiled for the tests that ask.

use crate::{Loader, Options};
use cat::ast;
use cat::plan::Sort;
use cat::predefined::Kind;
use engine::CompiledModel;
use engine::enumerate::Compiled;
use execution::{Structure, micro::Tags};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use syntax::{Diagnostic, SourceMap, has_errors};

/// The embedded models: file name, what it is, text.
pub(crate) const MODELS: &[(&str, &str, &str)] = &[
    ("sc.cat", "sequential consistency", include_str!("../../../models/sc.cat")),
    ("tso.cat", "total store order, for any architecture", include_str!("../../../models/tso.cat")),
    ("x86tso.cat", "x86-TSO with non-temporal stores", include_str!("../../../models/x86tso.cat")),
    ("aarch64.cat", "Armv8 and Armv9, application level", include_str!("../../../models/aarch64.cat")),
    ("riscv.cat", "RISC-V weak memory ordering (RVWMO)", include_str!("../../../models/riscv.cat")),
    ("ppc.cat", "Power", include_str!("../../../models/ppc.cat")),
];

/// A model that was read and checked. Cheap to share between threads.
#[derive(Clone, Debug)]
pub struct Model {
    /// Its title.
    pub title: String,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// The standard library and the model.
    models: Vec<Arc<ast::Model>>,
    /// Whether the model wants register events.
    catdep: bool,
    /// The architecture that the model is for, if its title says so.
    arch: Option<String>,
    variants: Vec<String>,
    skip_checks: Vec<String>,
    compiled: Mutex<BTreeMap<Key, Arc<CompiledModel>>>,
}

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
                let embedded = models.clone().find(|(known, _)| *known == wanted).map(|(_, text)| text);
                embedded.or_else(|| cat::library::library_file(wanted))
            };
            let text = found(name).or_else(|| found(&with_suffix).filter(|_| from.is_none()))?;
            Some((name.to_owned(), text.to_owned()))
        };
        self.0.load(name, from).or_else(ours)
    }
}

/// Loads the model `name`: a file that `loader` finds, or an embedded one. Diagnostics refer to `sources`.
/// `None` if there are errors.
pub fn load_model(
    loader: &dyn Loader,
    name: &str,
    options: &Options,
    sources: &mut SourceMap,
) -> (Option<Model>, Vec<Diagnostic>) {
    let chain = Chain(loader);
    let (library, mut diagnostics) = cat::load(&chain, "stdlib.cat", sources);
    let (model, more) = cat::load(&chain, name, sources);
    diagnostics.extend(more);
    let (Some(library), Some(model)) = (library, model) else { return (None, diagnostics) };
    if has_errors(&diagnostics) {
        return (None, diagnostics);
    }
    diagnostics.extend(check(&library, &model, options));
    if has_errors(&diagnostics) {
        return (None, diagnostics);
    }
    let known_arch = model.first_word.as_ref().filter(|word| ARCHITECTURES.contains(&&*word.text));
    let arch = known_arch.map(|word| word.text.to_string());
    let title = model.title.clone().unwrap_or_else(|| "Unknown".to_owned());
    let inner = Inner {
        catdep: model.catdep,
        arch,
        models: vec![library, model],
        variants: options.variants.clone(),
        skip_checks: options.skip_checks.clone(),
        compiled: Mutex::default(),
    };
    (Some(Model { title, inner: Arc::new(inner) }), diagnostics)
}

/// What can be found wrong with a model before it meets a test.
fn check(library: &Arc<ast::Model>, model: &Arc<ast::Model>, options: &Options) -> Vec<Diagnostic> {
    let known = cat::predefined::predefined_anywhere();
    let names: Vec<&str> = known.sets.iter().chain(&known.relations).copied().collect();
    cat::check(
        model,
        &cat::CheckOptions {
            predefined: &|name| known.kind(name),
            predefined_names: &names,
            variants: &|name| options.variants.iter().any(|variant| variant == name),
            known_variants: &[],
            prelude: std::slice::from_ref(library),
        },
    )
}

/// The words that name an architecture in the first line of a model.
const ARCHITECTURES: &[&str] =
    &["AArch64", "ARM", "BPF", "C", "X86", "X86_64", "PPC", "RISCV", "MIPS", "LISA", "ASL", "JAVA", "CPP"];

impl Model {
    /// The architecture that the model is for, if its title says so.
    pub fn arch(&self) -> Option<&str> {
        self.inner.arch.as_deref()
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
        tags: &[&str],
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

    fn cached(&self, key: &Key, tags: &[&str]) -> Result<Arc<CompiledModel>, String> {
        let mut cache = self.inner.compiled.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(found) = cache.get(key) {
            return Ok(Arc::clone(found));
        }
        let compiled = Arc::new(self.compile(key, tags)?);
        cache.insert(key.clone(), Arc::clone(&compiled));
        Ok(compiled)
    }

    fn compile(&self, key: &Key, tags: &[&str]) -> Result<CompiledModel, String> {
        let inner = &self.inner;
        let (arch, test_variants, used) = key;
        let mut variants = inner.variants.clone();
        variants.extend(test_variants.iter().cloned());
        let known = cat::predefined::predefined(arch);
        let predefined = |name: &str| {
            if tags.contains(&name) {
                return Some(Sort::Set);
            }
            known.kind(name).map(sort)
        };
        let empty = |name: &str| match tags.iter().position(|tag| *tag == name) {
            Some(tag) => used.is_some_and(|used| !used.has(tag)),
            None => Structure::is_always_empty(name),
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
            Ok(plan) => Ok(Compiled::new(plan)),
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
