import type { RatePolicy } from "../../shared/rate-limit.ts";

/** What a request may ask for. Beyond → 422. */
export const inputLimits = {
  iterations: { min: 1, max: 10_000 },
  months: { min: 12, max: 240, default: 48 },
  roles: { min: 1, max: 200 },
  roleNameLength: 100,
  peoplePerRole: 1_000_000,
  peopleInAll: 10_000_000,
  workloads: { min: 1, max: 50 },
  workloadNameLength: 200,
  /** A Time is 0 or at least this, so that 1/unit_time stays finite and meaningful. */
  smallestTime: 1e-6,
  largestTime: 1_000,
  largestSkill: 1_000,
  /** A hundred times the dearest salary there is, in the weakest currency; all pay, 10¹⁹ at most, is exact to 2,048 units. */
  largestSalary: 1e12,
  oversight: { min: 0.01, max: 1, default: 0.05 },
  companyLength: 200,
  nameLength: 200,
} as const;

/** 200 roles of 50 workloads with long names fit. */
export const maxBodyBytes = 4 * 1024 * 1024;

/**
 * What a run's roles are described with may take, as JSON: all that fits a body, and somewhat more for how it is written. A
 * company's own descriptions of 64 KB each would make 13 MB of 200 bare names.
 */
export const maxDescriptionBytes = 5 * 1024 * 1024;

export const maxActiveRunsPerCompany = 10;

/** Roles a company may describe itself: the catalogue several times over. */
export const maxRolesPerCompany = 500;

/** Factors of a sweep: each hundredth from 0 to 1. */
export const maxSweepFactors = 101;
/** Months in a sweep's summary: the start and each year of the longest horizon. */
export const maxSweepMonths = 21;
/** Runs of a sweep that are under way at once, so that a sweep does not keep everybody else's from the machines. */
export const sweepRunsAtOnce = 4;
/** Roles × Steps × factors of a sweep: 101 factors of 200 roles over four years. About a quarter of a gigabyte is stored then. */
export const maxSweepRoleSteps = 1_000_000;
/** What a sweep was asked is stored once a run: in all at most this, as JSON. 200 roles of the catalogue at 101 factors fit. */
export const maxSweepDescriptionBytes = 64 * 1024 * 1024;
/** A sweep that is not done this long after it was made never will be. */
export const longestSweepMs = 24 * 3600_000;
/** How often a sweep's event stream looks: five calls each time stay below what the platform allows a stream in all. */
export const sweepLookMs = 2_000;

export const maxWaitSeconds = 60;

/** Measured with `npm run bench -- simulation` in workerd on one core of a small machine; estimates are as good as this. */
export const workUnitsPerSecond = 8_000_000;
/** About half an hour of one core. Usual roles are far below, whatever the head counts; 200 roles of 50 workloads are not. */
export const maxWorkUnits = 1_800 * workUnitsPerSecond;
/** Starting a run and storing its results, beside computing it. */
export const secondsBesideComputing = 0.5;
/** Cloudflare's price of Workers CPU time, per second: 0.02 US dollars a million milliseconds. */
export const usDollarsPerCpuSecond = 0.02 / 1_000;

/** Futures computed in one call, and what they may cost: a few seconds of one core, on the request's own time. */
export const maxPathIterations = 50;
/** Unless a call says which. */
export const defaultPathIterations = 20;
export const maxPathWorkUnits = 3 * workUnitsPerSecond;
export const maxPathMetrics = 50;

/** Runs in one comparison. Ten of the largest hold 5 MB of outcomes. */
export const comparedRuns = { min: 2, max: 10 } as const;

/** A person who clicks is far below; a loop that went wrong is stopped. Starts, estimates, futures and comparisons count alike. */
export const simulationsByNetwork: RatePolicy = { name: "simulations-network", limit: 300, windowSeconds: 60 };
export const simulationsByUser: RatePolicy = { name: "simulations-user", limit: 120, windowSeconds: 60 };

/** Roles in one question to the workload service; all questions of a request, four at most, are asked at once. */
export const rolesPerQuestion = 50;
/** Fifty roles of eight workloads with long reasons fit several times. */
export const maxProviderAnswerBytes = 1024 * 1024;
/** What a person who posts a simulation will wait for; then our catalogue stands in. */
export const providerTimeoutMs = 10_000;
export const providerCacheSeconds = 30 * 24 * 3600;

/** A run that has not ended this long after it was made is poked by the clock: its start may have been lost. */
export const staleAfterSeconds = 90;
export const maxPokesAtOnce = 100;

/** Whoever starts a shorter run is still looking at it when it ends; a longer one tells them by mail. */
export const mailAfterSeconds = 60;
