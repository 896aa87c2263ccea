/* What lanes report against what users and owners decided meanwhile, as ControlState.decide(fact) takes it.
 *
 * Work is started for an incarnation (uid), a run and a claim; its facts go into a bag and may arrive at any later time, in any order,
 * once or twice, at whichever owner there is then. A worker that is started takes the lane over from all earlier ones. Ghost: gen, the number of
 * starts so far, is what a fact is really about. Asserted: a fact about an older start never changes the state of a newer one, and
 * nothing completes before everything is committed.
 *
 * Without a flag all rules hold: uid, run and claim must be those in force, claims are issued by the owner in the recorded decision that
 * starts, resumes, retries, restarts or takes over, and the worker of a seal reports under the claim that the seal was decided with.
 *  M_RUN_ONLY     facts are matched by uid and run
 *  M_LANE_CLAIM   claims are raised by the lane at its take-over (found + 1); the control plane drops facts below the highest it has heard of;
 *                 Retry and Resume ask for more than that
 *  M_NO_UID       facts are matched by name, run and claim: of a deleted Restore, at one of the same name
 * A take-over of many runs is several transactions. The first records the owner; a run whose turn has not come yet (`left`) keeps its claim, its
 * facts and commands wait, and a worker that the old owner has may go on. Whatever transaction is the last one, the next owner takes over what is left.
 *
 *  M_UNRECORDED   a claim is computed from the fold and used before a transaction has recorded it
 */
#ifndef K
#define K 4              /* starts in all */
#endif
mtype = { RUNNING, PAUSING, PAUSED, FAILED, DONE };
mtype = { Completed, Failing, Sealed };
mtype phase = RUNNING; byte uid = 1, run_ = 1, claim = 1, gen = 1;      /* control topics; gen is a ghost */
byte heard = 0, sink = 0;                                       /* M_LANE_CLAIM: highest claim heard of; claim in the positions */
byte wgen = 0, wuid, wrun, wclaim; bool wseal;                 /* the worker that holds the lane; 0: none */
bool left;                                                      /* by an owner whose take-over has not come to this run yet */
bool sealedOnce;                                                /* of this start */
bool alldone[4];                                                /* the sink's truth: run r of incarnation u, at 2u + r - 2, is wholly committed */
bool f_used[2]; mtype f_kind[2]; byte f_uid[2], f_run[2], f_claim[2], f_gen[2];   /* facts on their way */
#define PLACE(u, r) alldone[2 * (u - 1) + r - 1]

inline put(i, kd) { f_used[i] = true; f_kind[i] = kd; f_uid[i] = wuid; f_run[i] = wrun; f_claim[i] = wclaim; f_gen[i] = wgen }
inline send(kd) { if
  :: !f_used[0] -> put(0, kd)
  :: !f_used[1] -> put(1, kd)
  :: true       /* lost with its process */
  fi }
inline drop(i) { f_used[i] = false; f_kind[i] = 0; f_uid[i] = 0; f_run[i] = 0; f_claim[i] = 0; f_gen[i] = 0 }

proctype Lane() {                            /* starts whenever work is wanted and none is there; dies at any time */
end: do
  :: atomic { phase == RUNNING && wgen != gen && sink < 6 -> wgen = gen; wuid = uid; wrun = run_; wseal = false;
#ifdef M_LANE_CLAIM
       sink++; wclaim = sink
#else
       wclaim = claim
#endif
     }
  :: atomic { phase == PAUSING && wgen == 0 && !sealedOnce -> sealedOnce = true; wgen = gen; wuid = uid; wrun = run_; wclaim = claim; wseal = true }
  :: atomic { wgen != 0 && !wseal && !PLACE(wuid, wrun) -> PLACE(wuid, wrun) = true }
  :: atomic { wgen != 0 && PLACE(wuid, wrun) && !wseal -> send(Completed); wgen = 0 }
  :: atomic { wgen != 0 && !PLACE(wuid, wrun) -> send(Failing); wgen = 0 }
  :: atomic { wgen != 0 && !wseal && phase != RUNNING -> wgen = 0 }
  :: atomic { wgen != 0 && wseal -> send(Sealed); wgen = 0 }
  od }

#ifdef M_NO_UID
#define SAME(i) (f_run[i] == run_)
#else
#define SAME(i) (f_uid[i] == uid && f_run[i] == run_)
#endif
#if defined(M_RUN_ONLY)
#define KNOWN(i) SAME(i)
#elif defined(M_LANE_CLAIM)
#define KNOWN(i) (SAME(i) && f_claim[i] >= heard)
#else
#define KNOWN(i) (SAME(i) && f_claim[i] == claim)
#endif

inline arrive(i) {
  if
  :: KNOWN(i) ->
#ifdef M_LANE_CLAIM
       heard = f_claim[i];
#endif
       if
       :: f_kind[i] == Failing && (phase == RUNNING || phase == PAUSING) -> assert(f_gen[i] == gen); phase = FAILED
       :: f_kind[i] == Completed && (phase == RUNNING || phase == PAUSING) -> assert(f_gen[i] == gen); assert(PLACE(uid, run_)); phase = DONE
       :: f_kind[i] == Sealed && phase == PAUSING -> assert(f_gen[i] == gen); phase = PAUSED
       :: else
       fi
  :: else           /* counted and dropped */
  fi;
  if :: drop(i) :: true fi    /* a report may arrive twice */
}

#define NEXT gen < K -> sealedOnce = false; gen++
proctype Owner() {
end: do
  :: atomic { !left && f_used[0] -> arrive(0) }
  :: atomic { !left && f_used[1] -> arrive(1) }
  :: atomic { f_used[0] -> drop(0) }
  :: atomic { f_used[1] -> drop(1) }
  :: atomic { !left && phase == RUNNING -> phase = PAUSING }
  :: atomic { !left && phase == PAUSED && NEXT; phase = RUNNING; claim++; heard++ }                     /* Resume */
  :: atomic { !left && phase == FAILED && NEXT; phase = RUNNING; claim++; heard++ }                     /* Retry */
  :: atomic { !left && (phase == FAILED || phase == DONE) && run_ == 1 && NEXT; run_ = 2; phase = RUNNING; claim++; heard = 0; sink = 0 }   /* Restart */
  :: atomic { !left && (phase == FAILED || phase == DONE) && uid == 1 && NEXT; uid = 2; run_ = 1; phase = RUNNING; claim = 1; heard = 0; sink = 0 }   /* Delete, and the name again */
  :: atomic { !left && phase != DONE -> left = true }                                                   /* the owner changes; often, before it comes to this run */
  :: atomic { left && NEXT; left = false;                                                               /* it does: the lanes start anew */
#ifndef M_UNRECORDED
       claim++
#endif
     }
  od }

init { atomic { run Lane(); run Owner() } }
