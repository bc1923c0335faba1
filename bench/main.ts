const USAGE = `npm run bench                     all of them
npm run bench -- http bundle      some of them`;

/** In the order in which they run. Loaded when needed: one that does not load must not stop the others. */
const benches: Readonly<Record<string, () => Promise<{ run(): Promise<void> }>>> = {
  bundle: () => import("./bundle.ts"),
  http: () => import("./http.ts"),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}.\n${USAGE}`);
  process.exit(1);
}
for (const name of wanted.length > 0 ? wanted : Object.keys(benches)) {
  const { run } = await benches[name]!();
  await run();
}
