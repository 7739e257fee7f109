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

/// Tests of the same family and number have the same number of executions in all languages, up to what their models
/// forbid.
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
                text += &format!("  {} {}:{}", language.name(), report.positive, report.negative);
            }
            text += "\n";
        }
    }
    expect_test::expect![[""]].assert_eq(&text);
}

#[test]
fn there_is_no_test_of_one_thread_and_no_lock_of_a_machine() {
    assert_eq!(test(Family::Writers, Language::X86, 1), None);
    assert_eq!(test(Family::Locks, Language::AArch64, 3), None);
}
