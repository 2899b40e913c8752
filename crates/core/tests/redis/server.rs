//! A redis-server of a test's own: on a free port, with a folder of its own, gone with the test.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

pub(crate) struct Server {
    child: Option<Child>,
    port: u16,
    folder: PathBuf,
}

impl Server {
    /// Starts one that keeps what it is told on the disk at once.
    pub(crate) fn start() -> Self {
        let port = free_port();
        let folder = std::env::temp_dir().join(format!("mm-redis-{port}"));
        fs::create_dir_all(&folder).unwrap();
        let mut server = Self { child: None, port, folder };
        server.run();
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Starts it again where it was, with what is on its disk.
    pub(crate) fn run(&mut self) {
        let mut command = Command::new("redis-server");
        command.args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--save", ""]);
        command.args(["--appendonly", "yes", "--appendfsync", "always"]);
        command.arg("--dir").arg(&self.folder).stdout(Stdio::null());
        let child = command.spawn().expect("redis-server is needed (Debian: redis-server)");
        self.child = Some(child);
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(20), "redis-server does not come up");
            sleep(Duration::from_millis(10));
        }
    }

    /// Kills it as a power cut does.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Forgets what is on its disk.
    pub(crate) fn wipe(&self) {
        assert!(self.child.is_none(), "it runs");
        fs::remove_dir_all(&self.folder).unwrap();
        fs::create_dir_all(&self.folder).unwrap();
    }

    /// Keeps what is on its disk now beside it, for [`Server::go_back`].
    pub(crate) fn keep(&self) {
        copy(&self.folder, &self.kept());
    }

    /// Has on its disk what was kept.
    pub(crate) fn go_back(&self) {
        self.wipe();
        copy(&self.kept(), &self.folder);
    }

    fn kept(&self) -> PathBuf {
        self.folder.with_extension("kept")
    }

    /// How often a command has been run, by scripts too, since `CONFIG RESETSTAT`.
    pub(crate) fn ran(&self, command: &str) -> u64 {
        let told: String =
            redis::from_redis_value(self.command(&["INFO", "commandstats"])).unwrap();
        let line = format!("cmdstat_{command}:calls=");
        let calls = told.lines().find_map(|told| told.strip_prefix(&line)?.split(',').next());
        calls.map_or(0, |calls| calls.parse().unwrap())
    }

    /// Runs a command.
    pub(crate) fn command(&self, words: &[&str]) -> redis::Value {
        let client = redis::Client::open(self.url()).unwrap();
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]);
        command.query(&mut client.get_connection().unwrap()).unwrap()
    }
}

/// Copies a folder with all that it holds.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A free port below those that systems give to clients: while the server is down, one that tries
/// to connect to it must not be given its port, connect to itself and keep it.
fn free_port() -> u16 {
    loop {
        let port = 12_000 + rand::random::<u16>() % 18_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        drop(fs::remove_dir_all(&self.folder));
        drop(fs::remove_dir_all(self.kept()));
    }
}
