import type { JsonValue } from './wire.ts'

/** The parts of TikTok that can be made to fail. `api` is every resource endpoint but user info. */
export type FaultEndpoint = 'authorize' | 'token' | 'revoke' | 'user_info' | 'api'

/** Whether the emulator does what it was asked before the reply is spoiled. */
export interface Acting {
  /** `true`: the request takes effect all the same. */
  readonly acts?: boolean
}

/** Something that goes wrong. */
export type FaultKind =
  /** The connection is cut before the emulator acts. */
  | { readonly kind: 'drop_before' }
  /** The emulator acts, then the connection is cut: the reply is lost. */
  | { readonly kind: 'drop_after' }
  /** Waits real milliseconds, `before` acting (default) or `after`. */
  | { readonly kind: 'delay'; readonly ms: number; readonly phase?: 'before' | 'after' }
  /** Waits until the handle releases it, `before` acting (default) or `after`. */
  | { readonly kind: 'hold'; readonly phase?: 'before' | 'after' }
  /** Answers with a status and text of your choice; does not act unless told. */
  | ({
      readonly kind: 'status'
      readonly status: number
      readonly body?: string
      readonly headers?: Readonly<Record<string, string>>
    } & Acting)
  /** Answers with a web page, as a proxy in trouble does: 502 unless told; does not act unless told. */
  | ({ readonly kind: 'html'; readonly status?: number } & Acting)
  /** Answers with a redirect, 307 unless told; does not act unless told. */
  | ({ readonly kind: 'redirect'; readonly location: string; readonly status?: number } & Acting)
  /** Answers with an OAuth error, or with that code in a resource endpoint's form; does not act unless told. */
  | ({ readonly kind: 'oauth_error'; readonly error: string; readonly description?: string } & Acting)
  /** Acts unless told not to, sends half of the reply, then cuts the connection. */
  | ({ readonly kind: 'truncated' } & Acting)
  /** Acts unless told not to, and answers with no body at all. */
  | ({ readonly kind: 'empty' } & Acting)
  /** Acts unless told not to, and answers with a body of that size, 10 MB unless told. */
  | ({ readonly kind: 'oversized'; readonly bytes?: number } & Acting)
  /** Acts unless told not to, and answers with a body that never ends: `bytes` (1) each `intervalMs` (100). */
  | ({ readonly kind: 'trickle'; readonly bytes?: number; readonly intervalMs?: number } & Acting)
  /** Acts, and leaves a field out of the reply. `field` may be a path with dots. */
  | { readonly kind: 'missing_field'; readonly field: string }
  /** Acts, and puts another value into the reply. `field` may be a path with dots. */
  | { readonly kind: 'set_field'; readonly field: string; readonly value: JsonValue }

/** A fault, for every call of an endpoint or for one grant type only. */
export type Fault = FaultKind & {
  /** Strikes token requests of this `grant_type` only. */
  readonly grantType?: string
}

/** Holds on to a fault that was ordered. */
export interface FaultHandle {
  /** Resolves when the fault has met a request: with `hold`, when that request waits. */
  readonly reached: Promise<void>
  /** Lets go the requests that wait in `hold`, and those still to come. */
  release(): void
  /** Takes the order back if it has not been used. */
  cancel(): void
}

/** Orders faults. */
export interface Faults {
  /** Makes the next call fail; several orders queue up, each for one call. */
  next(endpoint: FaultEndpoint, fault: Fault): FaultHandle
  /** Makes every call fail, until `cancel` or `clear`. Orders for the next call go first. */
  always(endpoint: FaultEndpoint, fault: Fault): FaultHandle
  /** Takes back every order and lets go every request that waits in `hold`. */
  clear(): void
}

/** A fault that was ordered. */
export interface FaultOrder {
  readonly endpoint: FaultEndpoint
  readonly fault: Fault
  readonly repeats: boolean
  /** Tells the handle that a request was met. */
  readonly reach: () => void
  /** Resolves when the handle lets go. */
  readonly released: Promise<void>
}

/** The orders, as the emulator sees them. */
export interface FaultQueue extends Faults {
  /** Takes the fault for a call, if there is one. */
  take(endpoint: string, grantType: string | undefined): FaultOrder | undefined
  /** Lists the orders that stand. */
  list(): readonly FaultOrder[]
}

/** Makes an empty queue. */
export function createFaultQueue(): FaultQueue {
  let orders: FaultOrder[] = []
  const releases = new Set<() => void>()

  function order(endpoint: FaultEndpoint, fault: Fault, repeats: boolean): FaultHandle {
    const reached = openPromise()
    const released = openPromise()
    const placed: FaultOrder = {
      endpoint,
      fault,
      repeats,
      reach: reached.resolve,
      released: released.promise,
    }
    orders.push(placed)
    releases.add(released.resolve)
    return {
      reached: reached.promise,
      release() {
        releases.delete(released.resolve)
        released.resolve()
      },
      cancel() {
        orders = orders.filter((one) => one !== placed)
      },
    }
  }

  return {
    next: (endpoint, fault) => order(endpoint, fault, false),
    always: (endpoint, fault) => order(endpoint, fault, true),
    clear() {
      orders = []
      releases.forEach((release) => release())
      releases.clear()
    },
    take(endpoint, grantType) {
      const fits = ({ endpoint: wanted, fault }: FaultOrder) =>
        wanted === endpoint && (fault.grantType === undefined || fault.grantType === grantType)
      const taken = orders.find((one) => !one.repeats && fits(one)) ?? orders.find(fits)
      if (taken?.repeats === false) orders = orders.filter((one) => one !== taken)
      return taken
    },
    list: () => [...orders],
  }
}

function openPromise(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((settle) => (resolve = settle))
  return { promise, resolve }
}
