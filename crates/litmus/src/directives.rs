//! What a test says about its own answer, in comments.
//!
//! `(* run: model=aarch64 expect=Never states=3 positive=1 negative=2 flag=data-race *)` is a directive: run this
//! test so, and expect that. A file may have several. The kernel's tests have `Result: Never DATARACE` lines instead.

use syntax::{Diagnostic, Span};

use crate::ast::{Comment, Test};

/// What should come out of a run of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Who says so.
    pub origin: Origin,
    /// The model to run with; the default one if `None`.
    pub model: Option<String>,
    /// The variants to run with.
    pub variants: Vec<String>,
    /// How often loops are unrolled.
    pub unroll: Option<u32>,
    /// How often what the test asks for happens.
    pub outcome: Option<Outcome>,
    /// How many final states there are.
    pub states: Option<u64>,
    /// How many executions satisfy the proposition.
    pub positive: Option<u64>,
    /// How many executions don't.
    pub negative: Option<u64>,
    /// The hash of the test.
    pub hash: Option<String>,
    /// The flags that are raised; in a directive all of them. `flag=none` in a directive is an empty list.
    pub flags: Option<Vec<String>>,
    /// The directive or the line.
    pub span: Span,
}

/// Where an expectation comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A `run:` directive.
    Directive,
    /// A `Result:` line.
    ResultLine,
}

/// How often something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// In no execution.
    Never,
    /// In some executions.
    Sometimes,
    /// In all executions.
    Always,
    /// The test's author did not know.
    Maybe,
    /// No execution ends.
    Deadlock,
}

/// The keys of a directive.
const KEYS: [&str; 9] =
    ["model", "variant", "unroll", "expect", "states", "positive", "negative", "flag", "hash"];

/// Reads all directives and `Result:` lines of a test.
pub fn expectations(test: &Test) -> (Vec<Expectation>, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for comment in &test.comments {
        match comment.text.trim_start().strip_prefix("run:") {
            Some(settings) => found.push(directive(comment, settings, &mut errors)),
            None => result_lines(comment, &mut found, &mut errors),
        }
    }
    (found, errors)
}

fn empty(origin: Origin, span: Span) -> Expectation {
    Expectation {
        origin,
        model: None,
        variants: Vec::new(),
        unroll: None,
        outcome: None,
        states: None,
        positive: None,
        negative: None,
        hash: None,
        flags: None,
        span,
    }
}

/// The span of a part of a comment's text.
fn span_of(comment: &Comment, part: &str) -> Span {
    let offset = part.as_ptr() as usize - comment.text.as_ptr() as usize;
    let start = comment.span.start as usize + "(*".len() + offset;
    Span::new(comment.span.file, start, start + part.len())
}

fn directive(comment: &Comment, settings: &str, errors: &mut Vec<Diagnostic>) -> Expectation {
    let mut expectation = empty(Origin::Directive, comment.span);
    for setting in settings.split_whitespace() {
        let span = span_of(comment, setting);
        match setting.split_once('=') {
            Some((key, value)) if !value.is_empty() => {
                if let Err(error) = set(&mut expectation, key, value, span) {
                    errors.push(error);
                }
            }
            _ => errors.push(
                Diagnostic::error("litmus::bad-directive", span, format!("`{setting}` sets nothing"))
                    .with_help("a directive is a list of `key=value`"),
            ),
        }
    }
    expectation
}

fn set(expectation: &mut Expectation, key: &str, value: &str, span: Span) -> Result<(), Diagnostic> {
    match key {
        "model" => expectation.model = Some(value.to_owned()),
        "variant" => expectation.variants.extend(value.split(',').map(str::to_owned)),
        "unroll" => expectation.unroll = Some(number(value, span)?),
        "expect" => expectation.outcome = Some(outcome(value, span)?),
        "states" => expectation.states = Some(number(value, span)?),
        "positive" => expectation.positive = Some(number(value, span)?),
        "negative" => expectation.negative = Some(number(value, span)?),
        "hash" => expectation.hash = Some(value.to_owned()),
        "flag" => {
            let flags = expectation.flags.get_or_insert_default();
            flags.extend(value.split(',').filter(|flag| *flag != "none").map(str::to_owned));
        }
        _ => {
            let message = format!("`{key}` is not a key of a directive");
            let error = Diagnostic::error("litmus::unknown-directive-key", span, message);
            let error = error.with_suggestion(key, KEYS);
            return Err(match error.help {
                Some(_) => error,
                None => error.with_help(format!("known are {}", KEYS.join(", "))),
            });
        }
    }
    Ok(())
}

fn number<N: std::str::FromStr>(value: &str, span: Span) -> Result<N, Diagnostic> {
    value.parse().map_err(|_| {
        Diagnostic::error("litmus::bad-directive", span, format!("`{value}` is not a number that fits here"))
    })
}

fn outcome(word: &str, span: Span) -> Result<Outcome, Diagnostic> {
    Outcome::from_word(word).ok_or_else(|| {
        Diagnostic::error("litmus::bad-directive", span, format!("`{word}` is not an outcome"))
            .with_help("known are Never, Sometimes, Always, Maybe and DEADLOCK")
    })
}

/// Reads lines such as ` * Result: Never DATARACE`.
fn result_lines(comment: &Comment, found: &mut Vec<Expectation>, errors: &mut Vec<Diagnostic>) {
    for line in comment.text.lines() {
        let text = line.trim_start_matches(|c: char| c.is_whitespace() || c == '*');
        let Some(words) = text.strip_prefix("Result:") else { continue };
        let span = span_of(comment, text.trim_end());
        let mut expectation = empty(Origin::ResultLine, span);
        let mut words = words.split_whitespace();
        let word = words.next().unwrap_or("").trim_end_matches(['.', ',', ';']);
        expectation.outcome = Outcome::from_word(word);
        if expectation.outcome.is_none() {
            let message = format!("`{}` is not an outcome", word.escape_debug());
            errors.push(
                Diagnostic::warning("litmus::unknown-result", span, message)
                    .with_help("known are Never, Sometimes, Always, Maybe and DEADLOCK"),
            );
            continue;
        }
        if words.next().is_some_and(|word| word.trim_end_matches(['.', ',', ';']) == "DATARACE") {
            expectation.flags = Some(vec!["data-race".to_owned()]);
        }
        found.push(expectation);
    }
}

impl Outcome {
    /// The outcome of that word, as logs and the kernel's tests write it.
    pub fn from_word(word: &str) -> Option<Outcome> {
        Some(match word {
            "Never" => Outcome::Never,
            "Sometimes" => Outcome::Sometimes,
            "Always" => Outcome::Always,
            "Maybe" => Outcome::Maybe,
            "DEADLOCK" | "Deadlock" => Outcome::Deadlock,
            _ => return None,
        })
    }

    /// The word that names it.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Never => "Never",
            Outcome::Sometimes => "Sometimes",
            Outcome::Always => "Always",
            Outcome::Maybe => "Maybe",
            Outcome::Deadlock => "DEADLOCK",
        }
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}
