//! Identities: the private keys with which `ssh` gets in (`load_identity_file` of OpenSSH). The public key beside one only
//! says beforehand whether the other side would take it.

use super::{accepted, keygen, keys, setting};
use crate::systems::linux::io::Cut;
use crate::systems::linux::model::User;
use crate::systems::linux::proc::Proc;
use crate::systems::linux::tools::files::meta_of;
use crate::systems::linux::tools::getopt::Given;
use crate::world::MachineId;

/// Those that are tried when none is named.
const USUAL: [&str; 3] = ["id_rsa", "id_ecdsa", "id_ed25519"];

/// The option that `-i` stands for.
const OPTION: &str = "IdentityFile";

/// What `-i` names, as values of `-o`; a file that is not there is told of and forgotten.
///
/// # Errors
/// A signal came first.
pub async fn named(p: &mut Proc, given: &Given) -> Result<Vec<String>, Cut> {
    let mut options = Vec::new();
    for file in given.values('i') {
        match p.lookup(file) {
            Ok(_) => options.push(format!("{OPTION}={file}")),
            Err(errno) => {
                p.err(&format!("Warning: Identity file {file} not accessible: {}.\n", errno.text())).await?;
            }
        }
    }
    Ok(options)
}

/// The files that the options name.
fn files<'o>(options: &'o [&str]) -> impl Iterator<Item = &'o str> {
    options.iter().filter_map(|option| {
        let (key, value) = option.split_once(['=', ' '])?;
        key.trim().eq_ignore_ascii_case(OPTION).then_some(value.trim())
    })
}

/// Whether one of the user's private keys is among those that the other account accepts.
pub(super) async fn opens(
    p: &mut Proc,
    machine: MachineId,
    account: Option<&User>,
    options: &[&str],
) -> Result<bool, Cut> {
    let (Some(account), Some(home)) = (account, p.env("HOME").map(str::to_owned)) else { return Ok(false) };
    let accepted = accepted(p, machine, account);
    let mut files: Vec<String> = files(options).map(|file| file.replacen("~/", &format!("{home}/"), 1)).collect();
    if files.is_empty() {
        files.extend(USUAL.map(|name| format!("{home}/.ssh/{name}")));
    }
    let silent = ["quiet", "fatal"].contains(&setting(options, "LogLevel").as_str());
    for file in &files {
        // A private key is read only when the public one beside it has been found good.
        let beside = p.read_path(&format!("{file}.pub")).unwrap_or_default();
        if keys::letters(&String::from_utf8_lossy(&beside)).is_some_and(|key| !accepted.contains(&key)) {
            continue;
        }
        match load(p, file) {
            Ok(Some(loaded)) if keys::letters(&loaded.key.line()).is_some_and(|key| accepted.contains(&key)) => {
                return Ok(true);
            }
            Err(complaint) if !silent => p.err(&complaint).await?,
            _ => {}
        }
    }
    Ok(false)
}

/// A private key; nothing where there is no file, else what is wrong with it.
pub(super) fn load(p: &Proc, file: &str) -> Result<Option<keygen::Private>, String> {
    let Ok(ino) = p.lookup(file) else { return Ok(None) };
    let version = p.peek(|linux| linux.distro.openssh_version());
    let meta = meta_of(p, ino);
    if meta.uid == p.cred.uid && meta.mode & 0o077 != 0 {
        return Err(too_open(file, meta.mode, version));
    }
    let text = p.read_path(file).map_err(|errno| format!("Load key \"{file}\": {}\n", errno.text()))?;
    let key = keygen::private(&String::from_utf8_lossy(&text));
    key.map(Some).ok_or_else(|| format!("Load key \"{file}\": invalid format\n"))
}

/// `sshkey_perm_ok`: a key that others can read is none. The last line is as since 6.7.
fn too_open(file: &str, mode: u16, version: (u8, u8)) -> String {
    let frame = "@".repeat(59);
    let last = if version >= (6, 7) {
        format!("Load key \"{file}\": bad permissions")
    } else {
        format!("bad permissions: ignore key: {file}")
    };
    format!(
        "{frame}\n@         WARNING: UNPROTECTED PRIVATE KEY FILE!          @\n{frame}\nPermissions {mode:04o} for '{file}' are \
         too open.\nIt is required that your private key files are NOT accessible by others.\nThis private key will be \
         ignored.\n{last}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_are_those_of_the_options() {
        let check = |options: &[&str], expect: &[&str]| {
            assert_eq!(files(options).collect::<Vec<_>>(), expect, "{options:?}");
        };
        check(&["IdentityFile=/a/B", "LogLevel=quiet", "identityfile /c"], &["/a/B", "/c"]);
        check(&["BatchMode=yes"], &[]);
    }
}
