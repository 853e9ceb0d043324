//! A shell at a keyboard: one typed line from its reading to the next prompt.
//!
//! The shell is taken out of the session while the line runs and put back when it is through. Ctrl-C reaches the running
//! programs as a signal, so nothing that was done before it is lost.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use super::super::io::{Control, Cut, Descriptors, SIGINT, SIGKILL, accompanied, outlive};
use super::super::kernel;
use super::super::proc::{CHUNK, Ended, Proc, Request};
use super::history_file;
use super::scripts::Origin;
use super::{Flow, Run, Sh, memory};
use crate::shell::coroutine::{Await, Given};
use crate::shell::{Context, Cx, Task};
use crate::sim::Span;
use crate::systems::linux::model::Bash;
use crate::systems::linux::model::back::Back;
use crate::systems::linux::model::bash::Variable;
use crate::systems::linux::model::job::Job;
use crate::systems::linux::{parting, terminal};

/// The task that runs a typed line.
#[must_use]
pub fn typed(line: String) -> Task {
    Task::new(move |cx| at_keyboard(cx, What::Line(line))).on_abandon(abandoned)
}

/// The task that ends the shell, as Ctrl-D does.
#[must_use]
pub fn end_of_input() -> Task {
    Task::new(|cx| at_keyboard(cx, What::End)).on_abandon(abandoned)
}

/// The task that Ctrl-C begins at the prompt: what was typed so far of a command is forgotten.
#[must_use]
pub fn interrupt() -> Task {
    Task::new(|cx| at_keyboard(cx, What::Interrupt)).on_abandon(abandoned)
}

/// The task by which a shell at its prompt goes on with what is left of its line, or begins with its start-up files.
#[must_use]
pub fn resumed() -> Task {
    Task::new(|cx| async move {
        match cx.with(terminal::next) {
            Some(next) => at_keyboard(cx, next.map_or(What::Begin, What::Back)).await,
            None => 0,
        }
    })
    .on_abandon(abandoned)
}

/// Begins the shell that a login or a command of another system put on the session's stack: its start-up files.
pub async fn begin(cx: Cx) -> u8 {
    at_keyboard(cx, What::Begin).await
}

enum What {
    Begin,
    Line(String),
    Back(Box<Back>),
    End,
    Interrupt,
}

/// What is left of a line that was cut off by a hang-up or the end of its machine: its processes are gone.
pub(super) fn abandoned(cx: &mut Context<'_>) {
    parting::clear(cx);
}

/// So many shells of a session may wait for inner ones that start-up files began.
const DEEPEST: usize = 100;

/// What is typed into the shell of a session, and all that follows before a person can type again: what comes after an inner
/// shell that was left, and the start-up files of one. All of it together may use up what one line may.
async fn at_keyboard(cx: Cx, mut what: What) -> u8 {
    let mut control = Arc::new(Control::default());
    loop {
        let (status, next) = one(&cx, what, Arc::clone(&control)).await;
        match next {
            Some(What::Begin) if cx.with(|cx| terminal::waiting(cx.session).count()) > DEEPEST => {
                cx.with(|cx| cx.screen.aside("stopped: shells nest too deep"));
                return 1;
            }
            Some(next) => what = next,
            None => return status,
        }
        // Whoever watches gets a turn, and rounds without an end come to the limit of steps.
        cx.pass(Span::millis(1)).await;
        control = Arc::new(control.following());
    }
}

/// One shell's part of it: its status, and what comes next.
async fn one(cx: &Cx, what: What, control: Arc<Control>) -> (u8, Option<What>) {
    let Some((machine, st)) = cx.with(|cx| terminal::take_shell(cx.session).map(|st| (cx.session.machine, st))) else {
        return (1, None);
    };
    let files = Descriptors::of(st.files.as_deref(), machine);
    let p = Proc {
        control: Arc::clone(&control),
        ppid: st.ppid,
        cwd: st.cwd.clone(),
        umask: st.umask,
        ..Proc::new(cx, machine, st.pid, &st.name, (&st.user, st.cred.clone()), files)
    };
    let mut shell = Sh::new(p, st);
    shell.outermost = true;
    let waiting = cx.with(|cx| terminal::waiting(cx.session).map(memory::weight).sum());
    let waiting = shell.share.beside(waiting);
    let mut line = Box::pin(async move {
        let _waiting = waiting;
        let control = Arc::clone(&shell.p.control);
        let (run, beside) = accompanied(&control, Box::pin(shell.whole_line(&what))).await;
        let left = shell.settle(run).await;
        if let Left::Stays = left {
            // Where it fails there is no prompt but its text.
            let _ = shell.make_prompt().await;
        }
        if !beside.is_empty() {
            let begun = shell.p.cx.clone();
            let task = Task::new(move |cx| async move {
                cx.carry(&begun, outlive(&control, beside)).await;
                0
            });
            shell.p.cx.with(|cx| cx.spawned.push(task.on_abandon(abandoned)));
        }
        (shell, left)
    });
    let (shell, left) = poll_fn(|polling| {
        if cx.given(|given| if given == Given::Interrupt { Ok(()) } else { Err(given) }).is_some() {
            control.send(SIGINT);
        }
        if cx.given(|given| if given == Given::Suspend { Ok(()) } else { Err(given) }).is_some() {
            // Without a job in front it means nothing: the shell itself does not mind it.
            cx.with(|cx| {
                if let Some(leader) = *cx.foreground {
                    kernel::signal_group(cx.world, machine, leader, kernel::SIGTSTP);
                }
            });
        }
        let polled = line.as_mut().poll(polling);
        if polled.is_pending() {
            for key in [Await::Interrupt, Await::Suspend] {
                let _: Poll<()> = cx.awaits(key);
            }
        }
        polled
    })
    .await;
    cx.with(|cx| *cx.foreground = None);
    let st = shell.st;
    let status = st.status;
    if cx.with(|cx| cx.session.closed.is_some()) {
        return (status, None);
    }
    if !cx.with(|cx| put_back(cx, st, left)) {
        return (0, None);
    }
    (status, cx.with(terminal::next).map(|next| next.map_or(What::Begin, What::Back)))
}

/// Puts a shell back after its line. `false` when the person looks at a session of a multiplexer from now on: what is left of
/// the line waits until that is over.
fn put_back(cx: &mut Context<'_>, st: Bash, left: Left) -> bool {
    if let Left::Becomes(request) = left {
        let left = terminal::replace(cx, st, request).map_or(Left::Stays, Left::Enters);
        return go_to(cx, left);
    }
    if let Left::Ends = left {
        parting::leave(cx, st.status);
        return true;
    }
    terminal::put_shell(cx, st);
    go_to(cx, left)
}

fn go_to(cx: &mut Context<'_>, left: Left) -> bool {
    match left {
        Left::Stays | Left::Ends | Left::Becomes(_) => {}
        Left::Killed(signal) => parting::killed(cx, signal),
        Left::Enters(Request::Enter(shell)) => terminal::enter(cx, shell),
        Left::Enters(Request::Connect(connection, shell)) => terminal::connect(cx, connection, shell),
        Left::Enters(Request::Look(order)) => {
            cx.orders.push(order);
            return false;
        }
    }
    true
}

impl Proc {
    /// Says that a shell cannot be typed into where it is wanted; it is over.
    pub(in crate::systems::linux) fn not_entered(&self, request: Request, place: &str) -> Ended {
        self.cx.with(|cx| parting::renounce(cx, self.machine, request));
        self.gap(&format!("an interactive shell {place}"))
    }
}

/// What becomes of a shell after a line.
enum Left {
    /// It waits for the next one.
    Stays,
    /// The person types into another one first.
    Enters(Request),
    /// Another one has its place.
    Becomes(Request),
    /// It was left.
    Ends,
    /// A signal ended it.
    Killed(u8),
}

impl Sh {
    /// All that a line does.
    async fn whole_line(&mut self, what: &What) -> Run {
        let mut run = match what {
            What::Begin => self.begin().await,
            What::Line(line) => self.echoed_line(line).await,
            What::Back(back) => self.go_back(back).await,
            What::End => self.end_of_file().await,
            What::Interrupt => {
                self.st.forget_unfinished();
                Err(Flow::Cut(Cut::Signal(SIGINT)))
            }
        };
        // After `exec < file` it is the file that types.
        while matches!(run, Ok(_) | Err(Flow::Abort(_))) && !self.reads_terminal() {
            run = self.line_of_file().await;
        }
        self.keep_files();
        run
    }

    fn reads_terminal(&self) -> bool {
        self.p.files.is_terminal(0)
    }

    /// What is open is kept for the next line, except pipes: their other end is a program.
    fn keep_files(&mut self) {
        for fd in std::mem::take(&mut self.opened) {
            self.p.files.set(fd, None);
        }
        if self.p.files.has_pipe() {
            let _ = self.p.gap("exec: a pipe that is open longer than its line");
            self.p.files.replace_pipes();
        }
        self.st.files = self.p.files.keep();
        self.p.files = Descriptors::of(self.st.files.as_deref(), self.p.machine);
        let holds: Vec<_> = self.p.files.inodes().collect();
        self.p.linux(|linux| {
            if let Some(process) = linux.processes.get_mut(self.p.pid).filter(|process| process.holds != holds) {
                process.holds = holds;
            }
        });
    }

    /// Runs a typed line. Where messages do not go to the terminal, prompt and line go with them.
    async fn echoed_line(&mut self, line: &str) -> Run {
        if !self.st.on_terminal(2) {
            let prompt = self.own_prompt();
            self.p.err(&format!("{prompt}{line}\n")).await?;
        }
        self.typed_line(line).await
    }

    /// Reads a line from standard input that is no terminal, and runs it.
    async fn line_of_file(&mut self) -> Run {
        self.make_prompt().await?;
        let prompt = self.own_prompt();
        self.p.err(&prompt).await?;
        let mut bytes = self.p.read_until(0, CHUNK, Some(b'\n')).await?;
        if bytes.is_empty() {
            return self.end_of_file().await;
        }
        bytes.retain(|byte| !matches!(byte, 0 | b'\n'));
        let line = String::from_utf8_lossy(&bytes).into_owned();
        self.p.err(&format!("{line}\n")).await?;
        self.typed_line(&line).await
    }

    async fn end_of_file(&mut self) -> Run {
        if !self.st.unfinished.is_empty() {
            return self.cut_short().await;
        }
        if self.says_to_stay().await? {
            return Ok(1);
        }
        self.log_out().await;
        Err(Flow::Exit(self.st.status))
    }

    /// The start-up files of a login shell, or of an inner one.
    async fn begin(&mut self) -> Run {
        self.st.begun = true;
        let run = self.start_up().await;
        self.begin_limits();
        self.load_history();
        run
    }

    /// What was typed at earlier logins.
    fn load_history(&mut self) {
        if !self.is_ash() {
            let size = self.st.variables.entry("HISTSIZE".to_owned()).or_insert_with(|| Variable::text("500")).clone();
            let size = Variable::text(size.scalar().unwrap_or_default());
            self.st.variables.entry("HISTFILESIZE".to_owned()).or_insert(size);
        }
        let Self { p, st, .. } = self;
        if let Some(path) = history_file::file(st) {
            // Most users have none at first.
            let _ = p.world(|world, id| history_file::read(world, id, st, &path, 0));
        }
    }

    /// What becomes of the shell after a line, once bash has said what there is to say.
    async fn settle(&mut self, run: Run) -> Left {
        if self.p.cx.with(|cx| cx.session.closed.is_some()) {
            return Left::Stays;
        }
        let left = match run {
            Ok(status) => {
                self.st.status = status;
                Left::Stays
            }
            Err(Flow::Abort(status) | Flow::Return(status)) => {
                self.st.status = status;
                Left::Stays
            }
            Err(Flow::Break(_) | Flow::Continue(_)) => Left::Stays,
            Err(Flow::Enter(entering)) if entering.replaces => Left::Becomes(entering.request),
            Err(Flow::Enter(entering)) => Left::Enters(entering.request),
            // A key ends what runs, and not the shell.
            Err(Flow::Cut(Cut::Signal(signal))) if signal != SIGINT => {
                if signal != SIGKILL
                    && let Err(Flow::Exit(status)) = self.trap("EXIT").await
                {
                    self.st.status = status;
                }
                Left::Killed(signal)
            }
            Err(Flow::Exit(status)) => {
                self.st.status = status;
                Left::Ends
            }
            Err(Flow::Cut(cut)) => {
                self.cut_off(cut).await;
                Left::Stays
            }
        };
        self.p.control.handled();
        if self.st.spent {
            self.save_history();
            return left;
        }
        if let Left::Ends = left {
            self.hang_up_jobs();
            if let Err(Flow::Exit(status)) = self.trap("EXIT").await {
                self.st.status = status;
            }
            self.save_history();
            return left;
        }
        if self.st.unfinished.is_empty() && matches!(left, Left::Stays) {
            if let Err(flow @ Flow::Exit(_)) = self.prompt_command().await {
                return Box::pin(self.settle(Err(flow))).await;
            }
            let _ = self.tell_jobs().await;
        }
        if self.st.jobs.all.is_empty() {
            // Files without a name that the line's programs had open.
            self.p.linux(|linux| linux.reap(&[]));
        }
        left
    }

    /// Runs what `PROMPT_COMMAND` says; before bash 5.1 only the first element of an array. `$?` stays what it was.
    async fn prompt_command(&mut self) -> Run<()> {
        let Some(command) = self.st.variable("PROMPT_COMMAND").filter(|_| !self.is_ash()).map(str::to_owned) else {
            return Ok(());
        };
        let status = self.st.status;
        let run = self.run_text(&command, Origin::Trap).await;
        if let Err(flow @ Flow::Exit(_)) = run {
            return Err(flow);
        }
        self.st.status = status;
        Ok(())
    }

    fn save_history(&mut self) {
        let Self { p, st, .. } = self;
        p.world(|world, id| history_file::save(world, id, st));
    }

    /// What a shell at a keyboard says when it is to be left; the ash leaves without a word. Whether it stays for its jobs
    /// as long as the person does not know of them: to leave once more is to mean it.
    pub(super) async fn says_to_stay(&mut self) -> Result<bool, Cut> {
        if !self.st.interactive || self.subshell || self.is_ash() {
            return Ok(false);
        }
        self.p.err(if self.st.login { "logout\n" } else { "exit\n" }).await?;
        self.look_after_jobs();
        let checks = self.st.shopt.contains("checkjobs");
        let any = |is: fn(&Job) -> bool| self.st.jobs.all.values().any(is);
        let what = match () {
            () if any(Job::is_stopped) => "stopped",
            () if checks && any(Job::runs) => "running",
            () => return Ok(false),
        };
        if self.st.warned.is_some_and(|line| self.st.lines <= line + 1) {
            return Ok(false);
        }
        self.st.warned = Some(self.st.lines);
        self.p.err(&format!("There are {what} jobs.\n")).await?;
        if checks {
            let numbers: Vec<u32> = self.st.jobs.all.keys().copied().collect();
            let lines: String = numbers.into_iter().map(|number| self.job_line(number, false)).collect();
            self.p.out(&lines).await?;
        }
        Ok(true)
    }

    /// Says it when a line did more than one line may do.
    pub(super) fn say_stopped(&self, cut: Cut) {
        if let Cut::Limit(what) = cut
            && what != "depth"
            && self.p.control.ledger.stops()
        {
            self.p.cx.with(|cx| cx.screen.aside(&format!("stopped: too much of one line's {what}")));
        }
    }

    /// What is said of a line that was cut off.
    async fn cut_off(&mut self, cut: Cut) {
        self.st.status = cut.status();
        self.p.control.handled();
        self.say_stopped(cut);
        if let Err(Flow::Exit(status)) = self.trap("INT").await {
            self.st.status = status;
        }
    }
}
