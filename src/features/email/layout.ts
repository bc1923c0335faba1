/** What a template says, as plain text throughout: whatever is shown as HTML is escaped here and nowhere else. */
export interface MailWords {
  readonly subject: string;
  /** The line that a list of mails shows after the subject. */
  readonly preheader: string;
  readonly paragraphs: readonly string[];
  readonly button?: { readonly label: string; readonly address: string };
  /** Why this mail came, and what to do if it should not have. */
  readonly closing: string;
}

export interface RenderedMail {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => entities[char] ?? char);

/** Mail programs know little CSS: what matters stands on the elements, and colours are such that inverting them is legible. */
const style = `
:root { color-scheme: light dark; supported-color-schemes: light dark; }
body { margin: 0; padding: 0; }
@media (prefers-color-scheme: dark) {
  .page { background: #16181d !important; }
  .card { background: #22252c !important; }
  .words { color: #e8eaee !important; }
  .quiet { color: #a9afba !important; }
  .address { color: #9dbdff !important; }
}`;
const font = "font-family: -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif;";

export function layOut(words: MailWords): RenderedMail {
  return { subject: words.subject, html: htmlOf(words), text: textOf(words) };
}

function textOf({ paragraphs, button, closing }: MailWords): string {
  const link = button === undefined ? [] : [`${button.label}:\n${button.address}`];
  return `${[...paragraphs, ...link, `-- \n${closing}`, "Etter"].join("\n\n")}\n`;
}

function htmlOf({ subject, preheader, paragraphs, button, closing }: MailWords): string {
  const words = `${font} font-size: 16px; line-height: 24px; color: #1d2129;`;
  const quiet = `${font} font-size: 13px; line-height: 20px; color: #5c6370;`;
  const body = paragraphs.map(
    (paragraph) => `<p class="words" style="margin: 0 0 16px; ${words}">${escapeHtml(paragraph)}</p>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(subject)}</title>
<style>${style}
</style>
</head>
<body class="page" style="margin: 0; padding: 0; background: #f2f4f7;">
<div style="display: none; max-height: 0; overflow: hidden;">${escapeHtml(preheader)}</div>
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" style="background: #f2f4f7;">
<tr><td align="center" style="padding: 24px 12px;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width: 560px; table-layout: fixed;">
<tr><td class="card" style="padding: 32px 24px; background: #ffffff; border-radius: 8px; overflow-wrap: anywhere; word-break: break-word;">
<p class="quiet" style="margin: 0 0 24px; ${quiet} font-weight: 600;">Etter</p>
${[...body, ...(button === undefined ? [] : buttonOf(button, quiet))].join("\n")}
<p class="quiet" style="margin: 24px 0 0; ${quiet}">${escapeHtml(closing)}</p>
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
}

/** The address is shown as well: for those who look where a button leads, and for programs that draw none. */
function buttonOf({ label, address }: { label: string; address: string }, quiet: string): string[] {
  const href = escapeHtml(address);
  return [
    `<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin: 8px 0 24px;">
<tr><td bgcolor="#1f5fd6" style="background: #1f5fd6; border-radius: 6px;">
<a href="${href}" style="display: inline-block; padding: 12px 20px; ${font} font-size: 16px; line-height: 24px; color: #ffffff; text-decoration: none;">${escapeHtml(label)}</a>
</td></tr>
</table>`,
    `<p class="quiet" style="margin: 0 0 8px; ${quiet}">If the button does nothing, copy this address into your browser:</p>
<p class="quiet" style="margin: 0; ${quiet}"><a class="address" href="${href}" style="color: #1f5fd6; word-break: break-all;">${href}</a></p>`,
  ];
}
