import { defineConfig } from "vitest/config";

// One editor serves all scenarios of a file, in order; a scenario that failed spoils none after it.
export default defineConfig({
  test: {
    include: ["e2e/**/*.e2e.ts"],
    testTimeout: 240_000,
    hookTimeout: 600_000,
    fileParallelism: false,
    reporters: ["verbose"],
  },
});
