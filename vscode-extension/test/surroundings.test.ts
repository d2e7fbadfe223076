import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, vi } from "vitest";
import type * as vscode from "vscode";
import { linuxOnBattery, onBattery, saysDischarging } from "../src/surroundings/battery";
import { hiddenFiles } from "../src/surroundings/hiddenFiles";
import { otherCompleters } from "../src/surroundings/otherExtensions";
import { RestingCursor } from "../src/surroundings/restingCursor";
import { languageName } from "../src/languageNames";

function supplies(all: Record<string, Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), "supplies-"));
  for (const [name, files] of Object.entries(all)) {
    mkdirSync(path.join(folder, name));
    for (const [file, value] of Object.entries(files)) {
      writeFileSync(path.join(folder, name, file), `${value}\n`);
    }
  }
  return folder;
}

describe("the battery", () => {
  const mains = { type: "Mains" };

  it.each([
    ["is emptied", { BAT0: { type: "Battery", status: "Discharging" }, AC: mains }, true],
    ["is charged", { BAT0: { type: "Battery", status: "Charging" }, AC: mains }, false],
    ["is a mouse's", { hid: { type: "Battery", status: "Discharging", scope: "Device" } }, false],
    ["is missing", { AC: mains }, false],
  ])("that %s", async (_, all, expected) => {
    expect(await linuxOnBattery(supplies(all))).toBe(expected);
  });

  it("is no reason to pause where it can't be told", async () => {
    expect(await onBattery("sunos")).toBe(false);
    expect(saysDischarging("1\r\n")).toBe(true);
    expect(saysDischarging("2\r\n")).toBe(false);
  });
});

describe("other extensions that complete code", () => {
  it("are noticed by their ids, whatever the case", () => {
    const installed = [
      { id: "github.copilot", name: "GitHub Copilot" },
      { id: "ms-python.python", name: "Python" },
      { id: "inkling-copilot.inkling", name: "Inkling" },
    ];
    expect(otherCompleters(installed).map(({ name }) => name)).toEqual(["GitHub Copilot"]);
  });
});

describe("what files.exclude hides", () => {
  const baseUri = "file:///work";

  it("goes to the server as globs of the folder", () => {
    const setting = { "**/gen": true, "**/shown": false, "**/*.js": { when: "$(basename).ts" } };
    expect(hiddenFiles(setting, baseUri)).toEqual([
      { pattern: "**/gen", baseUri },
      { pattern: "**/*.js", baseUri, when: "$(basename).ts" },
    ]);
  });

  it.each([undefined, null, 3, "a", [], { a: 3, "": true }])("is nothing in %j", (setting) => {
    expect(hiddenFiles(setting, baseUri)).toEqual([]);
  });
});

describe("the name of a language", () => {
  const manifests = [
    undefined,
    { contributes: { languages: "x" } },
    { contributes: { languages: [{ id: "python", extensions: [".pyi"] }] } },
    { contributes: { languages: [{ id: "python", aliases: ["Python", "py"] }, { id: "c" }] } },
  ];

  it.each([
    ["python", "Python"],
    ["c", "c"],
    ["cobol", "cobol"],
  ])("is what the extension that brings it says, else its id: %s", (id, name) => {
    expect(languageName(id, manifests)).toBe(name);
  });
});

describe("a cursor that rests", () => {
  const at = (line: number, isEmpty = true): vscode.TextEditor =>
    ({ document: "a", selection: { active: line, isEmpty } }) as unknown as vscode.TextEditor;

  it("is told of once, where it stands in the end, and not while text is selected", () => {
    vi.useFakeTimers();
    const rests = vi.fn();
    const cursor = new RestingCursor(rests);
    cursor.moved(at(1));
    cursor.moved(at(2));
    vi.runAllTimers();
    cursor.moved(at(3));
    cursor.moved(at(4, false));
    vi.runAllTimers();
    cursor.moved(at(5));
    cursor.dispose();
    vi.runAllTimers();
    expect(rests.mock.calls).toEqual([["a", 2]]);
    vi.useRealTimers();
  });
});
