//! Extensions of the architecture that are not simulated: a test that needs one should hear its name.

use syntax::{Diagnostic, Span};

/// An extension: what it is called, and the variant under which herd7 has it.
type Extension = (&'static str, &'static str);

const MEMORY_TAGGING: Extension = ("memory tagging", "memtag");
const POINTER_AUTHENTICATION: Extension = ("pointer authentication", "pauth1");
const VIRTUAL_MEMORY: Extension = ("virtual memory", "vmsa");
const CAPABILITIES: Extension = ("capabilities", "morello");
const SVE: Extension = ("scalable vectors", "sve");
const SME: Extension = ("scalable matrices", "sme");
const SHADOW_STACK: Extension = ("guarded control stacks", "shadowstack");

/// Instructions by the beginnings of their names.
const INSTRUCTIONS: &[(Extension, &[&str])] = &[
    (MEMORY_TAGGING, &["IRG", "GMI", "STG", "STZG", "ST2G", "STZ2G", "LDG", "ADDG", "SUBG", "SUBP", "CMPP"]),
    (
        POINTER_AUTHENTICATION,
        &["PAC", "AUT", "XPAC", "BRAA", "BRAB", "BLRAA", "BLRAB", "RETAA", "RETAB", "LDRAA", "LDRAB"],
    ),
    (VIRTUAL_MEMORY, &["TLBI", "AT", "ERET"]),
    (SHADOW_STACK, &["GCS"]),
    (
        CAPABILITIES,
        &[
            "SCBNDS", "SEAL", "CSEAL", "UNSEAL", "CHKEQ", "CHKSLD", "CHKTGD", "CLRTAG", "CLRPERM", "BUILD",
            "CPYTYPE", "CPYVALUE", "LDCT", "STCT", "GCTAG", "GCVALUE", "GCOFF", "GCBASE", "GCLEN", "SCTAG",
            "SCVALUE", "SCOFF",
        ],
    ),
    (SME, &["SMSTART", "SMSTOP", "RDSVL", "ADDSVL", "MOVA", "FMOPA", "ZERO"]),
    (
        SVE,
        &["PTRUE", "WHILE", "CNTB", "CNTH", "CNTW", "CNTD", "INCB", "INCH", "INCW", "INCD", "RDVL", "ADDVL"],
    ),
];

/// Instructions whose names are the beginnings of others'.
const WHOLE_NAMES: &[&str] = &["AT", "ZERO", "LDG", "STG", "BUILD", "SEAL"];

/// Puts the name of the extension that the instruction belongs to in the place of another error.
pub(super) fn explain(text: &str, span: Span, other: Diagnostic) -> Diagnostic {
    let word = text.split([' ', '\t']).next().unwrap_or_default();
    let Some((what, variant)) = extension(&word.to_ascii_uppercase(), &text[word.len()..]) else {
        return other;
    };
    let message = format!("`{word}` needs {what}, which is not simulated yet");
    Diagnostic::error("isa::missing-extension", span, message)
        .with_help(format!("herd7 has it under the variant `{variant}`"))
}

fn extension(mnemonic: &str, operands: &str) -> Option<Extension> {
    let names = |start: &&str| {
        if WHOLE_NAMES.contains(start) { mnemonic == *start } else { mnemonic.starts_with(start) }
    };
    let by_name = INSTRUCTIONS.iter().find(|(_, starts)| starts.iter().any(names));
    by_name.map(|(extension, _)| *extension).or_else(|| by_operands(operands))
}

/// The extension that a register belongs to.
fn by_operands(operands: &str) -> Option<Extension> {
    let separators = |c: char| !c.is_ascii_alphanumeric();
    operands.split(separators).find_map(|word| {
        let word = word.to_ascii_uppercase();
        let is_numbered = |letter: char| {
            word.strip_prefix(letter)
                .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        };
        match () {
            () if word == "ZA" || word.starts_with("ZA0") => Some(SME),
            () if is_numbered('Z') || is_numbered('P') => Some(SVE),
            () if is_numbered('C') || word == "CSP" || word == "CZR" => Some(CAPABILITIES),
            () => None,
        }
    })
}
