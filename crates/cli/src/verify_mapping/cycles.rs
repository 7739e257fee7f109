//! Tests from cycles, for who has none at hand: every step that a source has, in every order.

use super::Named;
use compile::mapping::Language;
use generate::{Arch, Config, Cycles, Mode, Piece, Style};
use syntax::FileId;

/// The steps of a language.
fn steps(language: Language) -> (Arch, &'static str, &'static str) {
    match language {
        Language::Bpf => (
            Arch::Bpf,
            "Rfe Fre Coe Pod** FenceFetchd** FenceLockd** Fetch.Add Lock.Add DpAddrdR DpAddrdW DpDatadW DpCtrldW",
            "P Acq Rel",
        ),
        Language::Kernel => (
            Arch::Kernel,
            "Rfe Fre Coe Pod** FenceMbd** FenceRmbdRR FenceWmbdWW Xchg Fetch.Add St.Add DpAddrdR DpDatadW DpCtrldW",
            "Once Acquire Release",
        ),
        Language::C11 => (
            Arch::C11,
            "Rfe Fre Coe Pod** FenceScd** FenceAcqdR* FenceReld*W Exch Fetch.Add",
            "Rlx Acq Rel Sc",
        ),
    }
}

/// The tests of all critical cycles of a language's steps, of at most so many threads.
///
/// # Errors
/// What is wrong with the steps, which nobody but their author can change.
pub(super) fn tests(language: Language, threads: usize) -> Result<Vec<Named>, String> {
    let (arch, steps, accesses) = steps(language);
    let piece = |text: &str| Piece::whole(FileId(0), text);
    let config = Config {
        arch: Some(arch),
        safe: vec![piece(steps)],
        accesses: vec![piece(accesses)],
        size: Some(2 * threads),
        threads: Some(threads),
        mode: Some(Mode::Critical),
        ..Config::default()
    };
    let wanted = config.wanted().map_err(|diagnostic| diagnostic.message)?;
    let mut all = Vec::new();
    for cycle in Cycles::new(wanted) {
        let Ok(text) = generate::test(&cycle, Style { metadata: false, ..Style::default() }) else {
            continue;
        };
        all.extend(named(&text));
        if language == Language::Bpf && cycle.name().contains("fetch") {
            all.extend(other_updates(&text).iter().filter_map(|text| named(text)));
        }
    }
    Ok(all)
}

fn named(text: &str) -> Option<Named> {
    let (test, _) = turnsole::parse(FileId(0), text);
    test.map(|test| Named { file: "a cycle".to_owned(), test })
}

/// The same test with other updates in the place of `atomic_fetch_add`: other operations, exchanges, and where the
/// result matters to nobody, compare-exchanges.
fn other_updates(text: &str) -> Vec<String> {
    let renamed = |from: &str, to: &str| {
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        format!("{first}-{to}\n{}", rest.replace(from, to))
    };
    let mut all = vec![renamed("atomic_fetch_add", "atomic_fetch_or")];
    let fence = "r4 = atomic_fetch_add((u64*)(r5 + 0), r4)";
    if text.contains(fence) {
        for (name, other) in
            [("xchg", "r4 = xchg_64(r5 + 0, r4)"), ("cmpxchg", "r0 = cmpxchg_64(r5 + 0, r0, r4)")]
        {
            let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
            // Columns keep their width.
            let other = format!("{other:<width$}", width = fence.len());
            all.push(format!("{first}-{name}\n{}", rest.replace(fence, &other)));
        }
    }
    all
}
