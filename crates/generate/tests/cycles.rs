//! A cycle is the same wherever its list begins, and what is written reads back.

use generate::{Arch, Cycle, Style};
use proptest::prelude::*;
use syntax::FileId;

fn word() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("Rfe"),
        Just("Fre"),
        Just("Coe"),
        Just("PodWW"),
        Just("PodRR"),
        Just("PodWR"),
        Just("PodRW"),
        Just("PodWWPL"),
        Just("PodRRAP"),
        Just("PosWW"),
        Just("PosRR"),
        Just("DMB.SYdWR"),
        Just("DMB.LDdRW"),
        Just("DpAddrdR"),
        Just("DpDatadW"),
        Just("DpCtrlIsbdW"),
        Just("Rfi"),
        Just("Fri"),
        Just("Coi"),
        Just("LxSx"),
        Just("Amo.LdAddAL"),
        Just("[FrLeave,RfBack]"),
        Just("PodWWw0q0"),
        Just("Rfeq0w4"),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn rotations_are_one_cycle(words in prop::collection::vec(word(), 2..8), by in 0_usize..8) {
        let Ok(cycle) = Cycle::parse(Arch::AArch64, FileId(0), &words.join(" ")) else { return Ok(()) };
        let mut rotated = words.clone();
        rotated.rotate_left(by % words.len());
        let again = Cycle::parse(Arch::AArch64, FileId(0), &rotated.join(" "));
        // A detour that lies across the end of a list is still one.
        prop_assert_eq!(again.map_err(|error| error.message), Ok(cycle.clone()));
        for write in [Cycle::write_edges, Cycle::write_canonical] {
            let mut text = String::new();
            write(&cycle, &mut text);
            let read = Cycle::parse(Arch::AArch64, FileId(0), &text).map_err(|error| error.message);
            prop_assert_eq!(read, Ok(cycle.clone()));
        }
        if let Ok(text) = generate::test(&cycle, Style::default()) {
            let (test, diagnostics) = litmus::parse(FileId(0), &text);
            prop_assert!(test.is_some() && !syntax::has_errors(&diagnostics), "{}", text);
        }
    }
}
