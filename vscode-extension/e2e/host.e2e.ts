// Runs mocha inside the real extension host: the page is told where the tests lie, and reports how
// they ended.

import path from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { CACHE, EXTENSION, missing } from "./places";
import { ACCOUNT } from "./samples";
import { Session } from "./session";

const OUTPUT = path.join(CACHE, "host", "index.js");
const reason = missing();

describe.skipIf(reason !== undefined)("mocha in the extension host", () => {
  it("finds commands and settings as they should be", async () => {
    await build({
      entryPoints: [path.join(EXTENSION, "e2e", "host", "index.ts")],
      outfile: OUTPUT,
      bundle: true,
      platform: "node",
      format: "cjs",
      external: ["vscode", "mocha"],
    });
    const { status, log } = await Session.inExtensionHost({ "account.py": ACCOUNT }, OUTPUT);
    console.log(log);
    expect(status, log).toBe(0);
    expect(log).toMatch(/passing/);
  });
});
