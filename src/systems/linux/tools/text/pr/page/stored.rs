//! Columns of `pr` that go down: the lines of a page are gathered, and printed beside each other.

use super::{Printer, Status};

impl Printer<'_> {
    /// Reads the lines of a page and divides them among the columns.
    pub(super) fn gather(&mut self) {
        self.stored.clear();
        self.gathered.clear();
        self.columns.iter_mut().for_each(|column| column.stored = 0);
        for index in 0..self.columns.len() {
            self.columns[index].current = self.stored.len();
            for _ in 0..self.body {
                if self.readable == 0 || self.columns[index].status != Status::Open {
                    break;
                }
                self.input_at = 0;
                if !self.read_line(index, true) {
                    self.skip_line(index);
                }
                if self.columns[index].status == Status::Open || !self.gathered.is_empty() {
                    self.columns[index].stored += 1;
                    let line = std::mem::take(&mut self.gathered);
                    self.stored.push((line, self.input_at));
                }
            }
        }
        let (total, count, mut first) = (self.stored.len(), self.columns.len(), 0);
        for (index, column) in self.columns.iter_mut().enumerate() {
            column.stored = total / count + usize::from(index < total % count);
            column.current = first;
            first += column.stored;
        }
    }

    pub(super) fn print_stored(&mut self, index: usize) {
        let line = self.columns[index].current;
        self.columns[index].current += 1;
        self.printed = true;
        if self.wants_head {
            self.print_head();
        }
        if self.columns[index].status == Status::FeedFound {
            self.columns.iter_mut().for_each(|column| column.status = Status::Held);
            if self.columns[0].left == 0 {
                self.printed &= self.page.extremities;
                return;
            }
        }
        self.pad();
        if self.page.separates {
            self.separate();
        }
        let Some((text, end)) = self.stored.get(line).cloned() else { return };
        text.iter().for_each(|byte| self.print_byte(*byte));
        if self.blanks == 0 {
            let (start, separator) = (self.columns[index].start, self.page.separator.len());
            self.output_at = start + end;
            if start.checked_sub(separator) == Some(self.page.margin) {
                self.output_at -= separator;
            }
        }
    }
}
