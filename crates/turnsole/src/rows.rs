//! Outcomes as rows of values, each with a count. There may be millions of rows: values that are small numbers, as nearly
//! all are, take eight bytes.

use execution::Value;
use hashbrown::HashTable;
use rustc_hash::{FxHashMap, FxHasher};
use smallvec::SmallVec;
use std::hash::Hasher as _;

/// What a state takes beside its values, and what each of its values takes: in the table, and printed.
const STATE_BYTES: u64 = 96;
const VALUE_BYTES: u64 = 40;

/// For so many rows there is room from the first one on.
const FIRST: usize = 8;

/// More rows than that are looked up in the index.
const FEW: usize = 16;

/// Different outcomes, each a row of values, with the number of executions that end so.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// How many values a row has.
    width: usize,
    codes: Vec<Code>,
    counts: Vec<u64>,
    /// The last portion that had each row, where that is kept.
    last_seen: Vec<u64>,
    /// The hashes of the rows.
    hashes: Vec<u64>,
    /// The rows by their hashes. Few rows are found faster without it.
    index: HashTable<u32>,
    /// Values that are not small numbers.
    large: Vec<Value>,
    large_ids: FxHashMap<Value, u64>,
}

/// A value in eight bytes: twice a small number, or one more than twice the position among those that are not.
type Code = u64;

/// The codes of a row.
type Codes = SmallVec<[Code; 16]>;

impl Rows {
    /// No rows yet, of so many values each.
    pub(crate) fn new(width: usize) -> Rows {
        Rows { width, ..Rows::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.counts.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// What the states take, printed too.
    pub(crate) fn bytes(&self) -> u64 {
        self.len() as u64 * (STATE_BYTES + VALUE_BYTES * self.width as u64)
    }

    pub(crate) fn count(&self, at: usize) -> u64 {
        self.counts[at]
    }

    /// How many executions there are; `None` if they can't be counted.
    pub(crate) fn sum(&self) -> Option<u64> {
        let sum = self.counts.iter().try_fold(0u64, |sum, count| sum.checked_add(*count));
        sum.filter(|sum| *sum < u64::MAX)
    }

    /// A value of a row.
    pub(crate) fn value(&self, row: usize, at: usize) -> Value {
        self.decode(self.codes[row * self.width + at])
    }

    /// Whether two rows have the same value there.
    pub(crate) fn are_same(&self, a: usize, b: usize, at: usize) -> bool {
        self.codes[a * self.width + at] == self.codes[b * self.width + at]
    }

    /// Puts the values of a row into a vector, and nothing else.
    pub(crate) fn read(&self, row: usize, values: &mut Vec<Value>) {
        values.clear();
        values.extend(self.row(row).iter().map(|code| self.decode(*code)));
    }

    /// Adds to the count of a row, and says which one it is.
    pub(crate) fn add(&mut self, values: &[Value], count: u64) -> usize {
        let end = self.codes.len();
        if end == 0 {
            self.codes.reserve(FIRST * self.width);
            self.counts.reserve(FIRST);
            self.hashes.reserve(FIRST);
        }
        for value in values {
            let code = self.encode(*value);
            self.codes.push(code);
        }
        let hash = hash(&self.codes[end..]);
        if let Some(at) = self.find(hash, &self.codes[end..]) {
            self.codes.truncate(end);
            self.counts[at] = self.counts[at].saturating_add(count);
            return at;
        }
        self.counts.push(count);
        self.hashes.push(hash);
        // With the row that is one too many, those before it get into the index too.
        let last = self.counts.len() - 1;
        let first = if last == FEW { 0 } else { last };
        if last >= FEW {
            for at in first..=last {
                let Rows { hashes, index, .. } = self;
                index.insert_unique(hashes[at], at as u32, |at| hashes[*at as usize]);
            }
        }
        last
    }

    /// Takes note that a portion had a row.
    pub(crate) fn see(&mut self, at: usize, portion: u64) {
        self.last_seen.resize(self.last_seen.len().max(at + 1), 0);
        self.last_seen[at] = portion;
    }

    /// Whether that portion was the last one that had these values.
    pub(crate) fn was_seen(&self, values: &[Value], portion: u64) -> bool {
        let codes: Option<Codes> = values.iter().map(|value| self.known_code(*value)).collect();
        let at = codes.and_then(|codes| self.find(hash(&codes), &codes));
        at.is_some_and(|at| self.last_seen.get(at) == Some(&portion))
    }

    fn row(&self, at: usize) -> &[Code] {
        &self.codes[at * self.width..(at + 1) * self.width]
    }

    fn find(&self, hash: u64, codes: &[Code]) -> Option<usize> {
        let is = |at: usize| self.hashes[at] == hash && self.row(at) == codes;
        if self.counts.len() <= FEW {
            return (0..self.counts.len()).find(|at| is(*at));
        }
        self.index.find(hash, |at| is(*at as usize)).map(|at| *at as usize)
    }

    fn encode(&mut self, value: Value) -> Code {
        match self.known_code(value) {
            Some(code) => code,
            None => self.new_code(value),
        }
    }

    #[cold]
    fn new_code(&mut self, value: Value) -> Code {
        let id = self.large.len() as u64;
        self.large.push(value);
        self.large_ids.insert(value, id);
        id << 1 | 1
    }

    /// The code of a value that is a small number, or that was met before.
    fn known_code(&self, value: Value) -> Option<Code> {
        match value {
            Value::Int(number) if number < 1 << 63 => Some((number as u64) << 1),
            _ => self.large_ids.get(&value).map(|id| id << 1 | 1),
        }
    }

    fn decode(&self, code: Code) -> Value {
        match code & 1 {
            0 => Value::Int(u128::from(code >> 1)),
            _ => self.large[(code >> 1) as usize],
        }
    }
}

fn hash(codes: &[Code]) -> u64 {
    let mut hasher = FxHasher::default();
    codes.iter().for_each(|code| hasher.write_u64(*code));
    hasher.finish()
}
