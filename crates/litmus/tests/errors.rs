//! What the reader says about broken files.

use expect_test::{Expect, expect};
use syntax::{Diagnostic, SourceMap};
use turnsole_litmus::{expectations, parse};

fn render(map: &SourceMap, errors: &[Diagnostic]) -> String {
    let mut text = String::new();
    for error in errors {
        let at = map.position(error.span);
        let covered = &map.file(error.span.file).text[error.span.start as usize..error.span.end as usize];
        text.push_str(&format!(
            "{}:{} {} {:?}: {}\n",
            at.line, at.column, error.code, covered, error.message
        ));
        if let Some(help) = &error.help {
            text.push_str(&format!("    {help}\n"));
        }
    }
    text
}

fn check(input: &str, expected: Expect) {
    let mut map = SourceMap::new();
    let file = map.add("test.litmus", input);
    let (test, mut errors) = parse(file, input);
    if let Some(test) = test {
        errors.extend(expectations(&test).1);
    }
    expected.assert_eq(&render(&map, &errors));
}

#[test]
fn files_that_are_no_tests() {
    check(
        "",
        expect![[r#"
            1:1 litmus::missing-header "": the file is empty
                the first line is an architecture and a name, as in `AArch64 MP`
        "#]],
    );
    check(
        "{ }",
        expect![[r#"
        1:1 litmus::missing-header "": a litmus test starts with the name of an architecture
            the first line is an architecture and a name, as in `AArch64 MP`
    "#]],
    );
    check(
        "\u{7f}ELF\u{1}\u{0}",
        expect![[r#"
        1:5 litmus::not-text "\u{1}": this is not a text: it holds the control character 0x01
            is this a litmus test?
    "#]],
    );
    check(
        "AArch46 MP\n{}\n P0 ;\n NOP ;\n",
        expect![[r#"
        1:1 litmus::unknown-architecture "AArch46": `AArch46` is not an architecture
            did you mean `AArch64`?
    "#]],
    );
    check(
        "ARMv8 MP\n{}\n P0 ;\n NOP ;\n",
        expect![[r#"
        1:1 litmus::unknown-architecture "ARMv8": `ARMv8` is not an architecture
            known are AArch64, ARM, ASL, BPF, C, CPP, JAVA, LISA, LoongArch, MIPS, PPC, RISCV, S390X, X86, X86_64
    "#]],
    );
    check(
        "AArch64\n{}\n",
        expect![[r#"
        1:8 litmus::missing-name "": the test has no name
            write a name behind the architecture, or `--` for the file's name
    "#]],
    );
}

#[test]
fn truncated_files() {
    check(
        "AArch64 MP\n\"doc",
        expect![[r#"
        2:1 litmus::unterminated-string "\"": this documentation string does not end
            close it with `"`
    "#]],
    );
    check(
        "AArch64 MP\nOrig=PodWW\n",
        expect![[r#"
        3:1 litmus::missing-init "": the file ends before the initial state
            write the initial state in braces, `{ }` if everything is 0
    "#]],
    );
    check(
        "AArch64 MP\n(* never ends\n{ x=0; }\n P0 ;\n NOP ;\n",
        expect![[r#"
        2:1 litmus::unterminated-comment "(*": this comment does not end
            close it with `*)`; comments nest
    "#]],
    );
    check(
        "AArch64 MP\n{ x=0;\n P0 ;\n NOP ;\n",
        expect![[r#"
        2:1 litmus::unclosed "{": the initial state that starts here is not closed
            close it with `}`; is the file complete?
    "#]],
    );
    check(
        "AArch64 MP\n{ x=0; (* }\n P0 ;\n NOP ;\n",
        expect![[r#"
        2:8 litmus::unterminated-comment "(*": this comment does not end
            close it with `*)`; comments nest
    "#]],
    );
    check(
        "AArch64 MP\n{ x=0; }\n",
        expect![[r#"
        3:1 litmus::missing-program "": the test has no program
            the program starts with a row of threads: `P0 | P1 ;`
    "#]],
    );
    check(
        "AArch64 MP\n{ }\n P0 | P1 ;\n NOP | NOP ;\n NOP | N",
        expect![[r#"
        5:2 litmus::unfinished-row "NOP | N": this row of the program does not end
            end it with `;`
    "#]],
    );
    check(
        "AArch64 MP\n{ }\n P0 ;\n NOP\nexists (x=1)",
        expect![[r#"
        4:2 litmus::unfinished-row "NOP": this row of the program does not end
            end it with `;`
    "#]],
    );
    check(
        "AArch64 MP\n{ }\n P0 ;\n NOP ;\nexists (x=1 /\\",
        expect![[r#"
        5:15 litmus::unexpected-token "": the text ends in the condition: expected a register or a location
    "#]],
    );
    check(
        "C MP\n{ }\nP0(int *x) {\n if (1) { *x = 1;\n}\n",
        expect![[r#"
            3:12 litmus::unclosed "{": this `{` is not closed
                is the file complete?
        "#]],
    );
}

#[test]
fn broken_initial_states() {
    check(
        "AArch64 MP\n{ x 1; int y=; 0:X1=#; z=1 2; 0:X2=x; 0:X2=y; }\n P0 ;\n NOP ;\n",
        expect![[r##"
            2:5 litmus::bad-place "1": this is a value, not a register or a location
            2:14 litmus::unexpected-token ";": unexpected `;` in the initial state: expected a value
            2:21 litmus::unexpected-token "#": unexpected `#` in the initial state: expected a value
            2:28 litmus::unexpected-token "2": unexpected `2` in the initial state: expected `;`
            2:39 litmus::duplicate-binding "0:X2=y": `0:X2` is initialised twice
        "##]],
    );
    check(
        "AArch64 MP\n{ x[1]=2; int y[2]={1,2,3}; int z[-1]; }\n P0 ;\n NOP ;\n",
        expect![[r#"
        2:4 litmus::cell-in-init "[": one cell of an array can't be initialised alone
            declare the array with all its values, as in `int x[2]={0,1}`
        2:19 litmus::array-length "=": the array has 2 cells, but 3 values
        2:35 litmus::bad-index "-": an index can't be negative or huge
    "#]],
    );
    check(
        "AArch64 MP\n{ x=12a; y=0x; z=340282366920938463463374607431768211456; }\n P0 ;\n NOP ;\n",
        expect![[r#"
        2:5 litmus::bad-number "12a": `12a` is not a number of at most 128 bits
        2:12 litmus::bad-number "0x": `0x` is not a number of at most 128 bits
        2:18 litmus::bad-number "340282366920938463463374607431768211456": `340282366920938463463374607431768211456` is not a number of at most 128 bits
    "#]],
    );
}

#[test]
fn broken_programs() {
    check(
        "AArch64 MP\n{ }\n P0 | P1 ;\n NOP ;\n NOP | NOP | NOP ;\n NOP | NOP ;\n",
        expect![[r#"
        4:2 litmus::row-length "NOP": this row has 1 cell, but the program has 2 columns
            separate cells with `|`; a thread that has ended needs an empty cell
        5:2 litmus::row-length "NOP | NOP | NOP": this row has 3 cells, but the program has 2 columns
            separate cells with `|`; a thread that has ended needs an empty cell
    "#]],
    );
    check(
        "AArch64 MP\n{ }\n P0 | P2 | Q ;\n NOP | NOP | NOP ;\n",
        expect![[r#"
        3:7 litmus::thread-order "P2": expected P1 here, not P2
            threads are numbered from P0 without gaps
        3:12 litmus::bad-thread-name "Q": `Q` is not the name of a thread
            the first row of a program names its threads: `P0 | P1 ;`
    "#]],
    );
    check(
        "AArch64 MP\n{ }\n P0 | P1.F ;\n NOP | NOP ;\n",
        expect![[r#"
        3:7 litmus::bad-thread-name "P1.F": there is no thread P1 for this fault handler
    "#]],
    );
    check(
        "C MP\n{ }\nP0(int *x, int) { }\nP2(int *x) { }\n",
        expect![[r#"
        3:12 litmus::bad-parameter "int": `int` is not a parameter
            write a type and the name of a shared variable, as in `int *x`
        4:1 litmus::thread-order "P2": expected P1 here, not P2
            threads are numbered from P0 without gaps
    "#]],
    );
    check(
        "C MP\n{ }\nnonsense\n",
        expect![[r#"
        3:1 litmus::expected-function "nonsense": this is neither a function nor a condition
            a thread looks like `P0(int *x) { … }`
    "#]],
    );
}

#[test]
fn broken_conditions() {
    check(
        "AArch64 MP\n{ }\n P0 ;\n NOP ;\nexists (x=1 /\\ y)",
        expect![[r#"
        5:17 litmus::unexpected-token ")": unexpected `)` in the condition: expected `=` or `!=`
    "#]],
    );
    check(
        "AArch64 MP\n{ }\n P0 ;\n NOP ;\nexists x=1 y=2",
        expect![[r#"
        5:12 litmus::unexpected-token "y": unexpected `y` in the condition: expected `/\`, `\/`, `=>` or the end
    "#]],
    );
    check(
        "AArch64 MP\n{ }\n P0 ;\n NOP ;\nlocations [x y=1;]",
        expect![[r#"
        5:15 litmus::unexpected-token "=": unexpected `=` in the condition: expected `;` or `]`
    "#]],
    );
    check(
        "AArch64 MP\n{ }\n P0 ;\n NOP ;\nexists (fault(x))",
        expect![[r#"
        5:15 litmus::unexpected-token "x": unexpected `x` in the condition: expected a thread such as `P0`
    "#]],
    );
    check(
        "AArch64 MP\n{ }\n P0 ;\n NOP ;\nexists (0:X0=é)",
        expect![[r#"
        5:14 litmus::unexpected-token "é": unexpected `é` in the condition: expected a value
    "#]],
    );
}

#[test]
fn depth_is_limited() {
    let deep = |open: &str, close: &str| {
        let (open, close) = (open.repeat(100_000), close.repeat(100_000));
        format!("AArch64 MP\n{{ }}\n P0 ;\n NOP ;\nexists {open}x=1{close}")
    };
    check(
        &deep("(", ")"),
        expect![[r#"
        5:209 litmus::too-deep "(": this is nested more than 200 levels deep
    "#]],
    );
    check(
        &deep("not ", ""),
        expect![[r#"
        5:812 litmus::too-deep "not": this is nested more than 200 levels deep
    "#]],
    );
    check(
        &deep("x=1 => ", ""),
        expect![[r#"
        5:1408 litmus::too-deep "x": this is nested more than 200 levels deep
    "#]],
    );
    check(
        &format!("AArch64 MP\n{{ x={}{}; }}\n P0 ;\n NOP ;\n", "(a:{".repeat(9000), "})".repeat(9000)),
        expect![[r#"
            2:405 litmus::too-deep "(": this is nested more than 200 levels deep
        "#]],
    );
}

#[test]
fn broken_directives() {
    check(
        "AArch64 MP\n(* run: modle=aarch64 expect=Sometime states=-1 ok *)\n{ }\n P0 ;\n NOP ;\n",
        expect![[r#"
        2:9 litmus::unknown-directive-key "modle=aarch64": `modle` is not a key of a directive
            did you mean `model`?
        2:23 litmus::bad-directive "expect=Sometime": `Sometime` is not an outcome
            known are Never, Sometimes, Always, Maybe and DEADLOCK
        2:39 litmus::bad-directive "states=-1": `-1` is not a number that fits here
        2:49 litmus::bad-directive "ok": `ok` sets nothing
            a directive is a list of `key=value`
    "#]],
    );
    check(
        "C MP\n(*\n * Result: Perhaps\n *)\n{ }\nP0(int *x) { }\n",
        expect![[r#"
        3:4 litmus::unknown-result "Result: Perhaps": `Perhaps` is not an outcome
            known are Never, Sometimes, Always, Maybe and DEADLOCK
    "#]],
    );
}

#[test]
fn large_inputs_take_linear_time() {
    // Each of these is quadratic if a search starts again at every character.
    let inputs = [
        "(*".repeat(20_000),
        format!("AArch64 MP\n{}", "(*\n".repeat(10_000)),
        format!("AArch64 MP\n{{ {} }}", "\"".repeat(30_000)),
        format!("AArch64 MP\n{{ {}", "\"\\".repeat(10_000)),
        format!("AArch64 MP\n{{ }}\n P0 ;\n{}", "\"\\".repeat(10_000)),
        format!("AArch64 MP\n{{ }}\n P0 ;\n{}", " scopes x".repeat(50_000)),
        format!("AArch64 MP\n{{ }}\n P0 ;\n{}", "~ ".repeat(10_000)),
        format!("AArch64 MP\n{{ }}\n P0 ;\n{}", " a (* *)".repeat(10_000)),
        format!("C MP\n{{ }}\n{}", "P0(int *x) { ".repeat(20_000)),
        format!("C MP\n{{ }}\n{}", "'\\".repeat(10_000)),
        format!("C MP\n{{ }}\n{}", "struct s { } ".repeat(20_000)),
        format!("C MP\n{{ }}\n{}", "f() ".repeat(50_000)),
        format!("JAVA MP\n{{ }}\n{}", "/*".repeat(10_000)),
        format!("AArch64 MP\n{{ {} }}", (0..50_000).map(|i| format!("x{i}=1;")).collect::<String>()),
        format!("AArch64 MP\n{{ }}\n P0 ;\nexists {}", "x=1 /\\ ".repeat(30_000)),
    ];
    for input in &inputs {
        let mut map = SourceMap::new();
        let file = map.add("large", "");
        let (_, errors) = parse(file, input);
        assert!(errors.len() < 100);
    }
}
