//! The native key providers of a vCenter Server, as far as `dcli` exports one: where its backup can be fetched, and with which
//! token. Truth: `transcripts-shell/dcli-credentials-and-nested-output.txt` of 8.0. How long the token holds is a guess.

use super::ApiError;
use crate::payload::Sha256;
use crate::shell::Value;
use crate::sim::Span;
use crate::systems::linux::tools::base64;
use crate::systems::vcsa::stamp;
use crate::world::{MachineId, World};

/// The call that exports one.
pub const EXPORT: &str = "com vmware vcenter cryptomanager kms providers export";

/// So long the token holds.
const HOLDS: Span = Span::secs(15 * 60);
/// What each token begins with: that it is signed by HMAC with SHA-256.
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// Where the backup of a provider is.
///
/// # Errors
/// There is none of that name.
pub fn export(world: &World, id: MachineId, name: &str) -> Result<Value, ApiError> {
    let vcsa = world.vcsa(id);
    if !vcsa.settings.key_providers.iter().any(|own| own == name) {
        return Err(ApiError::not_found(format!("Key provider {name} not found")));
    }
    let expiry = stamp::iso(world.now + HOLDS, &vcsa.linux.zone);
    let claims = format!(r#"{{"exp":"{expiry}","provider":"{name}"}}"#);
    let host = &vcsa.linux.hostname;
    let seal = Sha256::of(format!("{claims} of {host}").as_bytes());
    let token = [HEADER.as_bytes(), claims.as_bytes(), &seal.0].map(part).join(".");
    let download = Value::record([("Expiry", expiry.into()), ("Token", token.into())]);
    let url = format!("https://{host}/cryptomanager/kms/{name}");
    let location = Value::record([("Download_token", download), ("Url", url.into())]);
    Ok(Value::record([("Location", location), ("Type", "LOCATION".into())]))
}

/// A part of a token: base64 for addresses, without padding.
fn part(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&base64(bytes)).replace('+', "-").replace('/', "_");
    text.trim_end_matches('=').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_begins_as_all_of_its_kind() {
        assert_eq!(part(HEADER.as_bytes()), "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9");
        assert_eq!(part(&[0xfb, 0xff]), "-_8");
    }
}
