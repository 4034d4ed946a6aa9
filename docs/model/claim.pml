/*
 * The claim protocol of packages/core/src/tokens, for one row, one token endpoint and PROCS processes.
 * README.md beside this file says what is modelled, what is left out and what is checked.
 *
 * Every process is a table of guarded steps; one step is one atomic statement of the store, one message, or one look
 * at a clock. Other processes and the clock may step in between wherever they may in reality.
 */

#ifndef PROCS
#define PROCS 3
#endif
#ifdef FREEZES
/* Anybody may be late by any time at any point: all that is left of time is whether a claim is over. */
#define LEASE 1
#define TIMEOUT 0
#else
#ifndef LEASE
#define LEASE 2      /* a claim's life in ticks */
#endif
#define TIMEOUT 1    /* what a send wants left of it */
#endif
#define MARGIN 1     /* how long before a takeover an ambiguous refusal is written */
#ifndef SLOWEST
#define SLOWEST 0    /* the longest way of an answer in ticks; 0: any */
#endif
#ifndef CRASHES
#define CRASHES 0
#endif
#ifndef LOSSES
#define LOSSES 0     /* requests or replies lost, 5xx, answers that never come */
#endif
#ifndef REFUSALS
#define REFUSALS 0   /* 429 and refused connections: TikTok has not acted */
#endif
#ifndef EXPIRIES
#define EXPIRIES 0   /* how often, after the first time, the access token ends */
#endif
#ifndef STOREFAULTS
#define STOREFAULTS 0 /* failed writes and lost acknowledgements */
#endif
#ifndef OUTAGES
#define OUTAGES 0    /* how many claims cannot be renewed */
#endif
#ifndef LOGINS
#define LOGINS 0
#endif
#ifndef REVOKES
#define REVOKES 0
#endif
#ifndef EVICTIONS
#define EVICTIONS 0
#endif

/* A refresh token is the number of its issue. */
#define ABSENT 0
#define TOMB 15
#define BIT(n) (1 << (n))
#define HAS(set, n) (((set) & BIT(n)) != 0)

/* Where the flight of a process stands (grant-refresher, -exchange, -settle, -reject, -revoke). */
#define IDLE 0
#define CLAIMING 1      /* the row was read, the claim's write is under way */
#define CLAIMED 2       /* the write is acknowledged */
#define AWAITING 3      /* a request is out */
#define BROKEN_OFF 4    /* it broke; a second one may follow */
#define RELEASING 5
#define BACKING_OFF 6
#define SETTLE_READ 7
#define SETTLE_WRITE 8
#define REJECT_READ 9
#define REJECT_WRITE 10
#define SAVE_READ 11    /* a login */
#define SAVE_WRITE 12
#define REVOKE_READ 13
#define REVOKE_CLAIM 14
#define REVOKE_MARK 15
#define REVOKE_CALL 16  /* the revocation endpoint */
#define BURY_READ 17
#define BURY_WRITE 18
#define SETTLE_UNREAD 19 /* the write over what this flight itself wrote last */

/* What became of a request. */
#define NONE 0
#define SENT 1
#define GRANTED 2       /* the answer is on its way */
#define REFUSED 3
#define BROKEN 4
#define NOT_ACTED 5
#define NEVER 6         /* no answer will come */

/* The row. Its revision is not a number: `seen` and `mine` tell whose knowledge of it is up to date. */
byte rt = 1;
byte holder;            /* whose claim stands in it: flight + 1, 0 for none */
bool ambiguous, rejected, revoking;
byte age;               /* ticks since its last write, up to LEASE; kept only for a claimed row */
byte seen;              /* flights whose last read is still what stands there */
byte mine;              /* flights whose lease write is still what stands there */

/* Flights: 0 .. PROCS-1 are awaited, PROCS .. 2*PROCS-1 are the answers that came, or may come, too late. */
byte at[PROCS];
byte consumed[2 * PROCS];
byte next[2 * PROCS];
byte request[2 * PROCS];
byte way[2 * PROCS];    /* ticks since it was sent, up to SLOWEST */
byte late[PROCS];       /* IDLE, AWAITING, SETTLE_UNREAD, SETTLE_READ or SETTLE_WRITE */
byte held[PROCS];       /* ticks since before the lease's last write, up to LEASE */
bool renewing[PROCS], second[PROCS], revoker[PROCS];
byte started;           /* processes are alike: they begin in order */

/* The token endpoint: strict, a token works once. */
byte alive = BIT(1);
byte issued = 1;
byte ended;             /* tokens up to this one ended on purpose: a revocation, a newer login */
byte expired = 1;       /* access tokens up to this one are stale */

/* What may be left to happen. */
byte crashes = CRASHES, losses = LOSSES, refusals = REFUSALS, expiries = EXPIRIES, storeFaults = STOREFAULTS;
byte outages = OUTAGES, logins = LOGINS, revokes = REVOKES, evictions = EVICTIONS;

/* For the properties alone. */
byte parent[8];         /* the token that each was issued for; 0: a login */
byte lost;              /* tokens whose successor died with a process or a connection */
byte outlived;          /* tokens whose claim ran out before an answer was stored */
bool disconnected;      /* a revocation has come to its end, and nobody has logged in since */
bool evicted;

#define ownClaim(f) (holder == (f) + 1)
#define claimOver (holder == 0 || age >= LEASE)
#define stale(t) ((t) <= expired)
#define timeLeft(p) (LEASE - held[p])
#define settling(p) (late[p] == SETTLE_UNREAD || late[p] == SETTLE_READ || late[p] == SETTLE_WRITE)
#define knowsSuccessor(p) (settling(p) && consumed[PROCS + (p)] == rt)

#ifdef BY_WALL_CLOCKS
#define looksOver true
#elif defined(ENDLESS_CLAIMS)
#define looksOver (holder == 0)
#else
#define looksOver claimOver
#endif

/* A write took effect: nobody else's knowledge of the row is up to date any more. */
inline wrote(f) {
  seen = 0; mine = 0; age = 0
}

#define resting(p) (at[p] == IDLE && late[p] == IDLE)
#if PROCS > 2
#define allRest (resting(0) && resting(1) && resting(2))
#else
#define allRest (resting(0) && resting(1))
#endif

/* Once nothing is under way the row holds the living token, or its loss has a known cause and is told as such. */
inline checkQuiet() {
  if
  :: allRest ->
     if
     :: rt == TOMB
     :: rt == ABSENT -> assert(evicted)
     :: else ->
        assert(!disconnected);
        if
        :: HAS(alive, rt) -> assert(!rejected)
        :: else ->
           assert(HAS(lost, rt) || rt <= ended);
           assert(!rejected || ambiguous || rt <= ended)
        fi
     fi
  :: else
  fi
}

/* The flight of p is over. */
inline land(p) {
  at[p] = IDLE;
  consumed[p] = 0; next[p] = 0; request[p] = NONE; way[p] = 0; held[p] = 0;
  renewing[p] = false; second[p] = false; revoker[p] = false;
  seen = seen & ~BIT(p); mine = mine & ~BIT(p);
  checkQuiet()
}

inline landLate(p) {
  late[p] = IDLE;
  consumed[PROCS + p] = 0; next[PROCS + p] = 0; request[PROCS + p] = NONE; way[PROCS + p] = 0;
  seen = seen & ~BIT(PROCS + p); mine = mine & ~BIT(PROCS + p);
  checkQuiet()
}

/* After an exchange that did not bring tokens a revocation goes on with the ones it has. */
inline orRevoke(p, where) {
  if
  :: revoker[p] -> at[p] = REVOKE_CALL; request[p] = NONE
  :: else -> at[p] = where; request[p] = NONE
  fi
}

inline toSettle(p) {
  request[p] = NONE; way[p] = 0; at[p] = SETTLE_UNREAD;
  held[p] = 0; renewing[p] = false; second[p] = false
}

/* -- the token endpoint -- */

inline rotate(f) {
  alive = alive & ~BIT(consumed[f]);
  issued++;
  assert(issued < 8);
  alive = alive | BIT(issued);
  parent[issued] = consumed[f]
}

inline checkReplay(token) {
#ifdef FREEZES
  skip
#else
  if
  :: token > ended && !HAS(alive, token) ->
     printf("MSC: token %d is used a second time\n", token);
#ifdef PATIENT
     assert(false)
#else
     assert(HAS(lost, token) || HAS(outlived, token))
#endif
  :: else
  fi
#endif
}

inline answer(f) {
  checkReplay(consumed[f]);
  if
  :: HAS(alive, consumed[f]) -> rotate(f); next[f] = issued; request[f] = GRANTED
  :: else -> request[f] = REFUSED
  fi;
  printf("MSC: the endpoint answers flight %d: token %d brings %d\n", f, consumed[f], next[f])
}

/* The request, or the answer to it, is lost. */
inline lose(f, outcome) {
  if
  :: HAS(alive, consumed[f]) -> rotate(f); lost = lost | BIT(consumed[f])
  :: else
  fi;
  request[f] = outcome;
  printf("MSC: the answer to flight %d is lost\n", f)
}

#define open(f) (request[f] == SENT)

inline endpoint(f) {
  if
  :: d_step { open(f) -> answer(f) }
  :: d_step { open(f) && losses > 0 -> losses--; request[f] = BROKEN }
  :: d_step { open(f) && losses > 0 -> losses--; lose(f, BROKEN) }
  :: d_step { open(f) && losses > 0 && SLOWEST == 0 -> losses--; lose(f, NEVER) }
  :: d_step { open(f) && refusals > 0 -> refusals--; request[f] = NOT_ACTED }
  fi
}

/* -- store writes of a process; each is one statement, guarded by a revision -- */

inline takeClaim(p, forRevocation) {
  if
  :: HAS(seen, p) ->
#ifndef BY_WALL_CLOCKS
     assert(claimOver);
#endif
     ambiguous = ambiguous || holder != 0;
     revoking = revoking || forRevocation;
     wrote(p); mine = BIT(p);
     holder = p + 1; consumed[p] = rt; at[p] = CLAIMED;
     revoker[p] = forRevocation; renewing[p] = !forRevocation;
     printf("MSC: process %d claims token %d\n", p, rt)
  :: else -> land(p)
  fi
}

/* Takes the claim back out, if the row is as this flight wrote it. */
inline unclaim(p, doubt) {
  if
  :: HAS(mine, p) -> ambiguous = ambiguous || doubt; holder = 0; wrote(p)
  :: else
  fi;
  land(p)
}

#if defined(FENCING)
#define mayStore(f) (ownClaim(f))
#elif defined(NO_GUARD)
#define mayStore(f) true
#else
#define mayStore(f) (rt == consumed[f])
#endif

inline store(f) {
  assert(rt != TOMB);
  if
  :: rt != ABSENT -> assert(parent[next[f]] == rt); assert(next[f] > rt)
  :: else
  fi;
  printf("MSC: flight %d stores token %d over %d\n", f, next[f], rt);
  /* A revocation keeps its mark, and its claim unless that is the one this answer was got under. */
  if
  :: revoking && (!ownClaim(f) || (f < PROCS && revoker[f % PROCS]))
  :: else -> holder = 0
  fi;
  rt = next[f]; ambiguous = false; rejected = false;
  wrote(f)
}

#ifdef OVER_TOMBSTONES
#define tombStops false
#else
#define tombStops (rt == TOMB)
#endif
#define nothingToStore(f) (tombStops || (rt != ABSENT && rt != TOMB && !mayStore(f)))

inline logIn(p) {
  logins--; issued++; assert(issued < 8);
  next[p] = issued; at[p] = SAVE_READ;
  if :: started == p -> started++ :: else fi
}

inline crash(p) {
  printf("MSC: process %d dies\n", p);
  crashes--;
  if
  :: next[p] != 0 && rt == consumed[p] -> lost = lost | BIT(consumed[p])
  :: else
  fi;
  if
  :: next[PROCS + p] != 0 && rt == consumed[PROCS + p] -> lost = lost | BIT(consumed[PROCS + p])
  :: else
  fi;
  at[p] = IDLE; late[p] = IDLE;
  consumed[PROCS + p] = 0; next[PROCS + p] = 0; request[PROCS + p] = NONE; way[PROCS + p] = 0;
  seen = seen & ~BIT(PROCS + p); mine = mine & ~BIT(PROCS + p);
  land(p)
}

/* The end of a lease: the process waits no longer, the request goes on. */
inline giveUp(p) {
  printf("MSC: process %d stops waiting\n", p);
#ifndef FREEZES
  outlived = outlived | BIT(consumed[p]);
#endif
#ifndef ABORTS
  if
  :: request[p] == SENT || request[p] == GRANTED ->
     late[p] = AWAITING;
     consumed[PROCS + p] = consumed[p]; next[PROCS + p] = next[p];
     request[PROCS + p] = request[p]; way[PROCS + p] = way[p];
     if
     :: HAS(mine, p) -> mine = mine | BIT(PROCS + p)
     :: else
     fi;
     if
     :: ownClaim(p) -> holder = PROCS + p + 1
     :: else
     fi
  :: else
  fi;
#endif
  next[p] = 0;
  orRevoke(p, BACKING_OFF)
}

#ifdef NO_WAIT
#define waited(p) true
#else
#define waited(p) (!(ambiguous || second[p]) || timeLeft(p) <= MARGIN)
#endif

#define foreignClaim(p) (holder != 0 && !ownClaim(p) && age < LEASE)
#ifdef BLIND_REJECTION
#define aboutThisRow(p) (rt != ABSENT && rt != TOMB && !rejected)
#else
#define aboutThisRow(p) (rt == consumed[p] && !rejected)
#endif

#ifdef NO_RENEWAL
#define renewalDue(p) false
#else
#define renewalDue(p) (renewing[p] && held[p] * 2 >= LEASE)
#endif

/* Whether p has something to do at this moment, so that a process that is not frozen lets no time pass. */
#define answerDue(f) (SLOWEST > 0 && way[f] >= SLOWEST)
#define busyAwaiting(p) (at[p] == AWAITING && (held[p] >= LEASE || renewalDue(p) || answerDue(p) || request[p] == BROKEN || request[p] == NOT_ACTED))
#define busyRejecting(p) (at[p] == REJECT_READ && !(aboutThisRow(p) && (foreignClaim(p) || !waited(p))))
#define busyRevoking(p) (at[p] == REVOKE_READ && !(revoking && rt != TOMB && rt != ABSENT && !claimOver))
#ifdef PROMPT_STORE
#define slowWrite(p) false
#else
#define slowWrite(p) (at[p] == CLAIMING)
#endif
#define waiting(p) (at[p] == IDLE || slowWrite(p) || at[p] == AWAITING || at[p] == REJECT_READ || at[p] == REVOKE_READ)
#define busyLate(p) (settling(p) || (late[p] == AWAITING && answerDue(PROCS + (p))))
#define busy(p) (!waiting(p) || busyAwaiting(p) || busyRejecting(p) || busyRevoking(p) || busyLate(p))

inline process(p) {
  if

  /* get: read the row; return, wait, refuse, or refresh. Only what leads to a write is a step. */
  :: d_step { at[p] == IDLE && p <= started && rt != ABSENT && rt != TOMB && !revoking && stale(rt) && !rejected &&
       looksOver && !knowsSuccessor(p) ->
       seen = seen | BIT(p); held[p] = 0; at[p] = CLAIMING;
       if :: started == p -> started++ :: else fi }
  :: d_step { at[p] == CLAIMING -> takeClaim(p, false) }
  /* The write failed, or it won and nobody here will ever know. */
  :: d_step { at[p] == CLAIMING && storeFaults > 0 -> storeFaults--; land(p) }
  :: d_step { at[p] == CLAIMED && storeFaults > 0 -> storeFaults--; land(p) }

  /* exchange */
  :: d_step { at[p] == CLAIMED && !(revoker[p] && (!stale(consumed[p]) || rejected)) && timeLeft(p) < TIMEOUT ->
       orRevoke(p, RELEASING) }
  :: d_step { at[p] == CLAIMED && revoker[p] && (!stale(consumed[p]) || rejected) -> at[p] = REVOKE_CALL }
  :: d_step { at[p] == CLAIMED && !(revoker[p] && (!stale(consumed[p]) || rejected)) && timeLeft(p) >= TIMEOUT ->
       if
       :: settling(p) && consumed[PROCS + p] == consumed[p] ->
          next[p] = next[PROCS + p]; toSettle(p)
       :: else ->
          request[p] = SENT; at[p] = AWAITING;
#ifndef FREEZES
          assert(rt != consumed[p] || (age < LEASE && (holder == 0 || ownClaim(p))));
#endif
          printf("MSC: process %d sends token %d\n", p, consumed[p])
       fi }
  :: d_step { at[p] == AWAITING && request[p] == GRANTED -> toSettle(p) }
  :: d_step { at[p] == AWAITING && request[p] == REFUSED -> way[p] = 0; orRevoke(p, REJECT_READ) }
  :: d_step { at[p] == AWAITING && request[p] == BROKEN -> way[p] = 0; request[p] = NONE;
       if :: second[p] -> orRevoke(p, BACKING_OFF) :: else -> at[p] = BROKEN_OFF fi }
  :: d_step { at[p] == AWAITING && request[p] == NOT_ACTED -> way[p] = 0;
       if :: revoker[p] -> at[p] = REVOKE_CALL; request[p] = NONE :: else -> unclaim(p, second[p]) fi }
  :: d_step { at[p] == AWAITING && renewalDue(p) ->
       if
       :: HAS(mine, p) -> wrote(p); mine = BIT(p); held[p] = 0; printf("MSC: process %d renews\n", p)
       :: else -> renewing[p] = false
       fi }
  /* The store is down until the lease ends, or two minutes are over. */
  :: d_step { at[p] == AWAITING && renewing[p] && outages > 0 -> outages--; renewing[p] = false }
  :: d_step { at[p] == AWAITING && held[p] >= LEASE && late[p] == IDLE -> giveUp(p) }
  :: d_step { at[p] == BROKEN_OFF ->
       second[p] = true;
       if
       :: HAS(mine, p) && timeLeft(p) >= TIMEOUT ->
          request[p] = SENT; at[p] = AWAITING; printf("MSC: process %d sends token %d again\n", p, consumed[p])
       :: else -> orRevoke(p, BACKING_OFF)
       fi }
  :: d_step { at[p] == RELEASING -> unclaim(p, false) }
  :: d_step { at[p] == BACKING_OFF -> unclaim(p, true) }
  :: d_step { (at[p] == RELEASING || at[p] == BACKING_OFF) && storeFaults > 0 -> storeFaults--; land(p) }

  /* settle: over the own lease's revision first, then over what a look at the row shows */
  :: d_step { at[p] == SETTLE_UNREAD ->
       if
       :: HAS(mine, p) -> store(p); if :: revoker[p] -> at[p] = REVOKE_CALL :: else -> land(p) fi
       :: else -> at[p] = SETTLE_READ
       fi }
  :: d_step { at[p] == SETTLE_UNREAD && storeFaults > 0 -> storeFaults--; mine = mine & ~BIT(p); at[p] = SETTLE_READ }
  :: d_step { at[p] == SETTLE_UNREAD && storeFaults > 0 && HAS(mine, p) -> storeFaults--; store(p); at[p] = SETTLE_READ }
  :: d_step { at[p] == SETTLE_READ ->
       if
       :: !nothingToStore(p) -> seen = seen | BIT(p); at[p] = SETTLE_WRITE
       :: nothingToStore(p) && revoker[p] -> at[p] = REVOKE_CALL
       :: nothingToStore(p) && !revoker[p] -> land(p)
       fi }
  :: d_step { at[p] == SETTLE_WRITE ->
       if
       :: HAS(seen, p) -> store(p); if :: revoker[p] -> at[p] = REVOKE_CALL :: else -> land(p) fi
       :: else -> at[p] = SETTLE_READ
       fi }
  :: d_step { at[p] == SETTLE_WRITE && storeFaults > 0 -> storeFaults--; at[p] = SETTLE_READ }
  :: d_step { at[p] == SETTLE_WRITE && storeFaults > 0 && HAS(seen, p) -> storeFaults--; store(p); at[p] = SETTLE_READ }

  /* reject */
  :: d_step { at[p] == REJECT_READ && !aboutThisRow(p) -> land(p) }
  :: d_step { at[p] == REJECT_READ && aboutThisRow(p) && !foreignClaim(p) && waited(p) ->
       seen = seen | BIT(p); at[p] = REJECT_WRITE }
  :: d_step { at[p] == REJECT_WRITE ->
       if
       :: HAS(seen, p) ->
          rejected = true; ambiguous = ambiguous || second[p]; holder = 0; wrote(p);
          printf("MSC: process %d marks token %d as refused\n", p, rt);
#ifdef PATIENT_REJECTION
          assert(rt <= ended || HAS(lost, rt));
#endif
          land(p)
       :: else -> at[p] = REJECT_READ
       fi }
  :: d_step { (at[p] == REJECT_READ || at[p] == REJECT_WRITE) && storeFaults > 0 -> storeFaults--; land(p) }

  /* a login; TikTok may end what earlier ones gave, or not */
  :: d_step { at[p] == IDLE && p <= started && logins > 0 -> logIn(p); alive = alive | BIT(issued) }
  :: d_step { at[p] == IDLE && p <= started && logins > 0 -> logIn(p); ended = issued - 1; alive = BIT(issued) }
  :: d_step { at[p] == SAVE_READ -> seen = seen | BIT(p); at[p] = SAVE_WRITE }
  :: d_step { at[p] == SAVE_WRITE ->
       if
       :: HAS(seen, p) ->
          printf("MSC: process %d saves the login %d over %d\n", p, next[p], rt);
          rt = next[p]; holder = 0; ambiguous = false; rejected = false; revoking = false; disconnected = false;
          wrote(p); next[p] = 0; land(p)
       :: else -> at[p] = SAVE_READ
       fi }

  /* revoke */
  :: d_step { at[p] == IDLE && p <= started && revokes > 0 ->
       revokes--; at[p] = REVOKE_READ; if :: started == p -> started++ :: else fi }
  :: d_step { at[p] == REVOKE_READ && (rt == ABSENT || rt == TOMB) -> land(p) }
  :: d_step { at[p] == REVOKE_READ && rt != ABSENT && rt != TOMB && looksOver ->
       seen = seen | BIT(p); held[p] = 0; at[p] = REVOKE_CLAIM }
  :: d_step { at[p] == REVOKE_READ && rt != ABSENT && rt != TOMB && !looksOver && !revoking ->
       seen = seen | BIT(p); at[p] = REVOKE_MARK }
  :: d_step { at[p] == REVOKE_MARK ->
       if :: HAS(seen, p) -> revoking = true; wrote(p); printf("MSC: process %d marks the row for removal\n", p) :: else fi;
       at[p] = REVOKE_READ }
  :: d_step { at[p] == REVOKE_CLAIM -> if :: HAS(seen, p) -> takeClaim(p, true) :: else -> at[p] = REVOKE_READ; held[p] = 0 fi }
  :: d_step { at[p] == REVOKE_CALL -> ended = issued; alive = 0; next[p] = 0; at[p] = BURY_READ }
  :: d_step { at[p] == REVOKE_CALL -> next[p] = 0; at[p] = BURY_READ }
  :: d_step { at[p] == BURY_READ ->
       if
       :: rt == TOMB || (rt != ABSENT && !revoking) -> land(p)
       :: else -> seen = seen | BIT(p); at[p] = BURY_WRITE
       fi }
  :: d_step { at[p] == BURY_WRITE ->
       if
       :: HAS(seen, p) ->
          assert(rt == ABSENT || revoking);
          printf("MSC: process %d leaves a tombstone\n", p);
          rt = TOMB; holder = 0; ambiguous = false; rejected = false; revoking = false; disconnected = true;
          wrote(p); land(p)
       :: else -> at[p] = BURY_READ
       fi }

  /* death: with an answer, with a request on its way, or before any */
  :: d_step { crashes > 0 && (at[p] != IDLE || late[p] != IDLE) -> crash(p) }
  :: d_step { crashes > 0 && at[p] == AWAITING && request[p] == SENT && HAS(alive, consumed[p]) ->
       lose(p, NEVER); crash(p) }
  :: d_step { crashes > 0 && late[p] == AWAITING && request[PROCS + p] == SENT && HAS(alive, consumed[PROCS + p]) ->
       lose(PROCS + p, NEVER); crash(p) }
  fi
}

/* An answer that comes when nobody waits for it any more (onLate). */
inline lateAnswer(p) {
  if
  :: d_step { late[p] == AWAITING && request[PROCS + p] == GRANTED -> request[PROCS + p] = NONE; way[PROCS + p] = 0; late[p] = SETTLE_UNREAD }
  :: d_step { late[p] == AWAITING && request[PROCS + p] > GRANTED -> landLate(p) }
  :: d_step { late[p] == SETTLE_UNREAD ->
       if :: HAS(mine, PROCS + p) -> store(PROCS + p); landLate(p) :: else -> late[p] = SETTLE_READ fi }
  :: d_step { late[p] == SETTLE_READ ->
       if
       :: nothingToStore(PROCS + p) -> landLate(p)
       :: else -> seen = seen | BIT(PROCS + p); late[p] = SETTLE_WRITE
       fi }
  :: d_step { late[p] == SETTLE_WRITE ->
       if :: HAS(seen, PROCS + p) -> store(PROCS + p); landLate(p) :: else -> late[p] = SETTLE_READ fi }
  fi
}

#define keepsTime(p) ((at[p] >= CLAIMING && at[p] <= BROKEN_OFF) || at[p] == REJECT_READ || at[p] == REJECT_WRITE || at[p] == REVOKE_CLAIM)

inline grow(p) {
  if :: keepsTime(p) && held[p] < LEASE -> held[p]++ :: else fi;
  if :: request[p] != NONE && way[p] < SLOWEST -> way[p]++ :: else fi;
  if :: request[PROCS + p] != NONE && way[PROCS + p] < SLOWEST -> way[PROCS + p]++ :: else fi
}

#if PROCS > 2
#define anybodyBusy (busy(0) || busy(1) || busy(2))
#else
#define anybodyBusy (busy(0) || busy(1))
#endif

inline time() {
  if
  :: d_step {
#ifdef FREEZES
       true ->
#else
       !anybodyBusy ->
#endif
       if :: holder != 0 && age < LEASE -> age++ :: else fi;
#ifndef FREEZES
       if :: holder != 0 && age == LEASE -> outlived = outlived | BIT(rt) :: else fi;
#endif
       grow(0); grow(1)
#if PROCS > 2
       ; grow(2)
#endif
     }
  :: d_step { expiries > 0 && expired < issued && rt != TOMB -> expiries--; expired = issued }
  :: d_step { evictions > 0 && rt != TOMB && rt != ABSENT ->
       evictions--; evicted = true; rt = ABSENT; holder = 0; ambiguous = false; rejected = false; revoking = false; seen = 0; mine = 0; age = 0 }
  fi
}

#define everythingOf(p) :: process(p) :: lateAnswer(p) :: endpoint(p) :: endpoint(PROCS + p)

#ifdef FAIRLY
/* Whoever asks is told: a token, or that a login is needed. */
#define answered (rt == TOMB || rt == ABSENT || revoking || rejected || !stale(rt))
ltl answeredInTheEnd { <> [] (answered && allRest) }

/* For what must happen in the end: each part is a process of its own, so that each gets its turn. */
proctype Process(byte p) { end: do :: process(p) od }
proctype Network(byte p) { end: do :: lateAnswer(p) :: endpoint(p) :: endpoint(PROCS + p) od }
proctype Time() { end: do :: time() od }

init {
  atomic {
    run Process(0); run Network(0); run Process(1); run Network(1);
#if PROCS > 2
    run Process(2); run Network(2);
#endif
    run Time()
  }
}
#else
/* For what must never happen: one process that takes anybody's step, which is the same and far smaller. */
active proctype World() {
  end: do
  everythingOf(0)
  everythingOf(1)
#if PROCS > 2
  everythingOf(2)
#endif
  :: time()
  od
}
#endif
