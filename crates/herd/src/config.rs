//! What options and configuration files set.

use crate::options::{self, Does, Opt, Setting, Takes, Where};
use crate::speed::Speed;
use batch::{Library, kernel, variants};
use std::path::{Path, PathBuf};
use std::time::Duration;
use turnsole::conf;

/// How deep configuration files may read others.
const MAX_DEPTH: usize = 20;

/// Everything that was set.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where files are looked for.
    pub library: Library,
    /// The model, if one was named.
    pub model: Option<String>,
    /// The bell file.
    pub bell: Option<String>,
    /// The file of C macros.
    pub macros: Option<String>,
    /// Variants, as written and by their canonical names.
    pub variants: Vec<String>,
    /// The unrolling limit.
    pub unroll: Option<u32>,
    /// How long a test may take.
    pub timeout: Option<Duration>,
    /// What is reported.
    pub speed: Speed,
    /// Whether filters are honoured.
    pub check_filter: bool,
    /// Whether models for other architectures are refused.
    pub arch_check: bool,
    /// Which tests are printed.
    pub restrict: Restrict,
    /// The order of bytes in memory, if it is not that of the architecture.
    pub byte_order: Option<turnsole::ByteOrder>,
    /// Numbers in hexadecimal.
    pub hexa: bool,
    /// Print the number of candidates.
    pub candidates: bool,
    /// Checks that are left out.
    pub skip_checks: Vec<String>,
    /// Print tests that have undefined executions.
    pub bad_execs: bool,
    /// The flag that makes an execution undefined.
    pub bad_flag: Option<String>,
    /// Files of quantifiers.
    pub kinds: Vec<String>,
    /// Files of conditions.
    pub conds: Vec<String>,
    /// Files of names of tests to run.
    pub names: Vec<String>,
    /// Names of tests to run.
    pub ok_names: Vec<String>,
    /// Files of names of tests not to run.
    pub excl: Vec<String>,
    /// Names of tests not to run.
    pub no_names: Vec<String>,
    /// Files of names for names.
    pub rename: Vec<String>,
    /// Stop at the first test that can't be run.
    pub exit: bool,
    /// Say nothing but answers.
    pub quiet: bool,
    /// Say more.
    pub verbose: i64,
    /// How many tests run at once; 0 for all cores.
    pub jobs: usize,
    /// The tests.
    pub arguments: Vec<PathBuf>,
    /// Print something else and stop.
    pub instead: Option<Setting>,
    /// What is to be said on standard error before the first test.
    pub warnings: Vec<String>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            library: Library::new(),
            model: None,
            bell: None,
            macros: None,
            variants: Vec::new(),
            unroll: None,
            timeout: None,
            speed: Speed::False,
            check_filter: true,
            arch_check: true,
            restrict: Restrict::No,
            byte_order: None,
            hexa: false,
            candidates: false,
            skip_checks: Vec::new(),
            bad_execs: true,
            bad_flag: None,
            kinds: Vec::new(),
            conds: Vec::new(),
            names: Vec::new(),
            ok_names: Vec::new(),
            excl: Vec::new(),
            no_names: Vec::new(),
            rename: Vec::new(),
            exit: false,
            quiet: false,
            verbose: 0,
            jobs: 1,
            arguments: Vec::new(),
            instead: None,
            warnings: Vec::new(),
        }
    }
}

/// Which tests are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Restrict {
    /// All.
    #[default]
    No,
    /// Those where every execution has a state of its own.
    NonAmbiguous,
    /// Those where every execution that satisfies the condition has a state of its own.
    CondOne,
}

/// What configuration files of well-known names say, where no file of that name is found or embedded.
const BUILT_IN: &[(&str, &str)] =
    &[("cpp11.cfg", "model c11_partialSC.cat\n"), ("web.cfg", "graph columns\n")];

impl Config {
    /// Reads the command line; `arguments` don't begin with the program's name.
    pub fn from_arguments(library: Library, arguments: &[std::ffi::OsString]) -> Result<Config, String> {
        let mut config = Config { library, ..Config::default() };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let text = batch::input::text(argument);
            let Some(name) = text.strip_prefix('-').filter(|name| !name.is_empty()) else {
                config.arguments.push(PathBuf::from(argument));
                continue;
            };
            let (name, inline) = match name.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (name, None),
            };
            let opt = options::find(name, Where::Line).ok_or_else(|| unknown_option(name))?;
            let value = match (opt.takes, inline) {
                (Takes::Nothing, _) => String::new(),
                (_, Some(value)) => value,
                (_, None) => match rest.next() {
                    Some(value) => value.to_string_lossy().into_owned(),
                    None => return Err(format!("option '-{name}' needs an argument")),
                },
            };
            opt.takes.check(&value).map_err(|expected| {
                format!("wrong argument '{value}'; option '-{name}' expects {expected}")
            })?;
            config.apply(opt, &value, None, 0)?;
        }
        Ok(config)
    }

    /// Does what an option says. `folder` is that of the configuration file, `depth` how many files are being read.
    fn apply(&mut self, opt: &Opt, value: &str, folder: Option<&Path>, depth: usize) -> Result<(), String> {
        match opt.does {
            Does::Nothing => Ok(()),
            Does::Lacks(harmless) => {
                if !harmless.contains(&value) {
                    self.warnings.push(format!("option -{} {value} is not supported, and ignored", opt.name));
                }
                Ok(())
            }
            Does::Sets(setting) => self.set(setting, value, folder, depth),
        }
    }

    fn set(
        &mut self,
        setting: Setting,
        value: &str,
        folder: Option<&Path>,
        depth: usize,
    ) -> Result<(), String> {
        let yes = value == "true";
        match setting {
            Setting::Version | Setting::LibDir | Setting::Help => {
                self.instead.get_or_insert(setting);
            }
            Setting::SetLibDir => self.library.set_installed(value),
            Setting::Include => self.library.include(value),
            Setting::Verbose => self.verbose += 1,
            Setting::VerboseLevel => self.verbose = value.parse().unwrap_or(0),
            Setting::Quiet => self.quiet = true,
            Setting::Exit => self.exit = yes,
            Setting::Conf => return self.read_conf(value, depth),
            Setting::LocalConf => {
                let path = folder.map_or_else(|| PathBuf::from(value), |folder| folder.join(value));
                return self.read_conf_file(&path, depth);
            }
            Setting::Web => return self.read_conf("web.cfg", depth),
            Setting::C11 => return self.read_conf("cpp11.cfg", depth),
            Setting::Bell => self.bell = Some(beside(value, folder)),
            Setting::Macros => self.macros = Some(beside(value, folder)),
            Setting::Model => self.model = Some(beside(value, folder)),
            Setting::Variant => self.add_variants(value),
            Setting::Unroll => self.unroll = value.parse().ok(),
            Setting::Timeout => self.timeout = seconds(value),
            Setting::Speedcheck => self.speed = Speed::from_word(value).unwrap_or_default(),
            Setting::CheckFilter => self.check_filter = yes,
            Setting::ArchCheck => self.arch_check = yes,
            Setting::Restrict => self.restrict(value),
            Setting::Endian => {
                self.byte_order =
                    Some(if value == "big" { turnsole::ByteOrder::Big } else { turnsole::ByteOrder::Little });
            }
            Setting::Hexa => self.hexa = yes,
            Setting::Candidates => self.candidates = yes,
            Setting::SkipChecks => self.skip_checks.extend(names(value)),
            Setting::BadExecs => self.bad_execs = yes,
            Setting::BadFlag => self.bad_flag = Some(value.to_owned()).filter(|flag| flag != "none"),
            Setting::Kinds => self.kinds.push(value.to_owned()),
            Setting::Conds => self.conds.push(value.to_owned()),
            Setting::Names => self.names.push(value.to_owned()),
            Setting::OkNames => self.ok_names.extend(names(value)),
            Setting::Excl => self.excl.push(value.to_owned()),
            Setting::NoNames => self.no_names.extend(names(value)),
            Setting::Rename => self.rename.push(value.to_owned()),
            Setting::KernelTree => {
                self.library.prefer(kernel::memory_model(Path::new(value))?);
                return self.read_conf(kernel::CONF, depth);
            }
            Setting::Jobs => self.jobs = value.parse().unwrap_or(1),
        }
        Ok(())
    }

    fn add_variants(&mut self, list: &str) {
        for name in variants::split(list) {
            let variant = variants::canonical(name);
            if !variants::is_known(&variant) {
                let hint = variants::suggestion(&variant).map(|known| format!("; did you mean '{known}'?"));
                self.warnings.push(format!("unknown variant '{name}'{}", hint.unwrap_or_default()));
            }
            variants::add(&mut self.variants, name);
        }
    }

    fn restrict(&mut self, word: &str) {
        self.restrict = match word {
            "nonambiguous" => Restrict::NonAmbiguous,
            "condone" => Restrict::CondOne,
            "observed" => {
                self.warnings.push("option -restrict observed is not supported, and ignored".to_owned());
                Restrict::No
            }
            _ => Restrict::No,
        };
    }

    /// Reads a configuration file that is looked for in the library.
    fn read_conf(&mut self, name: &str, depth: usize) -> Result<(), String> {
        if let Some(path) = self.library.find(name) {
            return self.read_conf_file(&path, depth);
        }
        let built_in = || BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
        match turnsole::embedded_file(name).or_else(built_in) {
            Some(text) => self.read_conf_text(name, text, None, depth),
            None => Err(format!("Cannot find file {name}")),
        }
    }

    /// Reads a configuration file, on its own.
    pub fn from_file(library: Library, name: &str) -> Result<Config, String> {
        let mut config = Config { library, ..Config::default() };
        config.read_conf(name, 0)?;
        Ok(config)
    }

    fn read_conf_file(&mut self, path: &Path, depth: usize) -> Result<(), String> {
        let name = path.to_string_lossy();
        let bytes = std::fs::read(path).map_err(|error| format!("can't read '{name}': {error}"))?;
        self.read_conf_text(&name, &String::from_utf8_lossy(&bytes), path.parent(), depth)
    }

    /// Reads `key value` and `key = value` lines. What stands first in the file is done first.
    fn read_conf_text(
        &mut self,
        name: &str,
        text: &str,
        folder: Option<&Path>,
        depth: usize,
    ) -> Result<(), String> {
        if depth >= MAX_DEPTH {
            return Err(format!(
                "configuration files are nested too deep at '{name}'; does one read itself?"
            ));
        }
        for line in conf::lines(text) {
            let at = |message: String| match message.starts_with("File ") {
                true => message,
                false => format!("File \"{name}\", line {}, character 0: {message}", line.number),
            };
            let (opt, value) = read_key(line.key, line.value).map_err(at)?;
            self.apply(opt, value, folder, depth + 1).map_err(at)?;
        }
        Ok(())
    }
}

/// What a file in `folder` means by a file's name: the one beside it, if there is one.
fn beside(name: &str, folder: Option<&Path>) -> String {
    let beside = folder.map(|folder| folder.join(name)).filter(|path| path.is_file());
    beside.map_or_else(|| name.to_owned(), |path| path.to_string_lossy().into_owned())
}

fn read_key<'a>(key: &str, value: &'a str) -> Result<(&'static Opt, &'a str), String> {
    let opt = options::find(key, Where::File).ok_or_else(|| {
        let hint = options::suggestion(key, Where::File).map(|name| format!(", did you mean '{name}'?"));
        format!("Unknown key '{key}' in configuration file{}", hint.unwrap_or_default())
    })?;
    opt.takes.check(value).map_err(|expected| format!("key '{key}' expects {expected}, not '{value}'"))?;
    Ok((opt, value))
}

fn unknown_option(name: &str) -> String {
    let hint = options::suggestion(name, Where::Line).map(|name| format!(" Did you mean '-{name}'?"));
    format!("unknown option '-{name}'.{}", hint.unwrap_or_default())
}

/// Splits a list at its commas.
fn names(list: &str) -> impl Iterator<Item = String> {
    list.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
}

fn seconds(text: &str) -> Option<Duration> {
    text.parse()
        .ok()
        .filter(|seconds: &f64| *seconds > 0.0)
        .map(|seconds| Duration::from_secs_f64(seconds.min(1e9)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;

    fn read(arguments: &[&str]) -> Result<Config, String> {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        Config::from_arguments(Library::new(), &arguments)
    }

    fn conf(text: &str) -> Result<Config, String> {
        let mut config = Config::default();
        config.read_conf_text("t.cfg", text, None, 0).map(|()| config)
    }

    #[test]
    fn options_are_read() {
        let config = read(&[
            "-model",
            "m.cat",
            "-variant",
            "MTE,s128",
            "-unroll",
            "3",
            "-timeout=1.5",
            "a.litmus",
            "-hexa",
            "true",
            "-graph",
            "columns",
            "-speedcheck",
            "fast",
            "-",
            "-nonames",
            "A,B",
            "-q",
        ])
        .unwrap();
        assert_eq!(config.model.as_deref(), Some("m.cat"));
        assert_eq!(config.variants, ["MTE", "memtag", "s128"]);
        assert_eq!((config.unroll, config.timeout), (Some(3), Some(Duration::from_millis(1500))));
        assert_eq!(config.arguments, [PathBuf::from("a.litmus"), PathBuf::from("-")]);
        assert_eq!((config.hexa, config.speed, config.quiet), (true, Speed::Fast, true));
        assert_eq!(config.no_names, ["A", "B"]);
        assert!(config.warnings.is_empty());
    }

    #[test]
    fn wrong_options_are_refused() {
        assert_eq!(read(&["-modle", "x"]).unwrap_err(), "unknown option '-modle'. Did you mean '-model'?");
        assert_eq!(read(&["-unroll"]).unwrap_err(), "option '-unroll' needs an argument");
        assert_eq!(
            read(&["-hexa", "1"]).unwrap_err(),
            "wrong argument '1'; option '-hexa' expects true or false"
        );
    }

    #[test]
    fn what_is_lacking_is_said() {
        assert!(read(&["-through", "none", "-strictskip", "false"]).unwrap().warnings.is_empty());
        assert_eq!(
            read(&["-through", "all", "-variant", "mixd"]).unwrap().warnings,
            [
                "option -through all is not supported, and ignored",
                "unknown variant 'mixd'; did you mean 'mixed'?"
            ]
        );
    }

    #[test]
    fn configuration_files_are_read() {
        let config = conf(
            "# comment\nmacros linux-kernel.def\nbell = linux-kernel.bell\nmodel=x.cat\r\n\n  variant lkmmv2\ngraph columns\nunroll none\n",
        )
        .unwrap();
        assert_eq!(config.macros.as_deref(), Some("linux-kernel.def"));
        assert_eq!(config.bell.as_deref(), Some("linux-kernel.bell"));
        assert_eq!(config.model.as_deref(), Some("x.cat"));
        assert_eq!((config.variants, config.unroll), (vec!["lkmmv2".to_owned()], None));
    }

    #[test]
    fn wrong_configuration_files_are_refused() {
        assert_eq!(
            conf("\nmodl x").unwrap_err(),
            "File \"t.cfg\", line 2, character 0: Unknown key 'modl' in configuration file, did you mean 'model'?"
        );
        assert_eq!(
            conf("hexa maybe").unwrap_err(),
            "File \"t.cfg\", line 1, character 0: key 'hexa' expects true or false, not 'maybe'"
        );
    }
}
