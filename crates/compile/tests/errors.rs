//! What is said about mappings that are wrong: one error each, with its place.

use expect_test::{Expect, expect};
use syntax::{SourceMap, Span};
use turnsole_compile::mapping::{parse, shipped};

fn errors(text: &str) -> String {
    let mut files = SourceMap::new();
    let file = files.add("test.map", text);
    let mut include = |name: &str| {
        let text = shipped(name)?.text.to_owned();
        Some((files.add(name, text.clone()), text))
    };
    let (mapping, diagnostics) = parse(file, text, &mut include);
    assert_eq!(mapping.is_none(), syntax::has_errors(&diagnostics));
    let mut out = String::new();
    for diagnostic in diagnostics {
        let Span { start, end, .. } = diagnostic.span;
        let at = files.position(diagnostic.span);
        let shown = files.file(diagnostic.span.file).text.get(start as usize..end as usize).unwrap_or("?");
        out += &format!("{}:{} {} `{shown}`: {}\n", at.line, at.column, diagnostic.code, diagnostic.message);
        if let Some(help) = diagnostic.help {
            out += &format!("    {help}\n");
        }
    }
    out
}

/// A good mapping with a rule in place of one of its own.
#[track_caller]
fn rule(rule: &str, expected: Expect) {
    expected.assert_eq(&errors(&format!("mapping test: BPF -> AArch64\ninclude bpf-arm64-lse\n{rule}\n")));
}

#[track_caller]
fn whole(text: &str, expected: Expect) {
    expected.assert_eq(&errors(text));
}

#[test]
fn holes() {
    rule(
        "xchg_32 a s:\n    SWPAL {s.w},{b.w},[{a}]",
        expect![[r#"
            4:17 mapping::undefined-hole `{b.`: nothing fills the hole `{b}`
                holes are the operands of the rule, {t1} to {t4} for scratch registers, and {.name} for labels
        "#]],
    );
    rule(
        "xchg_32 a s:\n    SWPAL {s.w},{t9.w},[{a}]",
        expect![[r#"
            4:17 mapping::undefined-hole `{t9.`: nothing fills the hole `{t9}`
                holes are the operands of the rule, {t1} to {t4} for scratch registers, and {.name} for labels
        "#]],
    );
    rule(
        "xchg_32 a s:\n    SWPAL {s.q},{s.w},[{a}]",
        expect![[r#"
            4:13 mapping::undefined-hole `.q}`: registers of AArch64 have no view `q`
                AArch64 has `w` and `x`, X86_64 has `b`, `w`, `d` and `q`, others have none
        "#]],
    );
    rule(
        "xchg_32 a s:\n    SWPAL {s.w},{s.w},[{a]",
        expect![[r#"
        4:5 mapping::syntax `SWPAL {s.w},{s.w},[{a]`: a hole ends with `}`
    "#]],
    );
    rule(
        "xchg_<n:32|64> a s:\n    SWPAL {s.<m:w|x>},{s.x},[{a}]",
        expect![[r#"
            4:14 mapping::undefined-hole `<m:w|x>`: the name of the rule has no choice like `<m:w|x>`
                a choice in a line has the letter of one in the name, and as many words
        "#]],
    );
    rule(
        "xchg_<n:32|64> a s:\n    SWPAL {s.<n:w|x|q>},{s.x},[{a}]",
        expect![[r#"
            4:14 mapping::undefined-hole `<n:w|x|q>`: the name of the rule has no choice like `<n:w|x|q>`
                a choice in a line has the letter of one in the name, and as many words
        "#]],
    );
}

#[test]
fn instructions() {
    rule(
        "xchg_32 a s:\n    SWPPAL {s.w},{s.w},[{a}]",
        expect![[r#"
            4:5 mapping::bad-instruction `SWPPAL`: in `SWPPAL W0,W0,[X7]`: unknown AArch64 instruction `SWPPAL`
                did you mean `SWPAL`?
        "#]],
    );
    rule(
        "xchg_32 a s:\n    SWPAL {s.w},[{a}]",
        expect![[r#"
            4:17 mapping::bad-instruction `[`: in `SWPAL W0,[X7]`: expected a register, found `[`
                registers are W0…W30, X0…X30, SP, WZR, XZR
        "#]],
    );
    rule(
        "xchg_32 a s:\n    B {.again}",
        expect![[r#"
        4:5 mapping::bad-instruction `B {.again}`: in `B L1`: label `L1` is not defined in this thread
    "#]],
    );
    rule(
        "xchange_32 a s:\n    SWPAL {s.w},{s.w},[{a}]",
        expect![[r#"
        3:1 mapping::unknown-instruction `xchange_32`: there is no instruction `xchange_32` to be mapped
            did you mean `xchg_32`?
    "#]],
    );
    rule(
        "xchg_32 s a:\n    SWPAL {s.w},{s.w},[{a}]",
        expect![[r#"
        3:1 mapping::syntax `xchg_32`: the operands of `xchg_32` are `a s`
    "#]],
    );
}

#[test]
fn rules() {
    rule(
        "xchg_32 a s:",
        expect![[r#"
        3:1 mapping::syntax `xchg_32`: a rule without instructions
            write them below it, indented, or `nothing`
    "#]],
    );
    rule(
        "xchg_32 a s",
        expect![[r#"
        3:1 mapping::syntax `xchg_32 a s`: expected `:` at the end of this line
            an item is `mapping`, `include`, `registers`, `scratch`, `reject`, a title in quotes, or a rule: the name of an instruction, its operands, and `:`
    "#]],
    );
    rule(
        "xchg_32 a s:\n    nothing\nxchg_<n:32|64> a s:\n    nothing",
        expect![[r#"
        5:1 mapping::duplicate-rule `xchg_<n:32|64>`: `xchg_32` has a rule in this file already
    "#]],
    );
    rule(
        "xchg_<n:32 a s:\n    nothing",
        expect![[r#"
        3:1 mapping::syntax `xchg_<n:32`: a choice is written `<n:32|64>`
    "#]],
    );
    rule(
        "xchg_32 a s:\n    use xchg_33 {a} {s}",
        expect![[r#"
        4:5 mapping::unknown-instruction `use xchg_33 {a} {s}`: there is no rule `xchg_33` to be used
    "#]],
    );
    rule(
        "xchg_32 a s:\n    use xchg_64 {a}",
        expect![[r#"
        4:5 mapping::syntax `use xchg_64 {a}`: this rule has the operands `a s`
    "#]],
    );
    rule(
        "xchg_32 a s:\n    use xchg_32 {a} {s}",
        expect![[r#"
        4:5 mapping::syntax `use xchg_32 {a} {s}`: rules use each other in a circle
    "#]],
    );
    rule(
        "reject xchg_32",
        expect![[r#"
        3:8 mapping::syntax `xchg_32`: expected `reject NAME: "reason"`
    "#]],
    );
    rule(
        "include lib/arm63",
        expect![[r#"
        3:9 mapping::unknown-include `lib/arm63`: there is no mapping `lib/arm63`
            did you mean `lib/arm64`?
    "#]],
    );
}

#[test]
fn heads() {
    whole(
        "",
        expect![[r#"
        1:1 mapping::syntax ``: a mapping starts with `mapping NAME: SOURCE -> TARGET`
    "#]],
    );
    whole(
        "    nothing\n",
        expect![[r#"
        1:5 mapping::syntax `nothing`: indented lines belong to a rule, and there is none above
    "#]],
    );
    whole(
        "mapping test\n",
        expect![[r#"
        1:1 mapping::syntax `mapping test`: expected `mapping NAME: SOURCE -> TARGET`
    "#]],
    );
    whole(
        "mapping test: BFP -> AArch64\n",
        expect![[r#"
        1:15 mapping::unknown-language `BFP`: `BFP` is not a source
            did you mean `BPF`?
    "#]],
    );
    whole(
        "mapping test: BPF -> AArch46\n",
        expect![[r#"
        1:22 mapping::unknown-language `AArch46`: `AArch46` is not a target
            did you mean `AArch64`?
    "#]],
    );
    whole(
        "mapping test: BPF -> AArch64\n",
        expect![[r#"
        1:1 mapping::bad-register `mapping test: BPF -> AArch64`: a mapping names at least four `registers` of the target
    "#]],
    );
    whole(
        "mapping test: BPF -> AArch64\ninclude lib/arm64\n",
        expect![[r#"
        1:1 mapping::missing-instruction `mapping test: BPF -> AArch64`: there are no rules for `atomic_add_32`, `atomic_add_64` and 26 more
            what can't be translated is said with `reject NAME: "reason"`
    "#]],
    );
    whole(
        "mapping test: BPF -> AArch64\ninclude bpf-arm64-lse\nregisters X0 X1 X2 X40\n",
        expect![[r#"
        1:1 mapping::bad-register `mapping test: BPF -> AArch64`: AArch64 has no register `X40`
    "#]],
    );
    whole(
        "mapping test: BPF -> AArch64\ninclude bpf-arm64-lse\nscratch X0 X9 X9\n",
        expect![[r#"
            1:1 mapping::bad-register `mapping test: BPF -> AArch64`: the register `X0` has two uses
        "#]],
    );
    whole(
        "mapping test: BPF -> AArch64\n\"title\ninclude bpf-arm64-lse\n",
        expect![[r#"
        2:1 mapping::syntax `"title`: this string is not closed
    "#]],
    );
}
