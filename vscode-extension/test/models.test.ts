import { describe, expect, it } from "vitest";
import { modelChoices, percentOf, pulledFolder, readModels } from "../src/models/modelList";

const REPLY = {
  models: [
    { name: "mine", path: "/models/mine", bytes: 2e9, licence: "MIT", note: null },
    { name: "large", path: null, bytes: 5.31e9, licence: "Apache-2.0", note: "good" },
    { path: "/without/a/name" },
  ],
};

describe("the list of models", () => {
  const models = readModels(REPLY);

  it("has what the server names", () => {
    expect(models.map(({ name }) => name)).toEqual(["mine", "large"]);
    expect(readModels(undefined)).toEqual([]);
  });

  it("marks the present one, and says what has to be downloaded", () => {
    const [standard, mine, large, browse] = modelChoices(models, "/models/mine", undefined);
    expect(standard?.action).toEqual({ kind: "use", path: "" });
    expect(mine?.label).toBe("$(check) mine");
    expect(large?.description).toBe("download 5.3 GB");
    expect(large?.action).toEqual({ kind: "download", name: "large" });
    expect(large?.detail).toBe("Apache-2.0 · good");
    expect(browse?.action.kind).toBe("browse");
  });

  it("goes back to the one before, which may be the default", () => {
    const [back] = modelChoices(models, "/models/mine", "");
    expect(back?.label).toContain("Roll Back");
    expect(back?.action).toEqual({ kind: "use", path: "" });
    expect(modelChoices(models, "", "")[0]?.label).not.toContain("Roll Back");
  });
});

describe("a download", () => {
  it("tells its share", () => {
    expect(percentOf("model.gguf:  37%|███▋      | 196M/531M")).toBe(37);
    expect(percentOf("connecting")).toBeUndefined();
  });

  it("ends with the folder", () => {
    const output = "The model is in /home/me/my models/large.\nTo use it: inkling model use large\n";
    expect(pulledFolder(output)).toBe("/home/me/my models/large");
  });
});
