//! “Did you mean …?”

/// Longer words are no slips of the finger, and comparing them takes long.
const MAX_LENGTH: usize = 100;

/// The known name nearest to `wrong`, if one is near enough to be a slip of the finger.
/// Of equally near names the first wins.
pub fn did_you_mean<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if wrong.len() > MAX_LENGTH {
        return None;
    }
    let limit = (wrong.chars().count() / 3).max(1);
    known
        .into_iter()
        .filter(|name| *name != wrong && name.len() <= MAX_LENGTH)
        .map(|name| {
            let distance =
                if name.eq_ignore_ascii_case(wrong) { 0 } else { strsim::osa_distance(wrong, name) };
            (distance, name)
        })
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found() {
        assert_eq!(did_you_mean("po-lok", ["rf", "po-loc", "co"]), Some("po-loc"));
        assert_eq!(did_you_mean("DMB.sy", ["DMB.ST", "DMB.SY"]), Some("DMB.SY"));
        assert_eq!(did_you_mean("banana", ["rf", "co"]), None);
    }
}
