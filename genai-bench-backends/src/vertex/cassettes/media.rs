//! Recordings of pictures and sound. The expectations are the SDK's parsed output.

use genai_bench_core::conformance::{Cassette, Expected, Role};
use genai_bench_core::record::{FinishReason, Usage};
use genai_bench_core::request::{Input, Request};
use genai_bench_core::units::Tokens;

use super::{error_inside, stream, usage, whole};

const SDK: &str = "canned body, read by the google-genai Python SDK 3.4.0, 2026-11-25";

fn picture(model: &str, count: u32) -> Request {
    Request::new(model, Input::Images { prompt: "a cat".into(), size: Some((512, 512)), count })
}

fn speech() -> Request {
    Request::new("gemini-x-tts", Input::Speech { text: "Hello".into() })
}

/// Returns the recordings of Gemini's models.
pub(super) fn cassettes() -> Vec<Cassette> {
    let image =
        Expected { items: 1, usage: usage(3, 1290), finish: Some(FinishReason::Stop), ..Expected::default() };
    let held_back = Expected {
        error: Some((None, "no picture: IMAGE_SAFETY: Unable to show the generated image.")),
        ..Expected::default()
    };
    let sound = Expected {
        audio_bytes: 14,
        usage: usage(2, 32),
        finish: Some(FinishReason::Stop),
        ..Expected::default()
    };
    let at_once = Expected {
        audio_bytes: 6,
        usage: Usage { input: Some(Tokens(2)), ..Usage::default() },
        ..sound.clone()
    };
    let silence = Expected { error: Some((None, "no sound: STOP")), ..Expected::default() };
    let made = picture("gemini-x-image", 1);
    vec![
        from_sdk_request(
            made.clone(),
            whole("image", made.clone(), include_bytes!("../../../fixtures/vertex/image.json"), image),
        ),
        error_inside(from_sdk_request(
            made.clone(),
            whole(
                "image_held_back",
                made,
                include_bytes!("../../../fixtures/vertex/image_held_back.json"),
                held_back,
            ),
        )),
        from_sdk_request(
            speech(),
            stream("speech", include_bytes!("../../../fixtures/vertex/speech.sse"), sound),
        ),
        from_sdk_request(
            speech().unstreamed(),
            whole(
                "speech_at_once",
                speech(),
                include_bytes!("../../../fixtures/vertex/speech.json"),
                at_once,
            ),
        ),
        error_inside(Cassette {
            request: speech(),
            ..stream(
                "text_instead_of_speech",
                include_bytes!("../../../fixtures/vertex/thoughts_told_once.sse"),
                silence,
            )
        }),
    ]
}

/// Returns the recordings of Imagen, which only Vertex AI has.
pub(super) fn imagen_cassettes() -> Vec<Cassette> {
    let body = include_bytes!("../../../fixtures/vertex/imagen.json");
    let held_back = include_bytes!("../../../fixtures/vertex/imagen_held_back.json");
    let error = Expected { error: Some((None, "held back: The prompt could not")), ..Expected::default() };
    vec![
        from_sdk(whole("imagen", picture("imagen-x", 2), body, Expected { items: 2, ..Expected::default() })),
        Cassette {
            role: Role::Broken,
            ..from_sdk(whole("imagen_one_too_many", picture("imagen-x", 1), body, Expected::default()))
        },
        Cassette {
            role: Role::ErrorInside,
            ..from_sdk(whole("imagen_held_back", picture("imagen-x", 1), held_back, error))
        },
    ]
}

fn from_sdk(cassette: Cassette) -> Cassette {
    Cassette { origin: SDK, ..cassette }
}

fn from_sdk_request(request: Request, cassette: Cassette) -> Cassette {
    Cassette { request, origin: SDK, ..cassette }
}
