import type { MailContent } from "../../shared/mail.ts";
import { layOut, type MailWords, type RenderedMail } from "./layout.ts";
import { templates, type MailLinks } from "./templates.ts";

/** Subject, HTML and plain text of a mail. @throws Error for a mail with a link to make and no token. */
export function renderMail({ template, data }: MailContent, links: MailLinks): RenderedMail {
  // A template and its own data, which the union keeps together and a look-up by name cannot.
  const write = templates[template] as (given: typeof data, to: MailLinks) => MailWords;
  return layOut(write(data, links));
}
