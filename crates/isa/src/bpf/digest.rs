//! The text that the hash of a test digests.
//!
//! Facts found by comparing with the hashes in herd7's logs:
//! 1. There is a blank behind the type of loads, and behind `store_release`.
//! 2. `r10` is called `fp`.
//! 3. An atomic operation seems to give its result to the register of its operand, whatever the test says.

/// What is digested instead of a canonical text, if it is something else.
pub(super) fn digested(text: &str) -> Option<String> {
    if let Some(operands) = text.strip_prefix("store_release") {
        return Some(with_frame_pointer(&format!("store_release {operands}")));
    }
    if text.contains(" = *(") || text.contains(" = load_acquire(") {
        return Some(with_frame_pointer(&text.replacen(" *)(", " *) (", 1)));
    }
    if let Some((_, behind)) = text.split_once(" = ")
        && behind.starts_with("atomic_fetch_")
        && let Some(operand) = behind.rsplit([' ', ')']).nth(1)
    {
        return Some(with_frame_pointer(&format!("{operand} = {behind}")));
    }
    text.contains("r10").then(|| with_frame_pointer(text))
}

fn with_frame_pointer(text: &str) -> String {
    text.replace("r10", "fp")
}
