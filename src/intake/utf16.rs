//! Converts UTF-16 to UTF-8 as it streams by.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding};

/// Replaces half a character. It is never part of UTF-8, so its line gets a fault.
const HALF: u8 = 0xFF;

/// Reads UTF-16 and gives UTF-8, without a byte-order mark. Half a character becomes a byte that is not
/// UTF-8.
pub(super) struct Utf16Reader<R> {
    source: R,
    decoder: Decoder,
    raw: Box<[u8]>,
    raw_start: usize,
    raw_end: usize,
    source_ended: bool,
    flushed: bool,
    text: Box<[u8]>,
    text_start: usize,
    text_end: usize,
}

impl<R: Read> Utf16Reader<R> {
    /// `encoding` is one of the two byte orders.
    pub(super) fn new(source: R, encoding: &'static Encoding) -> Self {
        Utf16Reader {
            source,
            decoder: encoding.new_decoder_with_bom_removal(),
            raw: vec![0; 64 * 1024].into(),
            raw_start: 0,
            raw_end: 0,
            source_ended: false,
            flushed: false,
            text: vec![0; 64 * 1024].into(),
            text_start: 0,
            text_end: 0,
        }
    }

    fn decode_more(&mut self) -> io::Result<()> {
        if self.raw_start == self.raw_end && !self.source_ended {
            self.raw_start = 0;
            self.raw_end = self.source.read(&mut self.raw)?;
            self.source_ended = self.raw_end == 0;
        }
        let raw = &self.raw[self.raw_start..self.raw_end];
        let (room_for_half, _) = self.text.split_at_mut(self.text.len() - 1);
        let (result, read, written) =
            self.decoder.decode_to_utf8_without_replacement(raw, room_for_half, self.source_ended);
        self.raw_start += read;
        self.text_start = 0;
        self.text_end = written;
        if matches!(result, DecoderResult::Malformed(..)) {
            self.text[written] = HALF;
            self.text_end += 1;
        }
        self.flushed = self.source_ended && result == DecoderResult::InputEmpty;
        Ok(())
    }
}

impl<R: Read> Read for Utf16Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.text_start == self.text_end && !self.flushed {
            self.decode_more()?;
        }
        let length = out.len().min(self.text_end - self.text_start);
        out[..length].copy_from_slice(&self.text[self.text_start..self.text_start + length]);
        self.text_start += length;
        Ok(length)
    }
}
