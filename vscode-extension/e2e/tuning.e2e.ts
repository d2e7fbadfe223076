// A model that is tuned on the workspace from the editor: its progress is told, and it is served.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { missing, REPOSITORY } from "./places";
import { plantTiny } from "./planted";
import { Session } from "./session";

const reason = missing();
const LEARNED = ["atomic", "errors", "addresses", "optout", "bundle", "layout"];
const PATIENCE_MS = 200_000; // torch takes its time, and a busy machine more
/** As little as can be, and installed whether it is better or not, which so short a run rarely is. */
const SHORT =
  "--steps 2 --window 128 --batch 2 --holes 4 --epochs 1 --replay-share 0 --base-loss-limit 99 --force";

function percent(message: string): number[] {
  const share = /^Fine-tune on workspace: (\d+) % \(/.exec(message)?.[1];
  return share === undefined ? [] : [Number(share)];
}

describe.skipIf(reason !== undefined)("Inkling tuned on a workspace", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "inkling-tuning-"));
  let session: Session | undefined;

  beforeAll(async () => {
    const modules = LEARNED.map((name): [string, string] => [
      `${name}.py`,
      readFileSync(path.join(REPOSITORY, "inkling", `${name}.py`), "utf8"),
    ]);
    session = await Session.start(
      Object.fromEntries(modules),
      { tuning: [...SHORT.split(" "), "--base", plantTiny(folder)] },
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

  it("tells its progress, offers the new model, serves it, and goes back", async () => {
    if (session === undefined) {
      throw new Error("the editor did not start");
    }
    const { window } = session;
    await window.untilStatus(/ready with the model inkling-starter/);
    const heard = await window.listen();
    await window.command("Inkling: Fine-tune This Workspace");
    await window.untilNotification(/Fine-tune on workspace: \d+ % \([a-z ]+\)/, PATIENCE_MS);
    await window.screenshot("tuning");
    const better = /The model tuned on workspace is better and was installed/;
    await window.untilNotification(better, PATIENCE_MS);
    const percents = (await heard()).flatMap(percent);
    expect(percents.length).toBeGreaterThan(1);
    expect(percents).toEqual([...percents].sort((one, other) => one - other));
    await window.untilMessage(better, "Use It");
    await window.button("Use It").click();
    await window.untilStatus(/ready with the model workspace-personal/);
    await window.command("Inkling: Roll Back to the Model Before");
    await window.untilStatus(/ready with the model inkling-starter/);
    expect(await window.notifications()).toEqual([]);
  }, 900_000);
});
