//! A panic is a mistake of ours in one test; the other tests go on.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

thread_local! {
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Makes panics silent: [`catch`] tells what happened. For programs, at their start.
pub fn install_hook() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(|at| format!(" ({}:{})", at.file(), at.line())).unwrap_or_default();
        let message = info.payload_as_str().unwrap_or("no message");
        LAST.with(|last| *last.borrow_mut() = Some(format!("{message}{place}")));
    }));
}

/// Runs `work`; a panic becomes an error that says what happened.
pub fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work))
        .map_err(|_| LAST.with(|last| last.borrow_mut().take()).unwrap_or_else(|| "no message".to_owned()))
}

/// Goes on with a panic that [`catch`] has caught on another thread.
pub fn again(message: String) -> ! {
    LAST.with(|last| *last.borrow_mut() = Some(message));
    resume_unwind(Box::new(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_become_errors() {
        assert_eq!(catch(|| 1), Ok(1));
        assert!(catch(|| std::hint::black_box(&[0][..])[usize::MAX]).is_err());
    }
}
