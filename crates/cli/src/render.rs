//! Diagnostics for people: the place in the source, what is wrong there, and what to do about it.

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use batch::Sources;
use std::ops::Range;
use syntax::{Diagnostic, FileId, Severity};

/// More diagnostics of one test are counted, not shown.
const MAX_SHOWN: usize = 20;

/// Lines longer than this are not shown; nobody could see the place in them.
const MAX_LINE: usize = 4000;

/// Renders diagnostics.
#[derive(Clone, Debug)]
pub(crate) struct Render {
    renderer: Renderer,
}

impl Render {
    pub(crate) fn new(color: bool) -> Render {
        Render { renderer: if color { Renderer::styled() } else { Renderer::plain() } }
    }

    /// Renders all diagnostics of a test or a model.
    pub(crate) fn all(&self, diagnostics: &[Diagnostic], sources: &Sources) -> String {
        let mut text = String::new();
        for diagnostic in diagnostics.iter().take(MAX_SHOWN) {
            text += &self.one(diagnostic, sources);
            text += "\n\n";
        }
        if diagnostics.len() > MAX_SHOWN {
            let (name, _) = sources.file(diagnostics[0].span.file);
            text += &format!("… and {} more about {name}\n\n", diagnostics.len() - MAX_SHOWN);
        }
        text
    }

    fn one(&self, diagnostic: &Diagnostic, sources: &Sources) -> String {
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = Group::with_title(level.primary_title(&diagnostic.message).id(diagnostic.code));
        for element in places(diagnostic, sources) {
            group = group.element(element);
        }
        if let Some(help) = &diagnostic.help {
            group = group.element(Level::HELP.message(help));
        }
        self.renderer.render(&[group])
    }
}

/// The parts of sources that a diagnostic is about. Labels near the main place are shown with it.
fn places<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Vec<Element<'a>> {
    let span = diagnostic.span;
    let Some(mut main) = Excerpt::of(span.file, span.start..span.end, sources) else {
        return origin(diagnostic, sources).into_iter().collect();
    };
    main.annotate(AnnotationKind::Primary, span.start..span.end, "");
    let mut others = Vec::new();
    for (at, label) in &diagnostic.labels {
        if main.holds(at.file, at.start..at.end) {
            main.annotate(AnnotationKind::Context, at.start..at.end, label);
        } else if let Some(mut other) = Excerpt::of(at.file, at.start..at.end, sources) {
            other.annotate(AnnotationKind::Context, at.start..at.end, label);
            others.push(other);
        }
    }
    std::iter::once(main).chain(others).map(|excerpt| excerpt.snippet().into()).collect()
}

/// The place alone, where the text can't be shown: it is not text, or its lines are too long.
fn origin<'a>(diagnostic: &Diagnostic, sources: &'a Sources) -> Option<Element<'a>> {
    let (name, text) = sources.file(diagnostic.span.file);
    if name.is_empty() {
        return None;
    }
    let has_content = !text.is_empty() || matches!(diagnostic.code, "input::binary" | "input::too-large");
    if !has_content {
        return Some(Origin::path(name).into());
    }
    let before = text.get(..diagnostic.span.start as usize).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    Some(Origin::path(name).line(line).char_column(column).into())
}

/// A few lines of a source: rendering looks at all the text it is given, so it is given little.
struct Excerpt<'a> {
    file: FileId,
    name: &'a str,
    text: &'a str,
    /// Offset of `text` in the file.
    start: usize,
    first_line: usize,
    annotations: Vec<Annotation<'a>>,
}

impl<'a> Excerpt<'a> {
    /// The lines of a span, two lines before, and two behind. `None` where there is nothing to be seen.
    fn of(file: FileId, span: Range<u32>, sources: &'a Sources) -> Option<Excerpt<'a>> {
        let (name, text) = sources.file(file);
        let (from, to) = (span.start as usize, span.end as usize);
        if text.is_empty() || from > to || !text.is_char_boundary(from) || !text.is_char_boundary(to) {
            return None;
        }
        let start = line_start(text, from, 2);
        let end = line_end(text, to, 2);
        let longest = text[start..end].lines().map(str::len).max().unwrap_or(0);
        let first_line = text[..start].bytes().filter(|byte| *byte == b'\n').count() + 1;
        (longest <= MAX_LINE).then_some(Excerpt {
            file,
            name,
            text: &text[start..end],
            start,
            first_line,
            annotations: Vec::new(),
        })
    }

    fn holds(&self, file: FileId, span: Range<u32>) -> bool {
        file == self.file
            && span.start as usize >= self.start
            && span.end as usize <= self.start + self.text.len()
            && span.start <= span.end
    }

    fn annotate(&mut self, kind: AnnotationKind, span: Range<u32>, label: &'a str) {
        let span = span.start as usize - self.start..span.end as usize - self.start;
        if !self.text.is_char_boundary(span.start) || !self.text.is_char_boundary(span.end) {
            return;
        }
        let annotation = kind.span(span);
        self.annotations.push(if label.is_empty() { annotation } else { annotation.label(label) });
    }

    fn snippet(self) -> Snippet<'a, Annotation<'a>> {
        Snippet::source(self.text).path(self.name).line_start(self.first_line).annotations(self.annotations)
    }
}

/// The start of the line of `at`, or of one of the `before` lines before it.
fn line_start(text: &str, at: usize, before: usize) -> usize {
    let ends = text[..at].rmatch_indices('\n');
    ends.take(before + 1).nth(before).map_or(0, |(end, _)| end + 1)
}

/// The end of the line of `at`, or of one of the `behind` lines behind it.
fn line_end(text: &str, at: usize, behind: usize) -> usize {
    let ends = text[at..].match_indices('\n');
    ends.take(behind + 1).nth(behind).map_or(text.len(), |(end, _)| at + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_around_a_place_are_found() {
        let text = "1\n2\n3\n4\n5\n6";
        assert_eq!(&text[line_start(text, 6, 2)..line_end(text, 6, 1)], "2\n3\n4\n5");
        assert_eq!(&text[line_start(text, 0, 2)..line_end(text, 0, 9)], text);
    }
}
