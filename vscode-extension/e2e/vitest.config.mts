import { defineConfig } from "vitest/config";

// One editor serves all scenarios of a file, in order; a scenario that failed spoils none after it.
export default defineConfig({
  test: {
    include: ["e2e/**/*.e2e.ts"],
    testTimeout: 90_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    reporters: ["verbose"],
  },
});
