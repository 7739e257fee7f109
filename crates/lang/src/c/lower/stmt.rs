//! Statements: control flow as guards and jumps.

use super::Lower;
use crate::c::ast::{CaseList, ExprId, Function, LabelId as Goto, StmtId, StmtKind, StmtList};
use execution::BinaryOp as Op;
use execution::micro::{LabelId, Port};

impl<'a> Lower<'a> {
    /// The body of the function of the innermost frame, and its end.
    pub(super) fn function_body(&mut self, function: &'a Function) {
        self.statements(function.body);
        let end = self.frame().end;
        self.code.place_label(end);
    }

    pub(super) fn statements(&mut self, list: StmtList) {
        for id in self.unit.stmt_list(list) {
            self.statement(*id);
        }
    }

    fn statement(&mut self, id: StmtId) {
        let span = self.unit.stmt(id).span;
        self.nested(span, |lower| lower.statement_here(id));
    }

    fn statement_here(&mut self, id: StmtId) {
        let stmt = self.unit.stmt(id);
        self.code.end_instruction();
        self.code.at(stmt.span);
        match stmt.kind {
            StmtKind::Empty => {}
            StmtKind::Expr(expr) => self.full_expression(expr),
            StmtKind::Declare { init, .. } => {
                for expr in self.unit.expr_list(init) {
                    self.code.at(stmt.span);
                    self.full_expression(*expr);
                }
            }
            StmtKind::Block(list) => self.statements(list),
            StmtKind::If { cond, then, otherwise } => self.if_statement(cond, then, otherwise),
            StmtKind::While { cond, body } => self.while_loop(cond, body),
            StmtKind::DoWhile { body, cond } => self.do_loop(body, cond),
            StmtKind::For { init, cond, step, body } => {
                if let Some(init) = init {
                    self.statement(init);
                }
                self.for_loop(cond, step, body);
            }
            StmtKind::Switch { value, body, cases, default } => self.switch(value, body, cases, default),
            StmtKind::Label(label) => {
                let label = self.label(label);
                self.code.place_label(label);
            }
            StmtKind::Goto(label) => {
                let label = self.label(label);
                self.code.jump(label);
            }
            StmtKind::Break => {
                if let Some(label) = self.frame().breaks.last().copied() {
                    self.code.jump(label);
                }
            }
            StmtKind::Continue => {
                if let Some(label) = self.frame().continues.last().copied() {
                    self.code.jump(label);
                }
            }
            StmtKind::Return(value) => {
                if let Some(value) = value {
                    let value = self.value(value, Port::Plain);
                    if let Some(reg) = self.frame().result {
                        self.code.write_register(reg, value);
                    }
                }
                let end = self.frame().end;
                self.code.jump(end);
            }
        }
        self.code.end_instruction();
    }

    /// An expression whose value nobody uses.
    fn full_expression(&mut self, id: ExprId) {
        if self.effects(id).acts {
            self.value(id, Port::Plain);
        }
        self.code.end_instruction();
    }

    fn label(&self, label: Goto) -> LabelId {
        self.frame().labels.get(label.0 as usize).copied().unwrap_or(self.frame().end)
    }

    fn if_statement(&mut self, cond: ExprId, then: StmtId, otherwise: Option<StmtId>) {
        let end = self.code.new_label("endif");
        let no = otherwise.map_or(end, |_| self.code.new_label("else"));
        self.jump_unless(cond, no);
        self.statement(then);
        if let Some(otherwise) = otherwise {
            self.code.jump(end);
            self.code.place_label(no);
            self.statement(otherwise);
        }
        self.code.place_label(end);
    }

    /// The body of a loop or a switch; `next` is where `continue` goes.
    fn body(&mut self, body: StmtId, next: Option<LabelId>, exit: LabelId) {
        let frame = self.frame_mut();
        frame.breaks.push(exit);
        frame.continues.extend(next);
        self.statement(body);
        let frame = self.frame_mut();
        frame.breaks.pop();
        if next.is_some() {
            frame.continues.pop();
        }
    }

    fn while_loop(&mut self, cond: ExprId, body: StmtId) {
        let (start, exit) = (self.code.new_label("while"), self.code.new_label("endwhile"));
        self.code.place_label(start);
        self.jump_unless(cond, exit);
        self.body(body, Some(start), exit);
        self.code.jump(start);
        self.code.place_label(exit);
    }

    fn do_loop(&mut self, body: StmtId, cond: ExprId) {
        let start = self.code.new_label("do");
        let (next, exit) = (self.code.new_label("while"), self.code.new_label("endwhile"));
        self.code.place_label(start);
        self.body(body, Some(next), exit);
        self.code.place_label(next);
        self.jump_if(cond, start);
        self.code.place_label(exit);
    }

    fn for_loop(&mut self, cond: Option<ExprId>, step: Option<ExprId>, body: StmtId) {
        let (start, next) = (self.code.new_label("for"), self.code.new_label("step"));
        let exit = self.code.new_label("endfor");
        self.code.place_label(start);
        if let Some(cond) = cond {
            self.jump_unless(cond, exit);
        }
        self.body(body, Some(next), exit);
        self.code.place_label(next);
        if let Some(step) = step {
            self.code.at(self.unit.expr(step).span);
            self.full_expression(step);
        }
        self.code.jump(start);
        self.code.place_label(exit);
    }

    fn switch(&mut self, value: ExprId, body: StmtId, cases: CaseList, default: Option<Goto>) {
        let exit = self.code.new_label("endswitch");
        let bits = self.scalar(self.unit.expr(value).ty).bits;
        let value = self.value(value, Port::Plain);
        let reg = self.hidden_register();
        self.code.write_register(reg, value);
        for case in self.unit.case_list(cases) {
            self.code.end_instruction();
            let value = self.code.read_register(reg, Port::Plain);
            let known = self.number(case.value, bits);
            let is = self.code.binary(Op::Eq, bits, value, known);
            let target = self.label(case.label);
            self.code.guard(is, target);
        }
        let rest = default.map_or(exit, |label| self.label(label));
        self.code.jump(rest);
        self.body(body, None, exit);
        self.code.place_label(exit);
    }
}
