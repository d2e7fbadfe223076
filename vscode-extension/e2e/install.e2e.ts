// A machine without the server: the extension offers to install it, says what is missing, and in the
// end has made an environment from the wheel that it carries, whose server completes.

import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
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

describe.skipIf(reason !== undefined)("Inkling on a machine without its server", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "inkling-bare-"));
  const programs = path.join(folder, "bin");
  const python = path.join(programs, "python3");
  const pipSettings = path.join(folder, "pip.conf");
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

  beforeAll(async () => {
    mkdirSync(programs);
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
    rmSync(folder, { recursive: true, force: true });
  });

  it("offers to install it, and says so where there is no Python", async () => {
    const { window } = started();
    await window.untilNotification(/found neither beside your Python interpreter nor on the PATH/);
    await window.screenshot("install");
    await window.button("Install Inkling").click();
    await window.untilNotification(/No Python was found; Inkling needs Python 3\.11 or newer/);
    expect(await window.button("Get Python").count()).toBe(1);
  });

  it("names a Python that is too old", async () => {
    writeFileSync(python, "#!/bin/sh\necho '3 9'\n");
    chmodSync(python, 0o755);
    await install();
    await started().window.untilNotification(/Python 3\.9 is too old; Inkling needs 3\.11/);
  });

  it("gives pip's reason when pip fails, and uses nothing of what is there", async () => {
    const { window } = started();
    rmSync(python);
    symlinkSync(ask("sys._base_executable"), python);
    writeFileSync(pipSettings, "[global]\nno-index = true\n[install]\nignore-installed = true\n");
    await install();
    await window.untilNotification(/pip could not install Inkling: .*No matching distribution/);
    expect(await window.button("Show Log").count()).toBe(1);
    expect(await window.status()).toMatch(/found neither/);
  });

  it("installs the wheel, starts its server, and completes", async () => {
    const { window } = started();
    writeFileSync(pipSettings, "[install]\nno-deps = true\n");
    await install();
    await window.untilStatus(/ready .*environment/);
    await window.open("account.py");
    await window.typeUntilGhost(ACCOUNT, BEGINNING);
  });
});
