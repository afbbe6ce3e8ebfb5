//! The pool on which turns are computed: a few threads and a bounded queue, so that coding never stalls the network
//! and a rush is answered with "wait a moment" and not with a slow site. Knows nothing of calls. `session` runs on it.

use tokio::sync::Semaphore;

use super::LiveError;

/// Turns computed at the same time when the machine does not say how many cores it has.
const WORKERS_DEFAULT: usize = 2;
/// Turns that may wait or run. A turn takes milliseconds, so the last in the queue still waits less than a second.
const QUEUE_TURNS_MAX: usize = 256;

/// The bounded pool.
pub struct Pool {
    workers: Semaphore,
    places: Semaphore,
}

impl Default for Pool {
    fn default() -> Self {
        let workers = std::thread::available_parallelism().map_or(WORKERS_DEFAULT, usize::from);
        Self::new(workers, QUEUE_TURNS_MAX)
    }
}

impl Pool {
    /// A pool of so many threads at once, for so many turns that wait or run.
    #[must_use]
    pub fn new(n_workers: usize, n_places: usize) -> Self {
        Self { workers: Semaphore::new(n_workers), places: Semaphore::new(n_places) }
    }

    /// Runs a computation on a thread of its own and waits for it.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        compute: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, LiveError> {
        let _place = self.places.try_acquire().map_err(|_| LiveError::Busy)?;
        self.run_in_any_case(compute).await
    }

    /// The same without a place in the queue, for what must not be turned away.
    pub(super) async fn run_in_any_case<T: Send + 'static>(
        &self,
        compute: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, LiveError> {
        let _worker = self.workers.acquire().await.map_err(|_| LiveError::Busy)?;
        tokio::task::spawn_blocking(compute).await.map_err(|_| LiveError::Busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_queue_is_said_and_not_waited_for() {
        let pool = Pool::new(1, 1);
        let _taken = pool.places.try_acquire().unwrap();
        assert!(matches!(pool.run(|| 1).await, Err(LiveError::Busy)));
        assert_eq!(pool.run_in_any_case(|| 1).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn what_is_computed_comes_back() {
        assert_eq!(Pool::default().run(|| 2 + 2).await.unwrap(), 4);
    }
}
