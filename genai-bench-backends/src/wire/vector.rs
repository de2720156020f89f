//! Vectors in JSON, whose numbers are not parsed.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, SeqAccess, Visitor};
use serde_json::Value;

/// The presence of a vector: numbers, or a base64 text.
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

/// A list of vectors in a field of any type: the number of vectors, where it is one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct VectorList(Option<usize>);

impl VectorList {
    /// Returns the number of vectors in a list that is not empty and holds only vectors.
    pub(crate) fn count(self) -> Option<usize> {
        self.0.filter(|count| *count > 0)
    }
}

impl<'de> Deserialize<'de> for VectorList {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Value::Array(items) = Value::deserialize(from)? else { return Ok(Self(None)) };
        let are_vectors = items.iter().all(|item| Vector::deserialize(item).is_ok());
        Ok(Self(are_vectors.then_some(items.len())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_vectors_holds_nothing_else() {
        let count = |json: &str| serde_json::from_str::<VectorList>(json).unwrap().count();
        assert_eq!((count("[[1], [2, 3]]"), count(r#"["AAAA"]"#)), (Some(2), Some(1)));
        for json in ["null", "7", "{}", "[]", "[[]]", "[1]", r#"[[1], ""]"#, r#""AAAA""#] {
            assert_eq!(count(json), None, "{json}");
        }
    }

    #[test]
    fn a_vector_is_numbers_or_base64_and_never_empty() {
        let read = |json: &str| serde_json::from_str::<Vector>(json).is_ok();
        assert!(read("[0.5, -1e-9]") && read(r#""AAAA""#));
        assert!(!read("[]") && !read(r#""""#) && !read("null") && !read("[NaN]"));
    }
}
