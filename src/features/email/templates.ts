import type { MailTemplates } from "../../shared/mail.ts";
import { mailedTokenLink } from "../../shared/mailed-token.ts";
import type { MailWords } from "./layout.ts";

/** Where a mail's links lead. All of it is configuration, but the token. */
export interface MailLinks {
  /** The front end. */
  readonly appUrl: string;
  /** For templates that carry one. */
  readonly token: string | undefined;
}

type Templates = { readonly [T in keyof MailTemplates]: (data: MailTemplates[T], links: MailLinks) => MailWords };

const nothingToDo = "If that was not you, you need not do anything: nothing happens without this link.";

export const templates: Templates = {
  verify_email: (_, links) => ({
    subject: "Confirm your e-mail address",
    preheader: "One step is left before you can sign in to Etter.",
    paragraphs: [
      "Welcome to Etter. Please confirm that this address is yours; your company's account is made then, and you can sign in.",
      "The link works once, within 24 hours.",
    ],
    button: { label: "Confirm the address", address: tokenLink("verify", links) },
    closing: `Somebody registered with this address. ${nothingToDo}`,
  }),
  address_taken: (_, { appUrl }) => ({
    subject: "You already have an account",
    preheader: "Somebody tried to register with your address.",
    paragraphs: [
      "Somebody, perhaps you, has just tried to register at Etter with this address. It has an account already, so no other was made.",
      "Sign in with it. If you have forgotten the password, ask for a new one on that page.",
    ],
    button: { label: "Sign in", address: `${appUrl}/login` },
    closing: "If that was not you, you need not do anything: your account has not changed.",
  }),
  invitation: ({ inviter_name, company_name, group }, links) => ({
    subject: `${inlineText(inviter_name)} invites you to ${inlineText(company_name)} on Etter`,
    preheader: "Choose a password, and you are in.",
    paragraphs: [
      `${inlineText(inviter_name)} invites you to join ${inlineText(company_name)} on Etter, as ${inlineText(group)}.`,
      "To accept, open the link and choose a password. It works once, within 72 hours.",
    ],
    button: { label: "Accept the invitation", address: tokenLink("invite", links) },
    closing: "If you do not know who that is, you need not do anything: nothing happens without this link.",
  }),
  invitation_address_taken: ({ inviter_name, company_name }, { appUrl }) => ({
    subject: `${inlineText(inviter_name)} invites you to ${inlineText(company_name)} on Etter`,
    preheader: "Your address belongs to an account in another company.",
    paragraphs: [
      `${inlineText(inviter_name)} would like you to join ${inlineText(company_name)} on Etter.`,
      "This address already has an account in another company, and an address can be in one company only. So there is nothing to accept: ask for an invitation to a different address, or keep using the account you have.",
    ],
    button: { label: "Sign in", address: `${appUrl}/login` },
    closing: "If you do not know who that is, you need not do anything: your account has not changed.",
  }),
  password_reset: (_, links) => ({
    subject: "Choose a new password",
    preheader: "The link works once, within 30 minutes.",
    paragraphs: [
      "Somebody, perhaps you, asked for a new password for your account at Etter.",
      "Open the link to choose one. It works once, within 30 minutes, and signs you out everywhere.",
    ],
    button: { label: "Choose a new password", address: tokenLink("reset", links) },
    closing: `Your password has not changed so far. ${nothingToDo}`,
  }),
  password_changed: ({ at }, { appUrl }) => ({
    subject: "Your password was changed",
    preheader: "If that was you, all is well.",
    paragraphs: [
      `The password of your account at Etter was changed on ${moment(at)}.`,
      "If that was you, all is well. If not, choose a new password now, and tell an Admin of your company.",
    ],
    button: { label: "Choose a new password", address: `${appUrl}/forgot-password` },
    closing: "This mail comes with every change of a password, so that none goes unnoticed.",
  }),
  session_reused: ({ at, device }, { appUrl }) => ({
    subject: "We ended one of your sessions",
    preheader: "Its key was used twice. Please read on.",
    paragraphs: [
      `On ${moment(at)} somebody used a key of one of your sessions at Etter that had been used before${device === "" ? "" : `, from: ${inlineText(device)}`}. That can be a copy in wrong hands, so we ended the session.`,
      "Sign in again to go on. If you do not know that device, change your password as well: it ends all other sessions.",
    ],
    button: { label: "Sign in", address: `${appUrl}/login` },
    closing: "This can also happen by accident, for example when a device was restored from a backup.",
  }),
  simulation_finished: ({ simulation_id, name, status }, { appUrl }) => {
    const called = name === "" ? "Your simulation" : `Your simulation “${inlineText(name)}”`;
    const how = status === "completed" ? "is complete" : "has failed";
    return {
      subject: `${called} ${how}`,
      preheader: status === "completed" ? "Its results are ready." : "See what went wrong.",
      paragraphs: [
        status === "completed"
          ? `${called} is complete, and its results are ready.`
          : `${called} has failed. The run says why; it can be started again as it was.`,
      ],
      button: { label: "Open the simulation", address: `${appUrl}/simulations/${encodeURIComponent(simulation_id)}` },
      closing: "You get this mail because you started a simulation that took a while.",
    };
  },
};

const maxInlineLength = 80;
// Controls, line breaks, and marks that turn the direction of writing: the words of others stay one line, in its place.
const unruly = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** The dot of a host name, in the forms that browsers take for one: mail programs make a link of `evil.example/login`, also in a subject. */
const hostDot = /(?<=[\p{L}\p{N}_-])([.\u3002\uff0e\uff61])(?=[\p{L}\p{N}_]{2})/gu;

/** Words that somebody typed, within a sentence or a subject of ours. No address in them becomes a link: each is broken by blanks. */
export function inlineText(words: string): string {
  const broken = words.toWellFormed().replace(unruly, " ").replaceAll("://", ": ").replace(hostDot, "$1 ");
  const line = broken.replace(/\s+/g, " ").trim();
  const cut = [...line].slice(0, maxInlineLength).join("");
  return cut === line ? line : `${cut}…`;
}

/** 2026-11-22T18:04:05.678Z → 22 November 2026, 18:04 UTC. */
function moment(at: string): string {
  const date = new Date(at);
  const day = date.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  return `${day}, ${date.toISOString().slice(11, 16)} UTC`;
}

function tokenLink(purpose: Parameters<typeof mailedTokenLink>[1], { appUrl, token }: MailLinks): string {
  if (token === undefined) throw new Error("this mail needs a token");
  return mailedTokenLink(appUrl, purpose, token);
}
