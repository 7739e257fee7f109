//! Slots: the 8 bytes that most instructions take.

use crate::bpf::Size;

/// How many bytes a slot has.
pub const SLOT_BYTES: usize = 8;

/// Order of the bytes of fields, and of the two registers in their byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endian {
    /// Lowest byte first: `bpfel`.
    Little,
    /// Highest byte first: `bpfeb`.
    Big,
}

/// The fields of a slot, not yet understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Slot {
    /// Class, and what it is in that class.
    pub opcode: u8,
    /// First register, from 0 to 15.
    pub dst: u8,
    /// Second register, from 0 to 15.
    pub src: u8,
    /// Signed distance.
    pub offset: i16,
    /// Constant.
    pub imm: i32,
}

impl Slot {
    /// Reads the fields.
    #[must_use]
    pub fn from_bytes(bytes: [u8; SLOT_BYTES], endian: Endian) -> Slot {
        let [opcode, registers, o0, o1, i0, i1, i2, i3] = bytes;
        let (low, high) = (registers & 15, registers >> 4);
        match endian {
            Endian::Little => Slot {
                opcode,
                dst: low,
                src: high,
                offset: i16::from_le_bytes([o0, o1]),
                imm: i32::from_le_bytes([i0, i1, i2, i3]),
            },
            Endian::Big => Slot {
                opcode,
                dst: high,
                src: low,
                offset: i16::from_be_bytes([o0, o1]),
                imm: i32::from_be_bytes([i0, i1, i2, i3]),
            },
        }
    }

    /// Writes the fields.
    #[must_use]
    pub fn to_bytes(self, endian: Endian) -> [u8; SLOT_BYTES] {
        let (dst, src) = (self.dst & 15, self.src & 15);
        let (registers, [o0, o1], [i0, i1, i2, i3]) = match endian {
            Endian::Little => (src << 4 | dst, self.offset.to_le_bytes(), self.imm.to_le_bytes()),
            Endian::Big => (dst << 4 | src, self.offset.to_be_bytes(), self.imm.to_be_bytes()),
        };
        [self.opcode, registers, o0, o1, i0, i1, i2, i3]
    }

    pub(super) fn class(self) -> u8 {
        self.opcode & 7
    }

    /// Upper three bits of loads and stores.
    pub(super) fn mode(self) -> u8 {
        self.opcode & 0xe0
    }

    /// Upper four bits of arithmetic and jumps.
    pub(super) fn code(self) -> u8 {
        self.opcode & 0xf0
    }

    /// Whether the second operand is a register.
    pub(super) fn has_source_register(self) -> bool {
        self.opcode & super::SOURCE_REGISTER != 0
    }

    /// The size in loads and stores.
    pub(super) fn size(self) -> Size {
        match self.opcode & 0x18 {
            0x00 => Size::Word,
            0x08 => Size::Half,
            0x10 => Size::Byte,
            _ => Size::Double,
        }
    }
}

/// The bits of a size in the opcode.
pub(super) fn size_bits(size: Size) -> u8 {
    match size {
        Size::Word => 0x00,
        Size::Half => 0x08,
        Size::Byte => 0x10,
        Size::Double => 0x18,
    }
}
