import type { MailContent } from "../../src/shared/mail.ts";

const at = "2026-11-22T18:04:05.678Z";
const device = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const simulation_id = "sim-7d3f6a52-4d0c-4f8e-9a63-0a54b1f1c6d1";

/** Every mail there is, as it should be. */
export const sampleMails: readonly MailContent[] = [
  { template: "verify_email", data: {} },
  { template: "address_taken", data: {} },
  { template: "invitation", data: { inviter_name: "Zoë O'Neill", company_name: "Acme & Söhne", group: "Researcher" } },
  { template: "invitation_address_taken", data: { inviter_name: "Zoë O'Neill", company_name: "Acme & Söhne" } },
  { template: "password_reset", data: {} },
  { template: "password_changed", data: { at } },
  { template: "session_reused", data: { at, device } },
  { template: "simulation_finished", data: { simulation_id, name: "Plan for 2027", status: "completed" } },
  { template: "simulation_finished", data: { simulation_id, name: "", status: "failed" } },
];

const attacks = [
  `<script>globalThis.wasAttacked = true</script><img src="https://evil.example/p.png" onerror="globalThis.wasAttacked = true">`,
  `x" onmouseover="globalThis.wasAttacked = true" y="`,
  `Pay now\r\nBcc: everybody@evil.example\r\n\r\nhttps://evil.example/login`,
  `</title></style><svg onload=globalThis.wasAttacked=true>`,
  `\u202emoc.elpmaxe\u202c \u0000\u0007 \ud800 \u2028Bcc: you@evil.example`,
  "W".repeat(5_000),
  "https://evil.example/a?b=c&d=e",
  "Your invoice: evil.example/login or www.evil.example",
];

/** Every mail that shows what somebody typed, with words that are up to something. */
export const hostileMails: readonly MailContent[] = attacks.flatMap((words): MailContent[] => [
  { template: "invitation", data: { inviter_name: words, company_name: words, group: words } },
  { template: "invitation_address_taken", data: { inviter_name: words, company_name: words } },
  { template: "session_reused", data: { at, device: words } },
  { template: "simulation_finished", data: { simulation_id, name: words, status: "completed" } },
]);
