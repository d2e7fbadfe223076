// Why nothing is suggested in the file in front: snoozed, on battery, off, only when asked, or because
// the server has nothing to say there. The status bar says so.

import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { nameOfLanguage } from "../installedLanguages";
import type { StatusBar } from "../statusBar";
import { BatteryWatch } from "../surroundings/batteryWatch";
import { isEnabledFor } from "./enablement";
import { Silences, type Silence } from "./silence";
import { Snooze } from "./snooze";

/** The settings that it asks. */
interface Configuration {
  readonly automatic: boolean;
  readonly pauseOnBattery: boolean;
}

export class Quiet implements vscode.Disposable {
  private readonly snooze = new Snooze();
  private readonly silences = new Silences();
  private readonly battery = new BatteryWatch(() => {
    this.changed();
  });
  private snoozeEnd: NodeJS.Timeout | undefined;
  private readonly listening = vscode.Disposable.from(
    this.battery,
    vscode.window.onDidChangeActiveTextEditor(() => {
      this.changed();
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      this.silences.note(uri.toString(), undefined);
    }),
  );

  constructor(
    private readonly statusBar: StatusBar,
    private readonly configuration: () => Configuration,
  ) {}

  dispose(): void {
    clearTimeout(this.snoozeEnd);
    this.listening.dispose();
  }

  /** Settings have changed. */
  configure(): void {
    this.battery.watch(this.configuration().pauseOnBattery);
    this.changed();
  }

  get isSnoozed(): boolean {
    return this.snooze.endsAt !== undefined;
  }

  /** Nothing unasked for so many minutes; 0 ends it. */
  snoozeFor(minutes: number): void {
    clearTimeout(this.snoozeEnd);
    if (minutes === 0) {
      this.snooze.end();
    } else {
      this.snooze.start(minutes);
      this.snoozeEnd = setTimeout(() => {
        this.changed();
      }, minutes * 60_000);
    }
    this.changed();
  }

  /** A request was answered; the server's notification of the reason has come before. */
  answered(document: vscode.TextDocument, isSilent: boolean): void {
    const { status } = this.statusBar;
    const silence = isSilent && status.kind === "ready" ? status.silence : undefined;
    this.silences.note(document.uri.toString(), silence);
    this.changed();
  }

  /** Another server, or another model, may say something else. */
  forget(): void {
    this.silences.clear();
    this.changed();
  }

  /** Why nothing is suggested in the file in front, however one asks. */
  get silence(): Silence | undefined {
    return this.silences.of(vscode.window.activeTextEditor?.document.uri.toString());
  }

  /** Why nothing is suggested unasked, in words. */
  get reason(): string | undefined {
    const until = this.snooze.endsAt;
    if (until !== undefined) {
      const time = new Date(until).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      return l10n.t("Inkling is snoozed until {0}.", time);
    }
    if (this.battery.pauses) {
      return l10n.t("Inkling pauses while this machine runs on its battery.");
    }
    const document = vscode.window.activeTextEditor?.document;
    if (document !== undefined && !isEnabledFor(document)) {
      return l10n.t(
        "Inkling is off for this document ({0}).",
        nameOfLanguage(document.languageId),
      );
    }
    return this.configuration().automatic ? undefined : l10n.t("Inkling suggests when asked to.");
  }

  private changed(): void {
    this.statusBar.note({ paused: this.reason, silence: this.silence });
  }
}
