// Why the server is not running, in one sentence, and the one thing that helps. Knows no VS Code.

import type { Status } from "./status";

export type Failed = Extract<Status, { kind: "failed" }>;

const REPORTED = "error: ";

/** No program was found to start. */
export const NOT_FOUND: Failed = {
  kind: "failed",
  reason:
    "Inkling was found neither beside your Python interpreter nor on the PATH: " +
    "install it (pip install . in its checkout), or name it in the settings.",
  remedy: "openSettings",
};

/**
 * The server did not start, or ended and is not started again.
 *
 * @param errors what the server wrote to standard error, line by line
 * @param command the program that was started
 */
export function describeFailure(errors: readonly string[], command: string): Failed {
  const at = errors.findLastIndex((line) => line.startsWith(REPORTED));
  if (at >= 0) {
    // The server's own words: a line of cause, then an indented one of remedy.
    const cause = (errors[at] ?? "").slice(REPORTED.length).trim();
    const remedy = (errors[at + 1] ?? "").trim();
    return { kind: "failed", reason: `${cause} ${remedy}`.trim(), remedy: "openSettings" };
  }
  return {
    kind: "failed",
    reason: `The server '${command}' ended; its log says why.`,
    remedy: "showLog",
  };
}

/** The program could not even be started. */
export function describeSpawnFailure(error: unknown, command: string): Failed {
  const code = /\bE[A-Z]{3,}\b/.exec(String(error))?.[0];
  const why = code === "ENOENT" ? "does not exist" : `can't be run (${code ?? "unknown reason"})`;
  return {
    kind: "failed",
    reason: `The server program '${command}' ${why}: correct it in the settings.`,
    remedy: "openSettings",
  };
}
