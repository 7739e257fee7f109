//! The preprocessor, as far as litmus tests need it.
//!
//! `#define` of constants and of function-like macros, `#undef`, `#ifdef`, `#ifndef`, `#if` of a number, a name or
//! `defined`, `#else`, `#elif`, `#endif`. `#include` and `#pragma` are ignored: what C11 declares is known.
//!
//! Deviations from C17 §6.10:
//! 1. No `#` and `##` operators, no variable arguments.
//! 2. A function-like macro takes its arguments from where its name stands; a body can't end in the name of a macro
//!    whose arguments come behind it.
//! 3. Conditions end in the piece of text (a body, a declaration) where they start.

use rustc_hash::FxHashMap;
use syntax::{Diagnostic, Span};

use super::Piece;
use super::lexer::{Kind, Token, report};

/// Macros inside macros inside ….
const MAX_DEPTH: usize = 32;
/// More tokens than this come from no honest macro.
const MAX_TOKENS: usize = 1 << 20;

/// What `#define` defined.
#[derive(Clone, Debug)]
struct Define<'a> {
    /// `None` if it takes no parentheses.
    parameters: Option<Vec<&'a str>>,
    body: Vec<Token>,
}

/// The state of the preprocessor.
pub(crate) struct Preprocessor<'a, 'd> {
    pieces: &'a [Piece<'a>],
    defines: FxHashMap<&'a str, Define<'a>>,
    diagnostics: &'d mut Vec<Diagnostic>,
    /// How many tokens macros may still make.
    budget: usize,
    /// How deep the expansion is in macros and in arguments.
    depth: usize,
}

/// One `#if`.
struct Condition {
    hash: Token,
    /// Whether what is around it is taken.
    outer: bool,
    /// Whether one of its branches was taken.
    taken: bool,
    /// Whether the branch here is.
    active: bool,
}

impl<'a, 'd> Preprocessor<'a, 'd> {
    pub(crate) fn new(pieces: &'a [Piece<'a>], diagnostics: &'d mut Vec<Diagnostic>) -> Preprocessor<'a, 'd> {
        Preprocessor { pieces, defines: FxHashMap::default(), diagnostics, budget: MAX_TOKENS, depth: 0 }
    }

    fn text(&self, token: Token) -> &'a str {
        &self.pieces[token.piece as usize].text[token.start as usize..token.end as usize]
    }

    fn error(&mut self, code: &'static str, token: Token, message: impl Into<String>) {
        let span = span_of(self.pieces, token);
        report(self.diagnostics, Diagnostic::error(code, span, message));
    }

    /// What a piece becomes. The last token of `tokens` is the end of the piece.
    pub(crate) fn run(&mut self, tokens: &[Token]) -> Vec<Token> {
        let mut out = Vec::with_capacity(tokens.len());
        let mut conditions: Vec<Condition> = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let token = tokens[at];
            let end = if token.kind == Kind::Hash && token.first_of_line {
                line_end(tokens, at)
            } else {
                let next = |token: &Token| {
                    token.kind == Kind::End || token.kind == Kind::Hash && token.first_of_line
                };
                tokens[at + 1..].iter().position(next).map_or(tokens.len(), |len| at + 1 + len)
            };
            let active = conditions.last().is_none_or(|condition| condition.active);
            let part = &tokens[at..end];
            match token.kind {
                Kind::Hash if token.first_of_line => self.directive(part, active, &mut conditions),
                Kind::End => out.push(token),
                _ if active => self.expand(part, &mut Vec::new(), &mut out),
                _ => {}
            }
            at = end;
        }
        if let Some(condition) = conditions.last() {
            self.error("c::bad-directive", condition.hash, "this condition has no `#endif`");
        }
        out
    }

    fn directive(&mut self, line: &[Token], active: bool, conditions: &mut Vec<Condition>) {
        let hash = line[0];
        let Some(&name) = line.get(1) else { return };
        let rest = &line[2..];
        match self.text(name) {
            word @ ("if" | "ifdef" | "ifndef") => {
                let holds = active && self.condition(word, name, rest);
                conditions.push(Condition { hash, outer: active, taken: holds, active: holds });
            }
            word @ ("else" | "elif" | "endif") => self.other_branch(word, name, rest, conditions),
            _ if !active => {}
            "define" => self.define(name, rest),
            "undef" => {
                if let Some(name) = rest.first() {
                    self.defines.remove(self.text(*name));
                }
            }
            "include" | "pragma" => {}
            "error" => self.error("c::bad-directive", name, "the test says `#error`"),
            other => {
                let message = format!("`#{}` is not supported", other.escape_debug());
                let span = span_of(self.pieces, name);
                let help = "supported are `#define`, `#undef`, `#if`, `#ifdef`, `#ifndef`, `#elif`, `#else`, `#endif`";
                report(
                    self.diagnostics,
                    Diagnostic::error("c::bad-directive", span, message).with_help(help),
                );
            }
        }
    }

    fn other_branch(&mut self, word: &str, name: Token, rest: &[Token], conditions: &mut Vec<Condition>) {
        let Some(condition) = conditions.last() else {
            self.error("c::bad-directive", name, format!("`#{word}` without `#if`"));
            return;
        };
        let open = condition.outer && !condition.taken;
        let holds = match word {
            "endif" => {
                conditions.pop();
                return;
            }
            "else" => open,
            _ => open && self.condition("if", name, rest),
        };
        if let Some(condition) = conditions.last_mut() {
            condition.active = holds;
            condition.taken |= holds;
        }
    }

    /// `#ifdef X`, `#if 0`, `#if X`, `#if defined(X)`, `#if !X`.
    fn condition(&mut self, word: &str, name: Token, rest: &[Token]) -> bool {
        let (negated, rest) = match rest.split_first() {
            Some((first, rest)) if first.kind == Kind::Bang => (true, rest),
            _ => (false, rest),
        };
        let texts: Vec<&str> = rest.iter().take(5).map(|token| self.text(*token)).collect();
        let value = match (word, texts.as_slice()) {
            ("ifdef", [name]) => Some(self.defines.contains_key(name)),
            ("ifndef", [name]) => Some(!self.defines.contains_key(name)),
            ("if", ["defined", name] | ["defined", "(", name, ")"]) => Some(self.defines.contains_key(name)),
            ("if", [_]) if rest[0].kind == Kind::Number => Some(!is_zero(texts[0])),
            ("if", [_]) if rest[0].kind == Kind::Name => Some(self.constant(texts[0])),
            _ => None,
        };
        let Some(value) = value else {
            let message = "this condition is not supported";
            let span = span_of(self.pieces, name);
            let help = "write a number, the name of a constant, or `defined(NAME)`, possibly behind `!`";
            report(self.diagnostics, Diagnostic::error("c::bad-directive", span, message).with_help(help));
            return false;
        };
        value != negated
    }

    /// Whether a name in `#if` is not zero; unknown names are.
    fn constant(&self, name: &str) -> bool {
        match self.defines.get(name).map(|define| define.body.as_slice()) {
            Some([token]) if token.kind == Kind::Number => !is_zero(self.text(*token)),
            Some(body) => !body.is_empty(),
            None => false,
        }
    }

    fn define(&mut self, define: Token, rest: &[Token]) {
        let Some((&name, mut body)) = rest.split_first() else {
            self.error("c::bad-directive", define, "expected a name behind `#define`");
            return;
        };
        let mut parameters = None;
        if let Some(paren) = body.first()
            && paren.kind == Kind::LeftParen
            && paren.piece == name.piece
            && paren.start == name.end
        {
            let Some(len) = body.iter().position(|token| token.kind == Kind::RightParen) else {
                self.error("c::bad-directive", name, "these parameters have no `)`");
                return;
            };
            let inside = &body[1..len];
            if inside.iter().any(|token| !matches!(token.kind, Kind::Name | Kind::Comma)) {
                self.error("c::bad-directive", name, "parameters of a macro are names");
                return;
            }
            let names = inside.iter().filter(|token| token.kind == Kind::Name);
            parameters = Some(names.map(|token| self.text(*token)).collect());
            body = &body[len + 1..];
        }
        if let Some(&operator) = body.iter().find(|token| matches!(token.kind, Kind::Hash | Kind::Paste)) {
            self.error("c::bad-directive", operator, "the operators `#` and `##` are not supported");
            return;
        }
        self.defines.insert(self.text(name), Define { parameters, body: body.to_vec() });
    }

    /// Expands the macros in `tokens`, except the `active` ones.
    fn expand(&mut self, tokens: &[Token], active: &mut Vec<&'a str>, out: &mut Vec<Token>) {
        if self.defines.is_empty() {
            out.extend_from_slice(tokens);
            return;
        }
        let mut at = 0;
        while at < tokens.len() {
            let token = tokens[at];
            at += 1;
            let text = if token.kind == Kind::Name { self.text(token) } else { "" };
            let Some(define) = self.defines.get(text).filter(|_| !active.contains(&text)) else {
                out.push(token);
                continue;
            };
            if self.depth >= MAX_DEPTH || define.body.len() > self.budget {
                self.error("c::too-complex", token, format!("`{text}` expands to too much"));
                continue;
            }
            let mut body = define.body.clone();
            if let Some(parameters) = define.parameters.clone() {
                if tokens.get(at).is_none_or(|next| next.kind != Kind::LeftParen) {
                    out.push(token);
                    continue;
                }
                let Some((arguments, end)) = arguments(tokens, at) else {
                    self.error("c::syntax", token, format!("the arguments of `{text}` do not end"));
                    return;
                };
                at = end;
                let given = if parameters.is_empty() && arguments == [&[]] { 0 } else { arguments.len() };
                if given != parameters.len() {
                    self.error(
                        "c::argument-count",
                        token,
                        format!("`{text}` takes {}, but {given} are given", count(parameters.len())),
                    );
                    continue;
                }
                let mut expanded = Vec::with_capacity(arguments.len());
                self.depth += 1;
                for argument in arguments {
                    let mut one = Vec::new();
                    self.expand(argument, active, &mut one);
                    expanded.push(one);
                }
                self.depth -= 1;
                body = self.substitute(&body, &parameters, &expanded);
            }
            if body.len() > self.budget {
                self.error("c::too-complex", token, format!("`{text}` expands to too much"));
                continue;
            }
            self.budget -= body.len();
            self.depth += 1;
            active.push(text);
            self.expand(&body, active, out);
            active.pop();
            self.depth -= 1;
        }
    }

    fn substitute(&self, body: &[Token], parameters: &[&str], arguments: &[Vec<Token>]) -> Vec<Token> {
        let mut out = Vec::with_capacity(body.len());
        for token in body {
            let text = if token.kind == Kind::Name { self.text(*token) } else { "" };
            match parameters.iter().position(|parameter| *parameter == text) {
                Some(i) => out.extend_from_slice(&arguments[i]),
                None => out.push(*token),
            }
            if out.len() > self.budget {
                break;
            }
        }
        out
    }
}

/// "1 argument", "2 arguments".
pub(crate) fn count(arguments: usize) -> String {
    format!("{arguments} argument{}", if arguments == 1 { "" } else { "s" })
}

/// Where a token of these pieces stands.
fn span_of(pieces: &[Piece<'_>], token: Token) -> Span {
    pieces[token.piece as usize].part(token.start, token.end)
}

fn is_zero(number: &str) -> bool {
    number.trim_start_matches("0x").bytes().take_while(u8::is_ascii_hexdigit).all(|byte| byte == b'0')
}

/// The end of the line that starts at `at`.
fn line_end(tokens: &[Token], at: usize) -> usize {
    let ends = |token: &Token| token.first_of_line || token.kind == Kind::End;
    tokens[at + 1..].iter().position(ends).map_or(tokens.len(), |len| at + 1 + len)
}

/// The arguments in the parentheses that open at `at`, and the position behind them.
fn arguments(tokens: &[Token], at: usize) -> Option<(Vec<&[Token]>, usize)> {
    let mut depth = 0usize;
    let mut start = at + 1;
    let mut all = Vec::new();
    for (i, token) in tokens.iter().enumerate().skip(at) {
        match token.kind {
            Kind::LeftParen | Kind::LeftBrace | Kind::LeftBracket => depth += 1,
            Kind::RightParen | Kind::RightBrace | Kind::RightBracket => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    all.push(&tokens[start..i]);
                    return Some((all, i + 1));
                }
            }
            Kind::Comma if depth == 1 => {
                all.push(&tokens[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    None
}
