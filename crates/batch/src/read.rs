//! Reading a file once, into a buffer that is used again, with one clear message for whatever can be wrong.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;
use syntax::{Diagnostic, FileId, Span};

/// Larger files are refused: no litmus test is that long, and a mistaken path often leads to a large file.
pub const MAX_BYTES: usize = 4 << 20;

/// The file of a test in every span of its diagnostics.
pub const TEST_FILE: FileId = FileId(0);

/// Reads the file at `path` into `buffer`. With an error, `buffer` holds what of the text can be shown.
pub fn read_file(path: &Path, name: &str, buffer: &mut String) -> Result<(), Diagnostic> {
    let mut bytes = std::mem::take(buffer).into_bytes();
    bytes.clear();
    match File::open(path).and_then(|mut file| fill(&mut file, &mut bytes)) {
        Ok(()) => into_text(bytes, name, buffer),
        Err(error) => Err(cannot_read(path, name, &error)),
    }
}

/// Reads the standard input, or another stream, into `buffer`.
pub fn read_stream(stream: &mut dyn Read, name: &str, buffer: &mut String) -> Result<(), Diagnostic> {
    let mut bytes = std::mem::take(buffer).into_bytes();
    bytes.clear();
    match fill(stream, &mut bytes) {
        Ok(()) => into_text(bytes, name, buffer),
        Err(error) => {
            let message = format!("can't read {name}: {error}");
            Err(Diagnostic::error("input::unreadable", Span::default(), message))
        }
    }
}

/// Reads a file that need not be a test, and can be larger than one.
pub fn read_bytes(path: &Path, name: &str, limit: usize) -> Result<Vec<u8>, Diagnostic> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| {
        bytes.reserve(file.metadata().map_or(0, |about| about.len() as usize).min(limit) + 1);
        file.take(limit as u64 + 1).read_to_end(&mut bytes)
    });
    match read {
        Ok(_) if bytes.len() > limit => {
            let message = format!("`{name}` is larger than {} MB", limit >> 20);
            Err(Diagnostic::error("input::too-large", Span::default(), message))
        }
        Ok(_) => Ok(bytes),
        Err(error) => Err(cannot_read(path, name, &error)),
    }
}

/// Appends what the stream has, but not much more than is allowed.
fn fill(stream: &mut dyn Read, bytes: &mut Vec<u8>) -> std::io::Result<()> {
    stream.take(MAX_BYTES as u64 + 1).read_to_end(bytes)?;
    Ok(())
}

fn into_text(bytes: Vec<u8>, name: &str, buffer: &mut String) -> Result<(), Diagnostic> {
    if bytes.len() > MAX_BYTES {
        let message = format!("`{name}` is larger than {} MB", MAX_BYTES >> 20);
        return Err(Diagnostic::error("input::too-large", Span::default(), message)
            .with_help("litmus tests are small; is this the right file?"));
    }
    if bytes.contains(&0) {
        let message = format!("`{name}` is a binary file");
        return Err(Diagnostic::error("input::binary", Span::default(), message)
            .with_help("litmus tests are text files"));
    }
    match String::from_utf8(bytes) {
        Ok(text) => {
            *buffer = text;
            Ok(())
        }
        Err(error) => Err(not_utf8(&error.into_bytes(), name, buffer)),
    }
}

fn not_utf8(bytes: &[u8], name: &str, buffer: &mut String) -> Diagnostic {
    let lossy = String::from_utf8_lossy(bytes);
    let bad = lossy.find(char::REPLACEMENT_CHARACTER).unwrap_or(0);
    let span = Span::new(TEST_FILE, bad, bad + char::REPLACEMENT_CHARACTER.len_utf8());
    *buffer = lossy.into_owned();
    Diagnostic::error("input::invalid-utf8", span, format!("`{name}` is not valid UTF-8"))
        .with_help("convert the file to UTF-8")
}

fn cannot_read(path: &Path, name: &str, error: &std::io::Error) -> Diagnostic {
    let at = Span::default();
    if path.is_dir() {
        return Diagnostic::error("input::directory", at, format!("`{name}` is a folder"))
            .with_help("name the files in it, or a list `@file` of them");
    }
    match error.kind() {
        ErrorKind::NotFound => {
            Diagnostic::error("input::not-found", at, format!("there is no file `{name}`"))
        }
        ErrorKind::PermissionDenied => {
            Diagnostic::error("input::permission-denied", at, format!("no permission to read `{name}`"))
        }
        _ => Diagnostic::error("input::unreadable", at, format!("can't read `{name}`: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut bytes: &[u8]) -> (Result<(), Diagnostic>, String) {
        let mut buffer = "of before".to_owned();
        let result = read_stream(&mut bytes, "t", &mut buffer);
        (result, buffer)
    }

    #[test]
    fn text_is_read() {
        assert_eq!(read("é".as_bytes()), (Ok(()), "é".to_owned()));
    }

    #[test]
    fn what_is_not_text_is_refused() {
        assert_eq!(read(b"\x7fELF\0").0.unwrap_err().code, "input::binary");
        let (result, text) = read(b"ab\ncd\xffef");
        let diagnostic = result.unwrap_err();
        assert_eq!((diagnostic.code, diagnostic.span.start), ("input::invalid-utf8", 5));
        assert_eq!(text, "ab\ncd\u{fffd}ef");
    }

    #[test]
    fn size_is_limited() {
        let large = vec![b' '; MAX_BYTES + 1];
        assert_eq!(read(&large).0.unwrap_err().code, "input::too-large");
        assert!(read(&large[1..]).0.is_ok());
    }
}
