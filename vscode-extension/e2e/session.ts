// What all scenarios of a file share: one editor, one browser, one window, the real server.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser } from "playwright-core";
import { CodeServer, type Settings } from "./codeServer";
import { installEditor } from "./editorInstall";
import { NEWEST, STARTER_MODEL, SUPPORTED, VSIX } from "./places";
import { TestServer } from "./testServer";
import { launchBrowser, Workbench } from "./workbench";

export interface Options {
  readonly settings?: Settings;
  readonly environment?: NodeJS.ProcessEnv;
  /** Further extensions to install. */
  readonly vsix?: readonly string[];
  /** Whether the settings name the server; otherwise the extension has to find one. */
  readonly named?: boolean;
}

export class Session {
  private constructor(
    readonly folder: string,
    readonly server: TestServer,
    readonly editor: CodeServer,
    readonly browser: Browser,
    readonly window: Workbench,
  ) {}

  static async start(files: Record<string, string>, options: Options = {}): Promise<Session> {
    const folder = mkdtempSync(path.join(tmpdir(), "inkling-e2e-"));
    const server = new TestServer(folder);
    const release = process.env.INKLING_TEST_EDITOR === "newest" ? NEWEST : SUPPORTED;
    const named = options.named === false ? {} : { "inkling.server.command": [server.program] };
    const editor = new CodeServer(installEditor(release), {
      vsix: [VSIX, ...(options.vsix ?? [])],
      settings: { "inkling.model": STARTER_MODEL, ...named, ...options.settings },
      environment: { ...server.environment, ...options.environment },
    });
    await editor.run();
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(path.join(editor.workspace, name), text);
    }
    const browser = await launchBrowser();
    const window = await Workbench.open(browser, editor.url, `folder=${editor.workspace}`);
    return new Session(folder, server, editor, browser, window);
  }

  read(name: string): string {
    return readFileSync(path.join(this.editor.workspace, name), "utf8");
  }

  /** Save, and wait until the file on disk fits. */
  async saved(name: string, fits: (text: string) => boolean): Promise<string> {
    await this.window.press("Control+S");
    return this.window.until(
      `${name} on disk`,
      () => Promise.resolve(this.read(name)),
      fits,
      10_000,
    );
  }

  async stop(): Promise<void> {
    await this.browser.close();
    this.editor.stop();
    this.server.kill();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
