//! later
pub fn run<T>(_: &T) -> anyhow::Result<crate::Outcome> { anyhow::bail!("") }
pub fn backup<T>(_: &T) -> anyhow::Result<crate::Outcome> { anyhow::bail!("") }
pub fn restore<T>(_: &T) -> anyhow::Result<crate::Outcome> { anyhow::bail!("") }
