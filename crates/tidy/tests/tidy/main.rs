//! The invariants of `ARCHITECTURE.md`, each with a test.

mod documents;
mod edges;
mod inputs;
mod rooms;
mod sources;
