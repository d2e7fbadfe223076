// A machine without the server: the extension offers to install it, says what is missing, and in the
// end has made an environment from the wheel that it carries, whose server completes.

import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { missing, PYTHON } from "./places";
import { ACCOUNT, BEGINNING } from "./samples";
import { Session } from "./session";

const reason = missing();

function ask(expression: string): string {
  const program = `import sys, sysconfig; print(${expression})`;
  return execFileSync(PYTHON, ["-c", program], { encoding: "utf8" }).trim();
}

/** A package index that has nothing, and remembers what it was asked. */
class EmptyIndex {
  readonly asked: string[] = [];
  private readonly server = createServer((request, response) => {
    this.asked.push(request.url ?? "");
    response.writeHead(404).end();
  });

  get address(): string {
    const address = this.server.address();
    return typeof address === "object" ? `http://127.0.0.1:${String(address?.port)}` : "";
  }

  start(): Promise<void> {
    return new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
  }

  stop(): void {
    this.server.close();
  }
}

describe.skipIf(reason !== undefined)("Inkling on a machine without its server", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "inkling-bare-"));
  const programs = path.join(folder, "bin");
  const python = path.join(programs, "python3");
  const pipSettings = path.join(folder, "pip.conf");
  const index = new EmptyIndex();
  let session: Session | undefined;

  function started(): Session {
    if (session === undefined) {
      throw new Error("the editor did not start");
    }
    return session;
  }

  async function install(): Promise<void> {
    const { window } = started();
    await window.clearNotifications();
    await window.command("Inkling: Install the Server");
  }

  function ticks(...steps: string[]): Promise<string[]> {
    const { window } = started();
    const same = (ticked: string[]) => ticked.join() === steps.join();
    return window.until("ticks", () => window.tickedSteps(), same);
  }

  beforeAll(async () => {
    mkdirSync(programs);
    await index.start();
    writeFileSync(pipSettings, "[global]\nno-index = true\n");
    session = await Session.start(
      { "account.py": ACCOUNT },
      {
        named: false,
        environment: {
          PATH: programs,
          PIP_CONFIG_FILE: pipSettings,
          // The dependencies, without an index: those of the environment that runs the tests.
          PYTHONPATH: ask("sysconfig.get_paths()['purelib']"),
        },
      },
    );
  });

  afterEach(async (context) => {
    if (context.task.result?.state === "fail") {
      await session?.failed(context.task.name);
    }
  });

  afterAll(async () => {
    await session?.stop();
    index.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("offers to install it, and says so where there is no Python", async () => {
    const { window } = started();
    const missing = /found neither beside your Python interpreter nor on the PATH/;
    await window.untilMessage(missing, "Install Inkling");
    await window.screenshot("install");
    await window.clearNotifications();
    await window.command("Inkling: Show Statistics");
    await window.untilMessage(missing, "Install Inkling");
    await window.button("Install Inkling").click();
    const noPython = /No Python was found; Inkling needs Python 3\.11 or newer/;
    await window.untilMessage(noPython, "Get Python");
    expect(await window.tickedSteps()).toEqual([]);
  });

  it("names a Python that is too old", async () => {
    writeFileSync(python, "#!/bin/sh\necho '3 9'\n");
    chmodSync(python, 0o755);
    await install();
    const tooOld = /Python 3\.9 is too old; Inkling needs 3\.11/;
    await started().window.untilMessage(tooOld, "Get Python");
  });

  it("gives pip's reason when pip fails, which has looked at the index of wheels, too", async () => {
    const { window, editor } = started();
    rmSync(python);
    symlinkSync(ask("sys._base_executable"), python);
    const places = `index-url = ${index.address}/usual/\n[install]\nignore-installed = true\n`;
    writeFileSync(pipSettings, `[global]\n${places}`);
    editor.configure({ "inkling.server.wheelIndex": `${index.address}/prebuilt/` });
    await window.page.waitForTimeout(500);
    await install();
    const message = /pip could not install Inkling: .*No matching distribution/;
    await window.untilNotification(message, 200_000); // an environment is made first
    await window.untilMessage(message, "Show Log");
    expect(index.asked.some((each) => each.startsWith("/prebuilt/"))).toBe(true);
    expect(await window.status()).toMatch(/found neither/);
    expect(await window.tickedSteps()).toEqual([]);
    editor.configure({});
  });

  it("installs the wheel, starts its server, and completes", async () => {
    const { window } = started();
    writeFileSync(pipSettings, "[install]\nno-deps = true\n");
    await install();
    await window.untilNotification(/Installing Inkling/);
    await window.untilStatus(/ready .*environment/);
    await ticks("server");
    await window.open("account.py");
    await window.typeUntilGhost(ACCOUNT, BEGINNING);
    await window.press("Control+ArrowRight", "Escape");
    await ticks("server", "complete", "parts");
  });

  it("offers what tuning needs, which it doesn't have yet", async () => {
    const { window } = started();
    await window.press("Escape");
    await window.command("Inkling: Fine-tune This Workspace");
    await window.untilMessage(/Tuning needs PyTorch and other packages/, "Install for Tuning");
  });
});
