//! Declarations in functions and at file scope.

use syntax::Span;

use super::init::Part;
use super::scope::Entry;
use super::types::{Declarator, Specifiers, Storage};
use super::{Failed, Parser, Result};
use crate::c::ast::{ExprKind, ExprList, Function, FunctionId, Global, GlobalId, Local, LocalId, StmtKind};
use crate::c::lexer::{Kind, Token};
use crate::c::types::{TypeId, TypeKind};

/// More variables than this are in no test.
const MAX_LOCALS: usize = 1 << 15;

/// The body of a helper function, to be read when everything is declared.
#[derive(Clone, Debug)]
pub(super) struct HelperBody {
    pub(super) function: FunctionId,
    /// The piece that it stands in.
    pub(super) piece: u16,
    /// The token behind its `{`.
    pub(super) at: usize,
    pub(super) parameters: Vec<Option<Token>>,
}

impl<'a> Parser<'a> {
    /// `int a = 1, *b;` in a function.
    pub(super) fn local_declaration(&mut self) -> Result<()> {
        let specifiers = self.specifiers()?;
        match specifiers.storage {
            Storage::Static => {
                let help = "declare it beside the threads, or in the initial state, if it is shared";
                return self.unsupported(specifiers.span, "`static` in a function", help);
            }
            Storage::Extern => {
                let help = "shared variables are parameters of the threads (`int *x`)";
                return self.unsupported(specifiers.span, "`extern` in a function", help);
            }
            Storage::Plain | Storage::Typedef => {}
        }
        if self.eat(Kind::Semicolon) {
            return Ok(());
        }
        loop {
            let declarator = self.declarator(specifiers.ty)?;
            if specifiers.storage == Storage::Typedef {
                self.typedef(&declarator)?;
            } else {
                self.local(specifiers, declarator)?;
            }
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        self.expect(Kind::Semicolon)?;
        Ok(())
    }

    fn typedef(&mut self, declarator: &Declarator) -> Result<()> {
        if declarator.parameters.is_some() {
            return self.unsupported(declarator.span, "a type of functions", "call functions by their names");
        }
        let Some(name) = declarator.name else { return self.unexpected("a name") };
        let text = self.text(name);
        self.scopes.declare(text, Entry::Typedef(declarator.ty));
        Ok(())
    }

    /// One variable of a function, with its initialiser.
    fn local(&mut self, specifiers: Specifiers, declarator: Declarator) -> Result<()> {
        let Some(name) = declarator.name else { return self.unexpected("a name") };
        let span = declarator.span;
        if declarator.unsized_array {
            return self.unsized_local(name, &declarator);
        }
        if specifiers.is_auto {
            return self.auto_local(name, span);
        }
        self.check_object(&declarator)?;
        let local = self.declare_local(name, declarator.ty)?;
        let start = self.expr_stack.len();
        if self.eat(Kind::Equal) {
            let place = self.push(ExprKind::Local(local), declarator.ty, span)?;
            self.local_initialiser(place)?;
        }
        let init = self.finish_exprs(start);
        self.push_declaration(local, init, span);
        Ok(())
    }

    fn push_declaration(&mut self, local: LocalId, init: ExprList, start: Span) {
        let span = self.span_from(start);
        self.push_stmt(StmtKind::Declare { local, init }, span);
    }

    /// `int a[] = { 1, 2 };`
    fn unsized_local(&mut self, name: Token, declarator: &Declarator) -> Result<()> {
        let span = declarator.span;
        if self.kind() != Kind::Equal || self.kind_at(1) != Kind::LeftBrace {
            self.error("c::type", span, "nothing says how long this array is");
            return Err(Failed);
        }
        self.at += 1;
        let (ty, parts): (TypeId, Vec<Part>) = self.initialiser(declarator.ty)?;
        let local = self.declare_local(name, ty)?;
        let start = self.expr_stack.len();
        let place = self.push(ExprKind::Local(local), ty, span)?;
        self.assign_initial(place, ty, &parts, span)?;
        let init = self.finish_exprs(start);
        self.push_declaration(local, init, span);
        Ok(())
    }

    /// `auto r = x->load();`
    fn auto_local(&mut self, name: Token, span: Span) -> Result<()> {
        self.expect(Kind::Equal)?;
        let value = self.assignment()?;
        let value = self.scalar(value, "a variable")?;
        let ty = self.unit.types.unqualified(self.ty(value));
        let local = self.declare_local(name, ty)?;
        let place = self.push(ExprKind::Local(local), ty, span)?;
        let start = self.expr_stack.len();
        let assigned = self.assign(place, value, span)?;
        self.expr_stack.push(assigned);
        let init = self.finish_exprs(start);
        self.push_declaration(local, init, span);
        Ok(())
    }

    /// Makes a variable, or finds the one of that name whose scope has ended.
    fn declare_local(&mut self, name: Token, ty: TypeId) -> Result<LocalId> {
        let text = self.text(name);
        let span = self.span(name);
        let in_macro = self.call_site.is_some();
        if let Some(entry) = self.scopes.find_here(text) {
            match entry {
                Entry::Local(id) if self.function.locals[id.0 as usize].ty == ty => return Ok(id),
                Entry::Local(id) => {
                    let before = self.function.locals[id.0 as usize].span;
                    let message = format!("`{text}` is declared already, with another type");
                    let error = syntax::Diagnostic::error("c::type", span, message);
                    self.report(error.with_label(before, "here"));
                    return Err(Failed);
                }
                _ => {
                    self.error("c::type", span, format!("`{text}` is declared already"));
                    return Err(Failed);
                }
            }
        }
        let shadows = matches!(self.scopes.find(text), Some(Entry::Local(_)));
        if !in_macro && !shadows {
            // A variable that the initial state mentions has the type that the thread gives it.
            if let Some(&id) = self.function.implicit.get(text) {
                self.function.locals[id.0 as usize].ty = ty;
            }
            if let Some(&id) = self.function.retired.get(text)
                && self.function.locals[id.0 as usize].ty == ty
            {
                self.scopes.declare(text, Entry::Local(id));
                return Ok(id);
            }
        }
        let visible = !in_macro && !shadows && !self.function.retired.contains_key(text);
        let id = self.new_local(text, span, ty, visible)?;
        self.scopes.declare(text, Entry::Local(id));
        Ok(id)
    }

    fn new_local(&mut self, name: &str, span: Span, ty: TypeId, visible: bool) -> Result<LocalId> {
        if self.function.locals.len() >= MAX_LOCALS {
            self.error("c::too-complex", span, "this function has too many variables");
            return Err(Failed);
        }
        let id = LocalId(self.function.locals.len() as u32);
        let address_taken = self.unit.types.is_aggregate(ty);
        self.function.locals.push(Local { name: name.to_owned(), ty, span, address_taken, visible });
        Ok(id)
    }

    /// Makes a variable that nothing declares.
    pub(super) fn implicit_local(&mut self, name: &'a str, span: Span, ty: TypeId) -> Result<LocalId> {
        let visible = !self.function.retired.contains_key(name);
        let id = self.new_local(name, span, ty, visible)?;
        self.function.implicit.insert(name, id);
        self.function.retired.insert(name, id);
        Ok(id)
    }

    /// Reads what stands beside the threads; returns the bodies of functions for later.
    pub(super) fn file_scope(&mut self, piece: u16, bodies: &mut Vec<HelperBody>) {
        while self.kind() != Kind::End && !self.gives_up() {
            let start = self.at;
            if self.kind() == Kind::Semicolon {
                self.at += 1;
                continue;
            }
            if self.external_declaration(piece, bodies).is_err() {
                self.expr_stack.clear();
                while self.scopes.level() > 0 {
                    self.leave_scope();
                }
                self.skip_declaration(start);
            }
        }
    }

    /// Goes behind the next `;` or a block.
    fn skip_declaration(&mut self, start: usize) {
        self.at = self.at.max(start + 1);
        let mut depth = 0usize;
        while self.kind() != Kind::End {
            match self.bump().kind {
                Kind::Semicolon if depth == 0 => return,
                Kind::LeftBrace => depth += 1,
                Kind::RightBrace => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 && self.kind() != Kind::Semicolon {
                        return;
                    }
                }
                _ => {}
            }
        }
    }

    fn external_declaration(&mut self, piece: u16, bodies: &mut Vec<HelperBody>) -> Result<()> {
        if !self.starts_type(0) {
            // `f(int *x) { … }` returns an `int`.
            if self.kind() != Kind::Name || self.kind_at(1) != Kind::LeftParen {
                self.check_unknown_type()?;
                return self.unexpected("a declaration");
            }
        }
        let specifiers = if self.starts_type(0) {
            self.specifiers()?
        } else {
            let span = self.here();
            Specifiers { ty: TypeId::INT, storage: Storage::Plain, is_auto: false, span }
        };
        if self.eat(Kind::Semicolon) {
            return Ok(());
        }
        loop {
            let declarator = self.declarator(specifiers.ty)?;
            if specifiers.storage == Storage::Typedef {
                self.typedef(&declarator)?;
            } else if declarator.parameters.is_some() {
                if self.function(declarator, piece, bodies)? {
                    return Ok(());
                }
            } else {
                self.file_variable(specifiers, declarator)?;
            }
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        self.expect(Kind::Semicolon)?;
        Ok(())
    }

    fn check_unknown_type(&mut self) -> Result<()> {
        if self.kind() == Kind::Name && matches!(self.kind_at(1), Kind::Name | Kind::Star) {
            let name = self.text(self.token());
            let span = self.here();
            let help = "say what it is with `typedef`, or write a type of C";
            self.error_with_help("c::undeclared", span, format!("the type `{name}` is not declared"), help);
            return Err(Failed);
        }
        Ok(())
    }

    /// A helper function. Returns whether it has a body.
    fn function(&mut self, declarator: Declarator, piece: u16, bodies: &mut Vec<HelperBody>) -> Result<bool> {
        let (Some(name), Some(parameters)) = (declarator.name, declarator.parameters) else {
            return self.unexpected("the name of a function");
        };
        let text = self.text(name);
        let span = self.span(name);
        if matches!(self.unit.types.kind(declarator.ty), TypeKind::Struct(_)) {
            let help = "return what is needed of it, or fill it through a pointer";
            return self.unsupported(span, "a structure as the value of a function", help);
        }
        let has_body = self.kind() == Kind::LeftBrace;
        let known = self.function_named(text);
        if known.is_none() && self.scopes.find(text).is_some() {
            self.error("c::type", span, format!("`{text}` is declared already"));
            return Err(Failed);
        }
        if let Some(id) = known {
            if has_body && self.defined.contains(&id.0) {
                self.error("c::type", span, format!("`{text}` has a body already"));
                return Err(Failed);
            }
            if self.unit.functions[id.0 as usize].parameters as usize != parameters.len() {
                self.error("c::type", span, format!("`{text}` is declared with other parameters before"));
                return Err(Failed);
            }
        }
        let locals: Vec<Local> = parameters
            .iter()
            .map(|(name, ty)| Local {
                name: name.map_or(String::new(), |name| self.text(name).to_owned()),
                ty: *ty,
                span: name.map_or(span, |name| self.span(name)),
                address_taken: false,
                visible: false,
            })
            .collect();
        let function = Function {
            name: text.to_owned(),
            span,
            returns: declarator.ty,
            parameters: locals.len() as u32,
            locals,
            labels: Vec::new(),
            body: Default::default(),
        };
        let id = match known {
            Some(id) if has_body => {
                self.unit.functions[id.0 as usize] = function;
                id
            }
            Some(id) => id,
            None => {
                let id = FunctionId(self.unit.functions.len() as u32);
                self.unit.functions.push(function);
                self.scopes.declare(text, Entry::Function(id));
                id
            }
        };
        if !has_body {
            return Ok(false);
        }
        let parameters = parameters.into_iter().map(|(name, _)| name).collect();
        self.defined.insert(id.0);
        bodies.push(HelperBody { function: id, piece, at: self.at + 1, parameters });
        let mut depth = 0usize;
        loop {
            match self.bump().kind {
                Kind::LeftBrace => depth += 1,
                Kind::RightBrace => {
                    depth -= 1;
                    if depth == 0 {
                        return Ok(true);
                    }
                }
                Kind::End => return self.unexpected("`}`"),
                _ => {}
            }
        }
    }

    /// A shared variable at file scope.
    fn file_variable(&mut self, specifiers: Specifiers, declarator: Declarator) -> Result<()> {
        let Some(name) = declarator.name else { return self.unexpected("a name") };
        let (text, span) = (self.text(name), declarator.span);
        if specifiers.is_auto {
            return self.unsupported(span, "`auto` at file scope", "write the type");
        }
        let mut ty = declarator.ty;
        let mut init = Vec::new();
        let known = match self.scopes.find(text) {
            Some(Entry::Global(id)) => Some(id),
            Some(_) => {
                self.error("c::type", span, format!("`{text}` is declared already"));
                return Err(Failed);
            }
            None => None,
        };
        if !declarator.unsized_array {
            self.check_object(&declarator)?;
        }
        let id = known.unwrap_or(GlobalId(self.unit.globals.len() as u32));
        if known.is_none() {
            let global = Global { name: text.to_owned(), ty, span, init: Vec::new() };
            self.add_global(text, global);
            self.scopes.declare(text, Entry::Global(id));
        }
        if self.eat(Kind::Equal) {
            (ty, init) = self.global_initialiser(ty)?;
        } else if declarator.unsized_array {
            self.error("c::type", span, "nothing says how long this array is");
            return Err(Failed);
        }
        let global = &mut self.unit.globals[id.0 as usize];
        global.ty = ty;
        if !init.is_empty() {
            global.init = init;
        }
        Ok(())
    }
}
