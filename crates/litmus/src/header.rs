//! The header: everything before the `{` of the initial state.

use syntax::{Diagnostic, FileId, Span};

use crate::ast::{Arch, Comment, Metadata, Section, Text};
use crate::lexer::{comment, unterminated_comment};
use crate::scan;

/// What the header says.
pub(crate) struct Header {
    pub(crate) arch: Arch,
    pub(crate) name: String,
    pub(crate) name_span: Span,
    pub(crate) texname: Option<String>,
    pub(crate) doc: Option<String>,
    pub(crate) metadata: Vec<Metadata>,
    pub(crate) remarks: Vec<Text>,
    pub(crate) comments: Vec<Comment>,
    /// The offset of the `{`.
    pub(crate) end: usize,
    pub(crate) warning: Option<Diagnostic>,
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    at: usize,
    comments: Vec<Comment>,
    /// The first comment that does not end. It is read as if its `(*` were not there, as herd does.
    open_comment: Option<usize>,
}

/// Reads the header. The error is the only one: without a header nothing else makes sense.
pub(crate) fn read(file: FileId, text: &str) -> Result<Header, Diagnostic> {
    let mut reader = Reader { file, text, at: 0, comments: Vec::new(), open_comment: None };
    if text.starts_with('\u{feff}') {
        reader.at = '\u{feff}'.len_utf8();
    }
    reader.skip_blanks_and_comments();
    let arch = reader.arch()?;
    let (name, name_span) = reader.name()?;
    let texname = reader.texname();
    let mut header = Header {
        arch,
        name,
        name_span,
        texname,
        doc: None,
        metadata: Vec::new(),
        remarks: Vec::new(),
        comments: Vec::new(),
        end: 0,
        warning: None,
    };
    reader.lines(&mut header)?;
    if let Some(at) = reader.open_comment {
        let mut warning = unterminated_comment(Span::new(file, at, at + 2));
        warning.severity = syntax::Severity::Warning;
        header.warning = Some(warning);
    }
    header.comments = reader.comments;
    header.end = reader.at;
    Ok(header)
}

impl<'a> Reader<'a> {
    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes().get(self.at).copied()
    }

    fn skip_spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r')) {
            self.at += 1;
        }
    }

    fn at_comment(&self) -> bool {
        self.bytes()[self.at..].starts_with(b"(*")
    }

    /// Skips a comment. One that does not end is no comment: only its `(*` is skipped.
    fn skip_comment(&mut self) {
        let start = self.at;
        let end = match self.open_comment {
            Some(_) => None,
            None => scan::comment_end(self.bytes(), start),
        };
        if let Some(end) = end {
            self.comments.push(comment(self.file, self.text, start, end, Section::Header));
            self.at = end;
        } else {
            self.open_comment.get_or_insert(start);
            self.at = start + 2;
        }
    }

    fn skip_blanks_and_comments(&mut self) {
        loop {
            match self.peek() {
                Some(byte) if byte.is_ascii_whitespace() => self.at += 1,
                Some(b'(') if self.at_comment() => self.skip_comment(),
                _ => return,
            }
        }
    }

    fn arch(&mut self) -> Result<Arch, Diagnostic> {
        let start = self.at;
        let rest = &self.bytes()[start..];
        let len = rest.iter().position(|byte| !scan::continues_name(*byte)).unwrap_or(rest.len());
        let word = &self.text[start..start + len];
        self.at += len;
        if word.is_empty() {
            let message = if rest.is_empty() {
                "the file is empty".to_owned()
            } else {
                "a litmus test starts with the name of an architecture".to_owned()
            };
            return Err(Diagnostic::error("litmus::missing-header", self.span(start, start), message)
                .with_help("the first line is an architecture and a name, as in `AArch64 MP`"));
        }
        Arch::from_word(word).ok_or_else(|| {
            let span = self.span(start, start + len);
            let known = Arch::ALL.iter().map(|arch| arch.word());
            let error = Diagnostic::error(
                "litmus::unknown-architecture",
                span,
                format!("`{word}` is not an architecture"),
            )
            .with_suggestion(word, known);
            match error.help {
                Some(_) => error,
                None => {
                    let words: Vec<_> = Arch::ALL.iter().map(|arch| arch.word()).collect();
                    error.with_help(format!("known are {}", words.join(", ")))
                }
            }
        })
    }

    fn name(&mut self) -> Result<(String, Span), Diagnostic> {
        self.skip_spaces();
        let start = self.at;
        let rest = &self.bytes()[start..];
        let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'(' | b'"' | b'{' | b';' | b'}');
        let len = rest.iter().position(ends).unwrap_or(rest.len());
        self.at += len;
        let span = self.span(start, self.at);
        if len == 0 {
            return Err(Diagnostic::error("litmus::missing-name", span, "the test has no name")
                .with_help("write a name behind the architecture, or `--` for the file's name"));
        }
        Ok((self.text[start..self.at].to_owned(), span))
    }

    /// `(texname)` on the same line.
    fn texname(&mut self) -> Option<String> {
        self.skip_spaces();
        if self.peek() != Some(b'(') || self.at_comment() {
            return None;
        }
        let line = &self.text[self.at..scan::line_end(self.bytes(), self.at)];
        let end = line.find(')')?;
        self.at += end + 1;
        Some(line[1..end].to_owned())
    }

    /// Reads up to the `{`.
    fn lines(&mut self, header: &mut Header) -> Result<(), Diagnostic> {
        loop {
            self.skip_blanks_and_comments();
            match self.peek() {
                Some(b'{') => return Ok(()),
                Some(b'"') if header.doc.is_none() => header.doc = Some(self.doc()?),
                Some(b';') => self.at += 1,
                Some(_) => self.line(header),
                None => {
                    let span = self.span(self.at, self.at);
                    let error = Diagnostic::error(
                        "litmus::missing-init",
                        span,
                        "the file ends before the initial state",
                    )
                    .with_help("write the initial state in braces, `{ }` if everything is 0");
                    return Err(match self.open_comment {
                        Some(at) => error.with_label(self.span(at, at + 2), "this comment does not end"),
                        None => error,
                    });
                }
            }
        }
    }

    fn doc(&mut self) -> Result<String, Diagnostic> {
        let start = self.at + 1;
        let Some(len) = self.text[start..].find('"') else {
            let span = self.span(self.at, start);
            return Err(Diagnostic::error(
                "litmus::unterminated-string",
                span,
                "this documentation string does not end",
            )
            .with_help("close it with `\"`"));
        };
        self.at = start + len + 1;
        Ok(self.text[start..start + len].to_owned())
    }

    /// A line of metadata, or a remark.
    fn line(&mut self, header: &mut Header) {
        let start = self.at;
        let end = scan::line_end(self.bytes(), start);
        let line = &self.text[start..end];
        if let Some((key, value)) = split_metadata(line) {
            let trimmed = line.trim_ascii_end().len();
            header.metadata.push(Metadata {
                key: key.to_owned(),
                value: value.to_owned(),
                span: self.span(start, start + trimmed),
            });
            self.at = end;
            return;
        }
        let stop = line.find('{').unwrap_or(line.len()).min(line.find("(*").unwrap_or(line.len()));
        let text = line[..stop].trim_ascii_end();
        header.remarks.push(Text { text: text.to_owned(), span: self.span(start, start + text.len()) });
        self.at = start + stop;
    }
}

fn split_metadata(line: &str) -> Option<(&str, &str)> {
    let len = line.bytes().position(|byte| !(scan::continues_name(byte) || byte == b'-'))?;
    let value = line[len..].trim_ascii_start().strip_prefix('=')?;
    let key = &line[..len];
    key.bytes().next().is_some_and(scan::starts_name).then_some((key, value.trim_ascii()))
}

impl Arch {
    /// All of them, in the order of their words.
    pub const ALL: [Arch; 15] = [
        Arch::AArch64,
        Arch::Arm,
        Arch::Asl,
        Arch::Bpf,
        Arch::C,
        Arch::Cpp,
        Arch::Java,
        Arch::Lisa,
        Arch::LoongArch,
        Arch::Mips,
        Arch::Ppc,
        Arch::Riscv,
        Arch::S390x,
        Arch::X86,
        Arch::X86_64,
    ];

    /// The word that names it on the first line.
    pub fn word(self) -> &'static str {
        match self {
            Arch::AArch64 => "AArch64",
            Arch::Arm => "ARM",
            Arch::Asl => "ASL",
            Arch::Bpf => "BPF",
            Arch::C => "C",
            Arch::Cpp => "CPP",
            Arch::Java => "JAVA",
            Arch::Lisa => "LISA",
            Arch::LoongArch => "LoongArch",
            Arch::Mips => "MIPS",
            Arch::Ppc => "PPC",
            Arch::Riscv => "RISCV",
            Arch::S390x => "S390X",
            Arch::X86 => "X86",
            Arch::X86_64 => "X86_64",
        }
    }

    /// The architecture of that word. `Java` is understood too.
    pub fn from_word(word: &str) -> Option<Arch> {
        if word == "Java" {
            return Some(Arch::Java);
        }
        Arch::ALL.into_iter().find(|arch| arch.word() == word)
    }

    /// Whether the program is written in C.
    pub fn is_c(self) -> bool {
        matches!(self, Arch::C | Arch::Cpp)
    }

    /// Whether the program stands in columns of assembly.
    pub fn is_assembly(self) -> bool {
        !self.is_c() && !matches!(self, Arch::Java | Arch::Asl)
    }
}

impl std::fmt::Display for Arch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}
