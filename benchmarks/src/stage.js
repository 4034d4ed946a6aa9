import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'

const staged = new URL('../dist/', import.meta.url)
const packages = new URL('../../packages/', import.meta.url)

/** @typedef {'core' | 'express'} StagedPackage */

/**
 * Lays the built packages out as npm would install them, with the export map that is published: what is measured is
 * what people get, not the sources.
 */
export async function stagePackages() {
  await rm(staged, { recursive: true, force: true })
  for (const name of /** @type {const} */ (['core', 'express'])) await stagePackage(name)
}

/** @param {StagedPackage} name */
async function stagePackage(name) {
  const [from, to] = [new URL(`${name}/`, packages), folderOf(name)]
  const { publishConfig, ...manifest } = JSON.parse(await readFile(new URL('package.json', from), 'utf8'))
  await mkdir(to, { recursive: true })
  await cp(new URL('dist/', from), new URL('dist/', to), { recursive: true }).catch((cause) => {
    throw new Error(`packages/${name} is not built; run "pnpm run build" first`, { cause })
  })
  await writeFile(new URL('package.json', to), JSON.stringify({ ...manifest, ...publishConfig }))
}

/**
 * The address to import a staged package by, from anywhere.
 *
 * @param {StagedPackage} name
 */
export function stagedEntry(name) {
  return new URL('dist/index.mjs', folderOf(name)).href
}

/** Where a file must lie for its imports to find the staged packages first. */
export const stagedFolder = staged

/** @param {StagedPackage} name */
function folderOf(name) {
  return new URL(`node_modules/@tiktok-auth/${name}/`, staged)
}
