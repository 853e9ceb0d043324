//! The pages of `pr`, character by character: where each column begins, what is cut off, which blanks become tabs. Columns
//! that go down are gathered for a page and then printed line by line.

mod read;
mod stored;

use super::layout::{Head, Page, Source};
use crate::systems::linux::tools::input::Out;

/// Lines above and below the text of a page.
const AROUND: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Open,
    /// A form feed was met: what comes next is on another page.
    FeedFound,
    Held,
    Closed,
}

/// A column: of which file, whether lines of it are left on this page, and which of the gathered ones.
#[derive(Clone, Debug)]
struct Column {
    source: usize,
    status: Status,
    full_page: bool,
    left: usize,
    stored: usize,
    current: usize,
    numbered: bool,
    start: usize,
    /// Its lines are gathered first.
    gathers: bool,
}

/// A gathered line, and up to where it reaches.
type Stored = (Vec<u8>, usize);

struct Printer<'a> {
    page: Page,
    sources: Vec<Source>,
    columns: Vec<Column>,
    head: &'a Head,
    out: &'a mut Out,
    /// Pages before the first one are not shown.
    shows: bool,
    body: usize,
    column_width: usize,
    number_width: usize,
    page_number: usize,
    line_number: i64,
    wants_head: bool,
    feed_due: bool,
    only_feed: bool,
    printed: bool,
    empty_line: bool,
    align_empty: bool,
    input_at: usize,
    output_at: usize,
    padding: usize,
    blanks: usize,
    separators: usize,
    readable: usize,
    stored: Vec<Stored>,
    gathered: Vec<u8>,
}

impl Page {
    /// Prints a file, or several beside each other.
    ///
    /// # Errors
    /// What is wrong with the layout or the first page.
    pub fn print(mut self, sources: Vec<Source>, head: &Head, alone: bool, out: &mut Out) -> Result<(), String> {
        let mut body = self.length.saturating_sub(2 * AROUND);
        if body == 0 {
            (self.extremities, self.keep_feeds) = (false, true);
        }
        if !self.extremities {
            body = self.length;
        }
        if self.double {
            body = (body / 2).max(1);
        }
        self.parallel &= !alone;
        if self.parallel {
            self.columns = sources.len();
        }
        self.balance |= self.storing;
        if self.columns > 1 {
            if !self.separates {
                (self.separator, self.separates) = ((if self.join { "\t" } else { " " }).into(), true);
            } else if !self.join && self.separator == b"\t" {
                self.separator = b" ".to_vec();
            }
            self.truncates = true;
            self.untabify |= self.separator != b"\t";
            self.tabify = true;
        } else {
            self.storing = false;
        }
        self.truncates &= !self.join;
        let mut number_width = 0;
        if self.numbered {
            number_width = self.number_digits + if self.number_end == b'\t' { 8 - self.number_digits % 8 } else { 1 };
        }
        let used = if self.parallel { number_width } else { 0 };
        let room = self.width.saturating_sub(used).saturating_sub((self.columns - 1) * self.separator.len());
        let column_width = room / self.columns;
        if column_width < 1 {
            return Err("page width too narrow".to_owned());
        }
        let columns = (0..self.columns).map(|index| Column {
            source: if self.parallel { index } else { 0 },
            status: Status::Open,
            full_page: false,
            left: 0,
            stored: 0,
            current: 0,
            numbered: false,
            start: 0,
            gathers: self.storing,
        });
        let columns: Vec<Column> = columns.collect();
        let readable = if self.parallel { columns.len() } else { 1 };
        let (first_page, last_page, first_line) = (self.first_page, self.last_page, self.first_line);
        let mut printer = Printer {
            sources,
            columns,
            head,
            out,
            shows: first_page == 1,
            body,
            column_width,
            number_width,
            page_number: 1,
            line_number: first_line,
            wants_head: false,
            feed_due: false,
            only_feed: false,
            printed: false,
            empty_line: true,
            align_empty: false,
            input_at: 0,
            output_at: 0,
            padding: 0,
            blanks: 0,
            separators: 0,
            readable,
            stored: Vec::new(),
            gathered: Vec::new(),
            page: self,
        };
        printer.place();
        for number in 1.. {
            if number == first_page && first_page > 1 {
                printer.shows = true;
                if !printer.page.counts_skipped {
                    printer.line_number = first_line;
                }
                if printer.ready() == 0 || !printer.has_more() {
                    let pages = number - 1;
                    return Err(format!("starting page number {first_page} exceeds page count {pages}"));
                }
            }
            printer.page_number = number;
            if number < first_page && !printer.has_more() {
                return Err(format!("starting page number {first_page} exceeds page count {}", number - 1));
            }
            if number > last_page || !printer.one_page() {
                break;
            }
        }
        Ok(())
    }
}

impl Printer<'_> {
    fn has_more(&self) -> bool {
        self.sources.iter().any(|source| source.at < source.text.len())
    }

    fn put(&mut self, byte: u8) {
        if self.shows {
            self.out.push(&[byte]);
        }
    }

    fn several(&mut self, byte: u8, count: usize) {
        (0..count).for_each(|_| self.put(byte));
    }

    /// Where the columns begin. None is 0 and stands for anywhere: only where lines are cut off they begin somewhere.
    fn place(&mut self) {
        let (page, separator) = (&self.page, self.page.separator.len());
        let first = if page.parallel && page.numbered { self.number_width } else { 0 };
        let (mut start, mut next) = (page.margin + separator, page.margin + self.column_width + first);
        for (index, column) in self.columns.iter_mut().enumerate() {
            column.numbered = page.numbered && (!page.parallel || index == 0);
            column.start = start;
            if page.truncates {
                start = next + separator;
                next = start + self.column_width;
            } else {
                start = 0;
            }
        }
    }

    fn ready(&self) -> usize {
        let is_ready = |column: &&Column| {
            matches!(column.status, Status::Open | Status::FeedFound)
                || self.page.storing && column.stored > 0 && column.left > 0
        };
        self.columns.iter().filter(is_ready).count()
    }

    /// Prints a page; whether there may be another.
    fn one_page(&mut self) -> bool {
        self.begin_page();
        if self.ready() == 0 {
            return false;
        }
        self.wants_head = self.page.extremities;
        let mut printed = false;
        let mut left = if self.page.double { self.body * 2 } else { self.body };
        while left > 0 && self.ready() > 0 {
            (self.output_at, self.blanks, self.separators) = (0, 0, 0);
            (self.printed, self.align_empty, self.empty_line) = (false, false, true);
            for index in 0..self.columns.len() {
                self.input_at = 0;
                let status = self.columns[index].status;
                if self.columns[index].left > 0 || status == Status::FeedFound {
                    self.only_feed = false;
                    self.padding = self.columns[index].start;
                    if self.columns[index].gathers {
                        self.print_stored(index);
                    } else if !self.read_line(index, false) {
                        self.skip_line(index);
                    }
                    printed |= self.printed;
                    let column = &mut self.columns[index];
                    column.left = column.left.saturating_sub(1);
                    if column.left == 0 && self.ready() == 0 {
                        break;
                    }
                    let status = self.columns[index].status;
                    if self.page.parallel && status != Status::Open {
                        if self.empty_line {
                            self.align_empty = true;
                        } else if status == Status::Closed || status == Status::Held && self.only_feed {
                            self.align(index);
                        }
                    }
                } else if self.page.parallel {
                    if self.empty_line {
                        self.align_empty = true;
                    } else {
                        self.align(index);
                    }
                }
                if self.page.separates {
                    self.separators += 1;
                }
            }
            if self.printed {
                self.put(b'\n');
                left -= 1;
            }
            if self.ready() == 0 && !self.page.extremities {
                break;
            }
            if self.page.double && printed {
                self.put(b'\n');
                left = left.saturating_sub(1);
            }
        }
        if left == 0 {
            let open = self.columns.iter_mut().filter(|column| column.status == Status::Open);
            open.for_each(|column| column.full_page = true);
        }
        self.printed = printed;
        if printed && self.page.extremities {
            if self.page.form_feed {
                self.put(b'\x0c');
            } else {
                self.several(b'\n', left + AROUND);
            }
        } else if self.page.keep_feeds && self.feed_due {
            self.put(b'\x0c');
            self.feed_due = false;
        }
        self.reopen();
        true
    }

    fn begin_page(&mut self) {
        if self.page.storing {
            self.gather();
            self.columns.iter_mut().for_each(|column| column.left = column.stored);
            return;
        }
        for column in &mut self.columns {
            column.left = if column.status == Status::Open { self.body } else { 0 };
        }
    }

    fn reopen(&mut self) {
        for column in self.columns.iter_mut().filter(|column| column.status == Status::Held) {
            column.status = Status::Open;
            self.readable += 1;
        }
        if self.page.storing {
            self.readable = usize::from(self.columns[0].status != Status::Closed);
            self.columns.iter_mut().filter(|c| c.status == Status::FeedFound).for_each(|c| c.status = Status::Open);
        }
    }

    fn print_head(&mut self) {
        (self.output_at, self.blanks) = (0, self.page.margin);
        if self.page.tabify {
            self.print_blanks();
        } else {
            let margin = std::mem::take(&mut self.blanks);
            self.several(b' ', margin);
        }
        let number = format!("Page {}", self.page_number);
        let used = [&self.head.date, &self.head.name, &number].iter().map(|text| text.chars().count()).sum::<usize>();
        let room = self.page.width.saturating_sub(used);
        let (left, right) = ((room / 2).max(1), (room - room / 2).max(1));
        let margin = self.page.margin;
        if self.shows {
            let [margin, left, right] = [margin, left, right].map(|count| " ".repeat(count));
            let (date, name) = (&self.head.date, &self.head.name);
            self.out.text(&format!("\n\n{margin}{date}{left}{name}{right}{number}\n\n\n"));
        }
        (self.wants_head, self.output_at) = (false, 0);
    }

    /// The blanks up to where a column begins, its separator not among them.
    fn pad(&mut self) {
        let separator = self.page.separator.len();
        if separator < self.padding {
            let position = self.padding - separator;
            if self.page.tabify {
                self.blanks = position.saturating_sub(self.output_at);
            } else {
                self.several(b' ', position.saturating_sub(self.output_at));
                self.output_at = position;
            }
            self.padding = 0;
        }
    }

    fn separate(&mut self) {
        if self.separators == 0 && self.blanks > 0 {
            self.print_blanks();
        }
        let separator = self.page.separator.clone();
        for round in 0..std::mem::take(&mut self.separators) {
            // The text of the separator is used up by the first of several.
            for byte in separator.iter().filter(|_| round == 0) {
                if *byte == b' ' {
                    self.blanks += 1;
                } else {
                    if self.blanks > 0 {
                        self.print_blanks();
                    }
                    self.put(*byte);
                    self.output_at += 1;
                }
            }
            if self.blanks > 0 {
                self.print_blanks();
            }
        }
    }

    /// Blanks as tabs, as far as tab stops lie among them.
    fn print_blanks(&mut self) {
        let (mut at, goal, width) = (self.output_at, self.output_at + self.blanks, self.page.tab_out_width);
        while goal - at > 1 && at + width - at % width <= goal {
            at += width - at % width;
            self.put(self.page.tab_out);
        }
        self.several(b' ', goal - at);
        (self.output_at, self.blanks) = (goal, 0);
    }

    fn print_byte(&mut self, byte: u8) {
        if self.page.tabify {
            if byte == b' ' {
                self.blanks += 1;
                return;
            }
            if self.blanks > 0 {
                self.print_blanks();
            }
            if (b' '..=b'~').contains(&byte) {
                self.output_at += 1;
            } else if byte == b'\x08' {
                self.output_at = self.output_at.saturating_sub(1);
            }
        }
        self.put(byte);
    }

    /// To the page, or to what is gathered of it.
    fn emit(&mut self, gathers: bool, byte: u8) {
        if gathers { self.gathered.push(byte) } else { self.print_byte(byte) }
    }

    fn number_line(&mut self, index: usize, gathers: bool) {
        let (digits, end) = (self.page.number_digits, self.page.number_end);
        let number = format!("{:>digits$}", self.line_number);
        self.line_number += 1;
        for byte in &number.as_bytes()[number.len() - digits..] {
            self.emit(gathers, *byte);
        }
        if self.columns.len() > 1 && end == b'\t' {
            (digits..self.number_width).for_each(|_| self.emit(gathers, b' '));
        } else {
            self.emit(gathers, end);
            if self.columns.len() == 1 && end == b'\t' {
                let width = self.page.tab_out_width;
                self.output_at += width - self.output_at % width;
            }
        }
        if self.page.truncates && !self.page.parallel {
            self.input_at += self.number_width;
        }
        debug_assert!(self.columns[index].numbered);
    }

    /// A column in which nothing stands.
    fn align(&mut self, index: usize) {
        self.padding = self.columns[index].start;
        self.pad();
        if self.page.separates {
            self.separate();
        }
        if self.columns[index].numbered {
            self.number_line(index, false);
        }
    }

    fn close(&mut self, index: usize) {
        if self.columns[index].status == Status::Closed {
            return;
        }
        if self.page.parallel {
            (self.columns[index].status, self.columns[index].left) = (Status::Closed, 0);
        } else {
            for column in &mut self.columns {
                column.status = Status::Closed;
                column.left = if column.stored == 0 { 0 } else { column.left };
            }
        }
        self.readable = self.readable.saturating_sub(1);
    }

    fn hold(&mut self, index: usize) {
        let status = if self.page.storing { Status::FeedFound } else { Status::Held };
        if self.page.parallel {
            self.columns[index].status = Status::Held;
        } else {
            self.columns.iter_mut().for_each(|column| column.status = status);
        }
        self.columns[index].left = 0;
        self.readable = self.readable.saturating_sub(1);
    }
}
