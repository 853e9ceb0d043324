//! `networking.*`: names and name servers, the interface with its addresses and routes, the firewall, the proxy.

pub mod dns;
pub mod firewall;
pub mod interfaces;
pub mod ipv4;
pub mod ipv6;
pub mod proxy;
pub mod routes;
