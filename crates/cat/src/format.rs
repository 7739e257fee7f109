//! Formatting a model as people write it: the tokens and comments stay as they are, on the lines on which they are;
//! what changes is the space between them, and the indentation.

use syntax::{Diagnostic, FileId, Span};

use crate::ast::{Item, ItemKind};
use crate::lexer::{Spanned, Token, Word, tokens};
use crate::parser::parse;

/// How many blanks a step of indentation has.
const STEP: usize = 2;

/// Deeper brackets don't indent further.
const MAX_STEPS: usize = 12;

/// Formats a model, or a bell file. The error is what is wrong with it.
pub fn format(file: FileId, text: &str) -> Result<String, Vec<Diagnostic>> {
    let (model, mut errors) = parse(file, text);
    if syntax::has_errors(&errors) {
        errors.retain(|error| error.severity == syntax::Severity::Error);
        return Err(errors);
    }
    let old = tokens(file, text, &mut Vec::new());
    let mut blocks = Vec::new();
    collect(&model.items, 0, &mut blocks);
    let formatter = Formatter {
        text,
        blocks: &blocks,
        open: Vec::new(),
        line: 0,
        next_block: 0,
        out: String::new(),
        trailing: Vec::new(),
    };
    let formatted = formatter.run(&old);
    let new = tokens(file, &formatted, &mut Vec::new());
    if same(text, &old, &formatted, &new) {
        return Ok(formatted);
    }
    let message = "the formatted model would not be the same; it is left as it is";
    Err(vec![Diagnostic::error("cat::format", Span::new(file, 0, 0), message)])
}

/// Whether both texts have the same tokens, each first of its line where it was, and the same comments.
fn same(old_text: &str, old: &[Spanned], new_text: &str, new: &[Spanned]) -> bool {
    let pieces = |text: &str, tokens: &[Spanned]| {
        let mut at = 0;
        let mut all: Vec<(bool, String)> = Vec::with_capacity(tokens.len());
        for token in tokens {
            let (start, end) = (token.start as usize, token.end as usize);
            let comments = comments(text, at, start);
            all.extend(comments.iter().map(|(from, to)| (false, text[*from..*to].trim_end().to_owned())));
            // A last line without an end gets one.
            let first_of_line = token.first_of_line && token.token != Token::End;
            all.push((first_of_line, text[start..end].to_owned()));
            at = end;
        }
        all
    };
    pieces(old_text, old) == pieces(new_text, new)
}

/// An instruction.
struct Block {
    start: usize,
    end: usize,
    /// How many instructions it is in.
    depth: usize,
    /// Whether there are instructions in it.
    nests: bool,
}

/// All instructions, in the file's order, each before those in it.
fn collect(items: &[Item], depth: usize, blocks: &mut Vec<Block>) {
    for item in items {
        let (start, end) = (item.span.start as usize, item.span.end as usize);
        let bodies: Vec<&[Item]> = match &item.kind {
            ItemKind::Procedure { body, .. } | ItemKind::Forall(_, _, body) => vec![body],
            ItemKind::Match(_, clauses, others) => {
                clauses.iter().map(|(_, body)| &**body).chain(others.as_deref()).collect()
            }
            ItemKind::If(_, then, otherwise) => vec![then, otherwise],
            _ => Vec::new(),
        };
        blocks.push(Block { start, end, depth, nests: !bodies.is_empty() });
        bodies.into_iter().for_each(|body| collect(body, depth + 1, blocks));
    }
}

/// The comments between two tokens: where they start and end.
fn comments(text: &str, start: usize, end: usize) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = start;
    while at < end {
        let next = bytes.get(at + 1);
        let comment_end = match (bytes[at], next) {
            (b'#', _) | (b'/', Some(b'/')) => {
                bytes[at..end].iter().position(|b| *b == b'\n').map_or(end, |len| at + len)
            }
            (b'(', Some(b'*')) => nested_end(bytes, at, end),
            _ => {
                at += 1;
                continue;
            }
        };
        found.push((at, comment_end));
        at = comment_end;
    }
    found
}

fn nested_end(bytes: &[u8], start: usize, end: usize) -> usize {
    let mut depth = 0usize;
    let mut at = start;
    while at + 1 < end {
        match (bytes[at], bytes[at + 1]) {
            (b'(', b'*') => {
                depth += 1;
                at += 2;
            }
            (b'*', b')') => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    end
}

/// Something that waits for its end.
struct Open {
    kind: Kind,
    /// The line that it is on.
    line: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `(`, `[`, `{`
    Bracket,
    /// `match`, `begin`: up to `end`
    Words,
    /// `let`: up to `in`
    Let,
}

struct Formatter<'a> {
    text: &'a str,
    blocks: &'a [Block],
    /// The brackets and words that are open in the present instruction.
    open: Vec<Open>,
    /// The number of the present line in the source.
    line: usize,
    /// The first instruction that has not started.
    next_block: usize,
    out: String,
    /// Where comments stand in `out` behind something on their line.
    trailing: Vec<usize>,
}

impl Formatter<'_> {
    fn run(mut self, tokens: &[Spanned]) -> String {
        let mut stack: Vec<usize> = Vec::new();
        let mut done = 0;
        let mut before: Option<Token> = None;
        for (at, token) in tokens.iter().enumerate() {
            let (start, end) = (token.start as usize, token.end as usize);
            while stack.last().is_some_and(|block| self.blocks[*block].end <= start) {
                stack.pop();
                self.open.clear();
            }
            let starts_block = self.blocks.get(self.next_block).is_some_and(|block| block.start == start);
            if starts_block {
                stack.push(self.next_block);
                self.next_block += 1;
                self.open.clear();
            }
            let block = stack.last().map(|block| &self.blocks[*block]);
            let indent =
                if starts_block { block.map_or(0, Block::indent) } else { self.indent(block, tokens, at) };
            self.line += usize::from(token.first_of_line);
            let (comment_end, any_comment) = self.comments(done, start, indent);
            let glued = before.is_some_and(|left| {
                let is_long = closes_later(tokens, at) || self.closes_earlier(token.token);
                !any_comment && is_glued(left, token.token, follows(tokens, at), done == start, is_long)
            });
            done = comment_end;
            if token.token == Token::End {
                break;
            }
            self.space(done, start, indent, !glued);
            self.out.push_str(&self.text[start..end]);
            let nests = stack.last().is_some_and(|block| self.blocks[*block].nests);
            self.brackets(nests, starts_block, token.token);
            done = end;
            before = Some(token.token);
        }
        self.align_comments();
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }

    /// Writes the comments between two tokens. Returns where the last one ends, and whether there was one.
    fn comments(&mut self, done: usize, end: usize, indent: usize) -> (usize, bool) {
        let mut done = done;
        let mut any = false;
        for (from, to) in comments(self.text, done, end) {
            let comment = self.text[from..to].trim_end();
            let is_behind = !self.out.is_empty() && !self.text[done..from].contains('\n');
            self.space(done, from, indent, true);
            let ends_line = self.text[to..].trim_start_matches([' ', '\t', '\r']);
            let is_last = ends_line.is_empty() || ends_line.starts_with('\n');
            if is_behind && is_last && !any && !comment.contains('\n') {
                self.trailing.push(self.out.len());
            }
            self.out.push_str(comment);
            done = to;
            any = true;
        }
        (done, any)
    }

    /// Writes what stands between two pieces: a line end with indentation, and one blank line at most, if there is a
    /// line end; else a blank or nothing.
    fn space(&mut self, from: usize, to: usize, indent: usize, blank: bool) {
        if self.out.is_empty() {
            return;
        }
        let lines = self.text[from..to].bytes().filter(|byte| *byte == b'\n').count();
        if lines == 0 {
            if blank {
                self.out.push(' ');
            }
            return;
        }
        self.out.push_str(if lines > 1 { "\n\n" } else { "\n" });
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    /// How far a line is indented that starts in the middle of an instruction. Operators stand below the bracket they
    /// are in, and the first operand of a union is aligned with the others.
    fn indent(&self, block: Option<&Block>, tokens: &[Spanned], at: usize) -> usize {
        let Some(block) = block else { return 0 };
        let token = tokens[at].token;
        let is_part = block.nests
            && self.open.is_empty()
            && matches!(token, Token::DoubleBar | Token::Word(Word::Else | Word::End | Word::Do));
        if is_part {
            return block.indent();
        }
        let open = self.open.len().min(MAX_STEPS);
        let steps = match token {
            // It stands below the line that it belongs to.
            Token::Word(Word::And) => open,
            Token::Word(Word::End) => open.saturating_sub(1),
            _ if is_operator(token) => open.max(1),
            _ => open + 1,
        };
        block.indent() + STEP * steps + union_indent(tokens, at)
    }

    fn brackets(&mut self, nests: bool, starts_block: bool, token: Token) {
        let line = self.line;
        let mut push = |kind| self.open.push(Open { kind, line });
        match token {
            Token::LeftParen | Token::LeftBracket | Token::LeftBrace => push(Kind::Bracket),
            Token::Word(Word::Begin | Word::Match) if !nests => push(Kind::Words),
            Token::Word(Word::Let) if !starts_block => push(Kind::Let),
            Token::RightParen | Token::RightBracket | Token::RightBrace => {
                self.open.pop();
            }
            Token::Word(Word::End) => self.close(Kind::Words),
            Token::Word(Word::In) => self.close(Kind::Let),
            _ => {}
        }
    }

    fn close(&mut self, kind: Kind) {
        if self.open.last().is_some_and(|open| open.kind == kind) {
            self.open.pop();
        }
    }

    /// Whether this token closes what was opened on another line.
    fn closes_earlier(&self, token: Token) -> bool {
        token == Token::RightParen && self.open.last().is_some_and(|open| open.line != self.line)
    }

    /// Aligns the comments behind lines that follow one another.
    fn align_comments(&mut self) {
        let text = std::mem::take(&mut self.out);
        let mut lines: Vec<(&str, Option<&str>)> = Vec::new();
        let mut trailing = self.trailing.iter().peekable();
        let mut start = 0;
        for line in text.split('\n') {
            let end = start + line.len();
            let comment = trailing.next_if(|at| **at <= end);
            lines.push(match comment {
                Some(at) => (text[start..*at].trim_end(), Some(&text[*at..end])),
                None => (line, None),
            });
            start = end + 1;
        }
        let mut aligned = String::with_capacity(text.len());
        for group in lines.chunk_by(|left, right| left.1.is_some() && right.1.is_some()) {
            let width = group.iter().map(|(code, _)| code.chars().count()).max().unwrap_or(0);
            for (code, comment) in group {
                aligned.push_str(code);
                if let Some(comment) = comment {
                    aligned.extend(std::iter::repeat_n(' ', width - code.chars().count() + 1));
                    aligned.push_str(comment);
                }
                aligned.push('\n');
            }
        }
        aligned.pop();
        self.out = aligned;
    }
}

impl Block {
    fn indent(&self) -> usize {
        self.depth.min(MAX_STEPS) * STEP
    }
}

/// Whether a line that starts with this token goes on with what the line before it began.
fn is_operator(token: Token) -> bool {
    matches!(
        token,
        Token::Bar
            | Token::DoubleBar
            | Token::Ampersand
            | Token::DoubleAmpersand
            | Token::Semicolon
            | Token::Backslash
            | Token::DoublePlus
            | Token::Star
            | Token::RightParen
            | Token::RightBracket
            | Token::RightBrace
    )
}

/// How much further the line that starts here is indented: if it is the first operand behind a `=`, and the next line
/// goes on with `|` or `||`, by the width of that.
fn union_indent(tokens: &[Spanned], at: usize) -> usize {
    let is_operand = starts_operand(tokens[at].token);
    if at == 0 || tokens[at - 1].token != Token::Equal || !is_operand {
        return 0;
    }
    let mut open = 0usize;
    for (distance, next) in tokens[at..].iter().enumerate() {
        if distance > 0 && next.first_of_line {
            return match next.token {
                Token::Bar if open == 0 => "| ".len(),
                Token::DoubleBar if open == 0 => "|| ".len(),
                _ => 0,
            };
        }
        match next.token {
            Token::LeftParen | Token::LeftBracket | Token::LeftBrace => open += 1,
            Token::RightParen | Token::RightBracket | Token::RightBrace => open = open.saturating_sub(1),
            Token::End => return 0,
            _ => {}
        }
    }
    0
}

/// Whether the token before this one is a bracket that is closed on a later line.
fn closes_later(tokens: &[Spanned], at: usize) -> bool {
    if at == 0 || tokens[at - 1].token != Token::LeftParen {
        return false;
    }
    let mut depth = 1usize;
    for token in &tokens[at..] {
        if token.first_of_line {
            return true;
        }
        match token.token {
            Token::LeftParen => depth += 1,
            Token::RightParen => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return false;
        }
    }
    false
}

/// The token behind the one at `at`, if it is on the same line.
fn follows(tokens: &[Spanned], at: usize) -> Option<Token> {
    tokens.get(at + 1).filter(|next| !next.first_of_line).map(|next| next.token)
}

/// Whether a token can be the first of an operand.
fn starts_operand(token: Token) -> bool {
    matches!(
        token,
        Token::Name
            | Token::Tag
            | Token::Zero
            | Token::Underscore
            | Token::LeftParen
            | Token::LeftBracket
            | Token::LeftBrace
            | Token::Tilde
            | Token::Word(Word::Begin)
    )
}

/// Whether no blank stands between two tokens. `behind` follows the second one on its line, ``was_glued` says whether
/// there was no blank before, and `is_long` whether one of them is a bracket whose partner is on another line.
fn is_glued(left: Token, right: Token, behind: Option<Token>, was_glued: bool, is_long: bool) -> bool {
    match (left, right) {
        // Glued, they would be other tokens.
        (Token::LeftParen, Token::Star) | (Token::Plus, Token::Plus) => false,
        (Token::LeftParen, _) | (_, Token::RightParen) if is_long => was_glued,
        (Token::LeftBrace, _) | (_, Token::RightBrace) => was_glued,
        (Token::LeftParen | Token::LeftBracket | Token::Tilde | Token::Caret, _) => true,
        (_, Token::RightParen | Token::RightBracket | Token::Comma) => true,
        (_, Token::Question | Token::Plus | Token::Caret) => true,
        (_, Token::Star) => !behind.is_some_and(starts_operand),
        (Token::Name | Token::RightParen | Token::RightBracket | Token::RightBrace, opening) => {
            let opens = matches!(opening, Token::LeftParen | Token::LeftBracket | Token::LeftBrace);
            opens && was_glued
        }
        _ => false,
    }
}
