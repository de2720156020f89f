//! Images, videos, audio and the chat template in a chat.

use super::super::{MediaCount, Settings};
use super::{chat, post, start};

#[test]
fn media_count_as_tokens_and_are_recorded() {
    let settings =
        Settings { tokens_per_image: 10, tokens_per_video: 100, tokens_per_audio: 7, ..Settings::instant() };
    let simulator = start(settings);
    let body = r#"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[
        {"type":"text","text":"what is this"},
        {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},
        {"type":"image_url","image_url":"https://example.com/a.png"},
        {"type":"video_url","video_url":{"url":"https://example.com/a.mp4"}},
        {"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]}]}"#;
    let answer = post(&simulator, "/v1/chat/completions", body).json();
    assert_eq!(answer["usage"]["prompt_tokens"], 3 + 2 * 10 + 100 + 7);
    let truth = &simulator.truth()[0];
    assert_eq!((truth.input_tokens.0, truth.media), (130, MediaCount { images: 2, videos: 1, audios: 1 }));
}

#[test]
fn the_template_adds_to_chats_and_not_to_completions() {
    let simulator = start(Settings { template_tokens: 12, ..Settings::instant() });
    assert_eq!(chat(&simulator, r#""max_tokens":1"#).json()["usage"]["prompt_tokens"], 3 + 12);
    let answer = post(&simulator, "/v1/completions", r#"{"model":"m","prompt":"one two"}"#).json();
    assert_eq!(answer["usage"]["prompt_tokens"], 2);
}
