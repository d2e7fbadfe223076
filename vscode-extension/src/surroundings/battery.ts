// Whether this machine runs on its battery. VS Code has no word for that, so the operating system is
// asked. Knows no VS Code.

import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

const LINUX_SUPPLIES = "/sys/class/power_supply";
const WITHIN_MS = 3000;

/** Whether it does; false if that can't be told. */
export async function onBattery(platform: NodeJS.Platform = process.platform): Promise<boolean> {
  try {
    switch (platform) {
      case "linux":
        return await linuxOnBattery(LINUX_SUPPLIES);
      case "darwin":
        return (await output("pmset", ["-g", "batt"])).includes("'Battery Power'");
      case "win32":
        return saysDischarging(await output("powershell", WINDOWS));
      default:
        return false;
    }
  } catch {
    return false;
  }
}

const WINDOWS = [
  "-NoProfile",
  "-Command",
  "(Get-CimInstance -ClassName Win32_Battery).BatteryStatus",
];

/** Windows says 1 for a battery that is being emptied. */
export function saysDischarging(batteryStatus: string): boolean {
  return batteryStatus.split(/\s+/).includes("1");
}

/** A battery is being emptied: the supplies' folders say so, one each. */
export async function linuxOnBattery(supplies: string): Promise<boolean> {
  const told = await Promise.all(
    (await readdir(supplies)).map(async (name) => {
      const read = async (file: string) =>
        (await readFile(path.join(supplies, name, file), "utf8").catch(() => "")).trim();
      // A mouse or a headset has a battery, too; its scope is its own.
      return (
        (await read("type")) === "Battery" &&
        (await read("scope")) !== "Device" &&
        (await read("status")) === "Discharging"
      );
    }),
  );
  return told.includes(true);
}

async function output(program: string, parameters: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, parameters, { timeout: WITHIN_MS });
  return stdout;
}
