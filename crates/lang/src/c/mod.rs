//! C, as litmus tests use it: the kernel's dialect and C11.
//!
//! [`parse`] turns the text of a test into a checked tree, the [`ast::Unit`]. Calls of functions that the test does not
//! define are looked up in a table of [`Macros`], read from `.def` files, and then among the operations of C11 that are
//! known natively.

pub mod ast;
mod lexer;
pub mod lower;
mod macros;
mod parser;
mod preprocess;
#[cfg(test)]
mod tests;
pub mod types;
pub mod visit;

use syntax::{Diagnostic, Span};

pub use macros::Macros;

/// Reads a test. There is always a tree; if there are errors among the diagnostics, parts of it are missing.
pub fn parse(source: &Source<'_>, macros: &Macros) -> (ast::Unit, Vec<Diagnostic>) {
    parser::parse(source, macros)
}

/// The parts of a test that are C.
#[derive(Clone, Debug, Default)]
pub struct Source<'a> {
    /// What the initial state declares with a type.
    pub globals: Vec<GlobalSource<'a>>,
    /// What stands beside the threads: types, helper functions, file-scope variables, lines of the preprocessor.
    pub declarations: Vec<Piece<'a>>,
    /// The threads, in order.
    pub threads: Vec<ThreadSource<'a>>,
    /// Variables of threads to which the initial state gives values, as in `0:r1=x`.
    pub registers: Vec<RegisterSource<'a>>,
}

/// A variable of a thread that the initial state mentions. It need not be declared in the thread.
#[derive(Clone, Copy, Debug)]
pub struct RegisterSource<'a> {
    /// The position of the thread in [`Source::threads`].
    pub thread: u32,
    /// Its name and, possibly, its type. Without one it is a pointer.
    pub declared: GlobalSource<'a>,
}

/// A piece of text and where it stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Piece<'a> {
    /// The text.
    pub text: &'a str,
    /// Where its first byte stands; the rest follows without gaps.
    pub span: Span,
}

impl Piece<'_> {
    /// Where a part of the text stands. Types come with their blanks put in order: those are marked as a whole.
    pub(crate) fn part(&self, start: u32, end: u32) -> Span {
        let Span { file, start: base, end: limit } = self.span;
        if (limit - base) as usize == self.text.len() {
            Span { file, start: base + start, end: base + end }
        } else {
            self.span
        }
    }
}

/// A shared variable as the initial state declares it: `int *x[2]` has the base `int`, 1 pointer and the array 2.
#[derive(Clone, Copy, Debug)]
pub struct GlobalSource<'a> {
    /// Its name.
    pub name: &'a str,
    /// The words of its type: `unsigned long`, `struct foo`. Empty if only pointers are given; `int` then.
    pub base: &'a str,
    /// Whether `_Atomic` stands in front.
    pub atomic: bool,
    /// How many `*` there are.
    pub pointers: u32,
    /// The number of elements, if it is an array.
    pub array: Option<u64>,
    /// The declaration.
    pub span: Span,
}

/// A thread.
#[derive(Clone, Debug)]
pub struct ThreadSource<'a> {
    /// The number in `P0`.
    pub id: u32,
    /// `P0`.
    pub name_span: Span,
    /// Its parameters: addresses of shared variables.
    pub parameters: Vec<Parameter<'a>>,
    /// What stands between the braces.
    pub body: Piece<'a>,
}

/// A parameter of a thread: `int *x` has the type `int*` and the name `x`.
#[derive(Clone, Copy, Debug)]
pub struct Parameter<'a> {
    /// The type with all its `*`.
    pub ty: &'a str,
    /// The shared variable.
    pub name: &'a str,
    /// The whole parameter.
    pub span: Span,
}
