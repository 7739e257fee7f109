//! A comparison as CSV (RFC 4180, with line feeds): a line for each test, for spreadsheets and scripts.

use crate::columns::{cells, outcomes};
use crate::{Comparison, Layout, Row};

impl Comparison<'_> {
    /// The comparison as CSV.
    pub fn csv(&self, layout: &Layout) -> String {
        let mut out = String::new();
        let mut head = vec!["test".to_owned()];
        for named in self.logs {
            head.extend(layout.columns.iter().map(|column| format!("{} {}", named.title, column.title())));
        }
        for named in &self.logs[1..] {
            let of = |what: &str| {
                if self.logs.len() > 2 { format!("{} {what}", named.title) } else { what.to_owned() }
            };
            head.push(of("difference"));
            if !layout.brief {
                head.extend([of("positive"), of("negative")]);
            }
        }
        push_line(&head, &mut out);
        for row in self.shown(layout) {
            push_line(&self.csv_line(row, layout), &mut out);
        }
        out
    }

    fn csv_line(&self, row: &Row, layout: &Layout) -> Vec<String> {
        let mut line = vec![row.name.clone()];
        for log in 0..self.logs.len() {
            line.extend(cells(self, row, log, layout));
        }
        for (at, difference) in row.differences.iter().enumerate() {
            let classes: Vec<&str> = difference.classes.iter().map(|class| class.word()).collect();
            line.push(classes.join(" "));
            if !layout.brief {
                line.push(outcomes(self, row, at + 1, &difference.positive).join(" | "));
                line.push(outcomes(self, row, 0, &difference.negative).join(" | "));
            }
        }
        line
    }
}

fn push_line(fields: &[String], out: &mut String) {
    for (at, field) in fields.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        if field.contains(['"', ',', '\n', '\r']) {
            out.push('"');
            out.push_str(&field.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(field);
        }
    }
    out.push('\n');
}
