//! The parser: text → checked tree, in one pass.
//!
//! Source: C17 §6.5 to §6.8, read for litmus tests.
//!
//! Deviations:
//! 1. Parameters of threads are constants: the addresses of shared variables. They can't be assigned to.
//! 2. Pointers and integers convert into each other freely and keep the whole address; an integer can be dereferenced.
//!    Tests of the kernel rely on both.
//! 3. A variable may be declared twice in one scope, if the types agree. In a thread, the assignment `r1 = …;` declares
//!    `r1` if nothing else does, with the type of the value; tests of the kernel leave declarations out.
//! 4. Atomic variables of C11 that are read or assigned by name are accessed plainly, as herd7 does; `++` and compound
//!    assignment are the atomic operations that the standard says.
//! 5. Some of GNU C is understood: `({ … })`, `typeof`, `__atomic_*`. Some of C++ is: `std::`, `atomic<T>` and its
//!    member functions, `auto`, `bool`, `nullptr`, `true` and `false`.
//! 6. Unions, bit-fields, floating-point numbers, strings, function pointers and structures as values of functions are
//!    named and refused.

mod atomic;
mod build;
mod call;
mod constant;
mod decl;
mod expr;
mod init;
mod kernel;
mod scope;
mod stmt;
mod types;
mod unit;

use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use syntax::{Diagnostic, Span};

use super::Piece;
use super::ast::{Expr, ExprId, ExprKind, ExprList, GlobalId, Stmt, StmtId, StmtKind, StmtList, Unit};
use super::lexer::{Kind, MAX_ERRORS, Token, report};
use super::macros::{MACROS, Macros};
use super::types::TypeId;

pub(crate) use unit::parse;

use scope::{FunctionState, Scopes};
use types::Tag;

/// Brackets inside brackets, blocks inside blocks, macros inside macros.
const MAX_DEPTH: u32 = 100;
/// The height of an expression as a tree.
const MAX_HEIGHT: u16 = 200;
/// The size of an expression as a tree, in which what occurs twice counts twice.
const MAX_WEIGHT: u32 = 20_000;

/// The one thing in the plural that is not supported.
const FLOATING: &str = "floating-point numbers";

/// Something was reported, and the parser must look for a place to go on from.
struct Failed;

type Result<T> = std::result::Result<T, Failed>;

struct Parser<'a> {
    pieces: &'a [Piece<'a>],
    macros: &'a Macros,
    /// What is read: a piece, or the body of a macro.
    tokens: &'a [Token],
    at: usize,
    /// In the body of a macro: where it is called.
    call_site: Option<Span>,
    /// The parameters of macros and their arguments; those of the body that is read start at `bindings_start`.
    bindings: Vec<(&'a str, ExprId)>,
    bindings_start: usize,
    /// The macros that are expanded, by number.
    active: Vec<u32>,
    /// How many expressions may still be made.
    budget: u32,

    unit: Unit,
    /// Height and weight of each expression.
    measures: Vec<(u16, u32)>,
    scopes: Scopes<'a>,
    tags: FxHashMap<&'a str, Tag>,
    globals: FxHashMap<&'a str, GlobalId>,
    /// The helper functions that have a body, by number.
    defined: FxHashSet<u32>,
    /// Whether the function that is read takes the address of a variable.
    has_address_of: bool,
    /// How many expressions there were before it.
    first_expr: usize,
    function: FunctionState<'a>,
    /// Lists under construction.
    expr_stack: Vec<ExprId>,
    stmt_stack: Vec<StmtId>,
    depth: u32,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Parser<'a> {
    fn new(pieces: &'a [Piece<'a>], macros: &'a Macros, tokens: usize) -> Parser<'a> {
        let mut unit = Unit::default();
        unit.exprs.reserve(tokens);
        unit.stmts.reserve(tokens / 4);
        unit.stmt_lists.reserve(tokens / 4);
        unit.expr_lists.reserve(16);
        unit.globals.reserve(8);
        Parser {
            pieces,
            macros,
            tokens: &[],
            at: 0,
            call_site: None,
            bindings: Vec::with_capacity(8),
            bindings_start: 0,
            active: Vec::with_capacity(4),
            budget: 200_000 + 64 * tokens.min(1 << 20) as u32,
            measures: Vec::with_capacity(tokens),
            unit,
            scopes: Scopes::new(),
            tags: FxHashMap::default(),
            globals: FxHashMap::with_capacity_and_hasher(14, FxBuildHasher),
            defined: FxHashSet::default(),
            has_address_of: false,
            first_expr: 0,
            function: FunctionState::default(),
            expr_stack: Vec::with_capacity(16),
            stmt_stack: Vec::with_capacity(16),
            depth: 0,
            diagnostics: Vec::new(),
        }
    }

    // Tokens. None of these functions is marked `#[inline]`: rustc 1.95 then merges reads of different tokens into one in
    // optimised builds.

    fn kind(&self) -> Kind {
        self.tokens.get(self.at).map_or(Kind::End, |token| token.kind)
    }

    fn kind_at(&self, ahead: usize) -> Kind {
        self.tokens.get(self.at + ahead).map_or(Kind::End, |token| token.kind)
    }

    /// The token here; behind the last one, an end there.
    fn token(&self) -> Token {
        match self.tokens.get(self.at) {
            Some(token) => *token,
            None => self.end_token(),
        }
    }

    #[cold]
    fn end_token(&self) -> Token {
        match self.tokens.last() {
            Some(last) => Token { kind: Kind::End, start: last.end, ..*last },
            None => Token { kind: Kind::End, first_of_line: false, piece: MACROS, start: 0, end: 0 },
        }
    }

    fn bump(&mut self) -> Token {
        let token = self.token();
        if token.kind != Kind::End {
            self.at += 1;
        }
        token
    }

    fn eat(&mut self, kind: Kind) -> bool {
        let found = self.kind() == kind;
        self.at += usize::from(found);
        found
    }

    fn text(&self, token: Token) -> &'a str {
        if token.piece == MACROS {
            return self.macros.text(token);
        }
        &self.pieces[token.piece as usize].text[token.start as usize..token.end as usize]
    }

    /// Where a token stands; in the body of a macro: where it is called.
    fn span(&self, token: Token) -> Span {
        match self.call_site {
            Some(span) => span,
            None => self.own_span(token),
        }
    }

    fn own_span(&self, token: Token) -> Span {
        match self.pieces.get(token.piece as usize) {
            Some(piece) => piece.part(token.start, token.end),
            None => self.call_site.unwrap_or_default(),
        }
    }

    fn here(&self) -> Span {
        self.span(self.token())
    }

    /// From `start` to the end of the token before.
    fn span_from(&self, start: Span) -> Span {
        match self.at.checked_sub(1).and_then(|at| self.tokens.get(at)) {
            Some(last) => {
                let last = self.span(*last);
                // Macros of the preprocessor may bring tokens from elsewhere.
                if last.file == start.file && last.end > start.start { start.to(last) } else { start }
            }
            None => start,
        }
    }

    // Errors.

    fn report(&mut self, diagnostic: Diagnostic) {
        report(&mut self.diagnostics, diagnostic);
    }

    /// Whether there are so many errors that the rest is not read.
    fn gives_up(&mut self) -> bool {
        let gives_up = self.diagnostics.len() >= MAX_ERRORS;
        if gives_up {
            self.at = self.tokens.len();
        }
        gives_up
    }

    fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.report(Diagnostic::error(code, span, message));
    }

    fn error_with_help(
        &mut self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.report(Diagnostic::error(code, span, message).with_help(help));
    }

    /// Something of C that can't be simulated, and what to write instead.
    fn unsupported<T>(&mut self, span: Span, what: &str, help: &str) -> Result<T> {
        let verb = if what == FLOATING { "are" } else { "is" };
        self.error_with_help("c::unsupported", span, format!("{what} {verb} not supported"), help);
        Err(Failed)
    }

    fn unexpected<T>(&mut self, expected: &str) -> Result<T> {
        let token = self.token();
        let found = match token.kind {
            Kind::End if token.piece == MACROS => "the end of the macro".to_owned(),
            Kind::End => "the end".to_owned(),
            _ => format!("`{}`", shown(self.text(token))),
        };
        let message = match self.active.last() {
            Some(number) if token.piece == MACROS => {
                let name = self.macros.text(self.macros.get(*number).name);
                format!("in the macro `{name}`: expected {expected}, found {found}")
            }
            _ => format!("expected {expected}, found {found}"),
        };
        let span = self.here();
        self.error("c::syntax", span, message);
        Err(Failed)
    }

    fn expect(&mut self, kind: Kind) -> Result<Token> {
        match self.tokens.get(self.at) {
            Some(token) if token.kind == kind => {
                self.at += 1;
                Ok(*token)
            }
            _ => self.not_found(kind),
        }
    }

    #[cold]
    fn not_found(&mut self, kind: Kind) -> Result<Token> {
        let expected = match kind {
            Kind::Name => "a name".to_owned(),
            _ => format!("`{}`", kind.text()),
        };
        self.unexpected(&expected)
    }

    /// Goes one level deeper for the time of `inside`.
    fn deeper<T>(&mut self, inside: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= MAX_DEPTH {
            let span = self.here();
            let message = format!("this is nested more than {MAX_DEPTH} levels deep");
            self.error("c::too-complex", span, message);
            return Err(Failed);
        }
        self.depth += 1;
        let result = inside(self);
        self.depth -= 1;
        result
    }

    // Nodes.

    fn push(&mut self, kind: ExprKind, ty: TypeId, span: Span) -> Result<ExprId> {
        let (height, weight) = self.measure(kind);
        if height > MAX_HEIGHT || weight > MAX_WEIGHT || self.budget == 0 {
            let message = if self.active.is_empty() {
                "this expression is too large"
            } else {
                "this expands to too much"
            };
            self.error("c::too-complex", span, message);
            return Err(Failed);
        }
        self.budget -= 1;
        self.has_address_of |= matches!(kind, ExprKind::AddressOf(_));
        let id = ExprId(self.unit.exprs.len() as u32);
        self.unit.exprs.push(Expr { kind, ty, span });
        self.measures.push((height, weight));
        Ok(id)
    }

    fn push_stmt(&mut self, kind: StmtKind, span: Span) {
        let id = StmtId(self.unit.stmts.len() as u32);
        self.unit.stmts.push(Stmt { kind, span });
        self.stmt_stack.push(id);
    }

    /// Makes a list of what was pushed to `expr_stack` since it had `start` elements.
    fn finish_exprs(&mut self, start: usize) -> ExprList {
        let list = ExprList {
            start: self.unit.expr_lists.len() as u32,
            len: (self.expr_stack.len() - start) as u32,
        };
        self.unit.expr_lists.extend(self.expr_stack.drain(start..));
        list
    }

    /// Makes a list of what was pushed to `stmt_stack` since it had `start` elements.
    fn finish_stmts(&mut self, start: usize) -> StmtList {
        let list = StmtList {
            start: self.unit.stmt_lists.len() as u32,
            len: (self.stmt_stack.len() - start) as u32,
        };
        self.unit.stmt_lists.extend(self.stmt_stack.drain(start..));
        list
    }

    fn expr(&self, id: ExprId) -> Expr {
        self.unit.exprs[id.0 as usize]
    }

    fn ty(&self, id: ExprId) -> TypeId {
        self.unit.exprs[id.0 as usize].ty
    }

    fn span_of(&self, id: ExprId) -> Span {
        self.unit.exprs[id.0 as usize].span
    }

    fn type_name(&self, ty: TypeId) -> String {
        self.unit.types.name(ty)
    }

    /// Height and weight of a node from those of its operands.
    fn measure(&self, kind: ExprKind) -> (u16, u32) {
        let mut height = 0;
        let mut weight = 1u32;
        self.operands(kind, |id| {
            let (own, size) = self.measures[id.0 as usize];
            height = height.max(own);
            weight = weight.saturating_add(size);
        });
        (height + 1, weight)
    }

    /// Visits the operands of a node.
    fn operands(&self, kind: ExprKind, mut visit: impl FnMut(ExprId)) {
        super::visit::operands(&self.unit, kind, &mut visit);
    }
}

/// A text for messages: without line ends and other characters that are not seen.
fn shown(text: &str) -> String {
    let show = |c: char| if c.is_control() { c.escape_debug().to_string() } else { c.to_string() };
    text.chars().map(show).collect()
}
