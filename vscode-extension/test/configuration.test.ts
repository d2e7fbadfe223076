import { describe, expect, it } from "vitest";
import { DEFAULTS, readConfiguration, serverOptions } from "../src/configuration";
import manifest from "../package.json";

const reading = (values: Record<string, unknown>) => readConfiguration((key) => values[key]);

describe("what the user wrote", () => {
  it("is taken", () => {
    const written = {
      model: " m.gguf ",
      automatic: false,
      maxNewTokens: 9,
      maxLines: 2,
      minProbability: 0.5,
      source: "memory",
      statistics: false,
      pauseOnBattery: true,
      "attribution.policy": "block",
      "attribution.index": "/index",
      "attribution.marks": false,
      "attribution.budget": 5000,
      "server.command": ["/opt/inkling", "--flag"],
      "server.shared": false,
      "server.wheelIndex": "https://example.org/wheels",
    };
    expect(reading(written)).toEqual({
      model: "m.gguf",
      automatic: false,
      maxNewTokens: 9,
      maxLines: 2,
      minProbability: 0.5,
      source: "memory",
      statistics: false,
      pauseOnBattery: true,
      attributionPolicy: "block",
      attributionIndex: "/index",
      attributionMarks: false,
      attributionBudget: 5000,
      serverCommand: ["/opt/inkling", "--flag"],
      serverShared: false,
      wheelIndex: "https://example.org/wheels",
    });
  });

  it("has defaults", () => {
    expect(reading({})).toEqual(DEFAULTS);
  });

  it.each([
    ["automatic", "false"],
    ["automatic", null],
    ["model", 3],
    ["maxNewTokens", "64"],
    ["maxNewTokens", 0],
    ["maxNewTokens", -1],
    ["maxNewTokens", 1.5],
    ["maxNewTokens", 1e9],
    ["minProbability", 2],
    ["source", "cloud"],
    ["attribution.policy", "maybe"],
    ["attribution.budget", 0],
    ["attribution.budget", 60_001],
    ["server.command", "inkling"],
    ["server.command", ["inkling", 3]],
    ["server.command", [""]],
  ])("counts as absent when %s is %j", (key, value) => {
    expect(reading({ [key]: value })).toEqual(DEFAULTS);
  });
});

describe("what the server is told", () => {
  it("leaves to the server what is not set", () => {
    expect(Object.keys(serverOptions(DEFAULTS, [])).sort()).toEqual(
      "exclude maxLines maxNewTokens minProbability source statistics statusNotifications".split(" "),
    );
  });

  it("names what is set", () => {
    const set = { model: "m.gguf", attributionIndex: "/index", attributionPolicy: "block" } as const;
    const told = serverOptions({ ...DEFAULTS, ...set, attributionBudget: 5000 }, []);
    expect(told).toMatchObject({ ...set, attributionBudgetMs: 5000 });
  });
});

describe("the manifest", () => {
  const properties = manifest.contributes.configuration.properties;

  it("declares each setting with the default that the code has", () => {
    const declared = Object.fromEntries(
      Object.entries(properties).map(([key, { default: value }]) => [
        key.replace("inkling.", ""),
        value as unknown,
      ]),
    );
    expect(declared.enabled).toBe(true);
    expect(reading(declared)).toEqual(DEFAULTS);
    expect(Object.keys(declared)).toHaveLength(Object.keys(DEFAULTS).length + 1);
  });

  it("has no more than twenty settings, each described and with a scope", () => {
    const all = Object.values(properties);
    expect(all.length).toBeLessThanOrEqual(20);
    expect(all.every(({ scope, markdownDescription }) => scope && markdownDescription)).toBe(true);
  });

  it("keeps what names files and programs out of the hands of an untrusted folder", () => {
    const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
    const byFolder = Object.entries(properties)
      .filter(([, { scope }]) => scope === "machine-overridable")
      .map(([key]) => key);
    expect(byFolder).toContain("inkling.server.command");
    expect(restricted).toEqual(expect.arrayContaining(byFolder));
  });
});
