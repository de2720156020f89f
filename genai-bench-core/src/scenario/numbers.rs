//! Numbers in the text of a scenario.

/// Returns the numbers of `(a,b)/(c,d)` or of `(a,b,c,d)`, group by group; `None` for a text of another form.
///
/// ```
/// # use genai_bench_core::scenario::numbers;
/// assert_eq!(numbers("(480,240)/(300,150)"), Some(vec![vec![480, 240], vec![300, 150]]));
/// assert_eq!(numbers("(007, 1)"), Some(vec![vec![7, 1]]));
/// assert_eq!(numbers("(1.5)"), None);
/// ```
#[must_use]
pub fn numbers(text: &str) -> Option<Vec<Vec<u64>>> {
    let group = |group: &str| -> Option<Vec<u64>> {
        let inside = group.strip_prefix('(')?.strip_suffix(')')?;
        inside.split(',').map(|it| whole(it.trim())).collect()
    };
    text.split('/').map(|it| group(it.trim())).collect()
}

/// Returns a whole number in plain digits: without a sign, and at most as long as any number of tokens.
#[must_use]
pub fn whole(digits: &str) -> Option<u64> {
    let plain = !digits.is_empty() && digits.len() <= 12 && digits.bytes().all(|it| it.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// Returns four numbers, in one group or in two pairs. A slash may only separate the pairs.
pub(super) fn two_pairs(text: &str) -> Option<[u64; 4]> {
    match &numbers(text)?[..] {
        [all] => <[u64; 4]>::try_from(&all[..]).ok(),
        [first, second] if first.len() == 2 && second.len() == 2 => {
            Some([first[0], first[1], second[0], second[1]])
        }
        _ => None,
    }
}

/// Returns `N` numbers in one group.
pub(super) fn one_group<const N: usize>(text: &str) -> Option<[u64; N]> {
    match &numbers(text)?[..] {
        [all] => <[u64; N]>::try_from(&all[..]).ok(),
        _ => None,
    }
}
