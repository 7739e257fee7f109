//! What a look at the text shows: names without use, tags and variants that do not exist.

use super::{CheckOptions, walk};
use crate::ast::{Expr, ExprKind, Item, ItemKind, Model, Name, Pattern, Role};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;
use syntax::{Diagnostic, FileId, Span};

/// What all models together declare and mention.
#[derive(Default)]
pub(super) struct Survey<'m> {
    /// The tags, in the order of declaration, with the names of their enums.
    tags: Vec<(&'m str, &'m str)>,
    /// For each tag the places in `tags`.
    by_tag: FxHashMap<&'m str, Vec<usize>>,
    /// The tags of each enum.
    enums: FxHashMap<&'m str, Vec<&'m str>>,
    /// Tags with the first letter in upper case.
    capitalised: FxHashSet<String>,
    /// The names that some instruction binds.
    bound: FxHashSet<&'m str>,
    /// The names that are used.
    mentioned: FxHashSet<&'m str>,
    /// Whether the model is one to run as it is: it checks something, and is no bell file.
    is_complete: bool,
}

impl<'m> Survey<'m> {
    pub(super) fn of(model: &'m Model, prelude: &'m [Arc<Model>]) -> Survey<'m> {
        let mut survey = Survey::default();
        for model in prelude.iter().map(|model| &**model).chain([model]) {
            walk::each_item(model, &mut |item| survey.item(item));
        }
        survey.is_complete = is_complete(&model.items);
        survey
    }

    fn item(&mut self, item: &'m Item) {
        match &item.kind {
            ItemKind::Enum(name, tags) => self.declare(name, tags),
            ItemKind::Let(bindings) | ItemKind::LetRec(bindings, _) => {
                for binding in bindings {
                    let names = match &binding.pattern {
                        Pattern::Name(name) => std::slice::from_ref(name),
                        Pattern::Tuple(names) => names,
                    };
                    self.bound.extend(names.iter().flatten().map(|name| &*name.text));
                }
            }
            ItemKind::Show(names, None) | ItemKind::Unshow(names) => {
                self.mentioned.extend(names.iter().map(|name| &*name.text));
            }
            ItemKind::Call { procedure, .. } => {
                self.mentioned.insert(&procedure.text);
            }
            _ => {}
        }
        walk::each_expr(item, &mut |expr| {
            if let ExprKind::Var(name) = &expr.kind {
                self.mentioned.insert(name);
            }
        });
    }

    fn declare(&mut self, name: &'m Name, tags: &'m [Name]) {
        for tag in tags {
            self.by_tag.entry(&tag.text).or_default().push(self.tags.len());
            self.tags.push((&tag.text, &name.text));
            let mut letters = tag.text.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            self.capitalised.insert(first.into_iter().chain(letters).collect());
        }
        self.enums.insert(&name.text, tags.iter().map(|tag| &*tag.text).collect());
    }

    /// Whether some instruction binds the name, perhaps where it is not visible.
    pub(super) fn is_bound(&self, name: &str) -> bool {
        self.bound.contains(name)
    }

    /// Whether a set or relation of that name may come from a tag: of annotations, scopes, levels or regions.
    pub(super) fn is_made_by_tag(&self, name: &str) -> bool {
        self.capitalised.contains(name) || self.by_tag.contains_key(name)
    }
}

fn is_complete(items: &[Item]) -> bool {
    let is_bell = |item: &Item| matches!(item.kind, ItemKind::Instructions(..) | ItemKind::Default(..));
    let checks = |item: &Item| matches!(item.kind, ItemKind::Check { .. } | ItemKind::Call { .. });
    items.iter().any(checks) && !items.iter().any(is_bell)
}

/// Names that bell files define for whoever reads them, and names that models define out of habit.
const FINE_WITHOUT_USE: [&str; 11] =
    ["coe", "coi", "com", "fr", "fre", "fri", "narrower", "po-loc", "rfe", "rfi", "wider"];

/// Warns of what looks wrong in the model's own file.
pub(super) fn lint(
    model: &Model,
    options: &CheckOptions<'_>,
    survey: &Survey<'_>,
    file: FileId,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut linter = Linter { options, survey, diagnostics };
    walk::each_item(model, &mut |item| {
        if item.span.file == file {
            linter.item(item);
            walk::each_expr(item, &mut |expr| linter.expr(expr));
        }
    });
}

struct Linter<'l> {
    options: &'l CheckOptions<'l>,
    survey: &'l Survey<'l>,
    diagnostics: &'l mut Vec<Diagnostic>,
}

impl Linter<'_> {
    fn warn(&mut self, code: &'static str, span: Span, message: String) -> &mut Diagnostic {
        self.diagnostics.push(Diagnostic::warning(code, span, message));
        let last = self.diagnostics.len() - 1;
        &mut self.diagnostics[last]
    }

    fn item(&mut self, item: &Item) {
        match &item.kind {
            ItemKind::Let(bindings) | ItemKind::LetRec(bindings, _) => {
                for binding in bindings {
                    match &binding.pattern {
                        Pattern::Name(Some(name)) => self.unused(name, "is never used"),
                        Pattern::Tuple(names) if names.iter().flatten().all(|name| self.is_unused(name)) => {
                            names.iter().flatten().take(1).for_each(|name| {
                                self.unused(name, "and what is bound with it are never used");
                            });
                        }
                        _ => {}
                    }
                }
            }
            ItemKind::Procedure { name, .. } => self.unused(name, "is never called"),
            ItemKind::Check { check, role: Role::Flag } if check.name.is_none() => {
                let message = "this flag has no name, so nothing shows that it was raised".to_owned();
                self.warn("cat::unnamed-flag", item.span, message).help =
                    Some("add `as` and a name".to_owned());
            }
            ItemKind::If(condition, ..) => self.variants(condition),
            ItemKind::Match(_, clauses, default) => {
                let tags: Vec<&Name> = clauses.iter().map(|(tag, _)| tag).collect();
                self.clauses(&tags, default.is_some(), item.span);
            }
            _ => {}
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::If(condition, ..) => self.variants(condition),
            ExprKind::Tag(tag) => self.tag(tag, expr.span),
            ExprKind::MatchTag(_, clauses, default) => {
                let tags: Vec<&Name> = clauses.iter().map(|(tag, _)| tag).collect();
                self.clauses(&tags, default.is_some(), expr.span);
            }
            _ => {}
        }
    }

    fn is_unused(&self, name: &Name) -> bool {
        let is_private = name.text.starts_with('_') || FINE_WITHOUT_USE.contains(&&*name.text);
        self.survey.is_complete && !is_private && !self.survey.mentioned.contains(&*name.text)
    }

    fn unused(&mut self, name: &Name, how: &str) {
        if self.is_unused(name) {
            let message = format!("`{}` {how}", name.text);
            self.warn("cat::unused-binding", name.span, message);
        }
    }

    fn variants(&mut self, condition: &crate::ast::Condition) {
        let known = self.options.known_variants;
        walk::variants(condition, &mut |name, span| {
            let is_known = known.iter().any(|known| known.eq_ignore_ascii_case(name));
            if known.is_empty() || is_known {
                return;
            }
            let message = format!("there is no variant `{name}`, so it is always off");
            let warning = Diagnostic::warning("cat::unknown-variant", span, message);
            self.diagnostics.push(warning.with_suggestion(name, known.iter().copied()));
        });
    }

    fn tag(&mut self, tag: &str, span: Span) {
        if self.survey.tags.is_empty() || self.survey.by_tag.contains_key(tag) {
            return;
        }
        let warning = Diagnostic::warning("cat::unknown-tag", span, format!("no enum has the tag `'{tag}`"));
        self.diagnostics.push(warning.with_suggestion(tag, self.survey.tags.iter().map(|(tag, _)| *tag)));
    }

    /// The clauses of a match on tags: each tag exists, and together they cover an enum.
    fn clauses(&mut self, tags: &[&Name], has_default: bool, span: Span) {
        for tag in tags {
            self.tag(&tag.text, tag.span);
        }
        let Some(enums) = tags.first().and_then(|tag| self.survey.by_tag.get(&*tag.text)) else { return };
        let [only] = enums[..] else { return };
        let name = self.survey.tags[only].1;
        let Some(all) = self.survey.enums.get(name) else { return };
        if let Some(stranger) = tags.iter().find(|tag| !all.contains(&&*tag.text)) {
            if self.survey.by_tag.contains_key(&*stranger.text) {
                let message = format!("`'{}` is no tag of `{name}`, as the other clauses are", stranger.text);
                self.warn("cat::wrong-tag", stranger.span, message);
            }
            return;
        }
        let missing: Vec<String> = all
            .iter()
            .filter(|tag| tags.iter().all(|clause| *clause.text != ***tag))
            .map(|tag| format!("`'{tag}`"))
            .collect();
        if !has_default && !missing.is_empty() {
            let message = format!("there is no clause for {}", missing.join(", "));
            self.warn("cat::missing-clause", span, message).help = Some("add a clause `_ -> …`".to_owned());
        }
    }
}
