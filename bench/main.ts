interface Bench {
  /** Measures, and prints its own table. */
  run(): Promise<void>;
}

/** In the order in which they run; each is loaded when it is wanted. */
const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  bundle: () => import("./bundle.ts"),
  documents: () => import("./documents.ts"),
  http: () => import("./http.ts"),
  presign: () => import("./presign.ts"),
  proxy: () => import("./proxy.ts"),
  "sign-in": () => import("./sign-in.ts"),
  users: () => import("./users.ts"),
  "round-trips": () => import("./round-trips.ts"),
  simulation: () => import("./simulation.ts"),
};

const USAGE = `npm run bench                          all of ${Object.keys(benches).join(", ")}
npm run bench -- http round-trips      some of them`;

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !(name in benches));
  if (unknown.length > 0) throw new Error(`There is no bench ${unknown.join(", ")}.\n${USAGE}`);
  for (const name of names.length > 0 ? names : Object.keys(benches)) {
    const bench = await benches[name]?.();
    await bench?.run();
  }
}

// What a bench has started ends with it; the servers' own supervisors see to that if it ends badly.
await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

export {};
