//! Reading logs, comparing them, and what comes out.

use expect_test::{Expect, expect};
use litmus::Log;
use syntax::FileId;
use turnsole_compare::*;

const MODEL: &str = "\
Test SB Allowed
States 3
0:EAX=0; 1:EAX=1;
0:EAX=1; 1:EAX=0;
0:EAX=1; 1:EAX=1;
No
Witnesses
Positive: 0 Negative: 3
Condition exists (0:EAX=0 /\\ 1:EAX=0)
Observation SB Never 0 3
Hash=0123456789abcdef0123456789abcdef

Test MP Forbidden
States 1
[x]=1; 1:EAX=0x1F;
Ok
Witnesses
Positive: 1 Negative: 0
Flag data-race
Condition ~exists ([x]=2)
Observation MP Never 0 1

Test Old Required
States 1

Ok
Witnesses
Positive: 1 Negative: 0
Condition forall (true)
Observation Old Always 1 0

";

const MACHINE: &str = "\
%%%%%%%%%%%%%%%%%%%%%%%%%
% Results for SB.litmus %
%%%%%%%%%%%%%%%%%%%%%%%%%
X86 SB
{ }
 P0          | P1          ;
exists (0:EAX=0 /\\ 1:EAX=0)
Generated assembler
Test SB Allowed
Histogram (4 states)
14    *>0:EAX=0; 1:EAX=0;
499993:>0:EAX=1; 1:EAX=0;
499991:>0:EAX=0; 1:EAX=1;
2     :>0:EAX=1; 1:EAX=1;
Ok

Witnesses
Positive: 14, Negative: 999986
Condition exists (0:EAX=0 /\\ 1:EAX=0) is validated
Hash=0123456789abcdef0123456789abcdef
Observation SB Sometimes 14 999986
Time SB 0.23

Test MP Forbidden
Histogram (1 states)
9     :>1:EAX=31; x=1;
Ok

Witnesses
Positive: 9, Negative: 0
Condition ~exists (x=2) is validated
Observation MP Never 0 9
Time MP 0.10

Test New Allowed
Histogram (1 states)
9     :>x=1;
No

Witnesses
Positive: 0, Negative: 9
Condition exists (x=2) is NOT validated
Observation New Never 0 9
";

fn named<'a>(title: &str, text: &'a str) -> NamedLog<'a> {
    let (log, problems) = read(FileId(0), text);
    assert!(!syntax::has_errors(&problems), "{problems:?}");
    NamedLog { title: title.to_owned(), log }
}

fn messages(text: &str) -> String {
    let (log, problems) = read(FileId(0), text);
    let mut lines: Vec<String> = problems
        .iter()
        .map(|it| {
            format!("{} {:?} {}", it.code, &text[it.span.start as usize..it.span.end as usize], it.message)
        })
        .collect();
    let answered = log.tests.iter().filter(|test| test.gap.is_none());
    lines.push(format!("answers: {}", answered.map(|test| &*test.name).collect::<Vec<_>>().join(" ")));
    lines.join("\n")
}

fn check(actual: &str, expected: Expect) {
    expected.assert_eq(actual);
}

#[test]
fn a_model_and_a_machine() {
    let logs = [named("model", MODEL), named("machine", MACHINE)];
    let comparison = compare(&logs, Options::default());
    check(
        &comparison.text(&Layout::default()),
        expect![[r#"
        Test  model                            machine                          difference
              verdict  observation  witnesses  verdict  observation  witnesses
        SB    No       Never        0 3        Ok       Sometimes    14 999986  +1 verdict
            + 0:EAX=0; 1:EAX=0;
        MP    Ok       Never        0 1        Ok       Never        0 9        flags
        Old   Ok       Always       1 0        missing                          missing
        New   missing                          No       Never        0 9        missing

        model and machine: 4 tests, 0 same, 4 different
          outcomes only in machine (positive)  1
          other verdict                        1
          other flags                          1
          answered only in model               1
          answered only in machine             1
    "#]],
    );
    assert!(comparison.differs());
    let all =
        Layout { all: true, brief: true, columns: vec![Column::Kind, Column::States], ..Layout::default() };
    check(
        &comparison.text(&all),
        expect![[r#"
        Test  model              machine            difference
              kind       states  kind       states
        SB    Allowed    3       Allowed    4       +1 verdict
        MP    Forbidden  1       Forbidden  1       flags
        Old   Required   1       missing            missing
        New   missing            Allowed    1       missing

        model and machine: 4 tests, 0 same, 4 different
          outcomes only in machine (positive)  1
          other verdict                        1
          other flags                          1
          answered only in model               1
          answered only in machine             1
    "#]],
    );
    check(
        &comparison.csv(&Layout::default()),
        expect![[r#"
        test,model verdict,model observation,model witnesses,machine verdict,machine observation,machine witnesses,difference,positive,negative
        SB,No,Never,0 3,Ok,Sometimes,14 999986,positive verdict,0:EAX=0; 1:EAX=0;,
        MP,Ok,Never,0 1,Ok,Never,0 9,flags,,
        Old,Ok,Always,1 0,missing,,,missing,,
        New,missing,,,No,Never,0 9,missing,,
    "#]],
    );
    check(
        &comparison.json(&Layout::default(), "test").unwrap(),
        expect![[r#"
        {"schema_version":1,"tool":"test","logs":[{"title":"model","tests":3},{"title":"machine","tests":3}],"summaries":[{"log":"machine","tests":4,"same":0,"different":4,"only_first":1,"only_other":1,"counts":0,"flags":1,"hash":0,"missing":2,"negative":0,"positive":1,"unknown":0,"verdict":1}],"tests":[{"name":"SB","logs":[{"kind":"Allowed","verdict":"No","observation":"Never","positive":0,"negative":3,"states":3,"hash":"0123456789abcdef0123456789abcdef"},{"kind":"Allowed","verdict":"Ok","observation":"Sometimes","positive":14,"negative":999986,"states":4,"hash":"0123456789abcdef0123456789abcdef"}],"differences":[{"log":"machine","classes":["positive","verdict"],"positive":["0:EAX=0; 1:EAX=0;"]}]},{"name":"MP","logs":[{"kind":"Forbidden","verdict":"Ok","observation":"Never","positive":0,"negative":1,"states":1,"flags":["data-race"]},{"kind":"Forbidden","verdict":"Ok","observation":"Never","positive":0,"negative":9,"states":1}],"differences":[{"log":"machine","classes":["flags"]}]},{"name":"Old","logs":[{"kind":"Required","verdict":"Ok","observation":"Always","positive":1,"negative":0,"states":1},null],"differences":[{"log":"machine","classes":["missing"]}]},{"name":"New","logs":[null,{"kind":"Allowed","verdict":"No","observation":"Never","positive":0,"negative":9,"states":1}],"differences":[{"log":"machine","classes":["missing"]}]}]}
    "#]],
    );
}

#[test]
fn a_page() {
    let logs = [named("<model>", MODEL), named("machine", MACHINE)];
    let comparison = compare(&logs, Options::default());
    let page = comparison.html(&Layout { columns: vec![Column::Observation], ..Layout::default() });
    let body = page.split("<body>").nth(1).unwrap();
    check(
        body,
        expect![[r#"

        <h1>&lt;model&gt; and machine</h1>
        <h2>&lt;model&gt; and machine</h2>
        <p>4 tests, 0 same, 4 different</p>
        <table>
        <tr><th>outcomes only in machine (positive)</th><td>1</td></tr>
        <tr><th>other verdict</th><td>1</td></tr>
        <tr><th>other flags</th><td>1</td></tr>
        <tr><th>answered only in &lt;model&gt;</th><td>1</td></tr>
        <tr><th>answered only in machine</th><td>1</td></tr>
        </table>
        <h2>Tests</h2>
        <table>
        <thead>
        <tr><th rowspan="2">Test</th><th colspan="1">&lt;model&gt;</th><th colspan="1">machine (runs)</th><th rowspan="2">Difference</th></tr>
        <tr><th>observation</th><th>observation</th></tr>
        </thead>
        <tbody>
        <tr class="different"><td>SB</td><td>Never</td><td>Sometimes</td><td><div>+1 verdict</div><ul class="positive"><li>+ 0:EAX=0; 1:EAX=0;</li></ul></td></tr>
        <tr class="different"><td>MP</td><td>Never</td><td>Never</td><td><div>flags</div></td></tr>
        <tr class="different"><td>Old</td><td>Always</td><td>missing</td><td><div>missing</div></td></tr>
        <tr class="different"><td>New</td><td>missing</td><td>Never</td><td><div>missing</div></td></tr>
        </tbody>
        </table>
        </body>
        </html>
    "#]],
    );
}

#[test]
fn only_what_is_asked_for() {
    let logs = [named("model", MODEL), named("machine", MACHINE)];
    let names = |options: Options| {
        let comparison = compare(&logs, options);
        let rows = comparison.rows.iter().filter(|row| row.differs());
        rows.map(|row| row.name.clone()).collect::<Vec<_>>().join(" ")
    };
    let only = |class| Options { only: Classes::from_iter([class]), ..Options::default() };
    assert_eq!(names(Options::default()), "SB MP Old New");
    assert_eq!(names(only(Class::Positive)), "SB");
    assert_eq!(names(only(Class::Negative)), "");
    assert_eq!(names(only(Class::Flags)), "MP");
    assert_eq!(names(only(Class::Missing)), "Old New");
    assert_eq!(names(Options { level: Level::Verdict, ..Options::default() }), "SB Old New");
    assert_eq!(names(Options { level: Level::Counts, ..only(Class::Counts) }), "SB MP");
}

#[test]
fn three_logs() {
    let other =
        MODEL.replace("No\nWitnesses\nPositive: 0 Negative: 3", "Ok\nWitnesses\nPositive: 1 Negative: 2");
    let other = other.replace("States 3\n0:EAX=0; 1:EAX=1;", "States 3\n0:EAX=0; 1:EAX=0;");
    let logs = [named("a", MODEL), named("b", MODEL), named("c", &other)];
    let comparison = compare(&logs, Options::default());
    check(
        &comparison.text(&Layout::default()),
        expect![[r#"
        Test  a                                b                                c                                difference
              verdict  observation  witnesses  verdict  observation  witnesses  verdict  observation  witnesses
        SB    No       Never        0 3        No       Never        0 3        Ok       Never        0 3        c: +1 -1 verdict
            - c: 0:EAX=0; 1:EAX=1;
            + c: 0:EAX=0; 1:EAX=0;

        a and b: 3 tests, 3 same, 0 different
        a and c: 3 tests, 2 same, 1 different
          outcomes only in c (positive)  1
          outcomes only in a (negative)  1
          other verdict                  1
    "#]],
    );
}

#[test]
fn tests_that_are_not_the_same() {
    let other = MODEL.replace("Hash=0123", "Hash=3210");
    let logs = [named("a", MODEL), named("b", &other)];
    let comparison = compare(&logs, Options::default());
    assert!(comparison.rows[0].has(Class::Hash));
    assert_eq!(comparison.summaries[0].different(), 1);
}

#[test]
fn cut_logs() {
    for (end, expected) in [
        (
            "Test SB",
            expect![[r#"
            log::no-log "" this is no log: there are no tests in it
            answers: "#]],
        ),
        (
            "0:EAX=1; 1:EAX=0;\n",
            expect![[r#"
            log::cut "0:EAX=1; 1:EAX=0;" the log is cut in `SB`; it is read up to there: 0 tests
            answers: "#]],
        ),
        (
            "Negative: 3\n",
            expect![[r#"
            log::cut "Positive: 0 Negative: 3" the log is cut in `SB`; it is read up to there: 0 tests
            answers: "#]],
        ),
        (
            "Observation SB Never 0",
            expect![[r#"
            log::cut "Observation SB Never 0" the log is cut in `SB`; it is read up to there: 0 tests
            answers: "#]],
        ),
        (
            "Hash=0123456789abcdef",
            expect![[r#"
            log::cut "Hash=0123456789abcdef" the log is cut; it is read up to there: 1 test
            answers: SB"#]],
        ),
        ("Hash=0123456789abcdef0123456789abcdef", expect!["answers: SB"]),
        (
            "[x]=1; 1:EA",
            expect![[r#"
            log::cut "[x]=1; 1:EA" the log is cut in `MP`; it is read up to there: 1 test
            answers: SB"#]],
        ),
        (
            "Observation MP Never",
            expect![[r#"
            log::cut "Observation MP Never" the log is cut in `MP`; it is read up to there: 1 test
            answers: SB"#]],
        ),
    ] {
        let len = MODEL.find(end).unwrap() + end.len();
        check(&messages(&MODEL[..len]), expected);
    }
}

/// Wherever a log is cut, what is read is what the whole log says.
#[test]
fn a_cut_log_never_says_something_else() {
    for (text, whole) in [(MODEL, Log::read(MODEL)), (MACHINE, Log::read(MACHINE))] {
        for len in (0..text.len()).filter(|len| text.is_char_boundary(*len)) {
            let cut = Log::read(&text[..len]);
            for (test, original) in cut.tests.iter().zip(&whole.tests).filter(|(test, _)| test.gap.is_none())
            {
                assert_eq!(test.states, original.states, "{len}");
                assert_eq!(test.validation, original.validation, "{len}");
                assert!(test.observation.is_none() || test.observation == original.observation, "{len}");
                assert!(test.hash.is_none() || test.hash == original.hash, "{len}");
            }
        }
    }
}

#[test]
fn no_logs() {
    check(
        &messages(""),
        expect![[r#"
        log::no-log "" the log is empty
        answers: "#]],
    );
    check(
        &messages("What is this?\n"),
        expect![[r#"
        log::no-log "" this is no log: there are no tests in it
        answers: "#]],
    );
    check(
        &messages("{\"a\": [1, 2]}"),
        expect![[r#"
        log::no-log "" this is JSON, but no log: there are no tests in it
        answers: "#]],
    );
    check(
        &messages("{\"name\": 1}"),
        expect![[r#"
        log::bad-json "1" this is no log: invalid type: integer `1`, expected a string
        answers: "#]],
    );
    check(
        &messages("{\"name\": \"A\", \"status\": \"complete\"}\n\n  oops"),
        expect![[r#"
        log::bad-json "o" this is no log: expected value
        answers: "#]],
    );
    check(&messages("[]"), expect!["answers: "]);
}

#[test]
fn tests_that_are_in_a_log_twice() {
    let twice = |second: &str| format!("{MODEL}{second}");
    check(&messages(&twice(MODEL)), expect!["answers: SB MP Old"]);
    check(
        &messages(&twice(&MODEL.replace("Flag data-race\n", ""))),
        expect![[r#"
        log::duplicate "Test MP Forbidden" `MP` is in the log twice, with different answers
        answers: SB MP Old"#]],
    );
    let interrupted = format!("{}{MODEL}", &MODEL[..MODEL.find("0:EAX=1; 1:EAX=0;").unwrap()]);
    check(
        &messages(&interrupted),
        expect![[r#"
        log::incomplete "Test SB Allowed" what the log says about `SB` is not complete
        answers: SB MP Old"#]],
    );
    let runs = format!("{MACHINE}{MACHINE}");
    let (log, problems) = read(FileId(0), &runs);
    assert_eq!((problems, log.tests.len(), log.tests[0].states[0].count), (Vec::new(), 3, Some(28)));
}

const JSON: &str = r#"{"schema_version":1,"tool":"t","tests":[
{"name":"SB","status":"complete","hash":"0123456789abcdef0123456789abcdef","condition":{"kind":"Allowed","text":"exists (0:EAX=0 /\\ 1:EAX=0)"},"verdict":"No","observation":"Never","positive":0,"negative":3,"states":[{"values":{"0:EAX":"0","1:EAX":"1"},"satisfies":false,"witnesses":1},{"values":{"0:EAX":"1","1:EAX":"0"}},{"values":{"0:EAX":"1","1:EAX":"1"}}],"flags":[]},
{"name":"MP","status":"complete","condition":{"kind":"Forbidden"},"verdict":"Ok","observation":"Never","positive":0,"negative":1,"states":[{"values":{"[x]":"1","1:EAX":"31","~fault(P0,x)":""}}],"flags":["data-race"]},
{"file":"broken.litmus","status":"error"},
{"name":"Old","status":"timeout"}
]}
"#;

#[test]
fn json() {
    let logs = [named("text", MODEL), named("json", JSON)];
    let comparison = compare(&logs, Options { level: Level::Counts, ..Options::default() });
    check(
        &comparison.text(&Layout::default()),
        expect![[r#"
        Test  text                             json                             difference
              verdict  observation  witnesses  verdict  observation  witnesses
        Old   Ok       Always       1 0        timeout                          missing

        text and json: 3 tests, 2 same, 1 different
          answered only in text  1
    "#]],
    );
    let lines: String =
        JSON.lines().skip(1).take(4).map(|line| line.trim_end_matches(',').to_owned() + "\n").collect();
    let pretty = JSON.replace("{\"name\"", "{\n  \"name\"").replace("\"tests\":[", "\"tests\" : [ ");
    let array = format!("[{}", &JSON[JSON.find('\n').unwrap()..JSON.len() - 2]);
    for text in [lines, pretty, array] {
        let mut log = named("json", &text).log;
        log.tests.iter_mut().zip(&logs[1].log.tests).for_each(|(test, original)| test.line = original.line);
        assert_eq!(log, logs[1].log, "{text}");
    }
}

#[test]
fn cut_json() {
    for len in (JSON.find("\"tests\"").unwrap() + 9..JSON.len() - 3).filter(|len| JSON.is_char_boundary(*len))
    {
        let (log, problems) = read(FileId(0), &JSON[..len]);
        assert_eq!(problems.iter().map(|it| it.code).collect::<Vec<_>>(), ["log::cut"], "{}", &JSON[..len]);
        let whole = JSON[..len].matches("\"}\n").count();
        assert!(log.tests.len() >= whole);
    }
    check(
        &messages(&JSON[..JSON.find("\"MP\"").unwrap()]),
        expect![[r#"
        log::cut "{\"name\":" the log is cut; it is read up to there: 1 test
        answers: SB"#]],
    );
}

#[test]
fn answers_that_nobody_has() {
    let log = "{\"name\":\"A\",\"status\":\"timeout\"}\n";
    let logs = [named("a", log), named("b", log)];
    let comparison = compare(&logs, Options::default());
    assert!(!comparison.differs() && comparison.has_unknown());
    check(
        &comparison.text(&Layout::default()),
        expect![[r#"
        Test  a                                b                                difference
              verdict  observation  witnesses  verdict  observation  witnesses
        A     timeout                          timeout                          unknown

        a and b: 1 test, 0 same, 1 different
          no answer in both  1
    "#]],
    );
}

#[test]
fn sums() {
    let logs = [named("a", MACHINE), named("b", MACHINE)];
    let (log, refused) = sum(&logs);
    assert!(refused.is_empty());
    check(
        &write_log(&log),
        expect![[r#"
        Test SB Allowed
        Histogram (4 states)
        28      *>0:EAX=0; 1:EAX=0;
        999986  :>0:EAX=1; 1:EAX=0;
        999982  :>0:EAX=0; 1:EAX=1;
        4       :>0:EAX=1; 1:EAX=1;
        Ok

        Witnesses
        Positive: 28, Negative: 1999972
        Condition exists (0:EAX=0 /\ 1:EAX=0) is validated
        Observation SB Sometimes 28 1999972
        Time SB 0.46
        Hash=0123456789abcdef0123456789abcdef

        Test MP Forbidden
        Histogram (1 states)
        18      :>1:EAX=31; x=1;
        Ok

        Witnesses
        Positive: 18, Negative: 0
        Condition ~exists (x=2) is validated
        Observation MP Never 0 18
        Time MP 0.20

        Test New Allowed
        Histogram (1 states)
        18      :>x=1;
        No

        Witnesses
        Positive: 0, Negative: 18
        Condition exists (x=2) is NOT validated
        Observation New Never 0 18

    "#]],
    );
    let logs = [named("a", MODEL), named("b", MODEL)];
    let (log, _) = sum(&logs);
    assert_eq!(Log::read(&write_log(&log)), Log::read(MODEL));
    let other = MODEL.replace("Hash=0123", "Hash=3210");
    let logs = [named("a", MODEL), named("b", &other)];
    assert_eq!(sum(&logs).1, ["SB"]);
}

#[test]
fn conditions_out_of_logs() {
    let logs = [named("model", MODEL), named("machine", MACHINE)];
    let comparison = compare(&logs, Options::default());
    check(
        &conditions(&comparison, Wanted::Log),
        expect![[r#"
        SB "exists (0:EAX=0 /\ 1:EAX=0)"
        MP "~exists ([x]=2)"
        Old "forall (true)"
        New "exists (x=2)"
    "#]],
    );
    check(
        &conditions(&comparison, Wanted::Forall),
        expect![[r#"
        SB "forall (0:EAX=0 /\ 1:EAX=1 \/ 0:EAX=1 /\ 1:EAX=0 \/ 0:EAX=1 /\ 1:EAX=1)"
        MP "forall ([x]=1 /\ 1:EAX=0x1F)"
        Old "forall (true)"
        New "forall (x=1)"
    "#]],
    );
    check(
        &conditions(&comparison, Wanted::Positive),
        expect![[r#"
        SB "exists (0:EAX=0 /\ 1:EAX=0)"
    "#]],
    );
    let text =
        [Wanted::Log, Wanted::Forall, Wanted::Exists, Wanted::Other].map(|it| conditions(&comparison, it));
    for text in text {
        let (read, errors) = litmus::read_conditions(FileId(0), &text);
        assert_eq!((read.len(), errors.len()), (4, 0), "{text}\n{errors:?}");
    }
}

proptest::proptest! {
    #[test]
    fn nothing_makes_the_reader_panic(text in "(Test [ab] Allowed\n|States [0-9]\n|Histogram \\([0-9] states\\)\n|[0-9]? ?[:*]?>?[xy]=[0-9é\"{};]{0,3}; ?\n?|Ok\n|Observation [ab] Never [0-9] |[0-9]\n|Hash=|\n|Positive: |Negative: |\\PC{0,3}){0,30}") {
        let (log, _) = read(FileId(0), &text);
        let logs = [NamedLog { title: "a".to_owned(), log: log.clone() }, NamedLog { title: "b".to_owned(), log }];
        let comparison = compare(&logs, Options { level: Level::Counts, ..Options::default() });
        proptest::prop_assert!(!comparison.differs());
        let layout = Layout { all: true, ..Layout::default() };
        let _ = (comparison.text(&layout), comparison.html(&layout), comparison.csv(&layout));
        let (sum, _) = sum(&logs);
        let _ = write_log(&sum);
    }

    #[test]
    fn no_json_makes_the_reader_panic(text in "[{\\[]([{}\\[\\],:]|\"(tests|name|status|states|values|x)\"|[0-9é ]|\\\\|\"){0,40}") {
        let _ = read(FileId(0), &text);
    }
}
