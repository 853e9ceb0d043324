//! How the pages of `pr` are laid out, and what is printed on them.

/// What stands above a page.
pub struct Head {
    pub date: String,
    pub name: String,
}

/// A file that is printed.
pub struct Source {
    pub name: String,
    pub text: Vec<u8>,
    pub at: usize,
}

impl Source {
    pub fn new(name: String, text: Vec<u8>) -> Self {
        Self { name, text, at: 0 }
    }

    pub fn next(&mut self) -> Option<u8> {
        let byte = self.text.get(self.at).copied();
        self.at += usize::from(byte.is_some());
        byte
    }

    /// Passes over the end of a line that stands behind a form feed.
    pub fn end_line(&mut self) {
        if self.text.get(self.at) == Some(&b'\n') {
            self.at += 1;
        }
    }
}

/// How pages are laid out.
#[derive(Clone, Debug)]
pub struct Page {
    pub columns: usize,
    pub explicit_columns: bool,
    pub first_page: usize,
    pub last_page: usize,
    pub across: bool,
    pub storing: bool,
    pub balance: bool,
    pub carets: bool,
    pub escapes: bool,
    pub double: bool,
    pub untabify: bool,
    pub tab_in: u8,
    pub tab_in_width: usize,
    pub tabify: bool,
    pub tab_out: u8,
    pub tab_out_width: usize,
    pub form_feed: bool,
    pub join: bool,
    pub length: usize,
    pub parallel: bool,
    pub numbered: bool,
    pub number_end: u8,
    pub number_digits: usize,
    pub first_line: i64,
    pub counts_skipped: bool,
    pub margin: usize,
    pub separator: Vec<u8>,
    pub separates: bool,
    pub extremities: bool,
    pub keep_feeds: bool,
    pub truncates: bool,
    pub width: usize,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            columns: 1,
            explicit_columns: false,
            first_page: 1,
            last_page: usize::MAX,
            across: false,
            storing: true,
            balance: false,
            carets: false,
            escapes: false,
            double: false,
            untabify: false,
            tab_in: b'\t',
            tab_in_width: 8,
            tabify: false,
            tab_out: b'\t',
            tab_out_width: 8,
            form_feed: false,
            join: false,
            length: 66,
            parallel: false,
            numbered: false,
            number_end: b'\t',
            number_digits: 5,
            first_line: 1,
            counts_skipped: true,
            margin: 0,
            separator: Vec::new(),
            separates: false,
            extremities: true,
            keep_feeds: false,
            truncates: false,
            width: 72,
        }
    }
}
