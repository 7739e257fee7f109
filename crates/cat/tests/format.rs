//! What formatting does to models.

use expect_test::{Expect, expect};
use syntax::FileId;
use turnsole_cat::format;

fn check(text: &str, expected: Expect) {
    let formatted = format(FileId(0), text).unwrap();
    expected.assert_eq(&formatted);
    assert_eq!(format(FileId(0), &formatted).unwrap(), formatted, "formatting again changes it");
}

#[test]
fn spaces() {
    check(
        "(* a\n   licence *)\nAArch64 \"title\"   catdep\n\n\n\ninclude\"cos.cat\" // why\nlet fr=rf^-1;co\nlet a = [R];po  ;[ W ]|b+&~c\\d?\n\
         let p = W*R|x*|(y* ;z *)  # end\nlet f(a,b) = a ++b\nlet g = f ( W , _*_ )\nflag~empty a as   oops\n\
         acyclic po|rf|fr   as sc",
        expect![[r#"
            (* a
               licence *)
            AArch64 "title" catdep

            include "cos.cat" // why
            let fr = rf^-1 ; co
            let a = [R] ; po ; [W] | b+ & ~c \ d?
            let p = W * R | x* | (y* ; z*) # end
            let f(a, b) = a ++ b
            let g = f (W, _ * _)
            flag ~empty a as oops
            acyclic po | rf | fr as sc
        "#]],
    );
}

#[test]
fn lines() {
    check(
        "\"m\"\nlet rec ob = rfe\n      | coe   (* one *)\n      | ob;ob (* two, longer *)\n          and ib =\n rfi | ( coi\n | fri )+\n  ;po\n\
         enum T =\n'A || 'B\n   || 'C\nlet u =\na\n|b\nlet m = match S with\n|| {} -> 0\n|| x ++ xs ->\nf x\nend\n\n\
         let n =\n   let k = a in\nlet l = b in\nk | l\n",
        expect![[r#"
            "m"
            let rec ob = rfe
              | coe     (* one *)
              | ob ; ob (* two, longer *)
            and ib =
              rfi | ( coi
              | fri )+
              ; po
            enum T =
                 'A || 'B
              || 'C
            let u =
                a
              | b
            let m = match S with
              || {} -> 0
              || x ++ xs ->
                f x
            end

            let n =
              let k = a in
              let l = b in
              k | l
        "#]],
    );
}

#[test]
fn nested_instructions() {
    check(
        "\"m\"\nprocedure p(r)=\nacyclic r\n(* inside *)\nirreflexive r\nend\ncall p(po)\n    if \"v\"\nlet x = a\nelse\nlet x = b\nend\n\
         forall x in S\ndo\nempty x\nend\n",
        expect![[r#"
            "m"
            procedure p(r) =
              acyclic r
              (* inside *)
              irreflexive r
            end
            call p(po)
            if "v"
              let x = a
            else
              let x = b
            end
            forall x in S
            do
              empty x
            end
        "#]],
    );
}

#[test]
fn what_is_wrong_is_said() {
    let errors = format(FileId(0), "\"m\"\nlet a = (b\n").unwrap_err();
    assert!(errors.iter().all(|error| error.severity == syntax::Severity::Error));
    assert!(!errors.is_empty());
}

#[test]
fn library_files_can_be_formatted() {
    for name in turnsole_cat::library::library_files() {
        let text = turnsole_cat::library::library_file(name).unwrap();
        let formatted = format(FileId(0), text).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        assert_eq!(format(FileId(0), &formatted).unwrap(), formatted, "{name}");
    }
}
