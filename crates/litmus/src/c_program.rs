//! The functions of a C test. Their bodies are not read.

use syntax::{Diagnostic, FileId, Span};

use crate::ast::{CProgram, Comment, Function, Param, Section, Text};
use crate::lexer::{comment, unterminated_comment};
use crate::program::{question_at, section_at};
use crate::scan::{self, Comments};

/// What was read, and where the question starts.
pub(crate) struct Functions {
    pub(crate) program: CProgram,
    pub(crate) sections: Vec<Text>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) errors: Vec<Diagnostic>,
    pub(crate) end: usize,
}

/// Something is so broken that the rest of the file can't be read.
struct Broken(Diagnostic);

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    at: usize,
    functions: Functions,
}

/// Reads from `at` to the question or the end.
pub(crate) fn read(file: FileId, text: &str, at: usize) -> Functions {
    let functions = Functions {
        program: CProgram { functions: Vec::new(), declarations: Vec::new() },
        sections: Vec::new(),
        comments: Vec::new(),
        errors: Vec::new(),
        end: text.len(),
    };
    let mut reader = Reader { file, text, at, functions };
    match reader.items() {
        Ok(()) => {
            reader.functions.end = reader.at;
            reader.check();
        }
        Err(Broken(error)) => reader.functions.errors.push(error),
    }
    reader.functions
}

impl Reader<'_> {
    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
    }

    fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    fn items(&mut self) -> Result<(), Broken> {
        loop {
            self.skip_blanks()?;
            let Some(&byte) = self.bytes().get(self.at) else { return Ok(()) };
            if question_at(self.text, self.at) || byte == b'(' || self.text[self.at..].starts_with("<<") {
                return Ok(());
            }
            if section_at(self.text, self.at) {
                self.section();
            } else {
                self.item()?;
            }
        }
    }

    fn skip_blanks(&mut self) -> Result<(), Broken> {
        while let Some(&byte) = self.bytes().get(self.at) {
            if byte.is_ascii_whitespace() {
                self.at += 1;
                continue;
            }
            let Some(end) = scan::comment_at(self.bytes(), self.at, Comments::Both) else { return Ok(()) };
            let end = end.map_err(|at| Broken(unterminated_comment(self.span(at, at + 2))))?;
            if byte == b'(' {
                let comment = comment(self.file, self.text, self.at, end, Section::Program);
                self.functions.comments.push(comment);
            }
            self.at = end;
        }
        Ok(())
    }

    /// `scopes: …` up to the next section or the question.
    fn section(&mut self) {
        let start = self.at;
        let bytes = self.text.as_bytes();
        self.at += 1;
        while let Some(&byte) = bytes.get(self.at) {
            let in_word = scan::continues_name(bytes[self.at - 1]);
            let starts = !in_word && (scan::starts_name(byte) || byte == b'~');
            if starts && (question_at(self.text, self.at) || section_at(self.text, self.at)) {
                break;
            }
            self.at += 1;
        }
        let text = self.text[start..self.at].trim_end().to_owned();
        let span = self.span(start, start + text.len());
        self.functions.sections.push(Text { text, span });
    }

    /// A function, or a declaration that is kept as it is.
    fn item(&mut self) -> Result<(), Broken> {
        let start = self.at;
        if self.bytes().get(start) == Some(&b'#') {
            self.at = self.line_end(start);
            self.declaration(start);
            return Ok(());
        }
        let head_end = self.find(start, b"({;")?;
        match self.bytes().get(head_end) {
            Some(b'(') => {
                let params_end = self.closing(head_end)?;
                self.at = params_end;
                let comments = self.functions.comments.len();
                let declarations = self.functions.program.declarations.len();
                self.skip_blanks()?;
                if self.bytes().get(self.at) == Some(&b'{') {
                    let body_start = self.at;
                    self.at = self.closing(body_start)?;
                    self.function(start, head_end, params_end, body_start);
                } else {
                    let end = self.find(self.at, b";")?;
                    if end == self.text.len() {
                        return Err(self.no_item(start));
                    }
                    self.at = end + 1;
                    self.declaration(start);
                }
                // A declaration keeps its comments inside.
                if self.functions.program.declarations.len() > declarations {
                    self.functions.comments.truncate(comments);
                }
            }
            Some(b'{') => {
                self.at = self.closing(head_end)?;
                let end = self.find(self.at, b";{(")?;
                if self.bytes().get(end) == Some(&b';') {
                    self.at = end + 1;
                }
                self.declaration(start);
            }
            Some(_) => {
                self.at = head_end + 1;
                // A semicolon on its own means nothing.
                if head_end > start {
                    self.declaration(start);
                }
            }
            None => return Err(self.no_item(start)),
        }
        Ok(())
    }

    fn no_item(&self, start: usize) -> Broken {
        let word_end =
            self.text[start..].find(char::is_whitespace).map_or(self.text.len(), |len| start + len);
        let message = "this is neither a function nor a condition";
        Broken(
            Diagnostic::error("litmus::expected-function", self.span(start, word_end), message)
                .with_help("a thread looks like `P0(int *x) { … }`"),
        )
    }

    /// The end of a line of the preprocessor: lines that end in a backslash go on.
    fn line_end(&self, start: usize) -> usize {
        let bytes = self.bytes();
        let mut at = start;
        loop {
            at += bytes[at..].iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len() - at);
            let line = bytes[start..at].trim_ascii_end();
            if at == bytes.len() || line.last() != Some(&b'\\') {
                return at;
            }
            at += 1;
        }
    }

    /// The offset of the first of these bytes from `at` on, outside comments; the end if there is none.
    fn find(&self, at: usize, wanted: &[u8]) -> Result<usize, Broken> {
        let bytes = self.bytes();
        let mut at = at;
        while at < bytes.len() {
            if let Some(end) = scan::comment_at(bytes, at, Comments::Both) {
                at = end.map_err(|at| Broken(unterminated_comment(self.span(at, at + 2))))?;
            } else if wanted.contains(&bytes[at]) {
                return Ok(at);
            } else {
                at += 1;
            }
        }
        Ok(bytes.len())
    }

    fn closing(&self, at: usize) -> Result<usize, Broken> {
        scan::closing(self.bytes(), at, Comments::C).map_err(|at| {
            let what = &self.text[at..at + 1];
            if what == "/" {
                return Broken(unterminated_comment(self.span(at, at + 2)));
            }
            let message = format!("this `{what}` is not closed");
            Broken(
                Diagnostic::error("litmus::unclosed", self.span(at, at + 1), message)
                    .with_help("is the file complete?"),
            )
        })
    }

    fn declaration(&mut self, start: usize) {
        let text = self.text[start..self.at].trim_end().to_owned();
        let span = self.span(start, start + text.len());
        self.functions.program.declarations.push(Text { text, span });
    }

    fn function(&mut self, start: usize, params: usize, params_end: usize, body: usize) {
        let head = self.text[start..params].trim_end();
        let name_len = head.bytes().rev().take_while(|byte| scan::continues_name(*byte)).count();
        let name = &head[head.len() - name_len..];
        let name_span = self.span(start + head.len() - name_len, start + head.len());
        let id: Option<u32> =
            name.strip_prefix('P').filter(|digits| digits.len() <= 9).and_then(|digits| digits.parse().ok());
        let Some(id) = id else {
            self.declaration(start);
            return;
        };
        let returns = words(&head[..head.len() - name_len]);
        let params = self.params(params + 1, params_end - 1);
        let body_text = self.text[body + 1..self.at - 1].to_owned();
        let body = Text { text: body_text, span: self.span(body + 1, self.at - 1) };
        let expected = self.functions.program.functions.len();
        if id as usize != expected {
            let message = format!("expected P{expected} here, not P{id}");
            self.functions.errors.push(
                Diagnostic::error("litmus::thread-order", name_span, message)
                    .with_help("threads are numbered from P0 without gaps"),
            );
        }
        let id = expected as u32;
        self.functions.program.functions.push(Function { id, returns, name_span, params, body });
    }

    fn params(&mut self, start: usize, end: usize) -> Vec<Param> {
        let mut params = Vec::new();
        let mut at = start;
        for piece in self.text[start..end].split(',') {
            let piece_start = at + (piece.len() - piece.trim_start().len());
            at += piece.len() + 1;
            let text = piece.trim();
            if text.is_empty() || text == "void" {
                continue;
            }
            let span = self.span(piece_start, piece_start + text.len());
            match param(text, span) {
                Some(param) => params.push(param),
                None => {
                    let message = format!("`{}` is not a parameter", text.escape_debug());
                    self.functions.errors.push(
                        Diagnostic::error("litmus::bad-parameter", span, message)
                            .with_help("write a type and the name of a shared variable, as in `int *x`"),
                    );
                }
            }
        }
        params
    }

    fn check(&mut self) {
        if self.functions.program.functions.is_empty() && self.functions.errors.is_empty() {
            let here = self.span(self.at, self.at);
            self.functions.errors.push(
                Diagnostic::error("litmus::missing-program", here, "the test has no program")
                    .with_help("a thread looks like `P0(int *x) { … }`"),
            );
        }
    }
}

/// `int *x` is the type `int*` and the name `x`.
fn param(text: &str, span: Span) -> Option<Param> {
    // `int x[2]` is `int *x`.
    let (text, star) = match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
        Some((head, length)) if !length.contains(['[', ']']) => (head.trim_end(), "*"),
        _ => (text, ""),
    };
    let name_len = text.bytes().rev().take_while(|byte| scan::continues_name(*byte)).count();
    let (ty, name) = text.split_at(text.len() - name_len);
    let is_name = name.bytes().next().is_some_and(scan::starts_name);
    let has_type = !ty.trim_start().is_empty() && !ty.trim_start().starts_with('*');
    let belongs = |byte: u8| scan::continues_name(byte) || scan::is_blank(byte) || b"*<>:()".contains(&byte);
    if !is_name || !has_type || !ty.bytes().all(belongs) {
        return None;
    }
    let mut written = words(ty);
    while let Some(at) = written.find(" *") {
        written.remove(at);
    }
    written.push_str(star);
    Some(Param { ty: written, name: name.to_owned(), span })
}

/// The words one space apart.
fn words(text: &str) -> String {
    let mut all = String::new();
    for word in text.split_whitespace() {
        if !all.is_empty() {
            all.push(' ');
        }
        all.push_str(word);
    }
    all
}
