// End-to-end tests: a real Chromium over built sites, one file after another on a small machine.
import {defineConfig} from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/e2e/**/*.test.ts'],
    globalSetup: ['tests/e2e/sites.ts'],
    fileParallelism: false,
    maxConcurrency: 3, // pages at a time, where a file says that its tests may
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
