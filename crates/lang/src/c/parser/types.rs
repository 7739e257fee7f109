//! Types as they are written: specifiers and declarators.

use syntax::Span;

use super::scope::Entry;
use super::{Failed, Parser, Result};
use crate::c::ast::FunctionId;
use crate::c::lexer::{Kind, Token};
use crate::c::types::{MAX_SIZE, Quals, StructId, Type, TypeId, TypeKind};

/// Pointers to arrays of pointers to ….
const MAX_TYPE_DEPTH: u8 = 32;

/// More members than this has no structure of a test.
const MAX_MEMBERS: usize = 1024;

const ATOMIC: Quals = Quals { constant: false, volatile: false, atomic: true };
const CONST: Quals = Quals { constant: true, volatile: false, atomic: false };
const VOLATILE: Quals = Quals { constant: false, volatile: true, atomic: false };

/// Where a declared thing lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Storage {
    #[default]
    Plain,
    Typedef,
    Static,
    Extern,
}

/// What stands before declarators.
#[derive(Clone, Copy, Debug)]
pub(super) struct Specifiers {
    pub(super) ty: TypeId,
    pub(super) storage: Storage,
    /// The type is that of the initialiser.
    pub(super) is_auto: bool,
    pub(super) span: Span,
}

/// A declared name and its type.
#[derive(Clone, Debug)]
pub(super) struct Declarator {
    pub(super) name: Option<Token>,
    pub(super) ty: TypeId,
    /// For functions (`ty` is what it returns): the parameters.
    pub(super) parameters: Option<Vec<(Option<Token>, TypeId)>>,
    /// `int x[]`: the length is that of the initialiser; `ty` is the array with length 0.
    pub(super) unsized_array: bool,
    pub(super) span: Span,
}

/// What a tag means.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tag {
    Struct(StructId),
    Enum,
}

/// The words of a basic type.
#[derive(Default)]
struct Words {
    signed: bool,
    unsigned: bool,
    char: bool,
    short: bool,
    int: bool,
    long: u8,
    base: Option<TypeId>,
}

impl Words {
    fn any(&self) -> bool {
        self.signed || self.unsigned || self.char || self.short || self.int || self.long > 0
    }

    fn ty(&self) -> Option<TypeId> {
        let pick = |signed, unsigned| if self.unsigned { unsigned } else { signed };
        match self.base {
            Some(TypeId::I128) if !self.char && !self.short && self.long == 0 => {
                Some(pick(TypeId::I128, TypeId::U128))
            }
            Some(base) if !self.any() => Some(base),
            Some(_) => None,
            None if !self.any() || (self.signed && self.unsigned) => None,
            None if self.char && (self.short || self.int || self.long > 0) => None,
            None if self.char => Some(pick(TypeId::I8, TypeId::U8)),
            None if self.short && self.long > 0 => None,
            None if self.short => Some(pick(TypeId::I16, TypeId::U16)),
            None if self.long > 0 => Some(pick(TypeId::I64, TypeId::U64)),
            None => Some(pick(TypeId::INT, TypeId::UINT)),
        }
    }
}

/// Types that headers declare.
pub(super) fn builtin(name: &str) -> Option<(TypeId, Quals)> {
    let plain = |ty| Some((ty, Quals::NONE));
    match name {
        "int8_t" | "s8" | "__s8" => plain(TypeId::I8),
        "uint8_t" | "u8" | "__u8" => plain(TypeId::U8),
        "int16_t" | "s16" | "__s16" => plain(TypeId::I16),
        "uint16_t" | "u16" | "__u16" => plain(TypeId::U16),
        "int32_t" | "s32" | "__s32" | "atomic_t" | "refcount_t" | "rwlock_t" | "seqlock_t" | "seqcount_t" => {
            plain(TypeId::INT)
        }
        "uint32_t" | "u32" | "__u32" => plain(TypeId::UINT),
        "int64_t" | "s64" | "__s64" | "intptr_t" | "ptrdiff_t" | "ssize_t" | "intmax_t" | "atomic64_t"
        | "atomic_long_t" => plain(TypeId::I64),
        "uint64_t" | "u64" | "__u64" | "uintptr_t" | "size_t" | "uintmax_t" => plain(TypeId::U64),
        "__uint128_t" => plain(TypeId::U128),
        "memory_order" => plain(TypeId::INT),
        "spinlock_t" | "raw_spinlock_t" => plain(TypeId::SPINLOCK),
        "mtx_t" | "mutex" => plain(TypeId::MUTEX),
        _ => {
            let base = match name.strip_prefix("atomic_")? {
                "bool" | "flag" => TypeId::BOOL,
                "char" | "schar" | "int8_t" => TypeId::I8,
                "uchar" | "uint8_t" => TypeId::U8,
                "short" | "int16_t" => TypeId::I16,
                "ushort" | "uint16_t" => TypeId::U16,
                "int" | "int32_t" => TypeId::INT,
                "uint" | "uint32_t" => TypeId::UINT,
                "long" | "llong" | "int64_t" | "intptr_t" | "ptrdiff_t" | "intmax_t" => TypeId::I64,
                "ulong" | "ullong" | "uint64_t" | "uintptr_t" | "size_t" | "uintmax_t" => TypeId::U64,
                _ => return None,
            };
            Some((base, ATOMIC))
        }
    }
}

impl<'a> Parser<'a> {
    /// Whether a type or a declaration starts `ahead` tokens from here.
    pub(super) fn starts_type(&self, ahead: usize) -> bool {
        match self.kind_at(ahead) {
            Kind::Name => {
                let Some(token) = self.tokens.get(self.at + ahead) else { return false };
                let name = self.text(*token);
                match self.scopes.find(name) {
                    Some(entry) => matches!(entry, Entry::Typedef(_)),
                    None => self.starts_library_type(name, ahead),
                }
            }
            Kind::Void
            | Kind::CharType
            | Kind::Short
            | Kind::Int
            | Kind::Long
            | Kind::Signed
            | Kind::Unsigned
            | Kind::Float
            | Kind::Double
            | Kind::Bool
            | Kind::Int128
            | Kind::Struct
            | Kind::Union
            | Kind::Enum
            | Kind::Typedef
            | Kind::Const
            | Kind::Volatile
            | Kind::Atomic
            | Kind::Restrict
            | Kind::Static
            | Kind::Extern
            | Kind::Inline
            | Kind::Register
            | Kind::Auto
            | Kind::Typeof
            | Kind::Attribute
            | Kind::ThreadLocal => true,
            _ => false,
        }
    }

    fn starts_library_type(&self, name: &str, ahead: usize) -> bool {
        let next = self.kind_at(ahead + 1);
        match name {
            "std" if next == Kind::DoubleColon => {
                let name = self.tokens.get(self.at + ahead + 2).map_or("", |token| self.text(*token));
                name == "atomic" || (builtin(name).is_some() && self.kind_at(ahead + 3) != Kind::DoubleColon)
            }
            "atomic" => next == Kind::Less,
            _ => !matches!(next, Kind::LeftParen | Kind::DoubleColon) && builtin(name).is_some(),
        }
    }

    /// `int *`, in a cast or in `sizeof`.
    pub(super) fn type_name_here(&mut self) -> Result<TypeId> {
        let specifiers = self.specifiers()?;
        let declarator = self.declarator(specifiers.ty)?;
        if let Some(name) = declarator.name {
            let span = self.span(name);
            self.error("c::syntax", span, "a type has no name here");
            return Err(Failed);
        }
        if declarator.parameters.is_some() {
            return self.unsupported(declarator.span, "a pointer to a function", "call the function");
        }
        Ok(declarator.ty)
    }

    /// The specifiers of a declaration.
    pub(super) fn specifiers(&mut self) -> Result<Specifiers> {
        let start = self.here();
        let mut words = Words::default();
        let mut quals = Quals::NONE;
        let mut storage = Storage::Plain;
        let mut is_auto = false;
        loop {
            let token = self.token();
            match token.kind {
                Kind::Const => quals = quals.with(CONST),
                Kind::Volatile => quals = quals.with(VOLATILE),
                Kind::Restrict | Kind::Inline | Kind::Register => {}
                Kind::Atomic if self.kind_at(1) == Kind::LeftParen => {
                    self.at += 2;
                    let ty = self.deeper(Parser::type_name_here)?;
                    self.expect(Kind::RightParen)?;
                    words.base = Some(self.unit.types.qualified(ty, ATOMIC));
                    continue;
                }
                Kind::Atomic => quals = quals.with(ATOMIC),
                Kind::Typedef => storage = Storage::Typedef,
                Kind::Static => storage = Storage::Static,
                Kind::Extern => storage = Storage::Extern,
                Kind::Auto => is_auto = true,
                Kind::ThreadLocal => {
                    let help = "declare the variable in the thread";
                    return self.unsupported(start, "a variable of each thread at file scope", help);
                }
                Kind::Attribute => {
                    self.attribute()?;
                    continue;
                }
                Kind::Signed => words.signed = true,
                Kind::Unsigned => words.unsigned = true,
                Kind::CharType => words.char = true,
                Kind::Short => words.short = true,
                Kind::Int => words.int = true,
                Kind::Long => words.long = words.long.saturating_add(1),
                Kind::Void => words.base = Some(TypeId::VOID),
                Kind::Bool => words.base = Some(TypeId::BOOL),
                Kind::Int128 => words.base = Some(TypeId::I128),
                Kind::Float | Kind::Double => {
                    let span = self.span(token);
                    return self.unsupported(span, super::FLOATING, "use integers");
                }
                Kind::Union => {
                    let span = self.span(token);
                    return self.unsupported(
                        span,
                        "a union",
                        "use a structure, or one variable for each member",
                    );
                }
                Kind::Struct => {
                    words.base = Some(self.struct_specifier()?);
                    continue;
                }
                Kind::Enum => {
                    words.base = Some(self.enum_specifier()?);
                    continue;
                }
                Kind::Typeof => {
                    words.base = Some(self.type_of()?);
                    continue;
                }
                Kind::Name if words.base.is_none() && !words.any() && !is_auto && self.starts_type(0) => {
                    words.base = Some(self.named_type()?);
                    continue;
                }
                _ => break,
            }
            self.at += 1;
        }
        let span = self.span_from(start);
        let ty = match words.ty() {
            Some(ty) => ty,
            None if is_auto && words.base.is_none() && !words.any() => TypeId::INT,
            None if words.any() || words.base.is_some() => {
                self.error("c::syntax", span, "these words make no type");
                return Err(Failed);
            }
            None => return self.unexpected("a type"),
        };
        let is_auto = is_auto && words.base.is_none() && !words.any();
        let ty = self.unit.types.qualified(ty, quals);
        Ok(Specifiers { ty, storage, is_auto, span })
    }

    /// `__attribute__((…))` says nothing that matters.
    fn attribute(&mut self) -> Result<()> {
        self.at += 1;
        if self.kind() != Kind::LeftParen {
            return self.unexpected("`(`");
        }
        self.skip_parens()
    }

    /// Skips from `(` to behind its `)`.
    fn skip_parens(&mut self) -> Result<()> {
        let mut depth = 0usize;
        loop {
            match self.bump().kind {
                Kind::LeftParen => depth += 1,
                Kind::RightParen => {
                    depth -= 1;
                    if depth == 0 {
                        return Ok(());
                    }
                }
                Kind::End => return self.unexpected("`)`"),
                _ => {}
            }
        }
    }

    /// A name that is known to start a type.
    fn named_type(&mut self) -> Result<TypeId> {
        let token = self.bump();
        let mut name = self.text(token);
        if let Some(Entry::Typedef(ty)) = self.scopes.find(name) {
            return Ok(ty);
        }
        if name == "std" {
            self.expect(Kind::DoubleColon)?;
            let token = self.expect(Kind::Name)?;
            name = self.text(token);
        }
        if name == "atomic" {
            self.expect(Kind::Less)?;
            let ty = self.deeper(Parser::type_name_here)?;
            self.expect(Kind::Greater)?;
            return Ok(self.unit.types.qualified(ty, ATOMIC));
        }
        let Some((ty, quals)) = builtin(name) else { return self.unexpected("a type") };
        Ok(self.unit.types.qualified(ty, quals))
    }

    fn type_of(&mut self) -> Result<TypeId> {
        self.at += 1;
        self.expect(Kind::LeftParen)?;
        let ty = if self.starts_type(0) {
            self.deeper(Parser::type_name_here)?
        } else {
            let id = self.deeper(Parser::expression)?;
            self.ty(id)
        };
        self.expect(Kind::RightParen)?;
        Ok(ty)
    }

    /// `struct tag`, `struct tag { … }`
    fn struct_specifier(&mut self) -> Result<TypeId> {
        let keyword = self.bump();
        while self.kind() == Kind::Attribute {
            self.attribute()?;
        }
        let name = if self.kind() == Kind::Name { Some(self.bump()) } else { None };
        let text = name.map_or("", |name| self.text(name));
        if self.kind() != Kind::LeftBrace {
            if name.is_none() {
                return self.unexpected("a name or `{`");
            }
            match (text, self.tags.get(text)) {
                ("srcu_struct", None) => return Ok(TypeId::SRCU),
                ("mutex" | "rw_semaphore" | "completion", None) => return Ok(TypeId::INT),
                _ => {}
            }
        }
        let span = self.span(name.unwrap_or(keyword));
        let id = match self.tags.get(text) {
            Some(Tag::Struct(id)) if name.is_some() => *id,
            Some(Tag::Enum) if name.is_some() => {
                self.error("c::type", span, format!("`{text}` is an enumeration"));
                return Err(Failed);
            }
            _ => {
                let id = self.unit.types.declare_struct(text);
                if name.is_some() {
                    self.tags.insert(text, Tag::Struct(id));
                }
                id
            }
        };
        if self.kind() == Kind::LeftBrace {
            self.at += 1;
            if self.unit.types.structure(id).fields.is_some() {
                self.error("c::type", span, format!("`struct {text}` is defined already"));
                return Err(Failed);
            }
            let members = self.deeper(Parser::members)?;
            self.expect(Kind::RightBrace)?;
            if members.is_empty() {
                return self.unsupported(span, "a structure without members", "give it one");
            }
            if self.unit.types.define_struct(id, members).is_none() {
                self.error("c::too-complex", span, format!("this structure has more than {MAX_SIZE} bytes"));
                return Err(Failed);
            }
        }
        Ok(self.unit.types.intern(Type { kind: TypeKind::Struct(id), quals: Quals::NONE }))
    }

    fn members(&mut self) -> Result<Vec<(String, TypeId)>> {
        let mut members: Vec<(String, TypeId)> = Vec::new();
        let mut names = rustc_hash::FxHashSet::default();
        while self.kind() != Kind::RightBrace {
            let specifiers = self.specifiers()?;
            if self.kind() == Kind::Semicolon {
                return self.unsupported(specifiers.span, "a member without a name", "give it a name");
            }
            loop {
                let declarator = self.declarator(specifiers.ty)?;
                if self.kind() == Kind::Colon {
                    return self.unsupported(declarator.span, "a bit-field", "use a member of its own");
                }
                let Some(name) = declarator.name else { return self.unexpected("a name") };
                if declarator.unsized_array {
                    return self.unsupported(declarator.span, "an array without length", "give it a length");
                }
                self.check_object(&declarator)?;
                let text = self.text(name);
                if !names.insert(text) {
                    let span = self.span(name);
                    self.error("c::type", span, format!("there is a member `{text}` already"));
                    return Err(Failed);
                }
                if members.len() >= MAX_MEMBERS {
                    let span = self.span(name);
                    self.error("c::too-complex", span, "this structure has too many members");
                    return Err(Failed);
                }
                members.push((text.to_owned(), declarator.ty));
                if !self.eat(Kind::Comma) {
                    break;
                }
            }
            self.expect(Kind::Semicolon)?;
        }
        Ok(members)
    }

    /// Whether a variable or a member can be what was declared.
    pub(super) fn check_object(&mut self, declarator: &Declarator) -> Result<()> {
        if declarator.parameters.is_some() {
            return self.unsupported(declarator.span, "a function here", "define it beside the threads");
        }
        if !self.unit.types.is_complete(declarator.ty) {
            let message = match self.unit.types.kind(declarator.ty) {
                TypeKind::Void => "nothing can have the type `void`".to_owned(),
                _ => format!("nothing says what is in `{}`", self.type_name(declarator.ty)),
            };
            self.error("c::type", declarator.span, message);
            return Err(Failed);
        }
        if self.unit.types.size(declarator.ty) > u64::from(MAX_SIZE) {
            let message = format!("this has more than {MAX_SIZE} bytes");
            self.error("c::too-complex", declarator.span, message);
            return Err(Failed);
        }
        Ok(())
    }

    /// `enum tag { A, B = 3 }`
    fn enum_specifier(&mut self) -> Result<TypeId> {
        self.at += 1;
        let name = if self.kind() == Kind::Name { Some(self.bump()) } else { None };
        if let Some(name) = name {
            let text = self.text(name);
            self.tags.entry(text).or_insert(Tag::Enum);
        }
        if self.kind() != Kind::LeftBrace {
            return if name.is_some() { Ok(TypeId::INT) } else { self.unexpected("a name or `{`") };
        }
        self.at += 1;
        let mut next = 0i128;
        while self.kind() != Kind::RightBrace {
            let name = self.expect(Kind::Name)?;
            if self.eat(Kind::Equal) {
                next = self.constant_expression("an enumerator")?.0;
            }
            let value = self.wrap(next, TypeId::INT);
            let text = self.text(name);
            self.scopes.declare(text, Entry::Constant(value));
            next = value + 1;
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        self.expect(Kind::RightBrace)?;
        Ok(TypeId::INT)
    }

    /// `*x`, `x[3]`, `(*x)[2]`, `f(int a)`; the name may be missing.
    pub(super) fn declarator(&mut self, base: TypeId) -> Result<Declarator> {
        self.deeper(|parser| parser.declarator_here(base))
    }

    fn declarator_here(&mut self, base: TypeId) -> Result<Declarator> {
        let start = self.here();
        let mut ty = base;
        while self.eat(Kind::Star) {
            ty = self.unit.types.pointer_to(ty);
            let mut quals = Quals::NONE;
            loop {
                match self.kind() {
                    Kind::Const => quals = quals.with(CONST),
                    Kind::Volatile => quals = quals.with(VOLATILE),
                    Kind::Atomic => quals = quals.with(ATOMIC),
                    Kind::Restrict => {}
                    _ => break,
                }
                self.at += 1;
            }
            ty = self.unit.types.qualified(ty, quals);
            self.check_type_depth(ty, start)?;
        }
        let nested = self.kind() == Kind::LeftParen
            && matches!(self.kind_at(1), Kind::Star | Kind::LeftParen | Kind::Name)
            && !self.starts_type(1);
        if nested {
            return self.nested_declarator(ty, start);
        }
        self.check_type_depth(ty, start)?;
        let name = if self.kind() == Kind::Name { Some(self.bump()) } else { None };
        let (ty, unsized_array, parameters) = self.declarator_suffixes(ty)?;
        while self.kind() == Kind::Attribute {
            self.attribute()?;
        }
        let span = name.map_or(start, |name| self.span(name));
        Ok(Declarator { name, ty, parameters, unsized_array, span })
    }

    /// `(*x)[3]`: what is inside applies last.
    fn nested_declarator(&mut self, base: TypeId, start: Span) -> Result<Declarator> {
        let inside = self.at + 1;
        self.skip_parens()?;
        let (ty, unsized_array, parameters) = self.declarator_suffixes(base)?;
        if parameters.is_some() {
            return self.unsupported(start, "a pointer to a function", "call the function by its name");
        }
        let end = std::mem::replace(&mut self.at, inside);
        let declarator = self.declarator(ty)?;
        self.expect(Kind::RightParen)?;
        self.at = end;
        let unsized_array = unsized_array && declarator.ty == ty;
        Ok(Declarator { unsized_array: unsized_array || declarator.unsized_array, ..declarator })
    }

    /// `[3][]`, `(int a, int b)`
    #[expect(clippy::type_complexity, reason = "three answers that are used in one place")]
    fn declarator_suffixes(
        &mut self,
        base: TypeId,
    ) -> Result<(TypeId, bool, Option<Vec<(Option<Token>, TypeId)>>)> {
        let start = self.here();
        if self.kind() == Kind::LeftParen {
            let parameters = self.deeper(Parser::parameters)?;
            return Ok((base, false, Some(parameters)));
        }
        let mut dimensions: Vec<Option<u32>> = Vec::new();
        while self.eat(Kind::LeftBracket) {
            while matches!(self.kind(), Kind::Static | Kind::Const | Kind::Volatile | Kind::Restrict) {
                self.at += 1;
            }
            if self.eat(Kind::RightBracket) {
                if !dimensions.is_empty() {
                    let span = self.span_from(start);
                    self.error("c::type", span, "only the first dimension can be left out");
                    return Err(Failed);
                }
                dimensions.push(None);
                continue;
            }
            let (len, span) = self.constant_expression("the length of an array")?;
            let Some(len) = u32::try_from(len).ok().filter(|len| (1..=MAX_SIZE).contains(len)) else {
                self.error("c::type", span, format!("an array has 1 to {MAX_SIZE} elements, not {len}"));
                return Err(Failed);
            };
            dimensions.push(Some(len));
            self.expect(Kind::RightBracket)?;
        }
        let unsized_array = matches!(dimensions.first(), Some(None));
        let mut ty = base;
        for len in dimensions.iter().rev() {
            if !self.unit.types.is_complete(ty) {
                let message = format!("there are no arrays of `{}`", self.type_name(ty));
                self.error("c::type", start, message);
                return Err(Failed);
            }
            ty = self.unit.types.array_of(ty, len.unwrap_or(0));
            self.check_type_depth(ty, start)?;
        }
        Ok((ty, unsized_array, None))
    }

    fn check_type_depth(&mut self, ty: TypeId, span: Span) -> Result<()> {
        if self.unit.types.depth(ty) > MAX_TYPE_DEPTH {
            self.error("c::too-complex", span, "this type is too complicated");
            return Err(Failed);
        }
        Ok(())
    }

    /// The parameters of a helper function.
    fn parameters(&mut self) -> Result<Vec<(Option<Token>, TypeId)>> {
        self.expect(Kind::LeftParen)?;
        let mut parameters = Vec::new();
        if self.eat(Kind::RightParen) {
            return Ok(parameters);
        }
        if self.kind() == Kind::Void && self.kind_at(1) == Kind::RightParen {
            self.at += 2;
            return Ok(parameters);
        }
        loop {
            if self.kind() == Kind::Ellipsis {
                let span = self.here();
                return self.unsupported(span, "a variable number of arguments", "name every parameter");
            }
            if !self.starts_type(0) {
                return self.unexpected("the type of a parameter");
            }
            let specifiers = self.specifiers()?;
            let declarator = self.declarator(specifiers.ty)?;
            if declarator.parameters.is_some() {
                return self.unsupported(
                    declarator.span,
                    "a pointer to a function",
                    "call the function by its name",
                );
            }
            let ty = match self.unit.types.kind(declarator.ty) {
                TypeKind::Array(element, _) => self.unit.types.pointer_to(element),
                TypeKind::Struct(_) => {
                    let help = "pass a pointer to it";
                    return self.unsupported(declarator.span, "a structure as a parameter", help);
                }
                TypeKind::Void => {
                    self.error("c::type", declarator.span, "nothing can have the type `void`");
                    return Err(Failed);
                }
                _ => declarator.ty,
            };
            parameters.push((declarator.name, ty));
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        self.expect(Kind::RightParen)?;
        Ok(parameters)
    }

    /// The helper function that a name means.
    pub(super) fn function_named(&self, name: &str) -> Option<FunctionId> {
        match self.scopes.find(name) {
            Some(Entry::Function(id)) => Some(id),
            _ => None,
        }
    }
}
