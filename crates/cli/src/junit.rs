//! Results of `turnsole check` as a JUnit file, for continuous integration.

use crate::check::CaseResult;
use crate::expect::Outcome;
use std::fmt::Write;

/// Prints all results.
pub(crate) fn junit(results: &[CaseResult]) -> String {
    let count = |test: fn(&Outcome) -> bool| results.iter().filter(|result| test(&result.outcome)).count();
    let failures = count(|outcome| matches!(outcome, Outcome::Fail(_)));
    let errors = count(|outcome| matches!(outcome, Outcome::Error | Outcome::Unknown(_)));
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to memory does not fail.
    let _ = writeln!(
        text,
        "<testsuites>\n<testsuite name=\"turnsole check\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\">",
        results.len()
    );
    for result in results {
        case(&mut text, result);
    }
    text += "</testsuite>\n</testsuites>\n";
    text
}

fn case(text: &mut String, result: &CaseResult) {
    let name = format!("{} ({})", result.name, result.label);
    let details = escape(&result.outcome.details().join("\n"));
    let inner = match &result.outcome {
        Outcome::Pass | Outcome::Forgiven => String::new(),
        Outcome::Fail(_) => format!("<failure message=\"not as expected\">{details}</failure>"),
        Outcome::Unknown(_) => format!("<error message=\"a limit was hit\">{details}</error>"),
        Outcome::Error => "<error message=\"the test can't be run\"/>".to_owned(),
    };
    // Writing to memory does not fail.
    let _ = writeln!(
        text,
        "<testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\">{inner}</testcase>",
        escape(&result.file),
        escape(&name),
        result.elapsed.as_secs_f64()
    );
}

/// Escapes for XML; characters that XML can't hold are replaced.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\n' | '\t' => out.push(c),
            c if c.is_control() => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn results_are_printed() {
        let result = |outcome| CaseResult {
            file: "a&b.litmus".to_owned(),
            name: "MP".to_owned(),
            label: "run".to_owned(),
            outcome,
            elapsed: Duration::from_millis(2),
        };
        let results = [result(Outcome::Pass), result(Outcome::Fail(vec!["1 < 2".to_owned()]))];
        insta::assert_snapshot!(junit(&results), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites>
        <testsuite name="turnsole check" tests="2" failures="1" errors="0">
        <testcase classname="a&amp;b.litmus" name="MP (run)" time="0.002"></testcase>
        <testcase classname="a&amp;b.litmus" name="MP (run)" time="0.002"><failure message="not as expected">1 &lt; 2</failure></testcase>
        </testsuite>
        </testsuites>
        "#);
    }
}
