import type { CatalogueRole } from "../../workloads.ts";
import { auto, person } from "../workload.ts";

export const legal: readonly CatalogueRole[] = [
  {
    role: "Lawyer",
    aliases: ["Attorney", "Solicitor", "Legal Counsel", "General Counsel", "Corporate Lawyer"],
    workloads: [
      auto("Research law and cases", 0.75, 0.2, "Sources are public; a missed one costs the case."),
      auto("Draft contracts and pleadings", 0.8, 0.25, "Patterns abound, each word may be tested in court."),
      auto("Review documents", 0.65, 0.15, "Many pages, few questions."),
      person("Advise clients", 0.9, 0.2, "Privilege and liability attach to a licensed person."),
      person("Plead and negotiate", 0.95, 0.2, "Courts and opponents face a person."),
    ],
  },
  {
    role: "Paralegal",
    aliases: ["Legal Assistant", "Law Clerk", "Legal Secretary"],
    workloads: [
      auto("Assemble files and exhibits", 0.4, 0.25, "Lists and order are prescribed."),
      auto("Search and summarise", 0.65, 0.25, "Text in, text out; a lawyer reads it."),
      auto("Draft standard documents", 0.55, 0.2, "Forms with known variables."),
      auto("Watch deadlines", 0.4, 0.1, "Dates follow from rules; one slip is expensive."),
      person("Speak with clients and witnesses", 0.7, 0.2, "Worried people want someone to listen."),
    ],
  },
  {
    role: "Compliance Officer",
    aliases: ["Compliance Manager", "Compliance Analyst", "Risk and Compliance Officer", "Data Protection Officer"],
    workloads: [
      auto("Screen parties and payments", 0.45, 0.25, "Lists and thresholds; most hits are false."),
      auto("Follow changes in rules", 0.6, 0.15, "Gazettes are public, relevance must be read."),
      auto("Keep registers and reports", 0.5, 0.2, "Supervisors prescribe contents and dates."),
      person("Investigate suspicion", 0.9, 0.2, "People are heard and may be accused."),
      person("Report and object", 0.9, 0.2, "A named officer owes it by law."),
    ],
  },
  {
    role: "Contract Manager",
    aliases: ["Contract Administrator", "Contracts Manager", "Contract Specialist"],
    workloads: [
      auto("Register contracts and dates", 0.35, 0.2, "Parties, terms and notice periods are in the text."),
      auto("Compare drafts with standards", 0.65, 0.25, "Deviations show clause by clause."),
      auto("Track obligations and claims", 0.55, 0.15, "Promised against delivered."),
      person("Negotiate terms", 0.85, 0.25, "Give and take within a mandate."),
      person("Decide on risks", 0.85, 0.15, "An owner accepts what cannot be insured."),
    ],
  },
  {
    role: "Patent Attorney",
    aliases: ["Patent Agent", "Intellectual Property Specialist"],
    workloads: [
      auto("Search earlier inventions", 0.7, 0.3, "Registers are complete, likeness is a matter of reading."),
      auto("Draft applications", 0.85, 0.25, "Form is strict; a word too many narrows protection."),
      auto("Docket fees and terms", 0.4, 0.1, "Computed from dates, and fatal when missed."),
      person("Draw the invention out", 0.85, 0.15, "Inventors explain at the whiteboard."),
      person("Argue before the office", 0.9, 0.2, "Only admitted people may."),
    ],
  },
];
