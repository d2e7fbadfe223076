// What the server says of itself (`inkling/status`), as the status bar tells it. Knows no VS Code.

import * as l10n from "@vscode/l10n";
import { readSilence } from "./completion/silence";
import { fields, text } from "./json";
import { adapterName } from "./models/adapterList";
import type { Status } from "./status";

/**
 * The status that a reply to `inkling/status`, or its notification, describes.
 *
 * @param server the program that says so
 */
export function modelStatus(reply: unknown, server: string): Status {
  const { state, message, cause, model, last } = fields(reply);
  if (state === "loading") {
    return { kind: "starting" };
  }
  if (state === "failed") {
    // The message has a remedy, too; here that is the button's.
    const reason = text(cause) ?? text(message) ?? l10n.t("The model can't be loaded.");
    return { kind: "failed", reason, remedy: "chooseModel" };
  }
  const { name, adapter } = fields(model);
  const silence = readSilence(last);
  return {
    kind: "ready",
    server,
    ...(text(name) === undefined ? {} : { model: text(name) ?? "" }),
    ...(silence === undefined ? {} : { silence }),
    ...(text(adapter) === undefined ? {} : { adapter: adapterName(text(adapter) ?? "") }),
  };
}
