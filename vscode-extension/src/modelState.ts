// What the server says of its model (`inkling/status`), as the status bar tells it. Knows no VS Code.

import type { Status } from "./status";

/**
 * The status that a reply to `inkling/status` describes.
 *
 * @param reply decoded JSON; a server of another release may send anything
 * @param server the program that replied
 */
export function modelStatus(reply: unknown, server: string): Status {
  const { state, message, model } = record(reply);
  if (state === "loading") {
    return { kind: "starting" };
  }
  if (state === "failed") {
    const reason = typeof message === "string" ? message : "The model can't be loaded.";
    return { kind: "failed", reason, remedy: "openSettings" };
  }
  const { name } = record(model);
  return { kind: "ready", server, ...(typeof name === "string" ? { model: name } : {}) };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
