import type { StoredMail } from "./mailbox.ts";

/** Shown in a frame of its own, under the sandbox that its response sets: a mail's HTML is not trusted. */
export const MAIL_BODY_POLICY =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";
export const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export const PAGE_STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
.hint { opacity: 0.7; }
details { border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 0.5rem; margin: 0.75rem 0; }
summary { cursor: pointer; padding: 0.75rem 1rem; display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; }
summary:focus-visible { outline: 3px solid #2f6fde; border-radius: 0.5rem; }
summary strong { flex: 1 1 16rem; }
time, .to { opacity: 0.75; font-size: 0.9rem; }
iframe { width: 100%; height: 22rem; border: 0; background: #fff; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; padding: 1rem; border-top: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
`;

/** The list of mails as a page, without any script. */
export function renderPage(mails: readonly StoredMail[]): string {
  const count = mails.length === 1 ? "1 mail" : `${mails.length} mails`;
  const list =
    mails.length === 0
      ? `<p class="hint">No mail yet. What Etter sends on this machine appears here.</p>`
      : mails.map(renderMail).join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Etter mail sink (${count})</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<h1>Mail sink</h1>
<p class="hint">${count}, newest first. Nothing leaves this machine. Reload to see new ones.</p>
<p class="hint">Links lead to the front end at APP_URL, which is not part of this project: without one, take what stands after <code>#token=</code> in a link
and post it as <code>token</code> to <code>/api/etter/auth/verify-email</code>, <code>…/invitations/accept</code> or <code>…/password/reset</code>.</p>
${list}
</body>
</html>
`;
}

function renderMail(mail: StoredMail): string {
  const subject = escapeHtml(mail.subject);
  return `<details>
<summary><strong>${subject}</strong><span class="to">to ${escapeHtml(mail.to)}</span><time datetime="${mail.receivedAt}">${mail.receivedAt.slice(0, 19).replace("T", " ")} UTC</time></summary>
<iframe title="${subject}" src="/messages/${mail.id}/html" loading="lazy"></iframe>
<pre>${escapeHtml(mail.text)}</pre>
</details>`;
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
