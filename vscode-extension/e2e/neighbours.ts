// What the machine and the editor have beside Inkling: another extension, a battery.

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { EXTENSION } from "./places";

/** An extension that does nothing but bear the name of one that completes code, too. */
export function packOther(folder: string): string {
  const place = path.join(folder, "other");
  const vsix = path.join(folder, "other.vsix");
  mkdirSync(place);
  const manifest = {
    name: "twinny",
    publisher: "rjmacarthy",
    displayName: "twinny",
    version: "3.0.0",
    engines: { vscode: "^1.91.0" },
  };
  writeFileSync(path.join(place, "package.json"), JSON.stringify(manifest));
  writeFileSync(path.join(place, "LICENSE"), "");
  writeFileSync(path.join(place, "README.md"), "Stands for another extension.");
  const vsce = path.join(EXTENSION, "node_modules", ".bin", "vsce");
  const quiet = ["--allow-missing-repository", "--no-dependencies", "--out", vsix];
  execFileSync(vsce, ["package", ...quiet], { cwd: place, stdio: "ignore" });
  return vsix;
}

const SUPPLIES = "/sys/class/power_supply";

/** What runs a program on a machine whose battery is being emptied; undefined if that can't be. */
export function onBattery(folder: string): string[] | undefined {
  const supplies = path.join(folder, "supplies");
  mkdirSync(path.join(supplies, "BAT0"), { recursive: true });
  for (const [file, value] of Object.entries({ type: "Battery", status: "Discharging" })) {
    writeFileSync(path.join(supplies, "BAT0", file), `${value}\n`);
  }
  const script = `mount --bind '${supplies}' ${SUPPLIES} && exec "$@"`;
  const parameters = ["--map-root-user", "--mount", "sh", "-c", script, "sh"];
  try {
    execFileSync("unshare", [...parameters, "true"], { stdio: "ignore" });
    return ["unshare", ...parameters];
  } catch {
    return undefined; // no such folder, or namespaces are not for everybody here
  }
}
