// The server of the environment that is selected in the Python extension: no setting names it.

import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packPython } from "./neighbours";
import { missing, PYTHON } from "./places";
import { ACCOUNT, BEGINNING } from "./samples";
import { Session } from "./session";

const reason = missing();

/** A program that leaves a trace, and is the server. */
function writeServer(programs: string, trace: string): void {
  mkdirSync(programs, { recursive: true });
  const server = path.join(programs, "inkling");
  writeFileSync(server, `#!/bin/sh\ntouch '${trace}'\nexec '${PYTHON}' -P -m inkling "$@"\n`);
  chmodSync(server, 0o755);
}

describe.skipIf(reason !== undefined)("Inkling beside the Python extension", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "inkling-python-"));
  const programs = path.join(folder, "environment", "bin");
  const trace = path.join(folder, "started");
  let session: Session | undefined;

  beforeAll(async () => {
    writeServer(programs, trace);
    const vsix = [packPython(folder, path.join(programs, "python"))];
    session = await Session.start({ "account.py": "" }, { named: false, vsix });
  });

  afterAll(async () => {
    await session?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("starts the server of the selected environment, and completes", async () => {
    if (session === undefined) {
      throw new Error("the editor did not start");
    }
    const { window } = session;
    await window.untilStatus(/ready/);
    expect(existsSync(trace)).toBe(true);
    await window.open("account.py");
    await window.typeUntilGhost(ACCOUNT, BEGINNING);
  });
});

describe.skipIf(reason !== undefined)("Inkling in a workspace with an environment of its own", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "inkling-python-"));
  const trace = path.join(folder, "started");
  let session: Session | undefined;

  beforeAll(async () => {
    const named = { "python.defaultInterpreterPath": "${workspaceFolder}/.venv/bin/python" };
    const files = { "account.py": "", ".vscode/settings.json": JSON.stringify(named) };
    session = await Session.start(files, { named: false });
  });

  afterAll(async () => {
    await session?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("starts the server of that environment, which its settings name from the folder", async () => {
    if (session === undefined) {
      throw new Error("the editor did not start");
    }
    const { window, editor } = session;
    await window.untilMessage(/server was found neither/, "Install Inkling");
    writeServer(path.join(editor.workspace, ".venv", "bin"), trace);
    await window.command("Inkling: Restart Server");
    await window.untilStatus(/ready/);
    expect(existsSync(trace)).toBe(true);
  });
});
