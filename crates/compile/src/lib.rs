//! Translation of litmus tests from one language to another, and what is lost on the way.
//!
//! ```text
//! test ──front end──▶ instructions by name ──mapping──▶ test of the target
//!   └──────────── judged ─────────┐                        │ judged
//!                                 ▼                        ▼
//!                       outcomes that the target allows and the source forbids
//! ```
//!
//! [`mapping`] reads what says how an instruction is translated, [`translate`] does it, [`verify`] compares, [`weaken`]
//! asks which parts of a mapping are needed.

pub mod mapping;
mod places;
pub mod session;
mod source;
mod target;
mod translate;
pub mod verify;
pub mod weaken;

use lang::c::Macros;
use syntax::FileId;
pub use translate::{Source, Translated, Untranslated, read};

/// The macros of the kernel's C that go with the built-in model.
#[must_use]
pub fn kernel_macros() -> Macros {
    Macros::parse(FileId(0), turnsole::embedded_file("linux-kernel.def").unwrap_or_default()).0
}
