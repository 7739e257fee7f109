//! The library of cat files that is built in: what every model starts with, and what models include.

/// The built-in files, by the name that `include` gives.
const FILES: &[(&str, &str)] = &[
    ("c11-common.cat", include_str!("../../../models/lib/c11-common.cat")),
    ("c11-mutex.cat", include_str!("../../../models/lib/c11-mutex.cat")),
    ("cos-no-opt.cat", include_str!("../../../models/lib/cos-no-opt.cat")),
    ("cos-opt.cat", include_str!("../../../models/lib/cos-opt.cat")),
    ("cos.cat", include_str!("../../../models/lib/cos.cat")),
    ("cross.cat", include_str!("../../../models/lib/cross.cat")),
    ("filters.cat", include_str!("../../../models/lib/filters.cat")),
    ("stdlib.cat", include_str!("../../../models/lib/stdlib.cat")),
    ("whole.cat", include_str!("../../../models/lib/whole.cat")),
];

/// The text of the built-in file of that name.
pub fn library_file(name: &str) -> Option<&'static str> {
    FILES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The names of all built-in files, in alphabetical order.
pub fn library_files() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_by_name() {
        assert!(library_file("stdlib.cat").is_some_and(|text| text.contains("let rmw =")));
        assert_eq!(library_file("no-such-file.cat"), None);
        assert!(library_files().is_sorted());
    }
}
