//! Printing a test as a file, in one layout.

use std::fmt::{self, Display, Formatter, Write};

use crate::ast::{Binding, CProgram, Comment, Place, Program, Section, Test, Thread, Type};
use crate::display::{Bare, Style, opening};

impl Display for Test {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        header(self, f)?;
        init(self, f)?;
        comments(self, Section::Program, f)?;
        match &self.program {
            Program::Asm(threads) => columns(threads, f)?,
            Program::C(program) => functions(program, f)?,
            Program::Raw(text) => writeln!(f, "{}", text.text)?,
        }
        for section in &self.sections {
            writeln!(f, "{}", section.text)?;
        }
        question(self, f)
    }
}

fn header(test: &Test, f: &mut Formatter<'_>) -> fmt::Result {
    write!(f, "{} {}", test.arch, test.name)?;
    if let Some(texname) = &test.texname {
        write!(f, " ({texname})")?;
    }
    f.write_char('\n')?;
    if let Some(doc) = &test.doc {
        writeln!(f, "\"{doc}\"")?;
    }
    for line in &test.metadata {
        writeln!(f, "{}={}", line.key, line.value)?;
    }
    for remark in &test.remarks {
        writeln!(f, "{}", remark.text)?;
    }
    comments(test, Section::Header, f)
}

fn comments(test: &Test, section: Section, f: &mut Formatter<'_>) -> fmt::Result {
    let here = |comment: &&Comment| comment.section == section;
    test.comments.iter().filter(here).try_for_each(|comment| writeln!(f, "(*{}*)", comment.text))
}

/// Bindings of one thread share a line, and so do those of memory.
fn init(test: &Test, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str("{\n")?;
    comments(test, Section::Init, f)?;
    let mut previous: Option<Option<u32>> = None;
    for item in &test.init {
        let group = match &item.place {
            Place::Reg { thread, .. } => Some(*thread),
            _ => None,
        };
        match previous {
            Some(before) if before == group => f.write_char(' ')?,
            Some(_) => f.write_char('\n')?,
            None => {}
        }
        previous = Some(group);
        write!(f, "{};", item)?;
    }
    f.write_str(if test.init.is_empty() { "}\n" } else { "\n}\n" })
}

/// `int x[2]={1,2}`, `int *x=y`, `0:X1=x`.
impl Display for Binding {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(ty) = &self.ty {
            declared_type(ty, f)?;
        }
        Bare(&self.place, Style::AS_WRITTEN).fmt(f)?;
        if let Some(length) = self.ty.as_ref().and_then(|ty| ty.array) {
            write!(f, "[{length}]")?;
        }
        match &self.value {
            Some(value) => write!(f, "={value}"),
            None => Ok(()),
        }
    }
}

/// A type with what separates it from the name: `int `, `int *`.
pub(crate) fn declared_type(ty: &Type, f: &mut impl Write) -> fmt::Result {
    if ty.atomic {
        f.write_str("_Atomic ")?;
    }
    f.write_str(&ty.base)?;
    if !ty.base.is_empty() {
        f.write_char(' ')?;
    }
    (0..ty.pointers).try_for_each(|_| f.write_char('*'))
}

fn columns(threads: &[Thread], f: &mut Formatter<'_>) -> fmt::Result {
    let heads: Vec<String> = threads.iter().map(Thread::head).collect();
    let widths: Vec<usize> = threads
        .iter()
        .zip(&heads)
        .map(|(thread, head)| {
            let cells = thread.cells.iter().map(|cell| cell.text.chars().count());
            cells.chain([head.chars().count()]).max().unwrap_or(0)
        })
        .collect();
    row(heads.iter().map(String::as_str), &widths, f)?;
    let rows = threads.iter().map(|thread| thread.cells.len()).max().unwrap_or(0);
    for index in 0..rows {
        let cells = threads.iter().map(|thread| thread.cells.get(index).map_or("", |cell| &cell.text));
        row(cells, &widths, f)?;
    }
    Ok(())
}

impl Thread {
    /// The head of the column: `P0`, `P1.F`, `P0:a,b`.
    pub fn head(&self) -> String {
        let mut head = format!("P{}", self.id);
        if self.handler {
            head.push_str(".F");
        }
        if !self.annotations.is_empty() {
            head.push(':');
            head.push_str(&self.annotations.join(","));
        }
        head
    }
}

fn row<'a>(cells: impl Iterator<Item = &'a str>, widths: &[usize], f: &mut Formatter<'_>) -> fmt::Result {
    for (index, (cell, width)) in cells.zip(widths).enumerate() {
        if index > 0 {
            f.write_char('|')?;
        }
        write!(f, " {cell:width$} ")?;
    }
    f.write_str(";\n")
}

fn functions(program: &CProgram, f: &mut Formatter<'_>) -> fmt::Result {
    for declaration in &program.declarations {
        writeln!(f, "{}\n", declaration.text)?;
    }
    for function in &program.functions {
        if !function.returns.is_empty() {
            write!(f, "{} ", function.returns)?;
        }
        write!(f, "P{}(", function.id)?;
        for (index, param) in function.params.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{} {}", param.ty, param.name)?;
        }
        writeln!(f, ") {{{}}}\n", function.body.text)?;
    }
    Ok(())
}

fn question(test: &Test, f: &mut Formatter<'_>) -> fmt::Result {
    if !test.locations.is_empty() {
        f.write_str("locations [")?;
        for (index, item) in test.locations.iter().enumerate() {
            let space = if index > 0 { " " } else { "" };
            write!(f, "{space}{item};")?;
        }
        f.write_str("]\n")?;
    }
    if let Some(filter) = &test.filter {
        writeln!(f, "filter {}{filter})", opening(filter))?;
    }
    writeln!(f, "{}", test.condition)?;
    if !test.condition.kinds.is_empty() {
        f.write_str("with")?;
        for (name, quantifier) in &test.condition.kinds {
            write!(f, " {name}: {quantifier};")?;
        }
        f.write_char('\n')?;
    }
    comments(test, Section::Condition, f)?;
    match &test.tail {
        Some(tail) => writeln!(f, "<< {tail}"),
        None => Ok(()),
    }
}
