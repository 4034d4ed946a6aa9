import type { Fault, FaultEndpoint } from './faults.ts'
import type { JsonValue } from './wire.ts'

/** A fault as the dashboard's form orders it. */
export interface FaultForm {
  readonly endpoint: FaultEndpoint
  readonly fault: Fault
  readonly repeats: boolean
}

const endpoints: readonly FaultEndpoint[] = ['authorize', 'token', 'revoke', 'user_info', 'api']

/**
 * Reads an order for a fault: `endpoint`, `kind`, the fields of that kind, `grantType`, and `repeats` for all calls.
 *
 * @throws RangeError that names the field to correct.
 */
export function readFault(form: URLSearchParams): FaultForm {
  const endpoint = endpoints.find((one) => one === form.get('endpoint'))
  if (endpoint === undefined) throw new RangeError(`endpoint: choose one of ${endpoints.join(', ')}`)
  const grantType = endpoint === 'token' ? readText(form, 'grantType') : undefined
  const fault: Fault = { ...readKind(form), ...(grantType !== undefined && { grantType }) }
  const repeats = ['on', 'true', '1', 'always'].includes(form.get('repeats') ?? '')
  return { endpoint, fault, repeats }
}

function readKind(form: URLSearchParams): Fault {
  const kind = form.get('kind') ?? ''
  switch (kind) {
    case 'drop_before':
    case 'drop_after':
      return { kind }
    case 'hold':
      return { kind, ...readPhase(form) }
    case 'delay':
      return { kind, ms: readNumber(form, 'ms') ?? 1000, ...readPhase(form) }
    case 'missing_field':
      return { kind, field: demandText(form, 'field') }
    case 'set_field':
      return { kind, field: demandText(form, 'field'), value: readValue(form.get('value') ?? '') }
    default:
      return { ...readReply(form, kind), ...readActs(form) }
  }
}

function readReply(form: URLSearchParams, kind: string): Fault {
  const status = readNumber(form, 'status')
  switch (kind) {
    case 'truncated':
    case 'empty':
      return { kind }
    case 'oversized':
      return { kind, ...optional('bytes', readNumber(form, 'bytes')) }
    case 'trickle':
      return {
        kind,
        ...optional('bytes', readNumber(form, 'bytes')),
        ...optional('intervalMs', readNumber(form, 'intervalMs')),
      }
    case 'status':
      return { kind, status: checkStatus(status ?? 503), ...optional('body', readText(form, 'body')) }
    case 'html':
      return { kind, status: checkStatus(status ?? 502) }
    case 'redirect':
      return { kind, status: checkStatus(status ?? 307), location: demandText(form, 'location') }
    case 'oauth_error': {
      const error = readText(form, 'error') ?? 'server_error'
      return { kind, error, ...optional('description', readText(form, 'description')) }
    }
    default:
      throw new RangeError('kind: there is no such fault')
  }
}

function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { [Key in Name]?: Value } {
  const fields: { [Key in Name]?: Value } = {}
  if (value !== undefined) fields[name] = value
  return fields
}

function readPhase(form: URLSearchParams): { phase?: 'before' | 'after' } {
  const phase = form.get('phase')
  return phase === 'before' || phase === 'after' ? { phase } : {}
}

function readActs(form: URLSearchParams): { acts?: boolean } {
  const acts = form.get('acts')
  return acts === null || acts === '' ? {} : { acts: acts === 'true' || acts === 'on' || acts === '1' }
}

function readText(form: URLSearchParams, name: string): string | undefined {
  return form.get(name) || undefined
}

function demandText(form: URLSearchParams, name: string): string {
  const text = readText(form, name)
  if (text === undefined) throw new RangeError(`${name}: is needed for this fault`)
  return text
}

function readNumber(form: URLSearchParams, name: string): number | undefined {
  const text = readText(form, name)
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) throw new RangeError(`${name}: give a whole number that is not negative`)
  return Number(text)
}

function checkStatus(status: number): number {
  if (status < 200 || status > 599) throw new RangeError('status: give a number from 200 to 599')
  return status
}

/** Reads a value as JSON where it is JSON, else as text. */
function readValue(text: string): JsonValue {
  try {
    const value: JsonValue = JSON.parse(text)
    return value
  } catch {
    return text
  }
}
