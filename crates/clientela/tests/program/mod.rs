//! The program under test, and folders for its files.

#![allow(
    dead_code,
    reason = "every test program takes what it needs of this module"
)]

use std::fs;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Output};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// The program with these arguments, and nothing of the tester's own settings.
pub fn clientela(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clientela"));
    command
        .args(arguments)
        .env_remove("CLIENTELA_DATABASE_URL")
        .env_remove("CLIENTELA_ADMIN_SECRET");
    command
}

/// Runs it to its end.
pub fn run(arguments: &[&str]) -> Output {
    clientela(arguments).output().expect("the program runs")
}

/// Runs it with a terminal of 80 columns for standard error; what the terminal was sent, and how it ended.
pub fn on_a_terminal(arguments: &[&str]) -> (String, ExitStatus) {
    let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&screen).expect("a terminal of ours");
    unlockpt(&screen).expect("a terminal that opens");
    let size = Winsize {
        ws_row: 24,
        ws_col: 80,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&screen, size).expect("a size");
    let name = ptsname(&screen, Vec::new()).expect("a name");
    let line = fs::File::options()
        .read(true)
        .write(true)
        .open(name.to_str().expect("ASCII"))
        .expect("the other end");
    let mut command = clientela(arguments);
    command.env("TERM", "xterm").env_remove("NO_COLOR");
    let mut child = command
        .stderr(OwnedFd::from(line))
        .spawn()
        .expect("the program runs");
    // The command still holds the other end, and the screen would never end.
    drop(command);
    let mut shown = Vec::new();
    // Where the other end is closed, Linux reports an error instead of an end.
    let _ = fs::File::from(screen).read_to_end(&mut shown);
    let status = child.wait().expect("the program ends");
    (String::from_utf8_lossy(&shown).into_owned(), status)
}

/// What it wrote.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// A folder that goes with the test.
pub struct Folder(PathBuf);

impl Folder {
    /// An empty one.
    pub fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("clientela-cli-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    /// The path of a file in it.
    pub fn file(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
