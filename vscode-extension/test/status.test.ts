import { describe, expect, it } from "vitest";
import manifest from "../package.json";
import { describeFailure, describeSpawnFailure, NOT_FOUND } from "../src/failure";
import { RestartPolicy } from "../src/restartPolicy";
import { describeStatus, type Status } from "../src/status";

const ALL: Status[] = [
  { kind: "starting" },
  { kind: "ready", server: "/usr/bin/inkling" },
  { kind: "off" },
  NOT_FOUND,
];

describe("the status bar", () => {
  it.each(ALL)("says one sentence and offers a button: $kind", (status) => {
    const { tooltip, label, buttons } = describeStatus(status);
    expect(tooltip).toMatch(/^[A-Z].*\.$/);
    expect(label).toBe(tooltip);
    expect(buttons.length).toBeGreaterThan(0);
  });

  it("looks different in every state", () => {
    expect(new Set(ALL.map((status) => describeStatus(status).text)).size).toBe(ALL.length);
  });

  it("warns of a failure only, and gives it exactly one button", () => {
    expect(ALL.filter((status) => describeStatus(status).warning)).toEqual([NOT_FOUND]);
    expect(describeStatus(NOT_FOUND).buttons).toHaveLength(1);
  });

  it("says which server is ready", () => {
    expect(describeStatus({ kind: "ready", server: "/usr/bin/inkling" }).tooltip).toContain(
      "/usr/bin/inkling",
    );
  });
});

describe("the reason of a failure", () => {
  it("is the server's own sentence where it gave one", () => {
    const errors = [
      "a warning",
      "error: There is no model at m.gguf.",
      "  Name a GGUF file or a folder that holds bundle.json.",
    ];
    expect(describeFailure(errors, "/usr/bin/inkling")).toEqual({
      kind: "failed",
      reason:
        "There is no model at m.gguf. Name a GGUF file or a folder that holds bundle.json.",
      remedy: "openSettings",
    });
  });

  it("points to the log where the server said nothing for users", () => {
    const failed = describeFailure(["Traceback (most recent call last):"], "/usr/bin/inkling");
    expect(failed.reason).toBe("The server '/usr/bin/inkling' ended; its log says why.");
    expect(failed.remedy).toBe("showLog");
  });

  it("names a program that does not exist", () => {
    const error = "Launching server using command /no failed. Error: spawn /no ENOENT";
    expect(describeSpawnFailure(error, "/no").reason).toBe(
      "The server program '/no' does not exist: correct it in the settings.",
    );
  });

  it("names a program that may not be run", () => {
    expect(describeSpawnFailure("Error: spawn /etc/passwd EACCES", "/etc/passwd").reason).toContain(
      "can't be run (EACCES)",
    );
  });
});

describe("a server that dies", () => {
  it("is started again four times in three minutes, not five", () => {
    const policy = new RestartPolicy();
    expect([0, 1, 2, 3, 4].map((second) => policy.mayRestart(second * 1000))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  it("is started again however often it dies, when that is seldom", () => {
    const policy = new RestartPolicy();
    const minute = 60_000;
    for (let death = 0; death < 20; death++) {
      expect(policy.mayRestart(death * minute)).toBe(true);
    }
  });
});

describe("the commands of the manifest", () => {
  it("are those that the status knows", () => {
    const titles = Object.fromEntries(
      manifest.contributes.commands.map(({ command, title }) => [command, title]),
    );
    expect(titles).toEqual({
      "inkling.restart": "Restart Server",
      "inkling.showLog": "Show Log",
      "inkling.toggle": "Enable/Disable",
    });
  });
});
