// Real servers for the journeys: starts the binary, reads what it prints, kills it. Knows nothing of pages.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const START_MS = 30_000;

/** The binary under test: EVENKEEL_BINARY, else the debug build. */
export const binary = () => {
  const target = process.env.CARGO_TARGET_DIR ?? join(HERE, "..", "target");
  const path = resolve(process.env.EVENKEEL_BINARY ?? join(target, "debug", "evenkeel"));
  if (!existsSync(path)) throw new Error(`No binary at ${path}. Build it: cargo build -p evenkeel`);
  return path;
};

/** Starts the binary; resolves when its standard output matches `until`. */
const start = (args, until) =>
  new Promise((done, fail) => {
    const child = spawn(binary(), args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, EVENKEEL_LOG: "info" } });
    const seen = { child, out: "", err: "" };
    const late = setTimeout(() => {
      child.kill("SIGKILL");
      fail(new Error(`The server said nothing fitting in time.\n${seen.out}\n${seen.err}`));
    }, START_MS);
    child.stderr.on("data", (piece) => (seen.err += piece));
    child.stdout.on("data", (piece) => {
      seen.out += piece;
      const found = until.exec(seen.out);
      if (!found) return;
      clearTimeout(late);
      done({ ...seen, found, log: () => seen.err });
    });
    child.once("exit", (code, signal) => {
      clearTimeout(late);
      fail(new Error(`The server ended (${code ?? signal}) before it was up.\n${seen.out}\n${seen.err}`));
    });
  });

const gone = async (child, signal) => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = once(child, "exit");
  child.kill(signal);
  await end;
};

const ORIGIN = /evenkeel is at (http\S+?)\/\n/;
const FIRST = /evenkeel is at (http\S+?)\/\n[^]*?(http\S+\/link\/\S+)\n/;

/** One site over one data folder. It may be killed and started again on the same port. */
export class Site {
  static async first({ database, contact = "Ana Lopez, ext. 4410" } = {}) {
    const site = new Site();
    site.folder = mkdtempSync(join(tmpdir(), "evenkeel-e2e-"));
    site.data = join(site.folder, "data");
    site.args = ["serve", "--data", site.data, "--key", join(site.folder, "key", "master.key"), "--contact", contact];
    if (database) site.args.push("--database", database);
    await site.up("127.0.0.1:0", FIRST);
    site.adminLink = site.running.found[2];
    return site;
  }

  async up(listen, until = ORIGIN) {
    this.running = await start([...this.args, "--listen", listen], until);
    this.origin = this.running.found[1];
  }

  /** As if the machine had lost its power. */
  async kill() {
    await gone(this.running.child, "SIGKILL");
  }

  async again() {
    await this.up(new URL(this.origin).host);
  }

  log() {
    return this.running.log();
  }

  async remove() {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The demo: the link that it prints, and a way to stop it. */
export const demo = async () => {
  const running = await start(["demo", "--listen", "127.0.0.1:0"], /(http\S+)\/demo\/(\S+)\n/);
  return {
    link: `${running.found[1]}/demo/${running.found[2]}`,
    origin: running.found[1],
    stop: async () => {
      const { child } = running;
      await gone(child, "SIGTERM");
      return child.exitCode;
    },
    kill: () => gone(running.child, "SIGKILL"),
  };
};
