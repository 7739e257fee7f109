//! Types: interned, with sizes and layouts.
//!
//! Sizes are those of a 64-bit Linux: `int` has 4 bytes, `long` and pointers 8, `__int128` 16; `char` is signed.
//! Structures are laid out with natural alignment.

use rustc_hash::FxHashMap;

/// The position of a type in a [`Types`]; equal types have equal ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub u32);

/// The position of a structure in a [`Types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StructId(pub u32);

/// A type with its qualifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Type {
    /// Without qualifiers.
    pub kind: TypeKind,
    /// `const`, `volatile`, `_Atomic`.
    pub quals: Quals,
}

/// Qualifiers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Quals {
    /// `const`
    pub constant: bool,
    /// `volatile`
    pub volatile: bool,
    /// `_Atomic`, `atomic_int`, `atomic<int>`, `atomic_t`
    pub atomic: bool,
}

impl Quals {
    /// No qualifier.
    pub const NONE: Quals = Quals { constant: false, volatile: false, atomic: false };

    /// Those of either.
    #[must_use]
    pub fn with(self, other: Quals) -> Quals {
        Quals {
            constant: self.constant || other.constant,
            volatile: self.volatile || other.volatile,
            atomic: self.atomic || other.atomic,
        }
    }
}

/// A type without qualifiers. Enumerations are `int`; `atomic_t` is an atomic `int`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TypeKind {
    /// `void`
    Void,
    /// `bool`: 8 bits, 0 or 1.
    Bool,
    /// An integer: 8, 16, 32, 64 or 128 bits.
    Int {
        /// Width in bits.
        bits: u8,
        /// Whether it has a sign.
        signed: bool,
    },
    /// A pointer: 64 bits.
    Pointer(TypeId),
    /// An array.
    Array(TypeId, u32),
    /// A structure.
    Struct(StructId),
    /// A lock of the kernel (`spinlock_t`, `raw_spinlock_t`): accessed as an `int`.
    Spinlock,
    /// A lock of C11 (`mtx_t`, `mutex`): accessed as an `int`.
    Mutex,
    /// `struct srcu_struct`: accessed as an `int`.
    Srcu,
}

/// How a value of a scalar type is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// Width in bits.
    pub bits: u8,
    /// Whether it has a sign. Pointers have none.
    pub signed: bool,
}

/// A member of a structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: TypeId,
    /// Distance from the start of the structure, in bytes.
    pub offset: u32,
}

/// A structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Struct {
    /// Its tag; empty if it has none.
    pub name: String,
    /// Its members in order; `None` while it is only named.
    pub fields: Option<Vec<Field>>,
    /// In bytes.
    pub size: u32,
    /// In bytes.
    pub align: u32,
}

/// The types of a test.
#[derive(Clone, Debug)]
pub struct Types {
    types: Vec<Type>,
    /// Derived and qualified types; the basic ones have fixed places.
    ids: FxHashMap<Type, TypeId>,
    structs: Vec<Struct>,
}

macro_rules! basic {
    ($($name:ident = $index:literal $kind:expr, $doc:literal;)*) => {
        impl TypeId {
            $(#[doc = $doc] pub const $name: TypeId = TypeId($index);)*
        }
        const BASIC: &[Type] = &[$(Type { kind: $kind, quals: Quals::NONE }),*];
    };
}

const fn int(bits: u8, signed: bool) -> TypeKind {
    TypeKind::Int { bits, signed }
}

basic! {
    VOID = 0 TypeKind::Void, "`void`";
    BOOL = 1 TypeKind::Bool, "`bool`";
    I8 = 2 int(8, true), "`int8_t`";
    U8 = 3 int(8, false), "`uint8_t`";
    I16 = 4 int(16, true), "`int16_t`";
    U16 = 5 int(16, false), "`uint16_t`";
    INT = 6 int(32, true), "`int`";
    UINT = 7 int(32, false), "`unsigned int`";
    I64 = 8 int(64, true), "`int64_t`";
    U64 = 9 int(64, false), "`uint64_t`";
    I128 = 10 int(128, true), "`__int128`";
    U128 = 11 int(128, false), "`unsigned __int128`";
    SPINLOCK = 12 TypeKind::Spinlock, "`spinlock_t`";
    MUTEX = 13 TypeKind::Mutex, "`mtx_t`";
    SRCU = 14 TypeKind::Srcu, "`struct srcu_struct`";
}

impl Default for Types {
    fn default() -> Types {
        Types { types: BASIC.to_vec(), ids: FxHashMap::default(), structs: Vec::new() }
    }
}

impl Types {
    /// The type of that id.
    pub fn get(&self, id: TypeId) -> Type {
        self.types[id.0 as usize]
    }

    /// The type without qualifiers.
    pub fn kind(&self, id: TypeId) -> TypeKind {
        self.get(id).kind
    }

    /// The structure of that id.
    pub fn structure(&self, id: StructId) -> &Struct {
        &self.structs[id.0 as usize]
    }

    /// The id of a type.
    pub fn intern(&mut self, ty: Type) -> TypeId {
        if ty.quals == Quals::NONE
            && let Some(id) = basic(ty.kind)
        {
            return id;
        }
        let next = TypeId(self.types.len() as u32);
        let id = *self.ids.entry(ty).or_insert(next);
        if id == next {
            self.types.push(ty);
        }
        id
    }

    /// The type with these qualifiers added. The qualifiers of an array are those of its elements.
    pub fn qualified(&mut self, id: TypeId, quals: Quals) -> TypeId {
        if quals == Quals::NONE {
            return id;
        }
        let ty = self.get(id);
        match ty.kind {
            TypeKind::Array(element, len) => {
                let element = self.qualified(element, quals);
                self.intern(Type { kind: TypeKind::Array(element, len), quals: ty.quals })
            }
            _ => self.intern(Type { quals: ty.quals.with(quals), ..ty }),
        }
    }

    /// The type without its qualifiers.
    pub fn unqualified(&mut self, id: TypeId) -> TypeId {
        let ty = self.get(id);
        if ty.quals == Quals::NONE {
            return id;
        }
        self.intern(Type { quals: Quals::NONE, ..ty })
    }

    /// A pointer to the type.
    pub fn pointer_to(&mut self, id: TypeId) -> TypeId {
        self.intern(Type { kind: TypeKind::Pointer(id), quals: Quals::NONE })
    }

    /// An array.
    pub fn array_of(&mut self, element: TypeId, len: u32) -> TypeId {
        self.intern(Type { kind: TypeKind::Array(element, len), quals: Quals::NONE })
    }

    /// What a pointer points to.
    pub fn pointee(&self, id: TypeId) -> Option<TypeId> {
        match self.kind(id) {
            TypeKind::Pointer(to) => Some(to),
            _ => None,
        }
    }

    /// Whether it is `_Atomic`.
    pub fn is_atomic(&self, id: TypeId) -> bool {
        self.get(id).quals.atomic
    }

    /// Whether it is a pointer.
    pub fn is_pointer(&self, id: TypeId) -> bool {
        matches!(self.kind(id), TypeKind::Pointer(_))
    }

    /// Whether it is an array or a structure.
    pub fn is_aggregate(&self, id: TypeId) -> bool {
        matches!(self.kind(id), TypeKind::Array(..) | TypeKind::Struct(_))
    }

    /// How values of the type are held; `None` for `void`, arrays and structures.
    pub fn scalar(&self, id: TypeId) -> Option<Scalar> {
        match self.kind(id) {
            TypeKind::Void | TypeKind::Array(..) | TypeKind::Struct(_) => None,
            TypeKind::Bool => Some(Scalar { bits: 8, signed: false }),
            TypeKind::Int { bits, signed } => Some(Scalar { bits, signed }),
            TypeKind::Pointer(_) => Some(Scalar { bits: 64, signed: false }),
            TypeKind::Spinlock | TypeKind::Mutex | TypeKind::Srcu => Some(Scalar { bits: 32, signed: true }),
        }
    }

    /// Size in bytes; 0 for `void` and structures that are only named.
    pub fn size(&self, id: TypeId) -> u64 {
        match self.kind(id) {
            TypeKind::Array(element, len) => self.size(element).saturating_mul(u64::from(len)),
            TypeKind::Struct(id) => u64::from(self.structure(id).size),
            _ => self.scalar(id).map_or(0, |scalar| u64::from(scalar.bits / 8)),
        }
    }

    /// Alignment in bytes.
    pub fn align(&self, id: TypeId) -> u64 {
        match self.kind(id) {
            TypeKind::Array(element, _) => self.align(element),
            TypeKind::Struct(id) => u64::from(self.structure(id).align.max(1)),
            _ => self.size(id).max(1),
        }
    }

    /// Whether objects of the type can exist.
    pub fn is_complete(&self, id: TypeId) -> bool {
        match self.kind(id) {
            TypeKind::Void => false,
            TypeKind::Array(element, _) => self.is_complete(element),
            TypeKind::Struct(id) => self.structure(id).fields.is_some(),
            _ => true,
        }
    }

    /// How many pointers and arrays are around each other; stops counting at 255.
    pub(crate) fn depth(&self, id: TypeId) -> u8 {
        let mut depth = 0u8;
        let mut id = id;
        while let TypeKind::Pointer(inner) | TypeKind::Array(inner, _) = self.kind(id) {
            depth = depth.saturating_add(1);
            if depth == u8::MAX {
                break;
            }
            id = inner;
        }
        depth
    }

    /// The member of that name of a structure.
    pub fn field(&self, id: TypeId, name: &str) -> Option<&Field> {
        let TypeKind::Struct(id) = self.kind(id) else { return None };
        self.structure(id).fields.as_ref()?.iter().find(|field| field.name == name)
    }

    /// The type as C writes it: `int`, `unsigned long *`, `struct foo [2]`.
    pub fn name(&self, id: TypeId) -> String {
        let mut out = String::new();
        self.write_name(id, &mut out);
        out
    }

    fn write_name(&self, id: TypeId, out: &mut String) {
        let ty = self.get(id);
        let is_pointer = matches!(ty.kind, TypeKind::Pointer(_));
        let mut quals = String::new();
        for (on, word) in
            [(ty.quals.constant, "const"), (ty.quals.volatile, "volatile"), (ty.quals.atomic, "_Atomic")]
        {
            if on {
                quals.push_str(word);
                quals.push(' ');
            }
        }
        if !is_pointer {
            out.push_str(&quals);
        }
        match ty.kind {
            TypeKind::Void => out.push_str("void"),
            TypeKind::Bool => out.push_str("bool"),
            TypeKind::Int { bits: 32, signed: true } => out.push_str("int"),
            TypeKind::Int { bits: 32, signed: false } => out.push_str("unsigned int"),
            TypeKind::Int { bits: 128, signed } => {
                out.push_str(if signed { "__int128" } else { "unsigned __int128" });
            }
            TypeKind::Int { bits, signed } => {
                let sign = if signed { "" } else { "u" };
                out.push_str(&format!("{sign}int{bits}_t"));
            }
            TypeKind::Pointer(to) => {
                self.write_name(to, out);
                if !out.ends_with('*') {
                    out.push(' ');
                }
                out.push('*');
                if !quals.is_empty() {
                    out.push_str(quals.trim_end());
                }
            }
            TypeKind::Array(element, len) => {
                self.write_name(element, out);
                out.push_str(&format!("[{len}]"));
            }
            TypeKind::Struct(id) => {
                out.push_str("struct ");
                let name = &self.structure(id).name;
                out.push_str(if name.is_empty() { "{…}" } else { name });
            }
            TypeKind::Spinlock => out.push_str("spinlock_t"),
            TypeKind::Mutex => out.push_str("mtx_t"),
            TypeKind::Srcu => out.push_str("struct srcu_struct"),
        }
    }

    /// A new structure of which only the tag is known.
    pub(crate) fn declare_struct(&mut self, name: &str) -> StructId {
        self.structs.push(Struct { name: name.to_owned(), fields: None, size: 0, align: 1 });
        StructId(self.structs.len() as u32 - 1)
    }

    /// Lays the members out. `None` if the structure is too large.
    pub(crate) fn define_struct(&mut self, id: StructId, members: Vec<(String, TypeId)>) -> Option<()> {
        let mut offset = 0u64;
        let mut align = 1u64;
        let mut fields = Vec::with_capacity(members.len());
        for (name, ty) in members {
            let own = self.align(ty);
            align = align.max(own);
            offset = offset.next_multiple_of(own);
            fields.push(Field { name, ty, offset: u32::try_from(offset).ok()? });
            offset = offset.checked_add(self.size(ty))?;
        }
        let size = offset.next_multiple_of(align);
        let all = &mut self.structs[id.0 as usize];
        all.size = u32::try_from(size).ok().filter(|size| *size <= MAX_SIZE)?;
        all.align = align as u32;
        all.fields = Some(fields);
        Some(())
    }
}

/// The size of the largest object, in bytes.
pub(super) const MAX_SIZE: u32 = 1 << 20;

fn basic(kind: TypeKind) -> Option<TypeId> {
    Some(match kind {
        TypeKind::Void => TypeId::VOID,
        TypeKind::Bool => TypeId::BOOL,
        TypeKind::Int { bits, signed } => {
            let signed = u32::from(!signed);
            TypeId(
                signed
                    + if bits <= 8 {
                        2
                    } else if bits <= 16 {
                        4
                    } else if bits <= 32 {
                        6
                    } else if bits <= 64 {
                        8
                    } else {
                        10
                    },
            )
        }
        TypeKind::Spinlock => TypeId::SPINLOCK,
        TypeKind::Mutex => TypeId::MUTEX,
        TypeKind::Srcu => TypeId::SRCU,
        TypeKind::Pointer(_) | TypeKind::Array(..) | TypeKind::Struct(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_types_have_fixed_places() {
        let mut types = Types::default();
        for (i, ty) in BASIC.iter().enumerate() {
            assert_eq!(types.intern(*ty), TypeId(i as u32));
        }
    }

    #[test]
    fn structures_have_natural_alignment() {
        let mut types = Types::default();
        let id = types.declare_struct("s");
        let members = [("a", TypeId::I8), ("b", TypeId::I64), ("c", TypeId::I16)];
        let members = members.map(|(name, ty)| (name.to_owned(), ty)).to_vec();
        assert_eq!(types.define_struct(id, members), Some(()));
        let ty = types.intern(Type { kind: TypeKind::Struct(id), quals: Quals::NONE });
        let offsets = ["a", "b", "c"].map(|name| types.field(ty, name).map(|field| field.offset));
        assert_eq!(offsets, [Some(0), Some(8), Some(16)]);
        assert_eq!((types.size(ty), types.align(ty)), (24, 8));
    }
}
