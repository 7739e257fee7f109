//! Reads mappings.

use super::rule::{Family, Line};
use super::{Language, Mapping, check, vocabulary};
use litmus::Arch;
use std::collections::BTreeMap;
use syntax::{Diagnostic, FileId, Span, has_errors};

/// Finds the text of an included file, and the number that stands for it in spans.
pub type Include<'i> = dyn FnMut(&str) -> Option<(FileId, String)> + 'i;

/// How deep files may include each other.
const MAX_DEPTH: u32 = 8;

/// The most rules that the choices of one name may make.
const MAX_COMBINATIONS: usize = 1000;

/// After so many errors the rest is not read.
const MAX_ERRORS: usize = 100;

/// Reads a mapping, and checks it: every instruction of its source has a rule, every hole a meaning, and every line is
/// one that the target's assembler takes. There is a mapping only if there is no error.
pub fn parse(file: FileId, text: &str, include: &mut Include<'_>) -> (Option<Mapping>, Vec<Diagnostic>) {
    let mut reader = Reader {
        include,
        diagnostics: Vec::new(),
        head: None,
        title: String::new(),
        registers: Vec::new(),
        scratch: Vec::new(),
        families: Vec::new(),
        seen: BTreeMap::new(),
        depth: 0,
    };
    reader.file(file, text);
    let Reader { mut diagnostics, head, title, registers, scratch, families, .. } = reader;
    let Some(head) = head else {
        if !has_errors(&diagnostics) {
            let start = Span { file, start: 0, end: text.lines().next().map_or(0, str::len) as u32 };
            let message = "a mapping starts with `mapping NAME: SOURCE -> TARGET`";
            diagnostics.push(Diagnostic::error("mapping::syntax", start, message));
        }
        return (None, diagnostics);
    };
    let mut mapping = Mapping {
        name: head.name,
        title,
        source: head.source,
        target: head.target,
        registers,
        scratch,
        families,
        span: head.span,
        rules: BTreeMap::new(),
    };
    mapping.index();
    if !has_errors(&diagnostics) {
        diagnostics.extend(check::check(&mapping));
    }
    (Some(mapping).filter(|_| !has_errors(&diagnostics)), diagnostics)
}

struct Head {
    name: String,
    source: Language,
    target: Arch,
    span: Span,
}

struct Reader<'i, 'f> {
    include: &'i mut Include<'f>,
    diagnostics: Vec<Diagnostic>,
    head: Option<Head>,
    title: String,
    registers: Vec<String>,
    scratch: Vec<String>,
    families: Vec<Family>,
    /// The instructions that have a rule, by file.
    seen: BTreeMap<(FileId, String), Span>,
    depth: u32,
}

/// A line without comment and blanks around it.
#[derive(Clone, Copy)]
struct Source<'a> {
    text: &'a str,
    span: Span,
}

impl<'a> Source<'a> {
    /// The part that `part`, a piece of its text, is.
    fn part(self, part: &'a str) -> Source<'a> {
        let start = part.as_ptr() as usize - self.text.as_ptr() as usize;
        let text = part.trim();
        let start = start + (part.len() - part.trim_start().len());
        let start = self.span.start + start as u32;
        Source { text, span: Span { start, end: start + text.len() as u32, ..self.span } }
    }

    fn words(self) -> impl Iterator<Item = Source<'a>> {
        self.text.split_ascii_whitespace().map(move |word| self.part(word))
    }
}

impl Reader<'_, '_> {
    fn error(&mut self, span: Span, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error("mapping::syntax", span, message));
    }

    fn file(&mut self, file: FileId, text: &str) {
        let first = self.families.len();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            if self.diagnostics.len() >= MAX_ERRORS {
                return;
            }
            let start = at;
            at += line.len();
            let code = line.split_once("//").map_or(line, |(code, _)| code);
            let indented = code.starts_with([' ', '\t']);
            let whole = Source {
                text: code,
                span: Span { file, start: start as u32, end: (start + code.len()) as u32 },
            };
            let line = whole.part(code);
            match line.text {
                "" => {}
                _ if indented => self.rule_line(line, first),
                _ => self.item(line, first),
            }
        }
        self.end_of_rule(first);
    }

    /// A line that belongs to the rule above it.
    fn rule_line(&mut self, line: Source<'_>, first: usize) {
        match self.families[first..].last_mut().filter(|family| family.rejected.is_none()) {
            Some(family) => family.lines.push(Line { text: line.text.to_owned(), span: line.span }),
            None => self.error(line.span, "indented lines belong to a rule, and there is none above"),
        }
    }

    fn end_of_rule(&mut self, first: usize) {
        let Some(family) = self.families[first..].last() else { return };
        let (empty, span) = (family.lines.is_empty() && family.rejected.is_none(), family.span);
        if empty {
            let message = "a rule without instructions";
            let help = "write them below it, indented, or `nothing`";
            self.diagnostics.push(Diagnostic::error("mapping::syntax", span, message).with_help(help));
        }
    }

    fn item(&mut self, line: Source<'_>, first: usize) {
        self.end_of_rule(first);
        let (word, rest) = line.text.split_at(line.text.find([' ', '\t']).unwrap_or(line.text.len()));
        let rest = line.part(rest);
        match word {
            "mapping" => self.head(line, rest),
            "include" => self.include(rest),
            "registers" => self.registers = rest.words().map(|word| word.text.to_owned()).collect(),
            "scratch" => self.scratch = rest.words().map(|word| word.text.to_owned()).collect(),
            "reject" => self.reject(rest),
            _ if line.text.starts_with('"') => match string(line.text) {
                Some(title) => self.title = title.to_owned(),
                None => self.error(line.span, "this string is not closed"),
            },
            _ => self.rule(line),
        }
    }

    fn head(&mut self, line: Source<'_>, rest: Source<'_>) {
        let parts = rest.text.split_once(':').and_then(|(name, rest)| Some((name, rest.split_once("->")?)));
        let Some((name, (source, target))) = parts else {
            return self.error(line.span, "expected `mapping NAME: SOURCE -> TARGET`");
        };
        let (source, target) = (rest.part(source), rest.part(target));
        let Some(language) = Language::from_word(source.text) else {
            let message = format!("`{}` is not a source", source.text);
            let known = Language::ALL.map(Language::word);
            let diagnostic = Diagnostic::error("mapping::unknown-language", source.span, message);
            return self.diagnostics.push(diagnostic.with_suggestion(source.text, known));
        };
        let arch = Arch::from_word(target.text).filter(|arch| isa::by_name(arch.word()).is_some());
        let Some(arch) = arch else {
            let message = format!("`{}` is not a target", target.text);
            let known = isa::ALL.iter().map(|isa| isa.name());
            let diagnostic = Diagnostic::error("mapping::unknown-language", target.span, message);
            return self.diagnostics.push(diagnostic.with_suggestion(target.text, known));
        };
        if self.head.is_some() {
            return self.error(line.span, "a mapping has one head");
        }
        self.head =
            Some(Head { name: name.trim().to_owned(), source: language, target: arch, span: line.span });
    }

    fn include(&mut self, name: Source<'_>) {
        if self.depth >= MAX_DEPTH {
            return self.error(name.span, "files include each other too deeply");
        }
        match (self.include)(name.text) {
            Some((file, text)) => {
                // The rules and lists that it brings come before those that follow here, whatever its head says.
                let (head, title) = (self.head.take(), std::mem::take(&mut self.title));
                self.depth += 1;
                self.file(file, &text);
                self.depth -= 1;
                (self.head, self.title) = (head, title);
            }
            None => {
                let message = format!("there is no mapping `{}`", name.text);
                let known = super::library::names();
                let diagnostic = Diagnostic::error("mapping::unknown-include", name.span, message);
                self.diagnostics.push(diagnostic.with_suggestion(name.text, known));
            }
        }
    }

    fn rule(&mut self, line: Source<'_>) {
        let Some(head) = line.text.strip_suffix(':') else {
            let help = "an item is `mapping`, `include`, `registers`, `scratch`, `reject`, a title in quotes, or a \
                        rule: the name of an instruction, its operands, and `:`";
            let diagnostic =
                Diagnostic::error("mapping::syntax", line.span, "expected `:` at the end of this line");
            return self.diagnostics.push(diagnostic.with_help(help));
        };
        let mut words = line.part(head).words();
        let Some(name) = words.next() else { return self.error(line.span, "a rule needs a name") };
        let operands: Vec<String> = words.map(|word| word.text.to_owned()).collect();
        self.family(name, Some(operands), None);
    }

    fn reject(&mut self, rest: Source<'_>) {
        // The name has colons in its choices.
        let parts = rest
            .text
            .split_once('"')
            .and_then(|(name, reason)| Some((name.trim().strip_suffix(':')?, reason.strip_suffix('"')?)));
        match parts {
            Some((name, reason)) => self.family(rest.part(name), None, Some(reason.to_owned())),
            None => self.error(rest.span, "expected `reject NAME: \"reason\"`"),
        }
    }

    fn family(&mut self, name: Source<'_>, operands: Option<Vec<String>>, rejected: Option<String>) {
        let Some(choices) = choices(name.text) else {
            return self.error(name.span, "a choice is written `<n:32|64>`");
        };
        if choices.iter().map(|(_, words)| words.len()).product::<usize>() > MAX_COMBINATIONS {
            return self.error(name.span, "too many choices for one rule");
        }
        let mut family = Family {
            pattern: name.text.to_owned(),
            choices,
            operands: Vec::new(),
            lines: Vec::new(),
            rejected,
            span: name.span,
        };
        for chosen in family.combinations() {
            let one = family.name(&chosen);
            let Some(known) = vocabulary::operands(&one) else {
                let message = format!("there is no instruction `{one}` to be mapped");
                let all = Language::ALL.into_iter().flat_map(vocabulary::instructions);
                let names: Vec<String> = all.map(|(name, _)| name).collect();
                let diagnostic = Diagnostic::error("mapping::unknown-instruction", name.span, message)
                    .with_suggestion(&one, names.iter().map(String::as_str));
                return self.diagnostics.push(diagnostic);
            };
            family.operands = known.split_ascii_whitespace().map(str::to_owned).collect();
            if operands.as_ref().is_some_and(|written| *written != family.operands) {
                let message = format!("the operands of `{one}` are `{known}`");
                return self.error(name.span, message);
            }
            let message = format!("`{one}` has a rule in this file already");
            if let Some(other) = self.seen.insert((name.span.file, one), name.span) {
                let diagnostic = Diagnostic::error("mapping::duplicate-rule", name.span, message);
                return self.diagnostics.push(diagnostic.with_label(other, "here"));
            }
        }
        self.families.push(family);
    }
}

/// What stands between the quotes of a line.
fn string(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.strip_suffix('"')
}

/// The choices in a name. `None` if one is not well-formed.
fn choices(name: &str) -> Option<Vec<(String, Vec<String>)>> {
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    let mut rest = name;
    while let Some((_, behind)) = rest.split_once('<') {
        let (choice, behind) = behind.split_once('>')?;
        let (letter, words) = choice.split_once(':')?;
        if letter.is_empty() || all.iter().any(|(known, _)| known == letter) {
            return None;
        }
        all.push((letter.to_owned(), words.split('|').map(str::to_owned).collect()));
        rest = behind;
    }
    Some(all)
}
