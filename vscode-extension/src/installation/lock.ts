// Only one window installs at a time: a file that names the process which does. The file of a process
// that is gone, or that hasn't touched it for long, is taken over. Knows no VS Code.

import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";

const NAME = "install.lock";
const TOUCH_EVERY_MS = 30_000;
/** Process ids are used again: a file that nobody has touched for so long is nobody's. */
const STALE_MS = 10 * 60_000;

export class Lock {
  private readonly touching: NodeJS.Timeout;

  private constructor(private readonly file: string) {
    this.touching = setInterval(() => {
      try {
        utimesSync(file, new Date(), new Date());
      } catch {
        // Removed by hand: there is nothing to keep any more.
      }
    }, TOUCH_EVERY_MS);
    this.touching.unref();
  }

  /** The lock of a folder; undefined while another process, or this one, has it. */
  static take(folder: string): Lock | undefined {
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, NAME);
    if (create(file)) {
      return new Lock(file);
    }
    return removeStale(file) && create(file) ? new Lock(file) : undefined;
  }

  release(): void {
    clearInterval(this.touching);
    rmSync(this.file, { force: true });
  }
}

export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) {
    return false;
  }
  try {
    process.kill(pid, 0); // asks only
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function create(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      return false;
    }
    throw error;
  }
}

/** Whether a lock that nobody holds any more was put out of the way. */
function removeStale(file: string): boolean {
  if (!isStale(file)) {
    return false;
  }
  // Two windows may see the same stale file; moving it away succeeds for one of them.
  const aside = `${file}.${String(process.pid)}`;
  try {
    renameSync(file, aside);
  } catch {
    return false;
  }
  if (!isStale(aside)) {
    renameSync(aside, file); // in between somebody had taken over: it is theirs
    return false;
  }
  rmSync(aside, { force: true });
  return true;
}

function isStale(file: string): boolean {
  try {
    const owner = Number(readFileSync(file, "utf8"));
    const age = Date.now() - statSync(file).mtimeMs;
    // An empty file: its owner is about to write its name.
    return owner === 0 ? age > TOUCH_EVERY_MS : !isAlive(owner) || age > STALE_MS;
  } catch {
    return false; // released at this moment
  }
}
