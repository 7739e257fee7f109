//! A model and everything it includes.

use crate::ast::{Item, ItemKind, Model};
use crate::parser::parse;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use syntax::{Diagnostic, SourceMap, Span};

/// How long a chain of includes may be.
const MAX_INCLUDES: usize = 100;

/// Finds files by the names that models and users give them.
pub trait Loader {
    /// The file that `name` means when the file `from` (its display name) includes it, or when the user asks for it:
    /// its display name and its text. Equal display names mean the same file.
    fn load(&self, name: &str, from: Option<&str>) -> Option<(String, String)>;
}

/// Loads a model and puts the files it includes in their places.
///
/// A file is parsed once, however often it is included. An include whose file does not exist keeps `None`: that is an
/// error only where it is reached, which [`crate::check`] decides.
pub fn load(
    loader: &dyn Loader,
    name: &str,
    sources: &mut SourceMap,
) -> (Option<Arc<Model>>, Vec<Diagnostic>) {
    match loader.load(name, None) {
        Some((display, text)) => load_text(loader, &display, text, sources),
        None => {
            let file = sources.add(name, "");
            let message = format!("there is no model `{name}`");
            (None, vec![Diagnostic::error("cat::missing-model", Span::new(file, 0, 0), message)])
        }
    }
}

/// Does what [`load`] does for a text that is already there; `name` is its display name.
pub fn load_text(
    loader: &dyn Loader,
    name: &str,
    text: impl Into<String>,
    sources: &mut SourceMap,
) -> (Option<Arc<Model>>, Vec<Diagnostic>) {
    let mut files =
        Files { loader, sources, loaded: FxHashMap::default(), open: Vec::new(), diagnostics: Vec::new() };
    let model = files.read(name.to_owned(), text.into());
    (Some(model), files.diagnostics)
}

struct Files<'a> {
    loader: &'a dyn Loader,
    sources: &'a mut SourceMap,
    /// Finished files by display name.
    loaded: FxHashMap<String, Arc<Model>>,
    /// The display names of the files that are being read, outermost first.
    open: Vec<String>,
    diagnostics: Vec<Diagnostic>,
}

impl Files<'_> {
    fn read(&mut self, name: String, text: String) -> Arc<Model> {
        let file = self.sources.add(name.clone(), text);
        let (mut model, diagnostics) = parse(file, &self.sources.file(file).text);
        self.diagnostics.extend(diagnostics);
        self.open.push(name.clone());
        self.resolve(&mut model.items);
        self.open.pop();
        let model = Arc::new(model);
        self.loaded.insert(name, model.clone());
        model
    }

    fn resolve(&mut self, items: &mut [Item]) {
        for item in items {
            let span = item.span;
            match &mut item.kind {
                ItemKind::Include { path, model } => *model = self.include(path, span),
                ItemKind::Procedure { body, .. } | ItemKind::Forall(_, _, body) => self.resolve_body(body),
                ItemKind::Match(_, clauses, default) => {
                    for (_, body) in clauses {
                        self.resolve_body(body);
                    }
                    if let Some(body) = default {
                        self.resolve_body(body);
                    }
                }
                ItemKind::If(_, yes, no) => {
                    self.resolve_body(yes);
                    self.resolve_body(no);
                }
                _ => {}
            }
        }
    }

    fn resolve_body(&mut self, body: &mut Arc<[Item]>) {
        // The parser has just made it, so nobody else holds it.
        if let Some(items) = Arc::get_mut(body) {
            self.resolve(items);
        }
    }

    fn include(&mut self, path: &str, span: Span) -> Option<Arc<Model>> {
        let (name, text) = self.loader.load(path, self.open.last().map(String::as_str))?;
        if let Some(model) = self.loaded.get(&name) {
            return Some(model.clone());
        }
        if let Some(first) = self.open.iter().position(|open| *open == name) {
            let mut chain: Vec<&str> = self.open[first..].iter().map(String::as_str).collect();
            chain.push(&name);
            let message = format!("`{name}` includes itself");
            let error = Diagnostic::error("cat::include-cycle", span, message)
                .with_help(format!("the chain is {}", chain.join(" → ")));
            self.diagnostics.push(error);
            return None;
        }
        if self.open.len() >= MAX_INCLUDES {
            let message = format!("more than {MAX_INCLUDES} files include one another in a chain");
            self.diagnostics.push(Diagnostic::error("cat::include-depth", span, message));
            return None;
        }
        Some(self.read(name, text))
    }
}
