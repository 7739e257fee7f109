#![allow(clippy::print_stdout, missing_docs, unused)]
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use turnsole_litmus::*;
fn walk(p: &Path, out: &mut Vec<PathBuf>) {
    for e in std::fs::read_dir(p).unwrap() {
        let p = e.unwrap().path();
        if p.is_dir() {
            walk(&p, out)
        } else if p.extension().is_some_and(|e| e == "litmus") {
            out.push(p)
        }
    }
}
fn main() {
    let mut corpora: Vec<_> =
        std::fs::read_dir("/work/shared/corpus").unwrap().map(|e| e.unwrap().path()).collect();
    corpora.sort();
    let only = std::env::args().nth(1);
    let mut time = std::time::Duration::ZERO;
    let mut bytes = 0;
    for c in corpora {
        if only.as_ref().is_some_and(|o| !c.ends_with(o)) {
            continue;
        }
        let mut fs = vec![];
        walk(&c.join("tests"), &mut fs);
        fs.sort();
        let log = String::from_utf8_lossy(&std::fs::read(c.join("expected.log")).unwrap()).into_owned();
        let mut hashes: BTreeMap<&str, &str> = BTreeMap::new();
        let mut conds: BTreeMap<&str, &str> = BTreeMap::new();
        let mut name = "";
        for l in log.lines() {
            if let Some(r) = l.strip_prefix("Test ") {
                name = r.rsplit_once(' ').unwrap().0
            }
            if let Some(r) = l.strip_prefix("Condition ") {
                conds.insert(name, r);
            }
            if let Some(r) = l.strip_prefix("Hash=") {
                hashes.insert(name, r);
            }
        }
        let (mut hn, mut hok) = (0, 0);
        let (mut bad, mut rt, mut condbad, mut n, mut compared) = (0, 0, 0, 0, 0);
        for f in &fs {
            let t = std::fs::read(f).unwrap();
            let Ok(t) = String::from_utf8(t) else {
                println!("utf8 {f:?}");
                continue;
            };
            n += 1;
            bytes += t.len();
            let t0 = std::time::Instant::now();
            let (test, errs) = parse(syntax::FileId(0), &t);
            time += t0.elapsed();
            if !errs.is_empty() {
                bad += 1;
                if bad < 6 {
                    println!(
                        "{} {:?}: {:?} @{:?}",
                        f.display(),
                        errs[0].code,
                        errs[0].message,
                        &t[errs[0].span.start as usize..(errs[0].span.start as usize + 40).min(t.len())]
                    );
                }
            }
            let Some(mut test) = test else { continue };
            let printed = test.to_string();
            let (again, errs2) = parse(syntax::FileId(0), &printed);
            if let Some(mut a) = again {
                a.clear_spans();
                test.clear_spans();
                if a != test || errs2.len() != errs.len() {
                    rt += 1;
                    if rt < 3 {
                        println!("ROUNDTRIP {}\n{printed}\n{errs2:?}", f.display());
                    }
                }
            } else {
                rt += 1;
                println!("ROUNDTRIP none {} {errs2:?}", f.display())
            }
            if let Some(h) = hashes.get(test.name.as_str()) {
                let ours = match &test.program {
                    Program::Asm(ts) => {
                        let code: Vec<Vec<CodeLine>> = ts
                            .iter()
                            .map(|t| {
                                t.cells
                                    .iter()
                                    .flat_map(|c| {
                                        let (ls, i) = c.split_labels();
                                        let mut v: Vec<CodeLine> =
                                            ls.iter().map(|l| CodeLine::Label(l.to_string())).collect();
                                        if !i.is_empty() {
                                            v.push(CodeLine::Instr(fix(test.arch, i)));
                                        }
                                        v
                                    })
                                    .collect()
                            })
                            .collect();
                        hash(&test, &code, &|_, r| Some(r.to_owned()))
                    }
                    _ => hash_source(&test),
                };
                hn += 1;
                if ours == *h {
                    hok += 1
                } else if std::env::var("HASH").is_ok() {
                    println!("HASH {}", f.display())
                }
            }
            if let Some(c2) = conds.get(test.name.as_str()) {
                let regs = |t: u32, r: &str| -> Option<String> {
                    if test.arch.is_c() {
                        return Some(r.into());
                    }
                    if r.starts_with('L') {
                        return None;
                    }
                    let r = match test.arch {
                        Arch::X86_64 => r.trim_start_matches('%').to_lowercase(),
                        Arch::X86 => r.trim_start_matches('%').to_uppercase(),
                        _ => r.to_owned(),
                    };
                    Some(r)
                };
                let hex = c.ends_with("aarch64-mixed-instructions") || c.ends_with("c-instructions");
                let s = Style {
                    register: &regs,
                    numbers: if hex {
                        Numbers::Hexadecimal { bits: 64 }
                    } else {
                        Numbers::Decimal {
                            bits: if matches!(test.arch, Arch::Arm | Arch::X86) { 32 } else { 64 },
                        }
                    },
                    form: Form::Log,
                };
                let ours = test.condition.styled(s).to_string();
                compared += 1;
                if ours != *c2 {
                    condbad += 1;
                    if condbad < 8 {
                        println!("COND {}\n  ours {ours}\n  herd {c2}", f.display())
                    }
                }
            }
        }
        println!(
            "{:40} files {n} with errors {bad} roundtrip {rt} conditions {compared} different {condbad} hash {hok}/{hn}",
            c.file_name().unwrap().to_string_lossy()
        );
    }
    println!("{:?} for {bytes} bytes = {:.2} ns/byte", time, time.as_nanos() as f64 / bytes as f64);
}

fn fix(a: Arch, i: &str) -> String {
    let (m, r) = i.split_once(char::is_whitespace).unwrap_or((i, ""));
    let mut r = r.replace(' ', "");
    if a != Arch::Bpf {
        // immediates in decimal
        let mut out = String::new();
        let mut it = r.as_str();
        while let Some(p) = it.find("0x") {
            out.push_str(&it[..p]);
            let d: String = it[p + 2..].chars().take_while(|c| c.is_ascii_hexdigit()).collect();
            out.push_str(&u64::from_str_radix(&d, 16).unwrap_or(0).to_string());
            it = &it[p + 2 + d.len()..];
        }
        out.push_str(it);
        r = out;
    }
    let s = if r.is_empty() { m.to_uppercase() } else { format!("{} {r}", m.to_uppercase()) };
    if a == Arch::Ppc && m.starts_with('b') {
        return format!("{m}  {r}");
    }
    match a {
        Arch::AArch64 | Arch::Arm => s.replace("LSL", "LSL ").replace("ASR", "ASR ").replace("LSR", "LSR "),
        Arch::Bpf => i.to_owned(),
        Arch::X86 | Arch::X86_64 => s,
        _ => s.replace(m.to_uppercase().as_str(), m),
    }
}
