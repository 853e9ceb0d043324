//! `logger`: a line of one's own in the log (util-linux).

use super::super::input::given;
use super::Options;
use super::journal::priority;
use crate::systems::linux::model::log::{Facility, Line};
use crate::systems::linux::proc::{Ended, Proc};

/// `logger`
pub async fn logger(p: &mut Proc, arguments: &[String]) -> Ended {
    const OPTIONS: Options = Options {
        short: "ip:t:sf:n:P:",
        long: &[("id::", 'i'), ("priority:", 'p'), ("tag:", 't'), ("stderr", 's'), ("file:", 'f'), ("server:", 'n')],
        gaps: "e S: T d u: h V --no-act --socket: --socket-errors:: --udp --tcp --port: --octet-count --prio-prefix \
               --rfc3164 --rfc5424:: --size: --msgid: --skip-empty --sd-id: --sd-param: --journald::",
    };
    let given = given!(strict p, &OPTIONS, arguments, 1);
    if given.has('n') || given.has('f') {
        return p.gap("logger to another place");
    }
    let level = given.value('p').unwrap_or("user.notice");
    let (facility, name) = level.split_once('.').unwrap_or(("user", level));
    let Some(priority) = priority(name) else {
        return p.fail(&format!("unknown priority name: {name}")).await;
    };
    let facility = match facility {
        "kern" => Facility::Kernel,
        "auth" | "security" => Facility::Security,
        "authpriv" => Facility::Auth,
        "cron" => Facility::Cron,
        "daemon" => Facility::Daemon,
        "user" | "local0" | "local1" | "local2" | "local3" | "local4" | "local5" | "local6" | "local7" | "mail"
        | "syslog" => Facility::User,
        other => return p.fail(&format!("unknown facility name: {other}")).await,
    };
    let mut texts = vec![given.operands.join(" ")];
    if given.operands.is_empty() {
        let input = p.read_all(0).await?;
        texts = String::from_utf8_lossy(&input).lines().map(str::to_owned).collect();
    }
    let ident = given.value('t').unwrap_or(&p.user).to_owned();
    let pid = given.has('i').then_some(p.pid);
    for text in texts {
        p.tick().await?;
        if given.has('s') {
            let number = pid.map_or(String::new(), |pid| format!("[{pid}]"));
            p.err(&format!("{ident}{number}: {text}\n")).await?;
        }
        let at = p.now();
        let ident = ident.clone();
        p.linux(|linux| {
            let boot = linux.boots;
            linux.log(Line { at, boot, facility, priority, ident, pid, unit: None, text, host: None });
        });
    }
    Ok(0)
}
