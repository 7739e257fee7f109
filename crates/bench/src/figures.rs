//! What other tools take, as far as it is known: facts with their sources, in `data/`.

use crate::families::{Family, Language};

const FAMILIES: &str = include_str!("../data/families.tsv");
const CORPORA: &str = include_str!("../data/corpora.tsv");

/// Another tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// The simulator of herdtools7.
    Herd7,
    /// The model checker GenMC.
    GenMc,
}

impl Tool {
    /// All of them.
    pub const ALL: [Tool; 2] = [Tool::Herd7, Tool::GenMc];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Tool::Herd7 => "herd7",
            Tool::GenMc => "GenMC",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Tool::Herd7 => "herd7",
            Tool::GenMc => "genmc",
        }
    }
}

/// What a tool takes for one test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// The number of the test in its family.
    pub n: usize,
    /// Seconds of processor time of the whole process.
    pub seconds: f64,
}

fn lines(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

/// What is known of a tool and the tests of a family, by number.
pub fn family(family: Family, language: Language, tool: Tool) -> Vec<Figure> {
    let figure = |line: Vec<&str>| match line[..] {
        [name, written, n, of, seconds, ..]
            if (name, written, of) == (family.name(), language.name(), tool.word()) =>
        {
            Some(Figure { n: n.parse().ok()?, seconds: seconds.parse().ok()? })
        }
        _ => None,
    };
    lines(FAMILIES).filter_map(figure).collect()
}

/// How many seconds herd7 takes for a corpus of so many tests; the corpus is known by its name.
pub fn corpus(name: &str, tests: usize) -> Option<f64> {
    lines(CORPORA).find_map(|line| match line[..] {
        [known, count, seconds] if known == name && count.parse() == Ok(tests) => seconds.parse().ok(),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_says_something() {
        let mut known = 0;
        for one in Family::ALL {
            for language in Language::ALL {
                for tool in Tool::ALL {
                    let figures = family(one, language, tool);
                    assert!(figures.is_sorted_by_key(|figure| figure.n));
                    known += figures.len();
                }
            }
        }
        assert_eq!(known, lines(FAMILIES).count());
        assert!(lines(CORPORA).all(|line| corpus(line[0], line[1].parse().unwrap()).is_some()));
    }
}
