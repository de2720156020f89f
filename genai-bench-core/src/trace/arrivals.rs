//! How arrivals are written: as the gaps between them, because most of a journal is these.
//!
//! An arrival of one piece of answer text, with no token count, is the gap to the one before in nanoseconds
//! (the first one's from the start of the run). Any other is `[gap, kind, pieces, tokens]`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Arrival, OutputKind};
use crate::units::{Offset, Tokens};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Plain(u64),
    Full(u64, OutputKind, u32, Option<Tokens>),
}

pub(super) fn serialize<S: Serializer>(arrivals: &[Arrival], to: S) -> Result<S::Ok, S::Error> {
    let mut before = 0;
    to.collect_seq(arrivals.iter().map(|it| {
        let gap = it.at.as_nanos().saturating_sub(before);
        before = it.at.as_nanos();
        match it {
            Arrival { kind: OutputKind::Text, pieces: 1, tokens: None, .. } => Written::Plain(gap),
            _ => Written::Full(gap, it.kind, it.pieces, it.tokens),
        }
    }))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Arrival>, D::Error> {
    let written = Vec::<Written>::deserialize(from)?;
    let mut nanos: u64 = 0;
    Ok(written
        .into_iter()
        .map(|it| {
            let (gap, kind, pieces, tokens) = match it {
                Written::Plain(gap) => (gap, OutputKind::Text, 1, None),
                Written::Full(gap, kind, pieces, tokens) => (gap, kind, pieces, tokens),
            };
            nanos = nanos.saturating_add(gap);
            Arrival { at: Offset::from_nanos(nanos), kind, pieces, tokens }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use crate::trace::{Arrival, OutputKind, Trace};
    use crate::units::{Offset, Tokens};

    #[test]
    fn arrivals_survive_the_journal() {
        let arrival =
            |nanos, kind, pieces, tokens| Arrival { at: Offset::from_nanos(nanos), kind, pieces, tokens };
        let trace = Trace {
            arrivals: vec![
                arrival(1_000, OutputKind::Reasoning, 2, Some(Tokens(3))),
                arrival(1_000, OutputKind::Text, 1, None),
                arrival(5_000, OutputKind::Text, 1, None),
                arrival(6_000, OutputKind::Text, 4, None),
            ],
            ..Trace::default()
        };
        let line = serde_json::to_string(&trace).unwrap();
        assert!(
            line.contains(r#""arrivals":[[1000,"reasoning",2,3],0,4000,[1000,"text",4,null]]"#),
            "{line}"
        );
        assert_eq!(serde_json::from_str::<Trace>(&line).unwrap(), trace);
    }
}
