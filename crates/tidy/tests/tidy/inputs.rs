//! Our litmus tests and models say what they are.

use tidy::{files, none};

#[test]
fn every_litmus_test_says_what_it_expects() {
    let says = |text: &str| text.contains("(* run: ");
    let wrong: Vec<String> = files()
        .iter()
        .filter(|file| {
            file.path.starts_with("tests/litmus/") && file.ends_with(".litmus") && !says(&file.text)
        })
        .map(|file| file.path.clone())
        .collect();
    none("a test without `(* run: … *)` tests nothing", &wrong);
}

#[test]
fn names_of_litmus_tests_differ() {
    let mut names: Vec<(String, String)> = files()
        .iter()
        .filter(|file| file.path.starts_with("tests/litmus/"))
        .filter_map(|file| Some((file.text.lines().next()?.trim().to_owned(), file.path.clone())))
        .collect();
    names.sort();
    let twice = names.windows(2).filter(|pair| pair[0].0 == pair[1].0);
    let wrong: Vec<String> = twice.map(|pair| format!("{} and {}", pair[0].1, pair[1].1)).collect();
    none("two tests of one name and architecture can't be told apart in a log", &wrong);
}

#[test]
fn every_model_names_its_sources_and_deviations() {
    let mut wrong = Vec::new();
    for file in files().iter().filter(|file| file.path.starts_with("models/") && file.ends_with(".cat")) {
        let library = file.path.starts_with("models/lib/");
        let needed: &[&str] = if library { &["(*"] } else { &["Source", "Deviations:", "1. "] };
        for word in needed.iter().filter(|word| !file.text.contains(**word)) {
            wrong.push(format!("{}: no `{word}`", file.path));
        }
    }
    none("a model opens with where it comes from and how it deviates", &wrong);
}

#[test]
fn every_model_is_built_in_and_described() {
    let all = files();
    let text = |path: &str| all.iter().find(|file| file.path == path).map_or("", |file| file.text.as_str());
    let (list, page) = (text("crates/turnsole/src/model.rs"), text("docs/models.md"));
    let companions = text("crates/turnsole/src/companions.rs");
    let mut wrong = Vec::new();
    for file in
        all.iter().filter(|file| file.path.starts_with("models/") && file.path.matches('/').count() == 1)
    {
        let name = file.path.trim_start_matches("models/");
        let table = if name.ends_with(".cat") { list } else { companions };
        if !table.contains(&format!("\"{name}\"")) {
            wrong.push(format!("{name} is not embedded"));
        }
        if name.ends_with(".cat") && !page.contains(&format!("`{name}`")) {
            wrong.push(format!("{name} is not in docs/models.md"));
        }
    }
    none("models", &wrong);
}
