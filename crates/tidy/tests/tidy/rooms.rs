//! Rooms know only what the plan lets them know.

use serde::Deserialize;
use std::collections::BTreeMap;
use tidy::{none, root};

/// What each room below the edges may depend on, of ours and of others. Few crates, none of which touches the outside.
const BELOW: &[(&str, &[&str])] = &[
    ("relation", &[]),
    ("syntax", &["strsim"]),
    ("litmus", &["syntax", "md-5"]),
    ("cat", &["relation", "syntax", "rustc-hash"]),
    ("execution", &["relation", "syntax", "rustc-hash", "smallvec"]),
    ("isa", &["execution", "syntax", "rustc-hash", "smallvec"]),
    ("lang", &["execution", "litmus", "syntax", "rustc-hash"]),
    ("engine", &["cat", "execution", "relation", "syntax", "batsat", "libm", "rustc-hash", "smallvec"]),
    ("explain", &["cat", "engine", "execution", "relation", "syntax", "rustc-hash"]),
    (
        "turnsole",
        &[
            "cat",
            "engine",
            "execution",
            "explain",
            "isa",
            "lang",
            "litmus",
            "relation",
            "syntax",
            "hashbrown",
            "libm",
            "rustc-hash",
            "smallvec",
        ],
    ),
    ("draw", &["turnsole", "syntax"]),
    ("generate", &["litmus", "syntax", "turnsole"]),
    ("compile", &["execution", "isa", "lang", "litmus", "syntax", "turnsole"]),
    ("compare", &["litmus", "syntax", "serde", "serde_json"]),
    ("bpf-object", &["isa", "syntax", "object"]),
];

/// What each room at the edge may depend on, of ours.
const EDGES: &[(&str, &[&str])] = &[
    ("bench", &["cat", "litmus", "syntax", "turnsole"]),
    ("batch", &["litmus", "syntax", "turnsole"]),
    ("herd", &["batch", "litmus", "syntax", "turnsole"]),
    ("bench", &["cat", "litmus", "syntax", "turnsole"]),
    (
        "cli",
        &[
            "batch",
            "bench",
            "bpf-object",
            "cat",
            "compare",
            "compile",
            "draw",
            "generate",
            "herd",
            "isa",
            "litmus",
            "syntax",
            "turnsole",
        ],
    ),
    ("web", &["draw", "litmus", "syntax", "turnsole"]),
    (
        "testing",
        &[
            "batch",
            "bpf-object",
            "cat",
            "compile",
            "execution",
            "generate",
            "herd",
            "isa",
            "lang",
            "litmus",
            "syntax",
            "turnsole",
        ],
    ),
    ("tidy", &[]),
];

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    dependencies: BTreeMap<String, Dependency>,
}

/// Only the names matter.
#[derive(Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "the fields say what a manifest may hold")]
enum Dependency {
    Version(String),
    Table { workspace: Option<bool>, version: Option<String>, path: Option<String> },
}

/// The rooms there are, with the names of their dependencies.
fn manifests() -> BTreeMap<String, Vec<String>> {
    let folders = std::fs::read_dir(root().join("crates")).unwrap().flatten();
    folders
        .filter_map(|folder| {
            let text = std::fs::read_to_string(folder.path().join("Cargo.toml")).ok()?;
            let name = folder.file_name().to_string_lossy().into_owned();
            let manifest: Manifest =
                basic_toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            Some((name, manifest.dependencies.into_keys().collect()))
        })
        .collect()
}

fn allowed(room: &str) -> Option<&'static [&'static str]> {
    BELOW.iter().chain(EDGES).find(|(name, _)| *name == room).map(|(_, allowed)| *allowed)
}

#[test]
fn every_room_is_in_the_plan() {
    let unknown: Vec<String> = manifests().into_keys().filter(|room| allowed(room).is_none()).collect();
    none("a new room needs a line here and in ARCHITECTURE.md", &unknown);
}

#[test]
fn dependencies_go_the_way_of_the_plan() {
    let rooms = manifests();
    let mut wrong = Vec::new();
    for (room, dependencies) in &rooms {
        let Some(allowed) = allowed(room) else { continue };
        let edge = EDGES.iter().any(|(name, _)| name == room);
        for dependency in dependencies {
            let ours = allowed_anywhere(dependency);
            if !allowed.contains(&dependency.as_str()) && (ours || !edge) {
                wrong.push(format!("{room} must not depend on {dependency}"));
            }
        }
    }
    none("the plan in ARCHITECTURE.md says otherwise", &wrong);
}

/// Whether that is the name of a room.
fn allowed_anywhere(name: &str) -> bool {
    BELOW.iter().chain(EDGES).any(|(room, _)| *room == name)
}

#[test]
fn the_plan_goes_downwards() {
    let order: Vec<&str> = BELOW.iter().chain(EDGES).map(|(room, _)| *room).collect();
    let place = |name: &str| order.iter().position(|room| *room == name);
    for (room, allowed) in BELOW.iter().chain(EDGES) {
        for below in allowed.iter().filter(|name| allowed_anywhere(name)) {
            assert!(
                place(below) < place(room) || *room == "turnsole",
                "{room} depends on {below}, further down"
            );
        }
    }
}

#[test]
fn engines_do_not_see_each_other() {
    let engines = ["enumerate", "reference", "symbolic"];
    let mut wrong = Vec::new();
    for file in tidy::rust_files() {
        let Some(rest) = file.path.strip_prefix("crates/engine/src/") else { continue };
        let Some((own, _)) = rest.split_once('/') else { continue };
        let code = tidy::code(&file);
        for other in engines.iter().filter(|engine| **engine != own && engines.contains(&own)) {
            if code.contains(&format!("{other}::")) || code.contains(&format!("use crate::{other}")) {
                wrong.push(format!("{} mentions {other}", file.path));
            }
        }
    }
    none("an engine that sees another is no check of it", &wrong);
}
