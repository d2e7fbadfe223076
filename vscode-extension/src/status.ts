// What the status bar says. Knows no VS Code.

import * as l10n from "@vscode/l10n";
import type { Badge } from "./attribution/badge";
import { UNKNOWN_LANGUAGE, type Silence } from "./completion/silence";

/** What helps against a failure: the command behind its one button. */
export type Remedy =
  | "restart"
  | "showLog"
  | "openSettings"
  | "openFile"
  | "install"
  | "chooseModel"
  | "toggle";

export type Status =
  | { readonly kind: "starting" }
  | {
      readonly kind: "ready";
      readonly server: string;
      readonly model?: string;
      /** Name of the adapter in use. */
      readonly adapter?: string;
      /** Why the last request had no answer, if nothing in its file ever has. */
      readonly silence?: Silence;
    }
  | { readonly kind: "off" }
  | {
      readonly kind: "failed";
      readonly reason: string;
      readonly remedy: Remedy;
      /** What the button's command is given: a setting's name, or a file. */
      readonly about?: string;
      /** The program itself doesn't run, so none of its commands can. */
      readonly noServer?: true;
    };

/** What goes on beside the server's state. */
export interface Activity {
  /** Requests that wait for their answer. */
  readonly thinking: boolean;
  /** From the last request to its answer, in milliseconds. */
  readonly latencyMs?: number | undefined;
  /** Why nothing is suggested unasked, in words. */
  readonly paused?: string | undefined;
  /** Why nothing is suggested in the file in front, however one asks. */
  readonly silence?: Silence | undefined;
  /** What is to be said of the source of what is suggested. */
  readonly badge?: Badge | undefined;
}

export interface StatusText {
  /** Text of the item, with a VS Code icon. */
  readonly text: string;
  readonly tooltip: string;
  /** What a screen reader says. */
  readonly label: string;
  readonly warning: boolean;
  /** What helps, where something does. */
  readonly button?: Button;
}

export interface Button {
  readonly title: string;
  readonly command: Remedy;
}

/** The button that goes with a failure. */
export function buttonOf(remedy: Remedy): Button {
  const titles: Record<Remedy, string> = {
    restart: l10n.t("Restart Server"),
    showLog: l10n.t("Show Log"),
    openSettings: l10n.t("Open Settings"),
    openFile: l10n.t("Open File"),
    install: l10n.t("Install Inkling"),
    chooseModel: l10n.t("Choose a Model"),
    toggle: l10n.t("Enable"),
  };
  return { title: titles[remedy], command: remedy };
}

export const IDLE: Activity = { thinking: false };

export function describeStatus(status: Status, activity: Activity = IDLE): StatusText {
  switch (status.kind) {
    case "starting":
      return plain("$(loading~spin) Inkling", l10n.t("Inkling is starting."));
    case "off":
      return plain("$(circle-slash) Inkling", l10n.t("Inkling is off."));
    case "failed":
      return { ...plain("$(warning) Inkling", status.reason), warning: true };
    case "ready":
      return describeReady(status, activity);
  }
}

function describeReady(status: Extract<Status, { kind: "ready" }>, activity: Activity): StatusText {
  const name = status.model ?? "Inkling";
  if (activity.badge !== undefined) {
    return plain(`$(law) ${activity.badge.text}`, activity.badge.sentence);
  }
  if (activity.thinking) {
    return plain(`$(loading~spin) ${name}`, l10n.t("Inkling is thinking ({0}).", name));
  }
  if (activity.paused !== undefined) {
    return plain(`$(debug-pause) ${name}`, activity.paused);
  }
  if (activity.silence !== undefined) {
    return describeSilence(name, activity.silence);
  }
  const ready = describeModel(status);
  if (activity.latencyMs === undefined) {
    return plain(`$(edit) ${name}`, ready);
  }
  const milliseconds = String(Math.round(activity.latencyMs));
  return plain(
    `$(edit) ${name} ${l10n.t("{0} ms", milliseconds)}`,
    `${ready} ${l10n.t("The last answer took {0} ms.", milliseconds)}`,
  );
}

function describeSilence(name: string, { code, reason }: Silence): StatusText {
  const said = plain(
    `$(debug-pause) ${name}: ${l10n.t("not here")}`,
    l10n.t("Inkling suggests nothing in this file: {0}.", reason),
  );
  return code === UNKNOWN_LANGUAGE ? { ...said, button: buttonOf("chooseModel") } : said;
}

function describeModel({ model, adapter, server }: Extract<Status, { kind: "ready" }>): string {
  if (model === undefined) {
    return l10n.t("Inkling is ready ({0}).", server);
  }
  return adapter === undefined
    ? l10n.t("Inkling is ready with the model {0} ({1}).", model, server)
    : l10n.t("Inkling is ready with the model {0} and the adapter {1} ({2}).", model, adapter, server);
}

function plain(text: string, tooltip: string): StatusText {
  return { text, tooltip, label: tooltip, warning: false };
}
