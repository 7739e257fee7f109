//! Calls: of helper functions, of macros, of what is known natively.

use syntax::{Diagnostic, Span};

use super::scope::Entry;
use super::{Failed, Parser, Result};
use crate::c::ast::{ExprId, ExprKind, FunctionId, StmtKind, StmtList};
use crate::c::lexer::{Kind, Token};
use crate::c::preprocess::count;
use crate::c::types::TypeId;

impl<'a> Parser<'a> {
    /// `name(…)`, with the name read.
    pub(super) fn call(&mut self, token: Token, name: &'a str) -> Result<ExprId> {
        self.deeper(|parser| {
            if let Some(Entry::Function(function)) = parser.scopes.find(name) {
                return parser.call_helper(function, token);
            }
            let number = parser.macros.find(name);
            if let Some(number) = number
                && !parser.active.contains(&number)
            {
                return parser.expand(number, token, name);
            }
            if let Some(primitive) = super::kernel::primitive(name) {
                return parser.kernel(primitive, name, token);
            }
            if let Some(native) = super::atomic::native(name) {
                return parser.native(native, name, token);
            }
            parser.unknown_function(name, token, number.is_some())
        })
    }

    fn unknown_function(&mut self, name: &str, token: Token, is_active: bool) -> Result<ExprId> {
        let span = self.span(token);
        if is_active {
            let message = format!("the macro `{name}` uses itself");
            let help = "a macro can use others, but not itself";
            self.error_with_help("c::recursive-macro", span, message, help);
            return Err(Failed);
        }
        if matches!(self.scopes.find(name), Some(Entry::Local(_) | Entry::Global(_) | Entry::Parameter(..))) {
            self.error("c::type", span, format!("`{name}` is a variable, not a function"));
            return Err(Failed);
        }
        let error = Diagnostic::error("c::unknown-macro", span, format!("Unknown macro {name}"));
        let functions = self.unit.functions.iter().map(|function| function.name.as_str());
        let known = self.macros.names().chain(functions).chain(super::atomic::NAMES.iter().copied());
        let error = match syntax::did_you_mean(name, known) {
            Some(known) => error.with_help(format!("did you mean `{known}`?")),
            None if self.macros.is_empty() => {
                error.with_help("functions of the kernel come with its model: `--model linux-kernel`")
            }
            None => {
                error.with_help("define it: as a function of the test, with `#define`, or in a macro file")
            }
        };
        self.report(error);
        Err(Failed)
    }

    /// Reads `(a, b, …)` to the stack of expressions, as raw expressions. Returns where they start.
    pub(super) fn arguments(&mut self) -> Result<usize> {
        let start = self.expr_stack.len();
        self.expect(Kind::LeftParen)?;
        if self.eat(Kind::RightParen) {
            return Ok(start);
        }
        loop {
            let argument = self.assignment()?;
            self.expr_stack.push(argument);
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        self.expect(Kind::RightParen)?;
        Ok(start)
    }

    /// Reads as many arguments as are wanted, or one of several numbers of them.
    pub(super) fn exactly<const N: usize>(&mut self, name: &str, token: Token) -> Result<[ExprId; N]> {
        let start = self.arguments()?;
        let given = self.expr_stack.len() - start;
        let arguments =
            self.expr_stack.get(start..start + N).and_then(|ids| <[ExprId; N]>::try_from(ids).ok());
        self.expr_stack.truncate(start);
        match arguments {
            Some(arguments) if given == N => Ok(arguments),
            _ => self.wrong_count(name, &count(N), given, token),
        }
    }

    /// Reads `least` to `N` arguments.
    pub(super) fn between<const N: usize>(
        &mut self,
        least: usize,
        name: &str,
        token: Token,
    ) -> Result<[Option<ExprId>; N]> {
        let start = self.arguments()?;
        let given = self.expr_stack.len() - start;
        let mut arguments = [None; N];
        for (to, from) in arguments.iter_mut().zip(&self.expr_stack[start..]) {
            *to = Some(*from);
        }
        self.expr_stack.truncate(start);
        if given < least || given > N {
            let wanted = if least + 1 == N {
                format!("{least} or {}", count(N))
            } else {
                format!("{least} to {}", count(N))
            };
            return self.wrong_count(name, &wanted, given, token);
        }
        Ok(arguments)
    }

    pub(super) fn wrong_count<T>(
        &mut self,
        name: &str,
        wanted: &str,
        given: usize,
        token: Token,
    ) -> Result<T> {
        let start = self.span(token);
        let span = self.span_from(start);
        let verb = if given == 1 { "is" } else { "are" };
        let message = format!("`{name}` takes {wanted}, but {given} {verb} given");
        self.error("c::argument-count", span, message);
        Err(Failed)
    }

    fn call_helper(&mut self, function: FunctionId, token: Token) -> Result<ExprId> {
        let start = self.arguments()?;
        let span = self.span_from(self.span(token));
        let helper = &self.unit.functions[function.0 as usize];
        let (wanted, returns) = (helper.parameters as usize, helper.returns);
        let given = self.expr_stack.len() - start;
        if given != wanted {
            let name = helper.name.clone();
            return self.wrong_count(&name, &count(wanted), given, token);
        }
        for i in 0..given {
            let ty = self.unit.functions[function.0 as usize].locals[i].ty;
            let argument = self.expr_stack[start + i];
            self.expr_stack[start + i] = self.convert(argument, ty)?;
        }
        let arguments = self.finish_exprs(start);
        let returns = self.unit.types.unqualified(returns);
        self.push(ExprKind::Call { function, arguments }, returns, span)
    }

    /// Expands a macro: reads its body with its parameters bound to the arguments.
    fn expand(&mut self, number: u32, token: Token, name: &str) -> Result<ExprId> {
        let start = self.arguments()?;
        let own = self.span_from(self.span(token));
        let macros = self.macros;
        let one = macros.get(number);
        let given = self.expr_stack.len() - start;
        if given != one.parameters.len() {
            return self.wrong_count(name, &count(one.parameters.len()), given, token);
        }
        let bindings_start = self.bindings.len();
        for (i, parameter) in one.parameters.iter().enumerate() {
            self.bindings.push((macros.text(*parameter), self.expr_stack[start + i]));
        }
        self.expr_stack.truncate(start);
        let outer = (self.tokens, self.at, self.call_site, self.bindings_start);
        self.tokens = macros.body(one);
        self.at = 0;
        self.call_site = Some(self.call_site.unwrap_or(own));
        self.bindings_start = bindings_start;
        self.active.push(number);
        let result = if one.is_statements { self.statements_body(own) } else { self.expression_body() };
        self.active.pop();
        (self.tokens, self.at, self.call_site, self.bindings_start) = outer;
        self.bindings.truncate(bindings_start);
        result
    }

    fn expression_body(&mut self) -> Result<ExprId> {
        let id = self.expression()?;
        if self.kind() != Kind::End {
            return self.unexpected("an operator or the end of the macro");
        }
        Ok(id)
    }

    fn statements_body(&mut self, span: Span) -> Result<ExprId> {
        let first = self.unit.exprs.len();
        let start = self.stmt_stack.len();
        let errors = self.diagnostics.len();
        self.scopes.enter();
        self.statements();
        self.leave_scope();
        if self.diagnostics.len() > errors {
            self.stmt_stack.truncate(start);
            return Err(Failed);
        }
        if self.kind() != Kind::End {
            return self.unexpected("a statement");
        }
        if let [only] = self.stmt_stack[start..]
            && let StmtKind::Expr(id) = self.unit.stmt(only).kind
        {
            self.stmt_stack.truncate(start);
            return Ok(id);
        }
        let body = self.finish_stmts(start);
        self.block(body, None, first, span)
    }

    /// `({ … })`, with the parenthesis read.
    pub(super) fn statement_expression(&mut self) -> Result<ExprId> {
        let open = self.expect(Kind::LeftBrace)?;
        let first = self.unit.exprs.len();
        let start = self.stmt_stack.len();
        self.scopes.enter();
        self.statements();
        self.leave_scope();
        self.expect(Kind::RightBrace)?;
        self.expect(Kind::RightParen)?;
        let span = self.span_from(self.span(open));
        let mut value = None;
        if let Some(last) = self.stmt_stack[start..].last()
            && let StmtKind::Expr(id) = self.unit.stmt(*last).kind
        {
            self.stmt_stack.pop();
            // A statement may have dropped the value already.
            value = Some(self.value(id)?);
        }
        let body = self.finish_stmts(start);
        self.block(body, value, first, span)
    }

    /// Makes a block of statements whose expressions start at `first`.
    fn block(&mut self, body: StmtList, value: Option<ExprId>, first: usize, span: Span) -> Result<ExprId> {
        let ty = value.map_or(TypeId::VOID, |id| self.ty(id));
        let id = self.push(ExprKind::Block { body, value }, ty, span)?;
        let inside = &self.measures[first..];
        let height = inside.iter().map(|(height, _)| *height).max().unwrap_or(0);
        let weight = inside.len() as u32;
        if let Some(measure) = self.measures.last_mut() {
            *measure = (measure.0.max(height + 1), measure.1.saturating_add(weight));
        }
        Ok(id)
    }
}
