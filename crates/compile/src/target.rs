//! From an instruction of the source to the text of those of the target.

use crate::mapping::{Family, Line, Mapping, Template};
use crate::mapping::{scratch, templates};
use litmus::Arch;
use syntax::Span;

/// How deep rules may use each other.
const MAX_DEPTH: u32 = 16;

/// What stands in a hole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Filling {
    /// The target's register of that name.
    Register(String),
    /// A number.
    Number(i64),
    /// A label of the thread.
    Label(String),
}

/// Why a line can't be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) kind: ProblemKind,
    /// Where in the mapping.
    pub(crate) span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ProblemKind {
    /// A hole that nothing fills.
    Hole(String),
    /// A choice that the rule's name does not have.
    Choice(String),
    /// A view that the target's registers do not have.
    View(String),
    /// A brace that is not closed.
    Brace,
    /// `use` of a rule that is not there.
    Use(String),
    /// `use` with a wrong number of operands.
    Operands(String),
    /// Rules use each other in a circle.
    Circle,
    /// The instruction is rejected, for this reason.
    Rejected(String),
    /// There is no rule.
    Missing(String),
}

/// A line of the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filled {
    /// Labels and instruction.
    pub(crate) text: String,
    /// The line of the mapping that it comes from.
    pub(crate) span: Span,
    /// What is written there.
    pub(crate) written: String,
}

/// Fills in rules, one instruction after the other; labels of rules get numbers of their own.
#[derive(Debug)]
pub(crate) struct Expander<'m> {
    mapping: &'m Mapping,
    labels: u32,
}

/// One use of a rule.
struct Frame<'f> {
    family: &'f Family,
    chosen: &'f [usize],
    operands: &'f [Filling],
    labels: Vec<(String, u32)>,
}

impl<'m> Expander<'m> {
    pub(crate) fn new(mapping: &'m Mapping) -> Expander<'m> {
        Expander { mapping, labels: 0 }
    }

    /// The lines for an instruction.
    pub(crate) fn expand(
        &mut self,
        name: &str,
        operands: &[Filling],
        out: &mut Vec<Filled>,
    ) -> Result<(), Problem> {
        self.rule(name, operands, self.mapping.span, 0, out)
    }

    fn rule(
        &mut self,
        name: &str,
        operands: &[Filling],
        span: Span,
        depth: u32,
        out: &mut Vec<Filled>,
    ) -> Result<(), Problem> {
        let mapping = self.mapping;
        let problem = |kind| Err(Problem { kind, span });
        let Some((family, chosen)) = mapping.rule(name) else {
            return problem(match depth {
                0 => ProblemKind::Missing(name.to_owned()),
                _ => ProblemKind::Use(name.to_owned()),
            });
        };
        if let Some(reason) = &family.rejected {
            return problem(ProblemKind::Rejected(reason.clone()));
        }
        if operands.len() != family.operands.len() {
            return problem(ProblemKind::Operands(family.operands.join(" ")));
        }
        if depth > MAX_DEPTH {
            return problem(ProblemKind::Circle);
        }
        let mut frame = Frame { family, chosen, operands, labels: Vec::new() };
        for line in &family.lines {
            self.line(line, &mut frame, depth, out)?;
        }
        Ok(())
    }

    fn line(
        &mut self,
        line: &Line,
        frame: &mut Frame<'_>,
        depth: u32,
        out: &mut Vec<Filled>,
    ) -> Result<(), Problem> {
        let problem = |kind: ProblemKind| Problem { span: place(line, &kind), kind };
        let text = frame.family.choose(&line.text, frame.chosen);
        let text = text.map_err(|choice| problem(ProblemKind::Choice(choice)))?;
        let text = text.trim();
        // A choice may leave nothing of a line.
        if matches!(text, "" | "nothing") {
            return Ok(());
        }
        if let Some(used) = text.strip_prefix("use ") {
            return self.used(used, line.span, frame, depth, out);
        }
        let mut filled = String::with_capacity(text.len());
        for part in templates(text).ok_or_else(|| problem(ProblemKind::Brace))? {
            match part {
                Template::Text(text) => filled += text,
                Template::Label(name) => filled += &format!("L{}", self.label(name, frame)),
                Template::Hole(name, view) => {
                    let filling = self.hole(name, frame);
                    let filling = filling.ok_or_else(|| problem(ProblemKind::Hole(name.to_owned())))?;
                    filled += &self.show(&filling, view).map_err(problem)?;
                }
            }
        }
        out.push(Filled { text: filled, span: line.span, written: line.text.clone() });
        Ok(())
    }

    /// The lines of another rule.
    fn used(
        &mut self,
        text: &str,
        span: Span,
        frame: &Frame<'_>,
        depth: u32,
        out: &mut Vec<Filled>,
    ) -> Result<(), Problem> {
        let mut words = text.split_ascii_whitespace();
        let name = words.next().unwrap_or_default();
        let mut operands = Vec::new();
        for word in words {
            let hole = word.strip_prefix('{').and_then(|word| word.strip_suffix('}'));
            let filling = match hole {
                Some(hole) => self.hole(hole, frame),
                None => word.parse().ok().map(Filling::Number),
            };
            operands.push(
                filling.ok_or_else(|| Problem {
                    kind: ProblemKind::Hole(hole.unwrap_or(word).to_owned()),
                    span,
                })?,
            );
        }
        self.rule(name, &operands, span, depth + 1, out)
    }

    fn hole(&self, name: &str, frame: &Frame<'_>) -> Option<Filling> {
        match frame.family.operands.iter().position(|operand| operand == name) {
            Some(at) => Some(frame.operands[at].clone()),
            None => self.mapping.scratch.get(scratch(name)?).cloned().map(Filling::Register),
        }
    }

    fn label(&mut self, name: &str, frame: &mut Frame<'_>) -> u32 {
        if let Some((_, number)) = frame.labels.iter().find(|(known, _)| known == name) {
            return *number;
        }
        self.labels += 1;
        frame.labels.push((name.to_owned(), self.labels));
        self.labels
    }

    fn show(&self, filling: &Filling, wanted: Option<&str>) -> Result<String, ProblemKind> {
        match filling {
            Filling::Register(name) => view(self.mapping.target, name, wanted)
                .ok_or_else(|| ProblemKind::View(wanted.unwrap_or_default().to_owned())),
            Filling::Number(number) => Ok(number.to_string()),
            Filling::Label(label) => Ok(label.clone()),
        }
    }
}

/// The part of a line that a problem is about; the line, if it is not to be found.
fn place(line: &Line, kind: &ProblemKind) -> Span {
    let wanted = match kind {
        ProblemKind::Hole(name) => [format!("{{{name}}}"), format!("{{{name}.")],
        ProblemKind::View(view) => [format!(".{view}}}"), format!(".{view}")],
        ProblemKind::Choice(choice) => [choice.clone(), choice.clone()],
        _ => return line.span,
    };
    let found = wanted.iter().find_map(|wanted| Some((line.text.find(wanted.as_str())?, wanted.len())));
    found.map_or(line.span, |(at, len)| part(line, at, len))
}

/// A part of a line.
pub(crate) fn part(line: &Line, at: usize, len: usize) -> Span {
    let start = line.span.start + at as u32;
    Span { start, end: start + len as u32, ..line.span }
}

/// How an instruction of the target names a part of a register: `w` of `X1` is `W1`, `d` of `rax` is `%eax`.
fn view(target: Arch, register: &str, wanted: Option<&str>) -> Option<String> {
    match (target, wanted) {
        (Arch::AArch64, None | Some("x")) => Some(register.to_owned()),
        (Arch::AArch64, Some("w")) => Some(register.replacen('X', "W", 1)),
        (Arch::X86_64, wanted) => part_of_x86(register, wanted.unwrap_or("q")).map(|name| format!("%{name}")),
        (_, None) => Some(register.to_owned()),
        _ => None,
    }
}

fn part_of_x86(register: &str, wanted: &str) -> Option<String> {
    let bare = register.strip_prefix('r')?;
    let numbered = bare.starts_with(|c: char| c.is_ascii_digit());
    let byte = match bare.strip_suffix('x') {
        Some(letter) => format!("{letter}l"),
        None => format!("{bare}l"),
    };
    Some(match (wanted, numbered) {
        ("q", _) => register.to_owned(),
        ("d", true) => format!("{register}d"),
        ("w", true) => format!("{register}w"),
        ("b", true) => format!("{register}b"),
        ("d", false) => format!("e{bare}"),
        ("w", false) => bare.to_owned(),
        ("b", false) => byte,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_of_registers() {
        let x86 = |name, part| view(Arch::X86_64, name, Some(part)).unwrap_or_default();
        assert_eq!(x86("rax", "d"), "%eax");
        assert_eq!(x86("rdi", "b"), "%dil");
        assert_eq!(x86("rbx", "b"), "%bl");
        assert_eq!(x86("r10", "w"), "%r10w");
        assert_eq!(x86("r10", "q"), "%r10");
        assert_eq!(view(Arch::AArch64, "X12", Some("w")).as_deref(), Some("W12"));
        assert_eq!(view(Arch::Riscv, "x5", Some("w")), None);
    }
}
