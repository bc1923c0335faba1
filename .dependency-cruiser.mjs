// Who may import whom: the table of CONTRIBUTING.md ("Where a line belongs") as rules over resolved paths.
// test/unit/tidy/import-directions.test.ts breaks every rule once, so a rule that stops biting is noticed.

const ANY_FEATURE = "^src/features/[^/]+/";
const ENTRIES = "^src/(worker|cron)\\.ts$|^src/(http|objects)/";
const ENGINE = "^src/features/simulation/engine/";
// A slice that has outgrown one folder has rooms, as simulation does: one folder further down, named as usual.
const ROOM = "([a-z-]+/|)";
const DRIZZLE_ADAPTER = `${ANY_FEATURE}${ROOM}[a-z-]+\\.drizzle\\.ts$`;
const WIRE_FILES = `${ANY_FEATURE}(routes/.+|${ROOM}[a-z-]*(routes|schemas|wire)|index)\\.ts$`;
// Entries read the config and log before a container exists.
const BEFORE_CONTAINER = ["^src/config/", "^src/platform/telemetry/"];

/** Matches an npm package, resolved into a node_modules folder or not resolved at all. */
const packages = (...names) => `(^|node_modules/)(${names.join("|")})(/|$)`;

/** Packages and Node modules that reach for a network, a disk or a process. */
const IO_PACKAGES = packages("@neondatabase", "@upstash", "aws4fetch", "pg", "ws");
const IO_NODE_MODULES = "^(node:)?(fs|net|tls|http|https|http2|dgram|dns|child_process|cluster|worker_threads|os)(/|$)";

const typesOnly = { dependencyTypesNot: ["type-only"] };

/** A rule that no file at `from` imports anything at `to`. */
const forbid = (name, comment, from, to) => ({
  name,
  comment,
  severity: "error",
  from: typeof from === "string" ? { path: from } : from,
  to: typeof to === "string" ? { path: to } : to,
});

/** A rule that of the Worker's sources, `from` imports only those at `allowed`. */
const ownSourcesOnly = (name, comment, from, allowed) =>
  forbid(name, comment, from, { path: "^src/", pathNot: allowed });

const entries = [
  ownSourcesOnly("worker-imports-entries", "src/worker.ts only exports the entries.", "^src/worker\\.ts$", [
    "^src/(http|objects)/",
    "^src/cron\\.ts$",
  ]),
  ownSourcesOnly(
    "http-imports",
    "src/http imports the container, config, telemetry, shared, and of a feature its index.ts or routes.ts.",
    "^src/http/",
    ["^src/http/", "^src/container\\.ts$", ...BEFORE_CONTAINER, "^src/shared/", `${ANY_FEATURE}(index|routes)\\.ts$`],
  ),
  ownSourcesOnly(
    "objects-imports",
    "A Durable Object shell imports the container, config, telemetry, shared, and a feature's contract, coordinator and engine.",
    "^src/objects/",
    [
      "^src/objects/",
      "^src/container\\.ts$",
      ...BEFORE_CONTAINER,
      "^src/shared/",
      `${ANY_FEATURE}(index|${ROOM}[a-z-]*(contract|coordinator))\\.ts$`,
      `${ANY_FEATURE}(contract|coordinator|engine)/`,
    ],
  ),
  ownSourcesOnly(
    "cron-imports",
    "src/cron.ts imports the container, config, telemetry and shared.",
    "^src/cron\\.ts$",
    ["^src/container\\.ts$", ...BEFORE_CONTAINER, "^src/shared/"],
  ),
  forbid(
    "entries-hold-no-vendor",
    "Entries reach databases, queues and stores through the container.",
    ENTRIES,
    `${IO_PACKAGES}|${packages("drizzle-orm")}`,
  ),
];

const middle = [
  forbid("config-imports", "src/config is a schema over variables: zod only.", "^src/config/", {
    pathNot: ["^src/config/", packages("zod")],
  }),
  ownSourcesOnly(
    "container-imports",
    "The composition root imports everything below it and nothing above it.",
    "^src/container(\\.ts$|/)",
    ["^src/(container|platform|shared|config|features)/"],
  ),
  ownSourcesOnly(
    "platform-imports",
    "Adapters import vendors, shared, each other, and the types of config and of features' ports.",
    "^src/platform/",
    ["^src/(platform|shared|features|config)/"],
  ),
  forbid(
    "platform-imports-types",
    "Adapters implement ports and are handed settings: of features and config they import types only (import type).",
    "^src/platform/",
    { path: "^src/(features|config)/", ...typesOnly },
  ),
  forbid(
    "platform-imports-ports",
    "Adapters know a feature's ports, not its routes, wire schemas, adapters or engine.",
    "^src/platform/",
    `${ANY_FEATURE}(${ROOM}([a-z-]*(routes|schemas|wire)|[a-z-]+\\.drizzle)\\.ts$|(routes|engine)/)`,
  ),
  ownSourcesOnly("shared-imports-nothing", "src/shared imports nothing of ours.", "^src/shared/", ["^src/shared/"]),
  forbid(
    "shared-does-no-io",
    "src/shared does no I/O.",
    "^src/shared/",
    `${IO_PACKAGES}|${packages("drizzle-orm")}|${IO_NODE_MODULES}`,
  ),
];

const features = [
  ownSourcesOnly(
    "features-import",
    "A feature imports shared and features; entries, container, config and platform are above it or beside it.",
    { path: "^src/features/", pathNot: DRIZZLE_ADAPTER },
    ["^src/(features|shared)/"],
  ),
  ownSourcesOnly("drizzle-adapter-imports", "Only <port>.drizzle.ts also imports src/platform/db.", DRIZZLE_ADAPTER, [
    "^src/(features|shared)/",
    "^src/platform/db/",
  ]),
  forbid(
    "features-meet-at-the-door",
    "Another slice is imported through its index.ts only.",
    "^src/features/([^/]+)/",
    { path: "^src/features/", pathNot: ["^src/features/$1/", `${ANY_FEATURE}index\\.ts$`] },
  ),
  forbid(
    "features-do-no-io",
    "A feature owns ports; the packages behind them belong to src/platform.",
    "^src/features/",
    `${IO_PACKAGES}|${IO_NODE_MODULES}|^cloudflare:`,
  ),
  forbid(
    "sql-in-drizzle-adapters-only",
    "drizzle-orm is imported by <port>.drizzle.ts only.",
    { path: "^src/features/", pathNot: DRIZZLE_ADAPTER },
    packages("drizzle-orm"),
  ),
  forbid(
    "http-in-routes-only",
    "Verbs, policies and ports know no HTTP: Hono is imported by routes.ts, schemas.ts, wire.ts and index.ts.",
    { path: "^src/features/", pathNot: WIRE_FILES },
    packages("hono", "@hono"),
  ),
  forbid("engine-is-pure", "The engine imports itself, src/shared and @noble/hashes.", ENGINE, {
    pathNot: [ENGINE, "^src/shared/", packages("@noble/hashes")],
  }),
];

// Of the simulation's rooms, which others each may use. Beside these and its own files it has what lies at the slice's top.
const SIMULATION_ROOMS = {
  roles: [],
  results: ["engine"],
  request: ["engine", "roles"],
  runs: ["engine", "request", "results", "roles"],
  coordinator: ["engine", "request", "results", "runs"],
  compare: ["request", "results", "runs"],
  sweeps: ["request", "results", "roles", "runs"],
};
const rooms = Object.entries(SIMULATION_ROOMS).map(([room, others]) =>
  forbid(
    `simulation-${room}`,
    `Of the simulation's other rooms ${room} uses ${others.join(", ") || "none"}; what is above (index, routes, stale-runs) uses it.`,
    `^src/features/simulation/${room}/`,
    {
      path: "^src/features/simulation/",
      pathNot: [`^src/features/simulation/((${[room, ...others].join("|")})/|(limits|warnings)\\.ts$)`],
    },
  ),
);

const around = [
  forbid("src-stands-alone", "The Worker's sources import nothing of local, test, bench or console.", "^src/", {
    path: "^(local|test|bench|console)/",
  }),
  ownSourcesOnly(
    "local-imports",
    "Node-side tools import of src the schema, the password hasher, and rules (shared, and features/auth).",
    "^local/",
    ["^src/platform/(db/schema|crypto)/", "^src/shared/", "^src/features/auth/[a-z-]*(rules?|policy|limits)\\.ts$"],
  ),
  forbid("local-is-no-test", "Tools do not depend on tests, figures or pages.", "^local/", "^(test|bench|console)/"),
  forbid(
    "console-stands-alone",
    "The page's sources run in a browser: they import nothing of the Worker or of Node.",
    "^console/",
    "^(src|local|test|bench)/",
  ),
  forbid("no-cycle", "Two files that need each other are one thing, or miss a third.", {}, { circular: true }),
  forbid("resolvable", "An import that leads nowhere.", {}, { couldNotResolve: true, pathNot: "^cloudflare:" }),
  forbid(
    "declared",
    "A package that package.json does not list.",
    {},
    {
      dependencyTypes: ["npm-no-pkg", "npm-unknown"],
      pathNot: "^cloudflare:",
    },
  ),
  forbid("no-dev-package-in-worker", "The Worker ships dependencies, not devDependencies.", "^src/", {
    dependencyTypes: ["npm-dev"],
    ...typesOnly,
  }),
];

export default {
  forbidden: [...entries, ...middle, ...features, ...rooms, ...around],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(public|coverage|\\.data|\\.wrangler)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["workerd", "import", "types", "default"] },
    moduleSystems: ["es6"],
  },
};
