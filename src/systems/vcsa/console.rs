//! The console of the appliance's machine: a login on its first terminal, and the menus of the Direct Console User Interface
//! (DCUI) on its second. Who was locked out of the secure shell comes in here.
//!
//! Truth: reference `appliance-shell.md` 1.4 (the DCUI opens BASH for an hour) and 1.7 (the switches of both). How they look is
//! inferred; the menus are told in square brackets, as pages are.

use super::api::access;
use super::login;
use crate::shell::Task;
use crate::systems::Refusal;
use crate::systems::linux::console::TERMINAL;
use crate::systems::linux::interface::Interface;
use crate::world::{MachineId, World};

/// So long the root shell stays open that was opened in the menus.
const BASH_SECS: u64 = 3_600;

/// The login at the console, if it is switched on.
///
/// # Errors
/// What is shown instead.
pub fn login(world: &World, id: MachineId) -> Result<(&'static str, Task), Refusal> {
    let name = &world.machine(id).name;
    if let Some((why, passing)) = login::refusal(world.vcsa(id)) {
        return Err(Refusal { why: format!("{name} takes no logins at its console: {why}"), passing });
    }
    if !world.vcsa(id).settings.consolecli {
        let why = format!("the console of {name} shows no login: access.consolecli is switched off");
        return Err(Refusal { why, passing: false });
    }
    Ok((TERMINAL, login::task()))
}

/// What the menus show, or what an order there does.
///
/// # Errors
/// Why they cannot be had.
pub fn menu(world: &mut World, id: MachineId, order: &[&str]) -> Result<String, String> {
    let name = world.machine(id).name.clone();
    if let Some((why, _)) = login::refusal(world.vcsa(id)) {
        return Err(format!("{name} shows no menus at its console: {why}"));
    }
    if !world.vcsa(id).settings.dcui {
        return Err(format!("the console of {name} shows no menus: access.dcui is switched off"));
    }
    match order {
        ["ssh", word] => access::set_ssh(world, id, *word == "on").map_err(|error| error.text)?,
        ["bash", word] => access::set_shell(world, id, *word == "on", BASH_SECS),
        _ => {}
    }
    let word = |on: bool| if on { "enabled" } else { "disabled" };
    let own = Interface::of(world, id);
    let address = if own.network.unconfigured { "no address".to_owned() } else { own.address.to_string() };
    let (bash, ssh) = (word(world.vcsa(id).shell_access.enabled), word(access::ssh(world, id)));
    let running = &world.vcsa(id).running;
    let (product, version) = (&running.product.name, &running.version);
    Ok(format!("[{product} {version}, {address}; Troubleshooting Mode Options: BASH Shell is {bash}, SSH is {ssh}]"))
}
