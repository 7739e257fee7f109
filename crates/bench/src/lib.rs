//! What is measured, and with what it is compared: families of litmus tests that grow with a number, figures of other
//! tools, plots. Here too: the tests on which `cargo bench` runs.

pub mod families;
pub mod figures;
pub mod plot;

use std::path::{Path, PathBuf};
use syntax::{FileId, SourceMap};
use turnsole::{Loader, Model, Options};

/// The root of the checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The text of one of our tests.
///
/// # Panics
/// When it is not there.
pub fn text(path: &str) -> String {
    let path = root().join("tests/litmus").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The test of that text.
///
/// # Panics
/// When it is wrong.
pub fn parse(text: &str) -> litmus::Test {
    let (test, diagnostics) = turnsole::parse(FileId(0), text);
    assert!(!syntax::has_errors(&diagnostics), "{diagnostics:?}");
    test.expect("a test without errors")
}

/// The built-in model of a test's architecture.
///
/// # Panics
/// When there is none.
pub fn model(test: &litmus::Test) -> Model {
    struct None;
    impl Loader for None {
        fn load(&self, _name: &str, _from: Option<&str>) -> Option<(String, String)> {
            Option::None
        }
    }
    let name = turnsole::default_model(test.arch.word()).expect("a default model");
    turnsole::load_model(&None, name, &Options::default(), &mut SourceMap::new())
        .0
        .expect("a built-in model is right")
}
