//! Runs a bell file without an execution, for its declarations.

use super::{Allowed, Bell, Hierarchy, Kind};
use crate::ast::{Binding, Expr, ExprKind, Item, ItemKind, Model, Name, Pattern};
use crate::eval::interp::Interp;
use crate::eval::scope::{Scope, State, Thunk};
use crate::eval::{Candidate, Environment, EvalError, Limits, Value};
use relation::{Relation, Set};
use std::collections::BTreeSet;
use std::sync::Arc;
use syntax::{Diagnostic, Span};

/// How many expressions and instructions may be evaluated.
const MAX_STEPS: u64 = 1_000_000;

/// How many tags all declarations together may name.
const MAX_TAGS: usize = 100_000;

/// How many tags a hierarchy may have.
const MAX_GROUPS: usize = 200;

/// What a bell file declares. Checks, `show`, `call`, `forall` and `with` are passed over, and fixed points are not
/// computed. Nothing in it is certain if there are errors.
pub fn collect(model: &Model, variants: &dyn Fn(&str) -> bool) -> (Bell, Vec<Diagnostic>) {
    let limits = Limits { steps: MAX_STEPS, ..Limits::default() };
    let environment = Environment { variants, skip_checks: &[], limits, ..Environment::default() };
    let interp = Interp::new(&Nothing, &environment);
    let mut collector = Collector {
        interp: &interp,
        scope: Scope::default(),
        bell: Bell { title: model.title.clone(), ..Bell::default() },
        diagnostics: Vec::new(),
        groups: Vec::new(),
        named: 0,
    };
    collector.items(&model.items);
    collector.orders();
    (collector.bell, collector.diagnostics)
}

/// An execution without events.
struct Nothing;

impl Candidate for Nothing {
    fn universe(&self) -> usize {
        0
    }

    fn set(&self, _name: &str) -> Option<Set> {
        None
    }

    fn relation(&self, _name: &str) -> Option<Relation> {
        None
    }

    fn location_classes(&self) -> Vec<Set> {
        Vec::new()
    }

    fn different_values(&self, _i: usize, _j: usize) -> bool {
        false
    }

    fn events_on(&self, _global: &str) -> Option<Set> {
        None
    }
}

struct Collector<'m, 'e> {
    interp: &'e Interp<'m, 'e>,
    scope: Scope<'m>,
    bell: Bell,
    diagnostics: Vec<Diagnostic>,
    /// Where the enumerations of groups of threads are declared.
    groups: Vec<&'m Name>,
    /// How many tags the declarations name.
    named: usize,
}

impl<'m> Collector<'m, '_> {
    fn items(&mut self, items: &'m [Item]) {
        items.iter().for_each(|item| self.item(item));
    }

    fn item(&mut self, item: &'m Item) {
        match &item.kind {
            ItemKind::Let(bindings) => self.scope = self.interp.bind_all(&self.scope, bindings),
            ItemKind::LetRec(bindings, _) => self.bind_rec(bindings),
            ItemKind::Include { model: Some(model), .. } => self.items(&model.items),
            ItemKind::Enum(name, tags) => self.declare(name, tags),
            ItemKind::If(condition, yes, no) => match self.interp.condition(&self.scope, condition) {
                Ok(true) => self.items(yes),
                Ok(false) => self.items(no),
                // It depends on the execution, so nothing is declared in it.
                Err(_) => {}
            },
            ItemKind::Instructions(word, annotations) => self.instructions(word, annotations),
            ItemKind::Default(word, annotations) => self.default(word, annotations),
            ItemKind::Check { .. }
            | ItemKind::Include { model: None, .. }
            | ItemKind::Show(..)
            | ItemKind::Unshow(_)
            | ItemKind::Procedure { .. }
            | ItemKind::Call { .. }
            | ItemKind::Forall(..)
            | ItemKind::With(..)
            | ItemKind::Match(..)
            | ItemKind::Debug(_) => {}
        }
    }

    /// Functions are bound; what would have to be computed has no value.
    fn bind_rec(&mut self, bindings: &'m [Binding]) {
        if bindings.iter().all(|binding| matches!(binding.expr.kind, ExprKind::Fun(..))) {
            match self.interp.bind_rec(&self.scope, bindings, None) {
                Ok(scope) => self.scope = scope.unwrap_or_default(),
                Err(error) => self.diagnostics.push(error.diagnostic()),
            }
            return;
        }
        for binding in bindings {
            let names = match &binding.pattern {
                Pattern::Name(name) => std::slice::from_ref(name),
                Pattern::Tuple(names) => names,
            };
            for name in names.iter().flatten() {
                let message = format!("`{}` depends on an execution", name.text);
                let state = State::Failed(EvalError::failure(name.span, message));
                self.scope = self.scope.with(&name.text, Thunk::new(state));
            }
        }
    }

    fn declare(&mut self, name: &'m Name, tags: &'m [Name]) {
        let all = self.interp.declare(name, tags);
        self.scope = self.scope.with_value(&name.text, all);
        if matches!(&*name.text, "scopes" | "levels") {
            self.groups.push(name);
        }
        self.bell.enums.push((name.text.clone(), tags.iter().map(|tag| tag.text.clone()).collect()));
    }

    fn instructions(&mut self, word: &'m Name, annotations: &'m [Expr]) {
        let Some(kind) = self.kind(word) else { return };
        let mut places = Vec::new();
        for annotation in annotations {
            match self.allowed(annotation) {
                Ok(allowed) => places.push(allowed),
                Err(diagnostic) => return self.diagnostics.push(diagnostic),
            }
        }
        let count = |place: &Allowed| if let Allowed::Tags(tags) = place { tags.len() } else { 1 };
        self.named += places.iter().map(count).sum::<usize>();
        if self.named > MAX_TAGS {
            return self.too_large(word.span);
        }
        self.bell.alternatives.entry(kind).or_default().push(places);
    }

    fn default(&mut self, word: &'m Name, annotations: &'m [Expr]) {
        let Some(kind) = self.kind(word) else { return };
        let mut tags = Vec::new();
        for annotation in annotations {
            match self.value(annotation) {
                Ok(Value::Tag(tag)) => tags.push(tag.text),
                Ok(_) => return self.diagnostics.push(not_tags(annotation.span, "a tag")),
                Err(diagnostic) => return self.diagnostics.push(diagnostic),
            }
        }
        self.bell.defaults.insert(kind, tags);
    }

    fn too_large(&mut self, span: Span) {
        if self.diagnostics.iter().all(|known| known.code != "cat::limit") {
            let message = "the bell file declares too much";
            self.diagnostics.push(Diagnostic::error("cat::limit", span, message));
        }
    }

    fn kind(&mut self, word: &Name) -> Option<Kind> {
        let kind = Kind::from_word(&word.text);
        if kind.is_none() {
            let message = format!("`{}` is no kind of instruction", word.text);
            let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.word()).collect();
            let help = format!("the kinds are {} and CALL", known.join(", "));
            self.diagnostics.push(Diagnostic::error("bell::kind", word.span, message).with_help(help));
        }
        kind
    }

    fn value(&self, expr: &'m Expr) -> Result<Value<'m>, Diagnostic> {
        self.interp.eval(&self.scope, expr).map_err(|error| error.diagnostic())
    }

    fn allowed(&self, expr: &'m Expr) -> Result<Allowed, Diagnostic> {
        match self.value(expr)? {
            Value::Universe => Ok(Allowed::Any),
            value => {
                tags(&value).map(Allowed::Tags).ok_or_else(|| not_tags(expr.span, "a tag or a set of tags"))
            }
        }
    }

    /// Computes the orders of scopes and levels, now that the functions that say them are there.
    fn orders(&mut self) {
        self.bell.scopes = self.hierarchy("scopes");
        self.bell.levels = self.hierarchy("levels");
        self.bell.regions = self.enumeration("regions");
    }

    fn enumeration(&self, name: &str) -> Option<Vec<Arc<str>>> {
        self.bell.enums.iter().find(|(known, _)| &**known == name).map(|(_, tags)| tags.clone())
    }

    /// The tags of an enumeration, ordered by `narrower` or `wider`.
    fn hierarchy(&mut self, name: &str) -> Option<Hierarchy> {
        let tags = self.enumeration(name)?;
        let span =
            self.groups.iter().find(|known| &*known.text == name).map_or(Span::default(), |name| name.span);
        if tags.len() > MAX_GROUPS {
            self.too_large(span);
            return None;
        }
        let mut hierarchy = Hierarchy { tags, narrower: BTreeSet::new() };
        for (function, is_narrower) in [("narrower", true), ("wider", false)] {
            for tag in &hierarchy.tags {
                // A function may say nothing about a tag, or be about the tags of another enumeration.
                let Some(found) = self.related(function, tag) else { continue };
                for other in found.into_iter().filter(|other| hierarchy.tags.contains(other)) {
                    let pair = if is_narrower { (tag.clone(), other) } else { (other, tag.clone()) };
                    hierarchy.narrower.insert(pair);
                }
            }
        }
        if let Some(tag) = cyclic(&hierarchy) {
            let message = format!("`{name}` is no hierarchy: '{tag} is narrower than itself");
            self.diagnostics.push(Diagnostic::error("bell::hierarchy", span, message));
        }
        Some(hierarchy)
    }

    fn related(&self, function: &str, tag: &Arc<str>) -> Option<BTreeSet<Arc<str>>> {
        self.scope.get(function)?;
        let span = Span::default();
        let function = self.interp.lookup(&self.scope, function, span).ok()?;
        let argument = self.interp.tag(tag, span).ok()?;
        tags(&self.interp.apply(&function, argument, span).ok()?)
    }
}

/// The tags that a value stands for.
fn tags(value: &Value<'_>) -> Option<BTreeSet<Arc<str>>> {
    let text = |value: &Value<'_>| match value {
        Value::Tag(tag) => Some(tag.text.clone()),
        _ => None,
    };
    match value {
        Value::Empty => Some(BTreeSet::new()),
        Value::Tag(_) => Some(text(value).into_iter().collect()),
        Value::Collection(collection) => collection.elements.iter().map(text).collect(),
        _ => None,
    }
}

fn not_tags(span: Span, expected: &str) -> Diagnostic {
    Diagnostic::error("bell::annotation", span, format!("expected {expected}"))
}

/// A tag that is narrower than itself, through others.
fn cyclic(hierarchy: &Hierarchy) -> Option<&Arc<str>> {
    hierarchy.tags.iter().find(|start| {
        let mut seen = BTreeSet::new();
        let mut todo = vec![*start];
        while let Some(tag) = todo.pop() {
            for (_, next) in hierarchy.narrower.iter().filter(|(wide, _)| wide == tag) {
                if next == *start {
                    return true;
                }
                if seen.insert(next) {
                    todo.push(next);
                }
            }
        }
        false
    })
}
