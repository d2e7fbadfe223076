// The menu behind the status bar item: which entries it has, in which order. Knows no VS Code.

import * as l10n from "@vscode/l10n";
import { UNKNOWN_LANGUAGE, type Silence } from "./completion/silence";
import { buttonOf, type Status } from "./status";

export interface Entry {
  /** With a VS Code icon. */
  readonly label: string;
  readonly description?: string;
  /** Without the prefix `inkling.`. */
  readonly command: string;
  /** What the command is given. */
  readonly about?: string | boolean;
}

export interface Here {
  readonly status: Status;
  /** Suggestions are wanted where no folder and no language says otherwise. */
  readonly enabled: boolean;
  /** Language of the document in front, as its name is shown; undefined without one. */
  readonly language?: string | undefined;
  readonly enabledForLanguage: boolean;
  readonly folder?: string | undefined;
  readonly enabledForFolder: boolean;
  readonly snoozed: boolean;
  /** Another model was in use before. */
  readonly canRollBack: boolean;
  /** Why nothing is suggested in the document in front, however one asks. */
  readonly silence?: Silence | undefined;
}

export function menuEntries(here: Here): Entry[] {
  const { status } = here;
  return [
    ...(status.kind === "failed" ? [failed(status)] : []),
    ...(status.kind === "ready" && here.silence !== undefined ? [silent(here.silence)] : []),
    ...(here.enabled
      ? []
      : [{ label: `$(check) ${l10n.t("Enable")}`, command: "toggle", about: true }]),
    // Where the rule is "off", some folder or language may still be on.
    ...(status.kind === "off"
      ? []
      : [{ label: `$(circle-slash) ${l10n.t("Disable")}`, command: "toggle", about: false }]),
    ...(status.kind === "off" ? [] : running(here)),
    { label: `$(book) ${l10n.t("Statistics")}`, command: "showStatistics" },
    { label: `$(mortar-board) ${l10n.t("Fine-tune This Workspace…")}`, command: "finetune" },
    { label: `$(output) ${l10n.t("Open Log")}`, command: "showLog" },
    { label: `$(gear) ${l10n.t("Open Settings")}`, command: "openSettings" },
    { label: `$(info) ${l10n.t("First Steps")}`, command: "openWalkthrough" },
  ];
}

function failed(status: Extract<Status, { kind: "failed" }>): Entry {
  const { title, command } = buttonOf(status.remedy);
  const about = status.about === undefined ? {} : { about: status.about };
  return { label: `$(warning) ${title}`, description: status.reason, command, ...about };
}

function silent({ code, reason }: Silence): Entry {
  const label = `$(debug-pause) ${l10n.t("Nothing Is Suggested in This File")}`;
  const command = code === UNKNOWN_LANGUAGE ? "chooseModel" : "explainLast";
  return { label, description: reason, command };
}

function running(here: Here): Entry[] {
  const toggles = [
    ...(here.language === undefined
      ? []
      : [{ label: onOff(here.enabledForLanguage, here.language), command: "toggleLanguage" }]),
    ...(here.folder === undefined
      ? []
      : [{ label: onOff(here.enabledForFolder, here.folder), command: "toggleFolder" }]),
  ];
  const model = here.status.kind === "ready" ? here.status.model : undefined;
  return [
    ...toggles,
    here.snoozed
      ? { label: `$(bell) ${l10n.t("End Snooze")}`, command: "endSnooze" }
      : { label: `$(bell-slash) ${l10n.t("Snooze…")}`, command: "snooze" },
    {
      label: `$(package) ${l10n.t("Choose a Model…")}`,
      command: "chooseModel",
      ...(model === undefined ? {} : { description: model }),
    },
    ...(here.canRollBack
      ? [{ label: `$(discard) ${l10n.t("Go Back to the Model Before")}`, command: "rollBackModel" }]
      : []),
    { label: `$(versions) ${l10n.t("Choose an Adapter…")}`, command: "chooseAdapter" },
    { label: `$(question) ${l10n.t("Explain the Last Suggestion")}`, command: "explainLast" },
    { label: `$(references) ${l10n.t("Check This File for Sources")}`, command: "checkFile" },
  ];
}

function onOff(enabled: boolean, where: string): string {
  return enabled
    ? `$(circle-slash) ${l10n.t("Disable for {0}", where)}`
    : `$(check) ${l10n.t("Enable for {0}", where)}`;
}
