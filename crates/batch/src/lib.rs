//! Running many litmus tests from files: finding them, reading them, judging them on several cores, and handing the
//! results over in the order of the input. Shared by the command lines.
//!
//! ```text
//! arguments ──input──▶ Input ──group──▶ tests, some at a time ──judge──▶ Judged ──pool──▶ emit, in order
//!                                                                ▲
//!                                                  library ──▶ models, one a (name, variants)
//! ```

pub mod crew;
pub mod group;
pub mod input;
pub mod judge;
pub mod kernel;
pub mod library;
pub mod panics;
pub mod pool;
pub mod read;
pub mod variants;

pub use crew::Crew;
pub use input::{Input, Inputs};
pub use judge::{Judged, Session, Settings, Sources, Worker};
pub use library::Library;
