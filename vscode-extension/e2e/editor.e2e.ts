// The packaged extension in the real editor with the real language server and the starter model.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, BEGINNING } from "./samples";
import { missing } from "./places";
import { Session } from "./session";

const reason = missing();
if (reason !== undefined) {
  console.log(`skipped: ${reason}`);
}

describe.skipIf(reason !== undefined)("Inkling in VS Code", () => {
  let session: Session;

  beforeAll(async () => {
    session = await Session.start({ "account.py": ACCOUNT });
    await session.window.untilStatus(/ready/);
    await session.window.open("account.py");
  });

  afterAll(async () => {
    await session.stop();
  });

  it("shows ghost text, which Tab takes into the file on disk", async () => {
    const { window } = session;
    await window.press("Control+End");
    await window.type(BEGINNING);
    const ghost = await window.untilGhost();
    await window.screenshot("ghost-text");
    await window.press("Tab");
    const text = await session.saved("account.py", (saved) => saved !== ACCOUNT);
    expect(text).toBe(`${ACCOUNT}${BEGINNING}    ${ghost}`); // the editor indents
  });
});
