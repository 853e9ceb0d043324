//! One run of `stage` or `install`: the acts of its table (`flows/`), one after another, until one fails, Ctrl-C comes or
//! all are done; then what is open is closed, and a failure gets its last word.

use std::sync::Arc;

use super::report::{log_is_writable, or_cancelled, say, say_inferred, step, work};
use super::source::{self, Source};
use super::stage::{self, Copying, Selection};
use super::{From, Wishes, install, report, staged};
use crate::payload::catalog::{RELEASE_PACKAGE, line_of};
use crate::payload::{Package, Patch};
use crate::shell::{Context, Cx, Outcome, Task};
use crate::sim::{Instant, Span};
use crate::systems::vcsa::flows::{Act, Copies, Flow, Form, Items};
use crate::systems::vcsa::software_update::State;
use crate::systems::vcsa::staging::{STAGING_AREA, Staged, StagedFrom};
use crate::systems::vcsa::{events, update_files};

/// The fault point at which the power fails in a phase of an update; its object is the phase.
pub const PHASE: &str = "update.phase";

/// A run under way: what its acts have come to so far.
pub(super) struct Run {
    pub(super) form: Form,
    from: From,
    pub(super) wishes: Wishes,
    pub(super) flow: &'static Flow,
    /// The disc or the repository.
    source: Option<Source>,
    /// Whether the disc of `source` is mounted.
    mounted: bool,
    selection: Option<Selection>,
    /// What is to be installed.
    pub(super) staged: Option<Arc<Staged>>,
    /// Whether single sign-on's password was right, where it was asked for.
    pub(super) authenticated: bool,
    /// The phases of the act under way that did not come before: in these the power may fail now.
    pub(super) phases: Vec<&'static str>,
    /// Those that came before.
    passed: Vec<&'static str>,
}

/// A whole run.
pub(super) fn task(form: Form, from: From, wishes: Wishes) -> Outcome {
    Outcome::Task(Task::new(move |cx| run(cx, form, from, wishes)).on_abandon(abandoned))
}

/// A killed run: services stay as they are, and so do the packages.
fn abandoned(cx: &mut Context<'_>) {
    let now = cx.now();
    cx.vcsa_mut().break_off(now);
    stage::abandoned(cx);
}

async fn run(cx: Cx, form: Form, from: From, wishes: Wishes) -> u8 {
    if !cx.with(stage::enter) {
        return 1;
    }
    let flow = cx.with(|cx| cx.vcsa().series().flow);
    let mut run = Run {
        form,
        from,
        wishes,
        flow,
        source: None,
        mounted: false,
        selection: None,
        staged: None,
        authenticated: true,
        phases: Vec::new(),
        passed: Vec::new(),
    };
    let before = cx.with(|cx| cx.vcsa().software_update.state);
    let done = or_cancelled(&cx, async {
        for act in Flow::acts(flow.form(form)) {
            run.act(&cx, act).await?;
        }
        Some(())
    })
    .await
    .is_some();
    if !done {
        run.undo(&cx).await;
    }
    cx.with(|cx| run.leave(cx, done, before));
    u8::from(!done)
}

impl Run {
    async fn act(&mut self, cx: &Cx, act: Act) -> Option<()> {
        self.passed.append(&mut self.phases);
        self.phases = act.phases().iter().copied().filter(|phase| !self.passed.contains(phase)).collect();
        match act {
            Act::Say(text) => cx.with(|cx| self.say(cx, text)),
            Act::Start => work(cx, source::START_MS).await,
            Act::Mount => self.mount(cx).await?,
            Act::Unmount => cx.with(|cx| self.unmount(cx)),
            Act::Query => self.query(cx).await?,
            Act::Metadata => source::validate(cx, self.source()?).await?,
            Act::Ready => cx.with(|cx| install::is_ready(cx).then_some(()))?,
            Act::Level => cx.with(|cx| self.is_supported(cx).then_some(()))?,
            Act::LevelAloud => cx.with(|cx| {
                self.is_supported(cx).then_some(())?;
                self.flow.compatible.iter().for_each(|text| self.say(cx, text));
                Some(())
            })?,
            Act::Select => {
                let patch = self.patch()?;
                self.selection = Some(cx.with(|cx| self.select(cx, patch))?);
                if !self.form.installs() {
                    cx.with(|cx| self.note(cx));
                }
            }
            Act::Eula => {
                let selection = self.selection.as_mut()?;
                selection.accepted = stage::agree(cx, &selection.patch, self.wishes).await?;
            }
            Act::Third(text) => {
                if self.selection.as_ref()?.packages.iter().any(|package| package.third_party) {
                    cx.with(|cx| self.say(cx, text));
                }
            }
            Act::Version(text) => {
                if install::order(self)?.iter().any(|package| package.name == RELEASE_PACKAGE) {
                    cx.with(|cx| self.say(cx, text));
                }
            }
            Act::Wait(millis) => cx.pass(Span::millis(millis)).await,
            Act::Step(text, work) => install::step(self, cx, text, work).await?,
            Act::Count(text, items) => self.count(cx, text, items).await?,
            Act::Keep => {
                power_may_fail(cx, &self.phases, Span::ZERO).await;
                self.keep(cx)?;
            }
            Act::Staged => self.take_staged(cx)?,
            Act::Ask(text, question) => self.ask(cx, text, question).await,
            Act::Backup(text) => install::back_up(self, cx, text).await,
            Act::End(ending) => install::end(self, cx, ending).await?,
            // A table is flat by the time it is run.
            Act::Do(_) => {}
        }
        Some(())
    }

    /// Says a text of the table.
    pub(super) fn say(&self, cx: &mut Context<'_>, text: &str) {
        let text = self.fill(cx, text);
        text.lines().for_each(|line| say(cx, line));
        self.mark(cx);
    }

    /// The line of a step, and when it began.
    pub(super) fn begin(&self, cx: &Cx, text: &str) -> Instant {
        cx.with(|cx| {
            step(cx, text);
            self.mark(cx);
            cx.now()
        })
    }

    /// Where the form was not captured, its texts are inferred.
    fn mark(&self, cx: &mut Context<'_>) {
        if !self.flow.captured.contains(&self.form) {
            cx.screen.mark_inferred();
        }
    }

    /// A text of the table with its values.
    fn fill(&self, cx: &Context<'_>, text: &str) -> String {
        if !text.contains('{') {
            return text.to_owned();
        }
        let chosen = self.selection.as_ref().map_or(0, |selection| selection.packages.len());
        let running = &cx.vcsa().running;
        let text = text.replace("{n}", &chosen.to_string());
        let text = text.replace("{from}", &running.version).replace("{from_build}", &running.build);
        match self.patch() {
            Some(patch) => text.replace("{version}", &patch.version).replace("{build}", &patch.build),
            None => text,
        }
    }

    fn source(&self) -> Option<&Source> {
        self.source.as_ref()
    }

    /// The update that this run is about.
    pub(super) fn patch(&self) -> Option<Arc<Patch>> {
        let staged = self.staged.as_ref().map(|staged| &staged.patch);
        let found = self.source().and_then(|source| source::offered(source));
        staged.or(found).cloned()
    }

    async fn mount(&mut self, cx: &Cx) -> Option<()> {
        self.source = Some(source::mount(cx).await?);
        self.mounted = true;
        Some(())
    }

    /// Ends the use of a disc. A disc whose connection broke, or that was taken out, cannot be unmounted.
    fn unmount(&mut self, cx: &mut Context<'_>) {
        if let Some(source) = self.source.as_ref().filter(|_| self.mounted) {
            source::close(cx, source);
        }
        self.mounted = false;
    }

    async fn query(&mut self, cx: &Cx) -> Option<()> {
        let From::Url(url) = &self.from else { return None };
        self.source = Some(source::query(cx, url.as_deref()).await?);
        Some(())
    }

    fn select(&self, cx: &mut Context<'_>, patch: Arc<Patch>) -> Option<Selection> {
        let third_party_only = self.wishes.third_party_only || patch.third_party;
        let packages = stage::select(cx, &patch, third_party_only)?;
        let selection = Selection { patch, third_party_only, packages, accepted: cx.now() };
        let fits = match self.copies_now() {
            true => stage::fits(cx, &selection, self.downloads()),
            // The metadata of what is staged need some room, too.
            false => self.form.installs() || stage::has_room(cx, 0, false),
        };
        if !fits {
            let area = if self.downloads() { self.flow.downloads } else { STAGING_AREA };
            say_inferred(cx, &format!("Not enough space in the staging area {area}"));
            return None;
        }
        Some(selection)
    }

    /// Whether what is copied lands where downloads are kept, apart from the staging area.
    fn downloads(&self) -> bool {
        self.from != From::Iso && self.flow.downloads != STAGING_AREA
    }

    /// Whether packages come into the staging area with this run's selection, and not later.
    fn copies_now(&self) -> bool {
        self.from != From::Iso || self.flow.copies == Copies::AtStage
    }

    async fn count(&mut self, cx: &Cx, text: &str, items: Items) -> Option<()> {
        cx.with(|cx| {
            report::counting_step(cx, text);
            self.mark(cx);
        });
        match items {
            Items::LookAtPayload => stage::look(cx, self.patch()?.packages.len() as u64, &[]).await,
            Items::CopyPayload => self.copy(cx, |selection| &selection.patch.packages).await?,
            Items::CopyChosen => self.copy(cx, |selection| &selection.packages).await?,
            Items::CopyStaged => self.copy_staged(cx).await?,
        }
        Some(())
    }

    async fn copy(&self, cx: &Cx, packages: fn(&Selection) -> &[Package]) -> Option<()> {
        let selection = self.selection.as_ref()?;
        let copying = Copying {
            source: self.source.as_ref()?,
            selection,
            packages: packages(selection),
            resumes: self.flow.resumes,
            downloads: self.downloads(),
            phases: &self.phases,
        };
        stage::copy(cx, &copying).await
    }

    /// Copies what is staged from the disc, which must be there again, or just counts what was downloaded before.
    async fn copy_staged(&mut self, cx: &Cx) -> Option<()> {
        let staged = self.staged.clone()?;
        if staged.copied {
            stage::look(cx, staged.packages.len() as u64, &self.phases).await;
            return Some(());
        }
        self.mount(cx).await?;
        let same = source::offered(self.source()?).is_some_and(|patch| patch.manifest == staged.patch.manifest);
        if !same {
            cx.with(|cx| source::say_other_disc(cx, &staged.patch.name));
            return None;
        }
        let Staged { patch, third_party_only, packages, eula_accepted, .. } = staged.as_ref().clone();
        self.selection = Some(Selection { patch, third_party_only, packages, accepted: eula_accepted });
        self.copy(cx, |selection| &selection.packages).await?;
        self.staged = Some(cx.with(|cx| {
            let copied = Arc::new(Staged { copied: true, ..staged.as_ref().clone() });
            let now = cx.now();
            let vcsa = cx.vcsa_mut();
            vcsa.staged = Some(Arc::clone(&copied));
            vcsa.lay_out(now);
            copied
        }));
        Some(())
    }

    /// What was chosen replaces what was staged before.
    fn keep(&mut self, cx: &Cx) -> Option<()> {
        let Selection { patch, third_party_only, packages, accepted } = self.selection.clone()?;
        let from = if self.from == From::Iso { StagedFrom::Iso } else { StagedFrom::Url };
        let copied = self.copies_now();
        let staged = Staged { patch, from, third_party_only, packages, eula_accepted: accepted, copied };
        let staged = Arc::new(staged);
        cx.with(|cx| {
            let now = cx.now();
            let vcsa = cx.vcsa_mut();
            vcsa.staged = Some(Arc::clone(&staged));
            vcsa.partial = None;
            vcsa.lay_out(now);
        });
        self.staged = Some(staged);
        Some(())
    }

    fn take_staged(&mut self, cx: &Cx) -> Option<()> {
        let staged = cx.with(|cx| {
            let vcsa = cx.vcsa();
            // After a failure behind the last package, all is with the disks that were kept.
            let kept = vcsa.backup.as_ref().and_then(|backup| backup.staged.clone());
            let something = |staged: &Arc<Staged>| !staged.packages.is_empty();
            let rest = vcsa.staged.clone().filter(|staged| vcsa.goes_on_with(&staged.patch));
            let staged = vcsa.staged.clone().filter(something).or(kept.filter(something)).or(rest);
            if staged.is_none() {
                staged::say_nothing(cx);
            }
            staged
        });
        self.staged = Some(staged?);
        Some(())
    }

    async fn ask(&mut self, cx: &Cx, text: &str, question: &str) {
        cx.with(|cx| {
            self.say(cx, text);
            cx.screen.print(question);
        });
        let (machine, administrator) = cx.with(|cx| (cx.machine(), cx.vcsa().sso_administrator()));
        self.authenticated = cx.secret_of_user(machine, administrator).await;
    }

    /// Whether the update may be installed over what runs. The misspelling is the tool's own (captured on 6.5).
    fn is_supported(&self, cx: &mut Context<'_>) -> bool {
        let Some(patch) = self.patch() else { return false };
        let (levels, running) = (&patch.version_supported, &cx.vcsa().running.version);
        let named = levels.is_empty() || levels.contains(running) || cx.vcsa().goes_on_with(&patch);
        let supported = named && line_of(&patch.version) == line_of(running);
        if !supported {
            say(cx, "Unsuported version of patch selected.");
        }
        supported && log_is_writable(cx)
    }

    /// A failure: an installation is broken off, and undone where the disks were kept.
    async fn undo(&mut self, cx: &Cx) {
        if self.form.installs() {
            install::undo(self, cx).await;
        }
        cx.with(|cx| self.unmount(cx));
    }

    /// The tool is free again, and says how it ended where no act did.
    fn leave(&mut self, cx: &mut Context<'_>, done: bool, before: State) {
        stage::leave(cx);
        let installs = self.form.installs();
        let now = cx.now();
        let vcsa = cx.vcsa_mut();
        let begun = vcsa.software_update.state == State::InstallInProgress;
        vcsa.software_update.state = match (done, installs) {
            (true, true) => State::UpToDate,
            (true, false) => State::UpdatesPending,
            (false, true) if self.staged.is_some() => State::InstallFailed,
            (false, _) => before,
        };
        update_files::tell(vcsa, now);
        if done {
            return;
        }
        let retry = match installs {
            // Before the services stop there is nothing to go on with.
            true => self.flow.install_retry.filter(|_| begun),
            false => self.flow.stage_retry.filter(|_| cx.vcsa().partial.is_some() || self.is_misplaced()),
        };
        if let Some(text) = retry {
            self.say(cx, text);
        }
        match installs {
            true => say(cx, "Installation process failed"),
            false => say_inferred(cx, "Staging process failed"),
        }
    }

    /// Whether the files of the update are in another place than they should, of which the source tells the same.
    fn is_misplaced(&self) -> bool {
        self.source().is_some_and(source::is_misplaced)
    }

    /// The state that is kept on the disk while this runs.
    pub(super) fn note(&self, cx: &mut Context<'_>) {
        let version = self.patch().map(|patch| patch.version.clone());
        let state = if self.form.installs() { State::InstallInProgress } else { State::StageInProgress };
        let now = cx.now();
        let vcsa = cx.vcsa_mut();
        vcsa.software_update.state = state;
        if let Some(version) = version {
            vcsa.software_update.version = version;
        }
        update_files::tell(vcsa, now);
    }
}

/// Whether the power is to fail in one of these phases.
pub(super) fn power_fails(cx: &mut Context<'_>, phases: &[&str]) -> bool {
    phases.iter().any(|phase| cx.strikes(PHASE, phase))
}

/// Lets the power fail, if it is to fail in one of these phases: half of `span` goes by, then the machine is dark.
pub(super) async fn power_may_fail(cx: &Cx, phases: &[&str], span: Span) {
    if cx.with(|cx| power_fails(cx, phases)) {
        cx.pass(Span::micros(span.as_micros() / 2)).await;
        cut(cx).await;
    }
}

/// The power fails now: nothing comes back from this.
pub(super) async fn cut(cx: &Cx) {
    cx.with(|cx| {
        let machine = cx.machine();
        events::cut_power(cx.world, machine);
    });
    cx.forever().await;
}
