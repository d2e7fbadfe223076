// Where the extension's own environments lie: one folder for each installation, never written over,
// so that what goes wrong leaves the one that works. Half an environment is never used: a file
// written at the end says that it is whole. Knows no VS Code.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { fields, list, text } from "../json";
import { isAlive, Lock } from "./lock";

const FINISHED = "inkling-installed.json";
const PREFIX = "environment";
const USERS = "in-use";

/** What an environment was made from. */
export interface Made {
  /** Name of the wheel's file. */
  readonly wheel: string | undefined;
  /** What of Inkling's optional parts it has, such as `train`. */
  readonly extras: readonly string[];
}

export function pythonOf(folder: string, windows = process.platform === "win32"): string {
  return windows ? path.join(folder, "Scripts", "python.exe") : path.join(folder, "bin", "python");
}

/** The newest whole environment; undefined if there is none. */
export function newestEnvironment(home: string): string | undefined {
  const whole = environments(home).filter(isWhole);
  const age = (folder: string) => statSync(path.join(folder, FINISHED)).mtimeMs;
  return whole.sort((a, b) => age(a) - age(b)).at(-1);
}

/** Python of the newest whole environment; undefined if there is none. */
export function installedPython(home: string): string | undefined {
  const newest = newestEnvironment(home);
  return newest === undefined ? undefined : pythonOf(newest);
}

/** What the newest environment was made from; undefined if there is none. */
export function installed(home: string): Made | undefined {
  const newest = newestEnvironment(home);
  if (newest === undefined) {
    return undefined;
  }
  try {
    const told: unknown = JSON.parse(readFileSync(path.join(newest, FINISHED), "utf8"));
    const { wheel, extras } = fields(told);
    return {
      wheel: text(wheel),
      extras: list(extras).filter((extra) => typeof extra === "string"),
    };
  } catch {
    return { wheel: undefined, extras: [] };
  }
}

/** From now on the environment is used. */
export function finish(folder: string, made: Made): void {
  writeFileSync(path.join(folder, FINISHED), JSON.stringify(made));
}

/** An empty folder for an environment of this wheel, which nobody else gets. */
export function freshFolder(home: string, wheel: string): string {
  const version = path.basename(wheel).split("-")[1] ?? "0";
  mkdirSync(home, { recursive: true });
  for (let n = 1; ; n++) {
    const folder = path.join(home, `${PREFIX}-${version}-${String(n)}`);
    try {
      mkdirSync(folder);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
        throw error;
      }
    }
  }
}

/** Say that this process uses the newest environment, so that no window removes it. */
export function markUsed(home: string): void {
  const newest = newestEnvironment(home);
  if (newest === undefined) {
    return;
  }
  const users = path.join(newest, USERS);
  try {
    mkdirSync(users, { recursive: true });
    writeFileSync(path.join(users, String(process.pid)), "");
  } catch {
    // A full disk is no reason not to start the server.
  }
}

/** Remove environments that were replaced or never finished, except while somebody uses them. */
export async function removeOld(home: string): Promise<void> {
  const lock = existsSync(home) ? Lock.take(home) : undefined;
  if (lock === undefined) {
    return; // nothing there, or one is being made at this moment
  }
  try {
    const newest = newestEnvironment(home);
    const old = environments(home).filter((folder) => folder !== newest && !isUsed(folder));
    for (const folder of old) {
      // First what says that it is whole: should the rest fail, it is tried again the next time.
      rmSync(path.join(folder, FINISHED), { force: true });
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    }
  } finally {
    lock.release();
  }
}

function environments(home: string): string[] {
  const names = existsSync(home) ? readdirSync(home) : [];
  return names.filter((name) => name.startsWith(PREFIX)).map((name) => path.join(home, name));
}

function isWhole(folder: string): boolean {
  return existsSync(path.join(folder, FINISHED)) && existsSync(pythonOf(folder));
}

function isUsed(folder: string): boolean {
  const users = path.join(folder, USERS);
  const names = existsSync(users) ? readdirSync(users) : [];
  return names.some((name) => isAlive(Number(name)));
}
