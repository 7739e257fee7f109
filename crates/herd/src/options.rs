//! The table of herd7's options: their names, what they take, and what they do here.
//!
//! The keys of configuration files are the same names without the dash; a few exist only in one of both places.

/// What an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A whole number, or `none`.
    OptionalInt,
    /// A number.
    Float,
    /// A number, or `none`.
    OptionalFloat,
    /// Two numbers with a comma between them.
    Position,
    /// Any text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
}

/// What an option does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// Changes what is run or printed; [`crate::config`] knows how.
    Sets(Setting),
    /// Is about pictures, debugging, or a search strategy: the answer is the same without it.
    Nothing,
    /// Would change the answer, but is not implemented unless its argument is one of these. Said on standard error.
    Lacks(&'static [&'static str]),
}

/// What can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// `-version`
    Version,
    /// `-libdir`
    LibDir,
    /// `-help`, `--help`
    Help,
    /// `-set-libdir`
    SetLibDir,
    /// `-v`
    Verbose,
    /// `verbose N` of configuration files.
    VerboseLevel,
    /// `-q`
    Quiet,
    /// `-I`
    Include,
    /// `-exit`
    Exit,
    /// `-conf`
    Conf,
    /// `local-conf` of configuration files.
    LocalConf,
    /// `-web`
    Web,
    /// `-c11`
    C11,
    /// `-bell`
    Bell,
    /// `-macros`
    Macros,
    /// `-model`, `-cat`
    Model,
    /// `-variant`
    Variant,
    /// `-unroll`
    Unroll,
    /// `-timeout`
    Timeout,
    /// `-speedcheck`
    Speedcheck,
    /// `-checkfilter`
    CheckFilter,
    /// `-archcheck`
    ArchCheck,
    /// `-restrict`
    Restrict,
    /// `-endian`
    Endian,
    /// `-hexa`
    Hexa,
    /// `-candidates`
    Candidates,
    /// `-skipcheck`, `-skipchecks`
    SkipChecks,
    /// `-badexecs`
    BadExecs,
    /// `-badflag`
    BadFlag,
    /// `-kinds`
    Kinds,
    /// `-conds`
    Conds,
    /// `-names`
    Names,
    /// `-oknames`
    OkNames,
    /// `-excl`
    Excl,
    /// `-nonames`
    NoNames,
    /// `-rename`
    Rename,
    /// `-j`, which herd7 does not have.
    Jobs,
    /// `-kernel-tree`, which herd7 does not have.
    KernelTree,
}

/// Where an option can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// On the command line and in files.
    Both,
    /// On the command line.
    Line,
    /// In configuration files.
    File,
}

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct Opt {
    /// Its name without the dash.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// What it does.
    pub does: Does,
    /// Where it can be written.
    pub place: Where,
    /// A few words.
    pub help: &'static str,
}

const fn opt(name: &'static str, takes: Takes, does: Does, place: Where, help: &'static str) -> Opt {
    Opt { name, takes, does, place, help }
}

/// An option that sets something.
const fn set(name: &'static str, takes: Takes, setting: Setting, help: &'static str) -> Opt {
    opt(name, takes, Does::Sets(setting), Where::Both, help)
}

/// The same, on the command line only.
const fn line(name: &'static str, takes: Takes, setting: Setting, help: &'static str) -> Opt {
    opt(name, takes, Does::Sets(setting), Where::Line, help)
}

/// The same, in configuration files only.
const fn file(name: &'static str, takes: Takes, setting: Setting, help: &'static str) -> Opt {
    opt(name, takes, Does::Sets(setting), Where::File, help)
}

/// An option that changes no answer.
const fn idle(name: &'static str, takes: Takes, help: &'static str) -> Opt {
    opt(name, takes, Does::Nothing, Where::Both, help)
}

/// An option that is not implemented, except for arguments that change nothing.
const fn lacks(
    name: &'static str,
    takes: Takes,
    harmless: &'static [&'static str],
    help: &'static str,
) -> Opt {
    opt(name, takes, Does::Lacks(harmless), Where::Both, help)
}

use Takes::{Bool, Float, Int, Nothing, OptionalFloat, OptionalInt, Position, Text, Word};

const SHOW: &[&str] = &["prop", "neg", "all", "cond", "wit", "none"];

/// All options, by subject.
pub const OPTIONS: &[(&str, &[Opt])] = &[
    (
        "Environment",
        &[
            line("version", Nothing, Setting::Version, "print the version"),
            line("libdir", Nothing, Setting::LibDir, "print the last folder that is searched"),
            line("help", Nothing, Setting::Help, "print this list"),
            line("-help", Nothing, Setting::Help, "the same"),
            line("set-libdir", Text, Setting::SetLibDir, "the last folder that is searched"),
            line("v", Nothing, Setting::Verbose, "say more; can be repeated"),
            file("verbose", Int, Setting::VerboseLevel, "how much is said"),
            line("q", Nothing, Setting::Quiet, "say nothing but answers"),
            line("I", Text, Setting::Include, "one more folder that is searched"),
            file("include", Text, Setting::Include, "one more folder that is searched"),
            line("exit", Bool, Setting::Exit, "stop at the first test that can't be run"),
            set("conf", Text, Setting::Conf, "read a configuration file"),
            file("local-conf", Text, Setting::LocalConf, "read a configuration file beside this one"),
            line("web", Nothing, Setting::Web, "short for -conf web.cfg"),
            line("c11", Nothing, Setting::C11, "short for -conf cpp11.cfg"),
            set("bell", Text, Setting::Bell, "the bell file that goes with the model"),
            set("macros", Text, Setting::Macros, "the file of C macros"),
            line("j", Int, Setting::Jobs, "how many tests run at once, 0 for all cores (not in herd7)"),
            line(
                "kernel-tree",
                Text,
                Setting::KernelTree,
                "use the memory model in this kernel tree (not in herd7)",
            ),
            line("-kernel-tree", Text, Setting::KernelTree, "the same"),
            idle("o", Text, "where pictures go"),
            idle("view", Text, "show pictures with a viewer"),
            idle("gv", Nothing, "show pictures with gv"),
            idle("evince", Nothing, "show pictures with evince"),
            idle("preview", Nothing, "show pictures with Preview"),
            idle("dotcom", Text, "how pictures are made from dot"),
            idle("debug", Text, "say more about a part of the simulator"),
            idle("switch", Nothing, "for experiments"),
        ],
    ),
    (
        "Input",
        &[
            set("kinds", Text, Setting::Kinds, "a file with other quantifiers for the conditions of tests"),
            set("conds", Text, Setting::Conds, "a file with other conditions for tests"),
            set("names", Text, Setting::Names, "run only the tests whose names are in the file"),
            set("oknames", Text, Setting::OkNames, "run only the tests with these names"),
            set("excl", Text, Setting::Excl, "don't run the tests whose names are in the file"),
            set("nonames", Text, Setting::NoNames, "don't run the tests with these names"),
            set("rename", Text, Setting::Rename, "a file with other names for tests"),
        ],
    ),
    (
        "Output",
        &[
            set("candidates", Bool, Setting::Candidates, "print how many candidates there were"),
            set("hexa", Bool, Setting::Hexa, "print numbers in hexadecimal"),
            lacks("outcomereads", Bool, &["false"], "print what every read of memory read"),
            idle("texmacros", Bool, "LaTeX commands in pictures"),
            idle("tikz", Bool, "pictures for TikZ"),
            idle("dotheader", Text, "a text at the beginning of pictures"),
            idle("suffix", Text, "the end of the names of pictures"),
        ],
    ),
    (
        "Run",
        &[
            set(
                "speedcheck",
                Word(crate::speed::Speed::WORDS),
                Setting::Speedcheck,
                "find only what decides the condition",
            ),
            set("variant", Text, Setting::Variant, "switches of the architecture and of the model"),
            idle(
                "machsize",
                Word(&["auto", "byte", "short", "word", "quad", "s128"]),
                "the size of the pieces of accesses",
            ),
            set("endian", Word(&["little", "big"]), Setting::Endian, "the order of bytes in memory"),
            set("timeout", OptionalFloat, Setting::Timeout, "seconds until a test is given up"),
            set("unroll", OptionalInt, Setting::Unroll, "how often loops are unrolled"),
            idle("optace", Word(&["false", "true", "iico"]), "how early candidates are rejected"),
            idle("maxphantom", OptionalInt, "how many phantom updates there can be"),
            set("archcheck", Bool, Setting::ArchCheck, "check that the model is for the test's architecture"),
            idle("initwrites", Bool, "represent the initial state by writes"),
            set(
                "restrict",
                Word(&["observed", "nonambiguous", "condone", "no", "none"]),
                Setting::Restrict,
                "print only some tests",
            ),
        ],
    ),
    (
        "Model",
        &[
            set("model", Text, Setting::Model, "the model: a file name"),
            set("cat", Text, Setting::Model, "the same"),
            lacks(
                "through",
                Word(&["all", "invalid", "none"]),
                &["none"],
                "keep executions that the model rejects",
            ),
            lacks("throughflag", Text, &["none"], "keep only executions with that flag"),
            set("skipcheck", Text, Setting::SkipChecks, "leave out that check"),
            set("skipchecks", Text, Setting::SkipChecks, "leave out those checks"),
            lacks(
                "strictskip",
                Bool,
                &["false"],
                "keep only executions that the checks left out would reject",
            ),
            idle("show", Word(SHOW), "which executions are drawn"),
            idle("showflag", Text, "draw the executions with that flag"),
            set("badexecs", Bool, Setting::BadExecs, "print tests that have undefined executions too"),
            set("badflag", Text, Setting::BadFlag, "the flag that makes an execution undefined"),
            idle("statelessrc11", Bool, "another search for RC11"),
            lacks("dumpallfaults", Bool, &["false"], "print all faults"),
            idle("nshow", Int, "how many executions are drawn"),
            idle("showone", Bool, "draw one execution"),
            set("checkfilter", Bool, Setting::CheckFilter, "honour the filter of tests"),
        ],
    ),
    (
        "Events and edges in pictures (accepted and ignored)",
        &[
            idle("showinitrf", Bool, ""),
            idle("showfinalrf", Bool, ""),
            idle("doshow", Text, ""),
            idle("unshow", Text, ""),
            idle("showpo", Bool, ""),
            idle("symetric", Text, ""),
            idle("noid", Text, ""),
            idle("showraw", Text, ""),
            idle("oneinit", Bool, ""),
            idle("showevents", Text, ""),
            idle("showinitwrites", Bool, ""),
            idle("cycles", Text, ""),
            idle("dumpes", Bool, ""),
            idle("classes", Text, ""),
        ],
    ),
    (
        "Layout of pictures (accepted and ignored)",
        &[
            idle("showobserved", Bool, ""),
            idle("edgemerge", Bool, ""),
            idle("showlegend", Bool, ""),
            idle("showkind", Bool, ""),
            idle("shortlegend", Bool, ""),
            idle("labelinit", Bool, ""),
            idle("showthread", Bool, ""),
            idle("squished", Bool, ""),
            idle("fixedsize", Bool, ""),
            idle("extrachars", Float, ""),
            idle("brackets", Bool, ""),
            idle("initrfpos", Position, ""),
            idle("finalrfpos", Position, ""),
            idle("initpos", Position, ""),
            idle("splines", Text, ""),
            idle("margin", OptionalFloat, ""),
            idle("pad", OptionalFloat, ""),
            idle("sep", Text, ""),
            idle("fontname", Text, ""),
            idle("fontsize", OptionalInt, ""),
            idle("edgefontsizedelta", Int, ""),
            idle("penwidth", OptionalFloat, ""),
            idle("arrowsize", OptionalFloat, ""),
            idle("edgeattr", Text, ""),
            idle("overlap", Text, ""),
            idle("graph", Text, ""),
            idle("dotmode", Text, ""),
            idle("mono", Bool, ""),
            idle("scale", Float, ""),
            idle("xscale", Float, ""),
            idle("yscale", Float, ""),
            idle("dsiy", Float, ""),
            idle("siwidth", Float, ""),
            idle("ptscale", Float, ""),
            idle("boxscale", Float, ""),
            idle("shift", Text, ""),
            idle("threadposy", Float, ""),
            idle("relabel", Bool, ""),
            idle("withbox", Bool, ""),
            idle("labelbox", Bool, ""),
            idle("movelabel", Bool, ""),
        ],
    ),
];

/// The option of that name, written at that place.
pub fn find(name: &str, place: Where) -> Option<&'static Opt> {
    all(place).find(|opt| opt.name == name)
}

/// The name that was probably meant.
pub fn suggestion(name: &str, place: Where) -> Option<&'static str> {
    syntax::did_you_mean(name, all(place).map(|opt| opt.name))
}

fn all(place: Where) -> impl Iterator<Item = &'static Opt> {
    let written = move |opt: &&Opt| opt.place == Where::Both || opt.place == place;
    OPTIONS.iter().flat_map(|(_, options)| *options).filter(written)
}

impl Takes {
    /// What the argument must be, if it is not that.
    pub fn check(self, argument: &str) -> Result<(), String> {
        let (right, expected) = match self {
            Takes::Nothing | Takes::Text => (true, ""),
            Takes::Bool => (matches!(argument, "true" | "false"), "true or false"),
            Takes::Int => (argument.parse::<i64>().is_ok(), "a whole number"),
            Takes::OptionalInt => {
                (argument == "none" || argument.parse::<i64>().is_ok(), "a whole number or none")
            }
            Takes::Float => (is_number(argument), "a number"),
            Takes::OptionalFloat => (argument == "none" || is_number(argument), "a number or none"),
            Takes::Position => {
                let right = argument.split_once(',').is_some_and(|(x, y)| is_number(x) && is_number(y));
                (right, "two numbers with a comma between them")
            }
            Takes::Word(words) => {
                let expected = || format!("one of {}", words.join(", "));
                return if words.contains(&argument) { Ok(()) } else { Err(expected()) };
            }
        };
        if right { Ok(()) } else { Err(expected.to_owned()) }
    }
}

fn is_number(text: &str) -> bool {
    text.trim().parse::<f64>().is_ok_and(f64::is_finite)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_at_each_place() {
        for place in [Where::Line, Where::File] {
            let mut names: Vec<&str> = all(place).map(|opt| opt.name).collect();
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count);
        }
    }

    #[test]
    fn harmless_arguments_are_right_arguments() {
        for opt in OPTIONS.iter().flat_map(|(_, options)| *options) {
            if let Does::Lacks(harmless) = opt.does {
                assert!(harmless.iter().all(|argument| opt.takes.check(argument).is_ok()), "{}", opt.name);
            }
        }
    }
}
