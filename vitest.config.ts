import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Each package is a project of its own name; `test/` at the root holds what spans packages.
    projects: [
      { extends: true, test: { name: 'core', root: 'packages/core' } },
      { extends: true, test: { name: 'emulator', root: 'packages/emulator' } },
      { extends: true, test: { name: 'conformance', root: 'packages/conformance' } },
      { extends: true, test: { name: 'express', root: 'packages/express' } },
      { extends: true, test: { name: 'fastify', root: 'packages/fastify' } },
      { extends: true, test: { name: 'koa', root: 'packages/koa' } },
      { extends: true, test: { name: 'web', root: 'packages/web' } },
      { extends: true, test: { name: 'passport-tiktok', root: 'packages/passport-tiktok' } },
      { extends: true, test: { name: 'examples', root: 'examples' } },
      { extends: true, test: { name: 'repo', root: '.' } },
      { extends: true, test: { name: 'benchmarks', root: 'benchmarks' } },
      { extends: true, test: { name: 'store-sqlite', root: 'packages/store-sqlite' } },
      { extends: true, test: { name: 'test-servers', root: 'packages/test-servers' } },
      { extends: true, test: { name: 'store-redis', root: 'packages/store-redis' } },
      { extends: true, test: { name: 'store-postgres', root: 'packages/store-postgres' } },
      { extends: true, test: { name: 'chaos', root: 'packages/chaos' } },
      { extends: true, test: { name: 'docs', root: 'docs' } },
    ],
    include: ['test/**/*.test.ts'],
    // One core less by default, which on two is half.
    maxWorkers: '100%',
    // Only what hangs may fail by time: the machines that run this are noisy.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    coverage: { provider: 'v8', include: ['packages/core/src/**'], reporter: ['text', 'html'] },
  },
})
