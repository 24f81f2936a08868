import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** The program, from the folder of the application. */
export const kith = "../../../bin/kith";

/** Starts a Kith of its own with the demo's people in it, KITH_PEOPLE of them. KITH_URL: one that runs with them already. */
export default async function setup(): Promise<() => Promise<void>> {
  if (process.env.KITH_URL && process.env.KITH_LOGINS) return async () => undefined;
  const { url, stop } = await start();
  try {
    const people = process.env.KITH_PEOPLE ?? "60";
    if (Number(people) > 1000) process.stderr.write(`${people} people move in, which takes some minutes\n`);
    const { stdout } = await promisify(execFile)(kith, ["demo", "--people", people, "--server", url]);
    process.env.KITH_URL = url;
    process.env.KITH_LOGINS = JSON.stringify(logins(stdout));
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/** Starts a Kith with nothing in it but those whom its configuration names. */
export async function start(): Promise<{ url: string; data: string; stop: () => Promise<void> }> {
  const data = await mkdtemp(join(tmpdir(), "kith-portal-"));
  const url = `http://127.0.0.1:${await freePort()}`;
  const server = spawn(kith, ["serve", "--dev", "--data", data, "--addr", url.slice("http://".length)], {
    stdio: "ignore",
    env: { ...process.env, KITH_URL: undefined, KITH_LOGINS: undefined }, // settings that it does not know
  });
  const stop = async () => {
    const ended = server.exitCode === null ? new Promise((done) => server.once("exit", done)) : undefined;
    server.kill();
    await ended;
    await rm(data, { recursive: true, force: true });
  };
  try {
    await ready(url, () => server.exitCode !== null);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, data, stop };
}

/** The logins that the demo says to sign in with, by what they are for. */
function logins(said: string): Record<string, string> {
  const of = (what: RegExp) => said.split("\n").find((line) => what.test(line))?.trim().split(/\s+/)[0] ?? "";
  return { helper: of(/has not answered/), newcomer: of(/newcomer/), admin: of(/administrator:/), auditor: of(/auditor:/) };
}

async function ready(url: string, ended: () => boolean): Promise<void> {
  const until = Date.now() + 90_000;
  for (;;) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    if (ended()) throw new Error("kith serve ended; run make build first");
    if (Date.now() > until) throw new Error("kith serve is not ready after 90 s");
    await new Promise((go) => setTimeout(go, 200));
  }
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer().once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (typeof address === "object" && address ? found(address.port) : failed(new Error("no port"))));
    });
  });
}
