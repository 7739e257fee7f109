//! Writes models as text: `parse(print(m))` is `m`, but for the places.

use crate::ast::{
    Binary, Binding, Check, Condition, Expr, ExprKind, Item, ItemKind, Model, Name, Pattern, Role, Test,
    Unary,
};

/// Lines longer than this are broken at the unions of the outermost expression.
const WIDTH: usize = 100;

/// The text of a model. Included files are not part of it.
pub fn print(model: &Model) -> String {
    let mut printer = Printer::default();
    printer.header(model);
    printer.items(&model.items);
    if !model.items.is_empty() {
        printer.text("\n");
    }
    printer.out
}

/// The text of an expression, on one line.
pub fn print_expr(expr: &Expr) -> String {
    let mut printer = Printer::default();
    printer.expr(expr);
    printer.out
}

/// What kind of thing an expression is to the operators around it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// Starts with a word and extends as far as it can.
    Open,
    /// A binary operator, with its level, up to 5.
    Binary(u8),
    /// `a * b`
    Product,
    /// `~a`
    Complement,
    /// `a+`, and `a+^-1`.
    Postfix,
    /// Anything tighter: `a^-1`, `f x`, `a`, `[a]`.
    Tight,
}

fn class(expr: &Expr) -> Class {
    match &expr.kind {
        ExprKind::Let(..)
        | ExprKind::LetRec(..)
        | ExprKind::Fun(..)
        | ExprKind::Try(..)
        | ExprKind::If(..)
        | ExprKind::MatchTag(..)
        | ExprKind::MatchSet { .. } => Class::Open,
        ExprKind::Binary(Binary::Product, ..) => Class::Product,
        ExprKind::Binary(operator, ..) => Class::Binary(level(*operator)),
        ExprKind::Unary(Unary::Complement, _) => Class::Complement,
        ExprKind::Unary(Unary::Inverse, inner) if class(inner) != Class::Postfix => Class::Tight,
        ExprKind::Unary(..) => Class::Postfix,
        _ => Class::Tight,
    }
}

fn level(operator: Binary) -> u8 {
    match operator {
        Binary::Union => 1,
        Binary::Add => 2,
        Binary::Sequence => 3,
        Binary::Difference => 4,
        Binary::Intersection => 5,
        Binary::Product => 6,
    }
}

fn symbol(operator: Binary) -> &'static str {
    match operator {
        Binary::Union => " | ",
        Binary::Add => " ++ ",
        Binary::Sequence => "; ",
        Binary::Difference => " \\ ",
        Binary::Intersection => " & ",
        Binary::Product => " * ",
    }
}

#[derive(Default)]
struct Printer {
    out: String,
    indent: usize,
    /// Whether the instruction that follows starts with `~`: then none may end with `*`, which would make a product.
    before_tilde: bool,
}

impl Printer {
    fn text(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn line_break(&mut self) {
        self.out.push('\n');
        for _ in 0..self.indent {
            self.out.push_str("  ");
        }
    }

    /// Prints the parts with `separator` between them.
    fn list<T>(&mut self, parts: &[T], separator: &str, mut print: impl FnMut(&mut Self, &T)) {
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                self.text(separator);
            }
            print(self, part);
        }
    }

    fn header(&mut self, model: &Model) {
        let word = model.first_word.as_ref().map(|word| &*word.text);
        let title = model.title.as_deref().filter(|title| Some(*title) != word);
        match (word, title) {
            (Some(word), Some(title)) => self.text(&format!("{word} \"{title}\"\n")),
            (Some(word), None) => self.text(&format!("{word}\n")),
            (None, Some(title)) => self.text(&format!("\"{title}\"\n")),
            (None, None) => {}
        }
        if model.catdep {
            self.text("catdep\n");
        }
        if !self.out.is_empty() && !model.items.is_empty() {
            self.text("\n");
        }
    }

    fn items(&mut self, items: &[Item]) {
        for (at, item) in items.iter().enumerate() {
            self.before_tilde = items.get(at + 1).is_some_and(starts_with_tilde);
            self.item(&item.kind);
            if at + 1 < items.len() {
                self.line_break();
            }
        }
    }

    /// Instructions inside an instruction, each on its own line.
    fn body(&mut self, items: &[Item]) {
        self.indent += 1;
        if !items.is_empty() {
            self.line_break();
        }
        self.items(items);
        self.indent -= 1;
        self.line_break();
    }

    fn item(&mut self, kind: &ItemKind) {
        match kind {
            ItemKind::Let(bindings) => {
                self.text("let ");
                self.bindings(bindings, "\n  and ");
            }
            ItemKind::LetRec(bindings, when) => {
                self.text("let rec ");
                self.bindings(bindings, "\n  and ");
                if let Some(check) = when {
                    self.text(" when ");
                    self.check(check);
                }
            }
            ItemKind::Check { check, role } => {
                self.text(match role {
                    Role::Require => "",
                    Role::Flag => "flag ",
                    Role::UndefinedUnless => "undefined_unless ",
                    Role::Assert => "assert ",
                });
                self.check(check);
            }
            ItemKind::Include { path, .. } => self.text(&format!("include \"{path}\"")),
            ItemKind::Show(names, None) => {
                self.text("show ");
                self.names(names);
            }
            ItemKind::Show(names, Some(expr)) => {
                self.text("show ");
                self.base(expr);
                self.text(" as ");
                self.names(names);
            }
            ItemKind::Unshow(names) => {
                self.text("unshow ");
                self.names(names);
            }
            ItemKind::Procedure { name, params, body, recursive } => {
                self.text(if *recursive { "procedure rec " } else { "procedure " });
                self.text(&name.text);
                self.parameters(params);
                self.text(" =");
                self.body(body);
                self.text("end");
            }
            ItemKind::Call { procedure, args, name } => {
                self.text("call ");
                self.text(&procedure.text);
                self.argument(args, false);
                self.optional_as(name.as_ref());
            }
            ItemKind::Enum(name, tags) => {
                self.text("enum ");
                self.text(&name.text);
                self.text(" = ");
                self.list(tags, " || ", Self::tag);
            }
            ItemKind::Forall(name, set, body) => {
                self.text("forall ");
                self.text(&name.text);
                self.text(" in ");
                self.expr(set);
                self.text(" do");
                self.body(body);
                self.text("end");
            }
            ItemKind::With(name, set) => {
                self.text("with ");
                self.text(&name.text);
                self.text(" from ");
                self.last_expr(set);
            }
            ItemKind::Match(subject, clauses, default) => {
                self.match_item(subject, clauses, default.as_deref())
            }
            ItemKind::If(condition, yes, no) => {
                self.text("if ");
                self.condition(condition, 0);
                self.body(yes);
                if !no.is_empty() {
                    self.text("else");
                    self.body(no);
                }
                self.text("end");
            }
            ItemKind::Debug(expr) => {
                self.text("debug ");
                self.last_expr(expr);
            }
            ItemKind::Instructions(kind, annotations) => self.bell("instructions ", kind, annotations),
            ItemKind::Default(kind, annotations) => self.bell("default ", kind, annotations),
        }
    }

    fn match_item(
        &mut self,
        subject: &Expr,
        clauses: &[(Name, std::sync::Arc<[Item]>)],
        default: Option<&[Item]>,
    ) {
        self.text("match ");
        self.expr(subject);
        self.text(" with");
        self.line_break();
        for (tag, body) in clauses {
            self.text("|| ");
            self.tag(tag);
            self.text(" ->");
            self.body(body);
        }
        if let Some(body) = default {
            self.text("|| _ ->");
            self.body(body);
        }
        self.text("end");
    }

    fn bell(&mut self, word: &str, kind: &Name, annotations: &[Expr]) {
        self.text(word);
        self.text(&kind.text);
        self.text("[");
        self.list(annotations, ", ", Self::base);
        self.text("]");
    }

    fn check(&mut self, check: &Check) {
        self.text(if check.negated { "~" } else { "" });
        self.text(match check.test {
            Test::Acyclic => "acyclic ",
            Test::Irreflexive => "irreflexive ",
            Test::Empty => "empty ",
        });
        self.last_expr(&check.expr);
        self.optional_as(check.name.as_ref());
    }

    fn optional_as(&mut self, name: Option<&Name>) {
        if let Some(name) = name {
            self.text(" as ");
            self.text(&name.text);
        }
    }

    fn names(&mut self, names: &[Name]) {
        self.list(names, ", ", |p, name| p.text(&name.text));
    }

    fn tag(&mut self, tag: &Name) {
        self.text("'");
        self.text(&tag.text);
    }

    fn bindings(&mut self, bindings: &[Binding], and: &str) {
        let and = if self.indent == 0 { and.to_owned() } else { " and ".to_owned() };
        self.list(bindings, &and, |p, binding| p.binding(binding, true));
    }

    fn binding(&mut self, binding: &Binding, is_item: bool) {
        let body = match (&binding.pattern, &binding.expr.kind) {
            (Pattern::Name(Some(name)), ExprKind::Fun(parameters, body)) if binding.is_function => {
                self.text(&name.text);
                self.parameters(parameters);
                body
            }
            _ => {
                self.pattern(&binding.pattern);
                &binding.expr
            }
        };
        self.text(" = ");
        if is_item { self.last_expr(body) } else { self.expr(body) }
    }

    /// The parameters of a function or procedure, behind its name.
    fn parameters(&mut self, pattern: &Pattern) {
        if matches!(pattern, Pattern::Name(_)) {
            self.text(" ");
        }
        self.pattern(pattern);
    }

    fn pattern(&mut self, pattern: &Pattern) {
        match pattern {
            Pattern::Name(name) => self.name_or_underscore(name),
            Pattern::Tuple(names) => {
                self.text("(");
                self.list(names, ", ", Self::name_or_underscore);
                self.text(")");
            }
        }
    }

    fn name_or_underscore(&mut self, name: &Option<Name>) {
        self.text(name.as_ref().map_or("_", |name| &*name.text));
    }

    /// The expression at the end of an instruction.
    fn last_expr(&mut self, expr: &Expr) {
        let start = self.out.len();
        self.expr(expr);
        let line_start = self.out.rfind('\n').map_or(0, |at| at + 1);
        if self.out.len() - line_start > WIDTH && class(expr) == Class::Binary(1) {
            self.out.truncate(start);
            self.union_lines(expr);
        }
        if self.before_tilde && self.out.ends_with('*') {
            self.out.insert(start, '(');
            self.text(")");
        }
    }

    /// Each operand of a union on its own line.
    fn union_lines(&mut self, expr: &Expr) {
        self.indent += 1;
        let mut rest = expr;
        while let ExprKind::Binary(Binary::Union, left, right) = &rest.kind {
            self.operand(left, class(left) > Class::Binary(1));
            self.line_break();
            self.text("| ");
            rest = right;
        }
        self.operand(rest, class(rest) > Class::Binary(1));
        self.indent -= 1;
    }

    fn operand(&mut self, expr: &Expr, fits: bool) {
        if fits {
            self.expr(expr);
        } else {
            self.text("(");
            self.expr(expr);
            self.text(")");
        }
    }

    /// An expression where no word may start one.
    fn base(&mut self, expr: &Expr) {
        self.operand(expr, class(expr) != Class::Open);
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::EmptyRelation => self.text("0"),
            ExprKind::Empty => self.text("{}"),
            ExprKind::Universe => self.text("_"),
            ExprKind::Var(name) => self.text(name),
            ExprKind::Tag(name) => {
                self.text("'");
                self.text(name);
            }
            ExprKind::Explicit(elements) => {
                self.text("{");
                self.list(elements, ", ", Self::base);
                self.text("}");
            }
            ExprKind::Tuple(parts) => {
                self.text("(");
                self.list(parts, ", ", Self::base);
                self.text(")");
            }
            ExprKind::IdentityOn(set) => {
                self.text("[");
                self.expr(set);
                self.text("]");
            }
            ExprKind::Apply(function, argument) => {
                self.expr(function);
                self.argument(argument, true);
            }
            ExprKind::Unary(operator, inner) => self.unary(*operator, inner),
            ExprKind::Binary(operator, left, right) => self.binary(*operator, left, right),
            ExprKind::Let(bindings, body) => self.let_in("let ", bindings, body),
            ExprKind::LetRec(bindings, body) => self.let_in("let rec ", bindings, body),
            ExprKind::Fun(pattern, body) => {
                self.text("fun ");
                self.pattern(pattern);
                self.text(" -> ");
                self.expr(body);
            }
            ExprKind::Try(first, second) => {
                self.text("try ");
                self.expr(first);
                self.text(" with ");
                self.expr(second);
            }
            ExprKind::If(condition, yes, no) => {
                self.text("if ");
                self.condition(condition, 0);
                self.text(" then ");
                self.expr(yes);
                self.text(" else ");
                self.expr(no);
            }
            ExprKind::MatchTag(subject, clauses, default) => {
                self.match_tag(subject, clauses, default.as_deref());
            }
            ExprKind::MatchSet { set, empty, before, element, rest, body } => {
                self.text("match ");
                self.expr(set);
                self.text(" with {} -> ");
                self.expr(empty);
                self.text(" || ");
                if let Some(before) = before {
                    self.name_or_underscore(before);
                    self.text(" | ");
                }
                self.name_or_underscore(element);
                self.text(" ++ ");
                self.name_or_underscore(rest);
                self.text(" -> ");
                self.expr(body);
                self.text(" end");
            }
        }
    }

    /// What a function or procedure is applied to: a name (if it may be one), or something in brackets.
    fn argument(&mut self, expr: &Expr, may_be_name: bool) {
        let is_bare = match &expr.kind {
            ExprKind::Var(_) => may_be_name,
            ExprKind::Tuple(_) => return self.expr(expr),
            ExprKind::EmptyRelation
            | ExprKind::Empty
            | ExprKind::Universe
            | ExprKind::Tag(_)
            | ExprKind::Explicit(_)
            | ExprKind::IdentityOn(_) => true,
            _ => false,
        };
        if is_bare {
            self.text(" ");
        }
        self.operand(expr, is_bare);
    }

    fn unary(&mut self, operator: Unary, inner: &Expr) {
        if operator == Unary::Complement {
            self.text("~");
            return self.operand(inner, matches!(class(inner), Class::Complement | Class::Tight));
        }
        self.operand(inner, class(inner) >= Class::Postfix);
        if operator == Unary::Plus && self.out.ends_with('+') {
            // `++` is another operator.
            self.text(" ");
        }
        self.text(match operator {
            Unary::Star => "*",
            Unary::Plus => "+",
            Unary::Optional => "?",
            Unary::Inverse | Unary::Complement => "^-1",
        });
    }

    fn binary(&mut self, operator: Binary, left: &Expr, right: &Expr) {
        let own = Class::Binary(level(operator));
        let (left_fits, right_fits) = match operator {
            Binary::Product => (class(left) >= Class::Postfix, class(right) == Class::Tight),
            Binary::Difference => (class(left) >= own, class(right) > own),
            _ => (class(left) > own, class(right) >= own),
        };
        self.operand(left, left_fits);
        self.text(symbol(operator));
        self.operand(right, right_fits);
    }

    fn let_in(&mut self, word: &str, bindings: &[Binding], body: &Expr) {
        self.text(word);
        self.list(bindings, " and ", |p, binding| p.binding(binding, false));
        self.text(" in ");
        self.expr(body);
    }

    fn match_tag(&mut self, subject: &Expr, clauses: &[(Name, Expr)], default: Option<&Expr>) {
        self.text("match ");
        self.expr(subject);
        self.text(" with ");
        self.list(clauses, " || ", |p, (tag, body)| {
            p.tag(tag);
            p.text(" -> ");
            p.expr(body);
        });
        if let Some(body) = default {
            self.text(if clauses.is_empty() { "_ -> " } else { " || _ -> " });
            self.expr(body);
        }
        self.text(" end");
    }

    /// `outer` is 0 for the whole condition, 1 inside `||`, 2 inside `&&` and 3 inside `not`.
    fn condition(&mut self, condition: &Condition, outer: u8) {
        let (own, operator, left, right) = match condition {
            Condition::Equal(left, right) => return self.comparison(left, " = ", right),
            Condition::Subset(left, right) => return self.comparison(left, " subset ", right),
            Condition::In(left, right) => return self.comparison(left, " in ", right),
            Condition::Variant(name, _) => return self.text(&format!("\"{name}\"")),
            Condition::Not(inner) => {
                self.text("not ");
                return self.condition(inner, 3);
            }
            Condition::And(left, right) => (2, " && ", left, right),
            Condition::Or(left, right) => (1, " || ", left, right),
        };
        self.text(if outer > own { "(" } else { "" });
        self.condition(left, own);
        self.text(operator);
        self.condition(right, own + 1);
        self.text(if outer > own { ")" } else { "" });
    }

    fn comparison(&mut self, left: &Expr, operator: &str, right: &Expr) {
        self.expr(left);
        self.text(operator);
        self.expr(right);
    }
}

fn starts_with_tilde(item: &Item) -> bool {
    matches!(&item.kind, ItemKind::Check { check, role: Role::Require } if check.negated)
}
