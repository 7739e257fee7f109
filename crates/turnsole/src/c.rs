//! Programs in C: the parts of a test that are C go to `lang`, and come back as a program.

use crate::Model;
use crate::program::{Language, Part, Prepared};
use crate::types::Shape;
use cat::bell::Bell;
use execution::micro::Reg;
use execution::{SymbolId, Symbols, Value};
use lang::c::ast::{Constant, Unit};
use lang::c::lower::{KernelUpdates, Lowered, Settings, lower};
use lang::c::types::{TypeId, TypeKind, Types};
use lang::c::{GlobalSource, Parameter, Piece, RegisterSource, Source, ThreadSource};
use litmus::{Atom, CProgram, Literal, Observed, Operand, Place, Test};
use std::collections::BTreeMap;
use syntax::{Diagnostic, Span, has_errors};

/// How many scalars an object may have.
const MAX_PARTS: usize = 4096;

/// Reads the functions of a test.
pub(crate) fn read(
    test: &Test,
    program: &CProgram,
    model: &Model,
    variants: &[String],
) -> (Option<Prepared>, Vec<Diagnostic>) {
    let (unit, mut diagnostics) = lang::c::parse(&source(test, program), model.macros());
    if has_errors(&diagnostics) {
        return (None, diagnostics);
    }
    if let Some(bell) = model.bell() {
        diagnostics.extend(check_annotations(test, &unit, bell));
    }
    let is_on = |name: &str| model.variants().iter().chain(variants).any(|on| on.eq_ignore_ascii_case(name));
    let named = named_variables(test);
    let names: Vec<&str> = named.iter().map(|one| one.name).collect();
    let settings = Settings {
        kernel_updates: if is_on("lkmmv2") { KernelUpdates::Tags } else { KernelUpdates::Fences },
        split_updates: is_on("normw"),
        tags: Some(model.c_tags()),
        extra_names: &names,
    };
    let mut symbols = Symbols::new();
    let (lowered, more) = lower(&unit, &settings, &mut symbols);
    diagnostics.extend(more);
    let Some(lowered) = lowered.filter(|_| !has_errors(&diagnostics)) else { return (None, diagnostics) };
    let mut prepared = prepared(&unit, lowered, symbols, &mut diagnostics);
    add_undeclared(&named, &mut prepared, &mut diagnostics);
    (Some(prepared), diagnostics)
}

/// The parts of a test that are C, for [`lang::c::parse`].
pub fn source<'t>(test: &'t Test, program: &'t CProgram) -> Source<'t> {
    let global = |binding: &'t litmus::Binding| {
        let (Some(ty), Place::Mem(name)) = (&binding.ty, &binding.place) else { return None };
        Some(GlobalSource {
            name,
            base: &ty.base,
            atomic: ty.atomic,
            pointers: ty.pointers,
            array: ty.array,
            span: binding.span,
        })
    };
    let register = |binding: &'t litmus::Binding| {
        let Place::Reg { thread, name } = &binding.place else { return None };
        let ty = binding.ty.as_ref();
        let declared = GlobalSource {
            name,
            base: ty.map_or("", |ty| &ty.base),
            atomic: false,
            pointers: ty.map_or(0, |ty| ty.pointers),
            array: None,
            span: binding.span,
        };
        Some(RegisterSource { thread: *thread, declared })
    };
    let piece = |text: &'t litmus::Text| Piece { text: &text.text, span: text.span };
    let thread = |function: &'t litmus::Function| ThreadSource {
        id: function.id,
        name_span: function.name_span,
        parameters: function
            .params
            .iter()
            .map(|param| Parameter { ty: &param.ty, name: &param.name, span: param.span })
            .collect(),
        body: piece(&function.body),
    };
    Source {
        globals: test.init.iter().filter_map(global).collect(),
        declarations: program.declarations.iter().map(piece).collect(),
        threads: program.functions.iter().map(thread).collect(),
        registers: test.init.iter().filter_map(register).collect(),
    }
}

/// Annotations that the bell file does not know.
fn check_annotations(test: &Test, unit: &Unit, bell: &Bell) -> Vec<Diagnostic> {
    let wrong = unit.annotations.iter().filter(|list| !list.is_empty() && !bell.allows_in_c(list));
    let diagnostic = |list: &Vec<String>| {
        let message = format!(
            "annotation error, `{{{}}}` does not match the declarations of the bell file",
            list.join(",")
        );
        Diagnostic::error("turnsole::unknown-annotation", test.name_span, message)
            .with_help("the macros and the bell file seem to belong to different versions of the model")
    };
    wrong.map(diagnostic).collect()
}

/// A variable of a thread that the initial state or the question names.
struct Named<'t> {
    thread: u32,
    name: &'t str,
    span: Span,
}

fn named_variables(test: &Test) -> Vec<Named<'_>> {
    let mut all: Vec<Named<'_>> = Vec::new();
    for binding in &test.init {
        all.extend(named(&binding.place, binding.span));
    }
    for observable in &test.locations {
        if let Observed::Place(place) = &observable.item {
            all.extend(named(place, observable.span));
        }
    }
    for prop in [Some(&test.condition.prop), test.filter.as_ref()].into_iter().flatten() {
        prop.for_each_atom(&mut |atom| {
            let Atom::Compare { place, value, span, .. } = atom else { return };
            all.extend(named(place, *span));
            match value {
                Operand::Place(place) => all.extend(named(place, *span)),
                Operand::Literal(Literal::Label { thread, name }) => {
                    all.push(Named { thread: *thread, name, span: *span });
                }
                Operand::Literal(_) => {}
            }
        });
    }
    all
}

fn named(place: &Place, span: Span) -> Option<Named<'_>> {
    match place {
        Place::Reg { thread, name } => Some(Named { thread: *thread, name, span }),
        _ => None,
    }
}

/// Gives threads the variables that are named without being declared: they hold zero. That is mostly a mistake.
fn add_undeclared(named: &[Named<'_>], prepared: &mut Prepared, diagnostics: &mut Vec<Diagnostic>) {
    for Named { thread, name, span } in named {
        let Some(names) = prepared.local_names.get_mut(*thread as usize) else { continue };
        let at = prepared.program.registers.iter().position(|known| known == *name);
        let Some(at) = at.filter(|_| !names.contains_key(*name)) else { continue };
        let message = format!("thread {thread} has no variable `{name}`: it is taken to be 0");
        let known = names.keys().map(String::as_str);
        let warning = Diagnostic::warning("turnsole::unknown-variable", *span, message);
        diagnostics.push(warning.with_suggestion(name, known));
        names.insert((*name).to_owned(), Reg(at as u16));
    }
}

/// Puts together what the rest of the façade wants to know.
fn prepared(unit: &Unit, lowered: Lowered, symbols: Symbols, diagnostics: &mut Vec<Diagnostic>) -> Prepared {
    let types = &unit.types;
    let Lowered { program, variables, private } = lowered;
    let mut prepared = Prepared::new(Language::C, program, symbols, Vec::new());
    for global in &unit.globals {
        let symbol = prepared.symbols.intern(&global.name);
        object(types, global.ty, symbol, &mut prepared, global.span, diagnostics);
    }
    for (symbol, ty) in private {
        object(types, ty, symbol, &mut prepared, Span::default(), diagnostics);
    }
    for (thread, variables) in variables.into_iter().enumerate() {
        let mut names = BTreeMap::new();
        for variable in variables {
            let key = (thread as u16, variable.reg);
            let shape = match variable.memory {
                Some(symbol) => {
                    prepared.homes.insert(key, symbol);
                    prepared.shape(symbol)
                }
                None => scalar_shape(types, variable.ty).unwrap_or(Shape::INT),
            };
            prepared.register_shapes.insert(key, shape);
            names.insert(variable.name, variable.reg);
        }
        prepared.local_names.push(names);
    }
    for global in &unit.globals {
        let symbol = prepared.symbols.intern(&global.name);
        for part in &global.init {
            let width = types.scalar(part.ty).map_or(32, |scalar| scalar.bits);
            let value = match part.value {
                Constant::Int(number) => Value::Int(number as u128).masked(width),
                Constant::Address(target, offset) => {
                    let target = prepared.symbols.intern(&unit.globals[target.0 as usize].name);
                    Value::Addr { symbol: target, offset }
                }
            };
            let address = Value::Addr { symbol, offset: part.offset.into() };
            prepared.declared_values.push((address, value));
        }
    }
    prepared
}

fn scalar_shape(types: &Types, ty: TypeId) -> Option<Shape> {
    let scalar = types.scalar(ty)?;
    let signed = scalar.signed || types.is_pointer(ty);
    Some(Shape { width: scalar.bits, signed, cells: None })
}

/// Notes the shape of an object in memory.
fn object(
    types: &Types,
    ty: TypeId,
    symbol: SymbolId,
    prepared: &mut Prepared,
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if let Some(shape) = scalar_shape(types, ty) {
        prepared.shapes.insert(symbol, shape);
        return;
    }
    if let TypeKind::Array(element, len) = types.kind(ty)
        && let Some(shape) = scalar_shape(types, element)
        && len as usize <= MAX_PARTS
    {
        prepared.shapes.insert(symbol, Shape { cells: Some(len.into()), ..shape });
        return;
    }
    let mut parts = Vec::new();
    if !collect_parts(types, ty, 0, String::new(), &mut parts) {
        let message = format!("an object of more than {MAX_PARTS} values");
        diagnostics.push(Diagnostic::error("turnsole::too-large", span, message));
        return;
    }
    prepared.parts.insert(symbol, parts);
}

/// Lists the scalars of an object. False if there are too many.
fn collect_parts(types: &Types, ty: TypeId, offset: i64, path: String, parts: &mut Vec<Part>) -> bool {
    if parts.len() >= MAX_PARTS {
        return false;
    }
    match types.kind(ty) {
        TypeKind::Array(element, len) => {
            let size = types.size(element) as i64;
            (0..i64::from(len))
                .all(|i| collect_parts(types, element, offset + i * size, format!("{path}[{i}]"), parts))
        }
        TypeKind::Struct(id) => types.structure(id).fields.iter().flatten().all(|field| {
            let path = format!("{path}.{}", field.name);
            collect_parts(types, field.ty, offset + i64::from(field.offset), path, parts)
        }),
        _ => {
            let shape = scalar_shape(types, ty).unwrap_or(Shape::INT);
            parts.push(Part { offset, shape, path });
            true
        }
    }
}
