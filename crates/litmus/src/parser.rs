//! What the readers of the initial state and of conditions share: looking ahead, errors, values and places.

use syntax::{Diagnostic, FileId, Span};

use crate::MAX_NESTING;
use crate::ast::{Comment, Field, Int, Literal, Place, Section, Type};
use crate::lexer::{Lexer, Token};
use crate::scan::Comments;

/// An error was found and recorded; what was being read makes no sense.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failed;

pub(crate) type Result<T> = std::result::Result<T, Failed>;

/// A reader of tokens with one token of lookahead, and a second on demand.
pub(crate) struct Parser<'a> {
    lexer: Lexer<'a>,
    pub(crate) token: Token<'a>,
    pub(crate) span: Span,
    second: Option<(Token<'a>, Span)>,
    /// The span of the token read last.
    pub(crate) last: Span,
    depth: usize,
    /// What part of a test this is, for messages.
    what: &'static str,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(
        file: FileId,
        text: &'a str,
        range: std::ops::Range<usize>,
        section: Section,
        style: Comments,
    ) -> Parser<'a> {
        let mut lexer = Lexer::new(file, text, range.start, range.end, section, style);
        let (token, span) = lexer.next();
        let what = if section == Section::Init { "initial state" } else { "condition" };
        Parser { lexer, token, span, second: None, last: span, depth: 0, what }
    }

    /// The comments and errors of the part, once it is read.
    pub(crate) fn finish(self) -> (Vec<Comment>, Vec<Diagnostic>) {
        (self.lexer.comments, self.lexer.errors)
    }

    /// The whole file's text.
    pub(crate) fn text(&self) -> &'a str {
        self.lexer.text
    }

    pub(crate) fn second(&mut self) -> Token<'a> {
        if self.second.is_none() {
            self.second = Some(self.lexer.next());
        }
        self.second.map_or(Token::End, |(token, _)| token)
    }

    /// The file up to the end of the part, and where the present token starts in it; unless more tokens were read already.
    pub(crate) fn unread(&self) -> Option<(&'a [u8], usize)> {
        if self.second.is_some() { None } else { Some((self.lexer.bytes(), self.span.start as usize)) }
    }

    /// Goes on with the token that starts at `next`. What was read before it, which [`Parser::unread`] gave, ends at `end`.
    pub(crate) fn go_on(&mut self, end: usize, next: usize) {
        self.last = Span::new(self.span.file, self.span.start as usize, end);
        self.lexer.skip_to(next);
        (self.token, self.span) = self.lexer.next();
    }

    pub(crate) fn bump(&mut self) {
        self.last = self.span;
        (self.token, self.span) = match self.second {
            None => self.lexer.next(),
            Some(pair) => {
                self.second = None;
                pair
            }
        };
    }

    // Inlined, so that the comparison with a constant is a few instructions.
    #[inline(always)]
    pub(crate) fn at(&self, punct: &'static str) -> bool {
        matches!(self.token, Token::Punct(found) if found == punct)
    }

    #[inline(always)]
    pub(crate) fn at_word(&self, word: &str) -> bool {
        matches!(self.token, Token::Word(found) if found == word)
    }

    #[inline(always)]
    pub(crate) fn eat(&mut self, punct: &'static str) -> bool {
        let found = self.at(punct);
        if found {
            self.bump();
        }
        found
    }

    pub(crate) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.at_word(word);
        if found {
            self.bump();
        }
        found
    }

    #[inline(always)]
    pub(crate) fn expect(&mut self, punct: &'static str) -> Result<()> {
        if self.eat(punct) { Ok(()) } else { self.missing(punct) }
    }

    #[cold]
    fn missing(&mut self, punct: &'static str) -> Result<()> {
        self.unexpected(&format!("`{punct}`"))
    }

    pub(crate) fn error(&mut self, diagnostic: Diagnostic) {
        self.lexer.errors.push(diagnostic);
    }

    /// Whether an error was recorded already.
    pub(crate) fn error_count(&self) -> usize {
        self.lexer.errors.len()
    }

    /// Records that the next token isn't what must stand here.
    #[cold]
    pub(crate) fn unexpected<T>(&mut self, expected: &str) -> Result<T> {
        let message = format!("{} in the {}: expected {expected}", described(&self.token), self.what);
        self.error(Diagnostic::error("litmus::unexpected-token", self.span, message));
        Err(Failed)
    }

    /// Runs `read` one level deeper.
    pub(crate) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= MAX_NESTING {
            return self.too_deep();
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Records that something nests too deep.
    pub(crate) fn too_deep<T>(&mut self) -> Result<T> {
        let message = format!("this is nested more than {MAX_NESTING} levels deep");
        self.error(Diagnostic::error("litmus::too-deep", self.span, message));
        Err(Failed)
    }

    /// Whether `0:` or `P0:` comes next.
    pub(crate) fn at_thread(&mut self) -> bool {
        self.thread_ahead().is_some()
    }

    /// The thread, if `0:` or `P0:` comes next.
    fn thread_ahead(&mut self) -> Option<u32> {
        let thread = match self.token {
            Token::Number(digits) => thread_number(digits)?,
            Token::Word(word) => thread_number(word.strip_prefix('P')?)?,
            _ => return None,
        };
        self.colon_follows().then_some(thread)
    }

    /// Whether the second token is `:`, without reading it.
    #[inline]
    fn colon_follows(&mut self) -> bool {
        match self.second {
            Some((token, _)) => token == Token::Punct(":"),
            None => self.lexer.comes_next(b':'),
        }
    }

    /// Reads `0` or `P0`.
    pub(crate) fn thread(&mut self) -> Result<u32> {
        let number = match self.token {
            Token::Number(digits) => thread_number(digits),
            Token::Word(word) => word.strip_prefix('P').and_then(thread_number),
            _ => None,
        };
        match number {
            Some(number) => {
                self.bump();
                Ok(number)
            }
            None => self.unexpected("a thread such as `P0`"),
        }
    }

    pub(crate) fn word(&mut self, expected: &str) -> Result<String> {
        let token = self.token;
        match token {
            Token::Word(word) | Token::Quoted(word) => {
                self.bump();
                Ok(word.to_owned())
            }
            _ => self.unexpected(expected),
        }
    }

    /// Reads an integer with its sign.
    pub(crate) fn int(&mut self) -> Result<Int> {
        let start = self.span;
        let negative = self.eat("-");
        let Token::Number(digits) = self.token else { return self.unexpected("a number") };
        // Almost all numbers are like this.
        if let Some(small) = small_decimal(digits.as_bytes())
            && !(negative && small == 0)
        {
            self.bump();
            return Ok(Int::new(i128::from(if negative { -small } else { small })));
        }
        let Some(magnitude) = magnitude(digits) else {
            let message = format!("`{digits}` is not a number of at most 128 bits");
            self.error(Diagnostic::error("litmus::bad-number", self.span, message));
            return Err(Failed);
        };
        self.bump();
        let value = if negative { magnitude.wrapping_neg() } else { magnitude } as i128;
        let plain = is_plain_decimal(digits) && (value < 0) == negative;
        let text = (!plain).then(|| {
            let written = &self.text()[start.start as usize..self.last.end as usize];
            written.split_whitespace().collect::<String>().into_boxed_str()
        });
        Ok(Int { value, text })
    }

    fn index(&mut self) -> Result<u64> {
        self.expect("[")?;
        let span = self.span;
        let int = self.int()?;
        self.expect("]")?;
        u64::try_from(int.value).map_err(|_| {
            self.error(Diagnostic::error("litmus::bad-index", span, "an index can't be negative or huge"));
            Failed
        })
    }

    /// Reads `[3]` behind an array's name.
    pub(crate) fn dimension(&mut self) -> Result<u64> {
        self.index()
    }

    /// Reads `* * …` and says how many there are.
    pub(crate) fn stars(&mut self) -> u32 {
        let mut count = 0;
        while self.eat("*") {
            count += 1;
        }
        count
    }

    /// Reads a value.
    pub(crate) fn literal(&mut self) -> Result<Literal> {
        self.nested(Self::literal_here)
    }

    fn literal_here(&mut self) -> Result<Literal> {
        let token = self.token;
        match token {
            Token::Number(_) if self.at_thread() => self.behind_number(),
            Token::Number(_) | Token::Punct("-") => {
                let int = self.int()?;
                self.tagged(Literal::Int(int))
            }
            Token::Word(_) if self.at_thread() => {
                let thread = self.thread()?;
                self.bump();
                Ok(Literal::Label { thread, name: self.word("a label")? })
            }
            Token::Word(_) => self.behind_word(),
            Token::Quoted(name) => {
                self.bump();
                self.behind_name(name)
            }
            Token::Punct("&") => {
                self.bump();
                let name = self.word("the name of a location")?;
                self.behind_name(&name)
            }
            Token::Punct(":") => {
                self.bump();
                Ok(Literal::Tags(vec![self.word("a tag")?]))
            }
            Token::Punct("{") => self.braces(),
            Token::Punct("(") => self.record(),
            _ => self.unexpected("a value"),
        }
    }

    /// `0:L0` is a label; `1:2` is not.
    fn behind_number(&mut self) -> Result<Literal> {
        let int = self.int()?;
        self.bump();
        let token = self.token;
        match token {
            Token::Word(name) | Token::Quoted(name) => {
                self.bump();
                let thread = u32::try_from(int.value).unwrap_or(u32::MAX);
                Ok(Literal::Label { thread, name: name.to_owned() })
            }
            Token::Number(tag) => {
                self.bump();
                Ok(Literal::Tagged { base: Box::new(Literal::Int(int)), tag: tag.to_owned() })
            }
            _ => self.unexpected("a label"),
        }
    }

    /// `:tag` behind a value, any number of times.
    #[inline]
    fn tagged(&mut self, literal: Literal) -> Result<Literal> {
        if self.at(":") { self.tags(literal) } else { Ok(literal) }
    }

    fn tags(&mut self, literal: Literal) -> Result<Literal> {
        let mut literal = literal;
        while self.at(":") {
            let (Token::Word(tag) | Token::Number(tag)) = self.second() else { return Ok(literal) };
            self.bump();
            self.bump();
            literal = self.nested_tag(literal, tag)?;
        }
        Ok(literal)
    }

    fn nested_tag(&mut self, base: Literal, tag: &str) -> Result<Literal> {
        // A capability has two tags; more would only serve to build a deep value.
        if let Literal::Tagged { base: inner, .. } = &base
            && matches!(**inner, Literal::Tagged { .. })
        {
            return self.too_deep();
        }
        Ok(Literal::Tagged { base: Box::new(base), tag: tag.to_owned() })
    }

    fn behind_word(&mut self) -> Result<Literal> {
        let Token::Word(word) = self.token else { return self.unexpected("a name") };
        self.bump();
        match word {
            "NOP" => return Ok(Literal::Instruction("NOP".to_owned())),
            "instr" | "label" if self.at(":") => {
                if let Token::String(text) = self.second() {
                    self.bump();
                    return if word == "instr" { self.instruction(text) } else { self.quoted_label(text) };
                }
            }
            "ATOMIC_INIT" if self.at("(") => {
                self.bump();
                let value = self.literal()?;
                self.expect(")")?;
                return Ok(value);
            }
            _ if self.at("(") => return self.call(word),
            _ => {}
        }
        self.behind_name(word)
    }

    fn instruction(&mut self, text: &str) -> Result<Literal> {
        self.bump();
        Ok(Literal::Instruction(text.to_owned()))
    }

    fn quoted_label(&mut self, text: &str) -> Result<Literal> {
        let split = text.split_once(':').and_then(|(thread, name)| {
            let thread = thread.trim();
            Some((thread_number(thread.strip_prefix('P').unwrap_or(thread))?, name.trim()))
        });
        match split {
            Some((thread, name)) if !name.is_empty() => {
                self.bump();
                Ok(Literal::Label { thread, name: name.to_owned() })
            }
            _ => self.unexpected("a label such as `\"P0:L0\"`"),
        }
    }

    fn call(&mut self, function: &str) -> Result<Literal> {
        self.expect("(")?;
        let mut arguments = Vec::new();
        while !self.at(")") {
            arguments.push(self.literal()?);
            if !self.eat(",") {
                break;
            }
        }
        self.expect(")")?;
        Ok(Literal::Call { function: function.to_owned(), arguments })
    }

    /// `[2]`, `+16` or `:tag` behind a name.
    fn behind_name(&mut self, name: &str) -> Result<Literal> {
        let name = name.to_owned();
        if self.at("[") {
            return Ok(Literal::Cell { name, index: self.index()? });
        }
        if self.eat("+") {
            let offset = self.int()?.value;
            return Ok(Literal::Offset { name: name.into_boxed_str(), offset });
        }
        self.tagged(Literal::Name(name))
    }

    fn braces(&mut self) -> Result<Literal> {
        self.expect("{")?;
        if self.at(":") {
            return self.tag_set();
        }
        let mut values = Vec::new();
        while !self.at("}") {
            values.push(self.literal()?);
            if !self.eat(",") {
                break;
            }
        }
        self.expect("}")?;
        Ok(Literal::Vector(values))
    }

    fn tag_set(&mut self) -> Result<Literal> {
        let mut tags = Vec::new();
        while self.eat(":") {
            tags.push(self.word("a tag")?);
            if !self.eat(",") {
                break;
            }
        }
        self.expect("}")?;
        Ok(Literal::Tags(tags))
    }

    fn record(&mut self) -> Result<Literal> {
        self.expect("(")?;
        let mut fields = Vec::new();
        while !self.at(")") {
            fields.push(self.field()?);
            if !self.eat(",") {
                break;
            }
        }
        self.expect(")")?;
        Ok(Literal::Record(fields))
    }

    fn field(&mut self) -> Result<Field> {
        if let Token::Word(name) = self.token {
            match self.second() {
                Token::Punct(":") => {
                    self.bump();
                    self.bump();
                    return Ok(Field { name: name.to_owned(), value: Some(self.literal()?) });
                }
                Token::Punct("," | ")") => {
                    self.bump();
                    return Ok(Field { name: name.to_owned(), value: None });
                }
                _ => {}
            }
        }
        Ok(Field { name: String::new(), value: Some(self.literal()?) })
    }

    /// Reads a place.
    pub(crate) fn place(&mut self) -> Result<Place> {
        match self.thread_ahead() {
            Some(thread) => {
                self.bump();
                self.register_of(thread)
            }
            None => self.nested(Self::place_here),
        }
    }

    fn place_here(&mut self) -> Result<Place> {
        let token = self.token;
        match token {
            Token::Register(name) => {
                self.bump();
                Ok(Place::SymbolicReg(name.to_owned()))
            }
            Token::Punct("*") => {
                self.bump();
                Ok(Place::Deref(Box::new(self.place()?)))
            }
            Token::Punct("[") => {
                self.bump();
                let inner = self.literal()?;
                self.expect("]")?;
                Ok(place_of(inner))
            }
            Token::Word(_) | Token::Number(_) | Token::Quoted(_) => self.named_place(),
            _ => self.unexpected("a register or a location"),
        }
    }

    /// A place that starts with a name; a number alone is an address only between brackets.
    fn named_place(&mut self) -> Result<Place> {
        let start = self.span;
        let literal = self.literal()?;
        let is_number = |literal: &Literal| matches!(literal, Literal::Int(_) | Literal::Instruction(_));
        // The number in front of a register may be too large for a thread's.
        let tagged = matches!(&literal, Literal::Tagged { base, .. } if is_number(base));
        if is_number(&literal) || tagged {
            let message = "this is a value, not a register or a location";
            self.error(Diagnostic::error("litmus::bad-place", start.to(self.last), message));
            return Err(Failed);
        }
        Ok(place_of(literal))
    }

    /// Reads `0:X1`.
    pub(crate) fn register(&mut self) -> Result<Place> {
        let thread = self.thread()?;
        self.register_of(thread)
    }

    /// Reads `:X1`.
    fn register_of(&mut self, thread: u32) -> Result<Place> {
        self.expect(":")?;
        let token = self.token;
        match token {
            Token::Word(name) | Token::Register(name) | Token::Quoted(name) => {
                self.bump();
                Ok(Place::Reg { thread, name: name.to_owned() })
            }
            _ => self.unexpected("a register"),
        }
    }

    /// Reads a type that stands behind something, as in `0:X0 int*`.
    pub(crate) fn trailing_type(&mut self) -> Option<Type> {
        let mut words = Vec::new();
        while let Token::Word(word) = self.token {
            words.push(word);
            self.bump();
        }
        if words.is_empty() {
            return None;
        }
        let pointers = self.stars();
        Some(type_of(&words, pointers))
    }
}

/// The type that these words name.
pub(crate) fn type_of(words: &[&str], pointers: u32) -> Type {
    let base: Vec<&str> = words.iter().copied().filter(|word| *word != "_Atomic").collect();
    Type { atomic: base.len() < words.len(), base: base.join(" "), pointers, array: None }
}

/// The place that a value names.
pub(crate) fn place_of(literal: Literal) -> Place {
    match literal {
        Literal::Name(name) => Place::Mem(name),
        Literal::Cell { name, index } => Place::Cell { name, index },
        other => Place::Special(Box::new(other)),
    }
}

#[inline]
fn thread_number(digits: &str) -> Option<u32> {
    let fits = !digits.is_empty() && digits.len() <= 9;
    let add = |number: u32, byte: u8| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0'));
    if fits { digits.bytes().try_fold(0, add) } else { None }
}

/// The value of a number in its plain decimal form, if it is not huge.
pub(crate) fn small_decimal(digits: &[u8]) -> Option<i64> {
    match digits {
        [digit @ b'0'..=b'9'] => Some(i64::from(digit - b'0')),
        [b'1'..=b'9', ..] if digits.len() <= 18 => {
            let digit = |byte: u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
            let add = |number: i64, byte: u8| Some(number * 10 + digit(byte)?);
            digits.iter().copied().try_fold(0, add)
        }
        _ => None,
    }
}

fn is_plain_decimal(digits: &str) -> bool {
    digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'))
}

fn magnitude(digits: &str) -> Option<u128> {
    let (digits, radix) = match digits.get(..2) {
        Some("0x" | "0X") => (&digits[2..], 16),
        Some("0b" | "0B") => (&digits[2..], 2),
        Some("0o" | "0O") => (&digits[2..], 8),
        _ => (digits, 10),
    };
    let bare = digits.trim_end_matches(['u', 'U', 'l', 'L']);
    if bare.starts_with('+') { None } else { u128::from_str_radix(bare, radix).ok() }
}

fn described(token: &Token<'_>) -> String {
    match token {
        Token::End => "the text ends".to_owned(),
        other => format!("unexpected {other}"),
    }
}
