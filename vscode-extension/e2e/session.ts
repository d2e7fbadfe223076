// What all scenarios of a file share: one editor, one browser, one window, the real server.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { CodeServer, type Settings } from "./codeServer";
import { installEditor } from "./editorInstall";
import { CACHE, EXTENSION, NEWEST, STARTER_MODEL, SUPPORTED, VSIX } from "./places";
import { TestServer } from "./testServer";
import { launchBrowser, Workbench } from "./workbench";

export interface Options {
  readonly settings?: Settings;
  readonly environment?: NodeJS.ProcessEnv;
  /** Further extensions to install. */
  readonly vsix?: readonly string[];
  /** Whether the settings name the server; otherwise the extension has to find one. */
  readonly named?: boolean;
  /** Whether every folder is trusted without asking (default). */
  readonly trusting?: boolean;
  /** A program to run the editor's server with, and its arguments. */
  readonly wrapper?: readonly string[];
  /** Options of each fine-tuning, after those that the extension gives. */
  readonly tuning?: readonly string[];
  /** A workspace file among the files, to open instead of the folder. */
  readonly workspaceFile?: string;
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
    const server = new TestServer(folder, options.tuning);
    const named = options.named === false ? {} : { "inkling.server.command": [server.program] };
    const editor = new CodeServer(installEditor(release()), {
      vsix: [VSIX, ...(options.vsix ?? [])],
      settings: { "inkling.model": STARTER_MODEL, ...named, ...options.settings },
      environment: { ...server.environment, ...options.environment },
      trusting: options.trusting ?? true,
      wrapper: options.wrapper ?? [],
      smokeTest: release() !== NEWEST,
    });
    try {
      return await Session.opened(folder, server, editor, files, options.workspaceFile);
    } catch (error) {
      editor.stop();
      throw error;
    }
  }

  /** Run the tests at `program` inside the extension host, the extension from its own folder. */
  static async inExtensionHost(
    files: Record<string, string>,
    program: string,
  ): Promise<{ status: number; log: string }> {
    const folder = mkdtempSync(path.join(tmpdir(), "inkling-e2e-"));
    const server = new TestServer(folder);
    const editor = new CodeServer(installEditor(release()), {
      vsix: [],
      settings: { "inkling.model": STARTER_MODEL, "inkling.server.command": [server.program] },
      environment: server.environment,
      trusting: true,
      wrapper: [],
      smokeTest: true, // or newer editors run no tests in their extension host
    });
    await editor.run();
    writeFiles(editor.workspace, files);
    const browser = await launchBrowser();
    try {
      const place = `vscode-remote://${new URL(editor.url).host}`;
      const payload = [
        ["extensionDevelopmentPath", `${place}${EXTENSION}`],
        ["extensionTestsPath", `${place}${program}`],
      ];
      const query = `folder=${editor.workspace}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
      return await testsOf(await browser.newPage(), `${editor.url}/?${query}`);
    } finally {
      await browser.close();
      editor.stop();
      server.kill();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
  }

  private static async opened(
    folder: string,
    server: TestServer,
    editor: CodeServer,
    files: Record<string, string>,
    workspaceFile: string | undefined,
  ): Promise<Session> {
    await editor.run();
    writeFiles(editor.workspace, files);
    const browser = await launchBrowser();
    const query =
      workspaceFile === undefined
        ? `folder=${editor.workspace}`
        : `workspace=${path.join(editor.workspace, workspaceFile)}`;
    const window = await Workbench.open(browser, editor.url, query);
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
      30_000,
    );
  }

  /** Leave what helps to understand a failure, and a window that the next scenario can use. */
  async failed(scenario: string): Promise<void> {
    const name = scenario.replace(/\W+/g, "-").slice(0, 40);
    const folder = path.join(CACHE, "failures");
    mkdirSync(folder, { recursive: true });
    await this.window.page.screenshot({ path: path.join(folder, `${name}.png`) });
    writeFileSync(path.join(folder, `${name}.log`), this.server.log);
    this.editor.configure({});
    await this.window.press("Escape", "Escape");
  }

  async stop(): Promise<void> {
    await this.browser.close();
    this.editor.stop();
    this.server.kill();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function release() {
  return process.env.INKLING_TEST_EDITOR === "newest" ? NEWEST : SUPPORTED;
}

function writeFiles(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** Open the page, and wait until the editor says how its tests ended. */
async function testsOf(page: Page, url: string): Promise<{ status: number; log: string }> {
  let log = "";
  await page.exposeFunction("codeAutomationLog", (_kind: string, parts: unknown[]) => {
    log += `${parts.map(String).join(" ")}\n`;
  });
  const ended = new Promise<number>((resolve) => {
    void page.exposeFunction("codeAutomationExit", resolve).then(() =>
      page.goto(url, { waitUntil: "commit", timeout: 120_000 }),
    );
  });
  return { status: await ended, log };
}
