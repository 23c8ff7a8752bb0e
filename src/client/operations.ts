/** Generated from the OpenAPI document by `npm run client`; a test holds the two together. Not edited, and of any length: it is one document. */

/** A network in rows. Long lists may come in columns instead, see docs/model.md. */
export type Model = {
  /** Version of this format. */
  version: 1;
  /** Label. */
  name?: string;
  /** Own AS number. */
  asn?: number;
  /** Unit of traffic and capacity, such as Mbit/s: a label. */
  unit?: string;
  /** Free; carried, never read. */
  metadata?: Record<string, unknown>;
  /** Routers where something is attached. */
  routers: {
    /** Unique among routers and interfaces. */
    id: string;
    /** Most traffic that may enter here, in `unit`; unlimited where left out. */
    ingressCapacity?: number;
    /** Most traffic that may leave here, in `unit`; unlimited where left out. */
    egressCapacity?: number;
    /** Added to the distance of every unit of traffic that leaves here. Default 0. */
    price?: number;
    /** Loopback address. IPv4 or IPv6, without zone. */
    address?: string;
    /** BGP identifier, which breaks ties; `address` where left out. IPv4 or IPv6, without zone. */
    routerId?: string;
    /** Router OS that policies are rendered for. */
    format?: 'frr' | 'bird' | 'gobgp' | 'junos' | 'iosxr';
  }[];
  interfaces?: {
    /** Unique among routers and interfaces. */
    id: string;
    /** Router that it belongs to. */
    router: string;
    /** Most traffic that may enter here, in `unit`; unlimited where left out. */
    ingressCapacity?: number;
    /** Most traffic that may leave here, in `unit`; unlimited where left out. */
    egressCapacity?: number;
    /** Added to the distance of every unit of traffic that leaves here. Default 0. */
    price?: number;
  }[];
  /** Instead of `links`. */
  distances?: {
    /** Router. */
    from: string;
    /** Router. */
    to: string;
    /** IGP metric; 0 from a router to itself. */
    distance: number;
    /** Holds in this direction only. Default false: in both. */
    directed?: boolean;
  }[];
  /** Instead of `distances`, which follow from them. */
  links?: {
    /** Router, listed or not. */
    from: string;
    /** Router, listed or not. */
    to: string;
    /** IGP metric; 0 from a router to itself. */
    distance: number;
    /** Holds in this direction only. Default false: in both. */
    directed?: boolean;
  }[];
  neighbors: {
    /** Unique among neighbors. */
    id: string;
    /** AS number. */
    asn?: number;
    /** What the neighbor is to us. */
    relation?: 'customer' | 'peer' | 'provider';
    /** Points where it may hand traffic in. */
    ingress: string[];
  }[];
  prefixes: {
    /** Unique among prefixes; the canonical text of `prefix` where left out. */
    id?: string;
    /** IPv4 or IPv6 prefix without host bits, unique; prefixes may nest. */
    prefix: string;
    /** Points where the prefix may leave; left out or empty: those where it is advertised. */
    egress?: (
      | string
      | {
          /** Point. */
          at: string;
          /** Added to the distance of every unit of this prefix that leaves here. Default 0. */
          penalty?: number;
        }
    )[];
  }[];
  advertisements?: {
    /** Prefix, by id or by text. */
    prefix: string;
    /** Point where it was received. */
    at: string;
    /** AS number of the peer; 0 or left out: unknown. */
    peerAsn?: number;
    /** Address of the peer. IPv4 or IPv6, without zone. */
    peerAddress?: string;
    /** BGP identifier of the peer. IPv4 or IPv6, without zone. */
    peerRouterId?: string;
    /** Next hop. IPv4 or IPv6, without zone. */
    nextHop?: string;
    /** AS path, nearest AS first. */
    asPath?: number[];
    /** Origin. Default igp. */
    origin?: 'igp' | 'egp' | 'incomplete';
    /** Multi-exit discriminator. */
    med?: number;
    /** Local preference. */
    localPref?: number;
    /** Communities, a set. */
    communities?: string[];
  }[];
  traffic: {
    /** Neighbor. */
    neighbor: string;
    /** Prefix, by id or by text. */
    prefix: string;
    /** Traffic, in `unit`. */
    volume: number;
  }[];
  sessions?: {
    /** Point. */
    at: string;
    /** AS number of the peer. */
    peerAsn: number;
    /** Address of the peer. IPv4 or IPv6, without zone. */
    peerAddress?: string;
    /** Neighbor that is at the other end. */
    neighbor?: string;
    /** What the peer is to us; that of `neighbor` where left out. */
    relation?: 'customer' | 'peer' | 'provider';
  }[];
  current?: {
    /** Neighbor. */
    neighbor: string;
    /** Prefix, by id or by text. */
    prefix: string;
    /** Point. */
    ingress: string;
    /** Point. */
    egress: string;
  }[];
};

export type Plan = {
  status: 'optimal' | 'feasible' | 'overloaded';
  stopped: 'done' | 'gap' | 'time' | 'iterations' | 'cancelled' | 'failed';
  variant: 'ses' | 'mes';
  method: string;
  unit: string;
  /** Σ volume × (distance + price + penalty). */
  cost: number;
  /** Cost + change cost. */
  objective: number;
  lowerBound: number | null;
  gap: number | null;
  overload: {
    /** Σ of load above threshold × capacity. */
    total: number;
    leastPossible: number | null;
    points: {
      point: string;
      side: 'ingress' | 'egress';
      /** Load above threshold × capacity. */
      amount: number;
      /** Capacity that the side lacks for this plan to fit. */
      moreCapacity: number;
    }[];
  };
  assignments: {
    neighbor: string;
    prefix: string;
    /** Point where the traffic of the pair enters. */
    ingress: string;
    /** Point where it leaves. */
    egress: string;
  }[];
  points: {
    id: string;
    ingress: {
      /** In the unit of the model. */
      load: number;
      capacity: number | null;
      utilization: number | null;
      /** Fall of the bound on the cost per unit of capacity added. */
      shadowPrice: number;
    };
    egress: {
      /** In the unit of the model. */
      load: number;
      capacity: number | null;
      utilization: number | null;
      /** Fall of the bound on the cost per unit of capacity added. */
      shadowPrice: number;
    };
  }[];
  /** Pairs with a current choice that the plan moves. */
  changes: {
    neighbor: string;
    prefix: string;
    from: {
      ingress: string;
      egress: string;
    };
    to: {
      ingress: string;
      egress: string;
    };
    /** Its current choice is no longer allowed: maxChanges and changeCost do not count it. */
    forced?: true;
  }[];
  phases: {
    phase: string;
    iterations: number;
    objective: number | null;
    overload: number;
  }[];
  seed: number;
  threshold: number;
  changeCost: number;
  maxChanges: number | null;
  /** SHA-256 of the model that the plan is for. */
  modelHash: string;
};

/** A problem document (RFC 9457). */
export type Problem = {
  /** A name of the kind of problem, /problems/ and its code; nothing is served there. */
  type: string;
  /** The same for every problem of this type. */
  title: string;
  /** The HTTP status. */
  status: number;
  /** What is wrong in this request. */
  detail: string;
  code:
    | 'BODY_MALFORMED'
    | 'BODY_TOO_LARGE'
    | 'MEDIA_TYPE_UNSUPPORTED'
    | 'REQUEST_INVALID'
    | 'MODEL_INVALID'
    | 'OPTIONS_INVALID'
    | 'GAP_INVALID'
    | 'FILE_UNREADABLE'
    | 'FORMAT_INVALID'
    | 'USAGE'
    | 'NO_ENFORCEABLE_EGRESS'
    | 'PLAN_INVALID'
    | 'POLICY_INVALID'
    | 'STEPS_TOO_LARGE'
    | 'EXACT_TOO_LARGE'
    | 'UNAUTHENTICATED'
    | 'FORBIDDEN'
    | 'ROUTE_NOT_FOUND'
    | 'PLAN_NOT_FOUND'
    | 'JOB_NOT_FOUND'
    | 'METHOD_NOT_ALLOWED'
    | 'NOT_ACCEPTABLE'
    | 'REQUEST_TIMEOUT'
    | 'EXPECTATION_FAILED'
    | 'RATE_LIMITED'
    | 'MEMORY_LIMITED'
    | 'IDEMPOTENCY_KEY_REUSED'
    | 'HEADERS_TOO_LARGE'
    | 'SERVICE_BUSY'
    | 'SERVICE_UNAVAILABLE'
    | 'STORAGE_UNAVAILABLE'
    | 'STOPPED_WITHOUT_PLAN'
    | 'DEADLINE_PASSED'
    | 'INTERRUPTED'
    | 'SOLVER_FAILED'
    | 'CHECK_FAILED'
    | 'WORKER_DIED'
    | 'ATTEMPTS_EXHAUSTED'
    | 'JOB_DATA_LOST'
    | 'INTERNAL';
  /** The faults, the first 1,000 of them. */
  errors: {
    /** JSON pointer into the body. */
    pointer: string;
    message: string;
  }[];
  /** How many faults there are, listed or not. */
  errorCount: number;
};

export type Job = {
  id: string;
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  /** Higher goes first. */
  priority: number;
  deadline: string | null;
  /** When it was accepted. */
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  /** How often it was started: again after the process has died. */
  attempt: number;
  cancelRequested: boolean;
  place: number | null;
  progress: {
    phase: string;
    incumbent: number | null;
    bound: number | null;
    gap: number | null;
  } | null;
  summary: {
    status: 'optimal' | 'feasible' | 'overloaded';
    stopped: 'done' | 'gap' | 'time' | 'iterations' | 'cancelled' | 'failed';
    /** Σ volume × (distance + price + penalty). */
    cost: number;
    /** Cost + change cost. */
    objective: number;
    lowerBound: number | null;
    gap: number | null;
    /** Σ of load above threshold × capacity. */
    overload: number;
    /** Pairs that the plan moves away from a current choice which is still allowed. */
    changes: number;
  } | null;
  problem: Problem | null;
};

export type Batch = {
  id: string;
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  /** Higher goes first. */
  priority: number;
  deadline: string | null;
  /** When it was accepted. */
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  cancelRequested: boolean;
  problem: Problem | null;
  /** How many are in each state; the total is null before the list has been read. */
  items: {
    total: number | null;
    queued: number;
    running: number;
    done: number;
    failed: number;
    cancelled: number;
  };
};

export type BatchItem = {
  /** The order in which items ended; for `after`. */
  sequence: number;
  /** Its place in the list of variations. */
  item: number;
  /** Of the variation. */
  id: string;
  /** Where its plan is: /v1/jobs/{job}/plan. */
  job: string;
  state: 'done' | 'failed' | 'cancelled';
  summary: {
    status: 'optimal' | 'feasible' | 'overloaded';
    stopped: 'done' | 'gap' | 'time' | 'iterations' | 'cancelled' | 'failed';
    /** Σ volume × (distance + price + penalty). */
    cost: number;
    /** Cost + change cost. */
    objective: number;
    lowerBound: number | null;
    gap: number | null;
    /** Σ of load above threshold × capacity. */
    overload: number;
    /** Pairs that the plan moves away from a current choice which is still allowed. */
    changes: number;
  } | null;
  problem: Problem | null;
};

/** What each operation takes and gives. */
export interface Operations {
  /** Chooses ingress and egress of all traffic of a model. */
  'POST /v1/solve': {
    query?: { priority?: number; deadline?: string };
    header?: { prefer?: string; 'idempotency-key'?: string };
    body: {
      /** A network in rows. Long lists may come in columns instead, see docs/model.md. */
      model: Model;
      options?: {
        /** Single or multiple egress selection. */
        variant?: 'ses' | 'mes';
        /** How the plan is computed. */
        method?: 'auto' | 'alternating' | 'joint' | 'exact' | 'biggest-first' | 'hot-potato';
        /** Wall-clock limit of the solve, ms. */
        timeLimitMs?: number;
        /** Stop at this relative gap. */
        gapTarget?: number;
        /** Iterations of the alternation (the patent's ctr). */
        iterations?: number;
        /** Seed of every random choice. */
        seed?: number;
        /** Usable share of every capacity. */
        threshold?: number;
        /** Cost per unit of volume moved away from the current choice. */
        changeCost?: number;
        /** Most (neighbor, prefix) pairs that may leave their current choice where it is still allowed; no limit if left out. Methods auto, joint and exact. */
        maxChanges?: number;
      };
    };
    answer: Plan | Job;
  };
  /** Accepts a solve that is run later. */
  'POST /v1/jobs': {
    query?: { priority?: number; deadline?: string };
    header?: { 'idempotency-key'?: string };
    body: {
      /** A network in rows. Long lists may come in columns instead, see docs/model.md. */
      model: Model;
      options?: {
        /** Single or multiple egress selection. */
        variant?: 'ses' | 'mes';
        /** How the plan is computed. */
        method?: 'auto' | 'alternating' | 'joint' | 'exact' | 'biggest-first' | 'hot-potato';
        /** Wall-clock limit of the solve, ms. */
        timeLimitMs?: number;
        /** Stop at this relative gap. */
        gapTarget?: number;
        /** Iterations of the alternation (the patent's ctr). */
        iterations?: number;
        /** Seed of every random choice. */
        seed?: number;
        /** Usable share of every capacity. */
        threshold?: number;
        /** Cost per unit of volume moved away from the current choice. */
        changeCost?: number;
        /** Most (neighbor, prefix) pairs that may leave their current choice where it is still allowed; no limit if left out. Methods auto, joint and exact. */
        maxChanges?: number;
      };
    };
    answer: Job;
  };
  /** Lists jobs, the newest first. */
  'GET /v1/jobs': {
    query?: { state?: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'; limit?: number; before?: string };
    answer: {
      jobs: Job[];
      next: string | null;
    };
  };
  /** Tells the state of a job. */
  'GET /v1/jobs/{id}': { path: { id: string }; answer: Job };
  /** Cancels a job. */
  'DELETE /v1/jobs/{id}': { path: { id: string }; answer: Job };
  /** The plan of a job. */
  'GET /v1/jobs/{id}/plan': { path: { id: string }; query?: { partial?: boolean }; answer: Plan };
  /** Tells how a job goes on, until it ends. */
  'GET /v1/jobs/{id}/events': { path: { id: string }; header?: { 'last-event-id'?: string }; answer: string | null };
  /** Accepts many solves of one model that are run later. */
  'POST /v1/batches': {
    query?: { priority?: number; deadline?: string };
    header?: { 'idempotency-key'?: string };
    body: {
      /** A network in rows. Long lists may come in columns instead, see docs/model.md. */
      model: Model;
      options?: {
        /** Single or multiple egress selection. */
        variant?: 'ses' | 'mes';
        /** How the plan is computed. */
        method?: 'auto' | 'alternating' | 'joint' | 'exact' | 'biggest-first' | 'hot-potato';
        /** Wall-clock limit of the solve, ms. */
        timeLimitMs?: number;
        /** Stop at this relative gap. */
        gapTarget?: number;
        /** Iterations of the alternation (the patent's ctr). */
        iterations?: number;
        /** Seed of every random choice. */
        seed?: number;
        /** Usable share of every capacity. */
        threshold?: number;
        /** Cost per unit of volume moved away from the current choice. */
        changeCost?: number;
        /** Most (neighbor, prefix) pairs that may leave their current choice where it is still allowed; no limit if left out. Methods auto, joint and exact. */
        maxChanges?: number;
      };
      variations: {
        /** Its place in the list if left out. */
        id?: string;
        /** JSON merge patch (RFC 7396) of the model: lists and columns are replaced whole. */
        model?: Record<string, unknown>;
        traffic?: {
          /** Neighbor. */
          neighbor: string;
          /** Prefix, by id or by text. */
          prefix: string;
          /** Traffic, in `unit`. */
          volume: number;
        }[];
        /** JSON merge patch of the options. */
        options?: Record<string, unknown>;
      }[];
    };
    answer: Batch;
  };
  /** Lists batches, the newest first. */
  'GET /v1/batches': {
    query?: { state?: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'; limit?: number; before?: string };
    answer: {
      batches: Batch[];
      next: string | null;
    };
  };
  /** Tells how many items of a batch are in each state. */
  'GET /v1/batches/{id}': { path: { id: string }; answer: Batch };
  /** Cancels the items of a batch that have not ended. */
  'DELETE /v1/batches/{id}': { path: { id: string }; answer: Batch };
  /** The items of a batch as they end. */
  'GET /v1/batches/{id}/results': { path: { id: string }; query?: { after?: number; wait?: boolean }; answer: string };
  /** Assigns jobs to machines at least cost: the generalized assignment problem. */
  'POST /v1/gap': {
    body: {
      /** [machine][job] */
      costs: number[][];
      /** [machine][job] */
      weights: number[][];
      /** [machine] */
      capacities: number[];
      /** Pairs [machine, job] that must not be used. */
      forbidden?: number[][];
      options?: {
        /** Wall-clock limit of the solve, ms. */
        timeLimitMs?: number;
      };
    };
    answer: {
      status: 'optimal' | 'feasible' | 'overloaded';
      cost: number;
      /** No assignment that fits costs less; null where it is proven that none fits. */
      lowerBound: number | null;
      /** (cost − lowerBound) / |cost|, 1 where only the cost is 0; null when overloaded. */
      gap: number | null;
      overload: {
        /** Σ of load above capacity. */
        total: number;
        /** Proven: every assignment overloads by this much or more. 0: proven, amount unknown; null where nothing is proven. */
        leastPossible: number | null;
        /** With so much more capacity there the assignment fits. */
        machines: {
          machine: number;
          /** Load above capacity. */
          amount: number;
        }[];
      };
      /** Machine of each job, from 0. */
      assignment: number[];
      /** What can be checked without a solver; lowerBound and leastPossible may say more, by integrality. Null where prices prove nothing. */
      certificate: {
        proves: 'cost' | 'overload';
        /** λ ≥ 0 of each machine; ≤ 1 for an overload. */
        prices: number[];
        /** Σ over jobs of the least (cost + λ · weight) − Σ λ · capacity · (1 + 1e-9), where a machine smaller than the job is none for it: no assignment that fits costs less. For an overload the same over all machines, every cost 0: no assignment overloads by less. */
        value: number;
      } | null;
    };
  };
  /** Lists the faults of a model, and of options where they are given. */
  'POST /v1/validate': {
    body: {
      /** A network in rows. Long lists may come in columns instead, see docs/model.md. */
      model: Model;
      options?: {
        /** Single or multiple egress selection. */
        variant?: 'ses' | 'mes';
        /** How the plan is computed. */
        method?: 'auto' | 'alternating' | 'joint' | 'exact' | 'biggest-first' | 'hot-potato';
        /** Wall-clock limit of the solve, ms. */
        timeLimitMs?: number;
        /** Stop at this relative gap. */
        gapTarget?: number;
        /** Iterations of the alternation (the patent's ctr). */
        iterations?: number;
        /** Seed of every random choice. */
        seed?: number;
        /** Usable share of every capacity. */
        threshold?: number;
        /** Cost per unit of volume moved away from the current choice. */
        changeCost?: number;
        /** Most (neighbor, prefix) pairs that may leave their current choice where it is still allowed; no limit if left out. Methods auto, joint and exact. */
        maxChanges?: number;
      };
    };
    answer: {
      valid: boolean;
      /** The faults, the first 1,000 of them. */
      errors: {
        pointer: string;
        message: string;
      }[];
      /** How many faults there are, listed or not. */
      errorCount: number;
      /** What a valid model holds; null otherwise. */
      summary: {
        name: string | null;
        /** Of volumes and capacities. */
        unit: string;
        routers: number;
        /** Routers without interfaces, and interfaces. */
        points: number;
        neighbors: number;
        prefixes: number;
        /** (neighbor, prefix) pairs in `traffic`. */
        pairs: number;
        advertisements: number;
        sessions: number;
        totalVolume: number;
        /** Null where a point is unlimited. */
        totalIngressCapacity: number | null;
        /** Null where a point is unlimited. */
        totalEgressCapacity: number | null;
        /** SHA-256 of the model, as in a plan. */
        modelHash: string;
      } | null;
    };
  };
  /** Turns a plan into BGP policy, after proving that BGP then does what the plan says. */
  'POST /v1/policy': {
    body: {
      /** A network in rows. Long lists may come in columns instead, see docs/model.md. */
      model: Model;
      plan: Plan;
      options?: {
        /** How neighbors are made to enter where the plan has them: advertise there only (enforced, but without backup), a higher MED elsewhere, or prepending elsewhere (both requested of the neighbor). */
        ingress?: 'advertise' | 'med' | 'prepend';
        /** Router OS of all routers: of the texts, and how they decide. Default: what the model says, else frr. */
        format?: 'frr' | 'bird' | 'gobgp' | 'junos' | 'iosxr';
        /** Text for this router only; the proof is for all. */
        router?: string;
        /** Of chosen routes. Default: above all others. */
        localPref?: number;
        /** Added to every route that import policy touches; null for none. Default: our ASN and 7040. */
        community?: string | null;
        /** Policy that is there: rules of an earlier plan (isOwn) are replaced, others kept. */
        existing?: {
          /** Id of the router. */
          router: string;
          /** Sessions with rules, in the order of their names. */
          sessions: {
            /** Name of the session, unique within the router. */
            session: string;
            import: {
              /** The rule is for these prefixes, all of one address family, in the order of the model. */
              prefixes: string[];
              action: 'accept' | 'reject';
              set: {
                /** Local preference. */
                localPref?: number;
                /** Multi-exit discriminator. */
                med?: number;
                /** Origin. */
                origin?: 'igp' | 'egp' | 'incomplete';
                prepend?: {
                  /** AS number put in front. */
                  asn: number;
                  /** How many times. */
                  count: number;
                };
                /** Communities that are added: two parts (RFC 1997) or three (RFC 8092). */
                communities?: string[];
              };
              /** Made from a plan: replaced by the next one, not kept. */
              isOwn: boolean;
            }[];
            export: {
              /** The rule is for these prefixes, all of one address family, in the order of the model. */
              prefixes: string[];
              action: 'accept' | 'reject';
              set: {
                /** Local preference. */
                localPref?: number;
                /** Multi-exit discriminator. */
                med?: number;
                /** Origin. */
                origin?: 'igp' | 'egp' | 'incomplete';
                prepend?: {
                  /** AS number put in front. */
                  asn: number;
                  /** How many times. */
                  count: number;
                };
                /** Communities that are added: two parts (RFC 1997) or three (RFC 8092). */
                communities?: string[];
              };
              /** Made from a plan: replaced by the next one, not kept. */
              isOwn: boolean;
            }[];
          }[];
        }[];
        /** The same as text, in the form that is rendered. */
        existingTexts?: {
          router: string;
          format: 'frr' | 'bird' | 'gobgp' | 'junos' | 'iosxr';
          text: string;
        }[];
        /** Policy of your own that sessions have: texts call it before their own rules, and attach it again where they have none. The first entry that is for a session decides. */
        basePolicies?: {
          /** Id of the router. Default: every router. */
          router?: string;
          /** Name of the session. Default: every session. */
          session?: string;
          /** Policy that the session has for routes from its peer; null where there is none and the router takes every route. Left out: not known. */
          import?: string | null;
          /** Policy that the session has for routes to its peer; null where there is none and the router takes every route. Left out: not known. */
          export?: string | null;
        }[];
        /** Only these prefixes, and prefixes within them, may be touched. */
        allow?: string[];
        /** Most prefixes that rules of a session and direction may be for. */
        maxPrefixes?: number;
        /** Names by peer address that sessions have in the configuration of routers: of groups (FRR, Junos, IOS-XR), or in the names of filters (BIRD). */
        sessionNames?: Record<string, string>;
        /** How the routers run BGP. */
        bgp?: {
          /** Route reflector clusters (RFC 4456). Reflectors, and routers in no cluster, form a full mesh. */
          clusters?: {
            /** Routers that reflect. */
            reflectors: string[];
            /** Routers that speak iBGP with these reflectors only. */
            clients: string[];
          }[];
          /** Reflectors announce every path they hold (RFC 7911). */
          addPath?: boolean;
          /** Routers announce their best eBGP route also where an iBGP route is better. */
          bestExternal?: boolean;
          /** MEDs of routes from different neighbor ASes are compared too. */
          alwaysCompareMed?: boolean;
          /** What our routers take a route without MED for: the lowest one (RFC 4271 §9.1.2.2 c), or the highest (`bgp bestpath med missing-as-worst` in FRR and IOS-XR, `default bgp_med` in BIRD; not in GoBGP and Junos). */
          missingMed?: 'best' | 'worst';
          /** What neighbors take it for. Unless best, the point where they are to enter tells a MED of its own where MEDs decide. */
          neighborMissingMed?: 'best' | 'worst' | 'unknown';
          /** Routes are compared by neighbor AS first, so that MEDs do not make the choice a matter of order. Default: as the router OS does without configuration, so in Junos and IOS-XR only. */
          deterministicMed?: boolean;
          /** Of equal eBGP routes the lower router id wins (RFC 4271 §9.1.2.2 f), not the older one. Default: as the router OS does without configuration, so in BIRD only. */
          compareRouterId?: boolean;
          /** Equal routes are used together: eBGP routes of one neighbor AS, iBGP routes of one AS path and one metric. Default: as the router OS does without configuration, so in FRR only. */
          multipath?: boolean;
          /** external: next hops resolve over OSPF type-2 externals, whose metric is the same from everywhere. */
          nextHopMetric?: 'igp' | 'external';
          /** hop-by-hop: routers on the way look the destination up again. */
          forwarding?: 'hop-by-hop' | 'tunnel';
        };
        /** Report every pair, not only those that fail. */
        verify?: boolean;
        /** Give import policy as paths that a controller injects over iBGP with every router, in place of rules: texts have export policy alone. */
        paths?: boolean;
        /** Order the change into steps that are safe on the way. */
        steps?: boolean;
        /** Give the texts of all steps, too. */
        stepTexts?: boolean;
        /** Give the texts of this step, from 1. */
        step?: number;
      };
    };
    answer: {
      /** refuted: BGP would not do what the plan says, so nothing is emitted. */
      status: 'proven' | 'refuted';
      modelHash: string;
      pairs: {
        enforcedCount: number;
        requestedCount: number;
        untoldCount: number;
        failedCount: number;
        /** Pairs that fail (the first 1,000), or all of them. */
        reports: {
          neighbor: string;
          prefix: string;
          volume: number;
          /** enforced: told at the planned point only. requested: told elsewhere too, where the neighbor has a worse path. untold: no volume, and the neighbor may not be told the prefix there. */
          status: 'enforced' | 'requested' | 'untold' | 'failed';
          /** Points of the plan. */
          planned: {
            ingress: string;
            egress: string;
          };
          /** Points that BGP chooses; or none, undetermined, unstable, deflected. */
          found: {
            ingress: string;
            egress: string;
          };
          /** What decides at the neighbor. */
          ingressStep: 'only-offer' | 'as-path-length' | 'origin' | 'med' | 'undetermined' | 'not-offered';
          /** What decides at the planned ingress router. */
          egressStep:
            | 'only-route'
            | 'local-pref'
            | 'as-path-length'
            | 'origin'
            | 'med'
            | 'ebgp-over-ibgp'
            | 'igp-metric'
            | 'router-id'
            | 'cluster-list-length'
            | 'peer-address'
            | 'undetermined'
            | 'no-route'
            | 'unstable'
            | 'deflected';
        }[];
      };
      findings: {
        kind:
          | 'no-route'
          | 'existing-policy'
          | 'local-pref-exhausted'
          | 'path-too-short'
          | 'asn-unknown'
          | 'hidden-path'
          | 'undetermined'
          | 'inner-router'
          | 'guard'
          | 'read-back'
          | 'unsupported';
        message: string;
      }[];
      /** Sessions whose policy nobody names (`basePolicies`), and what becomes of it. */
      warnings: string[];
      routers: {
        router: string;
        format: 'frr' | 'bird' | 'gobgp' | 'junos' | 'iosxr';
        /** The whole policy of the router. */
        text: string;
        /** What leads there from the policy that is there; empty where nothing changes. */
        change: string;
        /** What leads back. */
        rollback: string;
        ruleCount: number;
        /** Prefixes in rules, each counted in every rule. */
        entryCount: number;
        /** Bytes of `text`. */
        byteCount: number;
      }[];
      /** Rules that come and go, each with the prefixes that come and go by it. */
      difference: {
        router: string;
        session: string;
        direction: 'import' | 'export';
        change: 'add' | 'remove';
        rule: {
          /** The rule is for these prefixes, all of one address family, in the order of the model. */
          prefixes: string[];
          action: 'accept' | 'reject';
          set: {
            /** Local preference. */
            localPref?: number;
            /** Multi-exit discriminator. */
            med?: number;
            /** Origin. */
            origin?: 'igp' | 'egp' | 'incomplete';
            prepend?: {
              /** AS number put in front. */
              asn: number;
              /** How many times. */
              count: number;
            };
            /** Communities that are added: two parts (RFC 1997) or three (RFC 8092). */
            communities?: string[];
          };
          /** Made from a plan: replaced by the next one, not kept. */
          isOwn: boolean;
        };
      }[];
      /** The change in steps, where they were asked for and the plan is proven. */
      execution: {
        /** No step has an overload or stray pairs on the way. */
        isSafe: boolean;
        /** Proven: no order has less overload on the way. */
        isLeast: boolean;
        /** Volume whose way before is not known: it is taken to arrive, not to leave. */
        unknownVolume: number;
        /** Expected loads of all points, in the unit of the model. */
        before: {
          point: string;
          ingress: number;
          egress: number;
        }[];
        steps: {
          /** Ids of the prefixes whose rules change; of those that the model does not have, the prefixes. */
          prefixes: string[];
          /** Overload beyond capacity, the load before and that of the plan, if all of it arrives, and passes where it may, before any of it leaves. */
          overloadOnTheWay: number;
          /** Pairs that may on the way use a point of neither their way before nor their planned one, or none. */
          strayCount: number;
          /** Volume of those pairs. */
          strayVolume: number;
          /** After the step. */
          overload: number;
          /** Expected loads of all points, in the unit of the model. */
          loads: {
            point: string;
            ingress: number;
            egress: number;
          }[];
          /** One after another, at all routers each, with BGP at rest in between. */
          phases: {
            /** prefer: routes that are to be used. offer: neighbors are told more, or better. worsen: they are told less, or worse. release: routes that are used no more. */
            name: 'prefer' | 'offer' | 'worsen' | 'release';
            /** Rules that come and go, each with the prefixes of this step alone. */
            difference: {
              router: string;
              session: string;
              direction: 'import' | 'export';
              change: 'add' | 'remove';
              rule: {
                /** The rule is for these prefixes, all of one address family, in the order of the model. */
                prefixes: string[];
                action: 'accept' | 'reject';
                set: {
                  /** Local preference. */
                  localPref?: number;
                  /** Multi-exit discriminator. */
                  med?: number;
                  /** Origin. */
                  origin?: 'igp' | 'egp' | 'incomplete';
                  prepend?: {
                    /** AS number put in front. */
                    asn: number;
                    /** How many times. */
                    count: number;
                  };
                  /** Communities that are added: two parts (RFC 1997) or three (RFC 8092). */
                  communities?: string[];
                };
                /** Made from a plan: replaced by the next one, not kept. */
                isOwn: boolean;
              };
            }[];
            /** Texts, where they were asked for (`stepTexts`, `step`). */
            routers: {
              router: string;
              format: 'frr' | 'bird' | 'gobgp' | 'junos' | 'iosxr';
              /** What leads there from the policy that is there; empty where nothing changes. */
              change: string;
              /** What leads back. */
              rollback: string;
            }[];
          }[];
        }[];
      } | null;
      /** Import policy as paths for a controller, where they were asked for and the plan is proven with them. */
      paths: {
        /** Where the path leaves. */
        router: string;
        session: string;
        prefix: string;
        /** Tells the paths of a prefix apart (RFC 7911); from 1. */
        identifier: number;
        nextHop: string;
        localPref: number;
        /** Nearest AS first. */
        asPath: number[];
        origin: 'igp' | 'egp' | 'incomplete';
        /** Left out where the route has none. */
        med?: number;
        /** By number, the well-known ones too. */
        communities: string[];
        /** Command of GoBGP's client. */
        inject: string;
        withdraw: string;
      }[];
      /** Rules in all routers. */
      ruleCount: number;
      /** Prefixes in them. */
      entryCount: number;
      /** entryCount over the number of prefixes with traffic. */
      entriesPerPrefix: number;
    };
  };
  /** Explains where a plan has a prefix, and what other ways would cost. */
  'POST /v1/explain': {
    body: {
      /** A network in rows. Long lists may come in columns instead, see docs/model.md. */
      model: Model;
      plan: Plan;
      options: {
        /** Id of the prefix. */
        prefix: string;
      } & {
        /** Id of the neighbor; default: all that send to the prefix. */
        neighbor?: string;
        /** Solve the model again with each alternative forced. */
        solve?: boolean;
        /** Alternatives that are solved, the cheapest of each neighbor first. */
        maxSolves?: number;
        /** For each of them, ms. */
        timeLimitMs?: number;
      };
    };
    answer: {
      modelHash: string;
      variant: 'ses' | 'mes';
      prefix: string;
      /** Points where the prefix leaves. */
      egressSet: string[];
      /** Points that the prefix could use and that are full or have a shadow price. */
      binding: {
        point: string;
        side: 'ingress' | 'egress';
        load: number;
        capacity: number | null;
        /** Fall of the bound on the cost per unit of capacity added. */
        shadowPrice: number;
      }[];
      pairs: {
        neighbor: string;
        volume: number;
        ingress: string;
        egress: string;
        /** volume × (distance + price + penalty). */
        cost: number;
        /** Every way, the chosen one first, then by cost. */
        alternatives: {
          ingress: string;
          egress: string;
          difference: number | null;
          verdict:
            | 'chosen'
            | 'not-eligible'
            | 'unreachable'
            | 'one-point-per-router'
            | 'proximity'
            | 'ingress-capacity'
            | 'egress-capacity'
            | 'costs-more'
            | 'costs-as-much'
            | 'costs-less';
          obstacle: string | null;
          forced: {
            /** Of the plan found with the way forced; impossible: no choice of egress allows it. */
            status: 'optimal' | 'feasible' | 'overloaded' | 'impossible';
            objective: number | null;
            difference: number | null;
            gap: number | null;
            overload: number | null;
          } | null;
        }[];
      }[];
    };
  };
  /** Is the process alive? */
  'GET /health/live': {
    answer: {
      status: string;
    };
  };
  /** Can the service take requests? */
  'GET /health/ready': {
    answer: {
      status: string;
    };
  };
  /** Tells the metrics of the service in the text format of Prometheus. */
  'GET /metrics': { answer: string };
}
