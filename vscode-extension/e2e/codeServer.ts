// One run of the VS Code server: its data folder, its settings, its life.

import { spawn, execFileSync, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Installed } from "./editorInstall";

export type Settings = Record<string, unknown>;

/** Nothing that would get between the tests and the ghost text. */
const QUIET: Settings = {
  "editor.wordBasedSuggestions": "off",
  "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
  // What the tests type is all that is written.
  "editor.autoIndent": "none",
  "editor.autoClosingBrackets": "never",
  "editor.autoClosingQuotes": "never",
  "editor.minimap.enabled": false,
  "files.autoSave": "off",
  "git.enabled": false,
  "telemetry.telemetryLevel": "off",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
  "workbench.colorTheme": "Default Light Modern",
  // The settings in a tab, as in the older of the editors.
  "workbench.editor.useModal": "off",
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "chat.commandCenter.enabled": false,
  "chat.disableAIFeatures": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "python.defaultInterpreterPath": "",
};

/** The environment is ours, not that of the user's login shell. */
const OWN_ENVIRONMENT = "--force-disable-user-env";
/**
 * Without it newer editors run no tests in their extension host; with it they show no messages.
 * So only the former get it: the other scenarios see what a user sees.
 */
const SMOKE_TEST = "--enable-smoke-test-driver";

export interface Start {
  readonly vsix: readonly string[];
  readonly settings: Settings;
  readonly environment: NodeJS.ProcessEnv;
  /** Whether every folder is trusted without asking. */
  readonly trusting: boolean;
  /** A program that runs the server, and its arguments before the server's own. */
  readonly wrapper: readonly string[];
  /** Whether tests run in the extension host, rather than in the browser. */
  readonly hostsTests?: boolean;
}

export class CodeServer {
  readonly home = mkdtempSync(path.join(tmpdir(), "inkling-vscode-"));
  readonly data = path.join(this.home, "data");
  readonly workspace = path.join(this.home, "workspace");
  private process: ChildProcess | undefined;
  private port = 0;

  constructor(
    private readonly editor: Installed,
    private readonly start: Start,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  /** Install the extensions and start; resolves when the server answers. */
  async run(): Promise<void> {
    mkdirSync(path.join(this.data, "data", "Machine"), { recursive: true });
    mkdirSync(this.workspace, { recursive: true });
    this.configure({});
    for (const vsix of this.start.vsix) {
      execFileSync(this.editor.node, [...this.arguments(), "--install-extension", vsix], {
        stdio: "ignore",
      });
    }
    this.port = await freePort();
    const address = ["--host", "127.0.0.1", "--port", String(this.port)];
    const flags = ["--without-connection-token", "--disable-telemetry"];
    const trust = this.start.trusting ? ["--disable-workspace-trust"] : [];
    const [program = "", ...parameters] = [
      ...this.start.wrapper,
      this.editor.node,
      ...this.arguments(),
      ...address,
      ...flags,
      ...trust,
      OWN_ENVIRONMENT,
      ...(this.start.hostsTests === true ? [SMOKE_TEST] : []),
    ];
    this.process = spawn(program, parameters, {
      stdio: "ignore",
      env: { ...process.env, ...this.start.environment },
    });
    await this.answers();
  }

  /** Replace the machine's settings: those of the start, with `changes`. */
  configure(changes: Settings): void {
    const settings = { ...QUIET, ...this.start.settings, ...changes };
    writeFileSync(
      path.join(this.data, "data", "Machine", "settings.json"),
      JSON.stringify(settings),
    );
  }

  stop(): void {
    this.process?.kill();
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  private arguments(): string[] {
    return [
      this.editor.main,
      "--accept-server-license-terms",
      "--server-data-dir",
      this.data,
      "--extensions-dir",
      path.join(this.home, "extensions"),
    ];
  }

  private async answers(): Promise<void> {
    for (let tries = 0; tries < 150; tries++) {
      const reply = await fetch(`${this.url}/version`).catch(() => undefined);
      if (reply?.ok === true) {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error("the VS Code server does not answer");
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => {
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
  });
}
