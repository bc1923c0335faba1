import { expect, it } from "vitest";
import { freePort } from "../../../local/stack/free-port.ts";
import { listen, sendJson } from "../../../local/stack/http-server.ts";

it("listens on the wanted port, and where that is taken on another one", async () => {
  const wanted = await freePort();
  const serve = () => listen(async (_, response) => sendJson(response, 200, {}), wanted);
  const [first, second] = [await serve(), await serve()];
  try {
    expect(first.port).toBe(wanted);
    expect(second.port).not.toBe(wanted);
    expect((await fetch(second.url)).status).toBe(200);
  } finally {
    await Promise.all([first.close(), second.close()]);
  }
});
