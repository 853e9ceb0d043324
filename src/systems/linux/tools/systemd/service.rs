//! `service` and `chkconfig`: under SLES 11 the way to the init scripts, elsewhere a way to `systemctl`.

use super::{settled, spec, state};
use crate::systems::linux::distro::Vendor;
use crate::systems::linux::events;
use crate::systems::linux::io::Cut;
use crate::systems::linux::model::unit::Active;
use crate::systems::linux::model::units::Enabled;
use crate::systems::linux::proc::{Ended, Proc};
use crate::systems::linux::tools::getopt::Given;

/// `service`
pub async fn service(p: &mut Proc, arguments: &[String]) -> Ended {
    let systemd = p.peek(|linux| linux.distro.systemd.is_some());
    match arguments {
        [] => {
            p.out("Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]\n").await?;
            Ok(1)
        }
        [option, ..] if option.starts_with('-') => p.gap(&format!("service {option}")),
        [name] if systemd => p.gap(&format!("service {name} without a command")),
        [name, verb, ..] if systemd => {
            let unit = super::unit_name(name);
            // That of Photon, which a captured session types, says nothing of it (inferred).
            if p.peek(|linux| linux.distro.vendor == Vendor::RedHat) {
                p.err(&format!("Redirecting to /bin/systemctl {verb} {unit}\n")).await?;
            } else {
                p.inferred();
            }
            let (words, name) = ([verb.clone(), unit], "systemctl".to_owned());
            p.name = name;
            super::systemctl(p, &words).await
        }
        [name, rest @ ..] => script(p, name, rest.first().map_or("", String::as_str)).await,
    }
}

/// An init script with its command.
async fn script(p: &mut Proc, name: &str, verb: &str) -> Ended {
    let unit = format!("{name}.service");
    let Some(spec) = spec(p, &unit) else {
        p.err(&format!("service: no such service {name}\n")).await?;
        return Ok(1);
    };
    p.inferred();
    let up = state(p, &unit).active == Active::Active;
    match verb {
        "status" => {
            let (word, status) = if up { ("..running", 0) } else { ("..unused", 3) };
            p.out(&format!("Checking for service {name} {word}\n")).await?;
            Ok(status)
        }
        "start" if up => {
            p.out(&format!("Starting {name} ..done\n")).await?;
            Ok(0)
        }
        "start" => start(p, name, &unit).await,
        "stop" => {
            stop(p, name, &unit).await?;
            Ok(0)
        }
        "restart" => {
            stop(p, name, &unit).await?;
            start(p, name, &unit).await
        }
        "try-restart" | "condrestart" if up => {
            stop(p, name, &unit).await?;
            start(p, name, &unit).await
        }
        "try-restart" | "condrestart" => Ok(0),
        "reload" | "force-reload" => {
            p.world(|world, id| events::reload_unit(world, id, &unit));
            p.out(&format!("Reload service {name} ..done\n")).await?;
            Ok(0)
        }
        _ => {
            let path = &spec.path;
            p.out(&format!("Usage: {path} {{start|stop|status|try-restart|restart|force-reload|reload|probe}}\n"))
                .await?;
            Ok(1)
        }
    }
}

async fn start(p: &mut Proc, name: &str, unit: &str) -> Ended {
    p.out(&format!("Starting {name} ")).await?;
    p.world(|world, id| events::start_unit(world, id, unit));
    settled(p, unit).await?;
    let up = state(p, unit).active == Active::Active;
    p.out(if up { "..done\n" } else { "..failed\n" }).await?;
    Ok(if up { 0 } else { 1 })
}

async fn stop(p: &mut Proc, name: &str, unit: &str) -> Result<(), Cut> {
    p.out(&format!("Shutting down {name} ")).await?;
    p.world(|world, id| events::stop_unit(world, id, unit));
    settled(p, unit).await?;
    p.out("..done\n").await
}

/// `chkconfig`
pub async fn chkconfig(p: &mut Proc, arguments: &[String]) -> Ended {
    let systemd = p.peek(|linux| linux.distro.systemd.is_some());
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] | ["--list" | "-l"] if systemd => {
            p.err(NOTE).await?;
            Ok(0)
        }
        [name, verb @ ("on" | "off")] if systemd => {
            let (verb, unit) = (if verb == "on" { "enable" } else { "disable" }, super::unit_name(name));
            p.err(&format!("Note: Forwarding request to 'systemctl {verb} {unit}'.\n")).await?;
            super::change::enable(p, &Given::default(), verb, &[unit]).await
        }
        [name] if systemd && !name.starts_with('-') => {
            let unit = super::unit_name(name);
            p.err(&format!("Note: Forwarding request to 'systemctl is-enabled {unit}'.\n")).await?;
            super::show::is_enabled(p, &Given::default(), &[unit]).await
        }
        _ if systemd => p.gap(&format!("chkconfig {}", words.join(" "))),
        ["--list" | "-l"] => {
            let names = p.peek(|linux| linux.unit_files());
            for name in names {
                let line = levels(p, name.trim_end_matches(".service"));
                p.out(&line).await?;
            }
            Ok(0)
        }
        [] => {
            let names = p.peek(|linux| linux.unit_files());
            for name in names {
                let on = p.peek(|linux| linux.is_enabled(&name)) == Enabled::Enabled;
                let line = format!("{:<25}{}\n", name.trim_end_matches(".service"), if on { "on" } else { "off" });
                p.out(&line).await?;
            }
            Ok(0)
        }
        ["--list" | "-l", name] if spec(p, &format!("{name}.service")).is_some() => {
            let line = levels(p, name);
            p.out(&line).await?;
            Ok(0)
        }
        [name] if !name.starts_with('-') && spec(p, &format!("{name}.service")).is_some() => {
            let on = p.peek(|linux| linux.is_enabled(&format!("{name}.service"))) == Enabled::Enabled;
            p.out(&format!("{name}  {}\n", if on { "on" } else { "off" })).await?;
            Ok(0)
        }
        [name, verb @ ("on" | "off")] if spec(p, &format!("{name}.service")).is_some() => {
            let now = p.now();
            let set = p.linux(|linux| linux.set_enabled(&format!("{name}.service"), verb == "on", now));
            match set {
                Ok(_) => Ok(0),
                Err(errno) => p.fail(errno.text()).await,
            }
        }
        ["--list" | "-l", name] | [name] | [name, "on" | "off"] if !name.starts_with('-') => {
            p.out(&format!("{name}: unknown service\n")).await?;
            Ok(1)
        }
        _ => p.gap(&format!("chkconfig {}", words.join(" "))),
    }
}

/// In which run levels a service is started.
fn levels(p: &Proc, name: &str) -> String {
    let on = p.peek(|linux| linux.is_enabled(&format!("{name}.service"))) == Enabled::Enabled;
    let levels: Vec<String> = (0..=6)
        .map(|level| format!("{level}:{:<3}", if on && matches!(level, 3 | 5) { "on" } else { "off" }))
        .collect();
    format!("{name:<25} {}\n", levels.join("  ").trim_end())
}

const NOTE: &str = "
Note: This output shows SysV services only and does not include native
      systemd services. SysV configuration data might be overridden by native
      systemd configuration.

      If you want to list systemd services use 'systemctl list-unit-files'.
      To see services enabled on particular target use
      'systemctl list-dependencies [target]'.

";
