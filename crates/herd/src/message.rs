//! Diagnostics on one line, as scripts around herd7 expect them.

use batch::judge::Sources;
use std::fmt::Write;
use syntax::{Diagnostic, Severity};

/// `Warning: File "F", line L, characters A-B: … (User error)`.
pub fn line(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let end = match diagnostic.severity {
        Severity::Error if !is_fatal(diagnostic) => " (User error)",
        _ => "",
    };
    format!("Warning: {}: {}{end}\n", place(diagnostic, sources), message(diagnostic))
}

/// The same without `Warning` and `(User error)`: for what ends the program.
pub fn bare(diagnostic: &Diagnostic, sources: &Sources) -> String {
    format!("{}: {}", place(diagnostic, sources), message(diagnostic))
}

/// herd7 tells errors of the system from errors of users.
fn is_fatal(diagnostic: &Diagnostic) -> bool {
    diagnostic.code.starts_with("input::") || diagnostic.code.starts_with("internal::")
}

fn message(diagnostic: &Diagnostic) -> String {
    let mut text = diagnostic.message.clone();
    // Scripts cut the name out of this one.
    let exact = diagnostic.code == "c::unknown-macro";
    if let Some(help) = diagnostic.help.as_ref().filter(|_| !exact) {
        let _ = write!(text, "; {help}");
    }
    text.replace('\n', " ")
}

/// `File "F"`, with the line and the characters if it is about a part of the file. Both ends count from the beginning
/// of the first line, as herd7 does.
fn place(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let (name, text) = sources.file(diagnostic.span.file);
    let (start, end) = (diagnostic.span.start as usize, diagnostic.span.end as usize);
    if matches!(diagnostic.code, "input::binary" | "input::too-large") {
        return format!("File \"{name}\", line 1, characters 0-0");
    }
    if end == 0 || end > text.len() || start > end {
        return format!("File \"{name}\"");
    }
    let before = &text.as_bytes()[..start];
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    format!("File \"{name}\", line {line}, characters {}-{}", start - line_start, end - line_start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use batch::{Session, Settings};
    use syntax::{FileId, Span};

    #[test]
    fn places_are_printed_as_herd_does() {
        let session = Session::new(Settings::default());
        let sources = session.sources("bad.litmus", "ab\ncdef\n");
        let diagnostic = |start, end| {
            Diagnostic::error("litmus::x", Span::new(FileId(0), start, end), "unexpected 'd' (in prog)")
        };
        assert_eq!(
            line(&diagnostic(4, 5), &sources),
            "Warning: File \"bad.litmus\", line 2, characters 1-2: unexpected 'd' (in prog) (User error)\n"
        );
        assert_eq!(bare(&diagnostic(0, 0), &sources), "File \"bad.litmus\": unexpected 'd' (in prog)");
        let span = Span::new(FileId(0), 3, 4);
        let macros =
            Diagnostic::error("c::unknown-macro", span, "Unknown macro f").with_help("is there a model?");
        assert_eq!(
            line(&macros, &sources),
            "Warning: File \"bad.litmus\", line 2, characters 0-1: Unknown macro f (User error)\n"
        );
    }
}
