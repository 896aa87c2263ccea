/* Who may write into the sink: take-over, seal and positions of a lane, as LaneSession and InProcessWorkQueue do it.
 *
 * One target partition, R selected records, two controller processes, each with one worker for the lane. The controllers' decisions are
 * atomic here (owner.pml shows that they may be), but only the true owner's count; the other may go on believing that it is the owner (bel)
 * with the view it had (v…), and its worker goes on writing: the group of the positions has no members, so the producer epoch is the
 * only fence, and anybody who calls initTransactions owns it. Asserted: every record once and in order; positions never go back; Done only
 * when everything is there; nothing becomes visible of a run that is recorded as paused, deleted or restarted.
 *
 * Without a flag all rules hold. -DM_… drops one, and must be caught. Hazards, to be switched on: U commands by users, RESTART and
 * DELETE among them; EXPIRE, the sink forgets positions that nobody has committed for long; KEEP, see below.
 *
 * Left out, on the honest side: a lane that was superseded, and whoever keeps positions, looks at the positions before it fences (it
 * only saves time), and the first rests before that; a stop `now` that aborts (a transaction left behind is worse); at-least-once delivery, which nothing fences.
 */
#ifndef R
#define R 3
#endif
#ifndef F
#define F 2             /* faults */
#endif
#ifndef U
#define U 0             /* commands by users */
#endif
#define NONE 99
#ifdef M_NO_CLAIM       /* no claims: whoever has the epoch goes on */
#define SEEN(r) 0
#define CLAIMUP skip
#define CL 0
#else                   /* issued by the owner in its decisions; a worker that finds a higher one stops */
#define SEEN(r) cclaim[r]
#define CLAIMUP claim++
#define CL cl
#endif

mtype = { EMPTY, ONGOING, PCOMMIT, PABORT };
mtype = { RUNNING, PAUSING, PAUSED, FAILED, DONE, DELETING, DELETED, RESTARTING };
mtype = { Positioned, Completed, Failing, Stopped, Sealed };

/* --- the sink's broker; index = run: each run has its own transactional id and its own group of positions --------------------------------- */
mtype TS[3] = EMPTY; byte holder[3]; byte tfirst[3], tk[3];
bool mdata[3], moff[3], aband[3]; byte fly[3];
byte nvis[3];                                  /* records of the run visible under read_committed */
byte cpos[3] = NONE; byte cclaim[3]; byte ppos[3]; byte pclaim[3]; byte pst[3];
/* --- control topics ---------------------------------------------------------------------------------------------------------------------- */
mtype phase = RUNNING; byte run_ = 1; byte claim = 1; byte started; byte owner = 1;      /* started: the claim under which positions were recorded, 0 before */
bool quiet[3];                                  /* recorded: this run writes nothing (more) */
/* --- the two processes --------------------------------------------------------------------------------------------------------------------- */
bool bel[3]; mtype vphase[3]; byte vrun[3], vclaim[3]; byte vstarted[3];
bool todo[3], busy[3], stop[3], kill[3]; byte wrun[3], wclaim[3]; bool wseal[3];
mtype rep[3]; byte reprun[3], repclaim[3]; bool hasrep[3];
byte faults, users;
#define FAULT (faults < F)

#define FORGET(i) hasrep[i] = false; rep[i] = 0; reprun[i] = 0; repclaim[i] = 0
inline tell(i) { vphase[i] = phase; vrun[i] = run_; vclaim[i] = claim; vstarted[i] = started }

#define PREPARE_COMMIT(r) { \
  assert(tk[r] == 0 || tfirst[r] == nvis[r]);                     /* every record once, in order */ \
  assert(pst[r] != 1 || cpos[r] == NONE || ppos[r] >= cpos[r]);   /* positions never go back */ \
  assert(tk[r] == 0 || !quiet[r]);                                /* what is recorded as quiet is quiet */ \
  TS[r] = PCOMMIT; mdata[r] = true; moff[r] = (pst[r] == 1); fly[r] = 0; }
#define PREPARE_ABORT(r) { TS[r] = PABORT; mdata[r] = true; moff[r] = (pst[r] == 1); fly[r] = 0; holder[r] = 0; }

/* A worker looks for a stop before each take-over and while it waits in one, a seal as well. */
#define stopping stop[me]
inline INIT() {
  do
  :: atomic { TS[r] == ONGOING && !stopping -> PREPARE_ABORT(r) }
  :: atomic { TS[r] == EMPTY && !stopping -> holder[r] = me; fly[r] = 0; break }
  :: stopping -> goto lost
  od }
inline FETCH() {
#ifdef M_UNSTABLE
  atomic { true -> pos = cpos[r]; seen = SEEN(r) }
#else
  atomic { pst[r] == 0 -> pos = cpos[r]; seen = SEEN(r) }
#endif
}
/* one transaction: k records and the position behind them */
inline TXN(k) {
  if
  :: atomic { holder[r] == me && TS[r] == EMPTY -> TS[r] = ONGOING; aband[r] = false; tfirst[r] = pos; tk[r] = k }
  :: holder[r] != me -> goto lost
  fi;
#ifndef M_POSITIONS_OUTSIDE
  if
  :: atomic { holder[r] == me && pst[r] == 0 -> pst[r] = 1; ppos[r] = pos + k; pclaim[r] = CL }
  :: holder[r] != me -> goto lost
  fi;
#endif
  if
  :: atomic { holder[r] == me -> PREPARE_COMMIT(r) }
  :: atomic { holder[r] == me && FAULT -> faults++; PREPARE_COMMIT(r); aband[r] = true; goto unknown }
  :: atomic { holder[r] == me && FAULT -> faults++; fly[r] = me; aband[r] = true; goto unknown }
  :: holder[r] != me -> goto lost
  fi;
#ifdef M_POSITIONS_OUTSIDE
  atomic { true -> cpos[r] = pos + k; cclaim[r] = CL };
#endif
  pos = pos + k }

#define say(kind) rep[me] = kind; reprun[me] = r; repclaim[me] = CL; hasrep[me] = true
#define over busy[me] = false; stop[me] = false; wrun[me] = 0; wclaim[me] = 0

/* No record before the control topics know of the positions; a seal, which sends none, goes on. */
inline ANNOUNCE() {
  if
  :: !known ->
       atomic { !hasrep[me] -> say(Positioned) };
#ifndef M_NO_HANDSHAKE
       if :: seal -> skip :: vstarted[me] && vrun[me] == r && vclaim[me] == cl -> skip :: stopping && !seal -> goto stopped fi;
#endif
       known = cl
  :: else
  fi }

proctype Worker(byte me) {
  byte pos, r, cl, k, seen, known; bool seal;
start: { skip;
idle:
    pos = 0; cl = 0; k = 0; seen = 0; r = 0; known = 0; seal = false;
    atomic { todo[me] -> todo[me] = false; busy[me] = true; pos = 0; k = 0; seen = 0;
      r = wrun[me]; cl = wclaim[me]; known = vstarted[me]; seal = wseal[me] };
take:
#ifdef M_FETCH_FIRST
    FETCH(); INIT();
#else
    INIT(); FETCH();
#endif
    if
    :: pos == NONE ->
#ifdef M_ALWAYS_FRESH
         known = 0;
#endif
         if
         :: !known -> pos = 0; TXN(0);                      /* start positions alone, first */
            ANNOUNCE()
         :: known && seal -> goto stopped                    /* who comes after finds none either, and sends nothing */
         :: known && !seal -> atomic { !hasrep[me] -> say(Failing); over; goto idle }
         fi
    :: else ->
#ifndef M_NO_CLAIM
         if
         :: seen > cl -> goto lost                           /* somebody newer was here */
#ifndef M_ANY_CLAIM
         :: seen < known && seal -> goto stopped             /* what was recorded is gone: these are of a worker that slept through it */
         :: seen < known && !seal -> atomic { !hasrep[me] -> say(Failing); over; goto idle }
#endif
         :: else
         fi;
#endif
         ANNOUNCE();
         TXN(0)                                             /* the own claim, before any record */
    fi;
    do
    :: stop[me] || seal -> goto stopped
    :: pos < R && !stop[me] && !seal -> if :: k = 1 :: pos + 2 <= R -> k = 2 fi; TXN(k)
    :: pos < R && !stop[me] && !seal && FAULT -> atomic { !hasrep[me] -> faults++; say(Failing); over; goto idle }
    :: pos == R && !seal -> break
    od;
    atomic { !hasrep[me] -> say(Completed); over; goto idle };
unknown:
#ifdef M_UNKNOWN_ASSUME
    pos = pos + k; INIT();
    if :: pos >= R -> pos = R; atomic { !hasrep[me] -> say(Completed); over; goto idle } :: else fi;
#endif
    goto take;
stopped:
    atomic { !hasrep[me] -> if :: seal -> say(Sealed) :: else -> say(Stopped) fi; over; goto idle };
lost:
    atomic { true -> over; goto idle }                      /* tells nobody who would care; begins again while it is wanted */
  } unless { kill[me] };
  atomic { kill[me] = false; goto start }
}

#define WANT(i) (vphase[i] == RUNNING)
#ifdef M_NO_SEAL
#define SEAL(i) false
#else
#define SEAL(i) (vphase[i] == PAUSING || vphase[i] == DELETING || vphase[i] == RESTARTING)
#endif

proctype Supervisor(byte i) {                 /* level-triggered: what should run against what runs; one worker a lane */
end:
  do
  :: atomic { bel[i] && (WANT(i) || SEAL(i)) && !busy[i] && !todo[i] && !hasrep[i] && !kill[i] ->
       todo[i] = true; wrun[i] = vrun[i]; wclaim[i] = vclaim[i]; wseal[i] = SEAL(i); stop[i] = false }
  :: atomic { (busy[i] || todo[i]) && !stop[i] && (!bel[i] || (wseal[i] -> !SEAL(i) : !WANT(i)) || wrun[i] != vrun[i] || wclaim[i] != vclaim[i]) -> stop[i] = true }
  od
}

proctype Member(byte i) {                     /* learns, at some time, that it is not the owner; what it hears from its worker goes nowhere */
end:
  do
  :: atomic { bel[i] && owner != i -> bel[i] = false }
  :: atomic { hasrep[i] && owner != i && !bel[i] -> FORGET(i) }
  od
}

#ifdef M_NO_CLAIM
#define LATE false
#else
#define LATE (repclaim[owner] != claim)
#endif
#define MINE (hasrep[owner] && reprun[owner] == run_ && !LATE)

/* the true owner's decisions about what is reported */
proctype Control() {
end:
  do
  :: atomic { hasrep[owner] && bel[owner] ->
       if
       :: MINE && rep[owner] == Positioned && (phase == RUNNING || phase == PAUSING || phase == FAILED) -> started = claim
       :: MINE && rep[owner] == Completed && (phase == RUNNING || phase == PAUSING) -> phase = DONE;
            assert(nvis[run_] + (TS[run_] == PCOMMIT && mdata[run_] -> tk[run_] : 0) == R)
       :: MINE && rep[owner] == Failing && (phase == RUNNING || phase == PAUSING || phase == RESTARTING) -> phase = FAILED   /* not sealed: promises nothing */
       :: MINE && rep[owner] == Failing && phase == DELETING -> phase = DELETED       /* goes on, with a warning */
       :: MINE && rep[owner] == Sealed && phase == PAUSING -> phase = PAUSED; quiet[run_] = true
       :: MINE && rep[owner] == Sealed && phase == DELETING -> phase = DELETED; quiet[run_] = true
       :: MINE && rep[owner] == Sealed && phase == RESTARTING -> quiet[1] = true; run_ = 2; phase = RUNNING; CLAIMUP; started = 0
       :: else
       fi; FORGET(owner); tell(owner) }
#ifdef M_NO_SEAL
  :: atomic { bel[owner] && !busy[owner] && !todo[owner] && !hasrep[owner] && (phase == PAUSING || phase == DELETING || phase == RESTARTING) ->
       quiet[run_] = true;
       if
       :: phase == PAUSING -> phase = PAUSED
       :: phase == DELETING -> phase = DELETED
       :: phase == RESTARTING -> run_ = 2; phase = RUNNING; CLAIMUP; started = 0
       fi; tell(owner) }
#endif
  od
}

proctype User() {
end:
  do
  :: atomic { users < U && bel[owner] ->
       if
       :: phase == RUNNING -> phase = PAUSING; users++
       :: phase == PAUSED  -> phase = RUNNING; CLAIMUP; quiet[run_] = false; users++
       :: phase == FAILED  -> phase = RUNNING; CLAIMUP; users++                                /* Retry: the same run, taken over */
#ifdef RESTART
       :: (phase == FAILED || phase == RUNNING) && run_ == 1 -> phase = RESTARTING; CLAIMUP; users++
       :: phase == PAUSED && run_ == 1 -> run_ = 2; phase = RUNNING; CLAIMUP; started = 0; users++
#endif
#ifdef DELETE
       :: phase == RUNNING || phase == PAUSING || phase == PAUSED || phase == FAILED -> phase = DELETING; CLAIMUP; users++
#endif
       fi; tell(owner) }
  od
}

proctype Coord(byte r) {
end:
  do
  :: atomic { mdata[r] -> mdata[r] = false; if :: TS[r] == PCOMMIT -> nvis[r] = nvis[r] + tk[r] :: else fi; if :: !moff[r] -> TS[r] = EMPTY; tk[r] = 0; tfirst[r] = 0 :: else fi }
  :: atomic { moff[r] -> moff[r] = false; pst[r] = (TS[r] == PCOMMIT -> 2 : 3); if :: !mdata[r] -> TS[r] = EMPTY; tk[r] = 0; tfirst[r] = 0 :: else fi }
  :: atomic { pst[r] == 2 -> cpos[r] = ppos[r]; cclaim[r] = pclaim[r]; pst[r] = 0; ppos[r] = 0; pclaim[r] = 0 }
  :: atomic { pst[r] == 3 -> pst[r] = 0; ppos[r] = 0; pclaim[r] = 0 }
  :: atomic { fly[r] != 0 && TS[r] == ONGOING && holder[r] == fly[r] -> PREPARE_COMMIT(r) }
  :: atomic { fly[r] != 0 -> fly[r] = 0 }
  :: atomic { TS[r] == ONGOING && aband[r] && fly[r] == 0 -> PREPARE_ABORT(r) }
  :: atomic { TS[r] == ONGOING && !aband[r] && FAULT -> faults++; PREPARE_ABORT(r) }
  od
}

#define LIVE (phase != DONE && phase != DELETED)
proctype Env() {
  byte i;
end:
  do
  :: atomic { FAULT -> faults++;
       if
       :: owner = 3 - owner; bel[owner] = true;                                       /* the partition moves; the old owner does not know */
          if :: LIVE -> CLAIMUP :: else fi; tell(owner)
       :: if :: i = 1 :: i = 2 fi;                                                     /* a process is killed and starts anew */
          !kill[i] -> kill[i] = true; busy[i] = false; todo[i] = false; stop[i] = false; FORGET(i); wrun[i] = 0; wclaim[i] = 0; wseal[i] = false;
          if :: holder[1] == i && TS[1] == ONGOING -> aband[1] = true :: else fi;
          if :: holder[2] == i && TS[2] == ONGOING -> aband[2] = true :: else fi;
          bel[i] = (owner == i);
          if :: owner == i && LIVE -> CLAIMUP :: else fi; tell(i)
#ifdef EXPIRE
       :: !busy[1] && !busy[2] && pst[run_] == 0 && TS[run_] == EMPTY -> cpos[run_] = NONE     /* nobody committed for offsets.retention.minutes */
#endif
       fi; i = 0 }
  :: faults >= F -> break
  od
}

/* Positions of a run that is paused, failed or not yet verified have to be committed again, or brokers drop them. By whom, how? A lane at
 * work does it in transactions of its own; for the others only the lane's own id will do, by all steps of a take-over (KEEP=3). */
#ifdef KEEP
#define KEPT(i) (vphase[i] == PAUSED || vphase[i] == FAILED || vphase[i] == DONE)
proctype Keeper(byte i) {
  byte me, r, pos, seen, cl, k; bool seal;
  me = 2 + i; r = 1;
end:
  do
  :: atomic { FAULT && bel[i] && KEPT(i) && vrun[i] == 1 -> faults++; cl = vclaim[i]; k = 0; pos = 0; seen = 0 };
#if KEEP == 1           /* a plain OffsetCommit */
     atomic { pst[r] == 0 -> pos = cpos[r]; seen = SEEN(r) };
     atomic { pst[r] == 0 && pos != NONE -> assert(pos >= cpos[r]); cpos[r] = pos; cclaim[r] = seen }
#elif KEEP == 2         /* a transaction under an id of its own: fences nobody, is fenced by nobody */
     atomic { pst[r] == 0 -> pos = cpos[r]; seen = SEEN(r) };
     atomic { pst[r] == 0 && pos != NONE -> pst[r] = 4 };
     atomic { assert(pos >= cpos[r]); cpos[r] = pos; cclaim[r] = seen; pst[r] = 0 }
#else                   /* the lane's own id, by the steps of a take-over */
     do
     :: atomic { TS[r] == ONGOING -> PREPARE_ABORT(r) }
     :: atomic { TS[r] == EMPTY -> holder[r] = me; fly[r] = 0; break }
     od;
     atomic { pst[r] == 0 -> pos = cpos[r]; seen = SEEN(r) };
     if :: pos == NONE || seen > cl -> skip
     :: else -> TXN(0)
     fi;
unknown: lost: skip;
#endif
     pos = 0; seen = 0; cl = 0; k = 0
  :: faults >= F -> break
  od
}
#endif

init { atomic {
  bel[1] = true; tell(1); vphase[2] = DONE;
  run Coord(1); run Control(); run Env(); run Worker(1); run Worker(2); run Supervisor(1); run Supervisor(2);
  run Member(1); run Member(2);
#if U > 0
  run User();
#endif
#ifdef RESTART
  run Coord(2);
#endif
#ifdef KEEP
  run Keeper(1);
#ifndef ONE_KEEPER
  run Keeper(2);
#endif
#endif
} }

#ifdef LTL
#ifdef LTL_PAUSE
ltl live { [] (phase == PAUSING -> <> (phase != PAUSING)) }
#else
ltl live { <> (phase == DONE || phase == FAILED) }
#endif
#endif
