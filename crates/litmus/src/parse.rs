//! Reading a whole file.

use syntax::{Diagnostic, FileId, Span};

use crate::ast::{Arch, Binding, Comment, Program, Section, Test, Text};
use crate::condition::{self, Question};
use crate::header::{self, Header};
use crate::parser::Parser;
use crate::scan::{self, Comments};
use crate::{c_program, init, program};

/// Reads a litmus test. A test is returned whenever its header and the braces of its initial state were found; it is
/// whole only if no diagnostic is an error.
pub fn parse(file: FileId, text: &str) -> (Option<Test>, Vec<Diagnostic>) {
    let (parsed, errors) = parse_with_layout(file, text);
    (parsed.map(|(test, _)| test), errors)
}

/// Where the parts of a file stand.
pub(crate) struct Layout {
    /// The initial state, with its braces.
    pub(crate) init: std::ops::Range<usize>,
    /// Where the question starts.
    pub(crate) question: usize,
}

/// Reads a litmus test, and says where its parts are.
pub(crate) fn parse_with_layout(file: FileId, text: &str) -> (Option<(Test, Layout)>, Vec<Diagnostic>) {
    if let Some(error) = not_text(file, text) {
        return (None, vec![error]);
    }
    let header = match header::read(file, text) {
        Ok(header) => header,
        Err(error) => return (None, vec![error]),
    };
    let style = if header.arch.is_c() { Comments::Both } else { Comments::Ml };
    let init_end = match scan::closing(text.as_bytes(), header.end, style) {
        Ok(end) => end,
        Err(at) => return (None, vec![unclosed_init(file, text, header.end, at)]),
    };
    let init = header.end..init_end;
    let (test, question, errors) = body(file, text, header, init_end, style);
    (Some((test, Layout { init, question })), errors)
}

/// An error if the file is not text at all.
fn not_text(file: FileId, text: &str) -> Option<Diagnostic> {
    // Without branches, so that a block is a few vector instructions.
    let is_control =
        |byte: u8| (byte < 0x20) & (byte != b'\t') & (byte != b'\n') & (byte != b'\r') & (byte != 0x0c);
    if text.len() > MAX_BYTES {
        let message = "the file is larger than 1 GiB";
        return Some(Diagnostic::error("litmus::too-large", Span::new(file, 0, 0), message));
    }
    let bad_block = |block: &[u8]| block.iter().fold(false, |bad, byte| bad | is_control(*byte));
    let block = text.as_bytes().chunks(256).position(bad_block)?;
    let at = block * 256 + text.as_bytes()[block * 256..].iter().position(|byte| is_control(*byte))?;
    let message = format!("this is not a text: it holds the control character 0x{:02x}", text.as_bytes()[at]);
    Some(
        Diagnostic::error("litmus::not-text", Span::new(file, at, at + 1), message)
            .with_help("is this a litmus test?"),
    )
}

/// Spans count bytes in 32 bits.
const MAX_BYTES: usize = 1 << 30;

fn unclosed_init(file: FileId, text: &str, open: usize, at: usize) -> Diagnostic {
    if at != open {
        return crate::lexer::unterminated_comment(Span::new(file, at, at + 2));
    }
    let end = Span::new(file, text.len(), text.len());
    Diagnostic::error(
        "litmus::unclosed",
        Span::new(file, open, open + 1),
        "the initial state that starts here is not closed",
    )
    .with_label(end, "the file ends here")
    .with_help("close it with `}`; is the file complete?")
}

/// A `;` may follow the braces of the initial state.
fn skip_semicolon(text: &str, at: usize) -> usize {
    match text[at..].trim_start().strip_prefix(';') {
        Some(behind) => text.len() - behind.len(),
        None => at,
    }
}

struct Threads {
    program: Program,
    sections: Vec<Text>,
    comments: Vec<Comment>,
    errors: Vec<Diagnostic>,
    end: usize,
}

fn body(
    file: FileId,
    text: &str,
    header: Header,
    init_end: usize,
    style: Comments,
) -> (Test, usize, Vec<Diagnostic>) {
    let mut comments = header.comments;
    let (init, init_comments, mut errors) = read_init(file, text, header.end + 1..init_end - 1, style);
    comments.extend(init_comments);
    let mut threads = read_threads(file, text, header.arch, skip_semicolon(text, init_end));
    comments.append(&mut threads.comments);
    errors.splice(0..0, header.warning);
    errors.append(&mut threads.errors);
    let (question, more_comments, more_errors) = read_question(file, text, threads.end, style);
    comments.extend(more_comments);
    errors.extend(more_errors);
    let test = Test {
        arch: header.arch,
        name: header.name,
        name_span: header.name_span,
        texname: header.texname,
        doc: header.doc,
        metadata: header.metadata,
        remarks: header.remarks,
        comments,
        init,
        program: threads.program,
        sections: threads.sections,
        locations: question.locations,
        filter: question.filter,
        condition: question.condition,
        tail: question.tail.map(|at| text[at..].trim().to_owned()),
    };
    (test, threads.end, errors)
}

fn read_init(
    file: FileId,
    text: &str,
    range: std::ops::Range<usize>,
    style: Comments,
) -> (Vec<Binding>, Vec<Comment>, Vec<Diagnostic>) {
    let mut parser = Parser::new(file, text, range, Section::Init, style);
    let bindings = init::read(&mut parser);
    let (comments, errors) = parser.finish();
    (bindings, comments, errors)
}

fn read_question(
    file: FileId,
    text: &str,
    start: usize,
    style: Comments,
) -> (Question, Vec<Comment>, Vec<Diagnostic>) {
    let mut parser = Parser::new(file, text, start..text.len(), Section::Condition, style);
    let question = condition::read(&mut parser);
    let (comments, errors) = parser.finish();
    (question, comments, errors)
}

fn read_threads(file: FileId, text: &str, arch: Arch, start: usize) -> Threads {
    if arch.is_c() {
        let read = c_program::read(file, text, start);
        return Threads {
            program: Program::C(read.program),
            sections: read.sections,
            comments: read.comments,
            errors: read.errors,
            end: read.end,
        };
    }
    if !arch.is_assembly() {
        return read_raw(file, text, start);
    }
    let read = program::read(file, text, start);
    Threads {
        program: Program::Asm(read.threads),
        sections: read.sections,
        comments: read.comments,
        errors: read.errors,
        end: read.end,
    }
}

/// Keeps everything up to the question as it is.
fn read_raw(file: FileId, text: &str, start: usize) -> Threads {
    let end = program::find_question(text, start);
    let raw = &text[start..end];
    let trimmed = raw.trim();
    let from = start + (raw.len() - raw.trim_start().len());
    let span = Span::new(file, from, from + trimmed.len());
    Threads {
        program: Program::Raw(Text { text: trimmed.to_owned(), span }),
        sections: Vec::new(),
        comments: Vec::new(),
        errors: Vec::new(),
        end,
    }
}
