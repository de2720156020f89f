//! A response in one piece.

use genai_bench_core::event::Events;
use genai_bench_core::failure::DecodeError;
use serde::Deserialize;

use super::super::text::Text;
use super::super::whole;
use super::ending::Ending;

/// Reads a response in one piece.
pub(in super::super) fn read(body: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
    let ending: Ending<'_> = whole::parse(body)?;
    if !ending.is_one() {
        return Err(DecodeError::Malformed("a response that has not ended".into()));
    }
    let said: Said<'_> = whole::parse(body)?;
    let items = said.output.unwrap_or_default();
    for item in &items {
        item.tell(events);
    }
    ending.tell(items.iter().any(|it| it.kind.as_str() == "function_call"), events);
    Ok(())
}

#[derive(Debug, Deserialize)]
struct Said<'a> {
    #[serde(borrow)]
    output: Option<Vec<Item<'a>>>,
}

#[derive(Debug, Deserialize)]
struct Item<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    content: Option<Vec<Piece<'a>>>,
    #[serde(borrow)]
    summary: Option<Vec<Piece<'a>>>,
    #[serde(borrow, default)]
    arguments: Text<'a>,
}

#[derive(Debug, Deserialize)]
struct Piece<'a> {
    #[serde(borrow, default)]
    text: Text<'a>,
    #[serde(borrow, default)]
    refusal: Text<'a>,
}

impl Item<'_> {
    fn tell(&self, events: &mut Events<'_>) {
        match self.kind.as_str() {
            "message" => {
                for piece in self.content.iter().flatten() {
                    events.text(piece.text.as_str());
                    events.text(piece.refusal.as_str());
                }
            }
            "reasoning" => {
                // Where there is the reasoning itself, a summary of it is not one more output.
                let itself = self.content.as_ref().filter(|it| !it.is_empty());
                for piece in itself.or(self.summary.as_ref()).into_iter().flatten() {
                    events.reasoning(piece.text.as_str());
                }
            }
            "function_call" => events.tool_call(self.arguments.as_str()),
            _ => events.skipped(),
        }
    }
}
