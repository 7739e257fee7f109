//! The ground that every parser of Turnsole stands on: source files, spans, diagnostics as data, and a cursor.
//!
//! Front ends never fail: they return what they understood together with a list of [`Diagnostic`]s.
//! Nothing here prints or reads a file; rendering belongs to the edges.

mod cursor;
mod diagnostic;
mod source;
mod suggest;

pub use cursor::Cursor;
pub use diagnostic::{Diagnostic, Severity, has_errors};
pub use source::{FileId, Position, SourceFile, SourceMap, Span};
pub use suggest::did_you_mean;
