//! Vectors in JSON, of which no number is read.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, SeqAccess, Visitor};

/// That a vector is there: numbers, or all of them in base64.
#[derive(Debug)]
pub(crate) struct Vector;

impl<'de> Deserialize<'de> for Vector {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Seen;

        impl<'de> Visitor<'de> for Seen {
            type Value = Vector;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("numbers, or base64")
            }
            fn visit_str<E: Error>(self, base64: &str) -> Result<Self::Value, E> {
                if base64.is_empty() { Err(E::invalid_length(0, &self)) } else { Ok(Vector) }
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<Self::Value, A::Error> {
                let mut length = 0;
                while numbers.next_element::<IgnoredAny>()?.is_some() {
                    length += 1;
                }
                if length == 0 { Err(A::Error::invalid_length(0, &self)) } else { Ok(Vector) }
            }
        }

        from.deserialize_any(Seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_is_numbers_or_base64_and_never_empty() {
        let read = |json: &str| serde_json::from_str::<Vector>(json).is_ok();
        assert!(read("[0.5, -1e-9]") && read(r#""AAAA""#));
        assert!(!read("[]") && !read(r#""""#) && !read("null") && !read("[NaN]"));
    }
}
