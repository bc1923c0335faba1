import { AwsClient } from "aws4fetch";
import { expect, inject, it } from "vitest";
import type {} from "../../../support/node/provided-context.ts";

const vars = inject("workerVars");
const bucket = `${vars.S3_ENDPOINT}/${vars.S3_DOCUMENTS_BUCKET}`;

function client(secretAccessKey = vars.AWS_SECRET_ACCESS_KEY ?? ""): AwsClient {
  const { AWS_ACCESS_KEY_ID: accessKeyId = "", AWS_REGION: region = "" } = vars;
  return new AwsClient({ accessKeyId, secretAccessKey, region, service: "s3", retries: 0 });
}

it("keeps an object that is written and read with signed requests", async () => {
  const url = `${bucket}/${crypto.randomUUID()}`;
  expect((await client().fetch(url, { method: "PUT", body: "hello" })).status).toBe(200);
  expect(await (await client().fetch(url)).text()).toBe("hello");
  expect((await client().fetch(url, { method: "DELETE" })).status).toBe(204);
  expect((await client().fetch(url)).status).toBe(404);
});

it("takes presigned addresses, and no others", async () => {
  const url = new URL(`${bucket}/${crypto.randomUUID()}`);
  url.searchParams.set("X-Amz-Expires", "60");
  const signed = await client().sign(url.href, { method: "PUT", aws: { signQuery: true } });
  expect((await fetch(signed.url, { method: "PUT", body: "x" })).status).toBe(200);
  expect(
    (
      await fetch(
        signed.url.replace(/.$/, (last) => (last === "0" ? "1" : "0")),
        { method: "PUT", body: "y" },
      )
    ).status,
  ).toBe(403);
});

it("refuses a wrong secret", async () => {
  const response = await client("wrong").fetch(`${bucket}/object`);
  expect(response.status).toBe(403);
  await response.body?.cancel();
});
