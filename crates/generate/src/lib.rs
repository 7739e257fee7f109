//! Litmus tests from cycles of relaxations.
//!
//! ```text
//! text ──text::read──▶ edges ──Cycle::new──▶ Cycle ──Writer::write──▶ the text of a litmus test
//!                        └──Cycles, Cross──▶ many cycles, one after the other
//! ```
//!
//! Alglave, Maranget, Sarkar, Sewell: *Fences in Weak Memory Models* (CAV 2010) is where tests come from cycles; the words are
//! those of the diy tools, <https://diy.inria.fr/doc/gen.html>. Deviations:
//!
//! 1. Cycles that contradict nothing but coherence begin behind their last edge of program order.
//! 2. Exclusive pairs are not repeated until they succeed: conditions ask whether they did.
//! 3. Tests for the kernel and for BPF come directly, with edges of their own, and not through LISA.
//! 4. Two cycles with one name get numbers from what events inside of threads do, not from the order of generation.
//!
//! Knows no file and no model: texts go in, and texts come out.

mod config;
mod cross;
mod cycle;
mod edge;
mod emit;
mod emit_c;
pub mod minimal;
mod name;
mod one;
mod plan;
mod search;
mod text;
mod tile;
mod vocabulary;
mod write;

pub use config::{Config, Piece, relaxations};
pub use cross::Cross;
pub use cycle::{Broken, Cycle, MAX_EDGES, MAX_THREADS};
pub use edge::{Access, Com, Dep, Dir, Edge, Kind, Reach, Span};
pub use plan::{Impossible, Observe, Observers};
pub use search::{Cycles, Mode, Wanted};
pub use text::{Item, Relaxation, What, read};
pub use vocabulary::{Arch, Fence, IntType, Op, Order, Region, SIZES, Size, Update, Vocabulary};
pub use write::{Condition, Style, Writer, is_c, test};
