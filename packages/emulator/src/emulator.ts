import { changeBehavior, defaultBehavior } from './behavior.ts'
import type { EmulatorBehavior } from './behavior.ts'
import { registerClients } from './clients.ts'
import { createClock } from './clock.ts'
import { createCodeBook } from './codes.ts'
import { createPendingConsents } from './consent.ts'
import { consent } from './emulator-consent.ts'
import type { ConsentOptions } from './emulator-consent.ts'
import { createEndpoints } from './endpoints.ts'
import type { EmulatorEndpoints } from './endpoints.ts'
import { createFaultQueue } from './faults.ts'
import type { Faults } from './faults.ts'
import { createFetch } from './fetch.ts'
import type { Server } from './fetch.ts'
import { listGrants } from './grants.ts'
import type { GrantSnapshot } from './grants.ts'
import { createJournal } from './journal.ts'
import type { JournalEntry, RequestListener } from './journal.ts'
import { createLedger } from './ledger.ts'
import { isLocalPath, serveLocal } from './local-site.ts'
import { listenOnSocket } from './node-server.ts'
import type { ListenOptions } from './node-server.ts'
import type { EmulatorOptions } from './options.ts'
import { createRateLimiter } from './rate-limiter.ts'
import { removeApp } from './remove-app.ts'
import { serve } from './serve.ts'
import { createSignIns } from './sign-ins.ts'
import { createUserDirectory } from './users.ts'
import { createStateWriter, readState } from './state-file.ts'
import type { UserDirectory } from './users.ts'
import type { World } from './world.ts'

/** A TikTok on this machine. */
export interface Emulator {
  /**
   * Answers like TikTok, without sockets: the path decides, whatever the host.
   *
   * Headers are judged as a server would see them; redirects that are followed come back to the emulator.
   */
  readonly fetch: typeof globalThis.fetch
  /** Where clients find it: TikTok's real addresses for use with `fetch`, its own while it listens. */
  readonly endpoints: EmulatorEndpoints
  /** Listens on a socket, 127.0.0.1 and a free port unless told. */
  listen(options?: ListenOptions): Promise<ListeningEmulator>
  /** Returns the present instant of its own clock, in milliseconds since 1970. */
  now(): number
  /**
   * Moves its own clock forward: tokens and codes expire, rate limits recover.
   *
   * @throws RangeError when `ms` is negative or not finite.
   */
  advance(ms: number): void
  /**
   * Does what a person does at the consent page, and returns the callback with its code or its error.
   *
   * @throws EmulatorFaultError when TikTok would show its own fault page, after which no callback comes.
   */
  consent(url: string | URL, options?: ConsentOptions): Promise<URL>
  /** The people who have an account. */
  readonly users: Pick<UserDirectory, 'add' | 'list'>
  /** What was granted so far, with every token and its state: a snapshot taken at each reading. */
  readonly grants: readonly GrantSnapshot[]
  /**
   * Does what a user does in TikTok's settings: takes the app off the account, which kills all its tokens.
   *
   * @throws RangeError when the user has not granted that app anything.
   */
  removeApp(user: string, clientKey: string): void
  /**
   * Changes behaviour from now on.
   *
   * @throws EmulatorOptionsError for a switch or a value there is not.
   */
  setBehavior(behavior: Partial<EmulatorBehavior>): void
  /** Orders faults. */
  readonly faults: Faults
  /** Every request so far, in order of arrival: the oracle of tests. */
  readonly requests: readonly JournalEntry[]
  /** Calls back when a request arrives, and again when it is decided. Returns how to stop. */
  onRequest(listener: RequestListener): () => void
}

/** An emulator that listens on a socket. */
export interface ListeningEmulator {
  /** For example `http://127.0.0.1:43817`. The dashboard is there. */
  readonly origin: string
  /** Where clients find it. */
  readonly endpoints: EmulatorEndpoints
  /** Stops listening and cuts connections still open. What it knows stays. */
  close(): Promise<void>
}

/**
 * Makes a TikTok on this machine.
 *
 * It behaves as TikTok's newest documents say, and as reports say where they are silent; see
 * {@link EmulatorBehavior} for what can be changed. It remembers everything in memory, and what matters after a
 * restart in `stateFile`, if there is one.
 *
 * @throws EmulatorOptionsError when an app could not be registered at TikTok like that.
 * @example
 * const emulator = createEmulator({
 *   clients: [{ clientKey: 'aw1', clientSecret: 's1', redirectUris: ['https://app.example.com/cb'], platform: 'web' }],
 * })
 * const reply = await emulator.fetch('https://open.tiktokapis.com/v2/oauth/token/', { method: 'POST' })
 */
export function createEmulator(options: EmulatorOptions): Emulator {
  let behavior = changeBehavior(defaultBehavior, options.behavior ?? {})
  let origin: string | undefined
  const world = createWorld(options, {
    behavior: () => behavior,
    apiOrigin: () => createEndpoints(origin).apiOrigin,
  })
  const pending = createPendingConsents()
  const save = options.stateFile === undefined ? () => {} : createStateWriter(options.stateFile, world)
  const server: Server = async (request) => {
    const local = isLocalPath(request.url.pathname)
    try {
      return await (local ? serveLocal(request, world, pending) : serve(request, world, pending))
    } finally {
      // Before the reply leaves: what a client was told outlives this process.
      save()
    }
  }
  const saving =
    <Given extends unknown[], Result>(act: (...given: Given) => Result) =>
    (...given: Given): Result => {
      const result = act(...given)
      save()
      return result
    }

  return {
    fetch: createFetch(server),
    get endpoints() {
      return createEndpoints(origin)
    },
    async listen(where = {}) {
      const socket = await listenOnSocket(server, where)
      origin = socket.origin
      const close = async () => {
        if (origin === socket.origin) origin = undefined
        await socket.close()
      }
      return { origin: socket.origin, endpoints: createEndpoints(socket.origin), close }
    },
    now: () => world.clock.now(),
    advance: saving((ms) => world.clock.advance(ms)),
    consent: (url, decision = {}) => consent(url, decision, world),
    users: { add: saving((user) => world.users.add(user)), list: () => world.users.list() },
    get grants() {
      return listGrants(world)
    },
    removeApp: saving((user, clientKey) => removeApp(user, clientKey, world)),
    setBehavior(changes) {
      behavior = changeBehavior(behavior, changes)
    },
    faults: world.faults,
    requests: world.journal.entries,
    onRequest: (listener) => world.journal.listen(listener),
  }
}

function createWorld(options: EmulatorOptions, given: Pick<World, 'behavior' | 'apiOrigin'>): World {
  const saved = options.stateFile === undefined ? undefined : readState(options.stateFile)
  const clock = createClock(options.now ?? Date.now, saved?.clockOffsetMs)
  const { behavior } = given
  const now = () => clock.now()
  return {
    ...given,
    clock,
    clients: registerClients(options.clients),
    users: createUserDirectory(saved?.users ?? options.users),
    codes: createCodeBook(now, behavior),
    ledger: createLedger({ now, behavior }, saved?.grants),
    rateLimiter: createRateLimiter(now, behavior),
    signIns: createSignIns(),
    faults: createFaultQueue(),
    journal: createJournal(),
  }
}
