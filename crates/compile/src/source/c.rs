//! C11 and the kernel's C, function by function.
//!
//! Variables are registers, and so are the addresses of shared variables. Expressions are computed one after the other,
//! as written; nothing is optimised away, so that whatever depends on a load still does.

use super::{Item, Label, Named, Operand, Program, Result, Thread, Unsupported, Virtual};
use lang::c::Macros;
use lang::c::ast::{ExprId, Function, GlobalId, LabelId, LocalId, Unit};
use lang::c::types::{Scalar, TypeId};
use litmus::{Place, Test};
use std::collections::{BTreeMap, BTreeSet};
use syntax::{Diagnostic, Span, has_errors};

/// Reads the functions of a test and cuts them into instructions.
///
/// # Errors
/// The first thing in the test that can't be translated.
pub(crate) fn program(test: &Test, kernel: bool, macros: &Macros) -> Result<Program> {
    let litmus::Program::C(functions) = &test.program else {
        return Err(Unsupported::new("this is not a test in C", test.name_span));
    };
    let (unit, diagnostics) = lang::c::parse(&turnsole::c_source(test, functions), macros);
    if has_errors(&diagnostics) {
        return Err(first_error(&diagnostics, test));
    }
    let mut program = Program::default();
    for global in &unit.globals {
        let Some(scalar) = unit.types.scalar(global.ty) else {
            return Err(Unsupported::new("arrays and structures are not translated", global.span));
        };
        if !global.init.is_empty() {
            return Err(Unsupported::new("initialisers at file scope are not translated", global.span));
        }
        program.types.insert(global.name.clone(), declared(scalar, unit.types.is_pointer(global.ty)));
    }
    for (number, function) in unit.threads.iter().enumerate() {
        let observed = observed(test, number as u32);
        program.threads.push(Generator::new(&unit, function, kernel).thread(&observed)?);
    }
    Ok(program)
}

fn first_error(diagnostics: &[Diagnostic], test: &Test) -> Unsupported {
    let first = diagnostics.iter().find(|diagnostic| has_errors(std::slice::from_ref(*diagnostic)));
    first.map_or_else(
        || Unsupported::new("the program can't be read", test.name_span),
        |error| Unsupported::new(error.message.clone(), error.span),
    )
}

/// The variables of a thread that a test names.
fn observed(test: &Test, number: u32) -> BTreeSet<String> {
    crate::places::all(test)
        .into_iter()
        .filter_map(|place| match place {
            Place::Reg { thread, name } if thread == number => Some(name),
            _ => None,
        })
        .collect()
}

/// The type that declares a scalar in a litmus test.
fn declared(scalar: Scalar, pointer: bool) -> litmus::Type {
    let base = match (pointer, scalar.bits, scalar.signed) {
        (true, ..) | (_, 32, true) => "int",
        (_, 8, true) => "int8_t",
        (_, 8, false) => "uint8_t",
        (_, 16, true) => "int16_t",
        (_, 16, false) => "uint16_t",
        (_, 32, false) => "uint32_t",
        (_, _, true) => "int64_t",
        (_, _, false) => "uint64_t",
    };
    litmus::Type { atomic: false, base: base.to_owned(), pointers: pointer.into(), array: None }
}

/// The variables come first, then the addresses, then what expressions need in between; holes are closed at the end.
const ADDRESSES: u32 = 1 << 16;
const TEMPORARIES: u32 = 1 << 17;

/// Where `break` and `continue` go.
#[derive(Clone, Copy)]
pub(super) struct Exits {
    pub(super) behind: Label,
    pub(super) again: Option<Label>,
}

/// Writes a thread.
pub(super) struct Generator<'u> {
    pub(super) unit: &'u Unit,
    pub(super) function: &'u Function,
    /// Whether this is the kernel's C.
    pub(super) kernel: bool,
    pub(super) exits: Vec<Exits>,
    items: Vec<Item>,
    labels: u32,
    addresses: Vec<GlobalId>,
    /// Temporaries in use.
    temporaries: u32,
    pub(super) end: Label,
}

impl<'u> Generator<'u> {
    fn new(unit: &'u Unit, function: &'u Function, kernel: bool) -> Generator<'u> {
        let named = function.labels.len() as u32;
        Generator {
            unit,
            function,
            kernel,
            exits: Vec::new(),
            items: Vec::new(),
            labels: named + 1,
            addresses: Vec::new(),
            temporaries: 0,
            end: Label(named),
        }
    }

    fn thread(mut self, observed: &BTreeSet<String>) -> Result<Thread> {
        for statement in self.unit.stmt_list(self.function.body) {
            self.statement(*statement, 0)?;
        }
        self.place(self.end);
        self.drop_unused_end();
        Ok(self.finish(observed))
    }

    /// The label behind the thread, if nobody goes there.
    fn drop_unused_end(&mut self) {
        let end = Operand::Label(self.end);
        let goes =
            |item: &Item| matches!(item, Item::Instruction { operands, .. } if operands.contains(&end));
        if !self.items.iter().any(goes) {
            self.items.pop();
        }
    }

    /// Gives the registers that are used numbers without holes, addresses first.
    fn finish(self, observed: &BTreeSet<String>) -> Thread {
        let locals = self.function.locals.iter().zip(0..);
        let named = locals.filter(|(local, _)| local.visible).map(|(local, number)| (local, Virtual(number)));
        let mut used: BTreeSet<(bool, Virtual)> = BTreeSet::new();
        let rank = |register: Virtual| (!(ADDRESSES..TEMPORARIES).contains(&register.0), register);
        for item in &self.items {
            let Item::Instruction { operands, .. } = item else { continue };
            for operand in operands {
                if let Operand::Register(register) = operand {
                    used.insert(rank(*register));
                }
            }
        }
        used.extend(
            named.clone().filter(|(local, _)| observed.contains(&local.name)).map(|(_, at)| rank(at)),
        );
        let numbers: BTreeMap<Virtual, Virtual> =
            used.into_iter().zip(0..).map(|((_, old), new)| (old, Virtual(new))).collect();
        let mut thread = Thread { items: self.items, ..Thread::default() };
        for item in &mut thread.items {
            let Item::Instruction { operands, .. } = item else { continue };
            for operand in operands {
                if let Operand::Register(register) = operand {
                    *register = numbers[register];
                }
            }
        }
        for (at, global) in (ADDRESSES..).zip(&self.addresses) {
            if let Some(register) = numbers.get(&Virtual(at)) {
                thread.addresses.push((*register, self.unit.globals[global.0 as usize].name.clone()));
            }
        }
        for (local, at) in named {
            let scalar = self.unit.types.scalar(local.ty);
            if let (Some(register), Some(scalar)) = (numbers.get(&at), scalar) {
                let ty = Some(declared(scalar, self.unit.types.is_pointer(local.ty)));
                thread.names.insert(local.name.clone(), Named { register: *register, ty });
            }
        }
        thread
    }

    /// Adds an instruction.
    pub(super) fn emit<const N: usize>(
        &mut self,
        name: impl Into<String>,
        operands: [Operand; N],
        span: Span,
    ) {
        self.items.push(Item::Instruction { name: name.into(), operands: operands.to_vec(), span });
    }

    /// The label is here.
    pub(super) fn place(&mut self, label: Label) {
        self.items.push(Item::Label(label));
    }

    /// A label that nobody has used.
    pub(super) fn label(&mut self) -> Label {
        self.labels += 1;
        Label(self.labels - 1)
    }

    /// A label that the function has.
    pub(super) fn named_label(&self, label: LabelId) -> Label {
        Label(label.0)
    }

    /// A register that nobody uses until [`Generator::release`].
    pub(super) fn temporary(&mut self) -> Virtual {
        self.temporaries += 1;
        Virtual(TEMPORARIES + self.temporaries - 1)
    }

    /// What [`Generator::release`] goes back to.
    pub(super) fn mark(&self) -> u32 {
        self.temporaries
    }

    /// Temporaries since the mark are free again.
    pub(super) fn release(&mut self, mark: u32) {
        self.temporaries = mark;
    }

    /// The register that holds the address of a shared variable.
    pub(super) fn address(&mut self, global: GlobalId) -> Virtual {
        let at = self.addresses.iter().position(|known| *known == global).unwrap_or_else(|| {
            self.addresses.push(global);
            self.addresses.len() - 1
        });
        Virtual(ADDRESSES + at as u32)
    }

    /// The register of a variable.
    pub(super) fn local(&self, local: LocalId) -> Result<Virtual> {
        let known = &self.function.locals[local.0 as usize];
        if known.address_taken {
            return Err(Unsupported::new("variables in memory are not translated", known.span));
        }
        Ok(Virtual(local.0))
    }

    /// Puts a value into a register; what was just computed into a temporary goes there directly.
    pub(super) fn put(&mut self, to: Virtual, value: Virtual, span: Span) {
        if let Some(Item::Instruction { name, operands, .. }) = self.items.last_mut()
            && value.0 >= TEMPORARIES
            && operands.first() == Some(&Operand::Register(value))
            && !operands[1..].iter().any(|operand| [value, to].map(Operand::Register).contains(operand))
            && only_writes(name)
        {
            operands[0] = to.into();
            return;
        }
        if to != value {
            self.emit("mov", [to.into(), value.into()], span);
        }
    }

    /// How values of an expression are held.
    pub(super) fn scalar(&self, ty: TypeId, span: Span) -> Result<Scalar> {
        let scalar = self.unit.types.scalar(ty).filter(|scalar| scalar.bits <= 64);
        scalar.ok_or_else(|| Unsupported::new("values of this type are not translated", span))
    }

    /// The type of an expression.
    pub(super) fn ty(&self, expr: ExprId) -> TypeId {
        self.unit.expr(expr).ty
    }
}

/// Whether an instruction writes its first operand without reading it.
fn only_writes(name: &str) -> bool {
    let two_operands = ["add", "sub", "mul", "and", "or", "xor", "lsh", "rsh", "arsh", "addi"];
    crate::mapping::vocabulary::operands(name).is_some_and(|operands| operands.starts_with('d'))
        && !two_operands.contains(&name)
}
