//! Rules and their holes.

use syntax::Span;

/// A rule as written: one for each choice of the words in its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// The name, with choices.
    pub pattern: String,
    /// The letters of the choices in the name, each with its words.
    pub choices: Vec<(String, Vec<String>)>,
    /// The names of the operands.
    pub operands: Vec<String>,
    /// The instructions of the target.
    pub lines: Vec<Line>,
    /// Why the source's instruction can't be translated, if it can't.
    pub rejected: Option<String>,
    /// The name.
    pub span: Span,
}

/// A line of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// As written, without blanks around it.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// A part of a line whose choices are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Template<'t> {
    /// As it stands.
    Text(&'t str),
    /// `{s.w}`: an operand or a scratch register, and the view of it.
    Hole(&'t str, Option<&'t str>),
    /// `{.again}`: a label of the rule.
    Label(&'t str),
}

impl Family {
    /// All ways to make the choices.
    #[must_use]
    pub fn combinations(&self) -> Vec<Vec<usize>> {
        let mut all = vec![Vec::new()];
        for (_, words) in &self.choices {
            let longer = |chosen: Vec<usize>| {
                (0..words.len()).map(move |word| chosen.iter().copied().chain([word]).collect())
            };
            all = all.into_iter().flat_map(longer).collect();
        }
        all
    }

    /// The name with its choices made.
    #[must_use]
    pub fn name(&self, chosen: &[usize]) -> String {
        self.choose(&self.pattern, chosen).unwrap_or_default()
    }

    /// A text with its choices made; the letter of the first one that can't be.
    ///
    /// # Errors
    /// The choice as written, if the name of the rule does not have it with as many words.
    pub fn choose(&self, text: &str, chosen: &[usize]) -> Result<String, String> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('<') {
            out += before;
            let Some((choice, behind)) = behind.split_once('>').filter(|(choice, _)| choice.contains(':'))
            else {
                out.push('<');
                rest = behind;
                continue;
            };
            let (letter, words) = choice.split_once(':').unwrap_or_default();
            let known = self.choices.iter().position(|(known, _)| known == letter);
            let word = known.and_then(|at| {
                let same = words.split('|').count() == self.choices[at].1.len();
                words.split('|').nth(chosen[at]).filter(|_| same)
            });
            out += word.ok_or_else(|| format!("<{choice}>"))?;
            rest = behind;
        }
        Ok(out + rest)
    }
}

/// Cuts a line into text and holes. `None` if a brace is not closed.
#[must_use]
pub(crate) fn templates(line: &str) -> Option<Vec<Template<'_>>> {
    let mut parts = Vec::new();
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once('{') {
        if !before.is_empty() {
            parts.push(Template::Text(before));
        }
        let (hole, behind) = behind.split_once('}')?;
        parts.push(match (hole.strip_prefix('.'), hole.split_once('.')) {
            (Some(label), _) => Template::Label(label),
            (None, Some((name, view))) => Template::Hole(name, Some(view)),
            (None, None) => Template::Hole(hole, None),
        });
        rest = behind;
    }
    if !rest.is_empty() {
        parts.push(Template::Text(rest));
    }
    Some(parts)
}

/// Whether a hole is a scratch register, and which: `t1` is the first.
pub(crate) fn scratch(hole: &str) -> Option<usize> {
    let number: usize = hole.strip_prefix('t')?.parse().ok()?;
    number.checked_sub(1)
}
