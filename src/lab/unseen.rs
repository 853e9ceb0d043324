//! What runs in a lab without a person: the programs of units, each in a session that nobody sees. It is there for as long as they
//! run; what appsh has to say of them, a person reads.

use super::{Lab, Slot};
use crate::shell::coroutine::{Running, Seat};
use crate::shell::{Screen, Session, SessionId, Task, Terminal};
use crate::systems::linux::model::Errand;
use crate::systems::linux::{cron, unit_programs};
use crate::world::{Closed, MachineId};

impl Lab {
    /// Begins what is to be run for units and by cron; whether there was anything.
    pub(super) fn begin_work(&mut self) -> bool {
        let stirred = self.world().machines().filter(|(_, machine)| machine.system.linux().fs.is_stirred());
        for machine in stirred.map(|(id, _)| id).collect::<Vec<_>>() {
            cron::look(self.world_mut(), machine);
        }
        let errands = self.world_mut().take_errands();
        let any = !errands.is_empty();
        for (machine, errand) in errands {
            let task = match errand {
                Errand::Unit(work) => unit_programs::task(machine, work),
                Errand::Cron(entry) => cron::task(machine, entry),
            };
            self.begin_unseen(machine, task);
        }
        any
    }

    /// Begins a task that no person has started.
    fn begin_unseen(&mut self, machine: MachineId, task: Task) {
        let session = Session::new(SessionId(self.next_session), machine, Terminal::PIPE, String::new());
        let id = session.id;
        self.next_session += 1;
        let session = Session { closed: Some(Closed::Exit), ..session };
        let fresh = vec![Running::start(task)];
        let slot = Slot::new(Seat { session, screen: Screen::new(false) });
        self.slots.insert(id, Slot { fresh, forgotten: true, ..slot });
        self.poll(id, false, |_| false);
    }

    /// What appsh has said in a session that nobody sees goes to whoever is there.
    pub(super) fn pass_asides_on(&mut self, id: SessionId) {
        let Some(slot) = self.slots.get_mut(&id).filter(|slot| slot.forgotten) else { return };
        let screen = &mut slot.seat_mut().screen;
        let (asides, shown) = (screen.take_asides(), screen.take());
        let said: Vec<String> =
            asides.into_iter().filter_map(|place| Some(shown.get(place)?.replace("appsh: ", ""))).collect();
        let person = self.sessions().find(|session| session.closed.is_none()).map(|session| session.id);
        if let Some(person) = person.map(|person| self.front(person)) {
            for text in said {
                self.slot(person).seat_mut().screen.aside(&text);
            }
        }
    }
}
