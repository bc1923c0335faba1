import { scrypt } from "node:crypto";

const salt = new Uint8Array(16);

/** One hash a request, with nothing around it: the yardstick of a sign-in. The parameters are those of src/platform/crypto/password.ts. */
export default {
  async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname !== "/hash") return new Response("ready");
    const key = await new Promise<Uint8Array>((resolve, reject) => {
      scrypt(
        "demo only sign in 7071",
        salt,
        32,
        { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 },
        (error, derived) => (error ? reject(error) : resolve(derived)),
      );
    });
    return new Response(String(key.length));
  },
};
