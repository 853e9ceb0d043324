//! Commands that take a while, or ask: coroutines which await virtual time, an answer or the end of a task in the model, and
//! nothing else. One may await several of these at once; it goes on with whichever is there first.
//!
//! The lab lends the world to a *desk* for the length of one poll. A coroutine reaches it through [`Cx::with`] only, with
//! a closure that returns owned values, so no borrow lives across an await. What a coroutine awaits is listed anew at each
//! poll. Interrupting one is dropping it; what it leaves behind in the model is put right by its `abandoned` function,
//! never by a `Drop`.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::task::{Context as Polling, Poll, Waker};

use super::context::Context;
use super::detachable::Order;
use super::screen::Screen;
use super::session::Session;
use crate::media::Media;
use crate::sim::task::TaskId;
use crate::sim::{Instant, Span};
use crate::world::{MachineId, Password, World};

/// What a coroutine waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Await {
    /// A moment of virtual time.
    Until(Instant),
    /// A line of input.
    Line,
    /// A line that is not shown while it is typed: on this machine, the password of the user with this number.
    Secret(MachineId, u32),
    /// The same, when a new password is chosen.
    NewSecret {
        /// It should have this many characters or more.
        shortest: usize,
        /// Whether a shorter one may be taken nevertheless.
        forced: bool,
    },
    /// Enter at a pager.
    Page,
    /// Ctrl-C: the command is told of it and not cut off.
    Interrupt,
    /// Ctrl-Z, which else does nothing.
    Suspend,
    /// Ctrl-], by which a console is left; else it does nothing.
    Escape,
    /// The end of a task in the model.
    Task(TaskId),
    /// News of a process: it was sent a signal, or it has ended.
    Process(MachineId, u32),
    /// Ctrl-D, or the end of all input, which else hangs up.
    End,
    /// A key, where a line is awaited of which at a keyboard one key is enough.
    Key,
}

/// What a coroutine is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// A line, without its end.
    Line(String),
    /// A secret, of which only this verdict comes through the door.
    Secret(Verdict),
    /// The next page is wanted.
    Turn,
    /// Ctrl-C, for who awaits it.
    Interrupt,
    /// Ctrl-Z, for who awaits it.
    Suspend,
    /// Ctrl-], for who awaits it.
    Escape,
    /// Ctrl-D, where it is awaited.
    End,
}

/// What the lab says of a secret that was typed; the secret itself goes nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Verdict {
    /// The machine accepts it as the user's password.
    pub accepted: bool,
    /// What is known of a password that is being chosen. Of any other secret no trace is left, not even a digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<Chosen>,
}

/// A password that is being chosen, as the machine keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Chosen {
    /// Its digest: two are equal when the same was typed twice. It reaches the journal and, once accepted, the saved lab;
    /// of one that is too short, and cannot be taken, there is none but
    /// that of no password at all.
    pub password: Password,
    /// Whether it has as many characters as whoever awaited it wants; how many there are is told to nobody.
    pub long_enough: bool,
    /// Whether it has a capital, a small letter, a digit and another character.
    #[serde(default)]
    pub varied: bool,
}

/// Whether a password has characters of each kind.
#[must_use]
pub fn is_varied(secret: &str) -> bool {
    let kinds: [fn(char) -> bool; 4] =
        [char::is_uppercase, char::is_lowercase, |letter| letter.is_ascii_digit(), |letter| !letter.is_alphanumeric()];
    kinds.into_iter().all(|kind| secret.chars().any(kind))
}

/// What is lent for one poll.
pub struct Lent {
    /// The whole lab.
    pub world: Box<World>,
    /// The session that runs the coroutine.
    pub seat: Box<Seat>,
    /// The door to discs and repositories.
    pub media: Box<Media>,
    /// Tasks that are to go on beside the one that runs, as long as the session is open.
    pub spawned: Vec<Task>,
    /// The job among them that has the keyboard while the command in front waits for it.
    pub foreground: Option<u32>,
    /// What multiplexers want of the lab.
    pub orders: Vec<Order>,
}

/// A session with its screen.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Seat {
    /// The login.
    pub session: Session,
    /// What it prints.
    pub screen: Screen,
}

#[derive(Default)]
struct Desk {
    lent: Option<Lent>,
    awaited: Vec<Await>,
    given: Option<Given>,
    /// What is left to do in case the coroutine is cut off, the last first.
    left: Vec<InCase>,
}

/// What a part of a coroutine leaves to be done to the model.
type Left = Box<dyn FnOnce(&mut Context<'_>) + Send>;

/// What is to be done if a coroutine is cut off before a part of it is through, whoever has begun the whole.
#[derive(Clone)]
pub struct InCase(Arc<Mutex<Option<Left>>>);

impl InCase {
    /// Takes it back: the part is through, or does itself what was left to be done.
    pub fn take(&self) -> Option<Left> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn is_taken(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}

/// A coroutine's handle on the world.
#[derive(Clone)]
pub struct Cx {
    desk: Arc<Mutex<Desk>>,
}

/// The body of a task under way.
pub type Coroutine = Pin<Box<dyn Future<Output = u8> + Send>>;

/// A command that can be started.
pub struct Task {
    start: Box<dyn FnOnce(Cx) -> Coroutine + Send>,
    abandoned: fn(&mut Context<'_>),
    job: Option<u32>,
}

impl Task {
    /// A task from the async function that is its body; the body's value is the exit status.
    pub fn new<F>(body: impl FnOnce(Cx) -> F + Send + 'static) -> Self
    where
        F: Future<Output = u8> + Send + 'static,
    {
        Self { start: Box::new(move |cx| Box::pin(body(cx))), abandoned: |_| (), job: None }
    }

    /// What happens to the model when the task is cut off: by Ctrl-C, a hang-up, or its machine going down.
    #[must_use]
    pub fn on_abandon(self, abandoned: fn(&mut Context<'_>)) -> Self {
        Self { abandoned, ..self }
    }

    /// Its coroutine under the handle of another task, which polls it, and what happens when it is cut off.
    #[must_use]
    pub fn within(self, cx: Cx) -> (Coroutine, fn(&mut Context<'_>)) {
        ((self.start)(cx), self.abandoned)
    }

    /// By which number it can be given the keyboard while it goes on beside the prompt.
    #[must_use]
    pub fn as_job(self, number: u32) -> Self {
        Self { job: Some(number), ..self }
    }
}

/// A task under way.
pub struct Running {
    coroutine: Coroutine,
    desk: Arc<Mutex<Desk>>,
    awaited: Vec<Await>,
    abandoned: fn(&mut Context<'_>),
    job: Option<u32>,
}

impl Running {
    /// Starts a task; nothing runs before the first [`Running::poll`].
    #[must_use]
    pub fn start(task: Task) -> Self {
        let desk = Arc::new(Mutex::new(Desk::default()));
        let coroutine = (task.start)(Cx { desk: Arc::clone(&desk) });
        Self { coroutine, desk, awaited: Vec::new(), abandoned: task.abandoned, job: task.job }
    }

    /// Gives the coroutine what it asked for; taken at the next poll.
    pub fn give(&self, given: Given) {
        lock(&self.desk).given = Some(given);
    }

    /// Runs the coroutine until it waits again or ends. The exit status, once it has ended.
    pub fn poll(&mut self, lent: Lent) -> (Lent, Option<u8>) {
        self.awaited.clear();
        {
            let mut desk = lock(&self.desk);
            desk.lent = Some(lent);
            std::mem::swap(&mut desk.awaited, &mut self.awaited);
        }
        let polled = self.coroutine.as_mut().poll(&mut Polling::from_waker(Waker::noop()));
        let mut desk = lock(&self.desk);
        desk.given = None;
        std::mem::swap(&mut desk.awaited, &mut self.awaited);
        let lent = desk.lent.take().unwrap_or_else(|| unreachable!("only the executor takes the world away"));
        match polled {
            Poll::Ready(status) => (lent, Some(status)),
            Poll::Pending => {
                assert!(!self.awaited.is_empty(), "a coroutine awaits nothing but time, answers and tasks");
                (lent, None)
            }
        }
    }

    /// What the coroutine waits for since its last poll: any of these makes it go on.
    #[must_use]
    pub fn awaited(&self) -> &[Await] {
        &self.awaited
    }

    /// The number by which it can be given the keyboard.
    #[must_use]
    pub fn job(&self) -> Option<u32> {
        self.job
    }

    /// What to call once the task was cut off.
    pub fn abandoned(&self) -> impl FnOnce(&mut Context<'_>) + use<> {
        let (left, abandoned) = (std::mem::take(&mut lock(&self.desk).left), self.abandoned);
        move |cx| {
            left.iter().rev().filter_map(InCase::take).for_each(|left| left(cx));
            abandoned(cx);
        }
    }
}

/// Nobody ever waits for a desk: a coroutine runs only while it is polled, on the thread that polls it.
fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    match desk.try_lock() {
        Ok(desk) => desk,
        Err(TryLockError::Poisoned(desk)) => desk.into_inner(),
        Err(TryLockError::WouldBlock) => unreachable!("Cx is not used within the closure given to Cx::with"),
    }
}

impl Cx {
    /// Reaches the world for the length of a closure, which has it all in its argument and does not use this handle.
    pub fn with<R>(&self, reach: impl FnOnce(&mut Context<'_>) -> R) -> R {
        let mut desk = lock(&self.desk);
        let lent = desk.lent.as_mut().unwrap_or_else(|| unreachable!("a coroutine runs only while it is polled"));
        reach(&mut lent.context())
    }

    /// Leaves something to be done in case the coroutine is cut off before it is taken back: what is dropped reaches no world.
    pub fn in_case(&self, left: impl FnOnce(&mut Context<'_>) + Send + 'static) -> InCase {
        let left = InCase(Arc::new(Mutex::new(Some(Box::new(left)))));
        let mut desk = lock(&self.desk);
        desk.left.retain(|earlier| !earlier.is_taken());
        desk.left.push(left.clone());
        left
    }

    /// Waits for a span of virtual time.
    pub async fn pass(&self, span: Span) {
        let until = self.with(|cx| cx.now() + span);
        self.until(until).await;
    }

    /// Waits for a moment of virtual time.
    pub async fn until(&self, moment: Instant) {
        std::future::poll_fn(|_| {
            if self.with(|cx| cx.now()) >= moment {
                return Poll::Ready(());
            }
            self.awaits(Await::Until(moment))
        })
        .await;
    }

    /// Waits for the end of the session, which is certain to come: its machine has gone down.
    pub async fn forever(&self) {
        self.until(Instant::LAST).await;
    }

    /// Waits for the end of a task in the model: the task as it ended, or nothing when that is long forgotten.
    pub async fn task(&self, id: TaskId) -> Option<crate::sim::task::Task> {
        std::future::poll_fn(|_| match self.with(|cx| cx.world.tasks.get(id).cloned()) {
            Some(task) if task.is_running() => self.awaits(Await::Task(id)),
            ended => Poll::Ready(ended),
        })
        .await
    }

    /// Waits for a line of input.
    pub async fn line(&self) -> String {
        self.answer(Await::Line, |given| match given {
            Given::Line(line) => Ok(line),
            other => Err(other),
        })
        .await
    }

    /// Waits for a line that is not shown while it is typed: whether the machine accepts it as root's password.
    pub async fn secret(&self) -> bool {
        let machine = self.with(|cx| cx.machine());
        self.secret_of(machine).await
    }

    /// The same of another machine than the session's.
    pub async fn secret_of(&self, machine: MachineId) -> bool {
        self.secret_of_user(machine, 0).await
    }

    /// The same of the user with this number.
    pub async fn secret_of_user(&self, machine: MachineId, uid: u32) -> bool {
        self.answer(Await::Secret(machine, uid), |given| match given {
            Given::Secret(verdict) => Ok(verdict.accepted),
            other => Err(other),
        })
        .await
    }

    /// Waits for a new password of `shortest` characters or more that is not shown while it is typed.
    pub async fn new_secret(&self, shortest: usize) -> Chosen {
        self.answer(Await::NewSecret { shortest, forced: false }, |given| match given {
            Given::Secret(Verdict { chosen: Some(chosen), .. }) => Ok(chosen),
            other => Err(other),
        })
        .await
    }

    /// Waits for Enter at a pager.
    pub async fn page(&self) {
        self.answer(Await::Page, |given| match given {
            Given::Turn => Ok(()),
            other => Err(other),
        })
        .await;
    }

    /// Does `work` until it is done; nothing when Ctrl-C came first: then it was dropped where it stood.
    pub async fn unless_interrupted<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = std::pin::pin!(work);
        std::future::poll_fn(|polling| {
            let mut desk = lock(&self.desk);
            if desk.given.take_if(|given| *given == Given::Interrupt).is_some() {
                return Poll::Ready(None);
            }
            drop(desk);
            match work.as_mut().poll(polling) {
                Poll::Ready(done) => Poll::Ready(Some(done)),
                Poll::Pending => self.awaits(Await::Interrupt),
            }
        })
        .await
    }

    async fn answer<R>(&self, awaited: Await, accept: fn(Given) -> Result<R, Given>) -> R {
        std::future::poll_fn(|_| match self.given(accept) {
            Some(answer) => Poll::Ready(answer),
            None => self.awaits(awaited),
        })
        .await
    }

    /// Goes on with work that was begun under another handle of the same session, which nothing polls any more: this one
    /// awaits what it awaits.
    pub async fn carry<T>(&self, begun: &Self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        std::future::poll_fn(|polling| {
            {
                let (mut own, mut other) = (lock(&self.desk), lock(&begun.desk));
                (other.lent, other.given) = (own.lent.take(), own.given.take());
                other.left.append(&mut own.left);
                other.awaited.clear();
            }
            let polled = work.as_mut().poll(polling);
            let (mut own, mut other) = (lock(&self.desk), lock(&begun.desk));
            (own.lent, own.given) = (other.lent.take(), other.given.take());
            own.awaited.append(&mut other.awaited);
            own.left.append(&mut other.left);
            polled
        })
        .await
    }

    /// Takes what is given if `accept` wants it, else leaves it to whoever awaits something else. For futures that are
    /// polled by hand.
    pub fn given<R>(&self, accept: fn(Given) -> Result<R, Given>) -> Option<R> {
        let mut desk = lock(&self.desk);
        match desk.given.take().map(accept) {
            Some(Ok(answer)) => Some(answer),
            Some(Err(other)) => {
                desk.given = Some(other);
                None
            }
            None => None,
        }
    }

    /// Adds to what the coroutine waits for. For futures that are polled by hand, and again at each poll.
    pub fn awaits<R>(&self, awaited: Await) -> Poll<R> {
        lock(&self.desk).awaited.push(awaited);
        Poll::Pending
    }
}

impl Lent {
    /// What commands see of it.
    pub fn context(&mut self) -> Context<'_> {
        Context {
            world: &mut self.world,
            session: &mut self.seat.session,
            screen: &mut self.seat.screen,
            media: &mut self.media,
            spawned: &mut self.spawned,
            foreground: &mut self.foreground,
            orders: &mut self.orders,
        }
    }
}
