import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const indexes = readdirSync(join(root, 'packages')).flatMap((name) => {
  const [manifest, index] = ['package.json', 'src/index.ts'].map((file) => join(root, 'packages', name, file))
  if (manifest === undefined || index === undefined || !existsSync(index)) return []
  return /"private": true/.test(readFileSync(manifest, 'utf8')) ? [] : [index]
})

/** Where a module says what it exports: by name, or everything of another module. */
const reExport = /^export (?:type )?(?:\*|\{([^}]*)\}) from '(\.[^']+)'/gms
const declaration =
  /^export (?:declare )?(?:abstract )?(class|interface|type|function|async function|const) (\w+)/
const member = /^ {2}(?:(?:readonly|abstract|static|override|get) )*(\w+)\??[(<:]/

/** The lines of a module at which a name that `file` exports is declared. */
function declarationsOf(file: string, wanted?: ReadonlySet<string>): readonly (readonly [string, number])[] {
  const text = readFileSync(file, 'utf8')
  const own = text.split('\n').flatMap((line, index) => {
    const name = declaration.exec(line)?.[2]
    return name !== undefined && (wanted?.has(name) ?? true) ? [[file, index] as const] : []
  })
  const others = [...text.matchAll(reExport)].flatMap(([, names, path = '']) => {
    const named = names?.split(',').map(
      (each) =>
        each
          .replace(/\btype\b/, '')
          .trim()
          .split(/\s/)[0] ?? '',
    )
    const passed = named?.filter((name) => name !== '' && (wanted?.has(name) ?? true))
    return declarationsOf(join(dirname(file), path), passed === undefined ? wanted : new Set(passed))
  })
  return [...own, ...others]
}

/** What stands undocumented at a declaration: itself, or members of it. Formatted code is all it has to read. */
function undocumented(file: string, at: number): readonly string[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  const isDocumented = (index: number): boolean => lines[index - 1]?.trimEnd().endsWith('*/') === true
  const [, kind = '', name = ''] = declaration.exec(lines[at] ?? '') ?? []
  // Of overloads the first speaks for all.
  const isFirst = !lines.slice(0, at).some((line) => line.startsWith(`export ${kind} ${name}`))
  const found = isDocumented(at) || !isFirst ? [] : [name]
  if (!/^(class|interface|type)$/.test(kind) || !/[{]$/.test(lines[at] ?? '')) return found
  for (let index = at + 1; index < lines.length && !/^[})]/.test(lines[index] ?? ''); index++) {
    const each = member.exec(lines[index] ?? '')?.[1]
    if (each !== undefined && each !== 'constructor' && !isDocumented(index)) found.push(`${name}.${each}`)
  }
  return found.map((each) => `${relative(root, file)}: ${each}`)
}

test.each(indexes.map((file) => [relative(root, dirname(dirname(file))), file]))(
  'every export of %s says what it is, and so does every member of it',
  (_, file) => {
    const declarations = declarationsOf(file)
    expect(declarations.length).toBeGreaterThan(0)
    expect([...new Set(declarations.flatMap(([each, at]) => undocumented(each, at)))]).toEqual([])
  },
)
