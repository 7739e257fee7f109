//! A litmus test as plain data.
//!
//! Texts are kept as written where another room has to read them (cells of assembly, bodies of C functions);
//! everything else is parsed. Spans point into the file that was read; [`Test::clear_spans`] forgets them, so that
//! two tests can be compared.

use syntax::Span;

/// A litmus test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// The language of the program.
    pub arch: Arch,
    /// The name on the first line; `--` stands for “take the file's name”.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// The name in parentheses behind the name, made for papers.
    pub texname: Option<String>,
    /// The documentation string, without its quotes.
    pub doc: Option<String>,
    /// The `key=value` lines, in the file's order.
    pub metadata: Vec<Metadata>,
    /// Lines of the header that are neither metadata nor comments. Nothing reads them.
    pub remarks: Vec<Text>,
    /// The `(* … *)` comments outside the bodies of C functions, in the file's order.
    pub comments: Vec<Comment>,
    /// The initial state, in the file's order. What is not mentioned is 0.
    pub init: Vec<Binding>,
    /// What runs.
    pub program: Program,
    /// `scopes: …`, `levels: …`, `regions: …` behind the threads, as written.
    pub sections: Vec<Text>,
    /// What the `locations` list asks to show, beyond what the condition mentions.
    pub locations: Vec<Observable>,
    /// Executions whose final state violates it don't count.
    pub filter: Option<Prop>,
    /// The question; `forall (true)` where the file has none.
    pub condition: Condition,
    /// What stands behind `<<`. Nothing reads it.
    pub tail: Option<String>,
}

/// The word on the first line of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Arch {
    /// `AArch64`
    AArch64,
    /// `ARM`, the 32-bit architecture
    Arm,
    /// `ASL`, Arm's specification language
    Asl,
    /// `BPF`
    Bpf,
    /// `C`: C11 or the kernel's C
    C,
    /// `CPP`, another word for `C`
    Cpp,
    /// `JAVA`
    Java,
    /// `LISA`, the generic assembly of bell models
    Lisa,
    /// `LoongArch`
    LoongArch,
    /// `MIPS`
    Mips,
    /// `PPC`
    Ppc,
    /// `RISCV`
    Riscv,
    /// `S390X`
    S390x,
    /// `X86`, 32 bits
    X86,
    /// `X86_64`
    X86_64,
}

/// One `key=value` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// As written; keys compare without case.
    pub key: String,
    /// Trimmed.
    pub value: String,
    /// The whole line.
    pub span: Span,
}

/// A piece of text and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// As written, trimmed.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// What stands between `(*` and `*)`, as written.
    pub text: String,
    /// The comment with its delimiters.
    pub span: Span,
    /// The part of the file that it stands in.
    pub section: Section,
}

/// The parts of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// Before the `{` of the initial state.
    Header,
    /// Between its braces.
    Init,
    /// The threads.
    Program,
    /// From `locations`, `filter` or the quantifier on.
    Condition,
}

/// A type as a declaration gives it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Type {
    /// Whether `_Atomic` stands in front.
    pub atomic: bool,
    /// The base type: `int`, `uint64_t`, `atomic_t`, `unsigned long`; words are one space apart.
    /// Empty for `*x = …`, a pointer to nobody says what.
    pub base: String,
    /// How many `*` follow.
    pub pointers: u32,
    /// The dimension of an array, as in `int x[3]`.
    pub array: Option<u64>,
}

/// One item of the initial state: `x`, `int x`, `0:X1=x`, `int v[2]={1,2}`, ….
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The declared type.
    pub ty: Option<Type>,
    /// What is bound. For arrays `Place::Mem`; the dimension is in the type.
    pub place: Place,
    /// To what; `None` is 0. [`Literal::Vector`] for arrays.
    pub value: Option<Literal>,
    /// The item.
    pub span: Span,
}

/// Something that has a value in a state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// `0:X1`, `P0:X1`, `0:%sym`: a register of a thread, the name as written.
    Reg {
        /// The thread's number.
        thread: u32,
        /// As written, with the `%` or `$`.
        name: String,
    },
    /// `%sym`: a symbolic register that only one thread uses. The name includes the `%`.
    SymbolicReg(String),
    /// `x` or `[x]`: a memory location.
    Mem(String),
    /// `x[2]`: a cell of an array.
    Cell {
        /// The array.
        name: String,
        /// Which cell.
        index: u64,
    },
    /// `*x`: what `x` points to.
    Deref(Box<Place>),
    /// `x+16`, `x:green`, `PTE(x)`, `PA(x)`, `tag(x)`, `pacda(x,0)`, `SS(x,2)`, …: forms of architecture extensions.
    Special(Box<Literal>),
}

/// A value as written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Literal {
    /// `-5`, `0x1F`.
    Int(Int),
    /// `x` or `&x`: the address of `x`. A backquoted name stays without its quotes.
    Name(String),
    /// `x[2]` or `&x[2]`: the address of a cell.
    Cell {
        /// The array.
        name: String,
        /// Which cell.
        index: u64,
    },
    /// `x+16`: an address and an offset in bytes.
    Offset {
        /// The base.
        name: Box<str>,
        /// The offset.
        offset: i128,
    },
    /// `0:L0`, `P0:L0` or `label:"P0:L0"`: a label in a thread's code. In a condition `0:name` may also be a
    /// register; who knows the thread's registers knows which.
    Label {
        /// The thread's number.
        thread: u32,
        /// The label.
        name: String,
    },
    /// `instr:"ADD X0,X0,#1"` or `NOP`: the code of an instruction. The text without `instr:` and quotes.
    Instruction(String),
    /// `{1,2}`: the cells of an array.
    Vector(Vec<Literal>),
    /// `:red`, `{:a,:b}`: tags without an address.
    Tags(Vec<String>),
    /// `x:green`, `1:2`: something with a tag or a second half.
    Tagged {
        /// What is tagged.
        base: Box<Literal>,
        /// The tag.
        tag: String,
    },
    /// `PTE(x)`, `PA(x)`, `pac(x,da,0)`, ….
    Call {
        /// The function.
        function: String,
        /// Its arguments.
        arguments: Vec<Literal>,
    },
    /// `(oa:PA(x), valid:0)`: a record, such as a page-table entry. A field without a value is a flag; a field
    /// without a name is a bare value.
    Record(Vec<Field>),
}

/// An integer and how it was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Int {
    /// The value. A number of 128 bits is kept as its bit pattern.
    pub value: i128,
    /// How it was written, where this is not the plain decimal form of the value.
    pub text: Option<Box<str>>,
}

/// A field of a [`Literal::Record`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Field {
    /// `oa` in `oa:PA(x)`.
    pub name: String,
    /// `PA(x)` in `oa:PA(x)`.
    pub value: Option<Literal>,
}

/// The threads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    /// Columns of assembly.
    Asm(Vec<Thread>),
    /// Functions in C.
    C(CProgram),
    /// A program of a language without threads in columns (Java, ASL), as written.
    Raw(Text),
}

/// A column of assembly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// The number in `P0`.
    pub id: u32,
    /// Whether this is the fault handler of the thread: the column `P0.F`.
    pub handler: bool,
    /// What follows the name: `P0:ANNOT1,ANNOT2`.
    pub annotations: Vec<String>,
    /// The head of the column.
    pub span: Span,
    /// One cell for each row of the file; empty cells included.
    pub cells: Vec<Cell>,
}

/// A cell of a thread: labels and an instruction, or a label alone, or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The text, trimmed; comments are cut out.
    pub text: String,
    /// Where the trimmed text stands; empty for an empty cell.
    pub span: Span,
}

/// The program of a C test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CProgram {
    /// One function for each thread, in order.
    pub functions: Vec<Function>,
    /// Whatever else stands at top level (structures, other functions), as written.
    pub declarations: Vec<Text>,
}

/// A thread in C: `P0(int *x, atomic_int* y) { … }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// The number in `P0`.
    pub id: u32,
    /// What stands before the name, usually nothing, `void` or `static void`.
    pub returns: String,
    /// `P0`.
    pub name_span: Span,
    /// The parameters.
    pub params: Vec<Param>,
    /// What stands between the braces, exactly as written, comments and line ends included.
    pub body: Text,
}

/// A parameter of a thread in C.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// The type with all its `*`: words are one space apart, no space before the first `*`.
    pub ty: String,
    /// The shared variable.
    pub name: String,
    /// The whole parameter.
    pub span: Span,
}

/// An item of the `locations` list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observable {
    /// What to show.
    pub item: Observed,
    /// A type behind it, as in `0:X0 int*`.
    pub ty: Option<Type>,
    /// The item.
    pub span: Span,
}

/// What a `locations` list shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Observed {
    /// A value.
    Place(Place),
    /// Whether a fault happened.
    Fault(Fault),
}

/// The question that a test asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// How.
    pub quantifier: Quantifier,
    /// What.
    pub prop: Prop,
    /// From the quantifier to the end of the proposition.
    pub span: Span,
    /// `with X: ~exists; Y: forall`: other questions for other models. Nothing reads them.
    pub kinds: Vec<(String, Quantifier)>,
}

/// How a condition asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quantifier {
    /// `exists p`, or the proposition alone, or `observed p; q`: is it allowed?
    Exists,
    /// `~exists p` or `not exists p`: is it forbidden?
    NotExists,
    /// `forall p`: is it required?
    Forall,
    /// `final p`: an old form that asks like `exists`.
    Final,
}

/// A proposition about a final state. Its nesting is at most [`crate::MAX_NESTING`] deep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prop {
    /// `true`
    True,
    /// `false`
    False,
    /// A comparison or a fault.
    Atom(Atom),
    /// `not p`
    Not(Box<Prop>),
    /// `p /\ q /\ …`, two or more, none of them itself an `And`.
    And(Vec<Prop>),
    /// `p \/ q \/ …`, two or more, none of them itself an `Or`.
    Or(Vec<Prop>),
    /// `p => q`
    Implies(Box<Prop>, Box<Prop>),
}

/// The smallest proposition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Atom {
    /// `place = value`, `place != place`.
    Compare {
        /// The left side.
        place: Place,
        /// `=` or `!=`.
        op: CompareOp,
        /// The right side.
        value: Operand,
        /// The comparison.
        span: Span,
    },
    /// `fault(P0,x)`
    Fault {
        /// Which.
        fault: Box<Fault>,
        /// The atom.
        span: Span,
    },
}

/// How a comparison compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CompareOp {
    /// `=` or `==`
    Eq,
    /// `!=` or `<>`
    Ne,
}

/// The right side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operand {
    /// A value.
    Literal(Literal),
    /// The value of a place: `[x]`, `*x`, `%r`. (`0:name` is [`Literal::Label`], whose reader looks whether it is
    /// a register.)
    Place(Place),
}

/// A fault: `fault(P0:L0, x, MMU:Translation)`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fault {
    /// The thread that faults.
    pub thread: u32,
    /// The label of the instruction that faults.
    pub label: Option<String>,
    /// The location that it faults on.
    pub location: Option<Literal>,
    /// The type of the fault, as written: `MMU:Translation`, `TagCheck`.
    pub kind: Option<String>,
}

impl Int {
    /// The integer, written in decimal.
    pub fn new(value: i128) -> Int {
        Int { value, text: None }
    }
}

impl Prop {
    /// `a /\ b /\ …`, flattened; `true` for none.
    pub fn and(props: impl IntoIterator<Item = Prop>) -> Prop {
        let mut all = Vec::new();
        props.into_iter().for_each(|prop| prop.append_to_and(&mut all));
        match all.len() {
            0 => Prop::True,
            1 => all.remove(0),
            _ => Prop::And(all),
        }
    }

    /// `a \/ b \/ …`, flattened; `false` for none.
    pub fn or(props: impl IntoIterator<Item = Prop>) -> Prop {
        let mut all = Vec::new();
        props.into_iter().for_each(|prop| prop.append_to_or(&mut all));
        match all.len() {
            0 => Prop::False,
            1 => all.remove(0),
            _ => Prop::Or(all),
        }
    }

    /// Adds this to what an `And` joins.
    pub(crate) fn append_to_and(self, all: &mut Vec<Prop>) {
        match self {
            Prop::And(inner) if all.is_empty() => *all = inner,
            Prop::And(mut inner) => all.append(&mut inner),
            other => all.push(other),
        }
    }

    /// Adds this to what an `Or` joins.
    pub(crate) fn append_to_or(self, all: &mut Vec<Prop>) {
        match self {
            Prop::Or(inner) if all.is_empty() => *all = inner,
            Prop::Or(mut inner) => all.append(&mut inner),
            other => all.push(other),
        }
    }

    /// Calls `visit` on every atom, from left to right.
    pub fn for_each_atom<'a>(&'a self, visit: &mut dyn FnMut(&'a Atom)) {
        match self {
            Prop::True | Prop::False => {}
            Prop::Atom(atom) => visit(atom),
            Prop::Not(prop) => prop.for_each_atom(visit),
            Prop::And(props) | Prop::Or(props) => props.iter().for_each(|prop| prop.for_each_atom(visit)),
            Prop::Implies(left, right) => {
                left.for_each_atom(visit);
                right.for_each_atom(visit);
            }
        }
    }
}

impl Test {
    /// The value of a metadata key, whatever its case.
    pub fn metadata(&self, key: &str) -> Option<&str> {
        self.metadata.iter().find(|line| line.key.eq_ignore_ascii_case(key)).map(|line| line.value.as_str())
    }

    /// How many threads the program has; fault handlers don't count.
    pub fn thread_count(&self) -> usize {
        match &self.program {
            Program::Asm(threads) => threads.iter().filter(|thread| !thread.handler).count(),
            Program::C(program) => program.functions.len(),
            Program::Raw(_) => 0,
        }
    }

    /// Sets every span to the default, so that tests can be compared whatever their layout was.
    pub fn clear_spans(&mut self) {
        crate::spans::clear(self);
    }
}

impl Cell {
    /// The labels in front of the instruction, and the instruction, both trimmed.
    /// `L0: L1: MOV W0,#1` is `["L0", "L1"]` and `MOV W0,#1`.
    pub fn split_labels(&self) -> (Vec<&str>, &str) {
        let mut labels = Vec::new();
        let mut rest = self.text.as_str();
        while let Some((label, behind)) = split_label(rest) {
            labels.push(label);
            rest = behind;
        }
        (labels, rest)
    }
}

/// Splits one `label:` off the front.
fn split_label(text: &str) -> Option<(&str, &str)> {
    let len = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$')))?;
    let (label, rest) = text.split_at(len);
    let rest = rest.trim_start().strip_prefix(':')?;
    let starts_well = label.starts_with(|c: char| !c.is_ascii_digit());
    starts_well.then_some((label, rest.trim_start()))
}
