//! The chunked transfer coding (RFC 9112 §7.1), at whatever boundaries the bytes arrive.
//! Extensions and trailers are read over; nobody asks for them.

use super::Malformed;

/// Extensions of one chunk, and the trailers, may have this many bytes.
const MOST_OVERHEAD: usize = 16 * 1024;

/// Takes the coding off.
#[derive(Debug, Default)]
pub(super) struct Chunked {
    state: State,
    /// Of the chunk that is being read: its size, or what is left of it.
    left: u64,
    overhead: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Before the first digit of a size.
    #[default]
    Start,
    Size,
    Extension,
    SizeEnd,
    Data,
    DataReturn,
    DataEnd,
    /// At the beginning of a line after the last chunk.
    TrailerStart,
    Trailer,
    TrailerEnd,
    /// After the carriage return of the empty line.
    LastEnd,
    Done,
}

impl Chunked {
    /// Takes bytes off `input`, until it is empty or the body has ended, and hands the data among
    /// them to `take`. True when the body has ended.
    pub(super) fn decode(
        &mut self,
        input: &mut &[u8],
        take: &mut impl FnMut(&[u8]),
    ) -> Result<bool, Malformed> {
        while self.state != State::Done {
            if self.state == State::Data {
                self.data(input, take);
            }
            let Some((&byte, rest)) = input.split_first() else { return Ok(false) };
            *input = rest;
            self.state = self.after(byte)?;
        }
        Ok(true)
    }

    fn data(&mut self, input: &mut &[u8], take: &mut impl FnMut(&[u8])) {
        let here = usize::try_from(self.left).unwrap_or(usize::MAX).min(input.len());
        let (data, rest) = input.split_at(here);
        if here > 0 {
            take(data);
        }
        *input = rest;
        self.left -= here as u64;
        if self.left == 0 {
            self.state = State::DataReturn;
        }
    }

    fn after(&mut self, byte: u8) -> Result<State, Malformed> {
        use State::{
            Data, DataEnd, DataReturn, Done, Extension, LastEnd, Size, SizeEnd, Start, Trailer,
            TrailerEnd, TrailerStart,
        };
        let next = match (self.state, byte) {
            (Start, _) => {
                self.left = digit(byte)?;
                self.overhead = 0;
                Size
            }
            (Size | Extension, b'\r') => SizeEnd,
            (Size, b';' | b' ' | b'\t') => Extension,
            (Size, _) => {
                if self.left >> 60 != 0 {
                    return Err(Malformed::Chunk);
                }
                self.left = self.left << 4 | digit(byte)?;
                Size
            }
            (Extension, 0..=8 | 10..=31 | 127) | (TrailerStart | Trailer, b'\n') => {
                return Err(Malformed::Chunk);
            }
            (Extension, _) => self.over(Extension)?,
            (SizeEnd, b'\n') if self.left == 0 => TrailerStart,
            (SizeEnd, b'\n') => Data,
            (DataReturn, b'\r') => DataEnd,
            (DataEnd, b'\n') => Start,
            (TrailerStart, b'\r') => LastEnd,
            (Trailer, b'\r') => TrailerEnd,
            (TrailerStart | Trailer, _) => self.over(Trailer)?,
            (TrailerEnd, b'\n') => TrailerStart,
            (LastEnd, b'\n') => Done,
            _ => return Err(Malformed::Chunk),
        };
        Ok(next)
    }

    fn over(&mut self, next: State) -> Result<State, Malformed> {
        self.overhead += 1;
        if self.overhead > MOST_OVERHEAD { Err(Malformed::Chunk) } else { Ok(next) }
    }
}

fn digit(byte: u8) -> Result<u64, Malformed> {
    let digit = char::from(byte).to_digit(16).ok_or(Malformed::Chunk)?;
    Ok(u64::from(digit))
}

#[cfg(test)]
mod tests;
