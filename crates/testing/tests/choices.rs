//! The fast engine against the reference engine, on models that choose more than `co`.
//!
//! The models mean nothing: they only hang on choices in as many ways as there are.

use testing::generate::Program;
use testing::judge::{self, summary, with_engine};
use turnsole::{EngineChoice, Loader, Model, Options};

/// How many choices the reference engine may look at.
const PATIENCE: u64 = 300;

/// Each is read behind `include "cross.cat"`.
const MODELS: &[(&str, &str)] = &[
    (
        "orders of reads",
        "with co from generate_cos(co0)
         with seen from generate_orders(R, po)
         let fr = rf^-1 ; co
         acyclic seen | rf | co | fr | po-loc as order
         irreflexive seen ; (rf^-1 ; rf) ; seen as once
         flag ~empty (seen \\ po) as crossed",
    ),
    (
        "a total order, and none per location",
        "with s from linearisations(W \\ IW, po)
         acyclic s | rf as order
         empty (rf^-1 ; s) & po-loc as late
         flag ~empty [FW] ; s ; [FW] as finals",
    ),
    (
        "initial writes anywhere",
        "with co from generate_cos(po)
         let fr = rf^-1 ; co
         acyclic co | fr | rf | po-loc as coherence",
    ),
    (
        "only some writes",
        "with mo from generate_orders(W & range(data), co0)
         acyclic mo | rf | po-loc as order
         ~empty mo | rf as something",
    ),
    (
        "pairs",
        "let pairs =
           let of r = let single p = p ++ 0 in map single ((W * {r}) & loc & ext) in
           map of (domain(addr | data | ctrl))
         with from-far from cross(pairs)
         include \"cos.cat\"
         acyclic po-loc | rf | co | fr | (from-far^-1 ; co) as order
         flag ~empty from-far \\ rf as other
         flag ~empty different-values(from-far) as values",
    ),
    (
        "what is redefined",
        "let R = R | F
         let W = W | F
         include \"cross.cat\"
         with co from generate_cos(co0)
         let co = (co | (co ; po-loc))+
         let rf = rf | (singlestep(co) & ext)
         let fr = rf^-1 ; co
         acyclic po-loc | rf | co | fr as coherence
         let hb = (po & (F * W)) | rf | ((co \\ id) & int)
         acyclic hb as before
         undefined_unless empty (hb ; hb) & loc as undefined",
    ),
    (
        "observed coherence",
        "include \"cos-opt.cat\"
         acyclic po-loc | rf | co | fr as coherence
         ~empty rf | co as some
         ~acyclic po | rf | co | fr as weak",
    ),
    (
        "coherence of another order, in sequences",
        "with mo from generate_orders(W, co0)
         let seen = rf^-1
         let hb = po | (rf & ext)
         irreflexive seen? ; mo ; rf? ; hb as coherence
         irreflexive rf ; hb as reads
         irreflexive mo ; rf as update
         irreflexive mo ; mo ; seen as update
         acyclic po | rf as thin",
    ),
    (
        "coherence of some writes, in sequences",
        "with mo from generate_orders(IW | (W \\ range(data)), co0)
         irreflexive (rf^-1)? ; mo ; rf? ; po as coherence
         irreflexive po ; rf as reads
         flag ~empty rf & mo as seen",
    ),
    (
        "coherence by communication",
        "with co from generate_cos(co0)
         let fr = (rf^-1 ; co) \\ id
         let eco = (rf | co | fr)+
         let hb = (po | (rf & ext & (_ * range(ctrl))))+
         irreflexive hb ; eco? as coherence
         irreflexive (rmw | [R & W]) ; eco as atomicity
         empty rmw & (fr ; co) as atomicity",
    ),
];

/// Finds one model.
struct One(String);

impl Loader for One {
    fn load(&self, name: &str, _: Option<&str>) -> Option<(String, String)> {
        (name == "one.cat").then(|| (name.to_owned(), self.0.clone()))
    }
}

fn load(text: &str) -> Model {
    let mut sources = syntax::SourceMap::new();
    let text = format!("include \"cross.cat\"\n{text}");
    let (model, diagnostics) = turnsole::load_model(&One(text), "one.cat", &Options::default(), &mut sources);
    model.unwrap_or_else(|| panic!("{}", judge::words(&diagnostics)))
}

#[test]
fn engines_agree_on_unusual_choices() {
    let count = testing::setting("TURNSOLE_DIFFERENTIAL", 1_000) / MODELS.len() as u64;
    let first = testing::setting("TURNSOLE_SEED", 1);
    let options = Options::default();
    for (name, text) in MODELS {
        let model = load(text);
        let mut compared = 0;
        for seed in first..first + count {
            let arch = ["AArch64", "RISCV", "X86_64"][seed as usize % 3];
            let program = Program::new(arch, seed);
            let test = judge::parse(&program.text()).expect("the generator writes tests");
            let fast = turnsole::simulate(&test, &model, &options);
            let slow =
                turnsole::simulate(&test, &model, &with_engine(&options, EngineChoice::Reference, PATIENCE));
            if let (Some(fast), Some(slow)) = (summary(&fast), summary(&slow)) {
                compared += 1;
                assert_eq!(fast, slow, "under {name}\n{}", program.text());
            }
        }
        assert!(compared * 3 > count, "only {compared} of {count} programs could be compared under {name}");
    }
}

/// Without program order in coherence, an update's own thread may write between what it reads and what it writes: such
/// orders are not counted as if the two stood next to each other.
#[test]
fn own_writes_may_come_between_the_halves_of_an_update() {
    let model = load(
        "with co from generate_cos(co0)
         let fr = (rf^-1 ; co) \\ id
         acyclic rmw | rf | co | fr as coherence
         empty rmw & ((fr & ext) ; (co & ext)) as atomicity
         irreflexive po ; (rf & ext) as order",
    );
    let text = "X86 W\n{}\n P0 | P1 ;\n MOV EAX,$1 | MOV EAX,$3 ;\n XCHG [x],EAX | XCHG [x],EAX ;\n \
                MOV EBX,$2 | MOV EBX,$4 ;\n XCHG [x],EBX | XCHG [x],EBX ;\n~exists (x=0)\n";
    let test = judge::parse(text).expect("a test");
    let told = |engine| {
        let report = turnsole::simulate(&test, &model, &with_engine(&Options::default(), engine, u64::MAX));
        summary(&report).expect("an answer")
    };
    assert_eq!(told(EngineChoice::Enumerate), told(EngineChoice::Reference));
}
