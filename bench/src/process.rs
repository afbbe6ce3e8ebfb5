//! What Linux says of a process: processor time and memory. Reads `/proc`, so it runs on Linux only.

use std::time::Duration;

/// Clock ticks in a second of `/proc/PID/stat`; fixed at 100 for user space on Linux.
const TICKS_PER_S: u64 = 100;

/// Processor time so far, user and system together; zero when the process is gone.
pub fn cpu(pid: u32) -> Duration {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return Duration::ZERO;
    };
    // The name may hold spaces and brackets; the numbers begin after its last bracket. Fields 14 and 15.
    let numbers = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 =
        numbers.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1000 / TICKS_PER_S)
}

/// Resident memory in KiB: now, and at its highest.
pub fn memory_kib(pid: u32) -> Option<(u64, u64)> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    Some((field("VmRSS:")?, field("VmHWM:")?))
}

/// The processes whose parent is `pid`.
pub fn children(pid: u32) -> Vec<u32> {
    let Ok(folder) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids = folder.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let is_child = |child: &u32| {
        let stat = std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
        let parent = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1));
        parent.and_then(|parent| parent.parse::<u32>().ok()) == Some(pid)
    };
    pids.filter(is_child).collect()
}

/// `kill -9`.
pub fn kill(pids: &[u32]) {
    if pids.is_empty() {
        return;
    }
    let mut kill = std::process::Command::new("kill");
    kill.arg("-9").args(pids.iter().map(u32::to_string));
    // One that has just gone by itself is no fault.
    let _ = kill.stderr(std::process::Stdio::null()).status();
}

/// The kind of file system that a folder lies on, such as `ext4`.
pub fn file_system(folder: &std::path::Path) -> String {
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let fits = mounts.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let (at, kind) = (words.nth(1)?, words.next()?);
        folder.starts_with(at).then_some((at.len(), kind.to_owned()))
    });
    fits.max().map_or_else(|| "unknown".to_owned(), |(_, kind)| kind)
}
