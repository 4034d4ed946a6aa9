/** How TikTok's token endpoint behaves when a used refresh token comes again; `steady` does not rotate at all. */
export type ServerKind = 'strict' | 'family' | 'grace_same' | 'grace_new' | 'steady'

/** Probabilities and sizes of everything that can go wrong in one run. */
export interface Scenario {
  readonly name: string
  /** Nothing happens here that a caller should ever notice. */
  readonly gentle: boolean
  readonly processes: number
  readonly callers: number
  /** Wall clocks are off by up to this much. */
  readonly skewMs: number
  readonly clockSteps: number
  /** Chance of each fault, per request to TikTok. */
  readonly lostBefore: number
  readonly lostAfter: number
  readonly errorBefore: number
  readonly errorAfter: number
  readonly throttled: number
  readonly unsent: number
  readonly unusable: number
  readonly otherUser: number
  readonly slowReply: number
  readonly slowArrival: number
  readonly hang: number
  /** Chance of each fault, per store operation. */
  readonly storeError: number
  readonly lostAck: number
  readonly resend: number
  readonly lateWrite: number
  /** Chance that a store operation is never answered, whether it took effect or not. */
  readonly storeHang: number
  /** Longest time of one store operation. */
  readonly storeMs: number
  readonly outages: number
  /** How many of these happen in a run. */
  readonly crashes: number
  readonly freezes: number
  readonly evictions: number
  readonly logins: number
  readonly revocations: number
  readonly removals: number
  /** How often a process works off what is due; access tokens are kept fresh then. */
  readonly workers: number
  /** Tokens of another system that are taken over. */
  readonly adoptions: number
  /** Rejected grants that are tried again. */
  readonly retries: number
  /** Share of callers who report a refused token. */
  readonly refused: number
  readonly rotations: number
}

const calm: Scenario = {
  name: 'calm',
  gentle: false,
  processes: 3,
  callers: 8,
  skewMs: 0,
  clockSteps: 0,
  lostBefore: 0,
  lostAfter: 0,
  errorBefore: 0,
  errorAfter: 0,
  throttled: 0,
  unsent: 0,
  unusable: 0,
  otherUser: 0,
  slowReply: 0,
  slowArrival: 0,
  hang: 0,
  storeError: 0,
  lostAck: 0,
  resend: 0,
  lateWrite: 0,
  storeHang: 0,
  storeMs: 20,
  outages: 0,
  crashes: 0,
  freezes: 0,
  evictions: 0,
  logins: 0,
  revocations: 0,
  removals: 0,
  workers: 0,
  adoptions: 0,
  retries: 0,
  refused: 0,
  rotations: 2,
}

const five = 5 * 60_000

/** Every kind of fault by itself, then many at once. */
export const scenarios: readonly Scenario[] = [
  { ...calm, gentle: true },
  { ...calm, gentle: true, name: 'one process, many callers', processes: 1, callers: 20 },
  { ...calm, gentle: true, name: 'clocks five minutes apart', skewMs: five },
  { ...calm, name: 'clocks step', skewMs: five, clockSteps: 3 },
  {
    ...calm,
    name: 'clocks step, answers are slow',
    clockSteps: 6,
    skewMs: five,
    slowReply: 0.6,
    callers: 12,
  },
  { ...calm, name: 'refused access tokens', refused: 0.7, skewMs: 60_000 },
  { ...calm, name: 'reply lost before the rotation', lostBefore: 0.4 },
  { ...calm, name: 'reply lost after the rotation', lostAfter: 0.3 },
  { ...calm, name: 'server errors', errorBefore: 0.3, errorAfter: 0.1 },
  { ...calm, name: 'throttled', throttled: 0.5, callers: 14 },
  { ...calm, name: 'connection refused', unsent: 0.5 },
  { ...calm, name: 'unusable answers', unusable: 0.3 },
  { ...calm, name: 'tokens of another user', otherUser: 0.4 },
  { ...calm, name: 'answers slower than the lease', slowReply: 0.6, callers: 12 },
  { ...calm, name: 'requests slower than the lease', slowArrival: 0.5, callers: 12 },
  { ...calm, name: 'answers that never come', hang: 0.3 },
  { ...calm, name: 'crashes', crashes: 2, callers: 12 },
  { ...calm, name: 'crashes, clocks apart', crashes: 2, callers: 12, skewMs: five },
  { ...calm, name: 'freezes', freezes: 3, callers: 12 },
  { ...calm, name: 'freezes, clocks apart', freezes: 3, callers: 12, skewMs: five },
  { ...calm, name: 'store errors', storeError: 0.15, callers: 12 },
  { ...calm, gentle: true, name: 'lost acknowledgements', lostAck: 0.2, callers: 12 },
  { ...calm, gentle: true, name: 'driver sends writes twice', resend: 0.3, callers: 12 },
  { ...calm, name: 'writes that arrive late', lateWrite: 0.15, callers: 12 },
  { ...calm, name: 'store outages', outages: 3, callers: 14 },
  { ...calm, name: 'slow store', storeMs: 4_000, callers: 12 },
  { ...calm, name: 'slow store, slow answers', storeMs: 3_000, slowReply: 0.4, callers: 12 },
  { ...calm, name: 'store that does not answer', storeHang: 0.1, callers: 14 },
  {
    ...calm,
    name: 'late answers, freezes, a slow store',
    processes: 1,
    callers: 60,
    freezes: 8,
    storeMs: 5_000,
    slowReply: 0.9,
    slowArrival: 0.5,
    rotations: 4,
  },
  { ...calm, name: 'evictions', evictions: 2, callers: 12 },
  { ...calm, name: 'logins in mid-flight', logins: 2, callers: 12 },
  { ...calm, name: 'logins and slow answers', logins: 2, callers: 12, slowReply: 0.4 },
  { ...calm, name: 'revocations in mid-flight', revocations: 1, callers: 14 },
  {
    ...calm,
    name: 'revocations and slow answers',
    revocations: 1,
    callers: 12,
    slowReply: 0.4,
    slowArrival: 0.2,
  },
  { ...calm, name: 'revocations and logins', revocations: 2, logins: 2, callers: 12 },
  { ...calm, name: 'revocations and crashes', revocations: 2, logins: 1, crashes: 2, callers: 12 },
  {
    ...calm,
    name: 'revocations, lost acknowledgements',
    revocations: 2,
    logins: 1,
    lostAck: 0.15,
    callers: 10,
  },
  { ...calm, name: 'removed by the user', removals: 1, callers: 12, refused: 0.3 },
  {
    ...calm,
    name: 'removed by the user, slow answers',
    removals: 1,
    callers: 14,
    slowReply: 0.7,
    refused: 0.3,
  },
  { ...calm, name: 'removed, then a login', removals: 1, logins: 2, callers: 12, refused: 0.3 },
  { ...calm, name: 'freezes and slow answers', freezes: 2, slowReply: 0.3, callers: 12, skewMs: five },
  { ...calm, name: 'crashes and lost acknowledgements', crashes: 2, lostAck: 0.1, callers: 12 },
  { ...calm, name: 'crashes and store outages', crashes: 1, outages: 2, callers: 12 },
  { ...calm, name: 'freezes and store outages', freezes: 2, outages: 2, callers: 12, skewMs: five },
  { ...calm, name: 'many processes', processes: 6, callers: 24, errorBefore: 0.1, slowReply: 0.1 },
  {
    ...calm,
    name: 'network weather',
    lostBefore: 0.1,
    lostAfter: 0.05,
    errorBefore: 0.1,
    throttled: 0.1,
    unsent: 0.1,
    unusable: 0.05,
    slowReply: 0.1,
    callers: 16,
    skewMs: five,
  },
  {
    ...calm,
    name: 'everything',
    processes: 4,
    callers: 18,
    skewMs: five,
    clockSteps: 1,
    lostBefore: 0.08,
    lostAfter: 0.04,
    errorBefore: 0.08,
    errorAfter: 0.03,
    throttled: 0.05,
    unsent: 0.05,
    unusable: 0.03,
    otherUser: 0.03,
    slowReply: 0.1,
    slowArrival: 0.05,
    hang: 0.02,
    storeError: 0.04,
    lostAck: 0.04,
    resend: 0.04,
    lateWrite: 0.02,
    outages: 1,
    crashes: 1,
    freezes: 1,
    logins: 1,
    revocations: 0.5,
    removals: 0.3,
    refused: 0.2,
    rotations: 3,
  },
  { ...calm, gentle: true, name: 'workers', workers: 6, callers: 4 },
  { ...calm, name: 'workers only, slow answers', workers: 8, callers: 1, slowReply: 0.5 },
  { ...calm, name: 'workers and crashes', workers: 8, callers: 4, crashes: 2, skewMs: five },
  { ...calm, name: 'workers and freezes', workers: 8, callers: 4, freezes: 3, skewMs: five },
  { ...calm, name: 'workers, throttled', workers: 8, callers: 4, throttled: 0.5 },
  {
    ...calm,
    name: 'workers and the store',
    workers: 8,
    callers: 4,
    storeError: 0.1,
    lostAck: 0.1,
    outages: 1,
  },
  {
    ...calm,
    name: 'workers finish revocations',
    workers: 10,
    callers: 4,
    revocations: 2,
    logins: 1,
    crashes: 3,
    slowReply: 0.6,
  },
  {
    ...calm,
    name: 'refused, then revoked',
    workers: 4,
    callers: 20,
    revocations: 2,
    lostAfter: 0.5,
    slowReply: 0.5,
    storeError: 0.2,
    rotations: 3,
  },
  { ...calm, name: 'adoptions', adoptions: 2, callers: 8 },
  {
    ...calm,
    name: 'adoptions and the store',
    adoptions: 2,
    refused: 0.5,
    storeError: 0.15,
    lostAck: 0.15,
    outages: 1,
    callers: 10,
  },
  { ...calm, name: 'adoptions, crashes, revocations', adoptions: 2, crashes: 2, revocations: 1, callers: 8 },
  { ...calm, name: 'rejected grants tried again', retries: 6, lostAfter: 0.3, crashes: 1, rotations: 3 },
  { ...calm, name: 'retries and slow answers', retries: 6, slowReply: 0.4, freezes: 2, rotations: 3 },
  {
    ...calm,
    name: 'everything a fleet does',
    processes: 4,
    callers: 8,
    workers: 6,
    adoptions: 0.7,
    retries: 3,
    skewMs: five,
    lostBefore: 0.06,
    lostAfter: 0.04,
    errorBefore: 0.06,
    throttled: 0.05,
    slowReply: 0.1,
    hang: 0.02,
    storeError: 0.04,
    lostAck: 0.04,
    resend: 0.04,
    lateWrite: 0.02,
    outages: 1,
    crashes: 1.5,
    freezes: 1,
    logins: 1,
    revocations: 0.7,
    removals: 0.3,
    refused: 0.2,
    rotations: 3,
  },
]
