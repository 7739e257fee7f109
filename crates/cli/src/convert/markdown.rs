//! Tests in Markdown.

use super::Pieces;

/// A test as a heading, the initial state, a table, and the condition.
pub(super) fn table(pieces: &Pieces) -> String {
    let mut out = format!("### {}\n\n", escape(&pieces.title));
    if let Some(doc) = &pieces.doc {
        out.push_str(&format!("{}\n\n", escape(&super::words(doc))));
    }
    if !pieces.init.is_empty() {
        out.push_str(&format!("Initially {}\n\n", code(&pieces.init.join("; "))));
    }
    if pieces.sources.is_empty() {
        push_rows(pieces, &mut out);
    } else {
        push_sources(pieces, &mut out);
    }
    for line in &pieces.question {
        out.push_str(&format!("{}\n\n", code(line)));
    }
    out.pop();
    out
}

/// Bars would end cells, also in code.
fn push_rows(pieces: &Pieces, out: &mut String) {
    let cells: Vec<Vec<String>> = pieces
        .rows
        .iter()
        .map(|row| row.iter().map(|cell| code(&cell.replace('|', "\\|"))).collect())
        .collect();
    let widths: Vec<usize> = (0..pieces.heads.len())
        .map(|at| {
            let column = cells.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count());
            column.chain([pieces.heads[at].chars().count(), 3]).max().unwrap_or(3)
        })
        .collect();
    let mut push = |row: &[String]| {
        for (cell, width) in row.iter().zip(&widths) {
            out.push_str(&format!("| {cell:width$} "));
        }
        out.push_str("|\n");
    };
    push(&pieces.heads);
    push(&widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>());
    cells.iter().for_each(|row| push(row));
    out.push('\n');
}

/// Programs of several lines don't fit into the cells of a table.
fn push_sources(pieces: &Pieces, out: &mut String) {
    for source in &pieces.sources {
        let fence = "`".repeat(longest_run(source).max(2) + 1);
        out.push_str(&format!("{fence}c\n{source}\n{fence}\n\n"));
    }
}

/// Text in which nothing is markup.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Code on one line.
fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(text) + 1);
    let blank = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}

/// How many backquotes stand side by side at most.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}
