import { describe, expect, it } from "vitest";
import { DEFAULTS, initializationOptions, readConfiguration } from "../src/configuration";
import manifest from "../package.json";

const reading = (values: Record<string, unknown>) => readConfiguration((key) => values[key]);

describe("what the user wrote", () => {
  it("is taken", () => {
    const command = ["/opt/inkling", "--log-level"];
    expect(
      reading({ enabled: false, model: " m.gguf ", maxNewTokens: 9, "server.command": command }),
    ).toEqual({ enabled: false, model: "m.gguf", maxNewTokens: 9, serverCommand: command });
  });

  it("has defaults", () => {
    expect(reading({})).toEqual(DEFAULTS);
  });

  it.each([
    ["enabled", "false"],
    ["enabled", null],
    ["model", 3],
    ["maxNewTokens", "64"],
    ["maxNewTokens", 0],
    ["maxNewTokens", -1],
    ["maxNewTokens", 1.5],
    ["maxNewTokens", 1e9],
    ["server.command", "inkling"],
    ["server.command", ["inkling", 3]],
    ["server.command", [""]],
  ])("counts as absent when %s is %j", (key, value) => {
    expect(reading({ [key]: value })).toEqual(DEFAULTS);
  });
});

describe("what the server is told", () => {
  it("leaves the model to the server when none is set", () => {
    expect(initializationOptions(DEFAULTS)).toEqual({ maxNewTokens: 64 });
  });

  it("names the model that is set", () => {
    expect(initializationOptions({ ...DEFAULTS, model: "m.gguf" })).toMatchObject({
      model: "m.gguf",
    });
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
    expect(reading(declared)).toEqual(DEFAULTS);
    expect(Object.keys(declared).sort()).toEqual(
      ["enabled", "maxNewTokens", "model", "server.command"].sort(),
    );
  });

  it("keeps what names files and programs out of the hands of an untrusted folder", () => {
    const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
    for (const [key, setting] of Object.entries(properties)) {
      if (setting.scope === "machine-overridable") {
        expect(restricted).toContain(key);
      }
    }
    expect(properties["inkling.server.command"].scope).toBe("machine-overridable");
  });
});
