//! Which kinds of values operators and primitives take, and what they make of them.

use super::Checker;
use super::types::{Primitive, Shape, Type};
use crate::ast::{Binary, Expr, ExprKind, Unary};
use crate::print::print_expr;
use syntax::{Diagnostic, Span};

/// An expression as messages show it.
pub(super) fn quoted(expr: &Expr) -> String {
    const LONGEST: usize = 40;
    if (expr.span.end - expr.span.start) as usize > 2 * LONGEST {
        return "this".to_owned();
    }
    let text = print_expr(expr);
    if text.chars().count() > LONGEST { "this".to_owned() } else { format!("`{text}`") }
}

fn symbol(operator: Binary) -> &'static str {
    match operator {
        Binary::Union => "|",
        Binary::Intersection => "&",
        Binary::Difference => "\\",
        Binary::Sequence => ";",
        Binary::Product => "*",
        Binary::Add => "++",
    }
}

impl<'m> Checker<'m, '_> {
    /// Complains if a value cannot be a set of events.
    pub(super) fn need_set(&mut self, found: &Type<'m>, expr: &'m Expr, who: &str) {
        if !matches!(found.shape(), Shape::Any | Shape::Set) {
            self.wrong_kind(found, expr, &format!("{who} needs a set of events"));
        }
    }

    /// Complains if a value cannot be a relation.
    fn need_relation(&mut self, found: &Type<'m>, expr: &'m Expr, who: &str) {
        if !matches!(found.shape(), Shape::Any | Shape::Relation) {
            self.wrong_kind(found, expr, &format!("{who} needs a relation"));
        }
    }

    /// `need` says what is needed, as in “`;` needs a relation”.
    pub(super) fn wrong_kind(&mut self, found: &Type<'m>, expr: &'m Expr, need: &str) {
        let shape = found.shape();
        self.problem("cat::wrong-kind", expr.span, |_| {
            let text = quoted(expr);
            let message = format!("{need}, but {text} is {}", shape.describe());
            let error = Diagnostic::error("cat::wrong-kind", expr.span, message);
            match shape {
                Shape::Set if text != "this" => {
                    error.with_help(format!("the identity on it is `[{}]`", print_expr(expr)))
                }
                Shape::Set => error.with_help("the identity on a set is written `[…]`"),
                Shape::Relation => error.with_help("a set is made of a relation by `domain` and `range`"),
                _ => error,
            }
        });
    }

    pub(super) fn unary(&mut self, operator: Unary, found: Type<'m>, inner: &'m Expr) -> Type<'m> {
        let who = match operator {
            Unary::Complement => return self.complement(found, inner),
            Unary::Star => "`*`",
            Unary::Plus => "`+`",
            Unary::Optional => "`?`",
            Unary::Inverse => "`^-1`",
        };
        self.need_relation(&found, inner, who);
        match found.shape() {
            Shape::Relation => Type::Relation,
            _ => Type::Unknown,
        }
    }

    fn complement(&mut self, found: Type<'m>, inner: &'m Expr) -> Type<'m> {
        match found.shape() {
            Shape::Tuple | Shape::Function => {
                self.wrong_kind(&found, inner, "`~` needs a set or a relation");
                Type::Unknown
            }
            Shape::Set => Type::Set,
            Shape::Relation => Type::Relation,
            Shape::Values => Type::Values,
            Shape::Any if matches!(found, Type::Empty) => Type::Universe,
            Shape::Any if matches!(found, Type::Universe) => Type::Empty,
            Shape::Any => Type::Unknown,
        }
    }

    pub(super) fn binary(
        &mut self,
        operator: Binary,
        left: (&'m Expr, Type<'m>),
        right: (&'m Expr, Type<'m>),
        span: Span,
    ) -> Type<'m> {
        match operator {
            Binary::Sequence => {
                self.need_relation(&left.1, left.0, "`;`");
                self.need_relation(&right.1, right.0, "`;`");
                let both = left.1.shape() == Shape::Relation && right.1.shape() == Shape::Relation;
                if both { Type::Relation } else { Type::Unknown }
            }
            Binary::Product => self.product(&left, &right, span),
            Binary::Add => add(&left.1, right.1),
            Binary::Union | Binary::Intersection | Binary::Difference => {
                self.same_kind(operator, &left, &right, span);
                combined(operator, &left.1, &right.1)
            }
        }
    }

    fn product(&mut self, left: &(&'m Expr, Type<'m>), right: &(&'m Expr, Type<'m>), span: Span) -> Type<'m> {
        let is_relation = |side: &(&'m Expr, Type<'m>)| side.1.shape() == Shape::Relation;
        if !is_relation(left) && !is_relation(right) {
            self.need_set(&left.1, left.0, "`*`");
            self.need_set(&right.1, right.0, "`*`");
            return Type::Relation;
        }
        let wrong = if is_relation(left) { left.0 } else { right.0 };
        let between_relations = is_relation(left) && is_relation(right);
        self.problem("cat::wrong-kind", span, |_| {
            let message = format!("`*` makes a relation of two sets, but {} is a relation", quoted(wrong));
            let error =
                Diagnostic::error("cat::wrong-kind", span, message).with_label(wrong.span, "a relation");
            if between_relations || matches!(right.0.kind, ExprKind::IdentityOn(_)) {
                error.with_help("missing `;`? `r* [S]` reads as the product of `r` and `[S]`")
            } else {
                error
            }
        });
        Type::Relation
    }

    /// Complains if a set and a relation meet, or what is neither.
    fn same_kind(
        &mut self,
        operator: Binary,
        left: &(&'m Expr, Type<'m>),
        right: &(&'m Expr, Type<'m>),
        span: Span,
    ) {
        let (left_shape, right_shape) = (left.1.shape(), right.1.shape());
        for (expr, found) in [left, right] {
            if matches!(found.shape(), Shape::Tuple | Shape::Function) {
                return self.wrong_kind(
                    found,
                    expr,
                    &format!("`{}` needs sets or relations", symbol(operator)),
                );
            }
        }
        if left_shape == Shape::Any || right_shape == Shape::Any || left_shape == right_shape {
            return;
        }
        self.problem("cat::mixed-kinds", span, |_| {
            let message = format!(
                "`{}` needs two values of one kind, but {} is {} and {} is {}",
                symbol(operator),
                quoted(left.0),
                left_shape.describe(),
                quoted(right.0),
                right_shape.describe(),
            );
            let error = Diagnostic::error("cat::mixed-kinds", span, message)
                .with_label(left.0.span, left_shape.describe())
                .with_label(right.0.span, right_shape.describe());
            match (left_shape, right_shape) {
                (Shape::Set, Shape::Relation) | (Shape::Relation, Shape::Set) => {
                    error.with_help("the identity on a set is `[…]`, and `s * _` relates it to everything")
                }
                _ => error,
            }
        });
    }

    pub(super) fn primitive(
        &mut self,
        primitive: Primitive,
        found: &Type<'m>,
        argument: &'m Expr,
        name: &str,
    ) -> Type<'m> {
        match primitive {
            Primitive::RelationToSet | Primitive::RelationToRelation | Primitive::RelationToValues => {
                self.need_relation(found, argument, name);
            }
            Primitive::SetToValues | Primitive::SetToRelation => self.need_set(found, argument, name),
            Primitive::Linearisations => {
                if let Type::Tuple(parts) = found
                    && let ([_, order], ExprKind::Tuple(exprs)) = (&**parts, &argument.kind)
                    && let [_, expr] = &exprs[..]
                {
                    self.need_relation(order, expr, name);
                }
            }
            Primitive::ToSet | Primitive::ToRelation | Primitive::Other => {}
        }
        match primitive {
            Primitive::RelationToSet | Primitive::ToSet => Type::Set,
            Primitive::RelationToRelation | Primitive::SetToRelation | Primitive::ToRelation => {
                Type::Relation
            }
            Primitive::RelationToValues | Primitive::SetToValues | Primitive::Linearisations => Type::Values,
            Primitive::Other => Type::Unknown,
        }
    }
}

/// `a ++ b`
fn add<'m>(element: &Type<'m>, set: Type<'m>) -> Type<'m> {
    match (set, element) {
        (Type::Empty, Type::Event) => Type::Set,
        (Type::Empty, Type::Pair) => Type::Relation,
        (Type::Empty, Type::Set | Type::Relation | Type::Tag | Type::Values) => Type::Values,
        (set @ (Type::Set | Type::Relation | Type::Values), _) => set,
        _ => Type::Unknown,
    }
}

/// What union, intersection and difference make of values that fit together.
fn combined<'m>(operator: Binary, left: &Type<'m>, right: &Type<'m>) -> Type<'m> {
    let shape = match (left.shape(), right.shape()) {
        (Shape::Any, shape) | (shape, Shape::Any) => shape,
        (left, right) if left == right => left,
        _ => return Type::Unknown,
    };
    let either = |test: fn(&Type<'m>) -> bool| test(left) || test(right);
    if operator == Binary::Union {
        if either(|t| matches!(t, Type::Universe)) {
            return Type::Universe;
        }
        // It may be everything, which fits anywhere.
        if either(|t| matches!(t, Type::Unknown | Type::Tuple(_))) {
            return Type::Unknown;
        }
    } else if either(|t| matches!(t, Type::Empty | Type::Unknown | Type::Tuple(_))) && shape != Shape::Set {
        return Type::Unknown;
    }
    match shape {
        Shape::Set if either(|t| matches!(t, Type::Empty)) && operator != Binary::Union => Type::Unknown,
        Shape::Set => Type::Set,
        Shape::Relation => Type::Relation,
        Shape::Values => Type::Values,
        Shape::Any if matches!((left, right), (Type::Empty, Type::Empty)) => Type::Empty,
        Shape::Any | Shape::Tuple | Shape::Function => Type::Unknown,
    }
}
