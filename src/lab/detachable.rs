//! Multiplexers in a lab: sessions that no person has, and persons that look at one of them in place of their own.

use super::Lab;
use crate::shell::detachable::Wish;
use crate::shell::{Detachable, Order, Session, SessionId, Terminal};
use crate::systems::linux;
use crate::systems::linux::model::multiplexer::Multiplexer;
use crate::world::{Closed, Shell};

impl Lab {
    /// The session in front of which a person sits: the one typed into, or what a multiplexer shows in place of it.
    pub(super) fn front(&self, id: SessionId) -> SessionId {
        let mut front = id;
        while let Some(next) = self.session(front).looks_at.filter(|next| self.slots.contains_key(next)) {
            front = next;
        }
        front
    }

    /// Status of the last command in front of a person.
    #[must_use]
    pub fn status(&self, id: SessionId) -> u8 {
        self.session(self.front(id)).status
    }

    /// The multiplexer of which a person looks at a session.
    #[must_use]
    pub fn multiplexer(&self, id: SessionId) -> Option<Multiplexer> {
        let detachable = self.session(self.front(id)).detachable?;
        self.world().linux(detachable.machine).multiplexers.get(detachable.number).map(|kept| kept.program)
    }

    /// The keys by which one leaves a multiplexer and all that runs in it. `false` when the person looks at none.
    pub fn detach(&mut self, id: SessionId) -> bool {
        let Some(detachable) = self.session(self.front(id)).detachable else { return false };
        self.journal.changed_unseen();
        let text = linux::multiplexing::left(self.world(), detachable);
        self.turn_away(detachable, &text);
        true
    }

    /// Does what multiplexers want, and puts right what follows from the end of a session, of theirs or of a person's.
    pub(super) fn carry_out_orders(&mut self) {
        if self.asked.is_empty() && self.all_sessions().all(|session| session.detachable.is_none()) {
            return;
        }
        for (client, Order { detachable, wish }) in std::mem::take(&mut self.asked) {
            match wish {
                Wish::Begin(shell, attached) => self.begin_detachable(client, detachable, *shell, attached),
                Wish::Attach => self.attach(client, detachable),
                Wish::Detach(text) => self.turn_away(detachable, &text),
                Wish::End => self.end_detachable(detachable),
            }
        }
        self.lose_clients();
        self.leave_ended();
        self.heed_the_killed();
    }

    fn detachable(&self, detachable: Detachable) -> Option<SessionId> {
        let mut all = self.all_sessions();
        all.find(|session| session.detachable == Some(detachable)).map(|session| session.id)
    }

    /// Who looks at a session of a multiplexer.
    fn client(&self, id: SessionId) -> Option<SessionId> {
        self.all_sessions().find(|session| session.looks_at == Some(id)).map(|session| session.id)
    }

    fn begin_detachable(&mut self, client: SessionId, detachable: Detachable, shell: Shell, attached: bool) {
        let terminal = Terminal { live: false, ..self.session(client).terminal };
        let from = linux::multiplexing::origin(self.world(), detachable, self.session(client));
        let session = Session::new(SessionId(self.next_session), detachable.machine, terminal, from);
        let id = self.seat(Session { shells: vec![shell], detachable: Some(detachable), ..session });
        self.screen(id).turn_away();
        self.with_context(id, linux::multiplexing::opened);
        if attached {
            self.attach(client, detachable);
        }
        self.begin(id, linux::bash::resumed());
    }

    fn attach(&mut self, client: SessionId, detachable: Detachable) {
        let Some(id) = self.detachable(detachable).filter(|_| self.session(client).closed.is_none()) else { return };
        if self.client(id).is_some() {
            let text = linux::multiplexing::taken(self.world(), detachable);
            self.turn_away(detachable, &text);
        }
        self.with_context(client, |cx| linux::multiplexing::attached(cx, detachable));
        let terminal = self.session(client).terminal;
        self.pass_on(client, id);
        self.slot(client).seat_mut().session.looks_at = Some(id);
        let seat = self.slot(id).seat_mut();
        seat.session.terminal = terminal;
        seat.screen.face(terminal.rows, terminal.live);
    }

    /// Whoever looks at it is back where the multiplexer was started.
    fn turn_away(&mut self, detachable: Detachable, text: &str) {
        let Some(id) = self.detachable(detachable) else { return };
        let Some(client) = self.client(id) else { return };
        self.pass_on(id, client);
        self.slot(id).seat_mut().screen.turn_away();
        self.go_back(client, detachable, text);
    }

    /// A person turns back to the own session, which goes on with what comes after the multiplexer.
    fn go_back(&mut self, client: SessionId, detachable: Detachable, text: &str) {
        self.slot(client).seat_mut().session.looks_at = None;
        self.with_context(client, |cx| {
            linux::multiplexing::detached(cx.world, detachable);
            cx.line(text);
            cx.screen.mark_inferred();
        });
        self.begin(client, linux::bash::resumed());
    }

    fn pass_on(&mut self, from: SessionId, to: SessionId) {
        let mut screen = std::mem::take(&mut self.slot(from).seat_mut().screen);
        screen.pass_on(&mut self.slot(to).seat_mut().screen);
        self.slot(from).seat_mut().screen = screen;
    }

    fn end_detachable(&mut self, detachable: Detachable) {
        if let Some(id) = self.detachable(detachable) {
            self.abandon(id, Some(Closed::Exit));
        }
    }

    /// Sessions of multiplexers that are over: who looked at one is told.
    fn leave_ended(&mut self) {
        let over = |session: &Session| {
            session.detachable.filter(|_| session.closed.is_some()).map(|detachable| (session.id, detachable))
        };
        loop {
            let Some((id, detachable)) = self.all_sessions().find_map(over) else { return };
            let client = self.client(id);
            let text = linux::multiplexing::over(self.world(), detachable);
            if let Some(client) = client {
                self.pass_on(id, client);
            }
            linux::multiplexing::remove(self.world_mut(), detachable);
            self.let_go(id);
            if let Some(client) = client {
                self.go_back(client, detachable, &text);
            }
        }
    }

    /// Persons whose way to the multiplexer is cut: it goes on without them.
    fn lose_clients(&mut self) {
        let lost = |session: &&Session| {
            let detachable = session.looks_at.and_then(|id| self.session(id).detachable);
            detachable.is_some_and(|detachable| session.closed.is_some() || session.machine != detachable.machine)
        };
        let lost: Vec<SessionId> = self.all_sessions().filter(lost).map(|session| session.id).collect();
        for client in lost {
            let Some(id) = self.slot(client).seat_mut().session.looks_at.take() else { continue };
            self.pass_on(id, client);
            self.slot(id).seat_mut().screen.turn_away();
            if let Some(detachable) = self.session(id).detachable {
                linux::multiplexing::detached(self.world_mut(), detachable);
            }
        }
    }

    /// A program in front that was killed leaves its session alone; a server takes those with it that it keeps.
    fn heed_the_killed(&mut self) {
        let all: Vec<Detachable> = self.all_sessions().filter_map(|session| session.detachable).collect();
        for detachable in all {
            let linux = self.world().linux(detachable.machine);
            let kept = linux.multiplexers.get(detachable.number);
            let is_gone = |pid: u32| linux.processes.get(pid).is_none();
            if kept.is_none_or(|kept| is_gone(kept.server)) {
                self.end_detachable(detachable);
            } else if kept.and_then(|kept| kept.client).is_some_and(is_gone) {
                self.turn_away(detachable, "[terminated]");
            }
        }
    }

    /// After a leap to another point of time each screen is looked at or not as the sessions there say.
    pub(super) fn face_detachables(&mut self) {
        let all: Vec<SessionId> = self.all_sessions().filter(|s| s.detachable.is_some()).map(|s| s.id).collect();
        for id in all {
            let client = self.client(id).map(|client| self.session(client).terminal);
            let screen = &mut self.slot(id).seat_mut().screen;
            match client {
                Some(terminal) => screen.face(terminal.rows, terminal.live),
                None => screen.turn_away(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Waits;
    use crate::lab_file::{BUNDLED, LabFile};
    use crate::media::Bundled;
    use crate::sim::Span;
    use crate::systems;
    use crate::world::MachineId;

    const MACHINE: &str = "rhel8";

    /// Somebody in tmux on a machine, in front of a command that takes a minute.
    fn in_tmux() -> (Lab, MachineId, SessionId) {
        let (_, text) = BUNDLED.iter().find(|(name, _)| *name == "linux").expect("it is bundled");
        let world = LabFile::parse(text).and_then(|file| file.world("linux", None, None)).expect("a good lab");
        let machine = world.find(MACHINE).expect("it is there");
        let mut lab = Lab::new(world, Box::new(Bundled));
        let id = lab.open(MACHINE, Terminal::PIPE).expect("it is up");
        type_line(&mut lab, id, "tmux");
        assert!(lab.line(id, "sleep 60; echo slept"));
        assert!(matches!(lab.waits(id), Waits::Time(_)));
        (lab, machine, id)
    }

    /// Types a line and lets it run.
    fn type_line(lab: &mut Lab, id: SessionId, line: &str) -> String {
        assert!(lab.line(id, line), "{line}");
        while let Waits::Time(_) = lab.waits(id) {
            let due = lab.next_due().expect("it ends");
            lab.advance(due);
        }
        let mut shown = String::new();
        lab.output(id, &mut shown);
        shown
    }

    /// What is found on the machine by a new login two minutes later.
    fn found_later(lab: &mut Lab) -> String {
        lab.advance(lab.now() + Span::secs(120));
        let id = lab.open(MACHINE, Terminal::PIPE).expect("it is up");
        lab.output(id, &mut String::new());
        type_line(lab, id, "tmux attach")
    }

    #[test]
    fn what_runs_goes_on_when_the_way_to_it_is_cut() {
        let ways: [fn(&mut Lab, MachineId, SessionId); 3] = [
            |lab, _, id| lab.hang_up(id),
            |lab, machine, _| lab.act(|world, _| world.drop_sessions(machine, Closed::HangUp)),
            // The end of the input at a command is the end of the connection.
            |lab, _, id| lab.end_of_input(id),
        ];
        for (at, cut) in ways.into_iter().enumerate() {
            let (mut lab, machine, id) = in_tmux();
            cut(&mut lab, machine, id);
            assert_eq!(lab.waits(id), Waits::Closed(Closed::HangUp), "{at}");
            let found = found_later(&mut lab);
            assert!(found.ends_with("sleep 60; echo slept\nslept\n"), "{at}: {found}");
        }
    }

    #[test]
    fn nothing_of_it_is_left_when_the_machine_goes_down() {
        let (mut lab, machine, id) = in_tmux();
        lab.act(|world, _| systems::family(world, machine).cut_power(world, machine));
        assert_eq!((lab.waits(id), lab.all_sessions().count()), (Waits::Closed(Closed::PowerCut), 1));
        lab.act(|world, _| systems::family(world, machine).power_on(world, machine));
        lab.advance(lab.now() + Span::secs(600));
        assert_eq!(found_later(&mut lab), "no sessions\n");
    }

    #[test]
    fn a_point_of_time_knows_who_looks_at_what() {
        let (mut lab, _, id) = in_tmux();
        lab.interrupt(id);
        let attached = lab.point().expect("nothing runs");
        assert!(lab.detach(id) && !lab.detach(id));
        assert_eq!(lab.multiplexer(id), None);
        let away = lab.point().expect("nothing runs");
        lab.output(id, &mut String::new());
        lab.restore(&attached);
        assert_eq!(lab.multiplexer(id), Some(Multiplexer::Tmux));
        assert_eq!(type_line(&mut lab, id, "echo $TMUX_PANE").lines().last(), Some("%0"));
        lab.restore(&away);
        assert_eq!((lab.multiplexer(id), type_line(&mut lab, id, "echo ${TMUX:-none}").as_str()), (None, "none\n"));
    }
}
