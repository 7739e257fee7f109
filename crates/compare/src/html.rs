//! A comparison as a page of HTML that needs nothing else.

use crate::columns::{cells, outcomes};
use crate::diff::{Class, is_of_runs};
use crate::text::{summary_lines, words};
use crate::{Comparison, Layout, Row};

const STYLE: &str = "\
body { font: 15px/1.4 system-ui, sans-serif; margin: 2em; }
table { border-collapse: collapse; }
th, td { border: 1px solid #8888; padding: .2em .6em; text-align: left; vertical-align: top; }
thead th { position: sticky; top: 0; background: Canvas; }
td, code { font-family: ui-monospace, monospace; font-size: 13px; }
tr.different td:last-child { font-weight: bold; }
.positive { color: #187a2f; }
.negative { color: #b3261e; }
ul { list-style: none; margin: 0; padding: 0; font-weight: normal; }
:root { color-scheme: light dark; }
@media (prefers-color-scheme: dark) { .positive { color: #6fd28a; } .negative { color: #ff8a80; } }
";

impl Comparison<'_> {
    /// The comparison as a page.
    pub fn html(&self, layout: &Layout) -> String {
        let titles: Vec<String> = self.logs.iter().map(|named| escape(&named.title)).collect();
        let mut out = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n\
             <style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{}</h1>\n",
            titles.join(", "),
            titles.join(" and "),
        );
        self.push_summary(&mut out);
        if self.shown(layout).next().is_some() {
            self.push_table(layout, &mut out);
        }
        out.push_str("</body>\n</html>\n");
        out
    }

    fn push_summary(&self, out: &mut String) {
        for (summary, named) in self.summaries.iter().zip(&self.logs[1..]) {
            let (first, other) = (&self.logs[0].title, &named.title);
            out.push_str(&format!(
                "<h2>{} and {}</h2>\n<p>{} tests, {} same, {} different</p>\n",
                escape(first),
                escape(other),
                summary.tests,
                summary.same,
                summary.different()
            ));
            let lines = summary_lines(summary, first, other);
            if lines.is_empty() {
                continue;
            }
            out.push_str("<table>\n");
            for (what, number) in lines {
                out.push_str(&format!("<tr><th>{}</th><td>{number}</td></tr>\n", escape(&what)));
            }
            out.push_str("</table>\n");
        }
    }

    fn push_table(&self, layout: &Layout, out: &mut String) {
        let span = layout.columns.len();
        out.push_str("<h2>Tests</h2>\n<table>\n<thead>\n<tr><th rowspan=\"2\">Test</th>");
        for named in self.logs {
            let kind = if is_of_runs(&named.log) { " (runs)" } else { "" };
            out.push_str(&format!("<th colspan=\"{span}\">{}{kind}</th>", escape(&named.title)));
        }
        out.push_str("<th rowspan=\"2\">Difference</th></tr>\n<tr>");
        for _ in self.logs {
            for column in &layout.columns {
                out.push_str(&format!("<th>{}</th>", column.title()));
            }
        }
        out.push_str("</tr>\n</thead>\n<tbody>\n");
        for row in self.shown(layout) {
            self.push_row(row, layout, out);
        }
        out.push_str("</tbody>\n</table>\n");
    }

    fn push_row(&self, row: &Row, layout: &Layout, out: &mut String) {
        let class = if row.differs() { " class=\"different\"" } else { "" };
        out.push_str(&format!("<tr{class}><td>{}</td>", escape(&row.name)));
        for log in 0..self.logs.len() {
            for cell in cells(self, row, log, layout) {
                out.push_str(&format!("<td>{}</td>", escape(&cell)));
            }
        }
        out.push_str("<td>");
        for (at, difference) in row.differences.iter().enumerate().filter(|(_, it)| !it.classes.is_empty()) {
            let of =
                if self.logs.len() > 2 { format!("{}: ", self.logs[at + 1].title) } else { String::new() };
            out.push_str(&format!("<div>{}{}</div>", escape(&of), words(difference)));
            if layout.brief {
                continue;
            }
            let lists = [
                (Class::Negative, outcomes(self, row, 0, &difference.negative), '-'),
                (Class::Positive, outcomes(self, row, at + 1, &difference.positive), '+'),
            ];
            for (class, states, sign) in lists {
                if !difference.classes.has(class) {
                    continue;
                }
                out.push_str(&format!("<ul class=\"{}\">", class.word()));
                states.iter().for_each(|state| {
                    out.push_str(&format!("<li>{sign} {}</li>", escape(state)));
                });
                out.push_str("</ul>");
            }
        }
        out.push_str("</td></tr>\n");
    }
}

/// Text that is no markup.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}
