import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll } from 'vitest'

// That it compiles is checked with the READMEs.
const page = readFileSync(new URL('../../recipes.md', import.meta.url), 'utf8')
const folder = new URL(`../../.tmp/recipes-${process.pid}/`, import.meta.url)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Loads a recipe of docs/recipes.md as it stands there, by the function that it exports. */
export async function recipe<Module>(name: string): Promise<Module> {
  const code = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text]) => text ?? '')
  const found = code.find((text) => text.includes(` function ${name}(`))
  if (found === undefined) throw new Error(`There is no recipe ${name}.`)
  mkdirSync(folder, { recursive: true })
  const file = new URL(`${name}.ts`, folder)
  writeFileSync(file, found)
  const module: Module = await import(/* @vite-ignore */ file.href)
  return module
}
