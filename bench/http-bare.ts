import { Hono } from "hono";

/** What `/api/etter/test` would be with nothing of ours around it: the yardstick. */
const app = new Hono();
app.get("/api/etter/test", (c) => c.json({ message: "Etter is up." }));

export default app;
