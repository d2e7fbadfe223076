// The packaged extension in the real editor with the real language server and the starter model: one
// start of the editor for all scenarios.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { completionScenarios } from "./completionScenarios";
import { failureScenarios, largeFile } from "./failureScenarios";
import { menuScenarios } from "./menuScenarios";
import { missing } from "./places";
import { attributionScenarios } from "./attributionScenarios";
import { modelScenarios } from "./modelScenarios";
import { copyModel, plantAdapter, plantIndex, startHub, type Hub } from "./planted";
import { privacyScenarios } from "./privacyScenarios";
import { ACCOUNT, NOTEBOOK, PARCEL, QUICKSAND, VAULT } from "./samples";
import { Session } from "./session";

const reason = missing();
if (reason !== undefined) {
  console.log(`skipped: ${reason}`);
}

describe.skipIf(reason !== undefined)("Inkling in VS Code", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "inkling-planted-"));
  let session: Session | undefined;
  let another: string;
  let hub: Hub | undefined;

  beforeAll(async () => {
    another = copyModel(folder, "another-model");
    hub = await startHub();
    session = await Session.start(
      {
        "account.py": ACCOUNT,
        "quicksand.py": QUICKSAND,
        "book.ipynb": NOTEBOOK,
        "large.py": largeFile(),
        "main.c": "",
        "marbles.py": "",
        "notes.py": "",
        "parcel.py": PARCEL,
        "vault.py": VAULT,
        ".env": "TOKEN=1\n",
      },
      {
        settings: { "inkling.attribution.index": plantIndex(folder, QUICKSAND, "index") },
        environment: { HF_ENDPOINT: hub.address },
      },
    );
    const home = session.server.environment.INKLING_HOME ?? "";
    plantAdapter(home, "tuned-on-mine", "inkling-starter", 256);
    plantAdapter(home, "for-another-model", "large-model", 128);
    await session.window.untilStatus(/ready/);
  });

  afterEach(async (context) => {
    if (context.task.result?.state === "fail") {
      await session?.failed(context.task.name);
    }
  });

  afterAll(async () => {
    await session?.stop();
    hub?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function started(): Session {
    if (session === undefined) {
      throw new Error("the editor did not start");
    }
    return session;
  }

  describe("completes", () => {
    completionScenarios(started);
  });
  describe("has a menu", () => {
    menuScenarios(started);
  });
  describe("knows sources", () => {
    attributionScenarios(started, folder);
  });
  describe("changes its model", () => {
    modelScenarios(started, () => another);
  });
  describe("keeps its hands off", () => {
    privacyScenarios(started);
  });
  describe("says what went wrong", () => {
    failureScenarios(started);
  });
});
