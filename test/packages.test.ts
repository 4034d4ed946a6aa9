import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/**
 * The packed tarballs, judged as what they are: listed, installed into an empty project, imported from ESM, required
 * from CommonJS, compiled under every module resolution people use.
 */
const root = dirname(dirname(fileURLToPath(import.meta.url)))

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly exports?: unknown
}

const packages = readdirSync(join(root, 'packages'))
  .filter((folder) => existsSync(join(root, 'packages', folder, 'package.json')))
  .map((folder) => ({
    folder: join(root, 'packages', folder),
    manifest: readManifest(join(root, 'packages', folder)),
  }))
  .filter(({ manifest }) => manifest.private !== true)

/** What a user of each adapter has installed already. */
const peers: Readonly<Record<string, string>> = { express: '5', fastify: '5', koa: '3' }

let work: string
const tarballs = new Map<string, string>()

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'tiktok-auth-packed-'))
  for (const { folder, manifest } of packages) {
    run('pnpm', ['pack', '--pack-destination', work], folder)
    const file = readdirSync(work).find((name) =>
      name.startsWith(`${manifest.name.slice(1).replace('/', '-')}-`),
    )
    if (file === undefined) throw new Error(`${manifest.name} was not packed`)
    tarballs.set(manifest.name, join(work, file))
  }
}, 120_000)

afterAll(() => rmSync(work, { recursive: true, force: true }))

describe('tarballs', () => {
  test.each(packages)(
    '$manifest.name holds the build, its README and the licence, and runs nothing at install',
    ({ manifest }) => {
      const folder = unpack(manifest.name)
      const packed = readManifest(folder)
      for (const hook of ['preinstall', 'install', 'postinstall', 'prepare'])
        expect(packed.scripts ?? {}).not.toHaveProperty(hook)
      const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
        entry.isFile(),
      )
      const strays = files
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .filter(
          (path) =>
            !/^(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/[\w./-]+\.(mjs|cjs|mts|cts))$/.test(
              path,
            ),
        )
      expect(strays).toEqual([])
      expect(JSON.stringify(packed.exports)).not.toContain('/src/')
      expect(JSON.stringify(packed)).not.toContain('workspace:')
    },
  )

  test('core has no runtime dependency', () => {
    const packed = readManifest(unpack('@tiktok-auth/core'))
    expect(packed.dependencies ?? {}).toEqual({})
    expect(packed.peerDependencies ?? {}).toEqual({})
  })
})

describe('installed into an empty project', () => {
  let project: string

  beforeAll(() => {
    project = join(work, 'project')
    mkdirSync(project)
    const used = packages.flatMap(({ manifest }) => Object.keys(manifest.peerDependencies ?? {}))
    const dependencies: Record<string, string> = {
      typescript: '7',
      '@types/node': '20',
      '@types/express': '5',
      '@types/koa': '3',
      ...Object.fromEntries(
        used.filter((name) => name in peers).map((name) => [name, peers[name] as string]),
      ),
      ...Object.fromEntries([...tarballs].map(([name, file]) => [name, `file:${file}`])),
    }
    writeFileSync(
      join(project, 'package.json'),
      JSON.stringify({ name: 'empty', private: true, dependencies }),
    )
    run(
      'npm',
      ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'],
      project,
    )
  }, 240_000)

  test.each(packages)('$manifest.name is the same module from import and from require', ({ manifest }) => {
    const script = `
      const required = require('${manifest.name}')
      import('${manifest.name}').then((imported) => {
        console.log(JSON.stringify([Object.keys(required).sort(), Object.keys(imported).sort()]))
      })`
    const [required, imported] = JSON.parse(run(process.execPath, ['-e', script], project)) as [
      string[],
      string[],
    ]
    expect(required.length).toBeGreaterThan(0)
    expect(imported.filter((name) => name !== 'default' && name !== 'module.exports')).toEqual(required)
  })

  test.each([
    { module: 'node16', moduleResolution: 'node16', type: 'module' },
    { module: 'node16', moduleResolution: 'node16', type: 'commonjs' },
    { module: 'nodenext', moduleResolution: 'nodenext', type: 'module' },
    { module: 'esnext', moduleResolution: 'bundler', type: 'module' },
  ])(
    'types compile under $moduleResolution in a $type project',
    ({ type, ...compilerOptions }) => {
      const folder = join(work, `types-${compilerOptions.moduleResolution}-${type}`)
      mkdirSync(folder)
      symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'), 'dir')
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type }))
      const imports = packages.map(
        ({ manifest }, index) =>
          `import * as p${index} from '${manifest.name}'\nexport const n${index}: number = Object.keys(p${index}).length`,
      )
      writeFileSync(join(folder, 'index.ts'), `${imports.join('\n')}\n`)
      const tsconfig = {
        compilerOptions: {
          ...compilerOptions,
          target: 'es2022',
          strict: true,
          noEmit: true,
          skipLibCheck: false,
          types: ['node'],
        },
        files: ['index.ts'],
      }
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
      expect(
        run(process.execPath, [join(folder, 'node_modules/typescript/bin/tsc'), '-p', folder], folder),
      ).toBe('')
    },
    120_000,
  )
})

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

function unpack(name: string): string {
  const file = tarballs.get(name)
  if (file === undefined) throw new Error(`${name} was not packed`)
  const folder = mkdtempSync(join(work, 'unpacked-'))
  run('tar', ['-xzf', file, '-C', folder], work)
  return join(folder, 'package')
}

function run(command: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error })
  }
}
