//! The tree as text, with everything explicit.

use std::fmt::Write;

use crate::c::ast::*;

/// Writes all globals, functions and threads.
pub(super) fn dump(unit: &Unit) -> String {
    let mut out = String::new();
    for global in &unit.globals {
        let _ = write!(out, "global {}: {}", global.name, unit.types.name(global.ty));
        for part in &global.init {
            let _ = write!(out, " +{}:{}={:?}", part.offset, unit.types.name(part.ty), part.value);
        }
        out.push('\n');
    }
    for function in unit.functions.iter().chain(&unit.threads) {
        let mut writer = Writer { unit, function, out, indent: 1 };
        writer.function();
        out = writer.out;
    }
    out
}

struct Writer<'a> {
    unit: &'a Unit,
    function: &'a Function,
    out: String,
    indent: usize,
}

impl Writer<'_> {
    fn function(&mut self) {
        let _ = write!(self.out, "{}(", self.function.name);
        for (i, local) in self.function.locals.iter().enumerate() {
            if i as u32 == self.function.parameters {
                self.out.push_str("; ");
            } else if i > 0 {
                self.out.push_str(", ");
            }
            let address = if local.address_taken { "&" } else { "" };
            let hidden = if local.visible || (i as u32) < self.function.parameters { "" } else { "?" };
            let _ = write!(self.out, "{address}{}{hidden} {}", local.name, self.unit.types.name(local.ty));
        }
        let _ = writeln!(self.out, ") {}", self.unit.types.name(self.function.returns));
        for id in self.unit.stmt_list(self.function.body) {
            self.stmt(*id);
        }
    }

    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{}{}", "  ".repeat(self.indent), text.trim_end());
    }

    fn inner(&mut self, id: StmtId) {
        self.indent += 1;
        self.stmt(id);
        self.indent -= 1;
    }

    fn list(&mut self, list: StmtList) {
        self.indent += 1;
        for id in self.unit.stmt_list(list) {
            self.stmt(*id);
        }
        self.indent -= 1;
    }

    fn label(&self, label: LabelId) -> String {
        let name = &self.function.labels[label.0 as usize].name;
        name.clone().unwrap_or_else(|| format!("case{}", label.0))
    }

    fn stmt(&mut self, id: StmtId) {
        match self.unit.stmt(id).kind {
            StmtKind::Empty => self.line(";"),
            StmtKind::Expr(id) => {
                let text = self.expr(id);
                self.line(&text);
            }
            StmtKind::Declare { local, init } => {
                let parts: Vec<_> = self.unit.expr_list(init).iter().map(|id| self.expr(*id)).collect();
                let name = self.local(local);
                self.line(&format!("declare {name}: {}", parts.join("; ")));
            }
            StmtKind::Block(list) => {
                self.line("block");
                self.list(list);
            }
            StmtKind::If { cond, then, otherwise } => {
                let cond = self.expr(cond);
                self.line(&format!("if {cond}"));
                self.inner(then);
                if let Some(otherwise) = otherwise {
                    self.line("else");
                    self.inner(otherwise);
                }
            }
            StmtKind::While { cond, body } => {
                let cond = self.expr(cond);
                self.line(&format!("while {cond}"));
                self.inner(body);
            }
            StmtKind::DoWhile { body, cond } => {
                let cond = self.expr(cond);
                self.line("do");
                self.inner(body);
                self.line(&format!("while {cond}"));
            }
            StmtKind::For { init, cond, step, body } => {
                self.line("for");
                if let Some(init) = init {
                    self.inner(init);
                }
                let cond = cond.map_or(String::new(), |id| self.expr(id));
                let step = step.map_or(String::new(), |id| self.expr(id));
                self.line(&format!("; {cond}; {step}"));
                self.inner(body);
            }
            StmtKind::Switch { value, body, cases, default } => {
                let value = self.expr(value);
                let cases: Vec<_> = self
                    .unit
                    .case_list(cases)
                    .iter()
                    .map(|case| format!("{} -> {}", case.value, self.label(case.label)))
                    .collect();
                let default = default.map_or(String::new(), |label| format!(", else {}", self.label(label)));
                self.line(&format!("switch {value}: {}{default}", cases.join(", ")));
                self.inner(body);
            }
            StmtKind::Label(label) => {
                let name = self.label(label);
                self.line(&format!("{name}:"));
            }
            StmtKind::Goto(label) => {
                let name = self.label(label);
                self.line(&format!("goto {name}"));
            }
            StmtKind::Break => self.line("break"),
            StmtKind::Continue => self.line("continue"),
            StmtKind::Return(value) => {
                let value = value.map_or(String::new(), |id| self.expr(id));
                self.line(&format!("return {value}"));
            }
        }
    }

    fn local(&self, local: LocalId) -> String {
        let name = &self.function.locals[local.0 as usize].name;
        let same = self.function.locals.iter().filter(|other| other.name == *name).count();
        if same > 1 { format!("{name}#{}", local.0) } else { name.clone() }
    }

    fn mark(&self, mark: Mark) -> String {
        match mark {
            Mark::Order(order) => format!("{order:?}"),
            Mark::Annotations(id) => self.unit.annotations[id.0 as usize].join(","),
        }
    }

    fn expr(&mut self, id: ExprId) -> String {
        let expr = self.unit.expr(id);
        let ty = self.unit.types.name(expr.ty);
        match expr.kind {
            ExprKind::Int(value) if ty == "int" => value.to_string(),
            ExprKind::Int(value) => format!("{value}:{ty}"),
            ExprKind::Address(global) => format!("&{}", self.unit.globals[global.0 as usize].name),
            ExprKind::Local(local) => self.local(local),
            ExprKind::Deref(pointer) => format!("*{}", self.expr(pointer)),
            ExprKind::Field { place, offset } => format!("{}.{offset}", self.expr(place)),
            ExprKind::Read(place) => format!("[{}]", self.expr(place)),
            ExprKind::AddressOf(place) => format!("&({})", self.expr(place)),
            ExprKind::Assign { place, value } => format!("({} = {})", self.expr(place), self.expr(value)),
            ExprKind::CompoundAssign { op, ty, place, value } => {
                let ty = self.unit.types.name(ty);
                format!("({} {op:?}={ty} {})", self.expr(place), self.expr(value))
            }
            ExprKind::IncDec { place, step, postfix } => {
                let place = self.expr(place);
                if postfix { format!("({place} post{step:+})") } else { format!("({place} pre{step:+})") }
            }
            ExprKind::Unary { op, value } => format!("{op:?}({})", self.expr(value)),
            ExprKind::Binary { op, left, right } => {
                format!("({} {op:?} {}):{ty}", self.expr(left), self.expr(right))
            }
            ExprKind::PointerAdd { pointer, index, size } => {
                format!("({} + {size}*{})", self.expr(pointer), self.expr(index))
            }
            ExprKind::PointerDifference { left, right, size } => {
                format!("({} - {})/{size}", self.expr(left), self.expr(right))
            }
            ExprKind::Convert(value) => format!("({ty}){}", self.expr(value)),
            ExprKind::LogicalAnd { left, right } => format!("({} && {})", self.expr(left), self.expr(right)),
            ExprKind::LogicalOr { left, right } => format!("({} || {})", self.expr(left), self.expr(right)),
            ExprKind::Conditional { cond, then, otherwise } => {
                format!("({} ? {} : {}):{ty}", self.expr(cond), self.expr(then), self.expr(otherwise))
            }
            ExprKind::Comma { left, right } => format!("({}, {})", self.expr(left), self.expr(right)),
            ExprKind::Call { function, arguments } => {
                let name = &self.unit.functions[function.0 as usize].name;
                let arguments: Vec<_> =
                    self.unit.expr_list(arguments).iter().map(|id| self.expr(*id)).collect();
                format!("{name}({})", arguments.join(", "))
            }
            ExprKind::Block { body, value } => self.block(body, value),
            ExprKind::Atomic(atomic) => self.atomic(atomic, &ty),
            ExprKind::Detach(value) => format!("detach({})", self.expr(value)),
        }
    }

    fn block(&mut self, body: StmtList, value: Option<ExprId>) -> String {
        let out = std::mem::take(&mut self.out);
        self.list(body);
        let body = std::mem::replace(&mut self.out, out);
        let body: Vec<&str> = body.lines().map(str::trim).collect();
        let value = value.map_or(String::new(), |id| self.expr(id));
        format!("{{{}; {value}}}", body.join("; "))
    }

    fn atomic(&mut self, atomic: Atomic, ty: &str) -> String {
        match atomic {
            Atomic::Load { place, mark } => format!("load{{{}}}({}):{ty}", self.mark(mark), self.expr(place)),
            Atomic::Store { place, value, mark } => {
                format!("store{{{}}}({}, {})", self.mark(mark), self.expr(place), self.expr(value))
            }
            Atomic::Exchange { place, value, mark } => {
                format!("xchg{{{}}}({}, {}):{ty}", self.mark(mark), self.expr(place), self.expr(value))
            }
            Atomic::FetchOp { place, op, value, mark, returns } => {
                let (place, value) = (self.expr(place), self.expr(value));
                format!("fetch{{{}}}({place} {op:?} {value}) -> {returns:?}", self.mark(mark))
            }
            Atomic::CompareExchange { place, expected, desired, success, failure, weak } => {
                let weak = if weak { "weak " } else { "" };
                let (place, expected, desired) = (self.expr(place), self.expr(expected), self.expr(desired));
                format!("{weak}cas{{{success:?},{failure:?}}}({place}, {expected}, {desired})")
            }
            Atomic::Cmpxchg { place, expected, desired, mark } => {
                let (place, expected, desired) = (self.expr(place), self.expr(expected), self.expr(desired));
                format!("cmpxchg{{{}}}({place}, {expected}, {desired}):{ty}", self.mark(mark))
            }
            Atomic::AddUnless { place, add, unless, mark } => {
                let (place, add, unless) = (self.expr(place), self.expr(add), self.expr(unless));
                format!("add_unless{{{}}}({place}, {add}, {unless})", self.mark(mark))
            }
            Atomic::Fence { mark } => format!("fence{{{}}}", self.mark(mark)),
            Atomic::Lock { place, op } => format!("{op:?}({})", self.expr(place)),
            Atomic::Srcu { place, value, mark } => {
                let value = value.map_or(String::new(), |id| format!(", {}", self.expr(id)));
                format!("srcu{{{}}}({}{value})", self.mark(Mark::Annotations(mark)), self.expr(place))
            }
        }
    }
}
