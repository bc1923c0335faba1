export async function startServerUnderTest(): Promise<{ url: string; stop(): Promise<void> }> {
  const url = process.env["ETTER_E2E_URL"];
  if (!url) throw new Error("Set ETTER_E2E_URL to the address of a running server.");
  return { url, stop: async () => {} };
}
