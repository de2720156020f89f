//! The shape of a picture: these models are told of it, and have sizes of their own.

/// A width for a height.
type Ratio = (u32, u32);

/// Those of Gemini's models, as `ImageConfig` of Vertex AI's API, version 1, lists them.
pub(super) const GEMINI: &[Ratio] =
    &[(1, 1), (2, 3), (3, 2), (3, 4), (4, 3), (4, 5), (5, 4), (9, 16), (16, 9), (21, 9)];

/// Those of Imagen, as its API reference and the google-genai Python SDK 3.4.0 list them.
pub(super) const IMAGEN: &[Ratio] = &[(1, 1), (3, 4), (4, 3), (9, 16), (16, 9)];

/// The one of `known` that a picture of so many pixels has, such as `16:9`.
///
/// # Errors
///
/// When it has another one: what would be right.
pub(super) fn of((width, height): (u32, u32), known: &[Ratio]) -> Result<String, String> {
    let has = |it: &&Ratio| u64::from(width) * u64::from(it.1) == u64::from(height) * u64::from(it.0);
    let found = known.iter().find(|it| width > 0 && has(it));
    found.map(written).ok_or_else(|| {
        let all: Vec<_> = known.iter().map(written).collect();
        let (w, h) = nearest(f64::from(width) / f64::from(height), known);
        format!(
            "a picture of {width}x{height}: this model has sizes of its own and is told a ratio, which is one of {}; \
             a size that has one of these is right, such as I({w},{h})",
            all.join(", ")
        )
    })
}

fn written((width, height): &Ratio) -> String {
    format!("{width}:{height}")
}

/// A size of about a thousand pixels, of that of `known` which is nearest to `ratio`.
fn nearest(ratio: f64, known: &[Ratio]) -> (u32, u32) {
    let distance = |it: &Ratio| (ratio.ln() - (f64::from(it.0) / f64::from(it.1)).ln()).abs();
    let (width, height) = *known.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(&(1, 1));
    let scale = 1024 / width.max(height);
    (width * scale, height * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_told_as_its_ratio() {
        for (size, ratio) in
            [((512, 512), "1:1"), ((1600, 900), "16:9"), ((1080, 1350), "4:5"), ((2100, 900), "21:9")]
        {
            assert_eq!(of(size, GEMINI).unwrap(), ratio);
        }
        assert_eq!(of((768, 1024), IMAGEN).unwrap(), "3:4");
    }

    #[test]
    fn a_size_that_no_ratio_tells_is_refused_with_the_nearest_that_is_right() {
        let refused = of((1024, 1792), IMAGEN).unwrap_err();
        assert!(refused.contains("1024x1792") && refused.contains("1:1, 3:4, 4:3, 9:16, 16:9"), "{refused}");
        assert!(refused.ends_with("such as I(576,1024)"), "{refused}");
        assert!(of((1080, 1350), IMAGEN).unwrap_err().ends_with("I(768,1024)"));
        for nothing in [(0, 0), (0, 512), (512, 0)] {
            assert!(of(nothing, GEMINI).is_err(), "{nothing:?}");
        }
    }
}
