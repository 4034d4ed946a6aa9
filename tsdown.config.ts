import { defineConfig } from 'tsdown'

/** One build for every package: ESM and CommonJS, with types for both, checked as what will be published. */
export default defineConfig({
  // The scripts run in the package's folder; without this, paths are relative to this file.
  cwd: process.cwd(),
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  platform: 'neutral',
  // Node's own modules; which package may use them is the lint's business.
  deps: { neverBundle: /^node:/ },
  target: 'node20.19',
  fixedExtension: true,
  // Explanations are for the types, where editors show them; every process that imports a package would read them again.
  outputOptions: { comments: { jsdoc: false } },
  dts: true,
  clean: true,
  logLevel: 'warn',
  publint: true,
  attw: { profile: 'node16' },
})
