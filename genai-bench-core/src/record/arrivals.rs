//! The compact form of arrivals in the journal: the gaps between them, because arrivals are most of a journal.
//!
//! An arrival of one piece of answer text, with no token count, is the gap to the one before in nanoseconds
//! (the first one's from the start of the run). Any other is `[gap, kind, pieces, tokens]`.

use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Arrival, MOST_ARRIVALS, OutputKind};
use crate::units::{Offset, Tokens};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Plain(u64),
    Full(u64, OutputKind, u32, Option<Tokens>),
}

pub(super) fn serialize<S: Serializer>(arrivals: &[Arrival], to: S) -> Result<S::Ok, S::Error> {
    let mut before = 0;
    to.collect_seq(arrivals.iter().map(|arrival| {
        let gap = arrival.at.as_nanos().saturating_sub(before);
        before = arrival.at.as_nanos();
        match arrival {
            Arrival { kind: OutputKind::Text, pieces: 1, tokens: None, .. } => Written::Plain(gap),
            _ => Written::Full(gap, arrival.kind, arrival.pieces, arrival.tokens),
        }
    }))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Arrival>, D::Error> {
    from.deserialize_seq(ArrivalsVisitor)
}

/// A visitor that reads at most [`MOST_ARRIVALS`] arrivals, one by one.
struct ArrivalsVisitor;

impl<'de> Visitor<'de> for ArrivalsVisitor {
    type Value = Vec<Arrival>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of arrivals")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let (mut arrivals, mut nanos) = (Vec::new(), 0_u64);
        while let Some(written) = items.next_element()? {
            if arrivals.len() > MOST_ARRIVALS {
                return Err(A::Error::custom(format!(
                    "more than {MOST_ARRIVALS} arrivals, the maximum for one answer"
                )));
            }
            let (gap, kind, pieces, tokens) = match written {
                Written::Plain(gap) => (gap, OutputKind::Text, 1, None),
                Written::Full(gap, kind, pieces, tokens) => (gap, kind, pieces, tokens),
            };
            nanos = nanos.saturating_add(gap);
            arrivals.push(Arrival { at: Offset::from_nanos(nanos), kind, pieces, tokens });
        }
        Ok(arrivals)
    }
}

#[cfg(test)]
mod tests {
    use super::MOST_ARRIVALS;
    use crate::record::{Arrival, OutputKind, RequestRecord};
    use crate::units::{Offset, Tokens};

    #[test]
    fn more_arrivals_than_an_answer_has_are_refused() {
        let line = |count: usize| {
            format!(
                r#"{{"index":0,"due":0,"called":0,"sent":0,"ended":0,"arrivals":[{}0]}}"#,
                "1,".repeat(count)
            )
        };
        assert_eq!(serde_json::from_str::<RequestRecord>(&line(9)).unwrap().arrivals.len(), 10);
        let error = serde_json::from_str::<RequestRecord>(&line(MOST_ARRIVALS + 1)).unwrap_err().to_string();
        assert!(error.contains("more than 2097152 arrivals"), "{error}");
    }

    #[test]
    fn arrivals_survive_the_journal() {
        let arrival =
            |nanos, kind, pieces, tokens| Arrival { at: Offset::from_nanos(nanos), kind, pieces, tokens };
        let record = RequestRecord {
            arrivals: vec![
                arrival(1_000, OutputKind::Reasoning, 2, Some(Tokens(3))),
                arrival(1_000, OutputKind::Text, 1, None),
                arrival(5_000, OutputKind::Text, 1, None),
                arrival(6_000, OutputKind::Text, 4, None),
            ],
            ..RequestRecord::default()
        };
        let line = serde_json::to_string(&record).unwrap();
        assert!(
            line.contains(r#""arrivals":[[1000,"reasoning",2,3],0,4000,[1000,"text",4,null]]"#),
            "{line}"
        );
        assert_eq!(serde_json::from_str::<RequestRecord>(&line).unwrap(), record);
    }
}
