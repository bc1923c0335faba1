import { expect, it } from "vitest";
import { call } from "../../../support/workerd/api.ts";
import { everythingInPostgres, everythingInRedis } from "../../../support/workerd/everything.ts";
import { config, makePerson, sessionOf } from "../../../support/workerd/factories.ts";
import { begin, mebibyte, pdf, read, s3Path, upload } from "../../../support/workerd/uploads.ts";
import { UppyCalls } from "../../../support/workerd/uppy.ts";
import { captureLog } from "../http/app-under-test.ts";

/** Whoever has such an address has what it leads to: it is the caller's, and nobody else gets to see it. */
it("no signed address, capability or key of a document's life is in the log, the audit, other tables or Redis", async () => {
  const as = await makePerson();
  const { accessToken } = await sessionOf(as);
  const log = captureLog();
  const secrets: Record<string, string> = {
    access: accessToken.split(".")[2]!,
    s3: config.s3.secretAccessKey,
    "s3 key id": config.s3.accessKeyId,
    filename: "Confidential 4711.pdf",
  };
  const remember = (what: string, url: string) => {
    const signature = new URL(url).searchParams.get("X-Amz-Signature");
    expect(signature, url).toMatch(/^[0-9a-f]{64}$/);
    secrets[what] = signature!;
  };

  const { id } = await upload(as, pdf("secret words"), { filename: secrets["filename"]! });
  const { body: address } = await call(`${s3Path}/documents/${id}/download`, { method: "POST", as });
  const token = new URL(address.url).pathname.split("/").at(-1)!;
  for (const [index, part] of token.split(".").entries()) secrets[`download ${index}`] = part;
  expect((await read(address.url)).answer.status).toBe(200);
  expect((await read(address.url.slice(0, -1))).answer.status).toBeGreaterThanOrEqual(400);

  // A problem is shown and passed on; where it happened it tells by the route.
  const refused = [
    (await read(`${address.url}x`)).answer,
    (await read(`${address.url}/x`)).answer,
    await call(`${s3Path}/uppy/${token}/s3/multipart`, { body: {} }),
  ];
  const routes = ["content/:token", "content/:token/x", "uppy/:token/s3/multipart"];
  expect(refused.map(({ body }) => body.instance)).toEqual(routes.map((path) => `${s3Path}/${path}`));

  const direct = await begin(as, 10, { transport: "direct" });
  remember("single upload", direct.body.parts[0].url);
  const large = await begin(as, 20 * mebibyte, { transport: "direct" });
  const uploads = `${s3Path}/uploads/${large.body.session_id}`;
  remember("first part", large.body.parts[0].url);
  const signed = await call(`${uploads}/parts/sign`, { as, body: { part_numbers: [2] } });
  remember("second part", signed.body.parts[0].url);
  expect((await call(uploads, { method: "DELETE", as })).status).toBe(204);

  const uppy = await UppyCalls.for(as);
  for (const [index, part] of uppy.path.split("/").at(-1)!.split(".").entries()) secrets[`uppy ${index}`] = part;
  const { body: begun } = await uppy.begin({ size: 20 * mebibyte, transport: "direct" });
  remember("uppy's part", (await uppy.address(begun, 1)).body.url);
  expect((await uppy.complete(begun, ["x"])).status).toBe(409);
  expect((await uppy.abort(begun)).status).toBe(204);

  const { filename: _, ...nowhere } = secrets;
  const places: Record<string, [text: string, secrets: Record<string, string>]> = {
    log: [log.text(), secrets],
    redis: [JSON.stringify(await everythingInRedis()), secrets],
    database: [await everythingInPostgres(), nowhere],
  };
  expect(Object.keys(secrets).length).toBeGreaterThanOrEqual(12);
  for (const [place, [text, unwanted]] of Object.entries(places)) {
    // Buckets that are full again are gone from Redis, which may be empty.
    if (place !== "redis") expect(text.length, place).toBeGreaterThan(100);
    for (const [name, secret] of Object.entries(unwanted))
      expect(text.includes(secret), `${name} in the ${place}`).toBe(false);
  }
});
