//! Frames on the wire.
