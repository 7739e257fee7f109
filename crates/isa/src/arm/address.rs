//! Memory operands: reading and printing them.

use super::instruction::{Access, Address, Indexing, Offset};
use super::parse::Parser;
use crate::operand::Parsed;
use std::fmt::{self, Display, Formatter};

/// The farthest immediate offset.
const MAX_OFFSET: i64 = 4095;

impl<'a> Parser<'a, '_> {
    /// Reads the address of an access: one that is exclusive or ordered has no offset.
    pub(super) fn address_of(&mut self, access: Access) -> Parsed<Address<'a>> {
        if access.exclusive || access.ordered { self.plain_address() } else { self.address() }
    }

    /// Reads `[R0]`.
    pub(super) fn plain_address(&mut self) -> Parsed<Address<'a>> {
        let start = self.at.mark();
        let address = self.address()?;
        if address.offset == Offset::Immediate(0) && address.indexing == Indexing::Offset {
            Ok(address)
        } else {
            Err(self.at.bad(start, "this access takes an address without offset, such as `[R0]`"))
        }
    }

    /// Reads a memory operand. A register without brackets is an address, too.
    pub(super) fn address(&mut self) -> Parsed<Address<'a>> {
        if let Some(base) = self.register_if()? {
            return Ok(Address { base, offset: Offset::Immediate(0), indexing: Indexing::Offset });
        }
        if !self.at.eat(b'[') {
            return Err(self.at.expected("an address such as `[R0]`"));
        }
        let base = self.register()?;
        let offset = if self.at.eat(b',') { self.offset()? } else { Offset::Immediate(0) };
        self.at.require(b']')?;
        if self.at.eat(b'!') {
            return Ok(Address { base, offset, indexing: Indexing::Pre });
        }
        if offset == Offset::Immediate(0) && self.at.eat(b',') {
            return Ok(Address { base, offset: self.offset()?, indexing: Indexing::Post });
        }
        Ok(Address { base, offset, indexing: Indexing::Offset })
    }

    fn offset(&mut self) -> Parsed<Offset<'a>> {
        let start = self.at.mark();
        if self.at.eat(b'#') {
            if self.at.eat(b':') {
                return self.symbol_offset();
            }
            return self.immediate(-MAX_OFFSET, MAX_OFFSET).map(Offset::Immediate);
        }
        let negative = self.at.eat(b'-');
        if !negative {
            self.at.eat(b'+');
        }
        let Some(register) = self.register_if()? else {
            self.at.rewind(start);
            if !self.at.at_number() {
                return Err(self.at.expected("an offset such as `#4`"));
            }
            return self.immediate(-MAX_OFFSET, MAX_OFFSET).map(Offset::Immediate);
        };
        let comma = self.at.mark();
        let shift = if self.at.eat(b',') {
            match self.shift_name() {
                Some(op) => Some((op, self.shift_distance(op)?)),
                None => {
                    self.at.rewind(comma);
                    None
                }
            }
        } else {
            None
        };
        Ok(Offset::Register { negative, register, shift })
    }

    fn symbol_offset(&mut self) -> Parsed<Offset<'a>> {
        let start = self.at.mark();
        if self.at.word() != "lower12" {
            self.at.rewind(start);
            return Err(self.at.expected("`lower12`"));
        }
        self.at.require(b':')?;
        Ok(Offset::Symbol(self.at.symbol()?))
    }
}

impl Display for Offset<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Offset::Immediate(number) => write!(f, "#{number}"),
            Offset::Symbol(symbol) => write!(f, "#:lower12:{symbol}"),
            Offset::Register { negative, register, shift } => {
                write!(f, "{}{register}", if *negative { "-" } else { "" })?;
                match shift {
                    Some((op, distance)) => write!(f, ",{} #{distance}", op.name().to_ascii_lowercase()),
                    None => Ok(()),
                }
            }
        }
    }
}

impl Display for Address<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Address { base, offset, .. } = self;
        match self.indexing {
            Indexing::Offset if *offset == Offset::Immediate(0) => write!(f, "[{base}]"),
            Indexing::Offset => write!(f, "[{base},{offset}]"),
            Indexing::Pre => write!(f, "[{base},{offset}]!"),
            Indexing::Post => write!(f, "[{base}],{offset}"),
        }
    }
}
