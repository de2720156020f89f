//! Scanning of JSON values inside recorded bodies, without parsing the text around them.

/// Returns the length in bytes of the JSON string at the beginning of `json`, quotes included; a string has no line
/// breaks.
pub(super) fn text_length(json: &[u8]) -> Option<usize> {
    let mut is_escaped = false;
    for (index, byte) in json.iter().enumerate().skip(1) {
        match byte {
            b'\n' => return None,
            b'"' if !is_escaped => return Some(index + 1),
            _ => is_escaped = *byte == b'\\' && !is_escaped,
        }
    }
    None
}

/// Returns the number of whitespace characters at the beginning of `json`.
pub(super) fn blanks(json: &[u8]) -> usize {
    json.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Returns the length in bytes of the number or object at the beginning of `json`.
pub(super) fn value_length(json: &[u8]) -> usize {
    if json.first() != Some(&b'{') {
        return json.iter().take_while(|byte| b"+-.eE0123456789".contains(byte)).count();
    }
    let (mut depth, mut index) = (0, 0);
    while let Some(byte) = json.get(index) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return index + 1,
            b'}' => depth -= 1,
            b'"' => index += text_length(&json[index..]).unwrap_or(1) - 1,
            _ => {}
        }
        index += 1;
    }
    json.len()
}
