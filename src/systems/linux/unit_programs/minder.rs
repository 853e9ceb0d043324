//! What systemd does for one unit between two states: it starts its commands one after another, waits for them, sends signals, and
//! says how it went (`service.c`; systemd.service(5), systemd.kill(5)).

use std::task::Poll;

use super::{UNITS, passes, process, report};
use crate::shell::Cx;
use crate::shell::coroutine::Await;
use crate::sim::{Instant, Span};
use crate::systems::linux::fs::Cred;
use crate::systems::linux::io::{SIGKILL, SIGTERM};
use crate::systems::linux::kernel;
use crate::systems::linux::model::unit::exec::{Command, Exec, Step};
use crate::systems::linux::model::unit::{End, Kind};
use crate::systems::linux::model::units::running::{Task, Work};
use crate::systems::linux::model::{Linux, Phase};
use crate::world::MachineId;

/// `DefaultTimeoutStartSec=`, `DefaultTimeoutStopSec=`
const TIMEOUT: Span = Span::secs(90);

/// A unit in one of its turns.
pub(super) struct Minder {
    pub cx: Cx,
    pub machine: MachineId,
    pub work: Work,
    pub exec: Exec,
    boots: u32,
}

/// Its turn is over: somebody has stopped the unit, or the machine went down.
pub(super) struct Late;

/// Does what is to be done for a unit.
pub(super) async fn mind(cx: Cx, machine: MachineId, work: Work) -> u8 {
    let exec = work.spec.exec.as_deref().cloned().unwrap_or_default();
    let (task, boots) = (work.task, cx.with(|cx| cx.world.linux(machine).boots));
    let minder = Minder { cx, machine, work, exec, boots };
    let ended = match task {
        Task::Start => minder.start().await,
        Task::Stop => minder.stop().await,
        Task::Reload => minder.reload().await,
        Task::Over(end) => minder.over(end).await,
    };
    u8::from(ended.is_err())
}

impl Minder {
    async fn start(&self) -> Result<(), Late> {
        let spec = &self.work.spec;
        let within = self.start_within();
        for command in self.exec.of(Step::Before) {
            let end = self.control(command, within).await?;
            if end != End::Success {
                return self.goes_wrong(end).await;
            }
        }
        match spec.kind {
            Kind::Oneshot => {
                for command in self.exec.of(Step::Start) {
                    let end = self.ended(process::begin(self, command, true), within, "Start").await?;
                    let clean = self.peek(|linux| linux.is_clean(spec, end));
                    if !clean && !command.ignores {
                        self.tell(|linux, now| linux.says_main_end(&spec.name, end, now));
                        return self.goes_wrong(end).await;
                    }
                }
            }
            Kind::Forking => {
                for command in self.exec.of(Step::Start) {
                    let end = self.control(command, within).await?;
                    if end != End::Success {
                        return self.goes_wrong(end).await;
                    }
                }
                if let Some(end) = self.find_main(within).await? {
                    return self.goes_wrong(end).await;
                }
            }
            Kind::Simple | Kind::Idle | Kind::Notify | Kind::Dbus => {
                let mut main = None;
                for command in self.exec.of(Step::Start) {
                    main = Some(process::begin(self, command, true));
                }
                if let Some(pid) = main.filter(|_| matches!(spec.kind, Kind::Notify | Kind::Dbus)) {
                    // Nobody says that it is up but the program, which cannot here.
                    let end = self.ended(pid, within, "Start").await?;
                    let early = if end == End::Success { End::Protocol } else { end };
                    self.tell(|linux, now| linux.says_main_end(&spec.name, end, now));
                    return self.goes_wrong(early).await;
                }
            }
        }
        for command in self.exec.of(Step::After) {
            let end = self.control(command, within).await?;
            if end != End::Success {
                return self.goes_wrong(end).await;
            }
        }
        let nothing_left =
            spec.kind == Kind::Forking && !spec.remains && self.peek(|linux| linux.processes_of(&spec.name)).is_empty();
        let passes = passes(spec) || nothing_left;
        if passes {
            let end = self.wind_down(true).await?;
            if end != End::Success {
                return self.goes_wrong(end).await;
            }
        }
        self.report(|linux, now| linux.programs_are_up(spec, passes, now));
        Ok(())
    }

    /// The service does not come up.
    async fn goes_wrong(&self, end: End) -> Result<(), Late> {
        self.wind_down(false).await?;
        self.report(|linux, now| linux.programs_failed(&self.work.spec, end, now));
        Ok(())
    }

    async fn stop(&self) -> Result<(), Late> {
        let spec = &self.work.spec;
        let running = self.peek(|linux| linux.unit_state(&spec.name).main_pid);
        let mut end = self.wind_down(true).await?;
        let main = running.and_then(|pid| self.peek(|linux| linux.command_end(&spec.name, pid)));
        if let Some(main) = main.filter(|main| end == End::Success && !self.peek(|linux| linux.is_clean(spec, *main))) {
            end = main;
        }
        self.report(|linux, now| linux.programs_are_down(spec, end, now));
        Ok(())
    }

    /// The main process is gone: systemd 219 runs what stops the service in any case, later ones if it did well.
    async fn over(&self, end: End) -> Result<(), Late> {
        let spec = &self.work.spec;
        let stops = end == End::Success || self.peek(|linux| linux.distro.systemd < Some(230));
        let stopped = self.wind_down(stops).await?;
        let end = if end == End::Success { stopped } else { end };
        self.report(|linux, now| linux.programs_are_over(spec, end, now));
        Ok(())
    }

    async fn reload(&self) -> Result<(), Late> {
        let mut end = End::Success;
        for command in self.exec.of(Step::Reload) {
            end = self.control(command, self.start_within()).await?;
            if end != End::Success {
                break;
            }
        }
        self.report(|linux, now| {
            linux.programs_reloaded(&self.work.spec, end, now);
            Vec::new()
        });
        Ok(())
    }

    /// Ends what is left of a service, with its own commands first, if `stops`: how that went.
    async fn wind_down(&self, stops: bool) -> Result<End, Late> {
        let mut end = End::Success;
        let within = self.exec.stop_within.unwrap_or(TIMEOUT);
        for command in self.exec.of(Step::Stop).filter(|_| stops) {
            end = self.control(command, within).await?;
            if end != End::Success {
                break;
            }
        }
        let name = &self.work.spec.name;
        let mode = self.exec.kill.as_deref().unwrap_or("control-group");
        let main = self.peek(|linux| linux.unit_state(name).main_pid);
        let struck = |all: bool| {
            let own = self.peek(|linux| linux.processes_of(name));
            own.into_iter().filter(|pid| all || Some(*pid) == main).collect::<Vec<u32>>()
        };
        let open = self.peek(|linux| linux.commands_left(name));
        if mode != "none" {
            self.kill(&struck(mode == "control-group"), SIGTERM);
            if !self.gone(&struck(mode == "control-group"), within).await? {
                let text = match self.is_old() {
                    true => format!("{name} stop-sigterm timed out. Killing."),
                    false => format!("{name}: State 'stop-sigterm' timed out. Killing."),
                };
                self.tell(|linux, now| linux.manager_says(now, 4, name, text));
                end = End::Timeout;
            }
            let left = struck(mode != "process");
            if end == End::Timeout && !self.is_old() {
                for pid in &left {
                    let comm = self.peek(|linux| linux.processes.get(*pid).map(|own| own.comm().to_owned()));
                    let text =
                        format!("{name}: Killing process {pid} ({}) with signal SIGKILL.", comm.unwrap_or_default());
                    self.tell(|linux, now| linux.manager_says(now, 5, name, text));
                }
            }
            self.kill(&left, SIGKILL);
            self.gone(&left, within).await?;
        }
        for (pid, main) in open {
            let Some(end) = self.peek(|linux| linux.command_end(name, pid)) else { continue };
            self.tell(|linux, now| match main {
                true if linux.is_clean(&self.work.spec, end) => {}
                true => linux.says_main_end(name, end, now),
                false => linux.says_control_end(name, end, now),
            });
        }
        for command in self.exec.of(Step::Over) {
            let over = self.control(command, within).await?;
            if end == End::Success {
                end = over;
            }
        }
        Ok(end)
    }

    /// Runs a command beside the main process: how it ends, where that matters.
    async fn control(&self, command: &Command, within: Span) -> Result<End, Late> {
        let name = &self.work.spec.name;
        let word = if matches!(command.step, Step::Stop | Step::Over) { "Stopping" } else { "Start" };
        let end = self.ended(process::begin(self, command, false), within, word).await?;
        if end == End::Success || command.ignores {
            return Ok(End::Success);
        }
        self.tell(|linux, now| linux.says_control_end(name, end, now));
        Ok(end)
    }

    /// Waits for the end of a command; when that takes too long, its signal comes with those of all others.
    async fn ended(&self, pid: u32, within: Span, word: &str) -> Result<End, Late> {
        let name = &self.work.spec.name;
        let end = |linux: &Linux| linux.command_end(name, pid);
        if let Some(end) = self.until(within, &[UNITS, pid], end).await? {
            return Ok(end);
        }
        let text = match (self.is_old(), word) {
            (true, "Start") => format!("{name} start operation timed out. Terminating."),
            (true, _) => format!("{name} stopping timed out. Terminating."),
            (false, "Start") => format!("{name}: Start operation timed out. Terminating."),
            (false, _) => format!("{name}: Stopping timed out. Terminating."),
        };
        self.tell(|linux, now| linux.manager_says(now, 4, name, text));
        Ok(End::Timeout)
    }

    /// Finds the main process of a service whose first one has ended: by its PID file, or it is the only one left. Gives why
    /// there is none that should be.
    async fn find_main(&self, within: Span) -> Result<Option<End>, Late> {
        let name = &self.work.spec.name;
        let found = match &self.exec.pid_file {
            None => self.peek(|linux| {
                let own = linux.processes_of(name);
                let mut own = own.into_iter().filter(|pid| linux.processes.get(*pid).is_some_and(|own| own.ppid <= 1));
                own.next().filter(|_| own.next().is_none())
            }),
            Some(file) => {
                let read = |linux: &Linux| {
                    let text = linux.fs.lookup(&Cred::ROOT, "/", file).ok().and_then(|_| linux.text(file))?;
                    text.trim().parse::<u32>().ok().filter(|pid| linux.processes.get(*pid).is_some())
                };
                if self.peek(read).is_none() {
                    let text = match self.is_old() {
                        true => format!("PID file {file} not readable (yet?) after start."),
                        false => {
                            format!("{name}: Can't open PID file {file} (yet?) after start: No such file or directory")
                        }
                    };
                    self.tell(|linux, now| linux.manager_says(now, 4, name, text));
                }
                let ready = |linux: &Linux| {
                    read(linux).map(Some).or_else(|| linux.processes_of(name).is_empty().then_some(None))
                };
                let mut waited = Span::ZERO;
                loop {
                    if let Some(found) = self.until(Span::secs(1), &[UNITS], ready).await? {
                        if found.is_some() {
                            break found;
                        }
                        let text = match self.is_old() {
                            true => format!("{name} never wrote its PID file. Failing."),
                            false => format!("{name}: Daemon never wrote its PID file. Failing."),
                        };
                        self.tell(|linux, now| linux.manager_says(now, 4, name, text));
                        return Ok(Some(if self.is_old() { End::Resources } else { End::Protocol }));
                    }
                    waited = waited + Span::secs(1);
                    if within > Span::ZERO && waited >= within {
                        let says = if self.is_old() { format!("{name} s") } else { format!("{name}: S") };
                        let text = format!("{says}tart operation timed out. Terminating.");
                        self.tell(|linux, now| linux.manager_says(now, 4, name, text));
                        return Ok(Some(End::Timeout));
                    }
                }
            }
        };
        if let Some(pid) = found {
            self.tell(|linux, now| linux.main_found(name, pid, now));
        }
        Ok(None)
    }

    fn start_within(&self) -> Span {
        // What is there once it has ended may take as long as it likes.
        let usual = if self.work.spec.kind == Kind::Oneshot { Span::ZERO } else { TIMEOUT };
        self.exec.start_within.unwrap_or(usual)
    }

    fn kill(&self, pids: &[u32], signal: u8) {
        self.cx.with(|cx| {
            for pid in pids {
                kernel::signal(cx.world, self.machine, *pid, signal);
                kernel::signal(cx.world, self.machine, *pid, kernel::SIGCONT);
            }
        });
    }

    /// Waits until processes are gone; `false` when that takes too long.
    async fn gone(&self, pids: &[u32], within: Span) -> Result<bool, Late> {
        let is_gone = |linux: &Linux, pid: u32| linux.processes.get(pid).is_none_or(|own| own.ended.is_some());
        let all = |linux: &Linux| pids.iter().all(|pid| is_gone(linux, *pid)).then_some(());
        Ok(self.until(within, pids, all).await?.is_some())
    }

    /// Waits until something is so, looking again at news of these processes; nothing when it takes too long. A span of zero
    /// is for ever.
    async fn until<R>(
        &self,
        within: Span,
        news: &[u32],
        ready: impl Fn(&Linux) -> Option<R>,
    ) -> Result<Option<R>, Late> {
        let until = (within > Span::ZERO).then(|| self.now() + within);
        std::future::poll_fn(|_| {
            if self.is_late() {
                return Poll::Ready(Err(Late));
            }
            if let Some(result) = self.peek(&ready) {
                return Poll::Ready(Ok(Some(result)));
            }
            if until.is_some_and(|until| self.now() >= until) {
                return Poll::Ready(Ok(None));
            }
            if let Some(until) = until {
                let _: Poll<()> = self.cx.awaits(Await::Until(until));
            }
            for pid in news {
                let _: Poll<()> = self.cx.awaits(Await::Process(self.machine, *pid));
            }
            self.cx.awaits(Await::Process(self.machine, UNITS))
        })
        .await
    }

    /// Whether its turn is over.
    fn is_late(&self) -> bool {
        self.peek(|linux| {
            linux.boots != self.boots
                || linux.phase == Phase::Off
                || !linux.is_turn(&self.work.spec.name, self.work.turn)
        })
    }

    pub(super) fn now(&self) -> Instant {
        self.cx.with(|cx| cx.now())
    }

    fn is_old(&self) -> bool {
        self.peek(|linux| linux.distro.systemd < Some(230))
    }

    pub(super) fn peek<R>(&self, reach: impl FnOnce(&Linux) -> R) -> R {
        self.cx.with(|cx| reach(cx.world.linux(self.machine)))
    }

    fn tell(&self, tell: impl FnOnce(&mut Linux, Instant)) {
        let now = self.now();
        self.cx.with(|cx| tell(cx.world.linux_mut(self.machine), now));
    }

    fn report(&self, what: impl FnOnce(&mut Linux, Instant) -> Vec<(String, Span)>) {
        self.cx.with(|cx| report(cx.world, self.machine, what));
    }
}
