//! Places that a test names, and the same test with other names.

use litmus::{
    Atom, CompareOp, Condition, Int, Literal, Observable, Observed, Operand, Place, Prop, Quantifier, Test,
};

/// All places that the initial state, the question and the lists of a test name.
pub(crate) fn all(test: &Test) -> Vec<Place> {
    let mut places: Vec<Place> = test.init.iter().map(|binding| binding.place.clone()).collect();
    for observable in &test.locations {
        if let Observed::Place(place) = &observable.item {
            places.push(place.clone());
        }
    }
    for prop in [Some(&test.condition.prop), test.filter.as_ref()].into_iter().flatten() {
        prop.for_each_atom(&mut |atom| {
            let Atom::Compare { place, value, .. } = atom else { return };
            places.push(place.clone());
            match value {
                Operand::Place(place) => places.push(place.clone()),
                // It may be a register; who knows those knows which.
                Operand::Literal(Literal::Label { thread, name }) => {
                    places.push(Place::Reg { thread: *thread, name: name.clone() });
                }
                Operand::Literal(_) => {}
            }
        });
    }
    places
}

/// Gives registers other names. `None`: there is no such register.
pub(crate) type Rename<'r> = dyn Fn(u32, &str) -> Option<String> + 'r;

/// A place under its other name; the place itself if it has none.
pub(crate) fn place(place: &Place, rename: &Rename<'_>) -> Result<Place, Place> {
    match place {
        Place::Reg { thread, name } => match rename(*thread, name) {
            Some(name) => Ok(Place::Reg { thread: *thread, name }),
            None => Err(place.clone()),
        },
        Place::Mem(_) | Place::Cell { .. } => Ok(place.clone()),
        Place::Deref(inner) => Ok(Place::Deref(Box::new(self::place(inner, rename)?))),
        Place::SymbolicReg(_) | Place::Special(_) => Err(place.clone()),
    }
}

/// A proposition under other names.
pub(crate) fn prop(prop: &Prop, rename: &Rename<'_>) -> Result<Prop, Place> {
    let all = |props: &[Prop]| -> Result<Vec<Prop>, Place> {
        props.iter().map(|prop| self::prop(prop, rename)).collect()
    };
    Ok(match prop {
        Prop::True => Prop::True,
        Prop::False => Prop::False,
        Prop::Not(inner) => Prop::Not(Box::new(self::prop(inner, rename)?)),
        Prop::And(props) => Prop::And(all(props)?),
        Prop::Or(props) => Prop::Or(all(props)?),
        Prop::Implies(left, right) => {
            Prop::Implies(Box::new(self::prop(left, rename)?), Box::new(self::prop(right, rename)?))
        }
        Prop::Atom(Atom::Compare { place, op, value, span }) => Prop::Atom(Atom::Compare {
            place: self::place(place, rename)?,
            op: *op,
            value: operand(value, rename)?,
            span: *span,
        }),
        Prop::Atom(fault @ Atom::Fault { .. }) => Prop::Atom(fault.clone()),
    })
}

fn operand(value: &Operand, rename: &Rename<'_>) -> Result<Operand, Place> {
    Ok(match value {
        Operand::Place(place) => Operand::Place(self::place(place, rename)?),
        Operand::Literal(Literal::Label { thread, name }) => match rename(*thread, name) {
            Some(name) => Operand::Literal(Literal::Label { thread: *thread, name }),
            None => value.clone(),
        },
        Operand::Literal(literal) => Operand::Literal(literal.clone()),
    })
}

/// The list of observed places under other names.
pub(crate) fn observables(list: &[Observable], rename: &Rename<'_>) -> Result<Vec<Observable>, Place> {
    list.iter()
        .map(|observable| {
            let item = match &observable.item {
                Observed::Place(place) => Observed::Place(self::place(place, rename)?),
                Observed::Fault(fault) => Observed::Fault(fault.clone()),
            };
            Ok(Observable { item, ty: observable.ty.clone(), span: observable.span })
        })
        .collect()
}

/// The same test, asking whether it may end with these values, by the names that states give.
pub(crate) fn ending(test: &Test, values: impl Iterator<Item = (String, String)>) -> Test {
    let atom = |(name, value): (String, String)| {
        let place = match name.split_once(':').map(|(thread, name)| (thread.parse(), name)) {
            Some((Ok(thread), name)) => Place::Reg { thread, name: name.to_owned() },
            _ => Place::Mem(name),
        };
        let literal = match value.parse() {
            Ok(number) => Literal::Int(Int::new(number)),
            Err(_) => Literal::Name(value),
        };
        Prop::Atom(Atom::Compare {
            place,
            op: CompareOp::Eq,
            value: Operand::Literal(literal),
            span: test.name_span,
        })
    };
    let condition = Condition {
        quantifier: Quantifier::Exists,
        prop: Prop::and(values.map(atom)),
        span: test.condition.span,
        kinds: Vec::new(),
    };
    Test { condition, locations: Vec::new(), ..test.clone() }
}
