import type { CatalogueRole } from "../../workloads.ts";
import { auto, person } from "../workload.ts";

export const administration: readonly CatalogueRole[] = [
  {
    role: "Office Administrator",
    aliases: [
      "Administrative Assistant",
      "Office Assistant",
      "Office Clerk",
      "Administrator",
      "Secretary",
      "Office Manager",
    ],
    workloads: [
      auto("Handle mail and documents", 0.4, 0.3, "A few kinds, each with its place."),
      auto("Order supplies and settle expenses", 0.35, 0.2, "Catalogues, limits and receipts."),
      auto("Keep calendars and lists", 0.3, 0.15, "Dates and names."),
      person("Help visitors and colleagues", 0.5, 0.2, "Small rescues all day long."),
      person("Keep the office running", 0.55, 0.15, "Keys, parcels and coffee machines."),
    ],
  },
  {
    role: "Executive Assistant",
    aliases: ["Personal Assistant", "Management Assistant", "PA"],
    workloads: [
      auto("Manage calendar and travel", 0.5, 0.3, "Preferences are learnt; clashes are costly."),
      auto("Prepare papers and minutes", 0.55, 0.2, "From files and talks, read before use."),
      auto("Sort messages", 0.6, 0.15, "Importance follows sender and subject, mostly."),
      person("Guard time and access", 0.85, 0.2, "A friendly no in the chief's name."),
      person("Handle confidential matters", 0.85, 0.15, "Discretion is a personal promise."),
    ],
  },
  {
    role: "Receptionist",
    aliases: ["Front Desk Agent", "Front Office Assistant", "Switchboard Operator"],
    workloads: [
      auto("Put calls through", 0.25, 0.25, "Names and extensions."),
      auto("Register visitors and parcels", 0.2, 0.2, "A form and a badge."),
      auto("Book rooms", 0.2, 0.1, "A calendar."),
      person("Welcome and assist", 0.5, 0.35, "The first face of the house."),
      person("Deal with the unexpected", 0.65, 0.1, "Whoever sits at the door acts first."),
    ],
  },
  {
    role: "Records Clerk",
    aliases: ["Filing Clerk", "File Clerk", "Document Controller", "Records Manager"],
    workloads: [
      auto("Index and file", 0.3, 0.4, "A scheme and the text itself."),
      auto("Scan and check", 0.3, 0.2, "Readable or not."),
      auto("Find and deliver", 0.25, 0.15, "Search by reference."),
      auto("Apply retention periods", 0.4, 0.1, "Dates by kind; destroying wrongly is final."),
      person("Handle paper originals", 0.2, 0.15, "Boxes, staples and shelves."),
    ],
  },
  {
    role: "Translator",
    aliases: ["Interpreter", "Localisation Specialist", "Localization Specialist"],
    workloads: [
      auto("Translate drafts", 0.6, 0.5, "Bilingual text abounds; tone and terms slip."),
      auto("Keep term bases", 0.4, 0.1, "Pairs of words with sources."),
      auto("Check consistency", 0.35, 0.1, "Numbers, names and terms compared."),
      person("Certify", 0.8, 0.1, "Sworn in person."),
      person("Polish delicate text", 0.85, 0.2, "Where a nuance is expensive, a name stands for it."),
    ],
  },
];
