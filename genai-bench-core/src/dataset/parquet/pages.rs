//! Limits for the pages of a file, each of which is checked before it is unpacked. The size in a header is not trusted, because
//! it is a part of the file.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ::parquet::basic::{Compression, Encoding, Type};
use ::parquet::bloom_filter::Sbbf;
use ::parquet::column::page::{Page, PageMetadata, PageReader};
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::metadata::RowGroupMetaData;
use ::parquet::file::reader::{ChunkReader, RowGroupReader};
use ::parquet::record::reader::RowIter;
use ::parquet::schema::types::Type as SchemaType;
use flate2::read::MultiGzDecoder;

use super::levels::RowLengths;
use super::thrift::{Compact, Kind};

/// The maximum size of a header in bytes, including the smallest and the largest value of its page.
const MAX_HEADER: u64 = 64 << 20;
/// The maximum number of unpacked bytes of the pages in memory, one of each column. Writers make pages of 1 MiB, or of up to
/// 1,000 rows where rows are large.
const MAX_HELD: u64 = 1 << 30;
/// The memory of a value of a dictionary in bytes, besides the bytes of the value.
const DICTIONARY_VALUE: u64 = 32;
/// The maximum number of elements of a column in one row.
const MAX_ELEMENTS: u64 = 4 << 20;
/// The maximum number of bytes of a column in one row, if each element is the longest value of a dictionary.
const MAX_REPEATED: u64 = 1 << 30;

const INDEX_PAGE: i64 = 1;
const DICTIONARY_PAGE: i64 = 2;

/// A row group with limits for its pages.
pub(super) struct BoundedGroup<'a> {
    group: Box<dyn RowGroupReader + 'a>,
    file: &'a File,
    held: Arc<AtomicU64>,
}

impl<'a> BoundedGroup<'a> {
    pub(super) fn new(group: Box<dyn RowGroupReader + 'a>, file: &'a File) -> Self {
        Self { group, file, held: Arc::default() }
    }
}

impl RowGroupReader for BoundedGroup<'_> {
    fn metadata(&self) -> &RowGroupMetaData {
        self.group.metadata()
    }

    fn num_columns(&self) -> usize {
        self.group.num_columns()
    }

    fn get_column_page_reader(&self, column: usize) -> Result<Box<dyn PageReader>> {
        let pages = self.group.get_column_page_reader(column)?;
        let metadata = self.group.metadata().column(column);
        let (from, length) = metadata.byte_range();
        let max_level = metadata.column_descr().max_rep_level();
        Ok(Box::new(BoundedPages {
            pages,
            file: self.file.try_clone()?,
            at: from,
            end: from.saturating_add(length),
            is_gzip: matches!(metadata.compression(), Compression::GZIP(_)),
            is_text: metadata.column_type() == Type::BYTE_ARRAY,
            rows: (max_level > 0).then(|| RowLengths::new(max_level)),
            longest_value: 0,
            held: Held { all: self.held.clone(), page: 0, dictionary: 0 },
        }))
    }

    fn get_column_bloom_filter(&self, column: usize) -> Option<&Sbbf> {
        self.group.get_column_bloom_filter(column)
    }

    fn get_row_iter(&self, projection: Option<SchemaType>) -> Result<RowIter<'_>> {
        self.group.get_row_iter(projection)
    }
}

/// The memory of the pages of a column, as a share of the memory of all columns.
struct Held {
    all: Arc<AtomicU64>,
    page: u64,
    dictionary: u64,
}

impl Held {
    /// Replaces the previous page, or the dictionary, by one of `bytes` bytes.
    fn replace(&mut self, bytes: u64, is_dictionary: bool) -> Result<(), String> {
        let before = if is_dictionary { &mut self.dictionary } else { &mut self.page };
        let others = self.all.fetch_sub(*before, Ordering::Relaxed) - *before;
        *before = 0;
        if others.saturating_add(bytes) > MAX_HELD {
            return Err(format!(
                "a page of {bytes} bytes: the pages of all columns must have at most {MAX_HELD} bytes"
            ));
        }
        self.all.fetch_add(bytes, Ordering::Relaxed);
        *before = bytes;
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.all.fetch_sub(self.page + self.dictionary, Ordering::Relaxed);
    }
}

/// A reader of the pages of a column with limits.
struct BoundedPages {
    pages: Box<dyn PageReader>,
    file: File,
    /// The first byte of the next header.
    at: u64,
    end: u64,
    is_gzip: bool,
    is_text: bool,
    /// The counter of elements; `None` for a column without lists.
    rows: Option<RowLengths>,
    /// The length in bytes of the longest value of the dictionary, if its values are texts.
    longest_value: u64,
    held: Held,
}

impl BoundedPages {
    /// Reads the header of the next page. `None` at the end.
    fn header(&self) -> Result<Option<Header>, String> {
        let mut at = self.at;
        while at < self.end {
            let header = Header::read(&self.file, at, self.end)?;
            if header.kind != INDEX_PAGE {
                return Ok(Some(header));
            }
            at = header.end;
        }
        Ok(None)
    }

    /// Checks the next page and advances past it.
    fn check_next(&mut self) -> Result<(), String> {
        let Some(header) = self.header()? else {
            self.at = self.end;
            return Ok(());
        };
        self.at = header.end;
        let is_dictionary = header.kind == DICTIONARY_PAGE;
        if is_dictionary && header.values > header.unpacked {
            return Err(format!("a dictionary of {} values in {} bytes", header.values, header.unpacked));
        }
        let values = if is_dictionary { header.values * DICTIONARY_VALUE } else { 0 };
        self.held.replace(header.unpacked + values, is_dictionary)?;
        if self.is_gzip && !header.is_stored {
            check_gzip(&self.file, &header)?;
        }
        Ok(())
    }

    /// Checks the numbers of elements of the rows of an unpacked page.
    fn check_rows(&mut self, page: &Page) -> Result<(), String> {
        if let Page::DictionaryPage { buf, num_values, .. } = page {
            self.longest_value = if self.is_text { longest_text(buf, *num_values) } else { 0 };
            return Ok(());
        }
        let Some(rows) = &mut self.rows else { return Ok(()) };
        let elements = rows.longest_in(page)?;
        if elements > MAX_ELEMENTS {
            return Err(format!(
                "a row with {elements} elements in a column: it must have at most {MAX_ELEMENTS}"
            ));
        }
        let is_from_dictionary =
            matches!(page.encoding(), Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY);
        if is_from_dictionary && elements.saturating_mul(self.longest_value) > MAX_REPEATED {
            return Err(format!(
                "a row with {elements} elements of up to {} bytes in a column: it must have at most {MAX_REPEATED} bytes",
                self.longest_value
            ));
        }
        Ok(())
    }
}

impl PageReader for BoundedPages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        self.check_next().map_err(ParquetError::General)?;
        let page = self.pages.get_next_page()?;
        if let Some(page) = &page {
            self.check_rows(page).map_err(ParquetError::General)?;
        }
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.header().map_err(ParquetError::General)?;
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.check_next().map_err(ParquetError::General)?;
        self.pages.skip_next_page()
    }
}

impl Iterator for BoundedPages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

/// Unpacks a gzip page and drops the result, because the reader does not stop at the size in the header.
fn check_gzip(file: &File, header: &Header) -> Result<(), String> {
    let packed = file.get_read(header.begin).map_err(|error| error.to_string())?;
    let limit = header.unpacked + 1;
    let mut unpacked = MultiGzDecoder::new(packed.take(header.end - header.begin)).take(limit);
    // The levels before the values may be stored without gzip. An error is left to the reader.
    match io::copy(&mut unpacked, &mut io::sink()) {
        Ok(bytes) if bytes == limit => {
            Err(format!("a page that unpacks to more than {} bytes", header.unpacked))
        }
        _ => Ok(()),
    }
}

/// Returns the length in bytes of the longest text of a dictionary, in which each text follows its length.
fn longest_text(mut bytes: &[u8], count: u32) -> u64 {
    let mut longest = 0;
    for _ in 0..count {
        let Some((length, rest)) = bytes.split_first_chunk::<4>() else { break };
        let length = u32::from_le_bytes(*length);
        longest = longest.max(u64::from(length));
        bytes = rest.get(length as usize..).unwrap_or_default();
    }
    longest
}

/// The header of a page.
struct Header {
    kind: i64,
    /// The size of the unpacked page in bytes.
    unpacked: u64,
    values: u64,
    /// `true` if the page is not compressed although its column is.
    is_stored: bool,
    /// The offset of the page in the file.
    begin: u64,
    /// The offset of the byte after the page.
    end: u64,
}

impl Header {
    /// Reads the header at an offset of a file.
    fn read(file: &File, at: u64, end: u64) -> Result<Self, String> {
        let from = file.get_read(at).map_err(|error| error.to_string())?;
        let mut header = Compact::new(from, MAX_HEADER.min(end - at));
        let (mut kind, mut sizes, mut values, mut is_stored) = (0, [0; 2], 0, false);
        let mut last = 0;
        while let Some((number, field)) = header.field(&mut last)? {
            match (number, field) {
                (1, Kind::Integer) => kind = header.integer()?,
                (2 | 3, Kind::Integer) => sizes[usize::from(number == 3)] = header.integer()?,
                // The header of a data page, a dictionary page, or a data page of version 2.
                (5 | 7 | 8, Kind::Struct) => {
                    let mut inner = 0;
                    while let Some((inside, field)) = header.field(&mut inner)? {
                        match (inside, field) {
                            (1, Kind::Integer) => values = header.integer()?,
                            (7, Kind::False) if number == 8 => is_stored = true,
                            _ => header.skip(field)?,
                        }
                    }
                }
                _ => header.skip(field)?,
            }
        }
        let [unpacked, packed] =
            sizes.map(|size| u64::try_from(size).map_err(|_| "a page of a negative size".to_owned()));
        let values = u64::try_from(values).map_err(|_| "a page of a negative number of values".to_owned())?;
        let begin = at + header.consumed();
        Ok(Self { kind, unpacked: unpacked?, values, is_stored, begin, end: begin.saturating_add(packed?) })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use ::parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type};
    use ::parquet::file::properties::WriterProperties;
    use ::parquet::file::writer::SerializedFileWriter;
    use ::parquet::schema::parser::parse_message_type;

    use super::super::rows;
    use super::*;

    /// Returns a file with one row: a list of `count` times `value`.
    fn file_of<T: DataType>(kind: &str, value: &T::T, count: usize) -> File {
        let schema = format!("message m {{ repeated {kind} a; }}");
        let schema = Arc::new(parse_message_type(&schema).unwrap());
        let properties = WriterProperties::builder()
            .set_dictionary_page_size_limit(64 << 20)
            .set_statistics_enabled(::parquet::file::properties::EnabledStatistics::None);
        let file = tempfile::tempfile().unwrap();
        let copy = file.try_clone().unwrap();
        let mut writer = SerializedFileWriter::new(copy, schema, Arc::new(properties.build())).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let mut levels = vec![1; count];
        levels[0] = 0;
        let values = vec![value.clone(); count];
        column.typed::<T>().write_batch(&values, Some(&vec![1; count]), Some(&levels)).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
        file
    }

    fn problem_of(file: File) -> String {
        let first = rows(file).unwrap().next().unwrap();
        format!("{:?}", first.map(|row| row.1.len()).err())
    }

    #[test]
    fn a_row_of_millions_of_elements_is_refused() {
        assert_eq!(problem_of(file_of::<Int32Type>("int32", &7, 100_000)), "None");
        let problem = problem_of(file_of::<Int32Type>("int32", &7, 5_000_000));
        assert!(problem.contains("elements in a column: it must have at most 4194304"), "{problem}");
    }

    #[test]
    fn a_row_that_repeats_a_long_dictionary_value_is_refused() {
        let value = ByteArray::from(vec![b'x'; 1 << 20]);
        assert_eq!(problem_of(file_of::<ByteArrayType>("binary", &value, 3)), "None");
        let problem = problem_of(file_of::<ByteArrayType>("binary", &value, 1_100));
        assert!(problem.contains("1100 elements of up to 1048576 bytes in a column"), "{problem}");
    }

    #[test]
    fn pages_of_all_columns_share_a_memory_limit() {
        let all = Arc::new(AtomicU64::new(0));
        let mut columns = [0; 3].map(|_| Held { all: all.clone(), page: 0, dictionary: 0 });
        let [first, second, third] = &mut columns;
        first.replace(600 << 20, false).unwrap();
        second.replace(300 << 20, true).unwrap();
        assert!(third.replace(300 << 20, false).unwrap_err().contains("a page of 314572800 bytes"));
        first.replace(100 << 20, false).unwrap();
        third.replace(300 << 20, false).unwrap();
        drop(columns);
        assert_eq!(all.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_gzip_page_larger_than_its_header_is_refused() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&[0; 100_000]).unwrap();
        let gzip = gzip.finish().unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&gzip).unwrap();
        for (unpacked, is_right) in [(100_000, true), (99_999, false), (10, false)] {
            let end = gzip.len() as u64;
            let header = Header { kind: 0, unpacked, values: 1, is_stored: false, begin: 0, end };
            assert_eq!(check_gzip(&file, &header).is_ok(), is_right, "{unpacked}");
        }
    }

    #[test]
    fn a_header_of_a_page_is_read() {
        let mut file = tempfile::tempfile().unwrap();
        // Kind 2, 2^31 - 1 bytes, packed to 3, a dictionary of 300 values; then the page.
        let header =
            [0x15, 4, 0x15, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0x15, 6, 0x4c, 0x15, 0xd8, 4, 0, 0, 1, 2, 3];
        file.write_all(&header).unwrap();
        let read = Header::read(&file, 0, 19).unwrap();
        assert_eq!(
            (read.kind, read.unpacked, read.values, read.begin, read.end),
            (2, i32::MAX as u64, 300, 16, 19)
        );
        assert!(Header::read(&file, 0, 5).is_err());
    }
}
