import { describe, expect, it } from "vitest";
import { inlineText } from "../../../src/features/email/templates.ts";
import { renderMail } from "../../../src/features/email/render.ts";
import type { MailContent, MailTemplate } from "../../../src/shared/mail.ts";
import { hostileMails, sampleMails } from "../../support/mails.ts";

const appUrl = "https://app.example.com";
const token = "v1.11111111.22222222.secret_-part";
const render = (content: MailContent) => renderMail(content, { appUrl, token });
const of = (template: MailTemplate): MailContent => sampleMails.find((mail) => mail.template === template)!;

describe.each(sampleMails)("$template", (content) => {
  const { subject, html, text } = render(content);

  it("has a subject of one short line, and says the same in text as in HTML", () => {
    expect(subject).toMatch(/^[^\p{Cc}]{10,200}$/u);
    const words = html
      .replace(/<style>.*?<\/style>/s, "")
      .replace(/<[^>]+>/g, " ")
      .replaceAll("&#39;", "'");
    const squeezed = words.replace(/\s+/g, " ");
    for (const line of text.split("\n").filter((each) => each.length > 20 && !each.endsWith(":")))
      expect(squeezed).toContain(line.replaceAll("&", "&amp;"));
  });

  it("leads to our front end and nowhere else, and loads nothing", () => {
    const targets = [...html.matchAll(/(?:href|src|action|background)="([^"]*)"/g)].map(([, target]) => target);
    expect(targets.length).toBeGreaterThan(0);
    for (const target of targets) expect(target).toMatch(/^https:\/\/app\.example\.com\//);
    expect(html).not.toMatch(/<(script|img|iframe|link|form|object)\b|url\(|@import|\son\w+=/i);
    for (const [address] of text.matchAll(/https?:\S+/g)) expect(address).toMatch(/^https:\/\/app\.example\.com\//);
  });
});

it.each([
  ["verify_email", "verify-email"],
  ["invitation", "accept-invitation"],
  ["password_reset", "reset-password"],
] as const)("%s carries its token in the fragment of %s, and cannot be written without one", (template, page) => {
  const { html, text } = render(of(template));
  expect(text).toContain(`${appUrl}/${page}#token=${token}\n`);
  expect(html).toContain(`href="${appUrl}/${page}#token=${token}"`);
  expect(() => renderMail(of(template), { appUrl, token: undefined })).toThrow("needs a token");
});

it("no other mail carries a token, even if there is one", () => {
  const without = sampleMails.filter(
    ({ template }) => !["verify_email", "invitation", "password_reset"].includes(template),
  );
  for (const content of without) expect(JSON.stringify(render(content))).not.toContain(token);
});

describe.each(hostileMails)("$template with hostile words", (content) => {
  const { subject, html, text } = render(content);

  it("shows them as words: no tag, no attribute, no second line in a subject", () => {
    expect(html).not.toContain("<script");
    expect(html).not.toContain("<img");
    expect(html).not.toMatch(/="[^"]*onmouseover/);
    expect(subject).toMatch(/^[^\r\n\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u);
    expect(subject.length).toBeLessThan(250);
    expect(subject).not.toMatch(/^bcc:/im);
    expect(text).not.toMatch(/^Bcc:/m);
  });

  it("makes no link of an address in them, and is well-formed Unicode", () => {
    expect(`${html}${text}`.replaceAll(appUrl, "")).not.toContain("://");
    expect(`${subject}${html}${text}`).not.toMatch(/evil\.example|www\.evil/);
    expect([subject.isWellFormed(), html.isWellFormed(), text.isWellFormed()]).toEqual([true, true, true]);
    // Marks that turn the direction of writing would let a sentence read backwards.
    expect(`${html}${text}`).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
  });
});

it.each([
  ["evil.example/login", "evil. example/login"],
  ["www.evil.example", "www. evil. example"],
  ["me@evil.example", "me@evil. example"],
  ["evil\u3002example and evil\uff0eexample", "evil\u3002 example and evil\uff0e example"],
  ["xn--80ak6aa92e.com", "xn--80ak6aa92e. com"],
  ["evil.\u200bexample", "evil. example"],
  // And what is no host stays as it is.
  ["Dr. J. R. Example, Acme Inc.", "Dr. J. R. Example, Acme Inc."],
  ["Mozilla/5.0 (rv:140.0)", "Mozilla/5.0 (rv:140.0)"],
])("of %s as a name no mail program makes a link", (words, shown) => {
  expect(inlineText(words)).toBe(shown);
  expect(inlineText(words)).not.toMatch(/\w[.\u3002\uff0e]\w{2,}/);
});

it("a mail that anybody can have sent by typing an address says nothing else that they typed", () => {
  for (const template of ["verify_email", "address_taken", "password_reset"] as const)
    expect(of(template).data).toEqual({});
});
