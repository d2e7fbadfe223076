// Why the server is not running, in one sentence, and the one thing that helps. Knows no VS Code.

import * as l10n from "@vscode/l10n";
import type { Remedy, Status } from "./status";

export type Failed = Extract<Status, { kind: "failed" }>;

const REPORTED = "error: ";
const COMMAND_SETTING = "inkling.server.command";
const MODEL_SETTING = "inkling.model";
/** Inkling's own configuration, as its sentences name it. */
const CONFIGURATION = /^(?:The configuration file (.+?) (?:can't|has)|In (.+?), ')/;

/** No program was found to start. */
export function notFound(): Failed {
  return {
    kind: "failed",
    reason: l10n.t(
      "Inkling's server was found neither beside your Python interpreter nor on the PATH; " +
        "it can be installed into an environment of its own.",
    ),
    remedy: "install",
    noServer: true,
  };
}

/** The server has not answered what the user asked of it. */
export function unanswered(status: Status): Failed {
  switch (status.kind) {
    case "failed":
      return status;
    case "off":
      return { kind: "failed", reason: l10n.t("Inkling is off."), remedy: "toggle" };
    default:
      return { kind: "failed", reason: l10n.t("The server doesn't answer."), remedy: "restart" };
  }
}

/**
 * The server did not start, or ended and is not started again.
 *
 * @param errors what the server wrote to standard error, line by line
 * @param command the program that was started
 * @param hasRun whether it had answered before, so that its other commands may work
 */
export function describeFailure(
  errors: readonly string[],
  command: string,
  hasRun = false,
): Failed {
  const noServer = hasRun ? {} : { noServer: true as const };
  const at = errors.findLastIndex((line) => line.startsWith(REPORTED));
  if (at >= 0) {
    const cause = (errors[at] ?? "").slice(REPORTED.length).trim();
    // The server's own words: a line of cause, and an indented one of remedy.
    const next = errors[at + 1] ?? "";
    const advice = /^\s+\S/.test(next) ? next.trim() : "";
    const reason = advice === "" ? cause : joined(cause, advice);
    return { kind: "failed", reason, ...helpAgainst(cause), ...noServer };
  }
  return {
    kind: "failed",
    reason: l10n.t("The server '{0}' ended; its log says why.", command),
    remedy: "showLog",
    ...noServer,
  };
}

/** Cause and remedy as one sentence. */
function joined(cause: string, advice: string): string {
  const between = cause.includes(": ") ? "; " : ": ";
  return cause.replace(/\.$/, "") + between + advice.charAt(0).toLowerCase() + advice.slice(1);
}

/** The button for what a sentence is about. */
function helpAgainst(cause: string): { remedy: Remedy; about?: string } {
  const found = CONFIGURATION.exec(cause);
  const file = found?.[1] ?? found?.[2];
  if (file !== undefined) {
    return { remedy: "openFile", about: file };
  }
  if (/\b(?:model|bundle|manifest|GGUF)\b/i.test(cause)) {
    return { remedy: "openSettings", about: MODEL_SETTING };
  }
  return { remedy: "showLog" };
}

/**
 * The program could not even be started.
 *
 * @param error what says so, with the system's code in it
 */
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
    about: COMMAND_SETTING,
    noServer: true,
  };
}
