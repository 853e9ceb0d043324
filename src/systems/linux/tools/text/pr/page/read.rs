//! How `pr` reads lines: tabs and signs that cannot be printed, what is cut off, form feeds.

use super::Printer;

impl Printer<'_> {
    /// Passes over what is cut off of a line.
    pub(super) fn skip_line(&mut self, index: usize) {
        let source = self.columns[index].source;
        loop {
            match self.sources[source].next() {
                Some(b'\n') => return,
                Some(b'\x0c') => {
                    self.sources[source].end_line();
                    self.feed_due |= self.page.keep_feeds;
                    return self.hold(index);
                }
                None => return self.close(index),
                Some(_) => {}
            }
        }
    }

    /// Reads a line and prints or gathers it: whether all of it fitted.
    pub(super) fn read_line(&mut self, index: usize, gathers: bool) -> bool {
        let source = self.columns[index].source;
        let mut byte = self.sources[source].next();
        if byte == Some(b'\x0c') && self.columns[index].full_page {
            byte = self.sources[source].next();
            if byte == Some(b'\n') {
                byte = self.sources[source].next();
            }
        }
        self.columns[index].full_page = false;
        let mut before = self.input_at;
        let mut clump = Vec::new();
        match byte {
            Some(b'\x0c') => {
                self.sources[source].end_line();
                self.only_feed = true;
                if self.wants_head && !self.page.storing {
                    self.printed = true;
                    self.print_head();
                } else {
                    self.feed_due |= self.page.keep_feeds;
                }
                self.hold(index);
                return true;
            }
            None => {
                self.close(index);
                return true;
            }
            Some(b'\n') => {}
            Some(byte) => clump = self.clump(byte),
        }
        if self.page.truncates && self.input_at > self.column_width {
            self.input_at = before;
            return false;
        }
        if !gathers {
            self.begin_line(index);
        }
        if self.columns[index].numbered {
            self.number_line(index, gathers);
        }
        self.empty_line = false;
        if byte == Some(b'\n') {
            return true;
        }
        clump.iter().for_each(|byte| self.emit(gathers, *byte));
        loop {
            match self.sources[source].next() {
                Some(b'\n') => return true,
                Some(b'\x0c') => {
                    self.sources[source].end_line();
                    self.feed_due |= self.page.keep_feeds;
                    self.hold(index);
                    return true;
                }
                None => {
                    self.close(index);
                    return true;
                }
                Some(byte) => {
                    before = self.input_at;
                    let clump = self.clump(byte);
                    if self.page.truncates && self.input_at > self.column_width {
                        self.input_at = before;
                        return false;
                    }
                    clump.iter().for_each(|byte| self.emit(gathers, *byte));
                }
            }
        }
    }

    fn begin_line(&mut self, index: usize) {
        self.printed = true;
        if self.wants_head && !self.page.storing {
            self.print_head();
        }
        if self.page.parallel && self.align_empty {
            let count = std::mem::take(&mut self.separators);
            for column in 0..count {
                self.align(column);
                self.separators += 1;
            }
            self.padding = self.columns[index].start;
            self.blanks = if self.page.truncates { self.column_width } else { 0 };
            self.align_empty = false;
        }
        self.pad();
        if self.page.separates {
            self.separate();
        }
    }

    /// What is printed of a character; how far the line has come is kept.
    fn clump(&mut self, byte: u8) -> Vec<u8> {
        let (bytes, width) = if byte == self.page.tab_in || byte == b'\t' {
            let stop = if byte == self.page.tab_in { self.page.tab_in_width } else { 8 };
            let width = stop - self.input_at % stop;
            (if self.page.untabify { vec![b' '; width] } else { vec![byte] }, width)
        } else if (b' '..=b'~').contains(&byte) {
            (vec![byte], 1)
        } else if self.page.escapes || self.page.carets && byte >= 0x80 {
            (format!("\\{byte:03o}").into_bytes(), 4)
        } else if self.page.carets {
            (vec![b'^', byte ^ 0x40], 2)
        } else if byte == b'\x08' {
            let bytes = if self.input_at == 0 { Vec::new() } else { vec![byte] };
            self.input_at = self.input_at.saturating_sub(1);
            (bytes, 0)
        } else {
            (vec![byte], 0)
        };
        self.input_at += width;
        bytes
    }
}
