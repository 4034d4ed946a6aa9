#!/usr/bin/env node
// Checks claim.pml: every configuration exhaustively, and that every rule taken out is noticed.
//
//   node docs/model/check.mjs            everything
//   node docs/model/check.mjs --list     the names, one to a line
//   node docs/model/check.mjs calm ...   some of them; a counterexample is printed step by step
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What must hold. Three processes, unless PROCS says otherwise. */
const configurations = {
  calm: 'EXPIRIES=2 SLOWEST=2 PATIENT PATIENT_REJECTION',
  'slow answers': 'LEASE=3 SLOWEST=4 OUTAGES=1 EXPIRIES=1 PROMPT_STORE PATIENT_REJECTION',
  'lost replies': 'LOSSES=2 REFUSALS=1 OUTAGES=1',
  crashes: 'EXPIRIES=1 CRASHES=2 LOSSES=1',
  'store faults': 'STOREFAULTS=2 CRASHES=1 OUTAGES=1',
  freezes: 'FREEZES',
  'freezes and faults': 'PROCS=2 FREEZES CRASHES=1 LOSSES=1 STOREFAULTS=1',
  logins: 'LOGINS=1 OUTAGES=1 CRASHES=1',
  revocations: 'REVOKES=1 OUTAGES=1 CRASHES=1',
  'revocations, logins and freezes': 'PROCS=2 FREEZES REVOKES=1 LOGINS=1 CRASHES=1',
  evictions: 'EVICTIONS=1 OUTAGES=1 LOGINS=1',
  'answered in the end': 'PROCS=2 FAIRLY SLOWEST=2 PROMPT_STORE CRASHES=1 LOSSES=1 OUTAGES=1',
}

/** What must be noticed: a rule is taken out, and the search has to find the assertion that says so. */
const mutants = {
  'only the newest claim may store its answer': ['FENCING FREEZES', /lost.*ended/],
  'an answer is stored whatever the row holds': ['NO_GUARD LOGINS=1', /parent\[/],
  'an answer is stored over a tombstone': ['OVER_TOMBSTONES REVOKES=1 OUTAGES=1', /rt!=15/],
  'claims end by wall clocks': ['BY_WALL_CLOCKS SLOWEST=1 PATIENT', /violated 0/],
  'an ambiguous refusal is believed at once': [
    'NO_WAIT LEASE=3 SLOWEST=4 OUTAGES=1 EXPIRIES=1 PROMPT_STORE PATIENT_REJECTION',
    /rt<=ended.*lost/,
  ],
  'a refusal is noted over tokens that it was not about': ['BLIND_REJECTION OUTAGES=1', /rejected/],
  'claims are not renewed': ['NO_RENEWAL SLOWEST=2 PATIENT', /violated 0/],
  'late answers are dropped': ['ABORTS OUTAGES=1', /lost.*ended/],
  'claims do not end': ['ENDLESS_CLAIMS PROCS=2 FAIRLY SLOWEST=2 PROMPT_STORE CRASHES=1', /acceptance cycle/],
}

const model = fileURLToPath(new URL('claim.pml', import.meta.url))
const deepest = 2_000_000

/** Compiles one configuration and searches it. */
function search(defines, optimization) {
  const folder = mkdtempSync(join(tmpdir(), 'claim-model-'))
  try {
    copyFileSync(model, join(folder, 'claim.pml'))
    const flags = defines.split(' ').map((define) => `-D${define}`)
    const run = (command, args) =>
      execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
    run('spin', [...flags, '-a', 'claim.pml'])
    const fair = defines.includes('FAIRLY')
    run('cc', [
      optimization,
      '-w',
      '-DNOREDUCE',
      ...(fair ? ['-DNFAIR=3'] : ['-DSAFETY']),
      '-o',
      'pan',
      'pan.c',
    ])
    const startedAt = Date.now()
    const pan = spawnSync('./pan', [`-m${deepest}`, '-w22', ...(fair ? ['-a', '-f'] : [])], {
      cwd: folder,
      encoding: 'utf8',
    })
    const ms = Date.now() - startedAt
    const trace = existsSync(join(folder, 'claim.pml.trail')) ? replay(folder, flags) : ''
    return { ...understand(`${pan.stdout}${pan.stderr}`), ms, trace }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The counterexample, as the messages that the model prints on its way. */
function replay(folder, flags) {
  const { stdout } = spawnSync('spin', [...flags, '-t', 'claim.pml'], { cwd: folder, encoding: 'utf8' })
  return stdout
    .split('\n')
    .flatMap((line) => /MSC: (.*)/.exec(line)?.[1] ?? [])
    .join('\n')
}

function understand(output) {
  const errors = /State-vector \d+ byte, depth reached \d+, errors: (\d+)/.exec(output)
  const states = /^\s*(\d+) states, stored/m.exec(output)
  const violated = /^pan:\d*:? ?(.*(?:violated|acceptance cycle|invalid end state).*)$/m.exec(output)?.[1]
  let incomplete
  if (errors === null || states === null) incomplete = `the search came to no end: ${output.slice(-500)}`
  else if (
    /max search depth too small|out of memory|Search not completed|hash.array too small/i.test(output)
  ) {
    // A search that stops at its first error says so too.
    if (errors[1] === '0') incomplete = 'the search was not exhaustive'
  }
  return { errors: Number(errors?.[1]), states: Number(states?.[1]), violated, incomplete }
}

function verdictOf(name) {
  const mutant = mutants[name]
  // What a mutant breaks is found at once: optimizing would take longer than searching. Of the rest, -O2 gains less than
  // it costs.
  const result = mutant === undefined ? search(configurations[name], '-O1') : search(mutant[0], '-O0')
  const { errors, violated, incomplete, trace } = result
  let problem
  if (incomplete !== undefined) problem = incomplete
  else if (mutant === undefined && errors > 0) problem = `${violated}\n${trace}`
  else if (mutant !== undefined && errors === 0) problem = 'nothing was noticed'
  else if (mutant !== undefined && !mutant[1].test(violated ?? ''))
    problem = `noticed for another reason: ${violated}`
  return { ...result, problem }
}

function missingTools() {
  return [
    ['spin', '-V'],
    ['cc', '--version'],
  ]
    .filter(([tool, flag]) => spawnSync(tool, [flag]).status !== 0)
    .map(([tool]) => tool)
}

function main(wanted) {
  const known = [...Object.keys(configurations), ...Object.keys(mutants)]
  if (wanted[0] === '--list') {
    console.log(known.join('\n'))
    return 0
  }
  const unknown = wanted.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    console.error(`There is no configuration "${unknown}".`)
    return 1
  }
  const missing = missingTools()
  if (missing.length > 0) {
    console.error(`The model needs ${missing.join(' and ')}: apt-get install spin gcc libc6-dev`)
    return 1
  }
  let failed = 0
  for (const name of wanted.length > 0 ? wanted : known) {
    const { problem, states, ms, violated } = verdictOf(name)
    if (problem !== undefined) failed++
    const expected = name in mutants ? `noticed: ${violated}` : 'holds in every state'
    console.log(
      `${problem === undefined ? 'ok  ' : 'FAIL'} ${name}: ${states} states, ${(ms / 1000).toFixed(1)} s, ${problem ?? expected}`,
    )
  }
  return failed > 0 ? 1 : 0
}

process.exitCode = main(process.argv.slice(2))
