//! From arguments to the files they name: files, folders, `@lists` and the standard input, one at a time and in order.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use syntax::{Diagnostic, Span};

/// How deep lists in lists and folders in folders may nest.
const MAX_DEPTH: usize = 64;

/// One test to be read.
#[derive(Clone, Debug)]
pub struct Input {
    /// What messages call it; usually the path as given.
    pub name: String,
    /// Where it is.
    pub source: Source,
}

/// Where a test is.
#[derive(Clone, Debug)]
pub enum Source {
    /// In a file.
    File(PathBuf),
    /// On the standard input.
    Stdin,
    /// It was given as a text.
    Text(String),
    /// Nowhere; this is why.
    Missing(Diagnostic),
}

impl Input {
    /// A test in a file.
    pub fn file(path: PathBuf) -> Input {
        Input { name: text(path.as_os_str()).into_owned(), source: Source::File(path) }
    }

    fn missing(name: String, code: &'static str, message: String) -> Input {
        Input { name, source: Source::Missing(Diagnostic::error(code, Span::default(), message)) }
    }
}

/// Iterates over the tests that arguments name.
pub struct Inputs {
    frames: Vec<Frame>,
    /// What arguments other than files may be.
    accept: Accept,
    /// How many inputs were returned.
    count: usize,
}

/// What arguments other than files and `@lists` may be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Accept {
    /// A folder stands for the `.litmus` files in it and below.
    pub folders: bool,
    /// `-` stands for a test on the standard input.
    pub dash: bool,
}

enum Frame {
    Paths(std::vec::IntoIter<PathBuf>),
    List {
        name: String,
        folder: PathBuf,
        lines: Box<dyn BufRead + Send>,
    },
    /// The end of a folder that was entered when so many inputs had been returned.
    EndOfFolder {
        name: String,
        count: usize,
    },
}

impl Inputs {
    /// The tests that `arguments` name.
    pub fn new(arguments: Vec<PathBuf>, accept: Accept) -> Inputs {
        Inputs { frames: vec![Frame::Paths(arguments.into_iter())], accept, count: 0 }
    }

    /// The tests that the lines of `stream` name.
    pub fn from_list(stream: impl Read + Send + 'static, accept: Accept) -> Inputs {
        let lines = Box::new(BufReader::new(stream));
        let list = Frame::List { name: "the standard input".to_owned(), folder: PathBuf::new(), lines };
        Inputs { frames: vec![list], accept, count: 0 }
    }

    /// What `path` stands for; `None` when it was opened as a list or folder.
    fn resolve(&mut self, path: PathBuf) -> Option<Input> {
        if self.accept.dash && path.as_os_str() == "-" {
            return Some(Input { name: "<stdin>".to_owned(), source: Source::Stdin });
        }
        if is_list(&path) {
            return self.open_list(&path);
        }
        let surely_file = || path.extension() == Some(OsStr::new("litmus"));
        if self.accept.folders && !surely_file() && path.is_dir() {
            return self.open_folder(&path);
        }
        Some(Input::file(path))
    }

    fn open_list(&mut self, path: &Path) -> Option<Input> {
        let name = path.to_string_lossy().into_owned();
        if self.frames.len() >= MAX_DEPTH {
            let message = format!("lists are nested too deep at `{name}`; does one contain itself?");
            return Some(Input::missing(name, "input::nesting", message));
        }
        match File::open(path) {
            Ok(file) => {
                let folder = path.parent().unwrap_or(Path::new("")).to_owned();
                self.frames.push(Frame::List { name, folder, lines: Box::new(BufReader::new(file)) });
                None
            }
            Err(error) => {
                let message = format!("can't read the list `{name}`: {error}");
                Some(Input::missing(name, "input::list", message))
            }
        }
    }

    fn open_folder(&mut self, path: &Path) -> Option<Input> {
        let name = path.to_string_lossy().into_owned();
        if self.frames.len() >= MAX_DEPTH {
            let message = format!("folders are nested too deep at `{name}`");
            return Some(Input::missing(name, "input::nesting", message));
        }
        match entries(path) {
            Ok(paths) => {
                self.frames.push(Frame::EndOfFolder { name, count: self.count });
                self.frames.push(Frame::Paths(paths.into_iter()));
                None
            }
            Err(error) => {
                let message = format!("can't read the folder `{name}`: {error}");
                Some(Input::missing(name, "input::folder", message))
            }
        }
    }

    /// A folder that a person named and that holds nothing is a mistake; a folder inside one may be empty.
    fn leave_folder(&mut self, name: String, count: usize) -> Option<Input> {
        let inner = self.frames.iter().any(|frame| matches!(frame, Frame::EndOfFolder { .. }));
        if inner || self.count > count {
            return None;
        }
        let message = format!("there are no `.litmus` files in `{name}`");
        Some(Input::missing(name, "input::empty-folder", message))
    }
}

impl Iterator for Inputs {
    type Item = Input;

    fn next(&mut self) -> Option<Input> {
        loop {
            let found = match self.frames.last_mut()? {
                Frame::Paths(paths) => match paths.next() {
                    Some(path) => self.resolve(path),
                    None => {
                        self.frames.pop();
                        None
                    }
                },
                Frame::List { name, folder, lines } => match next_line(lines) {
                    Ok(Some(line)) => {
                        let path = folder.join(line);
                        self.resolve(path)
                    }
                    Ok(None) => {
                        self.frames.pop();
                        None
                    }
                    Err(error) => {
                        let message = format!("can't read the list `{name}`: {error}");
                        let input = Input::missing(std::mem::take(name), "input::list", message);
                        self.frames.pop();
                        Some(input)
                    }
                },
                Frame::EndOfFolder { .. } => match self.frames.pop() {
                    Some(Frame::EndOfFolder { name, count }) => self.leave_folder(name, count),
                    _ => None,
                },
            };
            if found.is_some() {
                self.count += 1;
                return found;
            }
        }
    }
}

/// The text of a name. Faster than the lossy conversion where nothing is lost.
pub fn text(name: &OsStr) -> Cow<'_, str> {
    name.to_str().map_or_else(|| name.to_string_lossy(), Cow::Borrowed)
}

fn is_list(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().contains(&b'@')
        && path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"@"))
}

/// The next line of a list that names something: not empty, not a `#` comment.
fn next_line(lines: &mut dyn BufRead) -> std::io::Result<Option<PathBuf>> {
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        // A list of no lines can still be a large file.
        if lines.take(1 << 16).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&bytes);
        let line = line.trim();
        if !line.is_empty() && !line.starts_with('#') {
            return Ok(Some(PathBuf::from(line)));
        }
    }
}

/// The folders and `.litmus` files of a folder, sorted by name. Links to folders are not followed, for they can go round.
fn entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() || path.extension() == Some(OsStr::new("litmus")) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own for a test, removed at the end.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str, files: &[(&str, &str)]) -> Scratch {
            let root = std::env::temp_dir().join(format!("turnsole-batch-{name}-{}", std::process::id()));
            let _ = std::fs::remove_dir_all(&root);
            for (path, text) in files {
                let path = root.join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            }
            Scratch(root)
        }

        fn inputs(&self, argument: &str) -> Vec<String> {
            let accept = Accept { folders: true, dash: true };
            let root = self.0.to_string_lossy().into_owned();
            Inputs::new(vec![self.0.join(argument)], accept)
                .map(|input| match input.source {
                    Source::Missing(diagnostic) => diagnostic.code.to_owned(),
                    _ => input.name.replace(&root, ""),
                })
                .collect()
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn lists_and_folders_are_followed_in_order() {
        let scratch = Scratch::new(
            "order",
            &[
                ("b.litmus", ""),
                ("a/x.litmus", ""),
                ("a/note.txt", ""),
                ("empty/x.txt", ""),
                ("@all", "# list\nb.litmus\n\na/@in\r\n"),
                ("a/@in", "x.litmus\nmissing"),
            ],
        );
        assert_eq!(scratch.inputs(""), ["/a/x.litmus", "/b.litmus"]);
        assert_eq!(scratch.inputs("@all"), ["/b.litmus", "/a/x.litmus", "/a/missing"]);
        assert_eq!(scratch.inputs("empty"), ["input::empty-folder"]);
        assert_eq!(scratch.inputs("@none"), ["input::list"]);
    }

    #[test]
    fn a_list_that_contains_itself_ends() {
        let scratch = Scratch::new("loop", &[("@l", "@l\n")]);
        assert_eq!(scratch.inputs("@l"), ["input::nesting"]);
    }

    #[test]
    fn names_can_come_from_a_stream() {
        let names: Vec<String> =
            Inputs::from_list(&b"a.litmus\n-\n"[..], Accept { folders: false, dash: true })
                .map(|input| input.name)
                .collect();
        assert_eq!(names, ["a.litmus", "<stdin>"]);
    }
}
