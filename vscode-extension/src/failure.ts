// Why the server is not running, in one sentence, and the one thing that helps. Knows no VS Code.

import * as l10n from "@vscode/l10n";
import type { Status } from "./status";

export type Failed = Extract<Status, { kind: "failed" }>;

const REPORTED = "error: ";

/** No program was found to start. */
export function notFound(): Failed {
  return {
    kind: "failed",
    reason: l10n.t(
      "Inkling's server was found neither beside your Python interpreter nor on the PATH; " +
        "it can be installed into an environment of its own.",
    ),
    remedy: "install",
  };
}

/**
 * The server did not start, or ended and is not started again.
 *
 * @param errors what the server wrote to standard error, line by line
 * @param command the program that was started
 */
export function describeFailure(errors: readonly string[], command: string): Failed {
  const at = errors.findLastIndex((line) => line.startsWith(REPORTED));
  if (at >= 0) {
    // The server's own words: a line of cause; the indented one of remedy after it is in the log.
    const cause = (errors[at] ?? "").slice(REPORTED.length).trim();
    return { kind: "failed", reason: cause, remedy: "openSettings" };
  }
  return {
    kind: "failed",
    reason: l10n.t("The server '{0}' ended; its log says why.", command),
    remedy: "showLog",
  };
}

/** The program could not even be started. */
export function describeSpawnFailure(error: unknown, command: string): Failed {
  const code = /\bE[A-Z]{3,}\b/.exec(String(error))?.[0];
  return {
    kind: "failed",
    reason:
      code === "ENOENT"
        ? l10n.t("The server program '{0}' does not exist: correct it in the settings.", command)
        : l10n.t(
            "The server program '{0}' can't be run ({1}): correct it in the settings.",
            command,
            code ?? l10n.t("unknown reason"),
          ),
    remedy: "openSettings",
  };
}
