//! Tests in LaTeX, without any package.

use super::Pieces;

pub(super) const BEGIN: &str = "\\documentclass{article}\n\\begin{document}\n\\noindent\n";

pub(super) const END: &str = "\\end{document}\n";

/// A test as a `tabular`.
pub(super) fn table(pieces: &Pieces) -> String {
    let columns = pieces.heads.len().max(1);
    let spec = "l|".repeat(columns);
    let mut out = format!("% {}\n\\begin{{tabular}}{{|{spec}}}\n\\hline\n", pieces.title);
    let wide = |out: &mut String, content: &str| {
        out.push_str(&format!("\\multicolumn{{{columns}}}{{|l|}}{{{content}}} \\\\\n"));
    };
    wide(&mut out, &format!("\\textbf{{{}}}", text(&pieces.title)));
    if let Some(doc) = &pieces.doc {
        wide(&mut out, &text(&super::words(doc)));
    }
    out.push_str("\\hline\n");
    if !pieces.init.is_empty() {
        lines(&pieces.init.join("; ")).iter().for_each(|line| wide(&mut out, &code(line)));
        out.push_str("\\hline\n");
    }
    let heads: Vec<String> = pieces.heads.iter().map(|head| text(head)).collect();
    out.push_str(&format!("{} \\\\\n\\hline\n", heads.join(" & ")));
    for row in &pieces.rows {
        let cells: Vec<String> = row.iter().map(|cell| code(cell)).collect();
        out.push_str(&format!("{} \\\\\n", cells.join(" & ")));
    }
    if !pieces.sources.is_empty() {
        let cells: Vec<String> = pieces.sources.iter().map(|source| listing(source)).collect();
        out.push_str(&format!("{} \\\\\n", cells.join(" & ")));
    }
    out.push_str("\\hline\n");
    for line in &pieces.question {
        lines(line).iter().for_each(|line| wide(&mut out, &code(line)));
    }
    out.push_str("\\hline\n\\end{tabular}\n");
    out
}

/// A long line, broken at blanks.
fn lines(line: &str) -> Vec<String> {
    const WIDTH: usize = 90;
    let mut lines = vec![String::new()];
    let mut width = 0;
    for word in line.split(' ') {
        let len = word.chars().count();
        if width > 0 && width + len > WIDTH {
            lines.push(String::new());
            width = 0;
        }
        if let Some(last) = lines.last_mut() {
            if width > 0 {
                last.push(' ');
            }
            last.push_str(word);
        }
        width += len + 1;
    }
    lines
}

/// A program of several lines in one cell.
fn listing(source: &str) -> String {
    let lines: Vec<String> = source.lines().map(code).collect();
    format!("\\begin{{tabular}}[t]{{@{{}}l@{{}}}}\n{}\n\\end{{tabular}}", lines.join(" \\\\\n"))
}

/// Code: in typewriter letters, with its blanks.
fn code(source: &str) -> String {
    if source.is_empty() {
        return String::new();
    }
    let len = source.len() - source.trim_start().len();
    format!("\\texttt{{{}{}}}", "~".repeat(len), text(&source[len..]))
}

/// Text in which nothing is a command.
fn text(source: &str) -> String {
    let mut escaped = String::with_capacity(source.len());
    for c in source.chars() {
        match c {
            '\\' => escaped.push_str("\\textbackslash{}"),
            '~' => escaped.push_str("\\textasciitilde{}"),
            '^' => escaped.push_str("\\textasciicircum{}"),
            '<' => escaped.push_str("\\textless{}"),
            '>' => escaped.push_str("\\textgreater{}"),
            '|' => escaped.push_str("\\textbar{}"),
            '-' => escaped.push_str("{-}"),
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '\t' => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}
