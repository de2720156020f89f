//! Compact optional values, for the metrics that a run stores of each request.

use std::time::Duration;

use crate::units::Tokens;

/// A time span that may be absent, in eight bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span(u64);

impl Span {
    const ABSENT: Self = Self(u64::MAX);

    pub(super) fn get(self) -> Option<Duration> {
        (self != Self::ABSENT).then(|| Duration::from_nanos(self.0))
    }
}

impl Default for Span {
    fn default() -> Self {
        Self::ABSENT
    }
}

impl From<Option<Duration>> for Span {
    fn from(span: Option<Duration>) -> Self {
        span.map_or(Self::ABSENT, |span| {
            Self(u64::try_from(span.as_nanos()).unwrap_or(u64::MAX).min(u64::MAX - 1))
        })
    }
}

/// A number of tokens that may be absent, in four bytes; a number that does not fit becomes the largest one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Count(u32);

impl Count {
    const ABSENT: Self = Self(u32::MAX);

    pub(super) fn get(self) -> Option<Tokens> {
        (self != Self::ABSENT).then(|| Tokens(u64::from(self.0)))
    }
}

impl Default for Count {
    fn default() -> Self {
        Self::ABSENT
    }
}

impl From<Option<Tokens>> for Count {
    fn from(count: Option<Tokens>) -> Self {
        count.map_or(Self::ABSENT, |count| Self(u32::try_from(count.0).unwrap_or(u32::MAX).min(u32::MAX - 1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_preserved_and_absent_values_stay_absent() {
        assert_eq!(Span::default().get(), None);
        assert_eq!(Span::from(Some(Duration::ZERO)).get(), Some(Duration::ZERO));
        assert_eq!(Span::from(Some(Duration::MAX)).get(), Some(Duration::from_nanos(u64::MAX - 1)));
        assert_eq!(Count::default().get(), None);
        assert_eq!(Count::from(Some(Tokens(7))).get(), Some(Tokens(7)));
        assert_eq!(Count::from(Some(Tokens(u64::MAX))).get(), Some(Tokens(u64::from(u32::MAX) - 1)));
    }
}
