//! Programs as micro-operations, and what executing them can look like.
//!
//! A front end (`isa`, `lang`) turns every instruction into [`micro`]-operations on registers and memory. [`unfold`]
//! runs one thread symbolically along every way through it; each way is a [`Path`]: its events, with read values
//! still unknown, and the equations between them. Paths of all threads together, with `rf` and `co` chosen, make a
//! candidate execution.

mod feasible;
mod footprint;
mod merge;
pub mod micro;
mod path;
mod pieces;
mod pointers;
mod predefined;
mod solve;
mod structure;
mod tearing;
mod term;
mod unfold;
mod value;
mod waiting;

pub use footprint::{Footprints, Misfit, Mix, Object, Objects};
pub use micro::{Program, Thread};
pub use path::{Edge, Event, Kind, Path};
pub use pieces::{ByteOrder, Cuts, Piece, Pieces};
pub use predefined::{Predefined, RelationName, SetName};
pub use solve::{NO_RESULT, Solution, Unsolved, solve};
pub use structure::{EventId, InitialMemory, Location, Structure};
pub use term::{Term, TermId, Terms, VarId};
pub use unfold::{Limits, UnfoldError, Watch, unfold, unfold_watched};
pub use value::{BinaryOp, InstructionId, OpError, SymbolId, Symbols, UnaryOp, Value};
pub use waiting::Waiting;
