//! The command line of mselect7, as far as the Linux kernel's scripts use it: which files have tests for an
//! architecture?

use crate::Streams;
use crate::run::{OK, USER_ERROR, fail};
use batch::Input;
use batch::input::{Accept, Inputs, Source};
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};

/// How much of a file is read for the word that names its architecture.
const HEAD: u64 = 4096;

/// Prints the names of the files, given as arguments or on standard input, whose tests are for the architectures
/// behind `-arch`. Files that can't be read are left out.
pub fn main(arguments: &[OsString], streams: Streams) -> u8 {
    let (arches, files) = match read(arguments) {
        Ok(read) => read,
        Err(message) => return fail(&message, streams.err),
    };
    let accept = Accept { folders: false, dash: false };
    let inputs = match files.is_empty() {
        true => Inputs::from_list(streams.input, accept),
        false => Inputs::new(files, accept),
    };
    for Input { name, source } in inputs {
        let Source::File(path) = source else { continue };
        let word = first_word(&path);
        let is_wanted = arches.is_empty() || word.is_some_and(|word| arches.contains(&word));
        if is_wanted && let Err(error) = writeln!(streams.out, "{name}") {
            return match error.kind() {
                std::io::ErrorKind::BrokenPipe => OK,
                _ => fail(&format!("can't write: {error}"), streams.err),
            };
        }
    }
    streams.out.flush().map_or(USER_ERROR, |()| OK)
}

fn read(arguments: &[OsString]) -> Result<(Vec<String>, Vec<PathBuf>), String> {
    let (mut arches, mut files) = (Vec::new(), Vec::new());
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.to_string_lossy().as_ref() {
            "-arch" => {
                let list = rest.next().ok_or("option '-arch' needs an argument")?.to_string_lossy();
                arches.extend(list.split(',').map(str::to_owned));
            }
            "-v" | "-q" => {}
            name if name.starts_with('-') => return Err(format!("unknown option '{name}' of mselect7")),
            _ => files.push(PathBuf::from(argument)),
        }
    }
    Ok((arches, files))
}

/// The word that a test begins with.
fn first_word(path: &Path) -> Option<String> {
    let mut head = Vec::new();
    std::fs::File::open(path).ok()?.take(HEAD).read_to_end(&mut head).ok()?;
    String::from_utf8_lossy(&head).split_whitespace().next().map(str::to_owned)
}
