//! Hashes, logs and the small files of a batch.

use expect_test::expect;
use syntax::FileId;
use turnsole_litmus::*;

fn read(input: &str) -> Test {
    let (test, errors) = parse(FileId(0), input);
    assert_eq!(errors, Vec::new());
    test.unwrap_or_else(|| panic!("no test and no error"))
}

/// The hash of a test whose cells are written as they are printed.
fn hash_of(input: &str) -> String {
    let test = read(input);
    let Program::Asm(threads) = &test.program else { return hash_source(&test) };
    let code: Vec<Vec<CodeLine<'_>>> = threads
        .iter()
        .map(|thread| {
            let mut lines = Vec::new();
            for cell in &thread.cells {
                let (labels, instruction) = cell.split_labels();
                lines.extend(labels.iter().map(|label| CodeLine::Label(label)));
                if !instruction.is_empty() {
                    lines.push(CodeLine::Instr(instruction.into()));
                }
            }
            lines
        })
        .collect();
    hash(&test, &code, &|_, _| true)
}

const MP: &str = "AArch64 MP\n{ 0:X1=x; 0:X3=y; 1:X1=y; 1:X3=x; }\n P0 | P1 ;\n MOV W0,#1 | LDR W0,[X1] ;\n STR W0,[X1] | LDR W2,[X3] ;\n MOV W2,#1 | ;\n STR W2,[X3] | ;\nexists (1:X0=1 /\\ 1:X2=0)";

#[test]
fn hashes_are_those_of_herd() {
    assert_eq!(hash_of(MP), "211d5b298572012a0869d4ded6a40b7f");
    // Dependency by a branch: labels are renamed.
    assert_eq!(
        hash_of(
            "AArch64 MP+ctrl\n{ 0:X1=x; 0:X3=y; 1:X1=y; 1:X3=x; }\n P0 | P1 ;\n MOV W0,#1 | LDR W0,[X1] ;\n STR W0,[X1] | CBNZ W0,Lout ;\n DMB ST | Lout: ;\n MOV W2,#1 | LDR W2,[X3] ;\n STR W2,[X3] | ;\nexists (1:X0=1 /\\ 1:X2=0)"
        ),
        "a04cfcf9a0d9ff540753e4c9da396932"
    );
    assert_eq!(
        hash_of(
            "C MP\n{}\n\nP0(int *x, int *y)\n{\n\tWRITE_ONCE(*x, 1);\n\tWRITE_ONCE(*y, 1);\n}\n\nP1(int *x, int *y)\n{\n\tint r0;\n\tint r1;\n\n\tr0 = READ_ONCE(*y);\n\tr1 = READ_ONCE(*x);\n}\n\nexists (1:r0=1 /\\ 1:r1=0)"
        ),
        "791a930f10ec3578ffdda7bf43deeb22"
    );
}

#[test]
fn hashes_depend_on_what_matters_only() {
    let hash = hash_of(MP);
    assert_eq!(hash_of(&MP.replace("exists", "~exists")), hash);
    assert_eq!(hash_of(&MP.replace("1:X2=0", "1:X2=1")), hash);
    assert_eq!(hash_of(&MP.replace(" | ", "|").replace("; ", ";\n")), hash);
    assert_eq!(hash_of(&MP.replace("AArch64 MP", "AArch64 Other\nOrig=Rfe")), hash);
    assert_ne!(hash_of(&MP.replace("0:X1=x", "0:X1=z")), hash);
    assert_ne!(hash_of(&MP.replace("1:X2=0", "1:X3=0")), hash);
    assert_ne!(hash_of(&MP.replace("#1", "#2")), hash);
    assert_ne!(hash_of(&MP.replace("AArch64 MP", "AArch64 MP\nMT=x:UC")), hash);
}

#[test]
fn logs() {
    let log = "Some warning\nTest MP Allowed\nStates 2\n0:r1=0; [x]=1;\n[x]=2; 0:r1=1;  ~fault(P0,x);\nLoop No\n\
        Witnesses\nPositive: 0 Negative: 2\nFlag data-race\nCondition exists (0:r1=7)\nObservation MP Never 0 2\n\
        Time MP 0.01\nHash=0123456789abcdef0123456789abcdef\n\nTest SB Required\nHistogram (1 states)\n\
        1000  *>0:X1=instr:\"a;b\";\nOk\n\nWitnesses\nPositive: 1000, Negative: 0\nCondition forall (true) is validated\n\
        Observation SB Always 1000 0\n";
    expect![[r#"
        [
            Entry {
                name: "MP",
                kind: Some(
                    Allowed,
                ),
                states: [
                    State {
                        count: None,
                        bindings: [
                            (
                                "0:r1",
                                "0",
                            ),
                            (
                                "[x]",
                                "1",
                            ),
                        ],
                    },
                    State {
                        count: None,
                        bindings: [
                            (
                                "0:r1",
                                "1",
                            ),
                            (
                                "[x]",
                                "2",
                            ),
                            (
                                "~fault(P0,x)",
                                "",
                            ),
                        ],
                    },
                ],
                validation: Some(
                    No,
                ),
                cut: true,
                witnesses: Some(
                    (
                        0,
                        2,
                    ),
                ),
                flags: [
                    "data-race",
                ],
                condition: Some(
                    "exists (0:r1=7)",
                ),
                observation: Some(
                    Observation {
                        outcome: Never,
                        positive: 0,
                        negative: 2,
                    },
                ),
                hash: Some(
                    "0123456789abcdef0123456789abcdef",
                ),
            },
            Entry {
                name: "SB",
                kind: Some(
                    Required,
                ),
                states: [
                    State {
                        count: Some(
                            1000,
                        ),
                        bindings: [
                            (
                                "0:X1",
                                "instr:\"a;b\"",
                            ),
                        ],
                    },
                ],
                validation: Some(
                    Ok,
                ),
                cut: false,
                witnesses: Some(
                    (
                        1000,
                        0,
                    ),
                ),
                flags: [],
                condition: Some(
                    "forall (true)",
                ),
                observation: Some(
                    Observation {
                        outcome: Always,
                        positive: 1000,
                        negative: 0,
                    },
                ),
                hash: None,
            },
        ]
    "#]]
    .assert_debug_eq(&read_log(log));
}

#[test]
fn lists() {
    assert_eq!(read_list("# all\na.litmus\n\n  sub/@all # more\r\n"), ["a.litmus", "sub/@all"]);
    assert_eq!(read_names("MP\nSB  \n#LB\n"), ["MP", "SB"]);
    let (renames, errors) = read_renames(FileId(0), "MP MP2\n\nSB\n");
    assert_eq!(renames, [("MP".to_owned(), "MP2".to_owned())]);
    assert_eq!(errors.len(), 1);
    let (kinds, errors) = read_kinds(FileId(0), "MP Allowed\nSB Forbid # why\nLB Require\nIRIW Perhaps\n");
    assert_eq!(
        kinds.iter().map(|(_, kind)| kind.word()).collect::<Vec<_>>(),
        ["Allowed", "Forbidden", "Required"]
    );
    assert_eq!((errors[0].span.start, errors[0].span.end), (38, 50));
    let (conditions, errors) =
        read_conditions(FileId(0), "# two\nMP exists (0:r1=1 /\\\n  x=1)\nSB: forall true\nLB exists )\n");
    let printed: Vec<String> =
        conditions.iter().map(|(name, condition)| format!("{name}: {condition}")).collect();
    assert_eq!(printed, ["MP: exists (0:r1=1 /\\ [x]=1)", "SB: forall (true)"]);
    assert_eq!(errors.len(), 1);
}
