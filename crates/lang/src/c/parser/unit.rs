//! Whole tests: pieces of text → tokens → tree.

use std::ops::Range;

use rustc_hash::FxHashMap;
use syntax::{Diagnostic, Span};

use super::decl::HelperBody;
use super::scope::{Entry, FunctionState};
use super::{Failed, Parser, Result};
use crate::c::ast::{ExprId, ExprKind, Function, Global, GlobalId, StmtId, StmtList, Unit};
use crate::c::lexer::{self, Token};
use crate::c::macros::Macros;
use crate::c::preprocess::Preprocessor;
use crate::c::types::{Quals, TypeId, TypeKind};
use crate::c::visit;
use crate::c::{GlobalSource, Parameter, Piece, RegisterSource, Source, ThreadSource};

/// More pieces than this are in no test; tokens count them in 16 bits.
const MAX_PIECES: usize = 1 << 15;

/// Where the pieces of a test are in the list of all pieces.
struct Layout<'a> {
    pieces: Vec<Piece<'a>>,
    declarations: usize,
    /// The bodies of the threads.
    threads: usize,
    registers: usize,
    /// For each parameter of each thread, in order, the piece with its type. Common spellings have one piece.
    parameters: Vec<usize>,
}

fn layout<'a>(source: &Source<'a>) -> Layout<'a> {
    let mut pieces = Vec::with_capacity(16);
    pieces.extend(source.globals.iter().map(|one| Piece { text: one.base, span: one.span }));
    let declarations = pieces.len();
    pieces.extend_from_slice(&source.declarations);
    let threads = pieces.len();
    pieces.extend(source.threads.iter().map(|thread| thread.body));
    let spellings = pieces.len();
    let mut parameters = Vec::with_capacity(16);
    for parameter in source.threads.iter().flat_map(|thread| &thread.parameters) {
        let known = pieces[spellings..].iter().take(8).position(|piece| piece.text == parameter.ty);
        parameters.push(known.map_or(pieces.len(), |i| spellings + i));
        if known.is_none() {
            pieces.push(Piece { text: parameter.ty, span: parameter.span });
        }
    }
    let registers = pieces.len();
    pieces.extend(
        source.registers.iter().map(|one| Piece { text: one.declared.base, span: one.declared.span }),
    );
    Layout { pieces, declarations, threads, registers, parameters }
}

/// Reads a test.
pub(crate) fn parse(source: &Source<'_>, macros: &Macros) -> (Unit, Vec<Diagnostic>) {
    let layout = layout(source);
    let mut diagnostics = Vec::new();
    if layout.pieces.len() > MAX_PIECES {
        let span = layout.pieces[MAX_PIECES].span;
        let message = "the test has too many parameters and declarations";
        return (Unit::default(), vec![Diagnostic::error("c::too-complex", span, message)]);
    }
    let pieces = &layout.pieces;
    let bytes: usize = pieces.iter().map(|piece| piece.text.len()).sum();
    let mut tokens: Vec<Token> = Vec::with_capacity(bytes / 3 + 16);
    let mut ranges: Vec<Range<usize>> = Vec::with_capacity(pieces.len());
    let mut has_hash = false;
    for (i, piece) in pieces.iter().enumerate() {
        let start = tokens.len();
        has_hash |= lexer::read(*piece, i as u16, &mut tokens, &mut diagnostics);
        ranges.push(start..tokens.len());
    }
    if has_hash {
        (tokens, ranges) = preprocess(&layout, &tokens, &ranges, &mut diagnostics);
    }
    let mut parser = Parser::new(pieces, macros, tokens.len());
    parser.diagnostics = diagnostics;
    parser.source(source, &layout, &tokens, &ranges);
    (parser.unit, parser.diagnostics)
}

/// Runs the preprocessor over declarations and bodies, in the order in which they stand in the file.
fn preprocess(
    layout: &Layout<'_>,
    tokens: &[Token],
    ranges: &[Range<usize>],
    diagnostics: &mut Vec<Diagnostic>,
) -> (Vec<Token>, Vec<Range<usize>>) {
    let mut order: Vec<usize> = (layout.declarations..layout.pieces.len()).collect();
    order.sort_by_key(|i| layout.pieces[*i].span.start);
    let mut results: Vec<Option<Vec<Token>>> = vec![None; layout.pieces.len()];
    let mut preprocessor = Preprocessor::new(&layout.pieces, diagnostics);
    for i in order {
        results[i] = Some(preprocessor.run(&tokens[ranges[i].clone()]));
    }
    let mut all = Vec::with_capacity(tokens.len());
    let mut new_ranges = Vec::with_capacity(ranges.len());
    for (range, result) in ranges.iter().zip(results) {
        let start = all.len();
        match result {
            Some(result) => all.extend(result),
            None => all.extend_from_slice(&tokens[range.clone()]),
        }
        new_ranges.push(start..all.len());
    }
    (all, new_ranges)
}

impl<'a> Parser<'a> {
    fn source(
        &mut self,
        source: &Source<'a>,
        layout: &Layout<'a>,
        tokens: &'a [Token],
        ranges: &[Range<usize>],
    ) {
        let mut bodies = Vec::new();
        for i in layout.declarations..layout.threads {
            self.start(&tokens[ranges[i].clone()]);
            self.file_scope(i as u16, &mut bodies);
        }
        for (i, global) in source.globals.iter().enumerate() {
            self.start(&tokens[ranges[i].clone()]);
            // What is wrong is reported.
            let _ = self.initial_global(global);
        }
        let mut parameters: Vec<(&'a str, Entry)> = Vec::with_capacity(layout.parameters.len());
        let mut ends = Vec::with_capacity(source.threads.len());
        let mut types: Vec<Option<Option<TypeId>>> = vec![None; layout.pieces.len()];
        let mut pieces = layout.parameters.iter();
        for thread in &source.threads {
            for (parameter, piece) in thread.parameters.iter().zip(&mut pieces) {
                let ty = match types[*piece] {
                    Some(ty) => ty,
                    None => {
                        self.start(&tokens[ranges[*piece].clone()]);
                        // What is wrong is reported.
                        self.outer_type(parameter.ty).ok()
                    }
                };
                types[*piece] = Some(ty);
                if let Some(Ok(entry)) = ty.map(|ty| self.parameter(parameter, ty)) {
                    parameters.push((parameter.name, entry));
                }
            }
            ends.push(parameters.len());
        }
        for body in bodies {
            self.start(&tokens[ranges[body.piece as usize].clone()]);
            self.helper(&body);
        }
        let mut registers: Vec<_> = source.registers.iter().enumerate().collect();
        registers.sort_by_key(|(_, register)| register.thread);
        let mut registers = registers.into_iter().peekable();
        let mut start = 0;
        for ((i, thread), end) in source.threads.iter().enumerate().zip(ends) {
            self.function = FunctionState { is_thread: true, ..FunctionState::default() };
            while let Some((at, register)) = registers.next_if(|(_, register)| register.thread as usize <= i)
            {
                self.start(&tokens[ranges[layout.registers + at].clone()]);
                // What is wrong is reported.
                let _ = self.initial_register(register);
            }
            self.start(&tokens[ranges[layout.threads + i].clone()]);
            self.thread(thread, &parameters[start..end]);
            start = end;
        }
        self.check_bodies();
    }

    /// Starts to read these tokens. The last one is the end.
    fn start(&mut self, tokens: &'a [Token]) {
        self.tokens = tokens;
        self.at = 0;
        self.depth = 0;
    }

    pub(super) fn add_global(&mut self, name: &'a str, global: Global) -> GlobalId {
        let id = GlobalId(self.unit.globals.len() as u32);
        self.unit.globals.push(global);
        self.globals.insert(name, id);
        id
    }

    /// A variable of a thread that the initial state mentions.
    fn initial_register(&mut self, source: &RegisterSource<'a>) -> Result<()> {
        let declared = &source.declared;
        let ty = if declared.base.is_empty() && declared.pointers == 0 {
            self.unit.types.pointer_to(TypeId::INT)
        } else {
            self.initial_type(declared)?
        };
        self.implicit_local(declared.name, declared.span, ty)?;
        Ok(())
    }

    /// The type of a declaration of the initial state.
    fn initial_type(&mut self, source: &GlobalSource<'a>) -> Result<TypeId> {
        let mut ty = if source.base.is_empty() { TypeId::INT } else { self.outer_type(source.base)? };
        let quals = Quals { atomic: source.atomic, ..Quals::NONE };
        if source.pointers > 16 {
            self.error("c::too-complex", source.span, "this type is too complicated");
            return Err(Failed);
        }
        ty = self.unit.types.qualified(ty, quals);
        for _ in 0..source.pointers {
            ty = self.unit.types.pointer_to(ty);
        }
        if let Some(len) = source.array {
            let len = u32::try_from(len).unwrap_or(u32::MAX);
            ty = self.unit.types.array_of(ty, len);
        }
        let declarator = super::types::Declarator {
            name: None,
            ty,
            parameters: None,
            unsized_array: false,
            span: source.span,
        };
        self.check_object(&declarator)?;
        Ok(ty)
    }

    /// A typed declaration of the initial state.
    fn initial_global(&mut self, source: &GlobalSource<'a>) -> Result<()> {
        let ty = self.initial_type(source)?;
        match self.globals.get(source.name) {
            // A declaration at file scope knows better.
            Some(_) => {}
            None => {
                let global = Global { name: source.name.to_owned(), ty, span: source.span, init: Vec::new() };
                self.add_global(source.name, global);
            }
        }
        Ok(())
    }

    /// The type of a parameter or of a declaration in the initial state.
    fn outer_type(&mut self, text: &str) -> Result<TypeId> {
        if !self.starts_type(0) {
            let span = self.here();
            let help = "say what it is with `typedef`, or write a type of C";
            self.error_with_help("c::undeclared", span, format!("the type `{text}` is not declared"), help);
            return Err(Failed);
        }
        self.type_name_here()
    }

    /// A parameter of a thread: what its name means.
    fn parameter(&mut self, source: &Parameter<'a>, ty: TypeId) -> Result<Entry> {
        let mut ty = self.unit.types.unqualified(ty);
        if let TypeKind::Array(element, _) = self.unit.types.kind(ty) {
            ty = self.unit.types.pointer_to(element);
        }
        let Some(to) = self.unit.types.pointee(ty) else {
            let message = format!("the parameter `{}` is no pointer", source.name);
            let help = format!(
                "parameters are addresses of shared variables: write `{} *{}`",
                source.ty, source.name
            );
            self.error_with_help("c::type", source.span, message, help);
            return Err(Failed);
        };
        let id = match self.globals.get(source.name) {
            Some(id) => *id,
            None => {
                let ty = if self.unit.types.is_complete(to) { to } else { TypeId::INT };
                let global = Global { name: source.name.to_owned(), ty, span: source.span, init: Vec::new() };
                self.add_global(source.name, global)
            }
        };
        Ok(Entry::Parameter(id, ty))
    }

    fn thread(&mut self, source: &ThreadSource<'a>, parameters: &[(&'a str, Entry)]) {
        self.scopes.enter();
        for (name, entry) in parameters {
            self.scopes.declare(name, *entry);
        }
        let body = self.body();
        let function =
            self.finish_function(format!("P{}", source.id), source.name_span, TypeId::VOID, 0, body);
        self.unit.threads.push(function);
        self.scopes.leave(|_, _| {});
    }

    fn helper(&mut self, source: &HelperBody) {
        self.at = source.at;
        let header = &mut self.unit.functions[source.function.0 as usize];
        let locals = std::mem::take(&mut header.locals);
        let (name, span, returns) = (header.name.clone(), header.span, header.returns);
        let count = header.parameters;
        // Who calls the function from its own body needs the types of its parameters.
        header.locals = locals.clone();
        self.function = FunctionState { locals, returns: Some(returns), ..FunctionState::default() };
        self.scopes.enter();
        for (i, name) in source.parameters.iter().enumerate() {
            if let Some(name) = name {
                let text = self.text(*name);
                self.scopes.declare(text, Entry::Local(crate::c::ast::LocalId(i as u32)));
            }
        }
        let body = self.body();
        let function = self.finish_function(name, span, returns, count, body);
        self.unit.functions[source.function.0 as usize] = function;
        self.scopes.leave(|_, _| {});
    }

    /// Reads statements to the end of a body.
    fn body(&mut self) -> StmtList {
        self.first_expr = self.unit.exprs.len();
        let start = self.stmt_stack.len();
        let is_thread = self.function.is_thread;
        self.scopes.enter();
        self.statements();
        if is_thread && self.kind() == lexer::Kind::RightBrace {
            let here = self.here();
            self.error("c::syntax", here, "this `}` closes nothing");
        }
        self.leave_scope();
        for name in self.undefined_labels() {
            self.error("c::undeclared", name.1, format!("there is no label `{}`", name.0));
        }
        self.finish_stmts(start)
    }

    fn undefined_labels(&self) -> Vec<(String, Span)> {
        let labels = self.function.labels.iter().filter_map(|label| {
            let name = label.name.as_deref()?;
            let state = self.function.label_names.get(name)?;
            (!state.defined).then(|| (name.to_owned(), label.span))
        });
        labels.collect()
    }

    fn finish_function(
        &mut self,
        name: String,
        span: Span,
        returns: TypeId,
        parameters: u32,
        body: StmtList,
    ) -> Function {
        let state = std::mem::take(&mut self.function);
        let mut function =
            Function { name, span, returns, parameters, locals: state.locals, labels: state.labels, body };
        if self.has_address_of {
            self.has_address_of = false;
            mark_addresses(&self.unit, self.first_expr, &mut function);
        }
        function
    }

    /// Functions that are declared and called need a body.
    fn check_bodies(&mut self) {
        let mut called: FxHashMap<u32, Span> = FxHashMap::default();
        if self.unit.functions.is_empty() {
            return;
        }
        for expr in &self.unit.exprs {
            if let ExprKind::Call { function, .. } = expr.kind {
                called.entry(function.0).or_insert(expr.span);
            }
        }
        for i in 0..self.unit.functions.len() {
            if !self.defined.contains(&(i as u32))
                && let Some(span) = called.get(&(i as u32))
            {
                let message = format!("`{}` is declared, but has no body", self.unit.functions[i].name);
                self.error("c::undeclared", *span, message);
            }
        }
    }
}

/// Marks the variables whose addresses are used. The function's expressions start at `first`.
fn mark_addresses(unit: &Unit, first: usize, function: &mut Function) {
    let mut seen = vec![false; unit.exprs.len() - first];
    let mut exprs: Vec<ExprId> = Vec::new();
    let mut stmts: Vec<StmtId> = unit.stmt_list(function.body).to_vec();
    loop {
        if let Some(id) = exprs.pop() {
            if std::mem::replace(&mut seen[id.0 as usize - first], true) {
                continue;
            }
            let kind = unit.expr(id).kind;
            match kind {
                ExprKind::AddressOf(place) => mark(unit, function, place),
                ExprKind::Block { body, .. } => stmts.extend(unit.stmt_list(body)),
                _ => {}
            }
            visit::operands(unit, kind, &mut |id| exprs.push(id));
        } else if let Some(id) = stmts.pop() {
            visit::parts(unit, unit.stmt(id).kind, &mut |id| exprs.push(id), &mut |id| stmts.push(id));
        } else {
            return;
        }
    }
}

/// Marks the variable that a place is part of.
fn mark(unit: &Unit, function: &mut Function, place: ExprId) {
    let mut place = place;
    loop {
        match unit.expr(place).kind {
            ExprKind::Field { place: outer, .. } => place = outer,
            ExprKind::Local(local) => {
                if let Some(local) = function.locals.get_mut(local.0 as usize) {
                    local.address_taken = true;
                }
                return;
            }
            _ => return,
        }
    }
}
