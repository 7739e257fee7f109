//! The checked syntax tree of a C test.
//!
//! The parser resolves names, expands macros, computes types and layouts, and makes every implicit step a node, so that
//! who reads the tree needs no rule of C beyond what a node says. Nodes live in the arenas of a [`Unit`] and are
//! `Copy`; an id that occurs twice (an argument that a macro uses twice) stands for two evaluations.
//!
//! **Places and values.** Every expression has a type ([`Expr::ty`]). Some expressions are *places* (lvalues):
//! [`ExprKind::Local`], [`ExprKind::Deref`], [`ExprKind::Field`]. A place never stands where a value is needed: reading
//! it is a node of its own, [`ExprKind::Read`]. Fields called `place` hold places, all other operands are values.
//! `*&p` is simplified to `p`, so [`Local::address_taken`] tells whether a local needs memory. Arrays and structures
//! are places only, never values (structures are copied field by field by the parser).
//!
//! **Globals.** A parameter of a thread and a global that decays are [`ExprKind::Address`]: a constant. A global by its
//! name (declared at file scope) is `Deref(Address)`.
//!
//! **Conversions.** Operands of arithmetic are converted to their common type by [`ExprKind::Convert`] nodes, and so
//! are stored values, arguments and returned values to the type of where they go. Conditions (`if`, `&&`, `!`, `?:`)
//! take any scalar: true if not zero. Pointers that become integers, or the reverse, keep the whole address whatever
//! the width: litmus tests store addresses in `int`s.
//!
//! **Order of evaluation.** One full expression is one unit in which accesses are unordered, except at sequence points:
//! [`ExprKind::LogicalAnd`], [`ExprKind::LogicalOr`], [`ExprKind::Conditional`], [`ExprKind::Comma`],
//! [`ExprKind::Block`] (a macro with statements inside an expression) and [`ExprKind::Call`].
//!
//! **Memory events.** [`ExprKind::Read`], `Assign`, `CompoundAssign` and `IncDec` of a place in memory are plain
//! accesses, whether or not the type is `volatile` or `_Atomic` (ask [`super::types::Types::is_atomic`]).
//! [`ExprKind::Atomic`] are the marked ones; see [`Atomic`].

use syntax::Span;

use super::types::{TypeId, Types};

/// The position of an expression in [`Unit::exprs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(pub u32);

/// The position of a statement in [`Unit::stmts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StmtId(pub u32);

/// A run of [`Unit::expr_lists`]; see [`Unit::expr_list`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExprList {
    /// Position of the first.
    pub start: u32,
    /// How many.
    pub len: u32,
}

/// A run of [`Unit::stmt_lists`]; see [`Unit::stmt_list`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StmtList {
    /// Position of the first.
    pub start: u32,
    /// How many.
    pub len: u32,
}

/// A variable of a function: the position in [`Function::locals`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalId(pub u32);

/// A shared variable: the position in [`Unit::globals`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GlobalId(pub u32);

/// A helper function: the position in [`Unit::functions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionId(pub u32);

/// A label of a function: the position in [`Function::labels`]. Cases of a `switch` are labels too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelId(pub u32);

/// A list of annotations, such as `ONCE` or `acquire,once`: the position in [`Unit::annotations`]. Equal lists have
/// equal ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnnotationsId(pub u32);

/// A whole test.
#[derive(Clone, Debug, Default)]
pub struct Unit {
    /// All types that occur.
    pub types: Types,
    /// Shared variables: those declared at file scope, then in the initial state, then by parameters.
    pub globals: Vec<Global>,
    /// The threads, in order.
    pub threads: Vec<Function>,
    /// Helper functions with a body.
    pub functions: Vec<Function>,
    /// Lists of annotations.
    pub annotations: Vec<Vec<String>>,
    /// All expressions.
    pub exprs: Vec<Expr>,
    /// All statements.
    pub stmts: Vec<Stmt>,
    /// What [`ExprList`]s point into.
    pub expr_lists: Vec<ExprId>,
    /// What [`StmtList`]s point into.
    pub stmt_lists: Vec<StmtId>,
    /// What the cases of [`StmtKind::Switch`] point into.
    pub cases: Vec<Case>,
}

impl Unit {
    /// The expression of that id.
    pub fn expr(&self, id: ExprId) -> Expr {
        self.exprs[id.0 as usize]
    }

    /// The statement of that id.
    pub fn stmt(&self, id: StmtId) -> Stmt {
        self.stmts[id.0 as usize]
    }

    /// The expressions of a list.
    pub fn expr_list(&self, list: ExprList) -> &[ExprId] {
        &self.expr_lists[list.start as usize..][..list.len as usize]
    }

    /// The statements of a list.
    pub fn stmt_list(&self, list: StmtList) -> &[StmtId] {
        &self.stmt_lists[list.start as usize..][..list.len as usize]
    }

    /// The cases of a switch, without `default`.
    pub fn case_list(&self, cases: CaseList) -> &[Case] {
        &self.cases[cases.start as usize..][..cases.len as usize]
    }

    /// The global of that name.
    pub fn global(&self, name: &str) -> Option<GlobalId> {
        self.globals.iter().position(|global| global.name == name).map(|i| GlobalId(i as u32))
    }
}

/// A shared variable.
#[derive(Clone, Debug)]
pub struct Global {
    /// Its name.
    pub name: String,
    /// Its type: as the initial state or the declaration gives it, else what the first parameter points to.
    /// What a parameter points to may be another type; accesses go by their own.
    pub ty: TypeId,
    /// Where it is first mentioned.
    pub span: Span,
    /// What a declaration at file scope initialises: scalars at offsets. Everything else is zero, or what the initial
    /// state of the test says.
    pub init: Vec<InitialValue>,
}

/// A part of the initial value of a global.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InitialValue {
    /// Distance from the start of the global, in bytes.
    pub offset: u32,
    /// The type of the scalar there.
    pub ty: TypeId,
    /// Its value.
    pub value: Constant,
}

/// A value known before the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constant {
    /// A number, in the range of its type.
    Int(i128),
    /// The address of a global and an offset in bytes.
    Address(GlobalId, i64),
}

/// A thread or a helper function.
#[derive(Clone, Debug)]
pub struct Function {
    /// `P0`, or the helper's name.
    pub name: String,
    /// Its name in the test.
    pub span: Span,
    /// The type of what it returns; `void` for threads.
    pub returns: TypeId,
    /// How many of the first locals are parameters; none for threads, whose parameters are globals.
    pub parameters: u32,
    /// All variables, inner scopes included.
    pub locals: Vec<Local>,
    /// All labels.
    pub labels: Vec<Label>,
    /// What it does, in order.
    pub body: StmtList,
}

/// A variable of a function. Variables of one name and type in scopes beside each other are one variable.
#[derive(Clone, Debug)]
pub struct Local {
    /// As declared.
    pub name: String,
    /// Its type; never `void`.
    pub ty: TypeId,
    /// The name where it is declared.
    pub span: Span,
    /// Whether its address is used (arrays and structures: always). It then needs memory.
    pub address_taken: bool,
    /// Whether tests may observe it as `0:name`. Not so: variables that macros declare, and those that shadow another.
    pub visible: bool,
}

/// A label.
#[derive(Clone, Debug)]
pub struct Label {
    /// As written; `None` for the cases of a `switch`.
    pub name: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// A statement.
#[derive(Clone, Copy, Debug)]
pub struct Stmt {
    /// What it is.
    pub kind: StmtKind,
    /// Where. For what macros expand to: the call in the test.
    pub span: Span,
}

/// What statements are.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are named in the text of each variant")]
pub enum StmtKind {
    /// `;`
    Empty,
    /// A full expression whose value is not used.
    Expr(ExprId),
    /// A declaration. `init` has full expressions that initialise the variable, in order: `Assign`s to it or to its
    /// parts.
    Declare { local: LocalId, init: ExprList },
    /// `{ … }`
    Block(StmtList),
    /// `if (cond) then else otherwise`
    If { cond: ExprId, then: StmtId, otherwise: Option<StmtId> },
    /// `while (cond) body`
    While { cond: ExprId, body: StmtId },
    /// `do body while (cond);`
    DoWhile { body: StmtId, cond: ExprId },
    /// `for (init; cond; step) body`; no `cond` is true.
    For { init: Option<StmtId>, cond: Option<ExprId>, step: Option<ExprId>, body: StmtId },
    /// `switch (value) body`: jumps to the label of the case that `value` equals, else to `default`, else behind. The
    /// labels are [`StmtKind::Label`]s in `body`. `value` is an integer; the cases have its type.
    Switch { value: ExprId, body: StmtId, cases: CaseList, default: Option<LabelId> },
    /// A place to jump to; the labelled statement follows it in the same list (labelled statements are wrapped in a
    /// `Block` of two where a list is not at hand).
    Label(LabelId),
    /// `goto label;`
    Goto(LabelId),
    /// Leaves the innermost loop or switch.
    Break,
    /// Goes to the condition of the innermost loop (to the step of a `for`).
    Continue,
    /// `return value;`, the value converted to what the function returns. In a thread: ends it.
    Return(Option<ExprId>),
}

/// A run of [`Unit::cases`]; see [`Unit::case_list`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaseList {
    /// Position of the first.
    pub start: u32,
    /// How many.
    pub len: u32,
}

/// `case value:`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// The value, in the type of what is switched over.
    pub value: i128,
    /// Where to go.
    pub label: LabelId,
}

/// An expression.
#[derive(Clone, Copy, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its type: of the value, or of the place.
    pub ty: TypeId,
    /// Where. For what macros expand to: the call in the test.
    pub span: Span,
}

/// What expressions are.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are named in the text of each variant")]
pub enum ExprKind {
    /// A number, in the range of the type. Also `NULL` (0 of a pointer type), enumerators and `sizeof`.
    Int(i128),
    /// The address of a global: a constant of a pointer type. What the type points to is how it will be accessed, and
    /// may differ from the global's own type.
    Address(GlobalId),

    /// Place: a variable of this function.
    Local(LocalId),
    /// Place: what the value points to. An integer may be dereferenced too (it then holds an address).
    Deref(ExprId),
    /// Place: a member of a structure, `offset` bytes from its start.
    Field { place: ExprId, offset: u32 },

    /// The value of a place: a plain read. The type is that of the place, without qualifiers.
    Read(ExprId),
    /// `&place`, and an array that decays to a pointer to its first element. Reads nothing.
    AddressOf(ExprId),
    /// `place = value`; its value is what was stored.
    Assign { place: ExprId, value: ExprId },
    /// `place op= value`, the place evaluated once: reads it, converts to `ty`, computes in `ty`, converts back to the
    /// type of the place and stores that, which is also the value. `value` has the type `ty` already, except the
    /// distance of a shift, which has its own. For pointers (`op` is `Add` or `Sub`, `ty` the pointer's type) `value`
    /// is a number of bytes of 64 bits, already scaled.
    CompoundAssign { op: BinaryOp, ty: TypeId, place: ExprId, value: ExprId },
    /// `++place`, `place--`, …: reads it, adds `step` (1, -1, or the signed size of what a pointer points to), stores.
    /// The value is the old one if `postfix`, else the new one.
    IncDec { place: ExprId, step: i64, postfix: bool },

    /// An operation on one value.
    Unary { op: UnaryOp, value: ExprId },
    /// An operation on two values of one type: arithmetic and bit operations have it as result, comparisons have
    /// `int`. The right operand of a shift has its own type. Whether a division, a right shift or a comparison is
    /// signed: by the type of the left operand. Pointers are compared as a whole.
    Binary { op: BinaryOp, left: ExprId, right: ExprId },
    /// `pointer + index * size` (`size` in bytes; `index` is an integer of 64 bits, signed). Also `p[i]`, which is
    /// `Deref(PointerAdd)`, and `pointer - i`, whose `size` is negative.
    PointerAdd { pointer: ExprId, index: ExprId, size: i64 },
    /// `(left - right) / size`, a signed number of 64 bits.
    PointerDifference { left: ExprId, right: ExprId, size: u32 },
    /// Converts to the type of this node: integers by C's rules (`bool`: 1 if not zero), addresses stay whole. To
    /// `void`: the value is dropped.
    Convert(ExprId),

    /// `left && right`: `int`.
    LogicalAnd { left: ExprId, right: ExprId },
    /// `left || right`: `int`.
    LogicalOr { left: ExprId, right: ExprId },
    /// `cond ? then : otherwise`, both of the node's type.
    Conditional { cond: ExprId, then: ExprId, otherwise: ExprId },
    /// `left, right`: drops the value of `left`.
    Comma { left: ExprId, right: ExprId },

    /// Calls a helper function. The arguments are converted to the types of its parameters. The parser does not look
    /// for recursion.
    Call { function: FunctionId, arguments: ExprList },
    /// Statements inside an expression: an instruction macro, or `({ … })`. Then the value, if there is one (else the
    /// type is `void`).
    Block { body: StmtList, value: Option<ExprId> },

    /// A marked access, a fence, a lock.
    Atomic(Atomic),
    /// `kill_dependency(value)`: the value without what it depends on.
    Detach(ExprId),
}

/// Operations on one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `~`
    Not,
    /// `!`: `int`, 1 if zero; of any scalar.
    LogicalNot,
}

/// Operations on two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Rem,
    /// `&`
    And,
    /// `|`
    Or,
    /// `^`
    Xor,
    /// `& ~`: only in atomic operations (`andnot`).
    AndNot,
    /// `<<`
    Shl,
    /// `>>`
    Shr,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

impl BinaryOp {
    /// Whether this compares.
    pub fn is_comparison(self) -> bool {
        matches!(
            self,
            BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge
        )
    }
}

/// A memory order of C11.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the standard's names")]
pub enum Order {
    Relaxed,
    Consume,
    Acquire,
    Release,
    AcqRel,
    SeqCst,
}

/// What an access is marked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// C11: a memory order.
    Order(Order),
    /// Kernel: annotations, possibly none.
    Annotations(AnnotationsId),
}

/// What an atomic operation returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Returns {
    /// Nothing; the type is `void`. Only `__atomic_op`.
    Nothing,
    /// What was in memory before.
    Old,
    /// What is in memory afterwards.
    New,
}

/// A marked operation on memory. `place` may be a local (`READ_ONCE(r1)`); values have the type of the place, and so
/// has the result where there is one.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are named in the text of each variant")]
pub enum Atomic {
    /// `atomic_load_explicit(&place, mark)`, `__load{mark}(place)`.
    Load { place: ExprId, mark: Mark },
    /// `atomic_store_explicit(&place, value, mark)`, `__store{mark}(place, value)`; `void`.
    Store { place: ExprId, value: ExprId, mark: Mark },
    /// `atomic_exchange_explicit(&place, value, mark)`, `__xchg{mark}(&place, value)`: the old value. Also
    /// `atomic_flag_test_and_set` (inside a `Convert` to `bool`).
    Exchange { place: ExprId, value: ExprId, mark: Mark },
    /// `atomic_fetch_op_explicit(&place, value, mark)`, `__atomic_op`, `__atomic_op_return`, `__atomic_fetch_op`. `op`
    /// is `Add`, `Sub`, `And`, `Or`, `Xor` or `AndNot`. For pointers `value` is in bytes, 64 bits.
    FetchOp { place: ExprId, op: BinaryOp, value: ExprId, mark: Mark, returns: Returns },
    /// C11: `atomic_compare_exchange_{strong,weak}_explicit(&place, &expected, desired, success, failure)`; `bool`.
    /// `expected` is a place of the type of `place` (a plain access).
    CompareExchange {
        place: ExprId,
        expected: ExprId,
        desired: ExprId,
        success: Order,
        failure: Order,
        weak: bool,
    },
    /// Kernel: `__cmpxchg{mark}(&place, expected, desired)`: the old value.
    Cmpxchg { place: ExprId, expected: ExprId, desired: ExprId, mark: Mark },
    /// Kernel: `__atomic_add_unless{mark}(&place, add, unless)`: `int`, 1 if it added.
    AddUnless { place: ExprId, add: ExprId, unless: ExprId, mark: Mark },
    /// `atomic_thread_fence(mark)`, `__fence{mark}`; `void`.
    Fence { mark: Mark },
    /// An operation on a lock.
    Lock { place: ExprId, op: LockOp },
    /// `__srcu{mark}(&place)` and `__srcu{mark}(&place, value)`: what it does is up to its annotation. With a value it
    /// is `void`, else `int`.
    Srcu { place: ExprId, value: Option<ExprId>, mark: AnnotationsId },
}

/// Operations on locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LockOp {
    /// Kernel: `__lock(&place)`; `void`.
    Acquire,
    /// Kernel: `__unlock(&place)`; `void`.
    Release,
    /// Kernel: `__trylock(&place)`: `int`, 1 if it got the lock.
    Try,
    /// Kernel: `__islocked(&place)`: `int`.
    IsLocked,
    /// C11: `lock(place)`, `mtx_lock(&place)`; `void`, `mtx_lock` inside a `Comma` with 0.
    MutexLock,
    /// C11: `unlock(place)`, `mtx_unlock(&place)`; `void`, `mtx_unlock` inside a `Comma` with 0.
    MutexUnlock,
    /// C11: `mtx_trylock(&place)`: `int`, 0 (`thrd_success`) if it got the lock, else not 0.
    MutexTry,
}
