//! Payloads: the updates an appliance can stage.
