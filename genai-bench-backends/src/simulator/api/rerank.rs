//! `/v1/rerank`: documents by their relevance to a query.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::simulator::api::fields::{Fields, wrong};
use crate::simulator::error_response::ErrorResponse;
use crate::simulator::pieces::Output;
use crate::simulator::planned_response::{PlannedResponse, RequestContext};
use crate::simulator::prompt::Prompt;
use crate::simulator::random::{Purpose, RandomNumbers};
use crate::simulator::settings::{RerankShape, Settings, UsageMode};

/// A request to rank documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::simulator) struct Rerank {
    documents: Vec<String>,
    top: usize,
    return_documents: bool,
    shape: RerankShape,
}

impl Rerank {
    /// Parses the request. A cross-encoder reads the query once with each document, and so the query counts
    /// as often in the prompt.
    pub(super) fn read(
        fields: &Fields,
        settings: &Settings,
        prompt: &mut Prompt,
    ) -> Result<Self, ErrorResponse> {
        let query = fields.text("query")?;
        let expected = "an array of one document or more, each a text or an object with `text`";
        let documents = fields.list("documents", expected)?.iter().map(|document| {
            let text = document.as_str().or_else(|| document.get("text")?.as_str());
            let text = text.ok_or_else(|| wrong("documents", expected))?;
            prompt.text(query);
            prompt.text(text);
            Ok(text.to_owned())
        });
        let documents: Vec<String> = documents.collect::<Result<_, ErrorResponse>>()?;
        let all = documents.len() as u64;
        let top = fields.number("top_n", 1..=u64::MAX, all)?.min(all);
        Ok(Self {
            documents,
            top: usize::try_from(top).unwrap_or(usize::MAX),
            return_documents: fields.flag("return_documents", true)?,
            shape: settings.rerank_shape,
        })
    }

    pub(super) fn reply(self, context: &RequestContext<'_>) -> PlannedResponse {
        let draws = RandomNumbers::new(context.settings.seed, context.number, Purpose::Content);
        let head = json!({"id": format!("rerank-{}", context.number), "model": context.model});
        let tokens = context.input_tokens;
        let usage = json!({"prompt_tokens": tokens, "total_tokens": tokens});
        let usage = (context.settings.usage != UsageMode::Never).then_some(usage);
        PlannedResponse::json(1, Output::default(), move || {
            let results = self.results(draws);
            let mut answer = match self.shape {
                RerankShape::List => return Bytes::from(results.to_string()),
                RerankShape::Object => head,
            };
            if let Some(usage) = usage {
                answer["usage"] = usage;
            }
            answer["results"] = results;
            Bytes::from(answer.to_string())
        })
    }

    /// Returns random scores, the best first.
    fn results(&self, mut draws: RandomNumbers) -> Value {
        let mut scores: Vec<(usize, f64)> =
            (0..self.documents.len()).map(|index| (index, draws.fraction())).collect();
        scores.sort_by(|a, b| b.1.total_cmp(&a.1));
        scores.iter().take(self.top).map(|(index, score)| self.result(*index, *score)).collect()
    }

    fn result(&self, index: usize, score: f64) -> Value {
        let document = self.return_documents.then(|| self.documents[index].as_str());
        match (self.shape, document) {
            (RerankShape::Object, Some(text)) => {
                json!({"index": index, "document": {"text": text}, "relevance_score": score})
            }
            (RerankShape::Object, None) => json!({"index": index, "relevance_score": score}),
            (RerankShape::List, text) => {
                json!({"score": score, "document": text, "index": index, "meta_info": {}})
            }
        }
    }
}
