//! The affect as a picture.
