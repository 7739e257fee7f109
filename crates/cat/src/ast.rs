//! The syntax of cat and bell files.
//!
//! Source: herd7's documentation of the cat language, and its behaviour where that is silent.

use std::sync::Arc;
use syntax::Span;

/// A name as the file writes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// The text; tags are without their quote.
    pub text: Arc<str>,
    /// Where it stands.
    pub span: Span,
}

/// One cat file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// What the first words call it, if there are any.
    pub title: Option<String>,
    /// The first word of the title where it is written as a bare word: perhaps an architecture.
    pub first_word: Option<Name>,
    /// Whether the model computes dependencies itself, and so wants register events.
    pub catdep: bool,
    /// What it does, in order.
    pub items: Vec<Item>,
}

/// An instruction of the language: what may stand at the top of a file and inside procedures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it does.
    pub kind: ItemKind,
    /// The whole instruction.
    pub span: Span,
}

/// See [`Item`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// `let x = e and y = f`
    Let(Vec<Binding>),
    /// `let rec x = e and y = f [when check]`
    LetRec(Vec<Binding>, Option<Check>),
    /// `acyclic e as N` and its kin.
    Check {
        /// What is tested.
        check: Check,
        /// What its result means.
        role: Role,
    },
    /// `include "file"`. The file is there once it is loaded; `None` where it could not be.
    Include {
        /// The name as written.
        path: String,
        /// The loaded file.
        model: Option<Arc<Model>>,
    },
    /// `show e, f` (only names: pictures) and `show e as N`.
    Show(Vec<Name>, Option<Box<Expr>>),
    /// `unshow e, f`
    Unshow(Vec<Name>),
    /// `procedure [rec] p(args) = items end`
    Procedure {
        /// Its name.
        name: Name,
        /// What it takes.
        params: Pattern,
        /// What it does.
        body: Arc<[Item]>,
        /// Whether it may call itself.
        recursive: bool,
    },
    /// `call p(args) [as N]`
    Call {
        /// The procedure.
        procedure: Name,
        /// What it gets.
        args: Expr,
        /// The name by which it can be skipped.
        name: Option<Name>,
    },
    /// `enum t = 'a || 'b`
    Enum(Name, Vec<Name>),
    /// `forall x in s do items end`
    Forall(Name, Expr, Arc<[Item]>),
    /// `with x from s`: the rest of the model once for each element.
    With(Name, Expr),
    /// `match e with 'a -> items || _ -> items end`; tags first, then what is done for all others.
    Match(Expr, Vec<(Name, Arc<[Item]>)>, Option<Arc<[Item]>>),
    /// `if variant items else items end`
    If(Condition, Arc<[Item]>, Arc<[Item]>),
    /// `debug e`
    Debug(Expr),
    /// `instructions R[{'a,'b}, …]`: bell only. The kind, and the expressions of the annotations.
    Instructions(Name, Vec<Expr>),
    /// `default R['a, …]`: bell only.
    Default(Name, Vec<Expr>),
}

/// What the result of a check means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Failing rejects the candidate.
    Require,
    /// `flag`: holding raises a flag.
    Flag,
    /// `undefined_unless`: failing makes the program undefined.
    UndefinedUnless,
    /// `assert`: failing is a fault of the test.
    Assert,
}

/// `[~]acyclic e [as N]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The test.
    pub test: Test,
    /// Whether it is turned round with `~`.
    pub negated: bool,
    /// Of what.
    pub expr: Box<Expr>,
    /// The name after `as`.
    pub name: Option<Name>,
}

/// The three tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// No cycle.
    Acyclic,
    /// Nothing related to itself.
    Irreflexive,
    /// Nothing in it.
    Empty,
}

/// `pattern = expr`; `f(x) = expr` is `f = fun x -> expr` with `is_function` set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// What is bound.
    pub pattern: Pattern,
    /// To what.
    pub expr: Arc<Expr>,
    /// Whether it is written as a function definition.
    pub is_function: bool,
    /// The whole binding.
    pub span: Span,
}

/// What a value is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// A name, or `None` for `_`.
    Name(Option<Name>),
    /// `(a, b, _)`; may be empty.
    Tuple(Vec<Option<Name>>),
}

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// See [`Expr`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExprKind {
    /// `0`: the empty relation.
    EmptyRelation,
    /// `{}`: the empty set or relation, whichever fits.
    Empty,
    /// `_`: everything, set or relation, whichever fits.
    Universe,
    /// A name.
    Var(Arc<str>),
    /// `'tag`
    Tag(Arc<str>),
    /// `{a, b}`, not empty.
    Explicit(Vec<Expr>),
    /// `(a, b)`; `()` has no elements; never exactly one.
    Tuple(Vec<Expr>),
    /// `[s]`: identity on a set.
    IdentityOn(Box<Expr>),
    /// `f x`. The head is a name by the grammar.
    Apply(Box<Expr>, Box<Expr>),
    /// An operator on one expression.
    Unary(Unary, Box<Expr>),
    /// An operator on two expressions.
    Binary(Binary, Box<Expr>, Box<Expr>),
    /// `let x = e in body`
    Let(Vec<Binding>, Box<Expr>),
    /// `let rec x = e in body`
    LetRec(Vec<Binding>, Box<Expr>),
    /// `fun p -> e`
    Fun(Pattern, Arc<Expr>),
    /// `try e with f`
    Try(Box<Expr>, Box<Expr>),
    /// `if c then e else f`
    If(Box<Condition>, Box<Expr>, Box<Expr>),
    /// `match e with 'a -> e1 || _ -> e2 end`
    MatchTag(Box<Expr>, Vec<(Name, Expr)>, Option<Box<Expr>>),
    /// `match e with {} -> e0 || x ++ xs -> e1 end`
    MatchSet {
        /// The set.
        set: Box<Expr>,
        /// The value for the empty set.
        empty: Box<Expr>,
        /// For others: the names of the elements before (only in `xs | x ++ ys`), of the element, and of the rest.
        before: Option<Option<Name>>,
        /// See `before`.
        element: Option<Name>,
        /// See `before`.
        rest: Option<Name>,
        /// The value for others.
        body: Box<Expr>,
    },
}

/// Operators on one expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unary {
    /// `~e`
    Complement,
    /// `e*`
    Star,
    /// `e+`
    Plus,
    /// `e?`
    Optional,
    /// `e^-1`
    Inverse,
}

/// Operators on two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Binary {
    /// `a | b`
    Union,
    /// `a & b`
    Intersection,
    /// `a \ b`
    Difference,
    /// `a ; b`
    Sequence,
    /// `a * b`
    Product,
    /// `a ++ b`: the element `a` and those of `b`.
    Add,
}

/// What `if` asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// `a = b`
    Equal(Expr, Expr),
    /// `a subset b`
    Subset(Expr, Expr),
    /// `a in b`
    In(Expr, Expr),
    /// `"name"`: whether that variant is on.
    Variant(String, Span),
    /// `not c`
    Not(Box<Condition>),
    /// `c && d`
    And(Box<Condition>, Box<Condition>),
    /// `c || d`
    Or(Box<Condition>, Box<Condition>),
}
