//! What is asked of a random program: what is observed, what holds of the executions that count, and the condition.

use super::{LOCATIONS, Program};
use crate::random::Random;

impl Program {
    /// All of it is observed, and the condition is about everything.
    pub(super) fn asks_for_everything(&self) -> String {
        let all = self.places();
        format!("{}{}", locations(&all), self.condition(&all))
    }

    /// Some of it is observed; the condition is about some of that, or of something else; now and then there is a filter.
    pub(super) fn asks_for_some(&self) -> String {
        let all = self.places();
        let observed: Vec<String> = all.iter().filter(|place| !self.leaves_out(place, 2)).cloned().collect();
        let asked: Vec<String> = all.iter().filter(|place| !self.leaves_out(place, 3)).cloned().collect();
        let mut random = Random::new(self.seed ^ 0xa5ed);
        let mut text = if observed.is_empty() { String::new() } else { locations(&observed) };
        if random.one_in(3) {
            text += &format!("filter ({})\n", formula(&mut random, &all, 1));
        }
        let quantifier = *random.pick(&["exists", "~exists", "forall"]);
        let asked = if asked.is_empty() { vec!["x".to_owned()] } else { asked };
        text + &format!("{quantifier} ({})\n", formula(&mut random, &asked, 2))
    }

    fn places(&self) -> Vec<String> {
        self.observed().into_iter().chain(LOCATIONS.map(str::to_owned)).collect()
    }

    /// Whether something is left out, one time in so many; the same for all programs of a seed.
    fn leaves_out(&self, place: &str, times: usize) -> bool {
        let number = place.bytes().fold(self.seed, |sum, byte| sum.wrapping_mul(31) ^ u64::from(byte));
        Random::new(number ^ times as u64).one_in(times)
    }
}

fn locations(places: &[String]) -> String {
    format!("locations [{}]\n", places.iter().map(|place| format!("{place};")).collect::<String>())
}

fn formula(random: &mut Random, places: &[String], depth: usize) -> String {
    if depth == 0 || random.one_in(4) {
        let equals = if random.one_in(4) { "<>" } else { "=" };
        return format!("{}{equals}{}", random.pick(places), random.below(3));
    }
    let [a, b] = [(); 2].map(|()| formula(random, places, depth - 1));
    match random.below(6) {
        0 => format!("not ({a})"),
        1 => format!("({a}) => ({b})"),
        2 | 3 => format!("({a}) \\/ ({b})"),
        _ => format!("({a}) /\\ ({b})"),
    }
}
