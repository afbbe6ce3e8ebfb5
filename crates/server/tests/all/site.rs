//! A whole site for one test: its own folder, its own port, a clock that stands until it is moved.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use server::{Config, Content, RawConfig, Resources, Shared, Site};
use store::{Database, MasterKey, Store};
use talk::{CallId, Clock, Codebook, Event, Feedback, Instant, PersonId, Seed};
use tokio::sync::oneshot;

use crate::browser::{Answer, Browser};

/// 1 March 2026, 09:30 UTC.
pub const START: i64 = 1_772_357_400_000;
pub const PASSWORD: &str = "ten little words";
pub const SCENARIO: &str = "the-form-is-still-on-the-table";

/// A clock that stands still until a test moves it.
pub struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Instant {
        Instant(self.0.load(Ordering::SeqCst))
    }
}

/// The site, running.
pub struct Running {
    pub at: SocketAddr,
    pub site: Shared,
    pub hands: Arc<Hands>,
    _stop: oneshot::Sender<()>,
    _folder: tempfile::TempDir,
}

/// A second server over the store of a first.
pub struct SecondNode {
    pub at: SocketAddr,
    _stop: oneshot::Sender<()>,
}

fn chance() -> [u8; 32] {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let n = COUNT.fetch_add(1, Ordering::SeqCst);
    let mut bytes = [0x5a; 32];
    bytes[..8].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    bytes[8..16].copy_from_slice(&n.to_le_bytes());
    bytes
}

fn content() -> Content {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../content");
    let read = |path: &str| std::fs::read_to_string(format!("{root}/{path}")).unwrap();
    let book = Codebook::parse(coder::CODEBOOK).unwrap();
    let file = format!("{SCENARIO}.scenario");
    let (program, faults) =
        scenario::parse_scenario(&file, &read(&format!("scenarios/{file}")), &book);
    let program = program.unwrap_or_else(|| panic!("{faults:?}"));
    let stages = BTreeMap::from([(SCENARIO.to_owned(), Arc::new(call::Stage::new(program)))]);
    Content {
        coder: Arc::new(coder::Coder::embedded().unwrap().with_learnt_codes()),
        feedback: Arc::new(Feedback::parse(&read("codebook/feedback.toml")).unwrap()),
        book: Arc::new(book),
        stages,
        resources: Arc::new(Resources::shipped("us").unwrap()),
    }
}

impl Running {
    pub async fn start() -> Self {
        Self::start_with(RawConfig::default()).await
    }

    pub async fn start_with(raw: RawConfig) -> Self {
        Self::start_changed(raw, |_| {}, |_| {}).await
    }

    /// With what no setting changes: less patience, other limits, a smaller pool.
    pub async fn start_changed(
        raw: RawConfig,
        of_config: impl FnOnce(&mut Config),
        of_site: impl FnOnce(&mut Site),
    ) -> Self {
        listen_to_the_log();
        let folder = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(folder.path().join("evenkeel.db"));
        let store = Store::open(&database, MasterKey::from_bytes([9; 32])).await.unwrap();
        let hands = Arc::new(Hands(AtomicI64::new(START)));
        let raw = RawConfig { listen: Some("127.0.0.1:0".to_owned()), ..raw };
        let mut config = Config::check(raw).unwrap();
        of_config(&mut config);
        let listen = config.listen.clone();
        let clock: Arc<dyn Clock> = Arc::clone(&hands) as Arc<dyn Clock>;
        let mut site = Site::new(store, content(), config, clock, chance);
        of_site(Arc::get_mut(&mut site).unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let (bound, hears) = oneshot::channel();
        let served =
            server::serve(Shared::clone(&site), listen, move |at| bound.send(at).unwrap(), async {
                stopped.await.unwrap_or(())
            });
        tokio::spawn(async { served.await.unwrap() });
        Self { at: hears.await.unwrap(), site, hands, _stop: stop, _folder: folder }
    }

    /// Another node over the same database.
    pub async fn second_node(&self) -> SecondNode {
        let config = self.site.config.clone();
        let listen = config.listen.clone();
        let clock: Arc<dyn Clock> = Arc::clone(&self.hands) as Arc<dyn Clock>;
        let site = Site::new(self.site.store.clone(), content(), config, clock, chance);
        let (stop, stopped) = oneshot::channel::<()>();
        let (bound, hears) = oneshot::channel();
        let served = server::serve(site, listen, move |at| bound.send(at).unwrap(), async {
            stopped.await.unwrap_or(())
        });
        tokio::spawn(async { served.await.unwrap() });
        SecondNode { at: hears.await.unwrap(), _stop: stop }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self.at)
    }

    pub fn move_clock(&self, ms: i64) {
        self.hands.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// The first admin, signed in, by their link. Returns the recovery code too.
    pub async fn admin(&self) -> (Browser, String) {
        let link = server::first_admin_link(&self.site, "").await.unwrap().expect("a first link");
        let mut browser = self.browser();
        browser.get(&link).await.must(200);
        let fields =
            [("login", "root@example.org"), ("name", "Robin Vale"), ("password", PASSWORD)];
        let code = browser.post(&link, &fields).await.must(200).code().unwrap();
        (browser, code)
    }

    /// Somebody whom the admin adds, and who takes the invitation up.
    pub async fn add(&self, admin: &mut Browser, login: &str, role: &str) -> (Browser, String) {
        admin.get("/people/add").await.must(200);
        let fields = [("login", login), ("name", "Sam Okafor"), ("role", role)];
        let link = admin.post("/people/add", &fields).await.must(200).link().unwrap();
        self.accept(&link).await
    }

    /// Opens a link and sets the usual password.
    pub async fn accept(&self, link: &str) -> (Browser, String) {
        let mut browser = self.browser();
        browser.get(link).await.must(200);
        let code = browser.post(link, &[("password", PASSWORD)]).await.must(200).code().unwrap();
        (browser, code)
    }

    pub async fn sign_in(&self, login: &str, password: &str) -> (Browser, Answer) {
        let mut browser = self.browser();
        browser.get("/sign-in").await.must(200);
        let answer = browser.post("/sign-in", &[("login", login), ("password", password)]).await;
        (browser, answer)
    }

    pub async fn id_of(&self, login: &str) -> PersonId {
        self.site.store.person_by_login(login).await.unwrap().unwrap().id
    }

    /// A call with one turn in it, in which the agent said `said`.
    pub async fn call_of(&self, owner: PersonId, said: &str) -> CallId {
        let site = &self.site;
        let stage = &site.stages[SCENARIO];
        let id = CallId::from_random(chance()[..16].try_into().unwrap());
        let opened = call::open(&site.coder, &site.book, stage, Seed(7), site.now());
        let events = [
            Event::Opened(Box::new(opened)),
            Event::Said { text: said.to_owned(), at: site.now() },
        ];
        site.store.open_call(id, owner, &events, site.now()).await.unwrap();
        id
    }
}

/// All that has been logged in this process.
pub fn log() -> String {
    String::from_utf8_lossy(&LOG.get().unwrap().lock().unwrap()).into_owned()
}

static LOG: OnceLock<Arc<Mutex<Vec<u8>>>> = OnceLock::new();

struct Writer(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn listen_to_the_log() {
    LOG.get_or_init(|| {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let to = Arc::clone(&kept);
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_writer(move || Writer(Arc::clone(&to)));
        subscriber.init();
        kept
    });
}
