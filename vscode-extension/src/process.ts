// One program that runs to its end, with its lines as they come; never through a shell. Knows no
// VS Code.

import { spawn } from "node:child_process";
import { homedir } from "node:os";

export interface Ended {
  /** Exit status; undefined if it never ran, or was killed. */
  readonly status: number | undefined;
  /** What it printed. */
  readonly output: string;
  /** What it said on standard error, or why it couldn't be started. */
  readonly errors: string;
}

export interface Watcher {
  /** A line of either stream; a progress bar's line ends with a carriage return. */
  line?: (line: string) => void;
  /** Kill the program when this fires. */
  readonly signal?: AbortSignal;
  readonly environment?: NodeJS.ProcessEnv;
}

export function run(commandLine: readonly string[], watcher: Watcher = {}): Promise<Ended> {
  const [program = "", ...parameters] = commandLine;
  return new Promise((resolve) => {
    let output = "";
    let errors = "";
    const child = spawn(program, parameters, {
      // Not the workspace, and not Python's habit of importing from the working directory.
      cwd: homedir(),
      env: { ...process.env, PYTHONSAFEPATH: "1", ...watcher.environment },
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
      ...(watcher.signal ? { signal: watcher.signal } : {}),
    });
    const lines = (part: string) => {
      for (const line of part.split(/[\r\n]+/)) {
        if (line.trim() !== "") {
          watcher.line?.(line.trimEnd());
        }
      }
    };
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      output += part;
      lines(part);
    });
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      errors += part;
      lines(part);
    });
    child.once("error", (error) => {
      resolve({ status: undefined, output, errors: errors || error.message });
    });
    child.once("close", (status) => {
      resolve({ status: status ?? undefined, output, errors });
    });
  });
}

/** Inkling's own sentence in what a command said; else its last line. */
export function reportedError(errors: string): string {
  const lines = errors.split(/[\r\n]+/).map((line) => line.trim());
  const at = lines.findLastIndex((line) => line.startsWith("error: "));
  if (at >= 0) {
    return lines[at]?.slice("error: ".length) ?? "";
  }
  return lines.findLast((line) => line !== "") ?? "";
}
