//! The keyboard: a person types at a terminal, and virtual time passes meanwhile. Design sections 3 and 4.
//!
//! One loop waits for a key, with the next event of the lab as time-out. What is typed ahead or pasted waits in
//! a queue of keys until somebody asks for it: a prompt, a question, a pager.

mod drawing;
mod editing;
mod prefix;

use std::io;
use std::path::PathBuf;

use super::desk::{Desk, Then, wall_millis};
use super::editor::{Did, Editor, LONGEST};
use super::keys::{Key, Keys};
use super::pace::{Wall, rate};
use super::tty::Tty;
use super::{Trouble, tables};
use crate::director::Pace;
use crate::lab::Waits;
use crate::operator::State;
use crate::shell::SessionId;
use crate::shell::Terminal;
use crate::systems::Editing;
use crate::transcript::Typed;
use crate::world::Closed;

/// The prompt between two sessions.
const LOBBY: &str = "appsh> ";

/// How long the rest of an escape sequence may take.
const SEQUENCE_MILLIS: u64 = 50;

/// Exit status when the terminal went away: what a shell reports of a process that was hung up.
const HUNG_UP: u8 = 129;

/// At instant pace, after so many jumps of time the keyboard is looked at.
const JUMPS: u32 = 16;

/// A person at a terminal.
pub struct Repl<'a> {
    desk: &'a mut Desk,
    tty: Tty,
    keys: Keys,
    editor: Editor,
    secret: String,
    wall: Wall,
    /// What was printed on the row where the cursor stands, before the line that is typed.
    tail: String,
    /// Whether the line that is typed stands on the screen.
    drawn: bool,
    size: (u16, u16),
    /// Whether `size` is what the person asked for, whatever the terminal says.
    fixed_size: bool,
    /// What appsh has to say once the cursor is at the start of a row.
    remarks: Vec<String>,
    history: Option<PathBuf>,
    /// What was told to the director at the prompts of shells that remember their own lines, and behind how many of those.
    directed: Vec<(SessionId, usize, String)>,
    /// What was typed at the questions of the command that runs, or ran last.
    answers: Vec<String>,
    /// Whether the key before was Tab.
    tabbed: bool,
    /// While a command runs: whether something was typed ahead when it began.
    runs_behind: Option<bool>,
    /// Whether the key that is for a multiplexer was pressed, and the next one is, too.
    prefixed: bool,
}

/// Lets a person type at `tty` until the end.
///
/// # Errors
/// Trouble on the host.
pub fn run(desk: &mut Desk, tty: Tty, fixed_size: bool, history: Option<PathBuf>) -> Result<(), Trouble> {
    let terminal = desk.operator.terminal;
    let mut editor = Editor::new();
    if let Some(path) = &history {
        editor.load_history(path);
    }
    let mut repl = Repl {
        desk,
        tty,
        keys: Keys::default(),
        editor,
        secret: String::new(),
        wall: Wall::start(),
        tail: String::new(),
        drawn: false,
        size: (terminal.columns, terminal.rows),
        fixed_size,
        remarks: Vec::new(),
        history,
        directed: Vec::new(),
        answers: Vec::new(),
        tabbed: false,
        runs_behind: None,
        prefixed: false,
    };
    repl.introduce()?;
    while repl.step()? != Then::Quit {}
    Ok(())
}

impl Repl<'_> {
    /// Two lines before the first login: what this is, and what lies ready.
    fn introduce(&mut self) -> Result<(), Trouble> {
        let operator = &self.desk.operator;
        let machine = operator.lab.world().find(operator.machine()).map(|id| operator.lab.world().machine(id));
        let any = machine.is_some_and(|machine| machine.passwords.is_empty());
        let drive = machine.map(|machine| tables::drive(&machine.vm.drive)).unwrap_or_default();
        let password = if any { "; any password will do" } else { "" };
        self.remark(&format!("a simulation: nothing here reaches a real appliance{password}"));
        self.remark(&format!("drive: {drive}; %help helps"));
        self.say_remarks()?;
        match self.desk.operator.current() {
            None => self.log_in(),
            // A lab that was kept goes on at the same screen.
            Some(id) => {
                let past = self.desk.operator.lab.screen(id).past().to_owned();
                self.print(&past)
            }
        }
    }

    /// Shows what there is to show, then waits for a key or an event, and handles it.
    fn step(&mut self) -> Result<Then, Trouble> {
        self.show_output()?;
        let state = self.desk.operator.state();
        if let State::Session(_, Waits::Time(_)) = state {
            return self.let_run();
        }
        self.runs_behind = None;
        self.draw(state)?;
        if let Some(key) = self.keys.next(false) {
            return self.press_through(state, key);
        }
        self.desk.sync_record()?;
        let unfinished = !self.keys.is_empty();
        let patience = if unfinished { Some(SEQUENCE_MILLIS) } else { self.millis_to_next_event() };
        let typed = self.listen(patience)?;
        match typed {
            None => {
                self.desk.status = HUNG_UP;
                Ok(Then::Quit)
            }
            Some(false) if unfinished => match self.keys.next(true) {
                Some(key) => self.press_through(state, key),
                None => Ok(Then::GoOn),
            },
            Some(_) => Ok(Then::GoOn),
        }
    }

    /// A command runs: time passes until it asks or ends, or Ctrl-C cuts it off. The director can be spoken to meanwhile.
    fn let_run(&mut self) -> Result<Then, Trouble> {
        let jumps = self.desk.pace == Pace::Instant;
        self.runs_behind.get_or_insert(!self.keys.is_empty());
        let patience = if jumps { Some(0) } else { self.millis_to_next_event() };
        let there = self.listen(patience)?.is_some();
        // Keys come behind what was printed before them. A command that has ended or asks leaves them to who is next.
        self.show_output()?;
        if !matches!(self.desk.operator.state(), State::Session(_, Waits::Time(_))) {
            return Ok(Then::GoOn);
        }
        if !there {
            self.desk.end_of_input("");
        } else if self.keys.take_interrupt() {
            self.desk.interrupt("");
            self.print("^C\n")?;
        } else if self.desk.operator.takes_escape() && self.keys.take_escape() {
            self.print("^]\n")?;
            self.desk.escape("");
        } else if self.keys.take_suspend() {
            if self.desk.operator.takes_suspend() {
                self.desk.suspend("");
                self.print("^Z\n")?;
            } else {
                self.suspend()?;
            }
        } else if self.multiplexer().is_some_and(|program| self.keys.take_detach(program.prefix())) {
            return self.direct_now("%detach");
        } else if let Some(line) = self.take_director_line() {
            return self.direct_meanwhile(&line);
        } else if jumps {
            // A command that never ends leaves room for Ctrl-C.
            for _ in 0..JUMPS {
                if !self.desk.operator.step() {
                    break;
                }
            }
        }
        Ok(Then::GoOn)
    }

    /// A line for the director that was typed since the command began. What had been typed or pasted before it began
    /// keeps its place behind it.
    fn take_director_line(&mut self) -> Option<String> {
        let typed_ahead = self.runs_behind?;
        if typed_ahead { None } else { self.keys.take_director_line() }
    }

    fn direct_meanwhile(&mut self, line: &str) -> Result<Then, Trouble> {
        // What was printed before the line was taken stands before it, the counter's last step included.
        self.show_output()?;
        if !self.tail.is_empty() {
            self.print("\n")?;
        }
        self.print(&format!("{line}\n"))?;
        self.direct_now(line)
    }

    /// Waits for something typed, and lets virtual time pass as the wall clock does. `None` when the terminal is gone,
    /// else whether something was typed.
    fn listen(&mut self, millis: Option<u64>) -> Result<Option<bool>, Trouble> {
        let ready = self.tty.wait(millis).map_err(tty_trouble)?;
        self.wall.pass(&mut self.desk.operator, self.desk.pace);
        if !ready {
            return Ok(Some(false));
        }
        let mut typed = Vec::new();
        let there = self.tty.read(&mut typed).map_err(tty_trouble)?;
        self.keys.push(&typed);
        Ok(there.then_some(true))
    }

    fn millis_to_next_event(&self) -> Option<u64> {
        let Pace::Times(factor) = self.desk.pace else { return None };
        let due = self.desk.operator.lab.next_due()?;
        let rate = rate(&self.desk.operator.lab, factor);
        Some(wall_millis(due.since(self.desk.operator.now()), rate).max(1))
    }

    /// Takes a key where somebody waits for one.
    fn press(&mut self, state: State, key: Key) -> Result<Then, Trouble> {
        if key == Key::Ctrl(']') && self.desk.operator.takes_escape() {
            return self.escape();
        }
        if let State::Session(_, Waits::Secret) = state {
            return self.press_secretly(key);
        }
        if let State::Session(id, Waits::Line) = state
            && self.editor.text().is_empty()
            && self.desk.operator.lab.takes_keys(id)
            && let Some(line) = at_pager(&key)
        {
            return self.page(&line);
        }
        let pages = matches!(state, State::Session(_, Waits::Page));
        if pages && self.editor.text().is_empty() && !turns_page(&key) {
            return Ok(Then::GoOn);
        }
        self.editor.editing = match state {
            State::Session(id, Waits::Prompt) => self.desk.operator.lab.editing(id),
            _ => Editing::default(),
        };
        if self.editor.asks(key) {
            let recall = self.recall(state);
            self.editor.recall(recall);
        }
        let tabbed = std::mem::replace(&mut self.tabbed, key == Key::Tab);
        match self.editor.press(key) {
            Did::Nothing => {}
            Did::Changed => self.redraw()?,
            Did::Appended(character) => self.append(character)?,
            Did::ClearScreen => {
                self.tty.show("\x1b[H\x1b[2J").map_err(tty_trouble)?;
                self.drawn = false;
                self.print_tail_again()?;
            }
            Did::Suspend(typed) if self.desk.operator.takes_suspend() => {
                self.editor.clear();
                self.finish_line("^Z")?;
                self.note_passed();
                self.desk.suspend(&typed);
            }
            Did::Suspend(_) => {
                self.suspend()?;
                self.redraw()?;
            }
            Did::Found(key) => {
                self.redraw()?;
                return self.press(state, key);
            }
            Did::Complete(before) => self.complete(state, &before, tabbed)?,
            Did::Interrupt(typed) => self.interrupt(&typed)?,
            Did::EndOfInput => return self.end_of_input(),
            Did::Enter(lines) => {
                // A line of the history may be several that were typed.
                let (line, rest) = lines.split_once('\n').unwrap_or((&lines, ""));
                if !rest.is_empty() {
                    self.keys.put_back(&format!("{rest}\r"));
                }
                return self.enter(state, line);
            }
        }
        Ok(Then::GoOn)
    }

    /// A key at a pager: its prompt goes, and what is wanted of it is shown in its place.
    fn page(&mut self, line: &str) -> Result<Then, Trouble> {
        self.wipe()?;
        self.tty.show("\r\x1b[K").map_err(tty_trouble)?;
        self.tail.clear();
        self.note_passed();
        self.desk.line(line);
        self.wall.skip();
        Ok(Then::GoOn)
    }

    fn suspend(&mut self) -> Result<(), Trouble> {
        self.tty.suspend().map_err(tty_trouble)?;
        self.wall.skip();
        Ok(())
    }

    /// A secret is not shown, and goes nowhere but into the lab's judgement.
    fn press_secretly(&mut self, key: Key) -> Result<Then, Trouble> {
        match key {
            Key::Char(character) if self.secret.len() < LONGEST => self.secret.push(character),
            Key::Backspace => {
                self.secret.pop();
            }
            Key::Ctrl('u') => self.secret.clear(),
            Key::Ctrl('c') => {
                self.secret.clear();
                self.interrupt("")?;
            }
            Key::Ctrl('d') if self.secret.is_empty() => return self.end_of_input(),
            Key::Enter => {
                let secret = std::mem::take(&mut self.secret);
                self.print("\n")?;
                self.drawn = false;
                self.desk.secret(&secret);
            }
            _ => {}
        }
        Ok(Then::GoOn)
    }

    fn interrupt(&mut self, typed: &str) -> Result<(), Trouble> {
        self.finish_line("^C")?;
        self.note_passed();
        self.desk.interrupt(typed);
        Ok(())
    }

    fn end_of_input(&mut self) -> Result<Then, Trouble> {
        let quits = self.desk.operator.state() == State::Lobby;
        self.finish_line("^D")?;
        if quits {
            return Ok(Then::Quit);
        }
        self.note_passed();
        self.desk.end_of_input("");
        Ok(Then::GoOn)
    }

    /// A line was typed: whoever waits for one gets it.
    fn enter(&mut self, state: State, line: &str) -> Result<Then, Trouble> {
        let tail = self.tail.clone();
        self.finish_line("")?;
        self.note_size();
        let director = matches!(Typed::spoken(line), Typed::Director(_));
        let commands = matches!(state, State::Lobby | State::Session(_, Waits::Prompt));
        if commands {
            self.remember(state, line, director)?;
        } else if !director {
            self.remember_answer(state, line);
        }
        match state {
            State::Lobby | State::Session(_, Waits::Prompt | Waits::Line | Waits::Page) if director => {
                return self.direct_at(&tail, line);
            }
            State::Lobby if line.trim().is_empty() => self.log_in()?,
            State::Lobby => {
                self.remark("nobody is logged in: press Enter to log in, Ctrl-D to quit; % commands work here")
            }
            State::Session(..) => {
                // What passed at a pager is written at the question that follows.
                if !matches!(state, State::Session(_, Waits::Page)) {
                    self.note_passed();
                }
                self.desk.line(if let Typed::Line(line) = Typed::spoken(line) { line } else { line });
                self.wall.skip();
            }
        }
        Ok(Then::GoOn)
    }

    /// Speaks to the director; a question that is still open behind that stands there again.
    fn direct_at(&mut self, tail: &str, line: &str) -> Result<Then, Trouble> {
        let asks = |state| matches!(state, State::Session(_, Waits::Line | Waits::Page));
        let asked = self.desk.operator.state();
        let then = self.direct(line)?;
        if asks(asked) && self.desk.operator.state() == asked {
            self.print(tail)?;
        }
        Ok(then)
    }

    fn direct(&mut self, line: &str) -> Result<Then, Trouble> {
        self.note_passed();
        self.direct_now(line)
    }

    fn direct_now(&mut self, line: &str) -> Result<Then, Trouble> {
        let (reply, then) = self.desk.direct(line)?;
        let text = self.desk.voice.paint(&reply.text);
        self.print(&text)?;
        Ok(if then == Then::Quit { then } else { Then::GoOn })
    }

    fn log_in(&mut self) -> Result<(), Trouble> {
        self.note_passed();
        let opened = self.desk.login(|desk, due| {
            let jumps = desk.pace == Pace::Instant;
            if jumps {
                desk.wait_until(due);
            }
            jumps
        });
        match opened {
            Err(Trouble { status: 1, message }) => {
                self.remark(&message);
                Ok(())
            }
            done => done,
        }
    }

    /// Time that passed while a person read or typed is part of a recording. At the question for a secret nothing is
    /// written: what passed there is written later.
    fn note_passed(&mut self) {
        if let State::Session(_, Waits::Secret | Waits::Time(_)) = self.desk.operator.state() {
            return;
        }
        let idle = self.wall.take_idle();
        self.desk.passed(idle);
    }

    /// The window may have another size by now.
    fn note_size(&mut self) {
        let Some(size) = self.tty.size().filter(|size| !self.fixed_size && *size != self.size) else { return };
        self.size = size;
        let terminal = Terminal { columns: size.0, rows: size.1, ..self.desk.operator.terminal };
        self.desk.operator.look(terminal);
    }

    /// Shows what the session printed; notices that it has ended.
    fn show_output(&mut self) -> Result<(), Trouble> {
        let mut text = String::new();
        self.desk.output(&mut text)?;
        if !text.is_empty() {
            self.wipe()?;
            self.print(&text)?;
        }
        if self.desk.must_warn() {
            self.remark("wording inferred");
        }
        if let Some((machine, why)) = self.desk.leave_closed()? {
            if self.drawn && why != Closed::Exit {
                self.finish_line("")?;
            }
            self.drawn = false;
            self.editor.clear();
            self.secret.clear();
            self.remark(&format!("session on {machine} closed: {} (Enter logs in, Ctrl-D quits)", why.word()));
        }
        if !matches!(self.desk.operator.state(), State::Session(_, Waits::Line | Waits::Secret | Waits::Page)) {
            self.say_remarks()?;
        }
        Ok(())
    }

    fn remark(&mut self, text: &str) {
        self.remarks.push(text.to_owned());
    }

    fn say_remarks(&mut self) -> Result<(), Trouble> {
        if self.remarks.is_empty() {
            return Ok(());
        }
        self.wipe()?;
        if !self.tail.is_empty() {
            self.print("\n")?;
        }
        for remark in std::mem::take(&mut self.remarks) {
            let line = format!("{}\n", self.desk.voice.paint(&format!("appsh: {remark}")));
            self.print(&line)?;
        }
        Ok(())
    }

    fn keep_history(&mut self) -> Result<(), Trouble> {
        let Some(path) = &self.history else { return Ok(()) };
        let trouble = |error: rustyline::error::ReadlineError| match error {
            rustyline::error::ReadlineError::Io(error) => Trouble::file(path, &error),
            other => Trouble::unreadable(path.display(), other),
        };
        self.editor.keep_history(path).map_err(trouble)
    }
}

fn tty_trouble(error: io::Error) -> Trouble {
    Trouble::at("the terminal", &error)
}

/// Whether a key does something where a page is to be turned: no line is typed there but one for the director.
fn turns_page(key: &Key) -> bool {
    matches!(key, Key::Enter | Key::Char('%') | Key::Ctrl('c' | 'd' | 'z'))
}

/// The line that a key stands for at a pager; nothing where one begins that Enter ends: a search, or one for the director.
fn at_pager(key: &Key) -> Option<String> {
    match key {
        Key::Char('/' | '&' | '%') => None,
        Key::Char(' ' | 'f') => Some(String::new()),
        Key::Enter | Key::Down => Some("j".to_owned()),
        Key::Char(character) => Some(character.to_string()),
        _ => None,
    }
}
