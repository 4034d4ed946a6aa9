/** The part of TikTok a request was for. */
export type JournalEndpoint =
  'authorize' | 'consent' | 'fault_page' | 'token' | 'revoke' | 'user_info' | 'api' | 'unknown'

/** One request, as the journal keeps it. It fills up while the request is served. */
export interface JournalEntry {
  /** Counts from 1. */
  readonly id: number
  /** When it arrived, on the emulator's clock. */
  readonly at: number
  /** The HTTP method. */
  readonly method: string
  /** The whole address, the query included. */
  readonly url: string
  /** The part of TikTok it was for. */
  readonly endpoint: JournalEndpoint
  /** The `grant_type` of a token request. */
  readonly grantType: string | undefined
  /** The app that called, by its own word. */
  readonly clientKey: string | undefined
  /** The user whose code or token was presented, once known. */
  readonly userId: string | undefined
  /** That user's id for this app. */
  readonly openId: string | undefined
  /** The grant whose token was presented or issued. */
  readonly grantId: string | undefined
  /** {@link shortHash} of the code, refresh token or access token presented. */
  readonly presented: string | undefined
  /** Whether that code or refresh token had been used up when the emulator looked at it. */
  readonly replay: boolean
  /**
   * What the caller got: `pending`, `ok`, an error code, or what a fault made of it (`dropped_before`,
   * `dropped_after`, `status`, `html`, `redirect`, `truncated`, `empty`, `oversized`, `trickle`).
   */
  readonly outcome: string
  /** What the emulator itself decided: `ok`, an error code, or undefined as long as it did not act. */
  readonly effect: string | undefined
  /** The HTTP status of the reply, if there was one. */
  readonly status: number | undefined
  /** The kind of fault that struck. */
  readonly fault: string | undefined
  /** The `log_id` of the reply. */
  readonly logId: string | undefined
  /** How long serving took, in real milliseconds. */
  readonly durationMs: number | undefined
  /** The parameters, decoded once; of several with one name, the first. Secrets and tokens are in the clear. */
  readonly parameters: Readonly<Record<string, string>>
  /** The request headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/** A journal entry that its own request may still fill in. */
export type OpenEntry = { -readonly [Key in keyof JournalEntry]: JournalEntry[Key] }

/** Hears of an entry when its request arrives, and again when it is decided. */
export type RequestListener = (entry: JournalEntry) => void

/** Keeps what was asked and what came of it, in the order of arrival. */
export interface Journal {
  /** All entries. Only ever grows. */
  readonly entries: readonly JournalEntry[]
  /** Opens an entry when a request arrives. */
  open(entry: Omit<JournalEntry, 'id'>): OpenEntry
  /** Tells the listeners that an entry is decided. */
  settle(entry: OpenEntry): void
  /** Listens; returns how to stop. */
  listen(listener: RequestListener): () => void
}

/** Makes an empty journal. */
export function createJournal(): Journal {
  const entries: OpenEntry[] = []
  const listeners = new Set<RequestListener>()
  const tell = (entry: OpenEntry) => listeners.forEach((listener) => listener(entry))
  return {
    entries,
    open(fields) {
      const entry: OpenEntry = { id: entries.length + 1, ...fields }
      entries.push(entry)
      tell(entry)
      return entry
    },
    settle: tell,
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
