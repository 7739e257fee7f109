//! Configuration files: lines `key value` or `key = value`, with `#` comments.

/// A line that says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Counts from 1.
    pub number: usize,
    /// The first word.
    pub key: &'a str,
    /// What is behind it, without blanks around it; may be empty.
    pub value: &'a str,
}

/// The lines of a configuration file that say something.
pub fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.lines().enumerate().filter_map(|(at, line)| {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let end = line.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(line.len());
        let (key, value) = line.split_at(end);
        let value = value.trim_start();
        let value = value.strip_prefix('=').unwrap_or(value).trim_start();
        // Some people write a comment behind the value; a `#` is part of no value that matters.
        let value = value.split(" #").next().unwrap_or(value).trim_end();
        Some(Line { number: at + 1, key, value })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_split() {
        let text = "# c\n\nmacros a.def\n  bell=a.bell  # c\nshow  =  po rf\nweb\r\n";
        let found: Vec<(usize, &str, &str)> =
            lines(text).map(|line| (line.number, line.key, line.value)).collect();
        assert_eq!(
            found,
            [(3, "macros", "a.def"), (4, "bell", "a.bell"), (5, "show", "po rf"), (6, "web", "")]
        );
    }
}
