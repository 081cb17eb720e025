//! How one file parts its lines: delimiter and header.

use std::borrow::Cow;
use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use crate::columns::n_recognized;
use crate::error::IntakeError;
use crate::options::{Delimiter, Encoding};
use crate::source::{Source, Text};

/// Delimiter and header of a file.
pub(crate) struct Dialect {
    pub delimiter: Delimiter,
    pub header: Vec<String>,
    pub is_utf16: bool,
    /// Whether a first line `sep=;`, which spreadsheets write for one another, stands above the header.
    has_sep_line: bool,
    line_end: LineEnd,
}

/// What ends the lines of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LineEnd {
    /// `\n`
    LineFeed,
    /// `\r\n`, as spreadsheets write, or `\r`
    CarriageReturn,
}

/// The records below the header, and how far they have been read.
pub(crate) struct Records {
    reader: csv::Reader<Box<dyn Read>>,
    n_read: Rc<Cell<u64>>,
    /// Lines above what `reader` counts.
    lines_above: u64,
    line_end: LineEnd,
}

/// The lines of the file that a record takes, counted as an editor does.
pub(crate) struct Span {
    /// The line on which the record begins, from 1.
    pub line: u64,
    pub n_lines: u64,
}

impl Records {
    /// Reads on; nothing at the end of the file.
    pub(crate) fn read(&mut self, record: &mut csv::ByteRecord) -> io::Result<Option<Span>> {
        if !self.reader.read_byte_record(record)? {
            return Ok(None);
        }
        let within = record.as_slice().iter().filter(|&&byte| byte == b'\n');
        let within = within.count() as u64;
        // The reader has taken the line feed after the record, but not the one after a carriage return. Its position
        // before the record is that of the blank lines above, which it passes over; only at the end of a file that
        // ends without a line feed is it the better answer.
        let taken = u64::from(self.line_end == LineEnd::LineFeed);
        let from_end = self.reader.position().line().saturating_sub(within + taken);
        let from_start = record.position().map_or(0, csv::Position::line);
        Ok(Some(Span {
            line: from_end.max(from_start) + self.lines_above,
            n_lines: within + 1,
        }))
    }

    /// Bytes of the file read so far, as they are on disk.
    pub(crate) fn n_read(&self) -> u64 {
        self.n_read.get()
    }
}

/// What is looked at to find the delimiter.
const HEAD_BYTES: u64 = 1 << 16;
const HEAD_RECORDS: usize = 50;

impl Dialect {
    /// Looks at the first lines of `source`.
    pub(crate) fn detect(
        source: &Source,
        declared: Option<Delimiter>,
    ) -> Result<Self, IntakeError> {
        let file = || source.name().to_owned();
        let unreadable = |error| IntakeError::Unreadable {
            file: file(),
            source: error,
        };
        let Text {
            reader,
            is_packed,
            is_utf16,
            ..
        } = source.open().map_err(unreadable)?;
        if is_packed {
            return Err(IntakeError::NotText { file: file() });
        }
        let mut head = Vec::new();
        reader
            .take(HEAD_BYTES)
            .read_to_end(&mut head)
            .map_err(unreadable)?;
        let sep = sep_line(&head);
        let body = sep.map_or(head.as_slice(), |(_, n_bytes)| &head[n_bytes..]);
        if body.iter().all(u8::is_ascii_whitespace) {
            return Err(IntakeError::Empty { file: file() });
        }
        let said = declared.or(sep.map(|(delimiter, _)| delimiter));
        let delimiter = said.unwrap_or_else(|| best_fit(body));
        let header = header_of(body, delimiter);
        if header.len() < 2 {
            let first_line = header
                .first()
                .map_or("", String::as_str)
                .chars()
                .take(80)
                .collect();
            return Err(IntakeError::NoColumns {
                file: file(),
                first_line,
            });
        }
        Ok(Self {
            delimiter,
            header,
            is_utf16,
            has_sep_line: sep.is_some(),
            line_end: line_end(body),
        })
    }

    /// Opens `source` below its header.
    pub(crate) fn records(&self, source: &Source) -> io::Result<Records> {
        let Text {
            mut reader, n_read, ..
        } = source.open()?;
        if self.has_sep_line {
            let mut byte = [0];
            while reader.read(&mut byte)? == 1 && byte[0] != b'\n' {}
        }
        let reader = csv_reader(reader, self.delimiter);
        Ok(Records {
            reader,
            n_read,
            lines_above: u64::from(self.has_sep_line),
            line_end: self.line_end,
        })
    }
}

fn csv_reader<R: Read>(reader: R, delimiter: Delimiter) -> csv::Reader<R> {
    csv::ReaderBuilder::new()
        .delimiter(delimiter.byte())
        .flexible(true)
        .buffer_capacity(1 << 16)
        .from_reader(reader)
}

fn line_end(body: &[u8]) -> LineEnd {
    match body.iter().position(|&byte| matches!(byte, b'\r' | b'\n')) {
        Some(at) if body[at] == b'\r' => LineEnd::CarriageReturn,
        _ => LineEnd::LineFeed,
    }
}

/// `sep=;` as the first line, and its length.
fn sep_line(head: &[u8]) -> Option<(Delimiter, usize)> {
    let end = head.iter().position(|&byte| byte == b'\n')?;
    let line = std::str::from_utf8(&head[..end])
        .ok()?
        .trim_end_matches('\r')
        .trim_matches('"');
    let named = line
        .get(..4)
        .filter(|start| start.eq_ignore_ascii_case("sep="))
        .map(|_| &line[4..])?;
    Some((named.parse().ok()?, end + 1))
}

/// The delimiter that fits best; of equals the one that stands first among all.
fn best_fit(body: &[u8]) -> Delimiter {
    let [first, others @ ..] = Delimiter::ALL;
    let better = |best, other| {
        if fit(body, other) > fit(body, best) {
            other
        } else {
            best
        }
    };
    others.into_iter().fold(first, better)
}

/// How well a delimiter fits: recognized column names first, then lines as long as the header, then columns.
fn fit(body: &[u8], delimiter: Delimiter) -> (usize, usize, usize) {
    let header = header_of(body, delimiter);
    if header.len() < 2 {
        return (0, 0, 0);
    }
    let mut reader = csv_reader(body, delimiter);
    let n_even = reader
        .byte_records()
        .take(HEAD_RECORDS)
        .filter(|record| {
            record
                .as_ref()
                .is_ok_and(|record| record.len() == header.len())
        })
        .count();
    (n_recognized(&header), n_even, header.len())
}

fn header_of(body: &[u8], delimiter: Delimiter) -> Vec<String> {
    let mut reader = csv_reader(body, delimiter);
    let header = reader.byte_headers().map(|record| {
        let is_utf8 = std::str::from_utf8(record.as_slice()).is_ok();
        let encoding = if is_utf8 {
            Encoding::Utf8
        } else {
            Encoding::Windows1252
        };
        record
            .iter()
            .map(|field| decoded(field, encoding).into_owned())
            .collect()
    });
    header.unwrap_or_default()
}

/// The text of a field. What is not valid UTF-8 where UTF-8 was declared becomes U+FFFD.
pub(crate) fn decoded(field: &[u8], encoding: Encoding) -> Cow<'_, str> {
    match (encoding, std::str::from_utf8(field)) {
        (Encoding::Utf8, Ok(text)) => Cow::Borrowed(text),
        (Encoding::Windows1252, Ok(text)) if text.is_ascii() => Cow::Borrowed(text),
        (Encoding::Utf8, Err(_)) => String::from_utf8_lossy(field),
        (Encoding::Windows1252, _) => {
            encoding_rs::WINDOWS_1252
                .decode_without_bom_handling(field)
                .0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(text: &str) -> (Delimiter, Vec<String>) {
        let dialect = Dialect::detect(&Source::memory("sales.csv", text.as_bytes()), None)
            .expect("a dialect");
        (dialect.delimiter, dialect.header)
    }

    #[test]
    fn the_delimiter_is_the_one_that_parts_the_header_into_known_columns() {
        for (text, delimiter, n_columns) in [
            (
                "customer,date,amount\n1,2024-01-01,5\n",
                Delimiter::Comma,
                3,
            ),
            (
                "cliente;fecha;importe\n1;2024-01-01;5,50\n2;2024-01-01;6,50\n",
                Delimiter::Semicolon,
                3,
            ),
            (
                "cliente\tdata\tvalor\n1\t2024-01-01\t5,50\n",
                Delimiter::Tab,
                3,
            ),
            (
                "customer|date|amount|note\n1|2024-01-01|5|a,b;c\n",
                Delimiter::Pipe,
                4,
            ),
            (
                "\"customer\";\"name, first and last\";\"date\"\n1;\"a, b\";x\n",
                Delimiter::Semicolon,
                3,
            ),
            (
                "who;when;how much\n1;2024-01-01;5,50\n2;2024-01-02;6,50\n",
                Delimiter::Semicolon,
                3,
            ),
            ("sep=|\r\ncliente|fecha;x\n1|2\n", Delimiter::Pipe, 2),
        ] {
            let (found, header) = detect(text);
            assert_eq!((found, header.len()), (delimiter, n_columns), "{text}");
        }
    }

    #[test]
    fn a_file_without_columns_is_an_error() {
        for text in ["", "\n\n", "just one column\n1\n"] {
            assert!(
                Dialect::detect(&Source::memory("sales.csv", text.as_bytes()), None).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn header_names_are_decoded_whatever_their_encoding() {
        let dialect =
            Dialect::detect(&Source::memory("v.csv", b"c\xf3digo;fecha\n"), None).unwrap();
        assert_eq!(dialect.header, ["código", "fecha"]);
        assert_eq!(detect("código;fecha\n").1, ["código", "fecha"]);
    }
}
