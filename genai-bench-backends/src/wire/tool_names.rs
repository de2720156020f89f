//! Names of the tools that an answer calls.

/// The maximum number of remembered names: a server that sends more repeats or invents them, and each is compared with
/// all.
const MOST_NAMES: usize = 1_024;

/// The names of the tools that an answer has called so far.
///
/// A name is generated text, and counts once: some servers repeat it in each piece of a call.
#[derive(Debug, Default)]
pub(crate) struct ToolNames(Vec<(CallId<String>, String)>);

/// A call of one answer: by its index in its choice, or by its id where it has no index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CallId<T> {
    choice: u64,
    index: Option<u64>,
    /// Empty where there is an index.
    id: T,
}

impl<'a> CallId<&'a str> {
    /// Creates the identity of the call with this index, where it has one, and this id, which may be empty.
    pub(crate) fn new(choice: u64, index: Option<u64>, id: &'a str) -> Self {
        Self { choice, index, id: if index.is_some() { "" } else { id } }
    }
}

impl ToolNames {
    /// Returns `name` unless it was reported before for the same call, else an empty text.
    pub(crate) fn unreported<'a>(&mut self, call: CallId<&str>, name: &'a str) -> &'a str {
        let has_come = self.0.iter().any(|(earlier, earlier_name)| {
            let is_same_call =
                (earlier.choice, earlier.index, &*earlier.id) == (call.choice, call.index, call.id);
            is_same_call && earlier_name == name
        });
        if name.is_empty() || has_come {
            return "";
        }
        if self.0.len() >= MOST_NAMES {
            return name;
        }
        let call = CallId { choice: call.choice, index: call.index, id: call.id.to_owned() };
        self.0.push((call, name.to_owned()));
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_counts_once_for_each_call() {
        let mut names = ToolNames::default();
        for (choice, index, id, name, counted) in [
            (0, Some(0), "a", "get_weather", "get_weather"),
            // Repeated, also with a new id.
            (0, Some(0), "a", "get_weather", ""),
            (0, Some(0), "b", "get_weather", ""),
            (0, Some(0), "", "", ""),
            // Piece by piece.
            (0, Some(0), "", "_of_today", "_of_today"),
            // Of another call, and of another choice.
            (0, Some(1), "", "get_weather", "get_weather"),
            (1, Some(0), "", "get_weather", "get_weather"),
            // Without an index, by the id.
            (0, None, "c", "get_weather", "get_weather"),
            (0, None, "c", "get_weather", ""),
            (0, None, "d", "get_weather", "get_weather"),
        ] {
            let read = names.unreported(CallId::new(choice, index, id), name);
            assert_eq!(read, counted, "{choice} {index:?} {id} {name}");
        }
    }
}
