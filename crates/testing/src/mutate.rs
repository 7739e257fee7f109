//! Damaged inputs, made from good ones.

use crate::random::Random;

/// Words that matter to some parser, put in where they don't belong.
const WORDS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "(*",
    "*)",
    "\"",
    ";",
    "|",
    ":",
    "=",
    "/\\",
    "\\/",
    "~",
    "*",
    "^-1",
    "?",
    "#",
    "%",
    "$",
    ",",
    ".",
    "\0",
    "\u{e9}",
    "\u{1f980}",
    "\n",
    "\r\n",
    "0",
    "-1",
    "18446744073709551615",
    "340282366920938463463374607431768211456",
    "0x",
    "exists",
    "forall",
    "filter",
    "locations",
    "let rec",
    "in",
    "include \"",
    "acyclic",
    "match",
    "fun",
    "->",
    "P0",
    "0:X0",
    "uint64_t",
    "int x[4]",
    "x[1]",
    "fault",
    "LDR",
    "X0",
    "W31",
    "#1",
    "(%rax)",
    "!",
    "L0:",
    "B L0",
    "MOV",
    "PodWW",
    "Rfe",
    "RfLeave",
    "DpAddrdR",
    "-safe",
];

/// The most bytes that a damaged input has.
const MAX_BYTES: usize = 8_192;

/// One of the seeds, damaged in a few places.
pub fn mutated(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = random.pick(seeds).clone();
    bytes.truncate(MAX_BYTES);
    for _ in 0..1 + random.below(4) {
        damage(&mut bytes, seeds, random);
    }
    bytes.truncate(MAX_BYTES);
    bytes
}

fn damage(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    let (from, to) = range(bytes.len(), 24, random);
    match random.below(9) {
        0 if from < to => bytes[from] ^= 1 << random.below(8),
        1 => drop(bytes.drain(from..to)),
        2 => {
            let copy = bytes[from..to].to_vec();
            splice(bytes, to, &copy);
        }
        3..=5 => splice(bytes, from, random.pick(WORDS).as_bytes()),
        6 => {
            let other = random.pick(seeds);
            let (start, end) = range(other.len(), 200, random);
            splice(bytes, from, &other[start..end]);
        }
        7 => {
            let many = random.pick(WORDS).repeat(1 + random.below(400));
            splice(bytes, from, many.as_bytes());
        }
        8 => bytes.truncate(from),
        _ => {}
    }
}

fn splice(bytes: &mut Vec<u8>, at: usize, part: &[u8]) {
    bytes.splice(at..at, part.iter().copied());
}

/// A range of at most `longest` bytes of a text of `len`.
fn range(len: usize, longest: usize, random: &mut Random) -> (usize, usize) {
    let from = random.below(len + 1);
    let to = (from + random.below(longest + 1)).min(len);
    (from, to)
}
