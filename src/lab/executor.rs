//! The executor of a lab: it lends the world to a command for the length of one poll, wakes who has waited long enough, lets
//! events happen, and ends what goes down with its machine.

use std::collections::VecDeque;

use super::{CUT_OFF, INTERRUPTED, Lab, input};
use crate::shell::coroutine::{Await, Given, Lent, Running};
use crate::shell::{Context, Session, SessionId, Step, Task};
use crate::sim::Instant;
use crate::systems::{self, linux};
use crate::world::Closed;

impl Lab {
    /// Runs a command line typed at a prompt.
    pub(super) fn run(&mut self, id: SessionId, line: &str) {
        let Some(console) = systems::console(self.session(id)) else { return };
        match self.with_context(id, |cx| console.line(cx, line)) {
            Step::Done(status) => {
                self.slot(id).seat_mut().session.status = status;
                if self.session(id).closed.is_some() {
                    self.with_context(id, systems::hung_up);
                }
                self.settle();
                self.go_on(id);
            }
            Step::Task(task) => self.begin(id, task),
        }
    }

    /// A person is back in a shell from where it was gone on: what stands behind the command that led away goes on.
    pub(super) fn go_on(&mut self, id: SessionId) {
        let Some(slot) = self.slots.get(&id).filter(|slot| slot.running.is_none()) else { return };
        let session = &slot.seat().session;
        let waits = linux::terminal::shell(session).is_some_and(|bash| bash.back.is_some());
        if waits && session.closed.is_none() {
            self.begin(id, linux::bash::resumed());
        }
    }

    pub(super) fn begin(&mut self, id: SessionId, task: Task) {
        self.slot(id).running = Some(Running::start(task));
        self.poll(id, true, |_| false);
        self.settle();
    }

    pub(super) fn give(&mut self, id: SessionId, given: Given) {
        let slot = self.slot(id);
        // Keys that mean a signal are for the shell that waits for the job.
        let job = slot.job_that_asks().filter(|_| !matches!(given, Given::Interrupt | Given::Suspend));
        let number = job.and_then(Running::job);
        if let Some(running) = job.or(slot.running.as_ref()) {
            running.give(given);
        }
        self.poll(id, number.is_none(), |running| number.is_some() && running.job() == number);
        self.settle();
    }

    pub(super) fn with_context<R>(&mut self, id: SessionId, reach: impl FnOnce(&mut Context<'_>) -> R) -> R {
        let mut lent = self.lend(id);
        let result = reach(&mut lent.context());
        self.take_back(id, lent);
        result
    }

    fn lend(&mut self, id: SessionId) -> Lent {
        let slot = self.slot(id);
        let (seat, foreground) = (slot.seat.take(), slot.foreground);
        match (self.world.take(), seat, self.media.take()) {
            (Some(world), Some(seat), Some(media)) => {
                Lent { world, seat, media, spawned: Vec::new(), foreground, orders: Vec::new() }
            }
            _ => unreachable!("everything is at home between two polls"),
        }
    }

    fn take_back(&mut self, id: SessionId, lent: Lent) {
        let Lent { world, seat, mut media, spawned, foreground, orders } = lent;
        self.journal.found(media.take_found());
        self.world = Some(world);
        self.media = Some(media);
        self.asked.extend(orders.into_iter().map(|turn| (id, turn)));
        let slot = self.slot(id);
        slot.seat = Some(seat);
        slot.foreground = foreground;
        slot.fresh.extend(spawned.into_iter().map(Running::start));
    }

    /// Runs on what waits in a session: the command in front, if `front`, and those beside it of which `beside` says so. What
    /// is started beside them begins.
    pub(super) fn poll(&mut self, id: SessionId, front: bool, beside: impl Fn(&Running) -> bool) {
        self.forget_wake(id);
        if front {
            self.poll_front(id);
        }
        let slot = self.slot(id);
        let (due, rest) = std::mem::take(&mut slot.beside).into_iter().partition(|running| beside(running));
        slot.beside = rest;
        let mut due = VecDeque::<Running>::from(due);
        due.extend(slot.fresh.drain(..));
        while let Some(mut running) = due.pop_front() {
            let lent = self.lend(id);
            let (lent, ended) = running.poll(lent);
            self.take_back(id, lent);
            let slot = self.slot(id);
            if ended.is_none() {
                slot.beside.push(running);
            }
            due.extend(slot.fresh.drain(..));
        }
        let wake = self.slot(id).all().filter_map(|running| until(running.awaited())).min();
        self.wakes.extend(wake.map(|moment| (moment, id)));
        let slot = self.slot(id);
        slot.wake = wake;
        if slot.forgotten {
            self.pass_asides_on(id);
            self.let_go(id);
        }
    }

    fn poll_front(&mut self, id: SessionId) {
        let Some(mut running) = self.slot(id).running.take() else { return };
        let lent = self.lend(id);
        let (lent, ended) = running.poll(lent);
        self.take_back(id, lent);
        // A counter is left standing as soon as something else than its next step is awaited.
        if ended.is_some() || running.awaited().iter().any(|awaited| input(*awaited).is_some()) {
            self.slot(id).seat_mut().screen.settle();
        }
        match ended {
            Some(status) => {
                let slot = self.slot(id);
                (slot.seat_mut().session.status, slot.seat_mut().session.given) = (status, None);
                if slot.seat().session.closed.is_some() {
                    self.with_context(id, systems::hung_up);
                }
            }
            None => self.slot(id).running = Some(running),
        }
    }

    pub(super) fn forget_wake(&mut self, id: SessionId) {
        if let Some(moment) = self.slot(id).wake.take() {
            self.wakes.remove(&(moment, id));
        }
    }

    /// Cuts off the running command; `closed` ends the session as well. What runs beside goes on if it can, and so does the
    /// command if it wants to know nothing of the end of its session.
    pub(super) fn abandon(&mut self, id: SessionId, closed: Option<Closed>) {
        self.forget_wake(id);
        let mut goes_on = false;
        if closed.is_some() {
            self.slot(id).seat_mut().session.closed = closed;
            goes_on = self.with_context(id, systems::hung_up);
        }
        match self.slot(id).running.take() {
            Some(running) if goes_on => self.slot(id).beside.push(running),
            Some(running) => self.cut_off(id, running),
            None => {}
        }
        let slot = self.slot(id);
        slot.foreground = None;
        let seat = slot.seat_mut();
        seat.screen.settle();
        seat.session.status = INTERRUPTED;
        if seat.session.shells.is_empty() {
            seat.session.closed.get_or_insert(Closed::Exit);
        }
        self.poll(id, false, |_| false);
        self.settle();
    }

    fn cut_off(&mut self, id: SessionId, running: Running) {
        let abandoned = running.abandoned();
        drop(running);
        self.with_context(id, abandoned);
    }

    pub(super) fn happen_at(&mut self, moment: Instant) {
        let world = self.world_mut();
        world.now = world.now.max(moment);
        let now = world.now;
        while let Some(event) = self.world_mut().queue.pop_due(now) {
            systems::happen(self.world_mut(), event);
            self.settle();
        }
        while let Some((_, id)) = self.wakes.first().copied().filter(|(due, _)| *due <= now) {
            let due = |running: &Running| until(running.awaited()).is_some_and(|moment| moment <= now);
            self.poll(id, self.slots[&id].running.as_ref().is_some_and(due), due);
            self.settle();
        }
    }

    /// Lets the sessions know what came of an event or a command: those whose machine went down end, and commands go on
    /// that awaited a task which has ended, or news of a process.
    pub(super) fn settle(&mut self) {
        loop {
            self.end_dropped();
            self.carry_out_orders();
            let begun = self.begin_work();
            let (ended, nudged) = (self.world_mut().tasks.take_news(), self.world_mut().take_nudged());
            if !nudged.is_empty() {
                self.end_struck();
            }
            if ended.is_empty() && nudged.is_empty() && !begun {
                return;
            }
            let told = |awaited: &Await| match awaited {
                Await::Task(id) => ended.contains(id),
                Await::Process(machine, pid) => nudged.contains(&(*machine, *pid)),
                _ => false,
            };
            let told = |running: &Running| running.awaited().iter().any(told);
            let waiting = self.slots.iter().filter(|(_, slot)| slot.all().any(told));
            for id in waiting.map(|(id, _)| *id).collect::<Vec<_>>() {
                self.poll(id, self.slots[&id].running.as_ref().is_some_and(told), told);
            }
        }
    }

    /// Shells and connections end to which somebody has sent a signal.
    fn end_struck(&mut self) {
        let open = self.all_sessions().filter(|session| session.closed.is_none());
        let struck: Vec<_> =
            open.filter_map(|session| Some((session.id, linux::parting::struck(self.world(), session)?))).collect();
        for (id, blow) in struck {
            if let Some(running) = self.slot(id).running.take() {
                self.cut_off(id, running);
            }
            self.slot(id).foreground = None;
            self.with_context(id, |cx| linux::parting::fall(cx, blow));
            if self.session(id).closed.is_some() {
                self.with_context(id, systems::hung_up);
            }
            self.go_on(id);
        }
    }

    fn end_dropped(&mut self) {
        for machine in self.world_mut().take_consoles() {
            let sits = |session: &&Session| {
                let outermost = session.outer.first().map_or(session.machine, |layer| layer.machine);
                session.is_on_console() && session.closed.is_none() && outermost == machine
            };
            for id in self.all_sessions().filter(sits).map(|session| session.id).collect::<Vec<_>>() {
                self.abandon(id, Some(Closed::Exit));
            }
        }
        for (machine, why) in self.world_mut().take_dropped() {
            let hit: Vec<SessionId> = self
                .all_sessions()
                .filter(|session| session.passes(machine) && session.closed.is_none())
                // A line that goes dead is nothing to those at the console, nor to what runs in a multiplexer.
                .filter(|session| {
                    let begun_here = session.outer.first().map_or(session.machine, |layer| layer.machine) == machine;
                    let is_local = session.is_on_console() || session.detachable.is_some() && begun_here;
                    !(why == Closed::HangUp && is_local)
                })
                .map(|session| session.id)
                .collect();
            for id in hit {
                // One may have ended with another: a multiplexer's with its server.
                if self.session(id).closed.is_some() {
                    continue;
                }
                if self.session(id).outer.first().is_some_and(|outermost| outermost.machine != machine) {
                    self.abandon(id, None);
                    self.with_context(id, |cx| systems::lose(cx, machine, why));
                    self.go_on(id);
                    continue;
                }
                let in_order = why != Closed::PowerCut && self.slot(id).running.is_none();
                self.abandon(id, Some(why));
                // One of a multiplexer is gone by now.
                if let Some(slot) = self.slots.get_mut(&id) {
                    slot.seat_mut().session.status = if in_order { 0 } else { CUT_OFF };
                }
            }
        }
    }
}

/// The first moment that is awaited.
pub(super) fn until(awaited: &[Await]) -> Option<Instant> {
    let moments =
        awaited.iter().filter_map(|awaited| if let Await::Until(moment) = awaited { Some(*moment) } else { None });
    moments.min()
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::Poll;

    use super::*;
    use crate::lab::Waits;
    use crate::lab_file::{BUNDLED, LabFile};
    use crate::media::Bundled;
    use crate::shell::{Cx, Terminal};
    use crate::sim::Span;
    use crate::sim::task::TaskId;
    use crate::world::MachineId;

    /// The bundled lab with a session at its prompt.
    fn at_prompt() -> (Lab, SessionId) {
        let file = LabFile::parse(BUNDLED[0].1).expect("a good lab file");
        let mut lab = Lab::new(file.world("one", None, None).expect("a good world"), Box::new(Bundled));
        let id = lab.open("vcsa01", Terminal::PIPE).expect("the machine is up");
        lab.output(id, &mut String::new());
        (lab, id)
    }

    /// What comes first of a line, the end of a task, and ten seconds.
    async fn race(cx: Cx, task: TaskId) -> u8 {
        let (mut line, mut ended, mut late) = (pin!(cx.line()), pin!(cx.task(task)), pin!(cx.pass(Span::secs(10))));
        let first = std::future::poll_fn(|polling| {
            if let Poll::Ready(line) = line.as_mut().poll(polling) {
                return Poll::Ready(format!("typed {line}"));
            }
            if let Poll::Ready(ended) = ended.as_mut().poll(polling) {
                return Poll::Ready(format!("{:?}", ended.map(|task| task.state)));
            }
            late.as_mut().poll(polling).map(|()| "late".to_owned())
        });
        let first = first.await;
        cx.with(|cx| cx.line(&first));
        7
    }

    #[test]
    fn a_command_goes_on_with_the_first_of_all_it_awaits() {
        let check = |what: fn(&mut Lab, SessionId, TaskId), expect: &str| {
            let (mut lab, id) = at_prompt();
            let start = lab.now();
            let task = lab.act(|world, _| world.tasks.begin("work", start));
            lab.begin(id, Task::new(move |cx| race(cx, task)));
            assert_eq!(lab.waits(id), Waits::Line, "a question goes before time");
            assert_eq!(lab.next_due(), Some(start + Span::secs(10)));
            lab.advance(start + Span::secs(9));
            what(&mut lab, id, task);
            let mut shown = String::new();
            lab.output(id, &mut shown);
            assert_eq!((shown.as_str(), lab.waits(id), lab.session(id).status), (expect, Waits::Prompt, 7));
            assert_eq!(lab.next_due(), None, "what it awaited else wakes nobody");
        };
        check(|lab, id, _| assert!(lab.line(id, "yes")), "typed yes\n");
        check(
            |lab, _, task| lab.act(|world, _| world.tasks.end(task, Ok("made".to_owned()))),
            "Some(Succeeded(\"made\"))\n",
        );
        check(|lab, _, _| lab.advance(lab.now() + Span::secs(1)), "late\n");
    }

    #[test]
    fn who_awaits_a_task_alone_lets_time_pass_until_it_ends() {
        let (mut lab, id) = at_prompt();
        let start = lab.now();
        let task = lab.act(|world, _| world.tasks.begin("work", start));
        lab.begin(id, Task::new(move |cx| async move { u8::from(cx.task(task).await.is_none_or(|t| t.is_running())) }));
        assert_eq!(lab.waits(id), Waits::Time(Instant::LAST), "nothing is due");
        lab.act(|world, _| world.after(MachineId(0), Span::secs(5), crate::vm::Event::DriveReady));
        assert_eq!(lab.waits(id), Waits::Time(start + Span::secs(5)));
        assert!(!lab.line(id, "typed too early"));
        lab.advance(start + Span::secs(5));
        assert!(matches!(lab.waits(id), Waits::Time(_)));
        lab.act(|world, _| world.tasks.end(task, Err("no room".to_owned())));
        assert_eq!((lab.waits(id), lab.session(id).status), (Waits::Prompt, 0));
    }

    #[test]
    #[should_panic(expected = "Cx is not used within the closure given to Cx::with")]
    fn a_handle_used_within_its_own_closure_is_a_mistake_that_is_told() {
        let (mut lab, id) = at_prompt();
        lab.begin(id, Task::new(|cx| async move { cx.with(|_| cx.with(|inner| inner.session.status)) }));
    }

    /// Somebody's connection to a machine breaks while a line runs there: what the machine's file says ten minutes later.
    fn left_behind(line: &str) -> String {
        let (_, text) = BUNDLED.iter().find(|(name, _)| *name == "linux").expect("it is bundled");
        let file = LabFile::parse(text).expect("a good lab file");
        let mut lab = Lab::new(file.world("linux", None, None).expect("a good world"), Box::new(Bundled));
        let id = lab.open("rhel8", Terminal::PIPE).expect("it is up");
        assert!(lab.line(id, line));
        assert!(matches!(lab.waits(id), Waits::Time(_)), "{line}");
        lab.advance(lab.now() + Span::secs(1));
        lab.hang_up(id);
        lab.forget(id);
        assert!(!lab.knows(id));
        lab.advance(lab.now() + Span::secs(600));
        assert!(lab.is_quiet(), "{line}");
        let id = lab.open("rhel8", Terminal::PIPE).expect("it is up");
        lab.output(id, &mut String::new());
        assert!(lab.line(id, "cat told; ps -eo args | grep -c '[s]leep'"));
        let mut shown = String::new();
        lab.output(id, &mut shown);
        shown
    }

    #[test]
    fn of_what_runs_in_front_that_goes_on_which_minds_no_hang_up() {
        let missing = "cat: told: No such file or directory\n0\n";
        let cases = [
            ("sleep 100; echo late > told", missing),
            // The shell is gone, the program is not.
            ("nohup sh -c 'sleep 100; echo alone > told'; echo late >> told", "alone\n0\n"),
            ("nohup sh -c 'sleep 100; echo alone > told' | cat; echo late >> told", "alone\n0\n"),
            ("sh -c 'trap \"echo struck > told\" HUP; sleep 100; echo on >> told'", "struck\non\n0\n"),
            ("sh -c 'sleep 100 & wait; echo late > told'", missing),
            ("for a in 1 2 3; do nohup sleep 100; echo $a >> told; done", missing),
            ("(sleep 100; echo job > told) & sleep 200", missing),
            ("(sleep 100; echo job > told) & disown; sleep 200", "job\n0\n"),
        ];
        for (line, expect) in cases {
            assert_eq!(left_behind(line), expect, "{line}");
        }
    }
}
