//! Long output of the appliance shell itself, help and answers of API calls, page by page: the guide of 7.0 names a More
//! prompt at which Enter goes on. How the prompt looks is inferred. Plug-ins are programs of their own and do as they like;
//! into a pipe or a transcript all is printed, as with `less`.

use crate::shell::{Context, Cx, Outcome, Task};
use crate::systems::linux::tools::pager;

const PROMPT: &str = "--More--";

/// The same outcome, in pages where it is longer than the terminal that somebody watches.
#[must_use]
pub fn in_pages(cx: &Context<'_>, outcome: Outcome) -> Outcome {
    let terminal = cx.session.terminal;
    let text = match outcome {
        Outcome::Text(text) if terminal.live => text,
        Outcome::Reply(value) if terminal.live => value.render(),
        other => return other,
    };
    if pager::page(&text, terminal) == text.len() {
        return Outcome::Text(text);
    }
    Outcome::Task(Task::new(move |cx| show(cx, text)))
}

async fn show(cx: Cx, text: String) -> u8 {
    let mut at = 0;
    loop {
        cx.with(|cx| {
            let end = at + pager::page(&text[at..], cx.session.terminal);
            cx.screen.print(&text[at..end]);
            at = end;
            if at < text.len() {
                cx.screen.mark_inferred();
                cx.screen.print(PROMPT);
            }
        });
        if at == text.len() {
            return 0;
        }
        cx.page().await;
    }
}

#[cfg(test)]
mod tests {
    use crate::lab::{Lab, Waits};
    use crate::lab_file::{BUNDLED, LabFile};
    use crate::media::Bundled;
    use crate::shell::{SessionId, Terminal};

    fn lab() -> Lab {
        let (_, text) = BUNDLED.iter().find(|(name, _)| *name == "vcsa-6.7").expect("the lab is bundled");
        let world = LabFile::parse(text).expect("a good lab file").world("vcsa-6.7", None, None).expect("a good world");
        Lab::new(world, Box::new(Bundled))
    }

    fn typed(lab: &mut Lab, id: SessionId, line: &str) -> String {
        assert!(lab.line(id, line), "it waits for {line:?}");
        let mut shown = String::new();
        lab.output(id, &mut shown);
        shown
    }

    #[test]
    fn whoever_watches_turns_pages() {
        let mut lab = lab();
        let terminal = Terminal { columns: 80, rows: 24, live: true, asks: false };
        let id = lab.open("vcsa01", terminal).expect("it is up");
        let mut last = typed(&mut lab, id, "help api list");
        assert_eq!(last.lines().filter(|line| line.starts_with("com.vmware.appliance.")).count(), 21);
        let mut pages = 1;
        while lab.waits(id) == Waits::Page {
            assert!(last.ends_with("\n--More--"), "{last:?}");
            last = typed(&mut lab, id, "");
            pages += 1;
        }
        assert!(pages > 3 && last.ends_with("com.vmware.appliance.version1.timesync.set\n\n"), "{pages}: {last:?}");
        typed(&mut lab, id, "help api list");
        lab.interrupt(id);
        assert_eq!(lab.waits(id), Waits::Prompt, "Ctrl-C ends it");
        assert!(!typed(&mut lab, id, "system.version.get").contains("--More--"));
    }

    #[test]
    fn nobody_is_asked_where_nobody_watches() {
        let mut lab = lab();
        let id = lab.open("vcsa01", Terminal::PIPE).expect("it is up");
        assert!(typed(&mut lab, id, "help api list").ends_with("com.vmware.appliance.version1.timesync.set\n\n"));
    }

    /// The guide of 7.0: calls, plug-ins and parameters are completed, of plug-ins' arguments only the files of `showlog`.
    #[test]
    fn tab_completes_what_the_guide_names() {
        let mut lab = lab();
        let id = lab.open("vcsa01", Terminal::PIPE).expect("it is up");
        let check = |line: &str, expect: &[&str]| assert_eq!(lab.complete(id, line).found, expect, "{line:?}");
        check("service-c", &["service-control"]);
        check("service-control --st", &[]);
        check("showlog vmw", &["vmware/"]);
        check("showlog vmware/applm", &["vmware/applmgmt/"]);
        check("showlog /var/log/vmw", &["/var/log/vmware/"]);
        check("showlog /etc/pass", &[]);
        check("showlog ../../etc/pass", &[]);
        check("system.version.g", &["system.version.get"]);
        check("access.shell.set --en", &["--enabled"]);
    }
}
