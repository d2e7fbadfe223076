// A workspace of two folders that is not trusted at first, beside another extension that completes
// code, on a machine that runs on its battery.

import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { onBattery, packOther } from "./neighbours";
import { missing } from "./places";
import { ACCOUNT, BEGINNING } from "./samples";
import { Session } from "./session";

const reason = missing();
const WORKSPACE = "team.code-workspace";

describe.skipIf(reason !== undefined)("Inkling in a workspace of several folders", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "inkling-folders-"));
  const battery = reason === undefined ? onBattery(folder) : undefined;
  const foreign = path.join(folder, "foreign-server");
  const trace = path.join(folder, "foreign-server-ran");
  let session: Session | undefined;

  function started(): Session {
    if (session === undefined) {
      throw new Error("the editor did not start");
    }
    return session;
  }

  function workspace(settings: Record<string, unknown>): string {
    return JSON.stringify({ folders: [{ path: "one" }, { path: "two" }], settings });
  }

  beforeAll(async () => {
    writeFileSync(foreign, `#!/bin/sh\ntouch '${trace}'\nexit 3\n`);
    chmodSync(foreign, 0o755);
    session = await Session.start(
      {
        [WORKSPACE]: workspace({ "inkling.server.command": [foreign] }),
        "one/account.py": ACCOUNT,
        "two/other.py": "",
        "two/.vscode/settings.json": JSON.stringify({ "inkling.enabled": false }),
      },
      {
        vsix: [packOther(folder)],
        trusting: false,
        wrapper: battery ?? [],
        workspaceFile: WORKSPACE,
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

  it("runs no server that an untrusted folder names, and completes with its own", async () => {
    const { window } = started();
    await window.page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor();
    await window.untilStatus(/ready with the model inkling-starter/);
    await window.open("account.py");
    await window.typeUntilGhost(ACCOUNT, BEGINNING);
    await window.press("Escape");
    expect(existsSync(trace)).toBe(false);
  });

  it("names the other extension that completes code, with a way to it", async () => {
    const { window } = started();
    await window.command("Notifications: Show Notifications");
    await window.untilMessage(/twinny suggests code here, too/, "Show Extensions");
    await window.screenshot("other-extension");
    await window.clearNotifications();
  });

  it("asks nothing in a folder where it is switched off, and goes on in the other", async () => {
    const { window, server } = started();
    await window.open("other.py");
    await window.untilStatus(/off for this document/);
    const before = server.requests;
    await window.type(BEGINNING);
    await window.page.waitForTimeout(1500);
    expect(server.requests).toBe(before);
    expect(await window.ghost()).toBe("");
    await window.closeEditor("other.py");
    await window.open("account.py");
    await window.typeUntilGhost(ACCOUNT, BEGINNING);
    await window.press("Escape");
  });

  it.skipIf(battery === undefined)("suggests only when asked while on battery", async () => {
    const { window, server, editor } = started();
    await window.open("account.py");
    editor.configure({ "inkling.pauseOnBattery": true });
    await window.untilStatus(/pauses while this machine runs on its battery/);
    await window.replaceAll(ACCOUNT);
    const before = server.requests;
    await window.type(BEGINNING);
    await window.page.waitForTimeout(1500);
    expect(server.requests).toBe(before);
    await window.press("Alt+\\");
    await window.untilGhost();
    await window.press("Escape");
    editor.configure({});
    await window.untilStatus(/ready/);
  });

  it("takes the workspace's word for the server once it is trusted", async () => {
    const { window, editor } = started();
    await window.command("Workspaces: Manage Workspace Trust");
    await window.page.locator(".workspace-trust-editor .monaco-button", { hasText: "Trust" })
      .first().click();
    await window.untilMessage(/The server '.*foreign-server' ended; its log says why/, "Show Log");
    expect(existsSync(trace)).toBe(true);
    writeFileSync(path.join(editor.workspace, WORKSPACE), workspace({}));
    await window.untilStatus(/ready with the model inkling-starter/);
  });
});
