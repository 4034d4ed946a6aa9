import { ConnectionCutError } from './errors.ts'
import type { Fault, FaultOrder } from './faults.ts'
import type { OpenEntry } from './journal.ts'
import { spoilField, halve, padding, trickle } from './fault-bodies.ts'
import { toReply } from './wire.ts'
import type { Answer, WireReply } from './wire.ts'

/** What a fault may do with the request it meets. */
export interface FaultScene {
  /** Lets the emulator act. */
  readonly act: () => Answer
  /** Forms an error reply in the endpoint's own form. */
  readonly refuse: (error: string, description: string) => Answer
  readonly entry: OpenEntry
}

/**
 * Lets a fault strike.
 *
 * @throws ConnectionCutError when the fault cuts the connection.
 */
export async function strike(order: FaultOrder, scene: FaultScene): Promise<WireReply> {
  const { fault } = order
  scene.entry.fault = fault.kind
  if (fault.kind === 'drop_before') {
    order.reach()
    scene.entry.outcome = 'dropped_before'
    throw new ConnectionCutError('The connection was cut before the emulator acted.')
  }
  if (fault.kind === 'drop_after') {
    scene.act()
    order.reach()
    scene.entry.outcome = 'dropped_after'
    throw new ConnectionCutError('The connection was cut after the emulator acted.')
  }
  if (fault.kind === 'delay' || fault.kind === 'hold') return postpone(order, fault, scene)
  order.reach()
  return spoil(fault, scene)
}

type Postponing = Extract<Fault, { kind: 'delay' | 'hold' }>

async function postpone(
  order: FaultOrder,
  fault: Postponing,
  { act, entry }: FaultScene,
): Promise<WireReply> {
  const wait = async () => {
    order.reach()
    await (fault.kind === 'hold' ? order.released : new Promise((resolve) => setTimeout(resolve, fault.ms)))
  }
  if (fault.phase !== 'after') await wait()
  const answer = act()
  if (fault.phase === 'after') await wait()
  entry.outcome = answer.outcome
  return toReply(answer)
}

type Spoiling = Exclude<Fault, { kind: 'delay' | 'hold' | 'drop_before' | 'drop_after' }>

function spoil(fault: Spoiling, scene: FaultScene): WireReply {
  scene.entry.outcome = fault.kind
  switch (fault.kind) {
    case 'missing_field':
    case 'set_field':
      return spoilAnswer(fault, scene)
    case 'truncated':
    case 'empty':
    case 'oversized':
    case 'trickle':
      return spoilBody(fault, scene)
    case 'status':
    case 'html':
    case 'redirect':
    case 'oauth_error':
      return replace(fault, scene)
  }
}

function spoilAnswer(fault: Extract<Fault, { field: string }>, { act, entry }: FaultScene): WireReply {
  const answer = act()
  entry.outcome = answer.outcome
  const value = fault.kind === 'set_field' ? fault.value : undefined
  const json = answer.json
  return toReply(
    json === undefined ? answer : { ...answer, json: spoilField(json, fault.field.split('.'), value) },
  )
}

type BodyFault = Extract<Fault, { kind: 'truncated' | 'empty' | 'oversized' | 'trickle' }>

function spoilBody(fault: BodyFault, { act, entry }: FaultScene): WireReply {
  const idle: Answer = { status: 200, outcome: fault.kind, json: { data: {} } }
  const reply = toReply(fault.acts === false ? idle : act())
  entry.outcome = fault.kind
  const { status, headers } = reply
  switch (fault.kind) {
    case 'empty':
      headers.delete('content-type')
      return { status, headers, body: new Uint8Array() }
    case 'truncated':
      return { status, headers, body: halve(reply.body) }
    case 'oversized':
      return { status, headers, body: padding(fault.bytes ?? 10_000_000) }
    case 'trickle':
      return { status, headers, body: trickle(fault.bytes ?? 1, fault.intervalMs ?? 100) }
  }
}

type ReplyFault = Extract<Fault, { kind: 'status' | 'html' | 'redirect' | 'oauth_error' }>

function replace(fault: ReplyFault, { act, refuse, entry }: FaultScene): WireReply {
  if (fault.acts === true) act()
  const answer = describeReplacement(fault, refuse)
  entry.outcome = answer.outcome
  return toReply(answer)
}

const page =
  '<!doctype html><html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>'

function describeReplacement(fault: ReplyFault, refuse: FaultScene['refuse']): Answer {
  switch (fault.kind) {
    case 'status': {
      const headers = { 'content-type': 'text/plain; charset=utf-8', ...fault.headers }
      return { status: fault.status, outcome: 'status', headers, text: fault.body ?? '' }
    }
    case 'html': {
      const headers = { 'content-type': 'text/html; charset=utf-8' }
      return { status: fault.status ?? 502, outcome: 'html', headers, text: page }
    }
    case 'redirect':
      return { status: fault.status ?? 307, outcome: 'redirect', headers: { location: fault.location } }
    case 'oauth_error':
      return refuse(fault.error, fault.description ?? 'Injected by the emulator.')
  }
}
