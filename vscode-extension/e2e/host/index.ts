// What the editor runs inside its extension host: mocha over the tests beside this file.

import Mocha from "mocha";
import { commandTests } from "./commands";
import { settingTests } from "./settings";

/** The editor's contract: resolves when all is well. */
export function run(): Promise<void> {
  const mocha = new Mocha({ ui: "bdd", timeout: 60_000, color: false, reporter: "spec" });
  mocha.suite.emit("pre-require", globalThis, "", mocha);
  commandTests();
  settingTests();
  return new Promise((resolve, reject) => {
    mocha.run((failures) => {
      if (failures === 0) {
        resolve();
      } else {
        reject(new Error(`failed in the extension host: ${String(failures)}`));
      }
    });
  });
}
