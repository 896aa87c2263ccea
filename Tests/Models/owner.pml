/* Who may decide: ownership of the control topics, as Membership, KafkaLog, KafkaTerm and OwnerLoop do it.
 *
 * N controllers, one group whose only partition is that of `commands`, one transactional id. Any step of any process may be followed by
 * any step of any other: a pause of a process is merely not being scheduled. Asserted: the k-th decision is of the k-th command, taken by
 * somebody who knew the k decisions before it. To be shown besides (LTL): every command is decided.
 *
 * Without a flag all rules hold. -DM_… drops one, and must be caught; HIDE, OFFLOST and BLIND make the world nastier, and must not matter.
 *
 * What is left out, always on the honest side:
 *  - A producer epoch only has to be compared with the newest: `holder` says whose handle has it. Each initTransactions is a new handle; what
 *    older handles still have in the network is refused (fly := 0).
 *  - Generation and member id are likewise one bit a controller: meta[c], "what c captured is still current".
 *  - `events`, `specs` and `status` are one log of decisions, of which only the length matters.
 *  - A transaction holds one decision. The code puts many into one, and its owner's epoch into the first of a term: reports.pml.
 *  - EndTxn is answered at PrepareCommit, as Kafka does; markers of data and of offsets follow in any order; the group coordinator
 *    shows the offset some time after its marker: pst 2 and 3.
 *  - A coordinator's failover loses requests and answers, never state: covered by lost answers and transactions left behind.
 *  - The topics are never wrong. With CHECK a controller compares the position with what it folded, as Opening does; a difference may only mean
 *    that somebody else has decided meanwhile, so it must never come to the verdict.
 */
#ifndef N
#define N 2             /* controllers */
#endif
#ifndef C
#define C 2             /* commands */
#endif
#ifndef F
#define F 3             /* faults: evictions of live members, crashes, lost answers, time-outs of live transactions, hidden tails */
#endif
#define NONE 99
#define FROM_FOLD 98

/* --- the broker ------------------------------------------------------------------------------------------------------------------- */
mtype = { EMPTY, ONGOING, PCOMMIT, PABORT };
mtype TS = EMPTY;       /* transaction coordinator: state of the one transactional id */
byte holder;            /* whose handle has the newest epoch; 0: nobody's */
byte tcmd, tbase;       /* the open transaction: command decided, number of decisions in the state that decided it */
bool mdata, moff;       /* markers still to be written */
bool aband;             /* the open transaction's handle is gone */
byte fly;               /* an EndTxn(commit) still in the network: its sender, 0 none */
byte nlog;              /* committed decisions */
byte hid = NONE;        /* what comes from here on is not shown to readers: a foreign transaction is open */
byte coff;              /* committed offset; NONE: expired */
byte poff; byte pst;    /* pending offset: 0 none, 1 in an open transaction, 2 commit marker written, 3 abort marker written; not yet applied */
byte assignee;          /* group coordinator */
bool member[N+1]; bool meta[N+1];
/* --- the controllers -------------------------------------------------------------------------------------------------------------- */
bool asg[N+1];          /* believes itself assigned */
bool conf[N+1];         /* the group has answered since the last failure */
bool kill[N+1]; bool dead[N+1];
byte faults, deaths;

#define FAULT (faults < F)
#define VISIBLE (hid < nlog -> hid : nlog)

inline bump() { d_step { meta[1] = false; meta[2] = false;
#if N > 2
  meta[3] = false;
#endif
} }

#define PREPARE_COMMIT { assert(tcmd == nlog); assert(tbase == nlog); \
  TS = PCOMMIT; mdata = true; moff = (pst == 1); fly = 0; }
#define PREPARE_ABORT  { TS = PABORT; mdata = true; moff = (pst == 1); fly = 0; holder = 0; }

/* initTransactions returns when nothing of the id is open or half finished any more. A short time-out, and before every further try the group is
 * asked: else two of them starve one another. */
#if defined(M_INIT_DEAF)
#define STILL true
#elif defined(M_UNASKED)
#define STILL asg[me]
#else
#define STILL (asg[me] && conf[me])
#endif
inline INIT() {
  do
  :: atomic { TS == ONGOING && STILL -> PREPARE_ABORT; conf[me] = false }
  :: atomic { TS == EMPTY && STILL -> holder = me; fly = 0; break }
#ifndef M_INIT_DEAF
  :: !asg[me] -> goto idle
#endif
  od }

inline FETCH() {
#ifdef M_UNSTABLE
  atomic { true -> pos = coff }
#else
  atomic { pst == 0 -> pos = coff }     /* stable offsets only: else the broker says UNSTABLE_OFFSET_COMMIT, and it is asked again */
#endif
#ifdef OFFLOST
  if
  :: pos == NONE ->
#ifdef M_RESET
       pos = 0                          /* auto.offset.reset=earliest */
#else
       pos = FROM_FOLD                  /* after the last command that the events cite */
#endif
  :: else
  fi
#endif
}

inline FOLD() {
#ifdef M_EOF
  atomic { true -> st = VISIBLE }       /* a read-committed reader's end of partition is the last stable offset */
#else
  atomic { VISIBLE == nlog -> st = nlog }   /* up to the end that a read-uncommitted query answers after INIT, or not at all */
#endif
}

/* A transaction that holds nothing: whoever ends it had the newest epoch until then, so that nobody else has written since INIT. */
inline PROVE() {
  if
  :: atomic { holder == me && TS == EMPTY -> TS = ONGOING; aband = false; tcmd = NONE }
  :: holder != me -> goto fenced
  fi;
  if
  :: atomic { holder == me && TS == ONGOING -> TS = EMPTY }
  :: atomic { holder == me && FAULT -> faults++; aband = true; goto fenced }      /* no answer */
  :: holder != me -> goto fenced
  fi
}

proctype Ctl(byte me) {
  byte pos, st;
start:
  { skip;
idle:
    pos = 0; st = 0;
    asg[me];
take:
    if :: !asg[me] -> goto idle :: else fi;
#if defined(M_FETCH_FIRST)
    FETCH(); INIT(); FOLD();
#elif defined(M_FOLD_FIRST)
    FOLD(); INIT(); FETCH();
#elif defined(M_FOLD_FETCH_FIRST)
    FOLD(); FETCH(); INIT();
#elif defined(M_NO_INIT_ON_RECLAIM)
    if :: holder != me -> INIT() :: else fi; FETCH(); FOLD();
#elif defined(FOLD_BEFORE_FETCH)
    INIT(); FOLD(); FETCH();
#else
    INIT(); FETCH(); FOLD();
#endif
#if defined(OFFLOST) && !defined(M_RESET)
    if :: pos == FROM_FOLD -> pos = st :: else fi;
#endif
#ifdef CHECK
    if
    :: pos == st -> skip
    :: pos != st ->
#ifndef M_UNPROVED
       PROVE();
#endif
       assert(false)                            /* "the topics are wrong": halts for good */
    fi;
#endif
decide:
    do
    :: !asg[me] -> goto idle
    :: pos < C && asg[me] -> break
    od;
txn:
    if                                          /* begin and produce */
    :: atomic { holder == me && TS == EMPTY -> TS = ONGOING; aband = false; tcmd = pos; tbase = st }
    :: holder != me -> goto fenced
    fi;
    if                                          /* sendOffsets: epoch first (AddOffsetsToTxn), then the group */
#ifdef NO_GROUP
    :: atomic { holder == me && pst == 0 -> poff = pos + 1; pst = 1 }
#elif defined(M_OFFSET_OUTSIDE)
    :: holder == me -> skip
#else
    :: atomic { holder == me && meta[me] && pst == 0 -> poff = pos + 1; pst = 1 }
    :: atomic { holder == me && !meta[me] -> goto illegal }
#endif
    :: holder != me -> goto fenced
    fi;
    if                                          /* EndTxn */
    :: atomic { holder == me -> PREPARE_COMMIT }; st++; pos++;
#ifdef M_OFFSET_OUTSIDE
       coff = pos;
#endif
       goto decide
    :: atomic { holder == me && FAULT -> faults++; PREPARE_COMMIT; aband = true; goto unknown }   /* committed, the answer is lost */
    :: atomic { holder == me && FAULT -> faults++; fly = me; aband = true; goto unknown }        /* in the network: arrives later or never */
    :: holder != me -> goto fenced
    fi;
unknown:
#if defined(M_UNKNOWN_AGAIN)
    INIT(); goto txn;                           /* new handle, the same transaction once more */
#elif defined(M_UNKNOWN_ASSUME)
    st++; pos++; INIT(); goto decide;           /* "it will have been committed" */
#else
    goto fenced;
#endif
illegal:                                        /* a rebalance met the commit; perhaps it leaves us the partition */
#ifndef M_VOID_AT_ONCE
    if                                          /* abort by our own handle: who is still refused nothing but the offsets holds the epoch */
    :: atomic { holder == me && TS == ONGOING -> TS = PABORT; mdata = true; moff = (pst == 1) }
    :: holder != me || TS != ONGOING -> goto void
    fi;
    if                                          /* then, in the new generation, the same decision once more */
    :: asg[me] && meta[me] -> goto txn
    :: !asg[me] -> goto idle
    :: true -> goto void                        /* patience has ended */
    fi;
#endif
void:
    aband = true;
#if !defined(M_UNASKED) || defined(VOID)
    asg[me] = false; goto idle;                 /* that assignment is void until the group tells of another */
#endif
fenced:
#ifndef M_UNASKED
    conf[me] = false; conf[me] || !asg[me];     /* the group is asked first */
#endif
#ifdef M_KEEP_STATE
    if :: !asg[me] -> goto idle :: else fi; INIT(); goto decide;   /* take the id back, keep the state */
#endif
    goto take
  } unless { kill[me] || dead[me] };
  if
  :: dead[me] -> goto gone
  :: else -> kill[me] = false; goto start
  fi;
gone: skip
}

/* What the client's own thread does for a controller: heartbeats, joins, callbacks. With BLIND a lost assignment shows only to who asks. */
proctype Hb(byte c) {
end:
  do
  :: dead[c] -> break
#ifdef BLIND
  :: atomic { !dead[c] && asg[c] && assignee != c && !conf[c] -> asg[c] = false; conf[c] = true }
#else
  :: atomic { !dead[c] && asg[c] && assignee != c -> asg[c] = false; conf[c] = true }
#endif
  :: atomic { !dead[c] && !member[c] && !asg[c] -> member[c] = true; bump() }                            /* (re)join: new generation */
  :: atomic { !dead[c] && !asg[c] && member[c] && assignee == c -> asg[c] = true; meta[c] = true; conf[c] = true }   /* assigned; also a restarted static member */
#ifndef M_CAPTURED_ONCE
  :: atomic { !dead[c] && asg[c] && assignee == c && member[c] && !meta[c] -> meta[c] = true; conf[c] = true }   /* same owner, new generation: captured again */
#endif
  :: atomic { !dead[c] && asg[c] && assignee == c && member[c] && meta[c] && !conf[c] -> conf[c] = true }   /* the group has answered */
  od
}

proctype TxnCoord() {
end:
  do
  :: atomic { mdata -> mdata = false; if :: TS == PCOMMIT -> nlog++ :: else fi;
       if :: !moff -> TS = EMPTY :: else fi }
  :: atomic { moff -> moff = false; pst = (TS == PCOMMIT -> 2 : 3);
       if :: !mdata -> TS = EMPTY :: else fi }
  :: atomic { fly != 0 && TS == ONGOING && holder == fly -> PREPARE_COMMIT }      /* the delayed EndTxn arrives */
  :: atomic { fly != 0 -> fly = 0 }                                                /* or never */
  :: atomic { TS == ONGOING && aband && fly == 0 -> PREPARE_ABORT }                /* transaction.timeout.ms */
  :: atomic { TS == ONGOING && !aband && FAULT -> faults++; PREPARE_ABORT }        /* the same, of a live but slow owner */
  od
}

proctype GroupCoord() {
end:
  do
  :: atomic { pst == 2 -> coff = poff; pst = 0; poff = 0 }
  :: atomic { pst == 3 -> pst = 0; poff = 0 }
  :: atomic { assignee == 0 && member[1] -> assignee = 1; bump() }
  :: atomic { assignee == 0 && member[2] -> assignee = 2; bump() }
#if N > 2
  :: atomic { assignee == 0 && member[3] -> assignee = 3; bump() }
#endif
  :: atomic { dead[1] && member[1] -> member[1] = false; if :: assignee == 1 -> assignee = 0 :: else fi; bump() }
  :: atomic { dead[2] && member[2] -> member[2] = false; if :: assignee == 2 -> assignee = 0 :: else fi; bump() }
  od
}

proctype Log() {
end:
  do
  :: hid != NONE -> hid = NONE
  od
}

proctype Env() {
  byte c;
end:
  do
  :: atomic { FAULT -> if :: c = 1 :: c = 2
#if N > 2
       :: c = 3
#endif
       fi; faults++;
     if
     :: member[c] -> member[c] = false; if :: assignee == c -> assignee = 0 :: else fi; bump()   /* a live member's session times out */
     :: !dead[c] && !kill[c] -> kill[c] = true; asg[c] = false; if :: TS == ONGOING && holder == c -> aband = true :: else fi   /* crash, comes back */
     :: !dead[c] && deaths == 0 && c <= 2 -> deaths++; dead[c] = true; asg[c] = false; if :: TS == ONGOING && holder == c -> aband = true :: else fi   /* dies for good */
#ifdef HIDE
     :: hid == NONE -> hid = (nlog > 0 -> nlog - 1 : 0)
     :: hid == NONE -> hid = nlog
#endif
#ifdef OFFLOST
     :: !member[1] && !member[2] && pst == 0 -> coff = NONE                         /* offsets.retention.minutes without members */
#endif
     :: else -> skip
     fi; c = 0 }
  :: faults >= F -> break
  od
}

init { atomic {
  run TxnCoord(); run GroupCoord(); run Env();
#ifdef HIDE
  run Log();
#endif
  run Ctl(1); run Ctl(2); run Hb(1); run Hb(2);
#if N > 2
  run Ctl(3); run Hb(3);
#endif
} }

#ifdef LTL
ltl live { <> (nlog == C) }
#endif
