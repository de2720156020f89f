//! The footer of a file, looked at before it is read: its reader calls itself for each level of the schema, and takes memory for
//! as many columns as a group is said to have.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::thrift::{Compact, Kind};

/// The most bytes of a footer: the files of large datasets have 1 MiB, and reading takes 25 times as much memory.
const MOST_BYTES: u64 = 32 << 20;
/// How deep the columns of a schema may lie in each other.
const MOST_DEPTH: usize = 64;
/// The length of the footer and the mark at the end of a file, in bytes.
const END: u64 = 8;

/// Checks the footer of a file. A file without one is left to its reader.
pub(super) fn check(mut file: &File) -> Result<(), String> {
    let told = |error: std::io::Error| error.to_string();
    let size = file.seek(SeekFrom::End(0)).map_err(told)?;
    if size < END {
        return Ok(());
    }
    let mut end = [0; END as usize];
    file.seek(SeekFrom::End(-(END as i64))).map_err(told)?;
    file.read_exact(&mut end).map_err(told)?;
    let [a, b, c, d, mark @ ..] = end;
    let length = u64::from(u32::from_le_bytes([a, b, c, d]));
    if mark != *b"PAR1" || length > size - END {
        return Ok(());
    }
    if length > MOST_BYTES {
        return Err(format!("its footer has {length} bytes: {MOST_BYTES} are the most"));
    }
    file.seek(SeekFrom::Start(size - END - length)).map_err(told)?;
    let mut footer = Vec::new();
    file.take(length).read_to_end(&mut footer).map_err(told)?;
    check_metadata(&footer)
}

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

/// Checks the schema: a tree, written from its root downwards, each group with the number of its members.
fn check_schema(metadata: &mut Compact<&[u8]>) -> Result<(), String> {
    let (kind, count) = metadata.list()?;
    // How many members are still to come of the groups around.
    let mut open: Vec<u64> = Vec::new();
    for _ in 0..count {
        let members =
            if kind == Kind::Struct { members(metadata)? } else { metadata.skip(kind).map(|()| 0)? };
        if members > count {
            return Err(format!("its schema has a group of {members} columns, and {count} columns in all"));
        }
        if let Some(left) = open.last_mut() {
            *left -= 1;
        }
        if members > 0 {
            open.push(members);
        }
        if open.len() > MOST_DEPTH {
            return Err(format!("its columns lie more than {MOST_DEPTH} deep in each other"));
        }
        while open.last() == Some(&0) {
            open.pop();
        }
    }
    Ok(())
}

/// Reads an element of the schema, and returns how many members it has.
fn members(metadata: &mut Compact<&[u8]>) -> Result<u64, String> {
    let (mut last, mut members) = (0, 0);
    while let Some((number, kind)) = metadata.field(&mut last)? {
        match (number, kind) {
            (5, Kind::Integer) => {
                let told = metadata.integer()?;
                members =
                    u64::try_from(told).map_err(|_| format!("its schema has a group of {told} columns"))?;
            }
            _ => metadata.skip(kind)?,
        }
    }
    Ok(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A footer with a schema of these groups, each with so many members.
    fn footer(groups: &[u8]) -> Vec<u8> {
        let mut footer =
            vec![0x15, 2, 0x19, 0xfc, groups.len() as u8 & 0x7f | 0x80, (groups.len() >> 7) as u8];
        for members in groups {
            // Field 4 is a name, field 5 the number of members, twice as much in this encoding.
            footer.extend([0x48, 1, b'a', 0x15, members << 1, 0]);
        }
        footer.push(0);
        footer
    }

    #[test]
    fn a_schema_is_neither_deep_nor_larger_than_it_is() {
        assert_eq!(check_metadata(&footer(&[2, 0, 1, 0])), Ok(()));
        assert!(check_metadata(&footer(&[1; 200])).unwrap_err().contains("more than 64 deep"));
        assert!(check_metadata(&footer(&[60, 0])).unwrap_err().contains("a group of 60 columns"));
        let endless = [0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x0f];
        assert!(check_metadata(&endless).unwrap_err().contains("a list of"));
        assert!(check_metadata(&[0x1c; 1000]).unwrap_err().contains("nested more than"));
    }
}
