import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import manifest from "../package.json";
import texts from "../package.nls.json";
import { buttonOf, type Remedy } from "../src/status";
import { menuEntries } from "../src/menu";

const commands = manifest.contributes.commands.map(({ command }) => command);
const written = readFileSync("package.json", "utf8");

describe("the manifest", () => {
  it("keeps every text that a user reads where it can be translated", () => {
    const used = [...written.matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key);
    expect(used.sort()).toEqual(Object.keys(texts).sort());
    const shown = manifest.contributes.commands.map(({ title }) => title);
    expect(shown.every((title) => /^%.*%$/.test(title))).toBe(true);
  });

  it("has what a marketplace wants of it", () => {
    for (const file of [manifest.icon, "README.md", "CHANGELOG.md", "LICENSE"]) {
      expect(existsSync(file), file).toBe(true);
    }
    expect(manifest.repository.url).toMatch(/^https:/);
    expect(manifest.categories).toContain("AI");
    expect(manifest.keywords.length).toBeGreaterThan(3);
    expect(readFileSync("CHANGELOG.md", "utf8")).toContain(`## ${manifest.version}`);
  });

  it("ticks a step of the walkthrough by contexts that are true for a moment only", () => {
    const steps = manifest.contributes.walkthroughs[0]?.steps ?? [];
    const contexts = steps
      .flatMap(({ completionEvents }) => completionEvents)
      .filter((event) => event.startsWith("onContext:"))
      .map((event) => event.slice("onContext:".length));
    expect(contexts).toHaveLength(2);
    const source = readFileSync("src/walkthrough.ts", "utf8");
    for (const context of contexts) {
      expect(source).toContain(`"${context}"`);
    }
  });

  it("ships the pictures that its README shows, and no others", () => {
    const shown = [...readFileSync("README.md", "utf8").matchAll(/\((images\/[^)]+)\)/g)];
    const shipped = [...readFileSync(".vscodeignore", "utf8").matchAll(/^!(images\/.*)$/gm)];
    expect(shipped.map(([, file]) => file).sort()).toEqual(
      [manifest.icon, ...shown.map(([, file]) => file)].sort(),
    );
  });

  it("has the command behind every button and every entry of the menu", () => {
    const remedies: Remedy[] = [
      "restart", "showLog", "openSettings", "openFile", "install", "chooseModel", "toggle",
    ];
    const failed = { kind: "failed", reason: "r", remedy: "openFile", about: "f" } as const;
    const here = {
      enabled: false,
      language: "python",
      enabledForLanguage: true,
      folder: "one",
      enabledForFolder: false,
      canRollBack: true,
    };
    const entries = [
      ...menuEntries({ ...here, status: { kind: "ready", server: "s" }, snoozed: true }),
      ...menuEntries({ ...here, status: { kind: "off" }, snoozed: false }),
      ...menuEntries({ ...here, status: { kind: "starting" }, snoozed: false }),
      ...menuEntries({ ...here, status: failed, snoozed: false }),
    ];
    const needed = [...remedies.map((remedy) => buttonOf(remedy)), ...entries];
    const registered = readFileSync("src/commands.ts", "utf8");
    for (const { command } of needed) {
      expect(registered).toMatch(new RegExp(`^ {4}${command}[:,]`, "m"));
    }
  });

  it("has the commands that the walkthrough and the views link to", () => {
    const links = [...JSON.stringify(texts).matchAll(/\(command:(inkling\.[a-zA-Z]+)\)/g)];
    expect(links.length).toBeGreaterThan(2);
    for (const [, command] of links) {
      expect(commands).toContain(command);
    }
  });
});
