//! Annotations of instructions, in languages that have them: names that a bell file declares.

use execution::micro::Tags;
use syntax::Span;

/// Kinds of instructions that can be annotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnnotatedKind {
    /// Reads.
    Read,
    /// Writes.
    Write,
    /// Read-modify-writes.
    Rmw,
    /// Fences.
    Fence,
    /// Branches.
    Branch,
}

impl AnnotatedKind {
    /// All of them.
    pub const ALL: [AnnotatedKind; 5] = [
        AnnotatedKind::Read,
        AnnotatedKind::Write,
        AnnotatedKind::Rmw,
        AnnotatedKind::Fence,
        AnnotatedKind::Branch,
    ];
}

/// An instruction with the annotations that the test gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotated {
    /// Its kind.
    pub kind: AnnotatedKind,
    /// Its annotations.
    pub annotations: Vec<String>,
    /// Where it stands.
    pub span: Span,
}

/// The annotations of a program. What is marked with one is in the cat set of its name with a capital.
#[derive(Clone, Debug, Default)]
pub struct Annotations {
    /// Names of sets; they follow the tags of the instruction set.
    pub sets: Vec<String>,
    /// The instructions that can be annotated, in the order of the program.
    pub instructions: Vec<Annotated>,
    /// What instructions of a kind carry where the test says nothing.
    pub defaults: Vec<(AnnotatedKind, Vec<String>)>,
    /// Whether there were more than fit.
    pub overflow: bool,
}

impl Annotations {
    /// Notes an instruction, and gives the tags of its annotations. The sets are numbered from `base`.
    pub(crate) fn apply(
        &mut self,
        kind: AnnotatedKind,
        annotations: &[&str],
        base: usize,
        span: Span,
    ) -> Tags {
        let given = annotations.iter().map(|&name| name.to_owned()).collect();
        self.instructions.push(Annotated { kind, annotations: given, span });
        let default = self.defaults.iter().find(|(known, _)| *known == kind && annotations.is_empty());
        let names: Vec<String> = match default {
            Some((_, names)) => names.iter().map(|name| set_name(name)).collect(),
            None => annotations.iter().map(|name| set_name(name)).collect(),
        };
        names.into_iter().fold(Tags::NONE, |tags, name| tags.with(self.tag(name, base)))
    }

    fn tag(&mut self, name: String, base: usize) -> Tags {
        let at = self.sets.iter().position(|known| *known == name).unwrap_or_else(|| {
            self.sets.push(name);
            self.sets.len() - 1
        });
        if base + at >= 128 {
            self.overflow = true;
            return Tags::NONE;
        }
        Tags::one(base + at)
    }
}

/// The name of the set of events that carry an annotation: that of the annotation with a capital.
fn set_name(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
