//! What is observed at the end of executions, and the propositions about it.

use crate::check::{Builder, Check, Leaf, Open};
use crate::program::{Language, Prepared, unknown_register};
use crate::types::Shape;
use engine::Observable;
use execution::Value;
use execution::micro::Reg;
use litmus::{Atom, CompareOp, Literal, Observed, Operand, Place, Places, Prop, Test};
use smallvec::{SmallVec, smallvec};
use syntax::{Diagnostic, Span};

/// A column of the table of final states.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Column {
    /// A register.
    Register(u16, Reg),
    /// A global, whole arrays included: its name, and the address of each cell.
    Global(String, Vec<Value>),
    /// A cell of an array.
    Cell(String, u64, Value),
    /// A member of an object, as it is written.
    Member(String, Value),
    /// A fault, which never happens.
    Fault(String),
}

impl Column {
    /// What there is to observe for it.
    fn observables(&self, prepared: &Prepared) -> SmallVec<[Observable; 1]> {
        match self {
            Column::Register(thread, reg) => match prepared.homes.get(&(*thread, *reg)) {
                Some(home) => prepared
                    .cells(*home)
                    .into_iter()
                    .map(|(address, _)| Observable::Memory(address))
                    .collect(),
                None => smallvec![Observable::Register(*thread, *reg)],
            },
            Column::Global(_, cells) => cells.iter().map(|address| Observable::Memory(*address)).collect(),
            Column::Cell(_, _, address) | Column::Member(_, address) => {
                smallvec![Observable::Memory(*address)]
            }
            Column::Fault(_) => SmallVec::new(),
        }
    }

    /// The shapes of what there is to observe.
    pub(crate) fn shapes(&self, prepared: &Prepared) -> SmallVec<[Shape; 1]> {
        let all = |symbol| prepared.cells(symbol).into_iter().map(|(_, shape)| shape).collect();
        let of = |name: &str| prepared.symbols.find(name);
        match self {
            Column::Register(thread, reg) => match prepared.homes.get(&(*thread, *reg)) {
                Some(home) => all(*home),
                None => smallvec![prepared.register_shape(*thread, *reg)],
            },
            Column::Global(name, _) => of(name).map_or_else(|| smallvec![Shape::INT], all),
            Column::Cell(name, ..) => {
                smallvec![of(name).map_or(Shape::INT, |symbol| prepared.shape(symbol))]
            }
            Column::Member(_, address) => smallvec![prepared.shape_at(*address)],
            Column::Fault(_) => SmallVec::new(),
        }
    }

    /// Whether the values are those of an array or a structure.
    pub(crate) fn is_aggregate(&self, prepared: &Prepared) -> bool {
        let symbol = match self {
            Column::Register(thread, reg) if prepared.views.contains_key(&(*thread, *reg)) => return true,
            Column::Register(thread, reg) => prepared.homes.get(&(*thread, *reg)).copied(),
            Column::Global(name, _) => prepared.symbols.find(name),
            _ => None,
        };
        symbol.is_some_and(|symbol| {
            prepared.shape(symbol).cells.is_some() || prepared.parts.contains_key(&symbol)
        })
    }
}

/// Where the values of a place stand among the observables, and how many of their bits compare.
type Resolved = SmallVec<[(usize, u8); 2]>;

/// What a test observes and asks.
pub(crate) struct Question {
    /// The columns to show, in order, each with the positions of its observables.
    pub(crate) columns: Vec<(Column, Vec<usize>)>,
    /// All observables: those of the columns, and those that only the filter looks at.
    pub(crate) observed: Vec<Observable>,
    pub(crate) condition: Check,
    pub(crate) filter: Option<Check>,
}

/// Most tests observe no more places.
const TYPICAL: usize = 8;

/// Works out what a test observes and asks. Every problem is reported.
pub(crate) fn question(test: &Test, prepared: &mut Prepared) -> (Option<Question>, Vec<Diagnostic>) {
    let mut reader = Reader {
        prepared,
        observed: Vec::with_capacity(TYPICAL),
        columns: Vec::with_capacity(TYPICAL),
        places: [Places::default(), Places::default()],
        resolved: Vec::with_capacity(TYPICAL),
        built: Builder::default(),
        diagnostics: Vec::new(),
    };
    for item in &test.locations {
        match &item.item {
            Observed::Place(place) => {
                let declared = item.ty.as_ref().map(crate::types::shape);
                if let Some(column) = reader.place(place, item.span) {
                    if let (Some(shape), Column::Register(thread, reg)) = (declared, &column) {
                        reader.prepared.register_shapes.insert((*thread, *reg), shape);
                    }
                    reader.show(column);
                }
            }
            Observed::Fault(fault) => reader.show(Column::Fault(fault.to_string())),
        }
    }
    reader.prop(&test.condition.prop, true);
    let condition = reader.built.finish();
    let filter = test.filter.as_ref().map(|filter| {
        reader.prop(filter, false);
        reader.built.finish()
    });
    let Reader { prepared, mut columns, mut observed, diagnostics, .. } = reader;
    columns.sort();
    columns.dedup();
    let columns: Vec<(Column, Vec<usize>)> = columns
        .into_iter()
        .map(|column| {
            let all = column.observables(prepared).into_iter();
            let positions = all.map(|observable| position(&mut observed, observable)).collect();
            (column, positions)
        })
        .collect();
    let question = Question { columns, observed, condition, filter };
    (diagnostics.is_empty().then_some(question), diagnostics)
}

fn position(observed: &mut Vec<Observable>, observable: Observable) -> usize {
    observed.iter().position(|known| *known == observable).unwrap_or_else(|| {
        observed.push(observable);
        observed.len() - 1
    })
}

struct Reader<'a, 't> {
    prepared: &'a mut Prepared,
    observed: Vec<Observable>,
    columns: Vec<Column>,
    /// Places that a proposition named already: those that are not shown, and those that are. Each has a number in
    /// `resolved`.
    places: [Places<'t, Option<usize>>; 2],
    resolved: Vec<Resolved>,
    built: Builder,
    diagnostics: Vec<Diagnostic>,
}

impl<'t> Reader<'_, 't> {
    fn show(&mut self, column: Column) {
        if !self.columns.contains(&column) {
            self.columns.push(column);
        }
    }

    fn error(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The column that a place is.
    fn place(&mut self, place: &Place, span: Span) -> Option<Column> {
        match place {
            Place::Reg { thread, name } => {
                if *thread as usize >= self.prepared.program.threads.len() {
                    let message = format!("there is no thread {thread}");
                    self.error(Diagnostic::error("turnsole::unknown-thread", span, message));
                    return None;
                }
                match self.prepared.register(*thread, name) {
                    Some(reg) => {
                        if let Some(view) = self.prepared.view(name) {
                            self.prepared.views.entry((*thread as u16, reg)).or_insert(view);
                        }
                        Some(Column::Register(*thread as u16, reg))
                    }
                    None => {
                        let unknown = unknown_register(self.prepared, name, span);
                        self.error(unknown);
                        None
                    }
                }
            }
            Place::SymbolicReg(name) => match self.prepared.symbolic_register(name) {
                Some((thread, reg)) => Some(Column::Register(thread, reg)),
                None => {
                    let unknown = unknown_register(self.prepared, name, span);
                    self.error(unknown);
                    None
                }
            },
            Place::Mem(name) => {
                if let Some(address) = self.prepared.member(name) {
                    return Some(Column::Member(name.clone(), address));
                }
                let symbol = self.global(name, span)?;
                let cells = self.prepared.cells(symbol).into_iter().map(|(address, _)| address).collect();
                Some(Column::Global(name.clone(), cells))
            }
            Place::Cell { name, index } => {
                let symbol = self.global(name, span)?;
                Some(Column::Cell(name.clone(), *index, self.prepared.cell(symbol, *index)))
            }
            // In C, where the name of a location stands for its address.
            Place::Deref(inner) if self.is_c() => match &**inner {
                Place::Mem(name) => {
                    let symbol = self.global(name, span)?;
                    Some(Column::Cell(name.clone(), 0, self.prepared.cell(symbol, 0)))
                }
                other => self.place(other, span),
            },
            other => {
                let message = format!("places such as `{other}` can't be observed yet");
                let message = crate::feature::named(message, crate::feature::of_place(other));
                self.error(Diagnostic::error("turnsole::unsupported-place", span, message));
                None
            }
        }
    }

    fn global(&mut self, name: &str, span: Span) -> Option<execution::SymbolId> {
        let found = self.prepared.symbols.find(name);
        if found.is_none() {
            let message = format!("Post-condition introduces new symbolic location(s): {{{name}}}");
            let known = self.prepared.symbols.names().iter().map(String::as_str);
            let diagnostic =
                Diagnostic::error("turnsole::unknown-location", span, message).with_suggestion(name, known);
            self.error(diagnostic);
        }
        found
    }

    fn is_c(&self) -> bool {
        matches!(self.prepared.language, Language::C)
    }

    /// Adds a proposition to what is built.
    fn prop(&mut self, prop: &'t Prop, show: bool) {
        match prop {
            Prop::True => self.built.leaf(Leaf::Constant(true)),
            Prop::False => self.built.leaf(Leaf::Constant(false)),
            Prop::Not(inner) => self.not(inner, show),
            Prop::And(props) => {
                let open = self.built.and();
                self.parts(open, props, show);
            }
            Prop::Or(props) => {
                let open = self.built.or();
                self.parts(open, props, show);
            }
            Prop::Implies(a, b) => {
                let mut open = self.built.or();
                self.built.part(&mut open);
                self.not(a, show);
                self.built.part(&mut open);
                self.prop(b, show);
                self.built.close(open);
            }
            Prop::Atom(Atom::Fault { fault, .. }) => {
                if show {
                    self.show(Column::Fault(fault.to_string()));
                }
                self.built.leaf(Leaf::Constant(false));
            }
            Prop::Atom(Atom::Compare { place, op, value, span }) => {
                self.compare(place, *op, value, show, *span);
            }
        }
    }

    fn not(&mut self, prop: &'t Prop, show: bool) {
        let open = self.built.not();
        self.prop(prop, show);
        self.built.close(open);
    }

    /// Adds all that something joins.
    fn parts(&mut self, mut open: Open, props: &'t [Prop], show: bool) {
        for prop in props {
            self.built.part(&mut open);
            self.prop(prop, show);
        }
        self.built.close(open);
    }

    /// Resolves a place of a proposition, and shows it if wanted.
    fn resolve(&mut self, place: &'t Place, show: bool, span: Span) -> Option<usize> {
        if let Some(known) = self.places[usize::from(show)].get(place) {
            return *known;
        }
        let resolved = self.resolve_new(place, show, span).map(|resolved| {
            self.resolved.push(resolved);
            self.resolved.len() - 1
        });
        self.places[usize::from(show)].insert(place, resolved);
        resolved
    }

    fn resolve_new(&mut self, place: &Place, show: bool, span: Span) -> Option<Resolved> {
        let column = self.place(place, span)?;
        let shapes = column.shapes(self.prepared);
        let all = column.observables(self.prepared).into_iter();
        let resolved = all
            .zip(shapes)
            .map(|(observable, shape)| (position(&mut self.observed, observable), shape.width))
            .collect();
        if show {
            self.show(column);
        }
        Some(resolved)
    }

    fn compare(&mut self, place: &'t Place, op: CompareOp, value: &'t Operand, show: bool, span: Span) {
        let equal = op == CompareOp::Eq;
        let wrong = Leaf::Constant(false);
        let Some(resolved) = self.resolve(place, show, span) else { return self.built.leaf(wrong) };
        let positions = &self.resolved[resolved];
        if let ([(at, width)], Operand::Literal(Literal::Int(int))) = (&positions[..], value) {
            let value = self.prepared.integer(int.value).masked(*width);
            return self.built.leaf(Leaf::Value { at: *at, width: *width, value, equal });
        }
        let positions = positions.clone();
        if let Some(other) = self.as_place(value) {
            let Some(others) = self.resolve_new(&other, show, span) else { return self.built.leaf(wrong) };
            let pairs = positions.iter().zip(&others);
            let same = pairs.map(|((at, width), (other, _))| Leaf::Same {
                at: *at,
                other: *other,
                width: *width,
                equal,
            });
            return self.all(same.collect(), equal);
        }
        let Operand::Literal(literal) = value else { return self.built.leaf(wrong) };
        if let (Place::Reg { name, .. }, Literal::Vector(literals), [(at, width)]) =
            (place, literal, &positions[..])
            && let Some(view) = self.prepared.view(name)
        {
            let leaf = match crate::program::vector(&view, literals, span, self.prepared) {
                Ok(value) => Leaf::Value { at: *at, width: *width, value, equal },
                Err(diagnostic) => {
                    self.error(diagnostic);
                    wrong
                }
            };
            return self.built.leaf(leaf);
        }
        let literals = match literal {
            Literal::Vector(values) => &values[..],
            single => std::slice::from_ref(single),
        };
        if literals.len() != positions.len() {
            let message = format!("{} values are compared with {}", positions.len(), literals.len());
            self.error(Diagnostic::error("turnsole::size-mismatch", span, message));
            return self.built.leaf(wrong);
        }
        let mut leaves = SmallVec::new();
        for ((at, width), literal) in positions.iter().zip(literals) {
            match self.prepared.value(literal, span) {
                Ok(value) => {
                    let value = value.masked(*width);
                    leaves.push(Leaf::Value { at: *at, width: *width, value, equal });
                }
                Err(diagnostic) => self.error(diagnostic),
            }
        }
        self.all(leaves, equal);
    }

    /// Adds that all parts of something are equal, or that one is not.
    fn all(&mut self, parts: SmallVec<[Leaf; 2]>, equal: bool) {
        if let [part] = parts[..] {
            return self.built.leaf(part);
        }
        let mut open = if equal { self.built.and() } else { self.built.or() };
        for part in parts {
            self.built.part(&mut open);
            self.built.leaf(part);
        }
        self.built.close(open);
    }

    /// The place on the right side of a comparison, if it is one: `0:name` may be a register or a label.
    fn as_place(&self, operand: &Operand) -> Option<Place> {
        match operand {
            Operand::Place(place) => Some(place.clone()),
            Operand::Literal(Literal::Label { thread, name }) => {
                self.prepared.register(*thread, name)?;
                Some(Place::Reg { thread: *thread, name: name.clone() })
            }
            Operand::Literal(_) => None,
        }
    }
}
