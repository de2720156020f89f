//! Check of the footer of a file before the reader of the `parquet` crate parses it. That reader recurses for each level of the
//! schema, and allocates memory for as many columns as a group declares.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use super::thrift::{Compact, Kind};

/// The maximum size of a footer, in bytes. Files of large datasets have 1 MiB; parsing takes 25 times as much memory.
const MAX_BYTES: u64 = 32 << 20;
/// The maximum nesting depth of the columns of a schema.
const MAX_DEPTH: usize = 64;
/// The size of the length of the footer and the magic bytes, at the end of a file.
const END: u64 = 8;

/// Checks the footer of a file. A file without a footer is accepted, since the reader refuses it.
pub(super) fn check(file: &File) -> Result<(), String> {
    let Some(length) = footer_length(file).map_err(|error| error.to_string())? else { return Ok(()) };
    if length > MAX_BYTES {
        return Err(format!("the footer has {length} bytes: it must have at most {MAX_BYTES}"));
    }
    check_metadata(&footer(file, length).map_err(|error| error.to_string())?)
}

/// Returns the length of the footer in bytes; `None` if the file has none.
fn footer_length(mut file: &File) -> io::Result<Option<u64>> {
    let size = file.seek(SeekFrom::End(0))?;
    if size < END {
        return Ok(None);
    }
    let mut end = [0; END as usize];
    file.seek(SeekFrom::End(-(END as i64)))?;
    file.read_exact(&mut end)?;
    let [a, b, c, d, magic @ ..] = end;
    let length = u64::from(u32::from_le_bytes([a, b, c, d]));
    Ok((magic == *b"PAR1" && length <= size - END).then_some(length))
}

/// Reads a footer of `length` bytes.
fn footer(mut file: &File, length: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::End(-((END + length) as i64)))?;
    let mut footer = Vec::new();
    file.take(length).read_to_end(&mut footer)?;
    Ok(footer)
}

/// Checks the metadata of a file.
fn check_metadata(footer: &[u8]) -> Result<(), String> {
    let mut metadata = Compact::new(footer, footer.len() as u64);
    let mut last = 0;
    while let Some((number, kind)) = metadata.field(&mut last)? {
        match (number, kind) {
            (2, Kind::List) => check_schema(&mut metadata)?,
            _ => metadata.skip(kind)?,
        }
    }
    Ok(())
}

/// Checks the schema: a tree in depth-first order, in which each group has the number of its members.
fn check_schema(metadata: &mut Compact<&[u8]>) -> Result<(), String> {
    let (kind, count) = metadata.list()?;
    // The numbers of members that the open groups still lack.
    let mut open: Vec<u64> = Vec::new();
    for _ in 0..count {
        let members =
            if kind == Kind::Struct { members(metadata)? } else { metadata.skip(kind).map(|()| 0)? };
        if members > count {
            return Err(format!(
                "the schema has a group of {members} columns, but only {count} columns in all"
            ));
        }
        if let Some(left) = open.last_mut() {
            *left -= 1;
        }
        if members > 0 {
            open.push(members);
        }
        if open.len() > MAX_DEPTH {
            return Err(format!("the columns are nested more than {MAX_DEPTH} deep"));
        }
        while open.last() == Some(&0) {
            open.pop();
        }
    }
    Ok(())
}

/// Reads an element of the schema and returns the number of its members.
fn members(metadata: &mut Compact<&[u8]>) -> Result<u64, String> {
    let (mut last, mut members) = (0, 0);
    while let Some((number, kind)) = metadata.field(&mut last)? {
        match (number, kind) {
            (5, Kind::Integer) => {
                let declared = metadata.integer()?;
                members = u64::try_from(declared)
                    .map_err(|_| format!("the schema has a group of {declared} columns"))?;
            }
            _ => metadata.skip(kind)?,
        }
    }
    Ok(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a footer with a schema of groups, each with a number of members.
    fn footer_of(groups: &[u8]) -> Vec<u8> {
        let mut footer =
            vec![0x15, 2, 0x19, 0xfc, groups.len() as u8 & 0x7f | 0x80, (groups.len() >> 7) as u8];
        for members in groups {
            // Field 4 is a name, field 5 the number of members in zigzag encoding.
            footer.extend([0x48, 1, b'a', 0x15, members << 1, 0]);
        }
        footer.push(0);
        footer
    }

    #[test]
    fn deep_and_oversized_schemas_are_refused() {
        assert_eq!(check_metadata(&footer_of(&[2, 0, 1, 0])), Ok(()));
        assert!(check_metadata(&footer_of(&[1; 200])).unwrap_err().contains("more than 64 deep"));
        assert!(check_metadata(&footer_of(&[60, 0])).unwrap_err().contains("a group of 60 columns"));
        let endless = [0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x0f];
        assert!(check_metadata(&endless).unwrap_err().contains("a list of"));
        assert!(check_metadata(&[0x1c; 1000]).unwrap_err().contains("nested more than"));
    }
}
