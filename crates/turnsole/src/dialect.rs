//! Which C a test speaks: that of the Linux kernel, or that of the standard.
//!
//! Told by the functions that it calls: those that `linux-kernel.def` defines and the standard does not, such as `READ_ONCE`
//! and `spin_lock`, and those that only the standard has, such as `atomic_load_explicit`.

use crate::companions;
use litmus::{Program, Test, Text};
use std::collections::BTreeSet;
use std::sync::OnceLock;
use syntax::{Diagnostic, Span};

/// The model of the kernel's C.
pub const KERNEL_MODEL: &str = "linux-kernel.cat";

/// What names of the standard alone begin with. The kernel has functions of some of these names, with other arguments:
/// a test that calls no more than those can't be told.
const STANDARD: &[&str] = &[
    "atomic_load",
    "atomic_store",
    "atomic_exchange",
    "atomic_compare_exchange_",
    "atomic_fetch_",
    "atomic_thread_fence",
    "atomic_signal_fence",
    "atomic_flag_",
    "atomic_init",
    "__atomic_load",
    "__atomic_store",
    "__atomic_exchange",
    "__atomic_compare_exchange",
    "__atomic_fetch_",
    "mtx_",
];

/// A function that a test calls: its name, and where.
type Call<'t> = (&'t str, Span);

/// The first call of the kernel's alone in a test in C, and the first of the standard's alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Dialect<'t> {
    kernel: Option<Call<'t>>,
    standard: Option<Call<'t>>,
}

/// The model by which a test in the kernel's C is judged unless the user names one; `None` for other tests. With a
/// warning if it calls functions of the standard, too.
pub fn kernel_model(test: &Test) -> Option<(&'static str, Option<Diagnostic>)> {
    let Dialect { kernel, standard } = dialect(test)?;
    let (kernel, at) = kernel?;
    let warning = standard.map(|(standard, there)| {
        let message = format!("this test calls `{kernel}` of the Linux kernel and `{standard}` of C11");
        Diagnostic::warning("model::mixed-dialects", at, message).with_label(there, "of C11").with_help(
            "no model knows both: the kernel's takes functions of C11 for accesses without order; \
             another one can be named with `--model`",
        )
    });
    Some((KERNEL_MODEL, warning))
}

fn dialect(test: &Test) -> Option<Dialect<'_>> {
    let Program::C(program) = &test.program else { return None };
    let (kernel, mut own) = (kernel_names(), BTreeSet::new());
    // A test may define functions of these names itself.
    for declaration in &program.declarations {
        visit_calls(declaration, &mut |name, _| _ = own.insert(name));
    }
    let mut dialect = Dialect::default();
    for function in &program.functions {
        visit_calls(&function.body, &mut |name, span| {
            if own.contains(name) {
                return;
            }
            let is_standard = STANDARD.iter().any(|start| name.starts_with(start));
            match (kernel.contains(name), is_standard) {
                (true, false) => _ = dialect.kernel.get_or_insert((name, span)),
                (false, true) => _ = dialect.standard.get_or_insert((name, span)),
                (true, true) | (false, false) => {}
            }
        });
    }
    Some(dialect)
}

/// The functions and macros that our file for the kernel defines.
fn kernel_names() -> &'static BTreeSet<&'static str> {
    static NAMES: OnceLock<BTreeSet<&'static str>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let text = companions::embedded("linux-kernel.def").unwrap_or_default();
        let name = |line: &'static str| line.split_once('(').map(|(name, _)| name);
        let is_word = |name: &&str| !name.is_empty() && name.bytes().all(is_letter);
        text.lines().filter_map(name).filter(is_word).collect()
    })
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Visits each name in front of a parenthesis, comments and strings left out.
fn visit_calls<'t>(source: &'t Text, visit: &mut dyn FnMut(&'t str, Span)) {
    let (text, bytes) = (source.text.as_str(), source.text.as_bytes());
    let end_of =
        |from: usize, end: &str| text[from..].find(end).map_or(text.len(), |at| from + at + end.len());
    let mut at = 0;
    while at < bytes.len() {
        at = match bytes[at] {
            b'/' if bytes[at..].starts_with(b"//") => end_of(at, "\n"),
            b'/' if bytes[at..].starts_with(b"/*") => end_of(at + 2, "*/"),
            b'"' => end_of(at + 1, "\""),
            byte if is_letter(byte) => {
                let length = bytes[at..].iter().take_while(|byte| is_letter(**byte)).count();
                let end = at + length;
                if text[end..].trim_ascii_start().starts_with('(') {
                    let start = source.span.start as usize + at;
                    visit(&text[at..end], Span::new(source.span.file, start, start + length));
                }
                end
            }
            _ => at + 1,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syntax::FileId;

    /// The model that is chosen for a test with this thread, and the warning, with the text that it points to.
    fn chosen(body: &str) -> String {
        let text = format!("C t\n{{}}\nP0(int *x) {{ {body} }}\nexists (x=1)\n");
        let (test, _) = crate::parse(FileId(0), &text);
        let Some((model, warning)) = kernel_model(&test.unwrap()) else { return "none".to_owned() };
        let place = warning.map(|warning| {
            let label = warning.labels[0].0;
            let at = |span: Span| &text[span.start as usize..span.end as usize];
            format!(", {} and {}", at(warning.span), at(label))
        });
        format!("{model}{}", place.unwrap_or_default())
    }

    #[test]
    fn functions_tell_the_kernels_c() {
        assert_eq!(chosen("WRITE_ONCE(*x, 1);"), "linux-kernel.cat");
        assert_eq!(chosen("rcu_read_lock (); *x = 1;"), "linux-kernel.cat");
        assert_eq!(chosen("atomic_inc(x);"), "linux-kernel.cat");
        for other in [
            "*x = 1;",
            "atomic_store_explicit(x, 1, memory_order_relaxed);",
            "/* smp_mb() */ *x = 1; // smp_mb()",
            "int smp_mb = 1; *x = smp_mb;",
            "atomic_fetch_add(x, 1);",
        ] {
            assert_eq!(chosen(other), "none", "{other}");
        }
    }

    #[test]
    fn both_get_a_warning() {
        assert_eq!(
            chosen("int r = atomic_load(x); smp_mb(); WRITE_ONCE(*x, 1);"),
            "linux-kernel.cat, smp_mb and atomic_load"
        );
    }
}
