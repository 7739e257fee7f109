//! Statements of C.

use super::c::{Exits, Generator};
use super::{Result, Unsupported};
use lang::c::ast::{ExprId, Stmt, StmtId, StmtKind};

/// How deep statements may be nested.
const MAX_DEPTH: u32 = 200;

impl Generator<'_> {
    pub(super) fn statement(&mut self, id: StmtId, depth: u32) -> Result<()> {
        let Stmt { kind, span } = self.unit.stmt(id);
        if depth > MAX_DEPTH {
            return Err(Unsupported::new("statements are nested too deeply", span));
        }
        let mark = self.mark();
        match kind {
            StmtKind::Empty => {}
            StmtKind::Expr(expr) => self.effect(expr)?,
            StmtKind::Declare { init, .. } => {
                for expr in self.unit.expr_list(init) {
                    self.effect(*expr)?;
                }
            }
            StmtKind::Block(list) => {
                for statement in self.unit.stmt_list(list) {
                    self.statement(*statement, depth + 1)?;
                }
            }
            StmtKind::If { cond, then, otherwise } => self.choice(cond, then, otherwise, depth)?,
            StmtKind::While { cond, body } => self.repeat(None, Some(cond), None, body, depth)?,
            StmtKind::For { init, cond, step, body } => self.repeat(init, cond, step, body, depth)?,
            StmtKind::DoWhile { body, cond } => {
                let (start, again, behind) = (self.label(), self.label(), self.label());
                self.place(start);
                self.body(body, Exits { behind, again: Some(again) }, depth)?;
                self.place(again);
                self.branch(cond, start, true)?;
                self.place(behind);
            }
            StmtKind::Switch { .. } => return Err(Unsupported::new("`switch` is not translated", span)),
            StmtKind::Label(label) => self.place(self.named_label(label)),
            StmtKind::Goto(label) => self.emit("goto", [self.named_label(label).into()], span),
            StmtKind::Break => {
                let behind = self.exits.last().map_or(self.end, |exits| exits.behind);
                self.emit("goto", [behind.into()], span);
            }
            StmtKind::Continue => {
                let again = self.exits.iter().rev().find_map(|exits| exits.again).unwrap_or(self.end);
                self.emit("goto", [again.into()], span);
            }
            StmtKind::Return(value) => {
                if let Some(value) = value {
                    self.effect(value)?;
                }
                self.emit("goto", [self.end.into()], span);
            }
        }
        self.release(mark);
        Ok(())
    }

    fn choice(&mut self, cond: ExprId, then: StmtId, otherwise: Option<StmtId>, depth: u32) -> Result<()> {
        let other = self.label();
        self.branch(cond, other, false)?;
        self.statement(then, depth + 1)?;
        let Some(otherwise) = otherwise else {
            self.place(other);
            return Ok(());
        };
        let behind = self.label();
        self.emit("goto", [behind.into()], self.unit.stmt(then).span);
        self.place(other);
        self.statement(otherwise, depth + 1)?;
        self.place(behind);
        Ok(())
    }

    fn repeat(
        &mut self,
        init: Option<StmtId>,
        cond: Option<ExprId>,
        step: Option<ExprId>,
        body: StmtId,
        depth: u32,
    ) -> Result<()> {
        let (start, again, behind) = (self.label(), self.label(), self.label());
        if let Some(init) = init {
            self.statement(init, depth + 1)?;
        }
        self.place(start);
        if let Some(cond) = cond {
            self.branch(cond, behind, false)?;
        }
        self.body(body, Exits { behind, again: Some(again) }, depth)?;
        self.place(again);
        if let Some(step) = step {
            self.effect(step)?;
        }
        self.emit("goto", [start.into()], self.unit.stmt(body).span);
        self.place(behind);
        Ok(())
    }

    fn body(&mut self, body: StmtId, exits: Exits, depth: u32) -> Result<()> {
        self.exits.push(exits);
        let done = self.statement(body, depth + 1);
        self.exits.pop();
        done
    }

    /// A full expression whose value is not used.
    fn effect(&mut self, expr: ExprId) -> Result<()> {
        let mark = self.mark();
        self.value_or_nothing(expr)?;
        self.release(mark);
        Ok(())
    }
}
