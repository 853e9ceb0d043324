//! The `appsh` program: everything is in `front`.

use std::process::ExitCode;

fn main() -> ExitCode {
    appsh::front::main()
}
