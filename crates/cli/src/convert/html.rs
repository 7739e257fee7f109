//! Tests in HTML.

use super::Pieces;

pub(super) const BEGIN: &str = "\
<!DOCTYPE html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width\">
<title>Litmus tests</title>
<style>
:root { color-scheme: light dark; }
body { font: 15px/1.4 system-ui, sans-serif; margin: 2em; }
table.litmus { border-collapse: collapse; margin: 0 0 2em; }
table.litmus caption { text-align: left; font-weight: bold; padding: .3em 0; }
table.litmus th, table.litmus td { border: 1px solid #8888; padding: .2em .6em; text-align: left; vertical-align: top; }
table.litmus td { font-family: ui-monospace, monospace; font-size: 13px; white-space: pre; }
table.litmus tbody.assembly td { border-top: 0; border-bottom: 0; }
</style>
</head>
<body>
";

pub(super) const END: &str = "</body>\n</html>\n";

/// A test as a table.
pub(super) fn table(pieces: &Pieces) -> String {
    let columns = pieces.heads.len().max(1);
    let wide = |out: &mut String, lines: &[String]| {
        out.push_str(&format!("<tr><td colspan=\"{columns}\">{}</td></tr>\n", escape(&lines.join("\n"))));
    };
    let mut out = format!("<table class=\"litmus\">\n<caption>{}", escape(&pieces.title));
    if let Some(doc) = &pieces.doc {
        out.push_str(&format!("<br><small>{}</small>", escape(doc)));
    }
    out.push_str("</caption>\n");
    if !pieces.init.is_empty() {
        out.push_str("<tbody>\n");
        wide(&mut out, &[pieces.init.join("; ")]);
        out.push_str("</tbody>\n");
    }
    out.push_str("<tbody>\n<tr>");
    pieces.heads.iter().for_each(|head| out.push_str(&format!("<th scope=\"col\">{}</th>", escape(head))));
    out.push_str("</tr>\n</tbody>\n<tbody class=\"assembly\">\n");
    let mut row = |cells: &[String]| {
        out.push_str("<tr>");
        cells.iter().for_each(|cell| out.push_str(&format!("<td>{}</td>", escape(cell))));
        out.push_str("</tr>\n");
    };
    pieces.rows.iter().for_each(|cells| row(cells));
    if !pieces.sources.is_empty() {
        row(&pieces.sources);
    }
    out.push_str("</tbody>\n<tbody>\n");
    wide(&mut out, &pieces.question);
    out.push_str("</tbody>\n</table>\n");
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
