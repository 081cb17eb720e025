//! Files as streams of text bytes: gzip unpacked, byte order marks taken away, UTF-16 turned into UTF-8.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use flate2::read::MultiGzDecoder;

/// Something to import: a file, or bytes that were already read (standard input).
#[derive(Clone, Debug)]
pub struct Source {
    name: String,
    origin: Origin,
}

#[derive(Clone, Debug)]
enum Origin {
    File(PathBuf),
    Memory(Arc<[u8]>),
}

impl Source {
    /// A file. It is read twice, first to learn how it is written, and never held as a whole.
    #[must_use]
    pub fn file(path: &Path) -> Self {
        let name = path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned();
        Self {
            name,
            origin: Origin::File(path.to_path_buf()),
        }
    }

    /// Bytes under a name that messages use.
    #[must_use]
    pub fn memory(name: &str, bytes: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            origin: Origin::Memory(Arc::from(bytes)),
        }
    }

    /// The name that messages use: of a file its last part.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The size as stored, 0 where it can't be told.
    #[must_use]
    pub fn n_bytes(&self) -> u64 {
        match &self.origin {
            Origin::File(path) => path.metadata().map_or(0, |metadata| metadata.len()),
            Origin::Memory(bytes) => bytes.len() as u64,
        }
    }

    /// Whether both are the same file.
    pub(crate) fn is_same_file(&self, other: &Self) -> bool {
        match (&self.origin, &other.origin) {
            (Origin::File(one), Origin::File(other)) => {
                one == other
                    || matches!((one.canonicalize(), other.canonicalize()), (Ok(a), Ok(b)) if a == b)
            }
            _ => false,
        }
    }

    /// Opens the stream at its beginning.
    pub(crate) fn open(&self) -> io::Result<Text> {
        let n_read = Rc::new(Cell::new(0));
        let raw: Box<dyn Read> = match &self.origin {
            Origin::File(path) => Box::new(Counted {
                inner: File::open(path)?,
                n_read: Rc::clone(&n_read),
            }),
            Origin::Memory(bytes) => Box::new(Counted {
                inner: Cursor::new(Arc::clone(bytes)),
                n_read: Rc::clone(&n_read),
            }),
        };
        let stored = Peeked::new(raw)?;
        let unpacked: Box<dyn Read> = if stored.starts_with(&[0x1f, 0x8b]) {
            Box::new(MultiGzDecoder::new(BufReader::with_capacity(
                BLOCK_BYTES,
                stored,
            )))
        } else {
            Box::new(stored)
        };
        let mut plain = Peeked::new(unpacked)?;
        let is_packed =
            plain.starts_with(b"PK\x03\x04") || plain.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]);
        let utf16 = [
            (encoding_rs::UTF_16LE, [0xff, 0xfe]),
            (encoding_rs::UTF_16BE, [0xfe, 0xff]),
        ];
        if let Some((encoding, _)) = utf16.into_iter().find(|(_, mark)| plain.starts_with(mark)) {
            let reader = Box::new(Transcoded::new(plain, encoding));
            return Ok(Text {
                reader,
                is_packed,
                is_utf16: true,
                n_read,
            });
        }
        if plain.starts_with(&[0xef, 0xbb, 0xbf]) {
            plain.skip(3);
        }
        Ok(Text {
            reader: Box::new(plain),
            is_packed,
            is_utf16: false,
            n_read,
        })
    }
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Self {
        Self::file(path)
    }
}

/// An opened source.
pub(crate) struct Text {
    pub reader: Box<dyn Read>,
    /// A zip archive or an old binary spreadsheet.
    pub is_packed: bool,
    pub is_utf16: bool,
    /// Stored bytes read so far.
    pub n_read: Rc<Cell<u64>>,
}

const BLOCK_BYTES: usize = 1 << 16;

struct Counted<R> {
    inner: R,
    n_read: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.n_read.set(self.n_read.get() + n as u64);
        Ok(n)
    }
}

/// A reader whose first four bytes are known before they are read.
struct Peeked {
    head: Vec<u8>,
    rest: Box<dyn Read>,
}

impl Peeked {
    fn new(mut rest: Box<dyn Read>) -> io::Result<Self> {
        let mut head = Vec::with_capacity(4);
        rest.by_ref().take(4).read_to_end(&mut head)?;
        Ok(Self { head, rest })
    }

    fn starts_with(&self, mark: &[u8]) -> bool {
        self.head.starts_with(mark)
    }

    fn skip(&mut self, n_bytes: usize) {
        self.head.drain(..n_bytes);
    }
}

impl Read for Peeked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.head.is_empty() {
            return self.rest.read(buffer);
        }
        let n = self.head.len().min(buffer.len());
        buffer[..n].copy_from_slice(&self.head[..n]);
        self.head.drain(..n);
        Ok(n)
    }
}

/// UTF-16 as UTF-8.
struct Transcoded {
    inner: Peeked,
    decoder: encoding_rs::Decoder,
    decoded: Vec<u8>,
    at: usize,
    is_finished: bool,
}

impl Transcoded {
    fn new(inner: Peeked, encoding: &'static encoding_rs::Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Self {
            inner,
            decoder,
            decoded: Vec::new(),
            at: 0,
            is_finished: false,
        }
    }

    fn decode_a_block(&mut self) -> io::Result<()> {
        let mut block = vec![0; BLOCK_BYTES];
        let n = self.inner.read(&mut block)?;
        let needed = self
            .decoder
            .max_utf8_buffer_length(n)
            .unwrap_or(4 * BLOCK_BYTES);
        self.decoded.resize(needed, 0);
        let (_, _, n_written, _) =
            self.decoder
                .decode_to_utf8(&block[..n], &mut self.decoded, n == 0);
        self.decoded.truncate(n_written);
        self.at = 0;
        self.is_finished = n == 0;
        Ok(())
    }
}

impl Read for Transcoded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.decoded.len() && !self.is_finished {
            self.decode_a_block()?;
        }
        let n = buffer.len().min(self.decoded.len() - self.at);
        buffer[..n].copy_from_slice(&self.decoded[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn text_of(bytes: &[u8]) -> (String, bool) {
        let mut opened = Source::memory("sales.csv", bytes).open().unwrap();
        let mut text = String::new();
        opened.reader.read_to_string(&mut text).unwrap();
        assert_eq!(opened.n_read.get(), bytes.len() as u64);
        (text, opened.is_utf16)
    }

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn marks_and_packing_are_taken_away() {
        let little: Vec<u8> = "\u{feff}año;1\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let big: Vec<u8> = "\u{feff}año;1\n"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        for (bytes, text) in [
            ("a,b\n".as_bytes().to_vec(), ("a,b\n", false)),
            ("\u{feff}a,b\n".as_bytes().to_vec(), ("a,b\n", false)),
            (gzipped("\u{feff}a,b\n".as_bytes()), ("a,b\n", false)),
            ([gzipped(b"a,"), gzipped(b"b\n")].concat(), ("a,b\n", false)),
            (little.clone(), ("año;1\n", true)),
            (big, ("año;1\n", true)),
            (gzipped(&little), ("año;1\n", true)),
            (b"a".to_vec(), ("a", false)),
            (Vec::new(), ("", false)),
        ] {
            assert_eq!(text_of(&bytes), (text.0.to_owned(), text.1));
        }
    }

    #[test]
    fn long_utf16_text_survives_the_block_borders() {
        let text = "ñandú €,x\r\n".repeat(30_000);
        let bytes: Vec<u8> = "\u{feff}"
            .chars()
            .chain(text.chars())
            .collect::<String>()
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(text_of(&bytes).0, text);
    }

    #[test]
    fn spreadsheets_are_told_from_text() {
        assert!(
            Source::memory("a.xlsx", b"PK\x03\x04more")
                .open()
                .unwrap()
                .is_packed
        );
        assert!(!Source::memory("a.csv", b"PK,x").open().unwrap().is_packed);
    }
}
