//! Accesses of different sizes: who refuses them, and what is refused. And other things that are refused by name.

use syntax::{FileId, SourceMap};
use turnsole::{ByteOrder, Loader, MixedSizes, Options, Report, load_model, parse, simulate};

struct NoFiles;

impl Loader for NoFiles {
    fn load(&self, _: &str, _: Option<&str>) -> Option<(String, String)> {
        None
    }
}

fn judge(text: &str, options: &Options) -> Report {
    let (test, errors) = parse(FileId(0), text);
    assert!(errors.is_empty(), "{errors:?}");
    let test = test.unwrap();
    let model = turnsole::default_model(test.arch.word()).unwrap();
    let (model, errors) = load_model(&NoFiles, model, options, &mut SourceMap::new());
    let model = model.unwrap_or_else(|| panic!("{errors:?}"));
    simulate(&test, &model, options)
}

fn with(variants: &[&str]) -> Options {
    Options { variants: variants.iter().map(|name| (*name).to_owned()).collect(), ..Options::default() }
}

/// As herd7 does it.
fn on_request(variants: &[&str]) -> Options {
    Options { mixed_sizes: MixedSizes::OnRequest, ..with(variants) }
}

/// The verdict with counts, or the code of what is wrong.
fn answer(text: &str, options: &Options) -> String {
    let report = judge(text, options);
    match report.diagnostics.first() {
        Some(diagnostic) if !report.has_answer() => diagnostic.code.to_owned(),
        _ => format!("{} {}", report.positive, report.negative),
    }
}

/// The message of what is wrong.
fn message(text: &str, options: &Options) -> String {
    let report = judge(text, options);
    assert!(!report.has_answer());
    report.diagnostics.first().map_or_else(String::new, |diagnostic| diagnostic.message.clone())
}

const AARCH64: &str = "AArch64 t
{ uint64_t x; 0:X0=1; 0:X1=x; }
 P0             ;
 STR W0,[X1,#4] ;
 LDRB W2,[X1]   ;
exists ([x]=0x100000000 /\\ 0:X2=0)
";

#[test]
fn sizes_are_mixed_without_being_asked_for() {
    assert_eq!(answer(AARCH64, &Options::default()), "1 0");
    assert_eq!(answer(AARCH64, &with(&["mixed"])), "1 0");
}

#[test]
fn herd7_wants_to_be_asked_where_it_looks() {
    assert_eq!(answer(AARCH64, &on_request(&[])), "turnsole::mixed-sizes");
    assert_eq!(answer(AARCH64, &on_request(&["mixed"])), "1 0");
    let asks = AARCH64.replace("{ uint64_t", "Variant=mixed\n{ uint64_t");
    assert_eq!(answer(&asks, &on_request(&[])), "1 0");
    let riscv = "RISCV t
{ uint64_t x; 0:x5=1; 0:x6=x; }
 P0          ;
 sw x5,4(x6) ;
 ld x7,0(x6) ;
exists ([x]=0x100000000)
";
    assert_eq!(answer(riscv, &on_request(&[])), "1 0");
}

#[test]
fn herd7_does_not_see_it_where_nothing_is_executed() {
    // As whole accesses, the load at x+4 can only read the store behind it.
    let test = "AArch64 t
{ uint64_t x; 0:X0=1; 0:X1=x; }
 P0             ;
 LDR W2,[X1,#4] ;
 STR W0,[X1,#4] ;
 LDR X3,[X1]    ;
exists (0:X2=0)
";
    assert_eq!(answer(test, &on_request(&[])), "0 0");
    assert_eq!(answer(test, &Options::default()), "1 0");
    // Without any store there is not even that.
    let test = test.replace("STR W0", "LDR W0");
    assert_eq!(answer(&test, &on_request(&[])), "turnsole::mixed-sizes");
}

#[test]
fn accesses_must_fit() {
    let test = |offset: &str| AARCH64.replace("#4", offset);
    assert_eq!(answer(&test("#8"), &with(&["mixed"])), "turnsole::out-of-bounds");
    assert_eq!(answer(&test("#6"), &Options::default()), "turnsole::unaligned");
    assert_eq!(answer(&test("#3"), &with(&["unaligned"])), "0 1");
    // What has no type is as large as it needs to be, and compared as an int.
    let test = test("#8").replace("uint64_t x; ", "");
    assert_eq!(answer(&test, &with(&["mixed"])), "1 0");
}

#[test]
fn the_order_of_bytes_can_be_chosen() {
    let big = Options { byte_order: Some(ByteOrder::Big), ..Options::default() };
    assert_eq!(answer(AARCH64, &big), "0 1");
    let other_half = AARCH64.replace("[x]=0x100000000", "[x]=1");
    assert_eq!(answer(&other_half, &big), "1 0");
}

#[test]
fn what_is_missing_has_a_name() {
    let test =
        |code: &str| format!("AArch64 t\n{{ 0:X1=x; 0:X2=P0:L; }}\n P0 ;\n L: {code} ;\nexists ([x]=0)\n");
    for (code, name) in [
        ("STG X1,[X1]", "memory tagging"),
        ("PACDA X1,X2", "pointer authentication"),
        ("TLBI VAE1IS,X1", "virtual memory"),
        ("ADD Z0.S,Z1.S,Z2.S", "scalable vectors"),
        ("SMSTART", "scalable matrices"),
        ("SCBNDS C0,C1,X2", "capabilities"),
        ("GCSPUSHM X1", "guarded control stacks"),
    ] {
        let message = message(&test(code), &Options::default());
        assert!(message.contains(name), "{code}: {message}");
    }
    assert_eq!(answer(&test("STR W1,[X2]"), &Options::default()), "turnsole::stores-to-code");
    let message = message(&test("NOP"), &with(&["vmsa"]));
    assert_eq!(message, "the variant `vmsa` (virtual memory) is not supported yet");
}
