use super::*;
use syntax::{FileId, SourceMap};
use turnsole::{Loader, Options, Report, Status};

struct Nothing;

impl Loader for Nothing {
    fn load(&self, _name: &str, _from: Option<&str>) -> Option<(String, String)> {
        None
    }
}

fn judge(text: &str, language: Language) -> Report {
    let (test, diagnostics) = turnsole::parse(FileId(0), text);
    assert!(!syntax::has_errors(&diagnostics), "{text}\n{diagnostics:?}");
    let options = Options::default();
    let (model, _) = turnsole::load_model(&Nothing, language.model(), &options, &mut SourceMap::new());
    turnsole::simulate(&test.unwrap(), &model.unwrap(), &options)
}

/// Tests of the same family and number have the same number of executions in all languages, but for those that their
/// models forbid.
#[test]
fn families_can_be_judged() {
    let mut text = String::new();
    for family in Family::ALL {
        for n in [2, 4] {
            text += &format!("{:<10}{n}", family.name());
            for language in Language::ALL {
                let Some(source) = test(family, language, n) else { continue };
                let report = judge(&source, language);
                assert_eq!(report.status, Status::Complete, "{source}\n{:?}", report.diagnostics);
                text += &format!("  {language} {}", report.positive + report.negative);
            }
            text += "\n";
        }
    }
    expect_test::expect![[r#"
        SB        2  AArch64 4  RISCV 4  X86_64 4  C11 4  LKMM 4
        SB        4  AArch64 16  RISCV 16  X86_64 16  C11 16  LKMM 16
        SB+fences 2  AArch64 3  RISCV 3  X86_64 3  C11 3  LKMM 3
        SB+fences 4  AArch64 15  RISCV 15  X86_64 15  C11 15  LKMM 15
        MP        2  AArch64 3  RISCV 3  X86_64 3  C11 3  LKMM 3
        MP        4  AArch64 15  RISCV 15  X86_64 15  C11 15  LKMM 15
        IRIW      2  AArch64 15  RISCV 15  X86_64 15  C11 16  LKMM 16
        IRIW      4  AArch64 207  RISCV 207  X86_64 207  C11 256  LKMM 256
        2+2W      2  AArch64 4  RISCV 4  X86_64 3  C11 4  LKMM 4
        2+2W      4  AArch64 16  RISCV 16  X86_64 15  C11 16  LKMM 16
        W         2  AArch64 2  RISCV 2  X86_64 2  C11 2  LKMM 2
        W         4  AArch64 24  RISCV 24  X86_64 24  C11 24  LKMM 24
        W+RR      2  AArch64 12  RISCV 12  X86_64 12  C11 12  LKMM 12
        W+RR      4  AArch64 360  RISCV 360  X86_64 360  C11 360  LKMM 360
        INC       2  AArch64 2  RISCV 2  X86_64 2  C11 2  LKMM 2
        INC       4  AArch64 24  RISCV 24  X86_64 24  C11 24  LKMM 24
        LOCK      2  LKMM 2
        LOCK      4  LKMM 24
        RCU       2  LKMM 3
        RCU       4  LKMM 16
    "#]]
    .assert_eq(&text);
}

#[test]
fn there_is_no_test_of_one_thread_and_no_lock_of_a_machine() {
    assert_eq!(test(Family::Writers, Language::X86, 1), None);
    assert_eq!(test(Family::Locks, Language::AArch64, 3), None);
}
