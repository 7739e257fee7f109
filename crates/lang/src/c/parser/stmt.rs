//! Statements.

use syntax::Span;

use super::scope::{Entry, LabelState, Switch};
use super::{Failed, Parser, Result};
use crate::c::ast::{Case, CaseList, ExprId, ExprKind, Label, LabelId, StmtId, StmtKind};
use crate::c::lexer::{Kind, Token};
use crate::c::types::{TypeId, TypeKind};

impl<'a> Parser<'a> {
    /// Reads statements to the stack of statements, up to a `}` or the end. Goes on after errors.
    pub(super) fn statements(&mut self) {
        while !matches!(self.kind(), Kind::End | Kind::RightBrace) {
            if self.gives_up() {
                return;
            }
            let start = self.at;
            let (stmts, exprs, level) = (self.stmt_stack.len(), self.expr_stack.len(), self.scopes.level());
            let (loops, switches) = (self.function.loops, self.function.switches.len());
            if self.statement().is_err() {
                self.stmt_stack.truncate(stmts);
                self.expr_stack.truncate(exprs);
                while self.scopes.level() > level {
                    self.leave_scope();
                }
                self.function.loops = loops;
                self.function.switches.truncate(switches);
                self.skip_statement(start);
            }
        }
    }

    /// Goes to the end of the statement that started at `start`: behind its `;` or its block, or before a `}`.
    fn skip_statement(&mut self, start: usize) {
        let failed = self.at.max(start + 1);
        self.at = start;
        // What has braces without being a block ends with `;`.
        let is_declaration = self.starts_type(0);
        let mut depth = 0usize;
        loop {
            let kind = self.kind();
            match kind {
                Kind::End => return,
                Kind::LeftBrace => depth += 1,
                Kind::RightBrace if depth == 0 => return,
                Kind::RightBrace => depth -= 1,
                _ => {}
            }
            self.at += 1;
            let ends = kind == Kind::Semicolon || (kind == Kind::RightBrace && !is_declaration);
            if depth == 0 && ends && self.at >= failed {
                return;
            }
        }
    }

    pub(super) fn leave_scope(&mut self) {
        let function = &mut self.function;
        self.scopes.leave(|name, entry| {
            if let Entry::Local(id) = entry
                && function.locals.get(id.0 as usize).is_some_and(|local| local.visible)
            {
                function.retired.insert(name, id);
            }
        });
    }

    fn statement(&mut self) -> Result<()> {
        self.deeper(Parser::statement_here)
    }

    fn statement_here(&mut self) -> Result<()> {
        let token = self.token();
        let start = self.span(token);
        match token.kind {
            Kind::Name if self.kind_at(1) == Kind::Colon => self.label(),
            Kind::Name => {
                if self.starts_type(0) {
                    return self.local_declaration();
                }
                self.check_type_name()?;
                self.expression_statement(start)
            }
            Kind::Semicolon => {
                self.at += 1;
                self.push_stmt(StmtKind::Empty, start);
                Ok(())
            }
            Kind::LeftBrace => {
                self.at += 1;
                let first = self.stmt_stack.len();
                self.scopes.enter();
                self.statements();
                self.leave_scope();
                self.expect(Kind::RightBrace)?;
                let list = self.finish_stmts(first);
                let span = self.span_from(start);
                self.push_stmt(StmtKind::Block(list), span);
                Ok(())
            }
            Kind::If => self.if_statement(start),
            Kind::While => {
                self.at += 1;
                let cond = self.condition()?;
                let body = self.loop_body()?;
                let span = self.span_from(start);
                self.push_stmt(StmtKind::While { cond, body }, span);
                Ok(())
            }
            Kind::Do => {
                self.at += 1;
                let body = self.loop_body()?;
                self.expect(Kind::While)?;
                let cond = self.condition()?;
                self.expect(Kind::Semicolon)?;
                let span = self.span_from(start);
                self.push_stmt(StmtKind::DoWhile { body, cond }, span);
                Ok(())
            }
            Kind::For => self.for_statement(start),
            Kind::Switch => self.switch_statement(start),
            Kind::Case | Kind::Default => self.case_label(start),
            Kind::Goto => self.goto_statement(start),
            Kind::Break | Kind::Continue => self.jump_statement(token.kind, start),
            Kind::Return => self.return_statement(start),
            Kind::Asm => self.asm_statement(start),
            _ if self.starts_type(0) => self.local_declaration(),
            _ => self.expression_statement(start),
        }
    }

    /// `foo_t x;` with an unknown type is no expression that went wrong.
    fn check_type_name(&mut self) -> Result<()> {
        let name = self.text(self.token());
        let is_declaration = match self.kind_at(1) {
            Kind::Name => true,
            Kind::Star => {
                self.kind_at(2) == Kind::Name
                    && matches!(self.kind_at(3), Kind::Semicolon | Kind::Equal | Kind::Comma)
                    && self.is_undeclared()
            }
            _ => false,
        };
        if !is_declaration {
            return Ok(());
        }
        let span = self.here();
        let help = "say what it is with `typedef`, or write a type of C";
        self.error_with_help("c::undeclared", span, format!("the type `{name}` is not declared"), help);
        Err(Failed)
    }

    fn expression_statement(&mut self, start: Span) -> Result<()> {
        if self.kind() == Kind::Name && self.kind_at(1) == Kind::Equal && self.is_undeclared() {
            return self.implicit_variable(start);
        }
        let id = self.expression()?;
        let id = if self.is_place(id) && self.unit.types.scalar(self.ty(id)).is_some() {
            self.value(id)?
        } else {
            id
        };
        self.expect(Kind::Semicolon)?;
        let span = self.span_from(start);
        // Where a macro with statements is a statement, its statements are.
        if let ExprKind::Block { body, value: None } = self.expr(id).kind {
            self.push_stmt(StmtKind::Block(body), span);
        } else {
            self.push_stmt(StmtKind::Expr(id), span);
        }
        Ok(())
    }

    /// Whether the name here means nothing, in a thread.
    fn is_undeclared(&self) -> bool {
        let name = self.text(self.token());
        self.function.is_thread
            && self.call_site.is_none()
            && self.scopes.find(name).is_none()
            && !self.function.implicit.contains_key(name)
    }

    /// `r1 = …;` declares `r1` if nothing else does, for the whole thread.
    fn implicit_variable(&mut self, start: Span) -> Result<()> {
        let name = self.bump();
        self.at += 1;
        let value = self.assignment()?;
        let value = self.scalar(value, "a variable")?;
        self.expect(Kind::Semicolon)?;
        let ty = self.unit.types.unqualified(self.ty(value));
        let local = self.implicit_local(self.text(name), start, ty)?;
        let place = self.push(ExprKind::Local(local), ty, start)?;
        let span = self.span_from(start);
        let assigned = self.assign(place, value, span)?;
        self.push_stmt(StmtKind::Expr(assigned), span);
        Ok(())
    }

    /// `(condition)`
    fn condition(&mut self) -> Result<ExprId> {
        self.expect(Kind::LeftParen)?;
        let cond = self.expression()?;
        let cond = self.scalar(cond, "a condition")?;
        self.expect(Kind::RightParen)?;
        Ok(cond)
    }

    /// One statement, as a node.
    fn single_statement(&mut self) -> Result<StmtId> {
        let first = self.stmt_stack.len();
        let start = self.here();
        self.scopes.enter();
        let result = self.statement();
        self.leave_scope();
        result?;
        if let [only] = self.stmt_stack[first..] {
            self.stmt_stack.truncate(first);
            return Ok(only);
        }
        let list = self.finish_stmts(first);
        let span = self.span_from(start);
        self.push_stmt(StmtKind::Block(list), span);
        self.stmt_stack.pop().ok_or(Failed)
    }

    fn if_statement(&mut self, start: Span) -> Result<()> {
        self.at += 1;
        let cond = self.condition()?;
        let then = self.single_statement()?;
        let otherwise = if self.eat(Kind::Else) { Some(self.single_statement()?) } else { None };
        let span = self.span_from(start);
        self.push_stmt(StmtKind::If { cond, then, otherwise }, span);
        Ok(())
    }

    fn loop_body(&mut self) -> Result<StmtId> {
        self.function.loops += 1;
        let body = self.single_statement()?;
        self.function.loops -= 1;
        Ok(body)
    }

    fn for_statement(&mut self, start: Span) -> Result<()> {
        self.at += 1;
        self.expect(Kind::LeftParen)?;
        self.scopes.enter();
        let first = self.stmt_stack.len();
        if self.kind() == Kind::Semicolon {
            self.at += 1;
        } else if self.starts_type(0) {
            self.local_declaration()?;
        } else {
            let start = self.here();
            self.expression_statement(start)?;
        }
        let init = match self.stmt_stack[first..] {
            [] => None,
            [only] => {
                self.stmt_stack.truncate(first);
                Some(only)
            }
            _ => {
                let list = self.finish_stmts(first);
                let span = self.span_from(start);
                self.push_stmt(StmtKind::Block(list), span);
                self.stmt_stack.pop()
            }
        };
        let cond = if self.kind() == Kind::Semicolon {
            None
        } else {
            let cond = self.expression()?;
            Some(self.scalar(cond, "a condition")?)
        };
        self.expect(Kind::Semicolon)?;
        let step = if self.kind() == Kind::RightParen {
            None
        } else {
            let step = self.expression()?;
            Some(self.value(step)?)
        };
        self.expect(Kind::RightParen)?;
        let body = self.loop_body()?;
        self.leave_scope();
        let span = self.span_from(start);
        self.push_stmt(StmtKind::For { init, cond, step, body }, span);
        Ok(())
    }

    fn switch_statement(&mut self, start: Span) -> Result<()> {
        self.at += 1;
        let value = self.condition()?;
        if !matches!(
            self.unit.types.kind(self.ty(value)),
            TypeKind::Int { .. } | TypeKind::Bool | TypeKind::Spinlock | TypeKind::Mutex | TypeKind::Srcu
        ) {
            let span = self.span_of(value);
            self.error("c::type", span, "`switch` needs an integer");
            return Err(Failed);
        }
        let ty = self.promote(value)?;
        let (value, ty) = (ty, self.ty(ty));
        self.function.switches.push(Switch { ty, cases: Vec::new(), default: None });
        let body = self.single_statement()?;
        let Some(mut switch) = self.function.switches.pop() else { return Err(Failed) };
        switch.cases.sort_by_key(|(value, label, _)| (*value, label.0));
        for pair in switch.cases.windows(2) {
            if pair[0].0 == pair[1].0 {
                let message = format!("there are two cases for {}", pair[1].0);
                self.error("c::bad-statement", pair[1].2, message);
            }
        }
        let cases = CaseList { start: self.unit.cases.len() as u32, len: switch.cases.len() as u32 };
        self.unit.cases.extend(switch.cases.iter().map(|&(value, label, _)| Case { value, label }));
        let span = self.span_from(start);
        self.push_stmt(StmtKind::Switch { value, body, cases, default: switch.default }, span);
        Ok(())
    }

    /// The integer promotions.
    fn promote(&mut self, value: ExprId) -> Result<ExprId> {
        let ty = match self.unit.types.kind(self.ty(value)) {
            TypeKind::Int { bits, .. } if bits >= 32 => self.ty(value),
            _ => TypeId::INT,
        };
        self.convert(value, ty)
    }

    fn new_label(&mut self, name: Option<String>, span: Span) -> LabelId {
        self.function.labels.push(Label { name, span });
        LabelId(self.function.labels.len() as u32 - 1)
    }

    fn case_label(&mut self, start: Span) -> Result<()> {
        let is_case = self.bump().kind == Kind::Case;
        let value = if is_case { Some(self.constant_expression("a case")?) } else { None };
        if self.kind() == Kind::Ellipsis {
            let span = self.here();
            return self.unsupported(span, "a range of cases", "write one `case` for each value");
        }
        self.expect(Kind::Colon)?;
        let span = self.span_from(start);
        let label = self.new_label(None, span);
        let Some(ty) = self.function.switches.last().map(|switch| switch.ty) else {
            self.error("c::bad-statement", span, "this stands outside of a `switch`");
            return Err(Failed);
        };
        let value = value.map(|(value, _)| self.wrap(value, ty));
        let Some(switch) = self.function.switches.last_mut() else { return Err(Failed) };
        match value {
            Some(value) => switch.cases.push((value, label, span)),
            None if switch.default.is_some() => {
                self.error("c::bad-statement", span, "this `switch` has a `default` already");
            }
            None => switch.default = Some(label),
        }
        self.push_stmt(StmtKind::Label(label), span);
        self.labelled()
    }

    /// What follows a label.
    fn labelled(&mut self) -> Result<()> {
        match self.kind() {
            Kind::RightBrace | Kind::End => Ok(()),
            // Labels in a row are no nesting.
            Kind::Case | Kind::Default => Ok(()),
            _ => self.statement(),
        }
    }

    fn label(&mut self) -> Result<()> {
        let name = self.bump();
        let span = self.span(name);
        self.at += 1;
        let label = self.find_label(name);
        let text = self.text(name);
        if let Some(state) = self.function.label_names.get_mut(text) {
            if state.defined {
                self.error("c::bad-statement", span, format!("the label `{text}` is defined already"));
                return Err(Failed);
            }
            state.defined = true;
        }
        self.function.labels[label.0 as usize].span = span;
        self.push_stmt(StmtKind::Label(label), span);
        self.labelled()
    }

    fn find_label(&mut self, name: Token) -> LabelId {
        let text = self.text(name);
        if let Some(state) = self.function.label_names.get(text) {
            return state.id;
        }
        let span = self.span(name);
        let id = self.new_label(Some(text.to_owned()), span);
        self.function.label_names.insert(text, LabelState { id, defined: false });
        id
    }

    fn goto_statement(&mut self, start: Span) -> Result<()> {
        self.at += 1;
        if self.kind() == Kind::Star {
            return self.unsupported(start, "a computed `goto`", "use `switch`");
        }
        let name = self.expect(Kind::Name)?;
        let label = self.find_label(name);
        self.expect(Kind::Semicolon)?;
        let span = self.span_from(start);
        self.push_stmt(StmtKind::Goto(label), span);
        Ok(())
    }

    fn jump_statement(&mut self, kind: Kind, start: Span) -> Result<()> {
        self.at += 1;
        self.expect(Kind::Semicolon)?;
        let is_break = kind == Kind::Break;
        let inside = self.function.loops > 0 || (is_break && !self.function.switches.is_empty());
        if !inside {
            let place = if is_break { "a loop or a `switch`" } else { "a loop" };
            self.error("c::bad-statement", start, format!("`{}` stands outside of {place}", kind.text()));
            return Err(Failed);
        }
        self.push_stmt(if is_break { StmtKind::Break } else { StmtKind::Continue }, start);
        Ok(())
    }

    fn return_statement(&mut self, start: Span) -> Result<()> {
        self.at += 1;
        let value = if self.kind() == Kind::Semicolon {
            None
        } else {
            let value = self.expression()?;
            Some(self.value(value)?)
        };
        self.expect(Kind::Semicolon)?;
        let span = self.span_from(start);
        let value = match (value, self.function.returns) {
            (Some(value), Some(ty)) if ty != TypeId::VOID => Some(self.convert(value, ty)?),
            (Some(value), _) if self.function.is_thread => Some(value),
            (Some(value), _) if self.ty(value) == TypeId::VOID => Some(value),
            (Some(_), _) => {
                self.error("c::type", span, "this function returns nothing");
                return Err(Failed);
            }
            (None, Some(ty)) if ty != TypeId::VOID && !self.function.is_thread => {
                let message = format!("this function returns a value of type `{}`", self.type_name(ty));
                self.error("c::type", span, message);
                return Err(Failed);
            }
            (None, _) => None,
        };
        self.push_stmt(StmtKind::Return(value), span);
        Ok(())
    }

    /// `asm volatile("" ::: "memory");`: only the compiler cares.
    fn asm_statement(&mut self, start: Span) -> Result<()> {
        self.at += 1;
        while matches!(self.kind(), Kind::Volatile | Kind::Inline | Kind::Goto) {
            self.at += 1;
        }
        self.expect(Kind::LeftParen)?;
        let code = self.expect(Kind::String)?;
        if !self.text(code).trim_matches('"').trim().is_empty() {
            let help = "write the assembly test for that architecture, or the operation in C";
            return self.unsupported(start, "assembly in C", help);
        }
        let mut depth = 1usize;
        while depth > 0 {
            match self.bump().kind {
                Kind::LeftParen => depth += 1,
                Kind::RightParen => depth -= 1,
                Kind::End => return self.unexpected("`)`"),
                _ => {}
            }
        }
        self.expect(Kind::Semicolon)?;
        let span = self.span_from(start);
        self.push_stmt(StmtKind::Empty, span);
        Ok(())
    }
}
